//! Two records of one person become one, when a human says that they are.
//!
//! What was sealed under one key is opened and sealed under the other; the key that is no longer needed is destroyed.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use super::{
    By,
    state::{Move, State, Who},
    store::{self, MoveRow, Row},
    telling,
};
use crate::{
    accounts::notices,
    app::App,
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    mail,
    people::{
        self, About, Contact, aspirations,
        caseload::{self, Along},
        consents, steps,
        timeline::{self, Sort},
    },
    schema,
    values::{AccountId, ReferralId, SubjectId, Text},
    vault::{Key, Sealed, Vault},
    vocabulary::text::folded,
};

/// Entries that are read at once.
const AT_ONCE: usize = 100;

/// Two records to join, one of which stays.
#[derive(Debug, Clone, Copy)]
pub struct Join {
    /// The record that stays.
    pub kept: SubjectId,
    /// The record that goes.
    pub gone: SubjectId,
    /// Who says that they are one.
    pub by: AccountId,
    /// Whether someone made sure that the ways to reach them in the record that goes are theirs: an account that it has opens the
    /// other from then on. Where not, they are kept as a note alone, since anyone can write a note in someone's name.
    pub ways_are_theirs: bool,
}

/// Seals a column of someone's rows under another key and gives the rows to its owner.
macro_rules! hand_over {
    ($c:expr, $keys:expr, $table:ident, $name:literal, [$($column:ident $label:literal),*]) => {{
        let (from, to): (&Key, &Key) = $keys;
        let theirs = schema::$table::person_id.eq(from.subject().to_string());
        $(
            let rows: Vec<(String, Option<Sealed>)> = schema::$table::table
                .filter(schema::$table::person_id.eq(from.subject().to_string()))
                .select((schema::$table::id, schema::$table::$column.nullable()))
                .load($c)?;
            for (id, sealed) in rows.into_iter().filter_map(|(id, sealed)| Some((id, sealed?))) {
                let text = people::open(from, $name, $label, &id, &sealed)?;
                let sealed = people::seal(to, $name, $label, &id, text.show());
                diesel::update(schema::$table::table.find(&id)).set(schema::$table::$column.eq(sealed)).execute($c)?;
            }
        )*
        diesel::update(schema::$table::table.filter(theirs)).set(schema::$table::person_id.eq(to.subject().to_string())).execute($c)?;
    }};
}

/// Joins two records; whoever answers the one that stays hears of what waits there now.
pub fn join_and_tell(c: &mut Conn, app: &App, join: Join, now: NaiveDateTime) -> Result<(), Failure> {
    let kept = join.kept;
    let waited = !timeline::unread(c, &[kept])?.is_empty();
    self::join(c, &app.vault, join, now)?;
    if waited || timeline::unread(c, &[kept])?.is_empty() {
        return Ok(());
    }
    notices::tell_whoever_answers(c, &app.vault, &app.web.public_url(), kept, now)
}

/// Joins two records. A note that came to someone who is known already becomes a message, and they are back without a new referral.
pub fn join(c: &mut Conn, vault: &Vault, join: Join, now: NaiveDateTime) -> Result<(), Failure> {
    if join.kept == join.gone {
        return Err(Failure::NotFound);
    }
    let (from, to) = (people::key(c, vault, join.gone)?, people::key(c, vault, join.kept)?);
    if !join.ways_are_theirs {
        nothing_in_their_name(c, vault, &from, join, now)?;
    }
    let standing = store::of(c, join.kept)?.into_iter().find(|row| state_of(row).is_some_and(State::stands));
    if let Some(standing) = standing {
        fold(c, vault, &from, join, &standing, now)?;
    }
    merge_about(c, vault, join, now)?;
    if caseload::with(c, join.kept)?.iter().any(|(_, along)| *along == Along::Worker) {
        caseload::end_all(c, join.gone, Along::Worker, now)?;
    }
    rows(c, &from, &to)?;
    into_the_same_team(c, join.kept)?;
    mail::forget(c, join.gone)?;
    people::forget_after_joining(c, vault, (join.gone, join.kept), join.ways_are_theirs, now)?;
    // They aren't erased: a backup from before must give all of it back.
    vault.drop_key(c, join.gone)?;
    let entry = Entry {
        actor: Actor::Account(join.by),
        action: Action::RecordsJoined,
        subject: Some(join.kept),
        about: Some(join.gone.to_string()),
    };
    audit::record(c, &entry, now)
}

/// What no team has taken yet is with the team that has the record.
pub(super) fn into_the_same_team(c: &mut Conn, person: SubjectId) -> Result<(), Failure> {
    let Some(team) = people::store::team_of(c, person)?.flatten() else { return Ok(()) };
    let rows = store::of(c, person)?;
    rows.iter().filter(|row| row.team_id.is_none()).try_for_each(|row| store::set_team(c, &row.id, team))
}

fn state_of(row: &Row) -> Option<State> {
    State::from_code(&row.state)
}

/// What was newly received becomes a message; where someone else wrote it, it stays with who did, and leaves the queue. Whoever stood in
/// the open door is back.
fn fold(c: &mut Conn, vault: &Vault, from: &Key, join: Join, standing: &Row, now: NaiveDateTime) -> Result<(), Failure> {
    for row in store::of(c, join.gone)?.into_iter().filter(|row| state_of(row) == Some(State::Received)) {
        if row.referrer.is_some() {
            set_beside(c, from, &row, join.by, now)?;
            continue;
        }
        let said = told(c, from, &row)?;
        if join.ways_are_theirs {
            timeline::add(c, vault, join.kept, Sort::Message, None, &said, row.received_at)?;
        } else {
            not_checked(c, vault, from, join, &row, &said)?;
        }
        store::remove(c, &row.id)?;
    }
    if state_of(standing) != Some(State::OpenDoor) {
        return Ok(());
    }
    let id: ReferralId = standing.id.parse().map_err(Failure::internal)?;
    let by = By { who: Who::Person, written: Actor::Account(join.by) };
    super::apply(c, vault, id, Move::Return, by, None, now)?;
    steps::took(c, join.kept, steps::Step::Returned, now)?;
    let beside = caseload::with(c, join.kept)?.into_iter().find(|(_, along)| *along == Along::Worker).map(|(account, _)| account);
    store::set_worker(c, &standing.id, beside, now)
}

/// A note that another wrote leaves the queue. The move says why; the referral itself has no reason, by which it is known as joined.
fn set_beside(c: &mut Conn, from: &Key, row: &Row, by: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    store::set_state(c, &row.id, State::Received, State::EnteredInError, now)?;
    let id = Uuid::new_v4().to_string();
    let why = people::seal(from, "referral_moves", "why", &id, "It is one with an earlier note.");
    let kept = MoveRow {
        id,
        referral_id: row.id.clone(),
        person_id: row.person_id.clone(),
        from_state: State::Received.code().to_owned(),
        to_state: State::EnteredInError.code().to_owned(),
        by_account: Some(by.to_string()),
        at: now,
        why: Some(why),
        paused_until: None,
    };
    store::add_move(c, &kept)
}

/// Who signed in to the record that goes may have been anyone: what they agreed to there is taken back, and what they wrote are notes.
fn nothing_in_their_name(c: &mut Conn, vault: &Vault, from: &Key, join: Join, now: NaiveDateTime) -> Result<(), Failure> {
    use schema::entries;
    for purpose in telling::PURPOSES {
        consents::withdraw(c, join.gone, purpose, Actor::Account(join.by), now)?;
    }
    let theirs = entries::person_id.eq(join.gone.to_string()).and(entries::sort.eq(Sort::Message.code()));
    let ids: Vec<String> = entries::table.filter(theirs.and(entries::by_account.is_null())).select(entries::id).load(c)?;
    for some in ids.chunks(AT_ONCE) {
        for entry in timeline::these(c, vault, join.gone, some)? {
            let id = entry.id.to_string();
            let said = format!("A message in their name, which nobody checked, said: {}", entry.body.show());
            let body = people::seal(from, "entries", "body", &id, &said);
            let set = (entries::sort.eq(Sort::Note.code()), entries::by_account.eq(join.by.to_string()), entries::body.eq(body));
            diesel::update(entries::table.find(&id)).set(set).execute(c)?;
        }
    }
    Ok(())
}

/// Anyone can write in someone's name. What nobody checked is no word of theirs: it is a note of whoever joined it, and no wish.
fn not_checked(c: &mut Conn, vault: &Vault, from: &Key, join: Join, row: &Row, said: &str) -> Result<(), Failure> {
    let words = people::open(from, "referrals", "words", &row.id, &row.words)?;
    for wish in aspirations::of(c, vault, join.gone)? {
        if wish.wanted.words.as_str() == words.show() || wish.created_at == row.received_at {
            aspirations::remove(c, join.gone, wish.id)?;
        }
    }
    let note = format!("A note in their name, which nobody checked, said: {said}");
    timeline::add(c, vault, join.kept, Sort::Note, Some(join.by), &note, row.received_at).map(|_| ())
}

/// What a note of the person's own says, and about which place.
fn told(c: &mut Conn, from: &Key, row: &Row) -> Result<String, Failure> {
    let words = people::open(from, "referrals", "words", &row.id, &row.words)?;
    let mut said = words.show().to_owned();
    if said.is_empty() {
        "They got in touch again.".clone_into(&mut said);
    }
    if let Some(place) = row.venue_id.as_deref().and_then(|id| id.parse().ok()) {
        let name = super::place(c, place)?;
        said.push_str(&name.map_or_else(String::new, |name| format!("\nThe place they would like to try: {name}")));
    }
    Ok(said)
}

/// What the record that stays lacks is taken from the other; what differs is kept as a note.
fn merge_about(c: &mut Conn, vault: &Vault, join: Join, now: NaiveDateTime) -> Result<(), Failure> {
    let mut kept = people::about(c, vault, join.kept)?.ok_or(Failure::NotFound)?;
    let mut gone = people::about(c, vault, join.gone)?.ok_or(Failure::NotFound)?;
    let mut different = if join.ways_are_theirs { Vec::new() } else { take_ways(&kept, &mut gone) };
    different.extend(fill(&mut kept, &gone));
    people::change(c, vault, join.kept, &kept, now)?;
    if different.is_empty() {
        return Ok(());
    }
    let note = format!("Joined from another record, which said: {}", different.join("; "));
    timeline::add(c, vault, join.kept, Sort::Note, Some(join.by), &note, now).map(|_| ())
}

fn ways(contact: &Contact) -> [(&'static str, &str); 4] {
    let email = contact.email.as_ref().map_or("", |email| email.as_str());
    [
        ("phone", contact.phone.as_str()),
        ("e-mail", email),
        ("address", contact.address.as_str()),
        ("through", contact.through.as_str()),
    ]
}

/// Takes out the ways to reach someone, which nobody has checked; says which were others than those that are kept.
fn take_ways(kept: &About, gone: &mut About) -> Vec<String> {
    let contact = std::mem::take(&mut gone.contact);
    let others = ways(&contact)
        .into_iter()
        .zip(ways(&kept.contact))
        .filter(|((what, way), (_, kept))| !way.is_empty() && !same_way(what, way, kept));
    let told = others.map(|((what, way), _)| format!("{what}, not checked: {way}")).collect();
    gone.contact.when = contact.when;
    gone.contact.never_say = contact.never_say;
    told
}

/// Fills what is blank; tells what differs.
#[allow(clippy::cognitive_complexity, reason = "one line for each field")]
fn fill(kept: &mut About, gone: &About) -> Vec<String> {
    let mut different = Vec::new();
    let all = &mut different;
    fill_one(all, "name", &mut kept.chosen_name, &gone.chosen_name);
    fill_one(all, "pronouns", &mut kept.pronouns, &gone.pronouns);
    fill_one(all, "phone", &mut kept.contact.phone, &gone.contact.phone);
    fill_one(all, "address", &mut kept.contact.address, &gone.contact.address);
    fill_one(all, "through", &mut kept.contact.through, &gone.contact.through);
    fill_one(all, "good time", &mut kept.contact.when, &gone.contact.when);
    fill_both(all, "not to be said", &mut kept.contact.never_say, &gone.contact.never_say);
    fill_one(all, "area", &mut kept.area, &gone.area);
    fill_one(all, "what helps", &mut kept.access_needs, &gone.access_needs);
    fill_one(all, "languages", &mut kept.languages, &gone.languages);
    fill_one(all, "strengths", &mut kept.strengths, &gone.strengths);
    fill_one(all, "skills", &mut kept.skills, &gone.skills);
    fill_one(all, "interests", &mut kept.interests, &gone.interests);
    fill_one(all, "could teach", &mut kept.could_teach, &gone.could_teach);
    fill_one(all, "could lend a hand with", &mut kept.could_help_with, &gone.could_help_with);
    fill_one(all, "could host", &mut kept.could_host, &gone.could_host);
    fill_one(all, "could start", &mut kept.could_start, &gone.could_start);
    match (&kept.contact.email, &gone.contact.email) {
        (None, Some(email)) => kept.contact.email = Some(email.clone()),
        (Some(one), Some(other)) if one != other => different.push(format!("e-mail: {}", other.as_str())),
        _ => {}
    }
    for way in &gone.contact.ways {
        if !kept.contact.ways.contains(way) {
            kept.contact.ways.push(*way);
        }
    }
    different
}

/// What must not be said is what either says: one left out could give someone away. Where both are too long for one, it is told.
fn fill_both<const MAX: usize>(different: &mut Vec<String>, label: &str, kept: &mut Text<MAX>, gone: &Text<MAX>) {
    if !kept.is_empty()
        && !gone.is_empty()
        && kept != gone
        && let Ok(both) = format!("{}; {}", kept.as_str(), gone.as_str()).parse()
    {
        *kept = both;
    } else {
        fill_one(different, label, kept, gone);
    }
}

/// Every sign of an e-mail address counts.
fn same_way(what: &str, one: &str, other: &str) -> bool {
    if what == "e-mail" { one.eq_ignore_ascii_case(other) } else { alike(one, other) }
}

/// Whether two say the same but for capitals, spaces and signs.
fn alike(one: &str, other: &str) -> bool {
    let letters = |text: &str| folded(text).chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    letters(one) == letters(other)
}

fn fill_one<const MAX: usize>(different: &mut Vec<String>, label: &str, kept: &mut Text<MAX>, gone: &Text<MAX>) {
    if kept.is_empty() {
        kept.clone_from(gone);
    } else if !gone.is_empty() && !alike(kept.as_str(), gone.as_str()) {
        different.push(format!("{label}: {}", gone.as_str()));
    }
}

/// Every row of the one is the other's from now on.
fn rows(c: &mut Conn, from: &Key, to: &Key) -> Result<(), Failure> {
    let keys = (from, to);
    hand_marks_over(c, from, to)?;
    hand_over!(c, keys, aspirations, "aspirations", [about "about"]);
    hand_over!(c, keys, earlier_aspirations, "earlier_aspirations", [about "about"]);
    hand_over!(c, keys, entries, "entries", [body "body"]);
    hand_over!(c, keys, tasks, "tasks", [what "what"]);
    hand_over!(c, keys, cover, "cover", [reason "reason"]);
    hand_over!(c, keys, referrals, "referrals", [words "words", reason "reason", referrer "referrer"]);
    hand_over!(c, keys, referral_moves, "referral_moves", [why "why"]);
    hand_over!(c, keys, consents, "consents", []);
    hand_over!(c, keys, caseload, "caseload", []);
    Ok(())
}

/// Marks of places have no id of their own and hang on an aspiration.
fn hand_marks_over(c: &mut Conn, from: &Key, to: &Key) -> Result<(), Failure> {
    use schema::{aspiration_marks as marks, aspirations};
    let theirs = aspirations::table.filter(aspirations::person_id.eq(from.subject().to_string())).select(aspirations::id);
    let rows: Vec<(String, String, String, Option<Sealed>)> = marks::table
        .filter(marks::aspiration_id.eq_any(theirs))
        .select((marks::aspiration_id, marks::venue_id, marks::marked_by, marks::why))
        .load(c)?;
    for (aspiration, venue, by, why) in rows {
        let Some(why) = why else { continue };
        let place = format!("{aspiration} {venue} {by}");
        let text = people::open(from, "aspiration_marks", "why", &place, &why)?;
        let sealed = people::seal(to, "aspiration_marks", "why", &place, text.show());
        diesel::update(marks::table.find((aspiration, venue, by))).set(marks::why.eq(sealed)).execute(c)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_that_nobody_checked_are_told_and_not_taken_on() {
        let (mut kept, mut gone) = (About::default(), About::default());
        gone.contact.email = "m@example.org".parse().ok();
        gone.contact.phone = "07700 900123".parse().unwrap();
        gone.contact.when = "mornings".parse().unwrap();
        assert_eq!(take_ways(&kept, &mut gone), ["phone, not checked: 07700 900123", "e-mail, not checked: m@example.org"]);
        fill(&mut kept, &gone);
        assert!(kept.contact.email.is_none() && kept.contact.phone.is_empty());
        assert_eq!(kept.contact.when.as_str(), "mornings");
    }

    #[test]
    fn what_is_blank_is_filled_and_what_differs_is_told() {
        let mut kept = About { chosen_name: "Morgan Vale".parse().unwrap(), ..About::default() };
        let mut gone = About { chosen_name: "Morgan".parse().unwrap(), area: "SE15".parse().unwrap(), ..About::default() };
        gone.contact.email = "m@example.org".parse().ok();
        assert_eq!(fill(&mut kept, &gone), ["name: Morgan"]);
        assert_eq!((kept.called(), kept.area.as_str()), ("Morgan Vale", "SE15"));
        assert!(kept.contact.email.is_some());
        assert_eq!(fill(&mut kept.clone(), &kept), Vec::<String>::new());
        kept.contact.never_say = "the hospital".parse().unwrap();
        gone.contact.never_say = "my illness".parse().unwrap();
        assert_eq!(fill(&mut kept, &gone), ["name: Morgan"]);
        assert_eq!(kept.contact.never_say.as_str(), "the hospital; my illness", "neither is dropped");
    }
}

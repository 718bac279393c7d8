//! Sending what someone wrote about themself: a draft becomes a person, what they want, what they agreed to, and a referral.

use chrono::NaiveDateTime;

use super::{
    Answers, New, Taken, Way, draft,
    draft::Draft,
    join::{self, Join},
    open, place,
};
use crate::{
    accounts::{self, Principal, Role, clients, token::Token, tries},
    app::App,
    audit::Actor,
    db::Conn,
    error::Failure,
    mail::{self, NoteReceived},
    matching,
    people::{
        self, About,
        aspirations::{self, By, Mark, Opinion, Wanted},
        consents::{self, How, Purpose},
        steps::{self, Step},
        timeline::{self, Sort},
    },
    values::{AccountId, AspirationId, Email, SubjectId, TeamId, VenueId},
    vault::{Key, Private, Vault},
};

/// Sends what a browser holds, once, whatever is pressed however often. Fails with what is lacking, and nothing is changed then. What
/// someone writes who is signed in belongs to the record that is theirs.
pub fn send(c: &mut Conn, app: &App, browser: &Token, by: Option<&Principal>, now: NaiveDateTime) -> Result<(), Failure> {
    let Some((Draft { id, subject, answers, .. }, key)) = draft::take(c, &app.vault, browser, now)? else { return Ok(()) };
    let lacking = answers.lacking();
    if !lacking.is_empty() {
        return Err(Failure::Invalid(lacking));
    }
    let team = only_team(c)?;
    people::add_with(c, &app.vault, &key, team, &answers.about(), now)?;
    keep_wishes(c, app, subject, &answers, now)?;
    let new = New {
        person: subject,
        way: Way::Own,
        taken: Taken::Page,
        team,
        venue: answers.venue,
        referrer: None,
        words: Private::new(answers.words.as_str()),
        form_mark: id,
    };
    consents::give(c, subject, Purpose::Keep, How::Page, Actor::Person(subject), now)?;
    open(c, &key, &new, Actor::Person(subject), now)?;
    match by.filter(|who| who.is(Role::Client)).and_then(|who| Some((who.account, who.person?))) {
        Some((account, known)) => belongs_to(c, app, (account, known), subject, now),
        None => begin(c, app, &key, &answers.about(), now),
    }
}

/// Someone new gets a way in, and a receipt, where they gave an address.
fn begin(c: &mut Conn, app: &App, key: &Key, about: &About, now: NaiveDateTime) -> Result<(), Failure> {
    let Some(email) = &about.contact.email else { return Ok(()) };
    clients::account_for(c, &app.vault, key.subject(), about.called(), Some(email), now)?;
    post_receipt(c, &app.vault, key, email, &received(app), now)
}

/// What someone wrote who has a record becomes a part of that; the receipt goes where their letters go.
fn belongs_to(
    c: &mut Conn,
    app: &App,
    (by, kept): (AccountId, SubjectId),
    gone: SubjectId,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    join::join_and_tell(c, app, Join { kept, gone, by, ways_are_theirs: true }, now)?;
    steps::took(c, kept, Step::Wished, now)?;
    let Some((account, address)) = clients::address_of(c, &app.vault, kept)? else { return Ok(()) };
    mail::post(c, &app.vault, SubjectId(account.0), &address, &received(app), now)
}

fn received(app: &App) -> NoteReceived {
    NoteReceived { link: Some(format!("{}my-path", app.web.public_url())) }
}

fn keep_wishes(c: &mut Conn, app: &App, person: SubjectId, answers: &Answers, now: NaiveDateTime) -> Result<(), Failure> {
    let place = answers.venue.map_or(Ok(None), |venue| place(c, venue))?;
    let mut words = answers.words.as_str().to_owned();
    if let (true, Some(name)) = (words.is_empty(), &place) {
        words = format!("I’d like to try this place: {name}");
    }
    if !words.is_empty() {
        let near = answers.area.as_str().parse().unwrap_or_default();
        let wanted = Wanted { words: words.parse().unwrap_or_default(), near, ..Wanted::default() };
        let wish = aspirations::add(c, &app.vault, person, &wanted, &matching::verbs::domains(app, &words), now)?;
        if let (Some(venue), Some(_)) = (answers.venue, place) {
            like(c, &app.vault, (person, wish), venue, now)?;
        }
    }
    if !answers.helper.is_empty() {
        let note = format!("{} helped to fill this in.", answers.helper.as_str());
        timeline::add(c, &app.vault, person, Sort::Note, None, &note, now)?;
    }
    Ok(())
}

/// The place they came from is one that they like.
fn like(
    c: &mut Conn,
    vault: &Vault,
    (person, wish): (SubjectId, AspirationId),
    venue: VenueId,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let mark = Mark { venue, by: By::Person, opinion: Opinion::Like, why: None, chosen: false, marked_at: now };
    aspirations::mark(c, vault, person, wish, &mark)
}

/// The team, where there is but one; where there are several, one of them takes the referral.
pub(super) fn only_team(c: &mut Conn) -> Result<Option<TeamId>, Failure> {
    let teams = accounts::store::teams(c, 2)?;
    Ok(if let [team] = teams.as_slice() { Some(team.id) } else { None })
}

/// A letter that says no more than that we have a note, to whoever gave an address; without a link, since they have no way in yet.
pub(super) fn receipt(c: &mut Conn, vault: &Vault, key: &Key, to: Option<&Email>, now: NaiveDateTime) -> Result<(), Failure> {
    let Some(to) = to else { return Ok(()) };
    post_receipt(c, vault, key, to, &NoteReceived { link: None }, now)
}

/// Anyone may type anybody's address, so no more than a few go to one; the page that thanks says the same without one.
fn post_receipt(
    c: &mut Conn,
    vault: &Vault,
    key: &Key,
    to: &Email,
    letter: &NoteReceived,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    if !tries::count(c, vault, tries::RECEIPTS, to.as_str(), now)? {
        return Ok(());
    }
    mail::post(c, vault, key.subject(), &Private::new(to.as_str()), letter, now)
}

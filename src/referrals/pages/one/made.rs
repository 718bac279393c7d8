//! A referral as its reader sees it. That they read it is written down in the same transaction.

use chrono::NaiveDateTime;

use super::{Alike, Fact, Message, Moved, ReferralPage};
use crate::{
    accounts::{self, Principal, Role},
    app::App,
    clock::london_day,
    db::Conn,
    error::Failure,
    people::{self, About, Like, Reach, consents, timeline},
    referrals::{
        self, Referrer, Taken, Way, clocks,
        state::State,
        store::{self, MoveRow, Row},
        telling,
    },
    values::{AccountId, ReferralId, SubjectId, VenueId},
    vault::Key,
    web::views::say,
};

/// Messages that are shown.
const MOST_MESSAGES: i64 = 10;
/// Most teams that are read at once.
const MOST_TEAMS: i64 = 500;

/// The page; that it was read is written down in the same transaction, for everyone of whom it shows something.
pub(super) fn shown(
    c: &mut Conn,
    app: &App,
    who: &Principal,
    id: ReferralId,
    now: NaiveDateTime,
) -> Result<ReferralPage, Failure> {
    let row = store::one(c, id)?.ok_or(Failure::NotFound)?;
    let person: SubjectId = row.person_id.parse().map_err(Failure::internal)?;
    let key = people::key(c, &app.vault, person)?;
    let state = State::from_code(&row.state).unwrap_or(State::Received);
    // Where a note that another wrote was joined with this one, its writer stands here.
    let own = telling::referrer(&key, &row)?;
    let referrer = if own.is_some() { own } else { telling::writers(c, &app.vault, person)?.into_iter().next() };
    let words = people::open(&key, "referrals", "words", &row.id, &row.words)?.show().to_owned();
    let venue = row.venue_id.as_deref().and_then(|venue| venue.parse().ok());
    let moves = store::moves(c, id)?;
    let names = names(c, app, &row, &moves)?;
    let moves = moves.iter().map(|row| moved(&key, row, &names)).collect::<Result<_, Failure>>()?;
    let consents = consents::of(c, person)?.iter().map(agreed).collect();
    let alike = if state == State::Received { alike(c, app, who, person, now)? } else { Vec::new() };
    let teams = own_teams(c, who, &row)?;
    let venue = venue.map_or(Ok(None), |venue| place(c, venue))?;
    let about = people::read(c, &app.vault, who, person, now)?;
    let messages = messages(c, app, person)?;
    Ok(ReferralPage {
        messages,
        record: format!("/people/{person}"),
        href: format!("/intake/{id}"),
        name: about.called().to_owned(),
        state: if row.was_joined() { "One with another note" } else { state.label() },
        code: state.code(),
        came: came(&row, now),
        first_contact: row.first_contact_at.map(|first| clocks::said(clocks::days(row.received_at, first))),
        words,
        venue,
        contact: contact(&about),
        never_say: Some(about.contact.never_say.as_str().to_owned()).filter(|said| !said.is_empty()),
        about: about_them(&about),
        agreed: referrer.is_some().then(|| format!("/people/{person}/agreed")),
        referrer: referrer.map(|referrer| wrote(&referrer)).unwrap_or_default(),
        consents,
        worker: row.worker_id.and_then(|worker| names.into_iter().find(|(id, _)| *id == worker)).map(|(_, name)| name),
        alike,
        moves,
        teams,
        done: None,
    })
}

/// What was written since.
fn messages(c: &mut Conn, app: &App, person: SubjectId) -> Result<Vec<Message>, Failure> {
    let all = timeline::messages(c, &app.vault, person, MOST_MESSAGES)?;
    let message = |entry: &timeline::Entry| Message {
        day: say::date(london_day(entry.at)),
        theirs: entry.by.is_none(),
        text: entry.body.show().to_owned(),
    };
    Ok(all.iter().map(message).collect())
}

fn place(c: &mut Conn, venue: VenueId) -> Result<Option<(String, String)>, Failure> {
    Ok(referrals::place(c, venue)?.map(|name| (format!("/venues/{venue}"), name)))
}

fn came(row: &Row, now: NaiveDateTime) -> String {
    let way = Way::from_code(&row.way).map_or("", Way::label);
    let taken = Taken::from_code(&row.taken_by).map_or("", Taken::label).to_lowercase();
    match clocks::days(row.received_at, now) {
        ..=0 => format!("{way}, {taken}, today"),
        days => format!("{way}, {taken}, {} ago", clocks::said(days)),
    }
}

fn fact(label: &'static str, text: &str) -> Option<Fact> {
    (!text.is_empty()).then(|| Fact { label, text: text.to_owned() })
}

/// What someone says about themself that helps to choose.
pub(in super::super) fn about_them(about: &About) -> Vec<Fact> {
    let all = [
        fact("Likes, is good at", about.strengths.as_str()),
        fact("Area", &say::place_name(about.area.as_str())),
        fact("What helps", about.access_needs.as_str()),
        fact("Languages", about.languages.as_str()),
        fact("Pronouns", about.pronouns.as_str()),
        fact("Skills", about.skills.as_str()),
        fact("Interests", about.interests.as_str()),
    ];
    all.into_iter().flatten().collect()
}

/// The ways they want come first.
fn contact(about: &About) -> Vec<Fact> {
    let contact = &about.contact;
    let told = |reach: Reach| {
        let text = match reach {
            Reach::Phone | Reach::Message => contact.phone.as_str(),
            Reach::Email => contact.email.as_ref().map_or("", |email| email.as_str()),
            Reach::Post => contact.address.as_str(),
            Reach::Someone => contact.through.as_str(),
        };
        let label = if reach == Reach::Someone { "Through someone they trust" } else { reach.label() };
        fact(label, text)
    };
    let ways = contact.ways.iter().filter_map(|reach| told(*reach));
    ways.chain(fact("A good time", contact.when.as_str())).collect()
}

fn wrote(referrer: &Referrer) -> Vec<Fact> {
    let relation = Way::from_code(referrer.relation.as_str()).map_or("", Way::label);
    let all = [
        fact("Name", referrer.name.as_str()),
        fact("Who they are", relation),
        fact("Works at", referrer.organisation.as_str()),
        fact("E-mail", referrer.email.as_ref().map_or("", |email| email.as_str())),
        fact("Phone", referrer.phone.as_str()),
        fact("Says they may hear", referrer.may_learn.label()),
    ];
    all.into_iter().flatten().collect()
}

fn agreed(consent: &consents::Consent) -> Fact {
    let day = |at: NaiveDateTime| say::date(london_day(at));
    let back = consent.withdrawn_at.map(|at| format!(" Taken back on {}.", day(at))).unwrap_or_default();
    let text = format!("{}. {}, {}.{back}", consent.purpose.label(), consent.how.label(), day(consent.given_at));
    Fact { label: "Agreed", text }
}

/// The names of those of the staff who had to do with it.
fn names(c: &mut Conn, app: &App, row: &Row, moves: &[MoveRow]) -> Result<Vec<(String, String)>, Failure> {
    let mut ids: Vec<&String> = moves.iter().filter_map(|row| row.by_account.as_ref()).chain(row.worker_id.as_ref()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(account) = id.parse::<AccountId>().ok().map(|id| accounts::store::account(c, id)).transpose()?.flatten() else {
            continue;
        };
        if let Some((name, _)) = accounts::people::opened(c, &app.vault, &account)? {
            names.push((id.clone(), name.show().to_owned()));
        }
    }
    Ok(names)
}

fn moved(key: &Key, row: &MoveRow, names: &[(String, String)]) -> Result<Moved, Failure> {
    let why = row.why.as_ref().map(|why| people::open(key, "referral_moves", "why", &row.id, why)).transpose()?;
    let by = row.by_account.as_ref().and_then(|by| names.iter().find(|(id, _)| id == by)).map_or("", |(_, name)| name.as_str());
    Ok(Moved {
        day: say::date(london_day(row.at)),
        to: State::from_code(&row.to_state).map_or("", State::label),
        by: by.to_owned(),
        why: why.map(|why| why.show().to_owned()),
    })
}

fn alike(c: &mut Conn, app: &App, who: &Principal, person: SubjectId, now: NaiveDateTime) -> Result<Vec<Alike>, Failure> {
    let found = people::like(c, person, &who.teams_as(Role::Coordinator))?;
    let ids: Vec<SubjectId> = found.iter().map(|(id, _)| *id).collect();
    let abouts = people::read_list(c, &app.vault, who, &ids, now)?;
    let mut alike = Vec::with_capacity(found.len());
    for (id, likes) in found {
        let Some(about) = abouts.get(&id) else { continue };
        let likes: Vec<&str> = likes.into_iter().map(Like::label).collect();
        alike.push(Alike {
            person: id.to_string(),
            name: about.called().to_owned(),
            likes: likes.join(", "),
            state: how_they_stand(c, id)?,
        });
    }
    Ok(alike)
}

/// How someone's latest referral stands, in words.
pub(in super::super) fn how_they_stand(c: &mut Conn, person: SubjectId) -> Result<&'static str, Failure> {
    let all = store::of(c, person)?;
    let latest = all.iter().find(|row| row.state != State::EnteredInError.code()).or(all.first());
    Ok(latest.and_then(|row| State::from_code(&row.state)).map_or("", State::label))
}

/// The teams that can take it on: the one that has it, or those of whoever decides.
fn own_teams(c: &mut Conn, who: &Principal, row: &Row) -> Result<Vec<(String, String)>, Failure> {
    let own = who.teams_as(Role::Coordinator);
    let all = accounts::store::teams(c, MOST_TEAMS)?.into_iter().filter(|team| own.contains(&team.id));
    let fits = |team: &accounts::store::Team| row.team_id.as_ref().is_none_or(|id| *id == team.id.to_string());
    Ok(all.filter(fits).map(|team| (team.id.to_string(), team.name)).collect())
}

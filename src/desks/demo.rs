//! The demo's people: made up, each where someone may be on their path, so that every desk has something to show.

use chrono::{NaiveDateTime, TimeDelta};

use crate::{
    accounts::{clients, start, store},
    audit::Actor,
    db::Conn,
    error::Failure,
    people::{
        self, About, Reach, aspirations,
        aspirations::Wanted,
        consents::{self, How, Purpose},
        profile,
        profile::Profile,
        tasks, timeline,
    },
    referrals::{
        self, By, New, Taken, Way,
        state::{Move, Who},
    },
    values::{AccountId, SubjectId, TeamId},
    vault::{Private, Vault},
};

/// How far someone has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Along {
    Left,
    Waits,
    New,
    Goes,
    Pauses,
}

/// Someone made up: name, pronouns, what they are good at, what they want, and how far they have come.
const PEOPLE: [(&str, &str, &str, &str, Along); 6] = [
    (
        "Jo Marsh",
        "they/them",
        "Rhythm guitar. Remembers everyone’s tea.",
        "I’d like to play guitar with others again, not too loud",
        Along::Goes,
    ),
    (
        "Ash Quill",
        "he/him",
        "Welding, mending bikes",
        "I used to weld. I’d like to work with my hands again, nothing that costs much",
        Along::New,
    ),
    ("Kit Noor", "she/her", "Cooks for twenty without fuss", "cook with other people, somewhere warm", Along::Pauses),
    ("Sam Rivers", "", "", "somewhere quiet to draw, no steps", Along::Waits),
    ("Ida Moss", "she/her", "Knows every bird by its song", "walk with other people", Along::Left),
    ("Lee Ward", "he/him", "Cricket, every score since 1981", "join a cricket club as a scorer", Along::Waits),
];
/// How long ago whoever changed their mind did so, in days: so that their record ends soon.
const LONG_AGO: i64 = 700;
/// Where they all live.
const AREA: &str = "SE29";
/// Who goes along with them, and who of them can sign in.
const WORKER: &str = "rowan@demo.example";
const CLIENT: (&str, &str) = ("Jo Marsh", "jo@demo.example");

/// What those who go along say: address, a word about themself, what they know about, which parts of town.
const SAID: [(&str, &str, &str, &str); 3] = [
    ("pat@demo.example", "I drum, badly. I have been where you may be.", "", ""),
    (WORKER, "", "Rehearsal rooms, open mics, allotments", "Marlhythe and the canal"),
    ("imran@demo.example", "", "Cricket, cooking, cafés that are quiet", "Around the station"),
];

/// Adds the demo's people where they aren't there yet.
pub fn people(c: &mut Conn, vault: &Vault, now: NaiveDateTime) -> Result<(), Failure> {
    let account = |c: &mut Conn, email: &str| -> Result<Option<AccountId>, Failure> {
        Ok(store::account_by_mark(c, &vault.mark("email", email))?.and_then(|row| row.id.parse().ok()))
    };
    let (Some(worker), Some(client)) = (account(c, WORKER)?, account(c, CLIENT.1)?) else { return Ok(()) };
    if store::person_of(c, client)?.is_some() {
        return Ok(());
    }
    let team = start::demo_team(c, now)?;
    let text = |_| Failure::internal("the demo's words are too long");
    for (email, hello, interests, areas) in SAID {
        let Some(id) = account(c, email)? else { continue };
        let profile = Profile {
            hello: hello.parse().map_err(text)?,
            interests: interests.parse().map_err(text)?,
            areas: areas.parse().map_err(text)?,
            ..Profile::default()
        };
        profile::keep(c, vault, id, &profile, now)?;
    }
    for (at, one) in (0_i64..).zip(PEOPLE) {
        let days = if one.4 == Along::Left { LONG_AGO } else { 3 * (at + 1) };
        let person = person(c, vault, one, team, worker, now - TimeDelta::days(days))?;
        if one.0 == CLIENT.0 {
            store::set_person(c, client, Some(person))?;
            talk(c, vault, person, worker, now)?;
        } else if !matches!(one.4, Along::Left | Along::Waits) {
            clients::account_for(c, vault, person, one.0, None, now)?;
        }
    }
    Ok(())
}

fn person(
    c: &mut Conn,
    vault: &Vault,
    (name, pronouns, strengths, wants, along): (&str, &str, &str, &str, Along),
    team: TeamId,
    worker: AccountId,
    at: NaiveDateTime,
) -> Result<SubjectId, Failure> {
    let text = |_| Failure::internal("the demo's words are too long");
    let mut about = About {
        chosen_name: name.parse().map_err(text)?,
        pronouns: pronouns.parse().map_err(text)?,
        strengths: strengths.parse().map_err(text)?,
        area: AREA.parse().map_err(text)?,
        ..About::default()
    };
    about.contact.ways = vec![Reach::Message];
    let person = people::add(c, vault, Some(team), &about, at)?;
    let key = people::key(c, vault, person)?;
    let new = New {
        person,
        way: Way::Own,
        taken: Taken::Page,
        team: Some(team),
        venue: None,
        referrer: None,
        words: Private::new(wants),
        form_mark: person.to_string(),
    };
    let wanted = Wanted { words: wants.parse().map_err(text)?, near: AREA.parse().map_err(text)?, ..Wanted::default() };
    aspirations::add(c, vault, person, &wanted, &[], at)?;
    consents::give(c, person, Purpose::Keep, How::Page, Actor::Visitor, at)?;
    let referral = referrals::open(c, &key, &new, Actor::Visitor, at)?;
    let (Some(referral), true) = (referral, along != Along::Waits) else { return Ok(person) };
    let by = |who| By { who, written: Actor::System };
    if along == Along::Left {
        return referrals::apply(c, vault, referral, Move::Withdraw, by(Who::Person), None, at).map(|_| person);
    }
    referrals::apply(c, vault, referral, Move::Accept, by(Who::Coordinator), None, at)?;
    referrals::apply(c, vault, referral, Move::Allocate, by(Who::Coordinator), None, at)?;
    referrals::give_to(c, referral, worker, Actor::System, at)?;
    if along != Along::New {
        referrals::apply(c, vault, referral, Move::Begin, by(Who::BridgeBuilder), None, at)?;
    }
    if along == Along::Pauses {
        let until = Some(at.date() + TimeDelta::days(30));
        referrals::apply(c, vault, referral, Move::Pause { until }, by(Who::Person), None, at)?;
    }
    Ok(person)
}

/// A few words between someone and their bridge builder.
fn talk(c: &mut Conn, vault: &Vault, person: SubjectId, worker: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    use timeline::Sort::{Contact, Message};
    let ago = |days| now - TimeDelta::days(days);
    timeline::add(c, vault, person, Contact, Some(worker), "We met. Tea at the library, an hour. Jo brought plectrums.", ago(2))?;
    referrals::store::first_contact(c, person, ago(2))?;
    timeline::add(c, vault, person, Message, Some(worker), "The studio is quiet on Tuesday mornings. Shall we look in?", ago(1))?;
    timeline::add(c, vault, person, Message, None, "Yes, if we can sit near the door.", now)?;
    tasks::add(c, vault, person, worker, "Ask the studio about Tuesday", now.date() + TimeDelta::days(2))?;
    Ok(())
}

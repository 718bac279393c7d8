//! Every kind of thing that is kept: how long, from when, and why. The one table of it.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::{dsl::count_star, prelude::*};
use serde::Serialize;

use crate::{
    accounts::{
        Role,
        session::Span,
        ticket::{CARD_LASTS, FEED_LASTS, INVITATION_LASTS, LINK_LASTS, Purpose},
    },
    config::KeepConfig,
    db::Conn,
    error::Failure,
    mail::{KEEP_FAILED, KEEP_ROWS, KEEP_SENT},
    referrals::{draft, state::State},
    schema::{accounts, audit, erasures, grants, outbox, people, referral_drafts, referrals, sessions, tickets},
    values::choice,
    web::views::say,
};

choice! {
    /// A kind of thing that is kept.
    Kept {
        NotBegun = "not-begun", "Notes to us that led to nothing";
        OpenDoor = "open-door", "Records of people with an open door";
        Live = "live", "Records of people who wait, go or pause, with each note and message";
        Drafts = "drafts", "Notes that were begun and not sent";
        Words = "words", "What letters said";
        Letters = "letters", "That a letter was sent";
        Sessions = "sessions", "Where people are signed in";
        Links = "links", "Links to sign in, and invitations";
        Cards = "cards", "Printed cards";
        Calendars = "calendars", "Links that calendars read from";
        Staff = "staff", "Accounts of those who work here";
        Audit = "audit", "Who did what, and who read what";
        Erasures = "erasures", "That someone was erased";
    }
}

/// A line of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// What is kept.
    pub what: &'static str,
    /// How long.
    pub how_long: String,
    /// Why.
    pub why: &'static str,
    /// How many there are now.
    pub now: i64,
    /// Whether each of them is about someone who is helped here.
    pub about_people: bool,
}

/// The table, with how many of each kind there are.
pub fn table(c: &mut Conn, keep: &KeepConfig, now: NaiveDateTime) -> Result<Vec<Line>, Failure> {
    let line = |c: &mut Conn, kept: Kept| {
        Ok(Line {
            what: kept.label(),
            how_long: how_long(kept, keep),
            why: why(kept),
            now: count(c, kept, now)?,
            about_people: about_people(kept),
        })
    };
    Kept::ALL.iter().map(|kept| line(c, *kept)).collect()
}

fn about_people(kept: Kept) -> bool {
    matches!(kept, Kept::NotBegun | Kept::OpenDoor | Kept::Live | Kept::Drafts | Kept::Cards | Kept::Erasures)
}

/// How long a kind is kept, in words.
fn how_long(kept: Kept, keep: &KeepConfig) -> String {
    let client = Span::of(Role::Client);
    match kept {
        Kept::NotBegun => format!("{} after anything last happened", years(keep.keep_not_begun_years)),
        Kept::OpenDoor => format!("{} after they were last in touch, or last signed in", years(keep.keep_open_door_years)),
        Kept::Live => "As long as that is so".to_owned(),
        Kept::Drafts => format!("{} after they were last changed", days(draft::LASTS)),
        Kept::Words => format!("{} after a letter was sent, {} if it could not be sent", days(KEEP_SENT), days(KEEP_FAILED)),
        Kept::Letters => days(KEEP_ROWS),
        Kept::Sessions => format!(
            "{} after the last visit, {} in all; much less for those who work here",
            days(client.idle),
            days(client.whole)
        ),
        Kept::Links => {
            format!("They work for {} minutes and {}, and go a day later", LINK_LASTS.num_minutes(), days(INVITATION_LASTS))
        }
        Kept::Cards => days(CARD_LASTS),
        Kept::Calendars => days(FEED_LASTS),
        Kept::Staff | Kept::Audit | Kept::Erasures => "Always".to_owned(),
    }
}

/// Why a kind is kept for so long.
fn why(kept: Kept) -> &'static str {
    match kept {
        Kept::NotBegun => "So that we know someone who tries again.",
        Kept::OpenDoor => "The open door is a promise. Each hello starts the time anew.",
        Kept::Live => "They are needed.",
        Kept::Drafts => "So that someone can take a break.",
        Kept::Words => "So that a letter can be sent again.",
        Kept::Letters => "So that we see how mail went.",
        Kept::Sessions => "So that people stay signed in on their own phone.",
        Kept::Links | Kept::Cards => "They let someone in once.",
        Kept::Calendars => "A calendar looks again and again.",
        Kept::Staff => "People may ask years later who looked at their record.",
        Kept::Audit => "It shows if someone looked who should not have. It holds numbers, no names and no words.",
        Kept::Erasures => "So that they are erased again if older data is put back.",
    }
}

fn years(years: u32) -> String {
    say::count(u64::from(years), "year", "years")
}

fn days(time: TimeDelta) -> String {
    say::count(time.num_days().unsigned_abs(), "day", "days")
}

/// How many of a kind there are.
fn count(c: &mut Conn, kept: Kept, now: NaiveDateTime) -> Result<i64, Failure> {
    let running: Vec<&str> = State::RUNNING.iter().map(|state| state.code()).collect();
    let with = |states: Vec<&'static str>| referrals::table.filter(referrals::state.eq_any(states)).select(referrals::person_id);
    let live = people::id.eq_any(with(running));
    let door = people::id.eq_any(with(vec![State::OpenDoor.code()]));
    Ok(match kept {
        Kept::NotBegun => people::table.filter(diesel::dsl::not(live.or(door))).count().get_result(c)?,
        Kept::OpenDoor => people::table.filter(door.and(diesel::dsl::not(live))).count().get_result(c)?,
        Kept::Live => people::table.filter(live).count().get_result(c)?,
        Kept::Drafts => referral_drafts::table.filter(referral_drafts::answers.is_not_null()).count().get_result(c)?,
        Kept::Words => outbox::table.filter(outbox::address.ne("")).count().get_result(c)?,
        Kept::Letters => outbox::table.count().get_result(c)?,
        Kept::Sessions => sessions::table.count().get_result(c)?,
        Kept::Links => tickets(c, &[Purpose::Link, Purpose::Invitation, Purpose::Demo], now)?,
        Kept::Cards => tickets(c, &[Purpose::Card], now)?,
        Kept::Calendars => tickets(c, &[Purpose::Feed], now)?,
        Kept::Staff => {
            let work = grants::table.filter(grants::role.ne(Role::Client.code())).select(grants::account_id);
            accounts::table.filter(accounts::id.eq_any(work)).count().get_result(c)?
        }
        Kept::Audit => audit::table.select(count_star()).first(c)?,
        Kept::Erasures => erasures::table.count().get_result(c)?,
    })
}

/// How many tickets of these purposes still work.
fn tickets(c: &mut Conn, purposes: &[Purpose], now: NaiveDateTime) -> Result<i64, Failure> {
    let codes: Vec<&str> = purposes.iter().map(|purpose| purpose.code()).collect();
    let work = tickets::purpose.eq_any(codes).and(tickets::expires_at.gt(now)).and(tickets::used_at.is_null());
    Ok(tickets::table.filter(work).count().get_result(c)?)
}

/// Made-up lines for samples.
pub(super) fn samples() -> Vec<Line> {
    let keep = KeepConfig { keep_not_begun_years: 2, keep_open_door_years: 8 };
    let line = |kept: &Kept| Line {
        what: kept.label(),
        how_long: how_long(*kept, &keep),
        why: why(*kept),
        now: 1_204,
        about_people: about_people(*kept),
    };
    Kept::ALL.iter().map(line).collect()
}

//! What whoever goes along writes into a record: a contact, a note, a message, something to do, what changes, who stands in.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::{
    CardPage, SORTS,
    made::{again, moves},
};
use crate::{
    accounts::{self, Principal, Role, clients, letters::Sender, notices},
    app::App,
    audit::Actor,
    clock::{london_day, london_midnight},
    db::Conn,
    desks::{path, store, words},
    error::{Failure, Problem},
    people::{caseload, tasks, timeline},
    referrals::{
        self, By,
        state::{State, Who},
    },
    values::{AccountId, SubjectId, TaskId},
    vault::{Private, Vault},
    web::{form::Typed, see_other},
};

/// The longest that someone may stand in, in days.
const LONGEST_COVER: i64 = 92;

/// `POST /people/{person}/entries`: a contact, a note or a message, in one form of two fields.
pub async fn write(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (typed, id, shared, by) = (Typed::read(&body), *person, app.clone(), who.clone());
    app.write_or_ask_again(
        entry(&typed),
        move |c, (sort, text)| {
            let reached = keep(c, &shared, &by, id, sort, &text)?;
            Ok(at(
                id,
                if sort != "message" {
                    "entry"
                } else if reached {
                    "message"
                } else {
                    "message-waits"
                },
            ))
        },
        async |problems| again(&app, &request, who, id, typed, problems).await,
    )
    .await
}

/// Back to the record, which says what was done.
fn at(person: SubjectId, done: &str) -> String {
    format!("/people/{person}?done={done}")
}

fn entry(typed: &Typed) -> Result<(&'static str, String), Vec<Problem>> {
    let mut problems = Vec::new();
    let sort = SORTS.iter().map(|(code, _)| *code).find(|code| *code == typed.one("sort"));
    if sort.is_none() {
        problems.push(Problem::new("sort", "Choose what it is."));
    }
    let text = words::entry(typed).map_err(|found| problems.extend(found));
    sort.zip(text.ok()).ok_or(problems)
}

/// Writes it down. Whether the person can read it: a message to someone without a way in is no contact yet.
fn keep(c: &mut Conn, app: &App, who: &Principal, person: SubjectId, sort: &str, text: &str) -> Result<bool, Failure> {
    let now = app.clock.stamp();
    let (kind, words) = match sort {
        "message" => (timeline::Sort::Message, text.to_owned()),
        "note" => (timeline::Sort::Note, text.to_owned()),
        how => {
            let how = SORTS.iter().find(|(code, _)| *code == how).map_or("", |(_, label)| label);
            (timeline::Sort::Contact, format!("{how}. {text}"))
        }
    };
    timeline::add(c, &app.vault, person, kind, Some(who.account), &words, now)?;
    let message = kind == timeline::Sort::Message;
    let reached = !message || clients::account_of(c, person)?.is_some();
    if reached && kind != timeline::Sort::Note {
        referrals::telling::in_touch(c, &app.vault, person, Actor::Account(who.account), now)?;
    }
    if message {
        tell_of_message(c, app, person, now)?;
    }
    Ok(reached)
}

/// A letter to the person that a message waits, if they have an account with an address.
fn tell_of_message(c: &mut Conn, app: &App, person: SubjectId, now: NaiveDateTime) -> Result<(), Failure> {
    let Some((account, address)) = clients::address_of(c, &app.vault, person)? else { return Ok(()) };
    notices::tell(c, &app.vault, &app.web.public_url(), account, &address, "my-path", now)
}

/// `POST /people/{person}/tasks`
pub async fn task(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (typed, id, vault, by) = (Typed::read(&body), *person, app.vault.clone(), who.account);
    app.write_or_ask_again(
        to_do(&typed),
        move |c, (what, due)| {
            tasks::add(c, &vault, id, by, &what, due)?;
            Ok(at(id, "task"))
        },
        async |problems| again(&app, &request, who, id, typed, problems).await,
    )
    .await
}

fn to_do(typed: &Typed) -> Result<(String, NaiveDate), Vec<Problem>> {
    let mut problems = Vec::new();
    let what = typed.one("what");
    if what.is_empty() || what.chars().count() > crate::web::form::LINE {
        problems.push(Problem::new("what", "Write what is to be done, up to 200 letters."));
    }
    match typed.one("due").parse::<NaiveDate>() {
        Ok(due) if problems.is_empty() => Ok((what.to_owned(), due)),
        Ok(_) => Err(problems),
        Err(_) => {
            problems.push(Problem::new("due", "Choose a day."));
            Err(problems)
        }
    }
}

/// `POST /people/{person}/tasks/done`
pub async fn task_done(app: Data<App>, person: Path<SubjectId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let task: TaskId = Typed::read(&body).one("task").parse().map_err(|_| Failure::NotFound)?;
    let (id, now) = (*person, app.clock.stamp());
    let found = app.db.write(move |c| tasks::done(c, id, task, now)).await?;
    if found { Ok(see_other(&at(id, "task-done"))) } else { Err(Failure::NotFound) }
}

/// `POST /people/{person}/moves`: what the bridge builder decides, or writes down for the person.
pub async fn step(app: Data<App>, who: Principal, person: Path<SubjectId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let code = Typed::read(&body).one("move").to_owned();
    let (vault, id, now) = (app.vault.clone(), *person, app.clock.stamp());
    let step = words::move_of(&code, None).filter(|_| moves_allow(&who, &code)).ok_or_else(path::unknown)?;
    let decided = match code.as_str() {
        "return" => Who::Person,
        "open-door" if !who.is(Role::BridgeBuilder) => Who::Coordinator,
        _ => Who::BridgeBuilder,
    };
    app.db
        .write(move |c| {
            let referral = referrals::standing(c, id)?.ok_or(Failure::NotFound)?;
            referrals::apply(c, &vault, referral, step, By { who: decided, written: Actor::Account(who.account) }, None, now)
        })
        .await?;
    Ok(see_other(&at(id, "move")))
}

fn moves_allow(who: &Principal, code: &str) -> bool {
    State::ALL.iter().any(|state| moves(who, Some(*state)).iter().any(|button| button.code == code))
}

/// `POST /people/{person}/card`: a card with a code, for someone without an e-mail address. It is shown once.
pub async fn card(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
) -> Result<HttpResponse, Failure> {
    let (sender, id, now) = (Sender::of(&app), *person, app.clock.stamp());
    let code = app.db.write(move |c| clients::print_card(c, &sender, id, &who, now)).await?;
    let address = format!("{}sign-in/card", app.web.public_url());
    let days = accounts::ticket::CARD_LASTS.num_days();
    app.page(&request, &CardPage { href: format!("/people/{id}"), code: code.to_string(), address, days })
}

/// `POST /people/{person}/cover`: a bridge builder of the team stands in for a while.
pub async fn cover(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (typed, id, by) = (Typed::read(&body), *person, who.clone());
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    app.write_or_ask_again(
        Ok(typed.clone()),
        move |c, typed| {
            stand_in(c, &vault, &by, id, &typed, now)?;
            Ok(at(id, "cover"))
        },
        async |problems| again(&app, &request, who, id, typed, problems).await,
    )
    .await
}

/// `POST /people/{person}/cover/end`
pub async fn end_cover(app: Data<App>, who: Principal, person: Path<SubjectId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let (id, now) = (*person, app.clock.stamp());
    let Ok(account) = Typed::read(&body).one("account").parse::<AccountId>() else {
        return Ok(see_other(&format!("/people/{id}")));
    };
    app.db.write(move |c| caseload::end_cover(c, &who, id, account, now)).await?;
    Ok(see_other(&at(id, "cover-ended")))
}

fn stand_in(
    c: &mut Conn,
    vault: &Vault,
    by: &Principal,
    person: SubjectId,
    typed: &Typed,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let builders = store::may_stand_in(c, by, person)?;
    let account = typed.one("account").parse::<AccountId>().ok().filter(|id| builders.contains(id));
    if account.is_none() {
        problems.push(Problem::new("account", "Choose who stands in."));
    }
    let today = london_day(now);
    let last = today + TimeDelta::days(LONGEST_COVER);
    let until = typed.one("until").parse::<NaiveDate>().ok().filter(|day| (today..=last).contains(day));
    if until.is_none() {
        problems.push(Problem::new("until", "Choose a day within the next three months."));
    }
    let reason = typed.one("reason");
    if reason.is_empty() || reason.chars().count() > crate::web::form::LINE {
        problems.push(Problem::new("reason", "Say why, up to 200 letters. The person can read it."));
    }
    let (Some(account), Some(until), true) = (account, until, problems.is_empty()) else {
        return Err(Failure::Invalid(problems));
    };
    let until = london_midnight(until + TimeDelta::days(1));
    caseload::stand_in(c, vault, by, &caseload::Cover { person, account, reason: Private::new(reason), from: now, until }, now)
}

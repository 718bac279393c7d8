//! What whoever goes along writes into a record: a contact, a note, a message, something to do, what changes, who stands in.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::{
    CardPage, PAUSE, SORTS,
    made::{again, moves},
};
use crate::{
    accounts::{self, Principal, Role, clients, letters::Sender, notices},
    app::App,
    audit::Actor,
    clock::{london_day, london_midnight},
    db::Conn,
    desks::{store, words},
    error::{Failure, Problem},
    people::{self, caseload, steps, tasks, timeline},
    referrals::{
        self, By,
        state::{Move, State, Who},
    },
    values::{AccountId, EntryId, SubjectId, TaskId},
    vault::{Private, Vault},
    web::{form::Typed, see_other},
};

/// The longest that someone may stand in, in days.
const LONGEST_COVER: i64 = 92;
/// How long ago one may have been in touch that is written down now, in days.
const LONGEST_AGO: i64 = 366;
/// How far ahead something to do may lie, in days.
const LONGEST_AHEAD: i64 = 730;

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
        entry(&typed, london_day(app.clock.stamp())),
        move |c, new| {
            let reached = keep(c, &shared, &by, id, &new)?;
            Ok(at(
                id,
                match new.sort {
                    "message" if reached => "message",
                    "message" => "message-waits",
                    _ => "entry",
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

/// An entry as it was typed.
struct NewEntry {
    sort: &'static str,
    text: String,
    /// The day on which one was in touch, where that wasn't today.
    day: Option<NaiveDate>,
    /// When the page was made on which it was typed.
    shown_at: Option<NaiveDateTime>,
}

fn entry(typed: &Typed, today: NaiveDate) -> Result<NewEntry, Vec<Problem>> {
    let mut problems = Vec::new();
    let sort = SORTS.iter().map(|(code, _)| *code).find(|code| *code == typed.one("sort"));
    if sort.is_none() {
        problems.push(Problem::new("sort", "Choose what it is."));
    }
    let text = words::entry(typed).map_err(|found| problems.extend(found));
    let day = day_of(typed, sort, today).map_err(|problem| problems.push(problem));
    match (sort, text, day) {
        (Some(sort), Ok(text), Ok(day)) => Ok(NewEntry { sort, text, day, shown_at: words::stamped(typed.one("shown_at")) }),
        _ => Err(problems),
    }
}

/// The day on which one was in touch; none for today, and none for what is written now.
fn day_of(typed: &Typed, sort: Option<&str>, today: NaiveDate) -> Result<Option<NaiveDate>, Problem> {
    if typed.one("day").is_empty() {
        return Ok(None);
    }
    if matches!(sort, Some("note" | "message")) {
        return Err(Problem::new("day", "Only a time that you were in touch has a day of its own. Leave this blank."));
    }
    let first = today - TimeDelta::days(LONGEST_AGO);
    let day = typed.one("day").parse().ok().filter(|day: &NaiveDate| (first..=today).contains(day));
    let day = day.ok_or_else(|| Problem::new("day", "Choose today or a day of the past year."))?;
    Ok(Some(day).filter(|day| *day != today))
}

/// Writes it down, once. Whether the person can read it: a message to someone without a way in is no contact yet.
fn keep(c: &mut Conn, app: &App, who: &Principal, person: SubjectId, new: &NewEntry) -> Result<bool, Failure> {
    let now = app.clock.stamp();
    let (kind, words) = match new.sort {
        "message" => (timeline::Sort::Message, new.text.clone()),
        "note" => (timeline::Sort::Note, new.text.clone()),
        how => {
            let how = SORTS.iter().find(|(code, _)| *code == how).map_or("", |(_, label)| label);
            (timeline::Sort::Contact, format!("{how}. {}", new.text))
        }
    };
    let message = kind == timeline::Sort::Message;
    let reached = !message || clients::account_of(c, person)?.is_some();
    let when = new.day.map_or(now, words::some_time_on);
    if timeline::pressed_twice(c, &app.vault, person, (kind, Some(who.account)), &words, (when, now))? {
        return Ok(reached);
    }
    timeline::add(c, &app.vault, person, kind, Some(who.account), &words, when)?;
    if kind != timeline::Sort::Note {
        if reached {
            referrals::telling::in_touch(c, &app.vault, person, Actor::Account(who.account), (when, now))?;
        }
        steps::put_aside(c, who, person, new.shown_at.unwrap_or(now), now)?;
    }
    if message {
        tell_of_message(c, app, person, now)?;
    }
    Ok(reached)
}

/// `POST /people/{person}/seen`: what is new from them needs no answer.
pub async fn seen(app: Data<App>, who: Principal, person: Path<SubjectId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let (id, now) = (*person, app.clock.stamp());
    let until = words::stamped(Typed::read(&body).one("shown_at")).unwrap_or(now);
    app.db.write(move |c| steps::put_aside(c, &who, id, until, now)).await?;
    Ok(see_other(&at(id, "seen")))
}

/// `POST /people/{person}/entries/out`: whoever wrote something by mistake takes it out.
pub async fn take_out(app: Data<App>, who: Principal, person: Path<SubjectId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let entry: EntryId = Typed::read(&body).one("entry").parse().map_err(|_| Failure::NotFound)?;
    let (id, vault, now) = (*person, app.vault.clone(), app.clock.stamp());
    app.db.write(move |c| words::take_out(c, &vault, id, entry, (Some(who.account), who.account), now)).await?;
    Ok(see_other(&at(id, "out")))
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
        to_do(&typed, london_day(app.clock.stamp())),
        move |c, (what, due)| {
            tasks::add(c, &vault, id, by, &what, due)?;
            Ok(at(id, "task"))
        },
        async |problems| again(&app, &request, who, id, typed, problems).await,
    )
    .await
}

fn to_do(typed: &Typed, today: NaiveDate) -> Result<(String, NaiveDate), Vec<Problem>> {
    let mut problems = Vec::new();
    let what = typed.one("what");
    if what.is_empty() || what.chars().count() > crate::web::form::LINE {
        problems.push(Problem::new("what", "Write what is to be done, up to 200 letters."));
    }
    let last = today + TimeDelta::days(LONGEST_AHEAD);
    let due = typed.one("due").parse().ok().filter(|day: &NaiveDate| (today..=last).contains(day));
    if due.is_none() {
        problems.push(Problem::new("due", "Choose today or a day to come, within the next two years."));
    }
    due.filter(|_| problems.is_empty()).map(|due| (what.to_owned(), due)).ok_or(problems)
}

/// `POST /people/{person}/tasks/done`
pub async fn task_done(app: Data<App>, who: Principal, person: Path<SubjectId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let task: TaskId = Typed::read(&body).one("task").parse().map_err(|_| Failure::NotFound)?;
    let (id, now) = (*person, app.clock.stamp());
    let done = move |c: &mut Conn| {
        // A peer ticks off what they put down themself.
        let works = people::may_work_with(c, &who, id, now)?;
        tasks::done(c, id, task, (!works).then_some(who.account), now)
    };
    let found = app.db.write(done).await?;
    if found { Ok(see_other(&at(id, "task-done"))) } else { Err(Failure::NotFound) }
}

/// `POST /people/{person}/moves`: what the bridge builder decides, or writes down for the person.
pub async fn step(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (typed, id, shared, by) = (Typed::read(&body), *person, app.clone(), who.clone());
    app.write_or_ask_again(
        decision(&who, &typed, london_day(app.clock.stamp())),
        move |c, decided| {
            let now = shared.clock.stamp();
            people::store::hold(c, id)?;
            let referral = referrals::standing(c, id)?.ok_or(Failure::NotFound)?;
            let written = By { who: decided.by, written: Actor::Account(by.account) };
            referrals::apply(c, &shared.vault, referral, decided.step, written, None, now)?;
            if let Some(words) = &decided.parting {
                timeline::add(c, &shared.vault, id, timeline::Sort::Message, Some(by.account), words, now)?;
                tell_of_message(c, &shared, id, now)?;
            }
            // Whoever stood in does so no more once the door is open.
            if !people::may_see(c, &by, id, now)? {
                return Ok("/desk".to_owned());
            }
            Ok(at(id, if matches!(decided.step, Move::Pause { .. }) { "pause" } else { "move" }))
        },
        async |problems| again(&app, &request, who, id, typed, problems).await,
    )
    .await
}

/// What is to change, and whose decision it is.
struct Decision {
    step: Move,
    by: Who,
    /// What is said to the person when someone steps back.
    parting: Option<String>,
}

fn decision(who: &Principal, typed: &Typed, today: NaiveDate) -> Result<Decision, Vec<Problem>> {
    let code = typed.one("move");
    if code == "pause" {
        let until = Some(words::pause_until(typed, PAUSE, today)?);
        return Ok(Decision { step: Move::Pause { until }, by: Who::Person, parting: None });
    }
    let refused = || vec![Problem::new("move", words::NOT_NOW)];
    let step = words::move_of(code, None).filter(|_| moves_allow(who, code)).ok_or_else(refused)?;
    let by = match code {
        "return" => Who::Person,
        "open-door" if !who.is(Role::BridgeBuilder) => Who::Coordinator,
        _ => Who::BridgeBuilder,
    };
    let parting = if code == "open-door" { parting(typed)? } else { None };
    Ok(Decision { step, by, parting })
}

fn parting(typed: &Typed) -> Result<Option<String>, Vec<Problem>> {
    let words = typed.one("parting");
    if words.chars().count() > words::LONGEST {
        return Err(vec![Problem::new("parting", "That is too long. Use up to 2,000 letters.")]);
    }
    Ok((!words.is_empty()).then(|| words.to_owned()))
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
    let (shared, now) = (app.clone(), app.clock.stamp());
    app.write_or_ask_again(
        Ok(typed.clone()),
        move |c, typed| {
            stand_in(c, (&shared.vault, &shared.web.public_url()), &by, id, &typed, now)?;
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
    (vault, site): (&Vault, &url::Url),
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
    // One at a time: whoever stood in before does so no more.
    caseload::end_all_cover(c, Actor::Account(by.account), person, now)?;
    caseload::stand_in(c, vault, by, &caseload::Cover { person, account, reason: Private::new(reason), from: now, until }, now)?;
    accounts::notices::tell_staff(c, vault, site, account, now)
}

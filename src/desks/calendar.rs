//! A bridge builder's days as a calendar feed. Its entries say that something is due and nothing about anyone: the feed lies on servers
//! and phones that are not ours.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use chrono::{NaiveDate, NaiveDateTime};

use crate::{
    accounts::{Principal, store, ticket, token::Token},
    app::App,
    db::Conn,
    error::Failure,
    people::tasks,
    values::AccountId,
    web::form_page::FormPage,
};

/// Days that the feed holds at most.
const MOST: i64 = 200;

/// `GET /desk/calendar`
pub async fn page(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    page_with(None).shown(&app, &request)
}

fn page_with(link: Option<&str>) -> FormPage {
    let page = FormPage::new("Your days in your calendar", "/desk/calendar", "Make a new link")
        .say("Your calendar can show the days on which something is due. It shows no names and not what it is.")
        .say("A new link ends the old one. Keep the link to yourself.")
        .or("/desk", "Back to your desk");
    match link {
        Some(link) => page.say("Copy this into your calendar as a new calendar by web address:").say(link),
        None => page,
    }
}

/// `POST /desk/calendar`: a new link in place of the old one; shown once.
pub async fn renew(app: Data<App>, request: HttpRequest, who: Principal) -> Result<HttpResponse, Failure> {
    let now = app.clock.stamp();
    let token = app.db.write(move |c| ticket::renew_feed(c, who.account, now)).await?;
    page_with(Some(&format!("{}calendar/{}", app.web.public_url(), token.show()))).shown(&app, &request)
}

/// `GET /calendar/{token}`
pub async fn feed(app: Data<App>, token: Path<String>) -> Result<HttpResponse, Failure> {
    let (token, now) = (Token::sent(&token), app.clock.stamp());
    let days = app.db.read(move |c| due(c, &token, now)).await?.ok_or(Failure::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(calendar(&days, now)))
}

/// The days on which something is due for whoever the link belongs to, each with how much.
fn due(c: &mut Conn, token: &Token, now: NaiveDateTime) -> Result<Option<Vec<(NaiveDate, i64)>>, Failure> {
    let Some(account): Option<AccountId> = ticket::feed_of(c, token, now)? else { return Ok(None) };
    let open = store::account(c, account)?.is_some_and(|row| row.state == crate::accounts::State::Active.code());
    if open { tasks::days(c, account, MOST).map(Some) } else { Ok(None) }
}

/// The feed as RFC 5545 has it: a day for each, with a number and no more.
fn calendar(days: &[(NaiveDate, i64)], now: NaiveDateTime) -> String {
    let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned(), "PRODID:-//Footbridge//EN".to_owned()];
    for (day, count) in days {
        let (day, next) = (day.format("%Y%m%d"), day.succ_opt().unwrap_or(*day).format("%Y%m%d"));
        lines.extend([
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{day}@footbridge"),
            format!("DTSTAMP:{}", now.format("%Y%m%dT%H%M%SZ")),
            format!("DTSTART;VALUE=DATE:{day}"),
            format!("DTEND;VALUE=DATE:{next}"),
            format!("SUMMARY:Footbridge: {count} to do"),
            "END:VEVENT".to_owned(),
        ]);
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

pub(super) fn samples() -> Vec<FormPage> {
    vec![page_with(None), page_with(Some("https://footbridge.example/calendar/abc"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feed_says_that_something_is_due_and_nothing_else() {
        let day = NaiveDate::default();
        let feed = calendar(&[(day, 2)], NaiveDateTime::default());
        assert!(feed.contains("DTSTART;VALUE=DATE:19700101\r\n") && feed.contains("DTEND;VALUE=DATE:19700102\r\n"), "{feed}");
        assert_eq!(feed.lines().filter(|line| line.starts_with("SUMMARY:")).collect::<Vec<_>>(), ["SUMMARY:Footbridge: 2 to do"]);
    }
}

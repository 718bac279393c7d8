//! Sessions: kept here, known to the browser by a random secret of which only the hash is kept.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration as Seconds},
    http::header,
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::{Principal, Role, store, token::Token};
use crate::{
    app::App,
    db::Conn,
    error::Failure,
    schema::{accounts, sessions},
    values::{AccountId, choice},
};

/// A visit is written down again only after so long.
const SEEN_AGAIN: TimeDelta = TimeDelta::seconds(60);
/// How long someone may take over the second step, or over setting it up.
const UNFINISHED: TimeDelta = TimeDelta::minutes(15);
/// How long a proof of who one is holds for what asks for one.
pub const PROOF: TimeDelta = TimeDelta::minutes(10);
/// Most sessions that are shown.
const MOST_SHOWN: i64 = 50;

choice! {
    /// How far a sign-in has come.
    Stage {
        Whole = "whole", "Signed in";
        Second = "second", "Waits for the second step";
        SetUp = "set-up", "Sets up the second step";
    }
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Without a visit.
    pub idle: TimeDelta,
    /// In all.
    pub whole: TimeDelta,
}

impl Span {
    /// What a role allows. Those who see much are signed out soon; a person's own phone remembers them for weeks.
    pub fn of(role: Role) -> Self {
        let (idle, whole) = match role {
            Role::Client | Role::VenueManager => (TimeDelta::days(14), TimeDelta::days(60)),
            Role::Peer | Role::BridgeBuilder | Role::Coordinator => (TimeDelta::minutes(60), TimeDelta::hours(12)),
            Role::Commissioner => (TimeDelta::minutes(30), TimeDelta::hours(8)),
            Role::Administrator => (TimeDelta::minutes(20), TimeDelta::hours(4)),
        };
        Self { idle, whole }
    }

    /// The shortest that any of their roles allows.
    pub fn of_all(roles: impl IntoIterator<Item = Role>) -> Self {
        let shortest = |a: Self, b: Self| Self { idle: a.idle.min(b.idle), whole: a.whole.min(b.whole) };
        roles.into_iter().map(Self::of).fold(Self::of(Role::Client), shortest)
    }

    fn holds(self, began: NaiveDateTime, seen: NaiveDateTime, now: NaiveDateTime) -> bool {
        now < seen + self.idle && now < began + self.whole
    }
}

/// A session as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Row {
    /// The hash of what the browser holds.
    pub id: String,
    /// Whose it is.
    pub account_id: String,
    /// How far the sign-in has come.
    pub stage: String,
    /// The account's epoch when it began.
    pub epoch: i32,
    /// "Firefox on Android".
    pub device: String,
    /// Wrong codes at the second step.
    pub tries: i32,
    /// When it began.
    pub began_at: NaiveDateTime,
    /// The last visit, give or take a minute.
    pub seen_at: NaiveDateTime,
    /// When they last proved who they are.
    pub proved_at: NaiveDateTime,
}

/// Begins a session and ends the one that the browser had, so that nobody's old secret lives on.
pub fn begin(c: &mut Conn, account: AccountId, stage: Stage, browser: &Browser, now: NaiveDateTime) -> Result<Token, Failure> {
    let token = Token::random()?;
    let epoch: i32 = accounts::table.find(account.to_string()).select(accounts::epoch).first(c)?;
    let row = Row {
        id: token.hash(),
        account_id: account.to_string(),
        stage: stage.code().to_owned(),
        epoch,
        device: browser.device.clone(),
        tries: 0,
        began_at: now,
        seen_at: now,
        proved_at: now,
    };
    if let Some(old) = &browser.session {
        end(c, &old.hash())?;
    }
    diesel::insert_into(sessions::table).values(&row).execute(c)?;
    Ok(token)
}

/// Ends a session.
pub fn end(c: &mut Conn, id: &str) -> Result<(), Failure> {
    diesel::delete(sessions::table.find(id)).execute(c)?;
    Ok(())
}

/// Ends every session of an account at the next request, but for one that is kept.
pub fn end_all(c: &mut Conn, account: AccountId, but: Option<&str>) -> Result<(), Failure> {
    diesel::update(accounts::table.find(account.to_string())).set(accounts::epoch.eq(accounts::epoch + 1)).execute(c)?;
    let epoch: i32 = accounts::table.find(account.to_string()).select(accounts::epoch).first(c)?;
    let others = sessions::account_id.eq(account.to_string()).and(sessions::id.ne(but.unwrap_or_default()));
    diesel::delete(sessions::table.filter(others)).execute(c)?;
    if let Some(kept) = but {
        diesel::update(sessions::table.find(kept)).set(sessions::epoch.eq(epoch)).execute(c)?;
    }
    Ok(())
}

/// Ends every session there is.
pub fn end_everyones(c: &mut Conn) -> Result<(), Failure> {
    diesel::delete(sessions::table).execute(c)?;
    Ok(())
}

/// The session behind what a browser holds, at this stage, with its account, if it still stands.
pub fn standing(c: &mut Conn, token: &Token, stage: Stage, now: NaiveDateTime) -> Result<Option<(Row, store::Row)>, Failure> {
    let row: Option<(Row, store::Row)> = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::id.eq(token.hash()).and(sessions::stage.eq(stage.code())))
        .select((Row::as_select(), store::Row::as_select()))
        .first(c)
        .optional()?;
    let stands = |row: &Row, account: &store::Row| {
        let open = row.epoch == account.epoch && account.lets_in();
        open && (stage == Stage::Whole || now < row.began_at + UNFINISHED)
    };
    Ok(row.filter(|(row, account)| stands(row, account)))
}

/// Who is behind what a browser holds; none where the session is over.
pub fn who(c: &mut Conn, token: &Token, now: NaiveDateTime) -> Result<Option<(Principal, bool)>, Failure> {
    let Some((row, kept)) = standing(c, token, Stage::Whole, now)? else { return Ok(None) };
    let Ok(account) = row.account_id.parse::<AccountId>() else { return Ok(None) };
    let grants = store::grants_now(c, account, &kept)?;
    if !Span::of_all(grants.iter().map(|grant| grant.role)).holds(row.began_at, row.seen_at, now) {
        return Ok(None);
    }
    let person = kept.person_id.and_then(|person| person.parse().ok());
    let see_again = row.seen_at + SEEN_AGAIN <= now;
    Ok(Some((Principal { account, grants, person, session: row.id, proved_at: row.proved_at }, see_again)))
}

/// Writes down that a session was seen.
pub fn seen(c: &mut Conn, id: &str, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::update(sessions::table.find(id)).set(sessions::seen_at.eq(now)).execute(c)?;
    Ok(())
}

/// Writes down that they proved again who they are.
pub fn proved(c: &mut Conn, id: &str, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::update(sessions::table.find(id)).set(sessions::proved_at.eq(now)).execute(c)?;
    Ok(())
}

/// Counts a wrong code at the second step; how many there were.
pub fn count_try(c: &mut Conn, id: &str) -> Result<i32, Failure> {
    diesel::update(sessions::table.find(id)).set(sessions::tries.eq(sessions::tries + 1)).execute(c)?;
    Ok(sessions::table.find(id).select(sessions::tries).first(c).optional()?.unwrap_or(i32::MAX))
}

/// An account's whole sessions, the newest first.
pub fn all_of(c: &mut Conn, account: AccountId) -> Result<Vec<Row>, Failure> {
    let theirs = sessions::account_id.eq(account.to_string()).and(sessions::stage.eq(Stage::Whole.code()));
    let newest = sessions::table.filter(theirs).order(sessions::began_at.desc()).limit(MOST_SHOWN);
    Ok(newest.select(Row::as_select()).load(c)?)
}

/// Drops sessions that are over for every role.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    let longest = Span::of(Role::Client);
    let over = sessions::seen_at.lt(now - longest.idle).or(sessions::began_at.lt(now - longest.whole));
    let unfinished = sessions::stage.ne(Stage::Whole.code()).and(sessions::began_at.lt(now - UNFINISHED));
    diesel::delete(sessions::table.filter(over.or(unfinished))).execute(c)?;
    Ok(())
}

/// What we know of the browser that asks.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// What it holds as a session.
    pub session: Option<Token>,
    /// What it was given when it asked for a link.
    pub asked: Option<Token>,
    /// What it was given when an account signed in there.
    pub known: Option<Token>,
    /// "Firefox on Android".
    pub device: String,
    /// The network it asks from.
    pub network: String,
}

/// A cookie of ours. The prefix binds it to this very host, where there is https.
#[derive(Debug, Clone, Copy)]
pub enum Jar {
    /// The session.
    Session,
    /// That this browser asked for a link.
    Asked,
    /// That an account signed in here before.
    Known,
    /// Answers that someone hasn't sent yet.
    Note,
    /// A list of places that was opened by its link.
    List,
}

impl Jar {
    fn name(self, app: &App) -> String {
        let name = match self {
            Self::Session => "footbridge",
            Self::Asked => "footbridge-asked",
            Self::Known => "footbridge-known",
            Self::Note => "footbridge-note",
            Self::List => "footbridge-list",
        };
        if app.web.public_url().scheme() == "https" { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn lasts(self) -> Seconds {
        match self {
            Self::Session => Seconds::days(60),
            Self::Asked => Seconds::minutes(15),
            Self::Known => Seconds::days(365),
            Self::Note => Seconds::days(14),
            Self::List => Seconds::hours(1),
        }
    }

    /// What the browser holds in it.
    pub fn held(self, app: &App, request: &HttpRequest) -> Option<Token> {
        request.cookie(&self.name(app)).map(|cookie| Token::sent(cookie.value()))
    }

    /// The cookie that gives it to the browser.
    pub fn give(self, app: &App, token: &Token) -> Cookie<'static> {
        Cookie::build(self.name(app), token.show().to_owned())
            .path("/")
            .http_only(true)
            .secure(app.web.public_url().scheme() == "https")
            .same_site(SameSite::Lax)
            .max_age(self.lasts())
            .finish()
    }

    /// The cookie that takes it away.
    pub fn take(self, app: &App) -> Cookie<'static> {
        let mut cookie = self.give(app, &Token::sent(""));
        cookie.make_removal();
        cookie
    }
}

impl Browser {
    /// The browser that sent a request.
    pub fn of(app: &App, request: &HttpRequest) -> Self {
        let limits = request.app_data::<actix_web::web::Data<crate::web::limits::Limits>>();
        let network = limits.and_then(|limits| limits.network_of(request)).map(|address| address.to_string());
        let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            session: Jar::Session.held(app, request),
            asked: Jar::Asked.held(app, request),
            known: Jar::Known.held(app, request),
            device: device(agent),
            network: network.unwrap_or_default(),
        }
    }
}

/// A browser and its system in words, so that people know their own devices again; nothing finer is kept.
fn device(agent: &str) -> String {
    let first = |of: &[(&str, &'static str)]| of.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    let browser = first(&[
        ("Edg", "Edge"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("Chrom", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "a Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => "A browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_role_says_how_long_a_session_lasts() {
        assert_eq!(Span::of_all([Role::Client]), Span::of(Role::Client));
        assert_eq!(Span::of_all([Role::Client, Role::Administrator]), Span::of(Role::Administrator));
    }

    #[test]
    fn a_session_ends_idle_or_old() {
        let span = Span { idle: TimeDelta::minutes(30), whole: TimeDelta::hours(8) };
        let began = NaiveDateTime::default();
        let at = |minutes| began + TimeDelta::minutes(minutes);
        assert!(span.holds(began, at(10), at(39)));
        assert!(!span.holds(began, at(10), at(40)), "idle");
        assert!(!span.holds(began, at(479), at(480)), "old");
    }

    #[test]
    fn a_device_is_named_so_that_people_know_it() {
        let phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36";
        assert_eq!(device(phone), "Chrome on Android");
        assert_eq!(device("curl/8.5"), "A browser");
    }
}

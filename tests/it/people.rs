//! People who visit: each with a browser of their own that keeps its cookies.

use std::sync::Mutex;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use footbridge::{
    accounts::{
        Grant, Role, Sort, State, people,
        session::{self, Browser, Stage},
        start, store,
    },
    people::timeline,
    schema::entries,
    values::{AccountId, Email, SubjectId, TeamId},
    vault::Private,
};

use crate::harness::{Site, Visit};

/// A browser: it keeps cookies and says that what it sends comes from our own pages.
#[derive(Default)]
pub struct Someone {
    cookies: Mutex<Vec<(String, String)>>,
}

impl Someone {
    /// A browser that was never here.
    pub fn new() -> Self {
        Self::default()
    }

    /// A browser in which this account is signed in.
    pub fn signed_in(site: &Site, account: AccountId) -> Self {
        let now = site.now();
        let token =
            site.app.db.write_now(|c| session::begin(c, account, Stage::Whole, &Browser::default(), now)).expect("a session");
        let someone = Self::new();
        someone.keep("footbridge", token.show());
        someone
    }

    /// Puts a cookie into the browser; a blank one is taken out.
    pub fn keep(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().expect("cookies");
        cookies.retain(|(known, _)| known != name);
        if !value.is_empty() {
            cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    /// What the browser keeps under a name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("cookies").iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Asks for a page and doesn't follow where it leads.
    pub async fn ask(&self, site: &Site, method: &str, path: &str, form: &[(&str, &str)]) -> Visit {
        let cookies: Vec<String> =
            self.cookies.lock().expect("cookies").iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            site.request(method, path).header("sec-fetch-site", "same-origin").header("user-agent", "Firefox Android");
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if method == "POST" {
            request = request.form(form);
        }
        let visit = Visit::read(request).await;
        for cookie in visit.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie");
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            self.keep(name, value);
        }
        visit
    }

    /// Looks at a page, wherever it leads.
    pub async fn get(&self, site: &Site, path: &str) -> Visit {
        let visit = self.ask(site, "GET", path, &[]).await;
        self.follow(site, visit).await
    }

    /// Sends a form and looks at the page that it leads to.
    pub async fn post(&self, site: &Site, path: &str, form: &[(&str, &str)]) -> Visit {
        let visit = self.ask(site, "POST", path, form).await;
        self.follow(site, visit).await
    }

    async fn follow(&self, site: &Site, mut visit: Visit) -> Visit {
        for _ in 0..5 {
            if visit.status != 303 {
                return visit;
            }
            let to = visit.header("location").to_owned();
            visit = self.ask(site, "GET", &to, &[]).await;
        }
        panic!("it leads round in circles: {visit:?}");
    }
}

/// A team of the one organisation that tests know.
pub fn team(site: &Site, name: &str) -> TeamId {
    let now = site.now();
    site.app.db.write_now(|c| start::team(c, "Harbour Trust", Sort::Voluntary, name, now)).expect("a team")
}

/// An account that can sign in by mail.
pub fn account(site: &Site, email: &str, role: Role, team: Option<TeamId>) -> AccountId {
    account_with(site, email, "Robin Example", State::Active, role, team)
}

/// An account with this name, standing so.
pub fn account_with(site: &Site, email: &str, name: &str, state: State, role: Role, team: Option<TeamId>) -> AccountId {
    let (now, email): (NaiveDateTime, Email) = (site.now(), email.parse().expect("an address"));
    let made = site.app.db.write_now(|c| {
        let id = people::add(c, &site.app.vault, Some(&email), &Private::new(name), state, now)?;
        store::set_grants(c, id, &[Grant { role, team }], now)?;
        Ok(id)
    });
    made.expect("an account")
}

/// What was written about someone, the latest first.
pub fn entries_of(site: &Site, person: SubjectId) -> Vec<timeline::Entry> {
    let theirs = entries::table.filter(entries::person_id.eq(person.to_string())).order((entries::at.desc(), entries::id));
    let read = site.app.db.read_now(|c| {
        let ids: Vec<String> = theirs.select(entries::id).load(c)?;
        let mut found = timeline::these(c, &site.app.vault, person, &ids)?;
        found.sort_by_key(|entry| ids.iter().position(|id| *id == entry.id.to_string()));
        Ok(found)
    });
    read.expect("a timeline")
}

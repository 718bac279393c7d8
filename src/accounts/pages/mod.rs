//! Pages to sign in, to look after one's own account, and to look after those who work here.

mod address;
mod invitation;
mod mail;
mod offers;
mod own;
mod passkey;
mod password;
mod second;
mod sign_in;
mod team;

use actix_web::{HttpResponse, cookie::Cookie};

pub use own::AccountPage;
pub use second::{CodesPage, SetUpPage};
pub use team::{AccountsPage, OnePage};

use super::{Role, session::Jar, ticket::Arrival, token::Token};
use crate::{
    app::App,
    error::Failure,
    routes::{Object, Route, Shows, Site, Who, get, post},
    web::{self, form_page::FormPage, see_other},
};

/// Where people begin when the door sends them to where they belong.
const START: &str = "/start";
/// Those who look after accounts.
const LOOK_AFTER: Who = Who::Having(&[Role::Administrator, Role::Coordinator]);

/// This room's lines of the route table.
pub fn routes() -> Vec<Route> {
    use Shows::{Accounts, Own, Public};
    use Site::Page;
    let own = |route: Route| route.only(Who::SignedIn, Object::Own);
    let all = |route: Route| route.only(LOOK_AFTER, Object::Nothing);
    let one = |route: Route| route.only(LOOK_AFTER, Object::Account);
    vec![
        get("/sign-in", Page, Public, sign_in::blank),
        post("/sign-in", Page, Public, sign_in::ask),
        get("/sign-in/sent", Page, Public, sign_in::sent),
        post("/sign-in/code", Page, Public, sign_in::code),
        get("/sign-in/link/{token}", Page, Public, sign_in::link),
        post("/sign-in/link/{token}", Page, Public, sign_in::redeem),
        get("/sign-in/card", Page, Public, sign_in::card),
        post("/sign-in/card", Page, Public, sign_in::redeem_card),
        get("/sign-in/not-me", Page, Public, sign_in::not_me),
        get("/sign-in/password", Page, Public, password::blank),
        post("/sign-in/password", Page, Public, password::sign_in),
        post("/sign-in/passkey/begin", Page, Public, passkey::begin_signing_in),
        post("/sign-in/passkey", Page, Public, passkey::sign_in),
        get("/sign-in/second", Page, Public, second::blank),
        post("/sign-in/second", Page, Public, second::take),
        get("/sign-in/set-up", Page, Public, second::set_up),
        post("/sign-in/set-up", Page, Public, second::take_first),
        own(get("/sign-in/again", Page, Own, password::again)),
        own(post("/sign-in/again", Page, Own, password::prove)),
        own(get("/start", Page, Own, sign_in::start)),
        post("/sign-out", Page, Public, sign_in::out),
        get("/invitation/{token}", Page, Public, invitation::blank),
        post("/invitation/{token}", Page, Public, invitation::accept),
        own(get("/account", Page, Own, own::account)),
        own(post("/account/sessions", Page, Own, own::end_session)),
        own(get("/account/offers", Page, Own, offers::blank)).proved(),
        own(post("/account/offers", Page, Own, offers::answer)).proved(),
        own(get("/account/mail", Page, Own, mail::blank)),
        own(post("/account/mail", Page, Own, mail::chosen)),
        own(get("/account/address", Page, Own, address::blank)).proved(),
        own(post("/account/address", Page, Own, address::ask)).proved(),
        own(get(address::CODE, Page, Own, address::code)),
        own(post(address::CODE, Page, Own, address::take)),
        own(get("/account/password", Page, Own, password::change)),
        own(post("/account/password", Page, Own, password::changed)),
        own(post("/account/passkeys/begin", Page, Own, passkey::begin_adding)).proved(),
        own(post("/account/passkeys", Page, Own, passkey::add)).proved(),
        own(post("/account/passkeys/remove", Page, Own, passkey::remove)).proved(),
        own(post("/account/codes", Page, Own, second::new_codes)).proved(),
        all(get("/accounts", Page, Accounts, team::list)),
        all(get("/accounts/invite", Page, Accounts, team::invite)).proved(),
        all(post("/accounts/invite", Page, Accounts, team::invited)).proved(),
        one(get("/accounts/{account}", Page, Accounts, team::one)),
        one(post("/accounts/{account}/roles", Page, Accounts, team::set_roles)).proved(),
        one(post("/accounts/{account}/close", Page, Accounts, team::close)).proved(),
        one(post("/accounts/{account}/invitation", Page, Accounts, team::invite_again)).proved(),
        one(post("/accounts/{account}/reopen", Page, Accounts, team::reopen)).proved(),
        one(post("/accounts/{account}/second-step", Page, Accounts, team::forget_second_step)).proved(),
    ]
}

/// Each form of this room, as it may look.
pub fn samples() -> Vec<FormPage> {
    [
        sign_in::samples(),
        password::samples(),
        second::samples(),
        invitation::samples(),
        mail::samples(),
        address::samples(),
        offers::samples(),
        team::samples(),
    ]
    .concat()
}

/// On to a page with cookies given and taken.
pub(crate) fn on(to: &str, cookies: Vec<Cookie<'static>>) -> HttpResponse {
    let mut answer = see_other(to);
    for cookie in cookies {
        // A cookie that can't be written leaves someone signed out, no worse.
        if let Err(cause) = answer.add_cookie(&cookie) {
            tracing::warn!(%cause, "a cookie can't be written");
        }
    }
    answer
}

/// Takes the session from a browser, and what the browser kept of our pages.
pub fn sign_out(app: &App, mut answer: HttpResponse) -> Result<HttpResponse, Failure> {
    // A list of places that was looked at together ends here, too.
    for jar in [Jar::Session, Jar::List] {
        answer.add_cookie(&jar.take(app)).map_err(Failure::internal)?;
    }
    Ok(web::forget_pages(answer))
}

/// On to where someone who arrived belongs; none where they get no further.
fn arrived(app: &App, arrival: &(Arrival, Option<Token>), to: &str) -> Option<HttpResponse> {
    let known = arrival.1.as_ref().map(|known| Jar::Known.give(app, known));
    match &arrival.0 {
        Arrival::In(session) => {
            let cookies = [Jar::Session.give(app, session), Jar::Asked.take(app)].into_iter().chain(known);
            Some(on(if to.is_empty() { START } else { to }, cookies.collect()))
        }
        Arrival::Password => {
            let query = url::form_urlencoded::Serializer::new("known=yes".to_owned()).append_pair("to", to).finish();
            Some(on(&format!("/sign-in/password?{query}"), known.into_iter().collect()))
        }
        Arrival::Closed => None,
    }
}

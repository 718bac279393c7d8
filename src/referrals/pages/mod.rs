//! Pages into the service: for oneself, for someone else, and for those who take referrals in.

mod own;

use actix_web::{HttpResponse, cookie::Cookie};

pub use own::{CheckPage, Question, ThanksPage, WhoPage};

use crate::{
    accounts::tries::Limit,
    routes::{Route, Shows, Site, get, post},
    web::{form_page::FormPage, see_other},
};
use chrono::TimeDelta;

/// Notes begun or sent from one network; a library has many people behind one.
const NOTES: Limit = Limit { what: "notes-network", most: 60, within: TimeDelta::minutes(15) };
/// Letters with a link to go on, to one address.
const LINKS: Limit = Limit { what: "notes-letters", most: 5, within: TimeDelta::hours(1) };

/// This room's lines of the route table.
pub fn routes() -> Vec<Route> {
    use Shows::{Own, Public};
    use Site::Page;
    vec![
        get("/refer", Page, Public, own::who),
        get("/refer/thanks", Page, Public, own::thanks),
        get("/refer/myself", Page, Own, own::first),
        post("/refer/myself", Page, Own, own::answer_first),
        post("/refer/myself/start", Page, Public, own::carried),
        get("/refer/myself/later", Page, Own, own::later),
        post("/refer/myself/later", Page, Own, own::send_link),
        get("/note/{token}", Page, Public, own::again),
        post("/note/{token}", Page, Own, own::resume),
        post("/refer/myself/delete", Page, Own, own::delete),
        post("/refer/myself/new", Page, Own, own::anew),
        get("/refer/myself/check", Page, Own, own::check),
        post("/refer/myself/check", Page, Own, own::send),
        get("/refer/myself/{step}", Page, Own, own::question),
        post("/refer/myself/{step}", Page, Own, own::answer),
    ]
}

/// Each page of this room that is one form, as it may look.
pub fn samples() -> Vec<FormPage> {
    own::forms()
}

/// On to a page with a cookie given or taken.
fn on(to: &str, cookie: &Cookie<'_>) -> HttpResponse {
    let mut answer = see_other(to);
    if let Err(cause) = answer.add_cookie(cookie) {
        tracing::warn!(%cause, "a cookie can't be written");
    }
    answer
}

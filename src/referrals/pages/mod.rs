//! Pages into the service: for oneself, for someone else, and for those who take referrals in.

mod allocate;
mod decide;
mod ends;
mod intake;
mod join;
mod one;
mod other;
mod own;
mod work;

use actix_web::{HttpResponse, cookie::Cookie};

pub use self::{
    allocate::AllocatePage,
    ends::{ThanksPage, WhoPage},
    intake::IntakePage,
    join::JoinPage,
    one::ReferralPage,
    own::{CheckPage, Question},
};

use crate::{
    accounts::{Role, tries::Limit},
    routes::{Object, Route, Shows, Site, Who, get, post},
    web::{form_page::FormPage, see_other},
};
use chrono::TimeDelta;

/// Notes begun or sent from one network; a library has many people behind one.
const NOTES: Limit = Limit { what: "notes-network", most: 60, within: TimeDelta::minutes(15) };
/// Letters with a link to go on, to one address.
const LINKS: Limit = Limit { what: "notes-letters", most: 5, within: TimeDelta::hours(1) };

/// Those who take referrals in.
const TAKE_IN: Who = Who::Having(&[Role::Coordinator]);

/// This room's lines of the route table.
pub fn routes() -> Vec<Route> {
    use Shows::{Accounts, Own, Public, Records};
    use Site::Page;
    let all = |route: Route| route.only(TAKE_IN, Object::Nothing);
    let one = |route: Route| route.only(TAKE_IN, Object::Referral);
    let own_work = |route: Route| route.only(Who::Having(&[Role::BridgeBuilder, Role::Peer]), Object::Own);
    vec![
        get("/refer", Page, Public, ends::who),
        get("/refer/someone", Page, Public, other::someone),
        post("/refer/someone", Page, Public, other::take_someone),
        get("/refer/friend", Page, Public, other::friend),
        post("/refer/friend", Page, Public, other::take_friend),
        get("/refer/back", Page, Public, other::back),
        post("/refer/back", Page, Public, other::take_back),
        get("/refer/thanks", Page, Public, ends::thanks),
        get("/refer/myself", Page, Own, own::first),
        post("/refer/myself", Page, Own, own::answer_first),
        post("/refer/myself/start", Page, Public, own::carried),
        get("/refer/myself/later", Page, Own, own::later),
        post("/refer/myself/later", Page, Own, own::send_link),
        get("/note/{token}", Page, Public, own::again),
        post("/note/{token}", Page, Own, own::resume),
        post("/refer/myself/delete", Page, Own, own::delete),
        post("/refer/myself/new", Page, Own, own::anew),
        post("/refer/myself/without-place", Page, Own, own::without_place),
        get("/refer/myself/check", Page, Own, own::check),
        post("/refer/myself/check", Page, Own, own::send),
        get("/refer/myself/{step}", Page, Own, own::question),
        post("/refer/myself/{step}", Page, Own, own::answer),
        all(get("/intake", Page, Records, intake::list)),
        all(post("/intake/letters", Page, Records, intake::letters)),
        all(get("/intake/by-phone", Page, Records, intake::by_phone)),
        all(post("/intake/by-phone", Page, Records, intake::take_by_phone)),
        one(get("/intake/{referral}", Page, Records, one::one)),
        one(post("/intake/{referral}/accept", Page, Records, decide::accept)),
        one(get("/intake/{referral}/decline", Page, Records, decide::decline)),
        one(post("/intake/{referral}/decline", Page, Records, decide::declined)),
        one(post("/intake/{referral}/withdrawn", Page, Records, decide::withdrawn)),
        one(post("/intake/{referral}/stopped", Page, Records, decide::stopped)),
        one(get("/intake/{referral}/error", Page, Records, decide::error)),
        one(post("/intake/{referral}/error", Page, Records, decide::entered_in_error)),
        one(get("/intake/{referral}/contact", Page, Records, decide::contact_form)),
        one(post("/intake/{referral}/contact", Page, Records, decide::in_touch)),
        one(get("/intake/{referral}/allocate", Page, Records, allocate::allocate)),
        one(post("/intake/{referral}/allocate", Page, Records, allocate::allocated)),
        one(get("/intake/{referral}/join", Page, Records, join::join)),
        one(post("/intake/{referral}/join", Page, Records, join::joined)),
        own_work(get("/my-work", Page, Accounts, work::my_work)),
        own_work(post("/my-work", Page, Accounts, work::keep_my_work)),
    ]
}

/// Each page of this room that is one form, as it may look.
pub fn samples() -> Vec<FormPage> {
    [own::samples(), other::samples(), decide::samples(), work::samples()].concat()
}

/// On to a page with a cookie given or taken.
fn on(to: &str, cookie: &Cookie<'_>) -> HttpResponse {
    let mut answer = see_other(to);
    if let Err(cause) = answer.add_cookie(cookie) {
        tracing::warn!(%cause, "a cookie can't be written");
    }
    answer
}

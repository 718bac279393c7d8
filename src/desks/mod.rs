//! Desks: what a person finds when they come in, and what those who go along with them find.
//!
//! The person's own is "My path". A bridge builder's desk begins with whoever needs something. A record has what someone can give and
//! wants at the top, and one timeline below.

mod about;
mod agreed;
mod ask;
pub mod attention;
mod before;
mod calendar;
mod caseload;
pub mod demo;
mod download;
mod list;
pub mod news;
mod own;
mod path;
mod peers;
mod places;
mod record;
mod store;
mod timeline;
mod wanting;
mod words;
mod written;

pub use self::{
    agreed::AgreedPage,
    caseload::DeskPage,
    download::DownloadPage,
    list::ListPage,
    own::LookedPage,
    path::PathPage,
    peers::PeersPage,
    places::PlacesPage,
    record::{CardPage, RecordPage},
    written::WrittenPage,
};
use crate::{
    accounts::Role,
    routes::{Object, Route, Shows, Site, Who, get, post},
    web::form_page::FormPage,
};

/// Those who go along with people, and so see records.
const ALONG: Who = Who::Having(&[Role::BridgeBuilder, Role::Peer, Role::Coordinator]);
/// Those who write down with people what they want.
const WRITE_WITH: Who = Who::Having(&[Role::BridgeBuilder, Role::Coordinator]);
/// Those who share out the work.
const SHARE_OUT: Who = Who::Having(&[Role::Coordinator]);
/// The person themself.
const CLIENT: Who = Who::Having(&[Role::Client]);

/// This room's lines of the route table.
pub fn routes() -> Vec<Route> {
    the_persons().into_iter().chain(the_teams()).chain(by_link()).collect()
}

/// A list of places, by the link in a letter: what the browser holds says which list it is, and that it may be seen.
fn by_link() -> Vec<Route> {
    use Site::Page;
    vec![
        get("/list", Page, Shows::Own, list::page),
        post("/list", Page, Shows::Own, list::mark),
        post("/list/end", Page, Shows::Own, list::end_here),
        get("/list/{token}", Page, Shows::Public, list::door),
        post("/list/{token}", Page, Shows::Public, list::open),
    ]
}

fn the_persons() -> Vec<Route> {
    use Shows::Own;
    use Site::Page;
    let own = |route: Route| route.only(CLIENT, Object::Own);
    vec![
        own(get("/my-path", Page, Own, path::page)),
        own(post("/my-path/messages", Page, Own, path::write)),
        own(post("/my-path/messages/out", Page, Own, path::take_out)),
        own(post("/my-path/moves", Page, Own, path::step)),
        own(post("/my-path/cover/end", Page, Own, path::end_cover)),
        own(post("/my-path/wishes", Page, Own, path::wish)),
        own(get("/my-path/wishes/{aspiration}", Page, Own, places::own)),
        own(post("/my-path/wishes/{aspiration}", Page, Own, places::own_mark)),
        own(get("/my-path/wishes/{aspiration}/change", Page, Own, wanting::own)),
        own(post("/my-path/wishes/{aspiration}/change", Page, Own, wanting::own_change)),
        own(post("/my-path/wishes/{aspiration}/state", Page, Own, path::wish_state)),
        own(post("/my-path/wishes/{aspiration}/earlier", Page, Own, before::put_back)),
        own(post("/my-path/wishes/{aspiration}/list/end", Page, Own, list::end_own)),
        own(get("/my-path/about", Page, Own, about::own)),
        own(post("/my-path/about", Page, Own, about::change)),
        own(get("/my-path/peers", Page, Own, peers::page)),
        own(post("/my-path/peers", Page, Own, peers::choose)),
        own(get("/my-path/written", Page, Own, written::written)),
        own(get("/my-path/looked", Page, Own, own::looked)),
        own(get("/my-path/agreed", Page, Own, agreed::own)),
        own(post("/my-path/agreed", Page, Own, agreed::own_answer)),
        own(get("/my-path/download", Page, Own, download::page)).proved(),
        own(get("/my-path/download.json", Page, Own, download::json)).proved(),
        own(get("/my-path/erase", Page, Own, own::erase)).proved(),
        own(post("/my-path/erase", Page, Own, own::erased)).proved(),
    ]
}

fn the_teams() -> Vec<Route> {
    use Shows::{Own, Records};
    use Site::Page;
    let person = |route: Route| route.only(ALONG, Object::Person);
    // Someone may have a role elsewhere and be a peer here.
    let written = |route: Route| route.only(WRITE_WITH, Object::InCare);
    vec![
        get("/desk", Page, Records, caseload::desk).only(ALONG, Object::Own),
        post("/desk", Page, Records, caseload::search).only(ALONG, Object::Own),
        get("/desk/calendar", Page, Own, calendar::page).only(ALONG, Object::Own),
        post("/desk/calendar", Page, Own, calendar::renew).only(ALONG, Object::Own),
        get("/calendar/{token}", Page, Shows::Public, calendar::feed),
        person(get("/people/{person}", Page, Records, record::page)),
        person(post("/people/{person}/entries", Page, Records, record::write)),
        person(post("/people/{person}/entries/out", Page, Records, record::take_out)),
        written(post("/people/{person}/seen", Page, Records, record::seen)),
        person(post("/people/{person}/tasks", Page, Records, record::task)),
        person(post("/people/{person}/tasks/done", Page, Records, record::task_done)),
        written(post("/people/{person}/moves", Page, Records, record::step)),
        post("/people/{person}/card", Page, Records, record::card).only(WRITE_WITH, Object::InCare).proved(),
        written(get("/people/{person}/about", Page, Records, about::theirs)),
        written(post("/people/{person}/about", Page, Records, about::change_theirs)),
        written(get("/people/{person}/wishes/new", Page, Records, wanting::blank)),
        written(post("/people/{person}/wishes/new", Page, Records, wanting::add)),
        written(get("/people/{person}/wishes/{aspiration}/change", Page, Records, wanting::theirs)),
        written(post("/people/{person}/wishes/{aspiration}/change", Page, Records, wanting::their_change)),
        written(post("/people/{person}/wishes/{aspiration}/list", Page, Records, list::share)),
        written(post("/people/{person}/wishes/{aspiration}/list/end", Page, Records, list::end_theirs)),
        person(get("/people/{person}/wishes/{aspiration}", Page, Records, places::theirs)),
        person(post("/people/{person}/wishes/{aspiration}", Page, Records, places::their_mark)),
        written(get("/people/{person}/agreed", Page, Records, agreed::theirs)),
        written(post("/people/{person}/agreed", Page, Records, agreed::their_answer)),
        post("/people/{person}/cover", Page, Records, record::cover).only(SHARE_OUT, Object::InCare),
        post("/people/{person}/cover/end", Page, Records, record::end_cover).only(SHARE_OUT, Object::InCare),
    ]
}

/// Each form of this room, as it may look.
pub fn samples() -> Vec<FormPage> {
    [about::samples(), own::samples(), calendar::samples(), wanting::samples(), list::samples()].concat()
}

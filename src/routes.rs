//! The route table: every route there is, with who may reach it, what it is about and what class of data it shows.
//! Routes are mounted only from here.

use std::collections::{BTreeMap, HashSet};

use actix_web::{
    Error, FromRequest, Handler, HttpResponse, Resource, Responder, Route as Mounted,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    guard,
    http::{Method, StatusCode, header},
    middleware::{Next, from_fn},
    web::{self, Data, ServiceConfig},
};

use crate::{
    accounts::{
        self, Role,
        door::{self, Rule},
    },
    desks,
    error::Failure,
    health, mail, matching, referrals, retention, search, venues, vocabulary, web as site,
    web::{assets, plain},
};

/// Who may reach a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everyone, without signing in.
    Anyone,
    /// Everyone who signed in.
    SignedIn,
    /// Those who signed in and have one of these roles.
    Having(&'static [Role]),
}

/// What a route is about, and so what else lets someone at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// Nothing of anybody's.
    Nothing,
    /// What belongs to whoever asks; a handler takes it from who asks, never from the path or the form.
    Own,
    /// The account in the path, `{account}`: one of a team that whoever asks looks after.
    Account,
    /// The record in the path, `{person}`: one that whoever asks may see.
    Person,
    /// The record in the path, `{person}`: of someone whom whoever asks goes along with, covers or coordinates.
    InCare,
    /// The referral in the path, `{referral}`: of a person whose record whoever asks may see.
    Referral,
}

impl Object {
    /// The part of the path that names it.
    pub fn part(self) -> Option<&'static str> {
        match self {
            Self::Nothing | Self::Own => None,
            Self::Account => Some("account"),
            Self::Person | Self::InCare => Some("person"),
            Self::Referral => Some("referral"),
        }
    }
}

/// What class of data a route shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The published catalogue and our own words.
    Public,
    /// Letters that were posted: only in the demo, where everyone is made up.
    Letters,
    /// How the service is, without anything about anyone.
    Operations,
    /// What belongs to whoever asks.
    Own,
    /// Who works here: names, addresses and roles of accounts.
    Accounts,
    /// What is kept about people, each of whom can see who read it.
    Records,
}

/// How a route is asked and how its errors look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// A page for people; it may read cookies, so unsafe methods pass the CSRF gate. Errors are pages.
    Page,
    /// The anonymous JSON interface; it reads no cookie. Errors are problem+json, any site may read.
    Api,
    /// Files and health; errors are plain.
    Plain,
}

/// One line of the route table.
pub struct Route {
    /// GET (which serves HEAD too) or another method.
    pub method: Method,
    /// The path's pattern.
    pub path: &'static str,
    /// Who may reach it.
    pub who: Who,
    /// What it is about.
    pub about: Object,
    /// What class of data it shows.
    pub shows: Shows,
    /// How it is asked and how its errors look.
    pub site: Site,
    /// Whether whoever asks must have proved a moment ago who they are.
    pub proved: bool,
    mount: Box<dyn Fn(Mounted) -> Mounted>,
}

/// A line of the table that answers GET and HEAD, for everyone.
pub fn get<F, Args>(path: &'static str, site: Site, shows: Shows, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let mount = Box::new(move |route: Mounted| route.to(handler.clone()));
    Route { method: Method::GET, path, who: Who::Anyone, about: Object::Nothing, shows, site, proved: false, mount }
}

/// A line of the table that answers POST, for everyone.
pub fn post<F, Args>(path: &'static str, site: Site, shows: Shows, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Route { method: Method::POST, ..get(path, site, shows, handler) }
}

impl Route {
    /// The same line for these only, about this.
    pub fn only(self, who: Who, about: Object) -> Self {
        Self { who, about, ..self }
    }

    /// The same line for those only who proved a moment ago who they are.
    pub fn proved(self) -> Self {
        Self { proved: true, ..self }
    }

    fn rule(&self) -> Rule {
        Rule { who: self.who, about: self.about, proved: self.proved }
    }
}

/// Every route there is.
pub fn routes() -> Vec<Route> {
    let signed_in =
        accounts::routes().into_iter().chain(referrals::routes()).chain(desks::routes()).chain(retention::pages::routes());
    open_to_all().into_iter().chain(mail::pages::routes()).chain(signed_in).collect()
}

fn open_to_all() -> Vec<Route> {
    use Shows::{Operations, Public};
    use Site::{Api, Page, Plain};
    vec![
        get("/", Page, Public, search::pages::home),
        get("/match", Page, Public, matching::pages::blank),
        post("/match", Page, Public, matching::pages::find),
        get("/venues", Page, Public, search::pages::results),
        get("/venues/suggest", Plain, Public, search::pages::suggest),
        get("/venues/{id}", Page, Public, venues::pages::venue),
        get("/shortlist", Page, Public, venues::pages::shortlist),
        get("/about", Page, Public, plain::about),
        get("/accessibility", Page, Public, plain::accessibility),
        get("/privacy", Page, Public, plain::privacy),
        get("/cookies", Page, Public, plain::cookies),
        get("/api", Page, Public, plain::api),
        get("/api/openapi.json", Api, Public, site::openapi::document),
        get("/api/v1/venues", Api, Public, search::api::list),
        get("/api/v1/venues/{id}", Api, Public, venues::api::one),
        get("/api/v1/vocabulary", Api, Public, vocabulary::api::all),
        post("/api/v1/match", Api, Public, matching::api::find),
        get("/assets/{name:.*}", Plain, Public, assets::serve),
        get("/robots.txt", Plain, Public, plain::robots),
        get("/health/live", Plain, Operations, health::live),
        get("/health/ready", Plain, Operations, health::ready),
    ]
}

/// The patterns of a route table.
#[derive(Debug, Clone)]
pub struct Listed(HashSet<&'static str>);

impl Listed {
    /// Those of this table.
    pub fn of(routes: &[Route]) -> Self {
        Self(routes.iter().map(|route| route.path).collect())
    }
}

/// Answers what is mounted outside the table as if it weren't there, so that nothing can be reached that the table doesn't speak of.
pub async fn listed_only<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let listed = request.app_data::<Data<Listed>>();
    let known = |pattern: &String| listed.is_some_and(|listed| listed.0.contains(pattern.as_str()));
    if request.match_pattern().as_ref().is_none_or(known) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    tracing::error!("a route is mounted that the table doesn't have");
    Ok(site::errors::refuse(request, Failure::NotFound))
}

/// Mounts a route table, path by path; a method that a path doesn't have is answered with those it has.
pub fn mount(config: &mut ServiceConfig, routes: Vec<Route>) {
    let mut by_path: BTreeMap<usize, (&'static str, Site, Vec<Route>)> = BTreeMap::new();
    for (at, route) in routes.into_iter().enumerate() {
        match by_path.values_mut().find(|(path, ..)| *path == route.path) {
            Some((_, of, same)) => {
                assert!(*of == route.site, "{} is on two sites", route.path);
                same.push(route);
            }
            None => drop(by_path.insert(at, (route.path, route.site, vec![route]))),
        }
    }
    for (path, of, routes) in by_path.into_values() {
        let resource = resource(path, &routes);
        match of {
            Site::Page => config.service(resource.wrap(from_fn(site::gate::guard))),
            Site::Api => config.service(resource.wrap(from_fn(site::limits::limit_api)).wrap(site::cors())),
            Site::Plain => config.service(resource),
        };
    }
    config.default_service(web::to(site::errors::nothing_here));
}

fn resource(path: &str, routes: &[Route]) -> Resource {
    let mut allowed: Vec<&str> = Vec::new();
    let mut resource = web::resource(path);
    for route in routes {
        let guarded = match route.method {
            Method::GET => {
                allowed.extend(["GET", "HEAD"]);
                web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
            }
            ref method => {
                allowed.push(method.as_str());
                web::method(method.clone())
            }
        };
        let mounted = (route.mount)(guarded);
        // Only pages know who asks; whatever else there is, is for everyone.
        assert!(route.site == Site::Page || route.who == Who::Anyone, "{} reads no cookie, so it knows nobody", route.path);
        resource = resource.route(if route.site == Site::Page { door::before(mounted, route.rule()) } else { mounted });
    }
    let allow = allowed.join(", ");
    resource.default_service(web::to(move || {
        let allow = allow.clone();
        async move {
            let failure = Failure::Refused(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
            let mut response = HttpResponse::from_error(failure);
            if let Ok(value) = header::HeaderValue::from_str(&allow) {
                response.headers_mut().insert(header::ALLOW, value);
            }
            response
        }
    }))
}

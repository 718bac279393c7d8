//! What every part shares, and the route table.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route as Mounted, guard,
    http::{Method, StatusCode, header},
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};

use crate::{
    clock::Clock,
    config::{Config, WebConfig},
    db::Db,
    error::Failure,
    health,
    mail::{self, Transport},
    matching::{self, understand::Reader, unmet::Unmet},
    metrics::Watched,
    search,
    search::engine::Engine,
    settings_files::SettingsFiles,
    vault::{self, Vault},
    venues, vocabulary,
    vocabulary::Vocabulary,
    web as site,
    web::{
        assets,
        page::{Frame, HTML, Page, Templates},
        plain,
    },
    work::Work,
};

/// What every part shares.
pub struct App {
    /// The database.
    pub db: Db,
    /// Seals and opens what is about a person.
    pub vault: Vault,
    /// How letters go out.
    pub mail: Transport,
    /// The search engine.
    pub search: Engine,
    /// The words of the work.
    pub vocabulary: Arc<Vocabulary>,
    /// Understands wishes.
    pub reader: Arc<Reader>,
    /// What stays of wishes, until it is written down.
    pub unmet: Unmet,
    /// The pages' templates.
    pub templates: Templates,
    /// The only source of time.
    pub clock: Clock,
    /// Settings of the service.
    pub config: Config,
    /// Settings of the web server.
    pub web: WebConfig,
    /// Whether the catalogue is made up, which every page says.
    demo: AtomicBool,
}

/// The service can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings files have mistakes; each is named.
    #[error("the settings files have mistakes:\n{}", .0.join("\n"))]
    Settings(Vec<String>),
    /// The database can't be used.
    #[error(transparent)]
    Database(#[from] crate::db::OpenError),
    /// The keys can't be used.
    #[error(transparent)]
    Vault(#[from] vault::OpenError),
    /// The settings of mail contradict each other.
    #[error("mail can't be sent: {0}")]
    Mail(&'static str),
    /// The search index can't be opened.
    #[error("the search index can't be opened: {0}")]
    Search(#[from] search::engine::OpenError),
    /// The database doesn't answer.
    #[error(transparent)]
    Asked(#[from] Failure),
    /// A template has a mistake.
    #[error("the pages can't be made: {0}")]
    Templates(String),
    /// A folder can't be made.
    #[error("{0} can't be used: {1}")]
    Folder(String, std::io::Error),
}

/// Who may reach a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everyone, without signing in.
    Anyone,
}

/// What class of data a route shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The published catalogue and our own words.
    Public,
    /// Letters that were posted: only in the demo, where everyone is made up.
    Letters,
    /// How this process is, without anything about anyone.
    Operations,
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
    /// What class of data it shows.
    pub shows: Shows,
    /// How it is asked and how its errors look.
    pub site: Site,
    mount: Box<dyn Fn(Mounted) -> Mounted>,
}

/// A line of the table that answers GET and HEAD.
pub fn get<F, Args>(path: &'static str, site: Site, shows: Shows, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Route { method: Method::GET, path, who: Who::Anyone, shows, site, mount: Box::new(move |route| route.to(handler.clone())) }
}

/// A line of the table that answers POST.
pub fn post<F, Args>(path: &'static str, site: Site, shows: Shows, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Route { method: Method::POST, ..get(path, site, shows, handler) }
}

/// Every route there is. Routes are mounted only from here.
pub fn routes() -> Vec<Route> {
    use Shows::{Letters, Operations, Public};
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
        get("/demo/post", Page, Letters, mail::pages::list),
        get("/demo/post/{id}", Page, Letters, mail::pages::letter),
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
        resource = resource.route((route.mount)(guarded));
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

impl App {
    /// Opens everything. The folder is made, the database is brought up to date, the settings files are checked.
    pub fn open(config: Config, web: WebConfig, clock: Clock) -> Result<Data<Self>, StartError> {
        let folder = &config.data_dir;
        std::fs::create_dir_all(folder).map_err(|cause| StartError::Folder(folder.display().to_string(), cause))?;
        let files = SettingsFiles::new(config.search_config.clone());
        let vocabulary = Arc::new(vocabulary(&files)?);
        let reader = Arc::new(reader(&files, vocabulary.clone())?);
        let db = Db::open(&config.database(), config.db_pool)?;
        let vault = Vault::open(&config, &db, clock)?;
        let mail = mail_transport(&config)?;
        let search = Engine::open(&config.index_folder(), vocabulary.clone(), &files, clock, config.meili().as_ref())?;
        let templates = Templates::load().map_err(|cause| StartError::Templates(format!("{cause:?}")))?;
        let app = Self {
            db,
            vault,
            mail,
            search,
            vocabulary,
            reader,
            unmet: Unmet::default(),
            templates,
            clock,
            config,
            web,
            demo: AtomicBool::new(false),
        };
        app.refresh_demo()?;
        Ok(Data::new(app))
    }

    /// What background work in this process uses.
    pub fn work(&self) -> Work {
        let (db, vocabulary, config) = (self.db.clone(), self.vocabulary.clone(), self.config.clone());
        let (vault, mail, server) = (self.vault.clone(), self.mail.clone(), self.search.fed_server().cloned());
        Work { db, vault, mail, vocabulary, server, clock: self.clock, config, settings: self.web.work.clone() }
    }

    /// What the figures of this process are read from.
    pub fn watched(&self) -> Watched {
        Watched::new(self.db.clone(), self.clock, Some(self.search.clone()))
    }

    /// Whether the catalogue is made up.
    pub fn demo(&self) -> bool {
        self.demo.load(Ordering::Relaxed)
    }

    /// Asks the database again whether the catalogue is made up.
    pub fn refresh_demo(&self) -> Result<(), Failure> {
        let demo = self.db.read_now(crate::demo::is_demo)?;
        self.demo.store(demo, Ordering::Relaxed);
        Ok(())
    }
}

impl App {
    /// A page as HTML, with what stands around every page.
    pub fn html<P: Page>(&self, request: &HttpRequest, page: &P) -> Result<String, Failure> {
        let frame = Frame { path: request.path().to_owned(), demo: self.demo() };
        self.templates.render(&frame, page)
    }

    /// The answer that shows a page.
    pub fn page<P: Page>(&self, request: &HttpRequest, page: &P) -> Result<HttpResponse, Failure> {
        let html = self.html(request, page)?;
        // A page may hold someone's words or postcode, so no cache between may give it to another.
        Ok(HttpResponse::Ok().content_type(HTML).insert_header((header::CACHE_CONTROL, "private, no-cache")).body(html))
    }
}

/// How letters go out, with their templates looked at, so that none fails for a slip in one.
pub fn mail_transport(config: &Config) -> Result<Transport, StartError> {
    mail::check_templates().map_err(|cause| StartError::Templates(cause.to_string()))?;
    Transport::new(config).map_err(StartError::Mail)
}

/// What understands wishes, or every mistake in its settings.
pub fn reader(files: &SettingsFiles, vocabulary: Arc<Vocabulary>) -> Result<Reader, StartError> {
    Reader::load(files, vocabulary).map_err(|mistakes| StartError::Settings(mistakes.iter().map(ToString::to_string).collect()))
}

/// The vocabulary, or every mistake in it.
pub fn vocabulary(files: &SettingsFiles) -> Result<Vocabulary, StartError> {
    Vocabulary::load(files).map_err(|mistakes| StartError::Settings(mistakes.iter().map(ToString::to_string).collect()))
}

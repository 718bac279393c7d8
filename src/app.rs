//! What every part shares.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use webauthn_rs::Webauthn;

use crate::{
    accounts::{Principal, passkey},
    clock::Clock,
    config::{Config, WebConfig},
    db::{Conn, Db},
    error::{Failure, Problem},
    mail::{self, Transport},
    matching::{alone::Matcher, understand::Reader, unmet::Unmet},
    metrics::Watched,
    referrals::Clinical,
    search,
    search::engine::Engine,
    settings_files::SettingsFiles,
    vault::{self, Vault},
    vocabulary::Vocabulary,
    web::{
        page::{Frame, HTML, Page, Templates},
        see_other,
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
    /// Makes and checks passkeys; none where the service's address has no name.
    pub passkeys: Option<Arc<Webauthn>>,
    /// The search engine.
    pub search: Engine,
    /// The words of the work.
    pub vocabulary: Arc<Vocabulary>,
    /// Understands wishes.
    pub reader: Arc<Reader>,
    /// Words from clinics, which pages ask about gently.
    pub clinical: Clinical,
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

impl App {
    /// Opens everything. The folder is made, the database is brought up to date, the settings files are checked.
    pub fn open(config: Config, web: WebConfig, clock: Clock) -> Result<Data<Self>, StartError> {
        let folder = &config.data_dir;
        std::fs::create_dir_all(folder).map_err(|cause| StartError::Folder(folder.display().to_string(), cause))?;
        let files = SettingsFiles::new(config.search_config.clone());
        let vocabulary = Arc::new(vocabulary(&files)?);
        let reader = Arc::new(reader(&files, vocabulary.clone())?);
        let clinical = Clinical::load(&files).map_err(|mistake| StartError::Settings(vec![mistake.to_string()]))?;
        let db = Db::open(&config.database(), config.db_pool)?;
        let vault = Vault::open(&config, &db, clock)?;
        let mail = mail_transport(&config)?;
        let search = Engine::open(&config.index_folder(), vocabulary.clone(), &files, clock, config.meili().as_ref())?;
        let templates = Templates::load().map_err(|cause| StartError::Templates(format!("{cause:?}")))?;
        let app = Self {
            db,
            vault,
            mail,
            passkeys: passkey::for_service(&web.public_url()).map(Arc::new),
            search,
            vocabulary,
            reader,
            clinical,
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
        let (settings, public_url) = (self.web.work.clone(), self.web.public_url());
        let matcher = Matcher::new(self.reader.clone(), self.search.settings());
        Work { db, vault, mail, vocabulary, matcher, server, clock: self.clock, config, settings, public_url }
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
        let home = request.extensions().get::<Principal>().map(Principal::home);
        let frame = Frame { path: request.path().to_owned(), demo: self.demo(), home };
        self.templates.render(&frame, page)
    }

    /// The answer that shows a page; 422 where something on it is to be put right.
    pub fn page<P: Page>(&self, request: &HttpRequest, page: &P) -> Result<HttpResponse, Failure> {
        let html = self.html(request, page)?;
        let status = if page.is_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        // A page may hold someone's words or postcode, so no cache between may give it to another. What someone sees who is signed in
        // the browser doesn't keep either, so that "back" shows it to nobody once they have signed out.
        let signed_in = request.extensions().get::<Principal>().is_some();
        let kept = if signed_in || page.is_secret() { "no-store" } else { "private, no-cache" };
        let mut answer = HttpResponse::build(status);
        Ok(answer.content_type(HTML).insert_header((header::CACHE_CONTROL, kept)).body(html))
    }

    /// Writes what a form brought, in one transaction, and leads on to where `write` says. Where it can't be used, by itself or as
    /// things stand, nothing is changed, and `again` shows the form once more with what is wrong.
    pub async fn write_or_ask_again<T: Send + 'static>(
        &self,
        parsed: Result<T, Vec<Problem>>,
        write: impl FnOnce(&mut Conn, T) -> Result<String, Failure> + Send + 'static,
        again: impl AsyncFnOnce(Vec<Problem>) -> Result<HttpResponse, Failure>,
    ) -> Result<HttpResponse, Failure> {
        let written = match parsed {
            Ok(parsed) => self.db.write(move |c| write(c, parsed)).await,
            Err(problems) => Err(Failure::Invalid(problems)),
        };
        match written {
            Ok(to) => Ok(see_other(&to)),
            Err(Failure::Invalid(problems)) => again(problems).await,
            Err(failure) => Err(failure),
        }
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

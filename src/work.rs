//! Background work that needs no web page: jobs, and feeding Meilisearch. Any number of processes may do it on one database.

use std::{io, sync::Arc, time::Duration};

use actix_web::web::Data;
use url::Url;

use crate::{
    app::{self, StartError},
    background::{Background, Stopped},
    clock::Clock,
    config::{Config, WorkConfig},
    db::{Db, blocking},
    feed::feed,
    jobs::{self, Lane, Means, Runner},
    mail::Transport,
    matching::alone::Matcher,
    metrics::{self, Watched},
    search::{engine, meili::Meili},
    settings_files::SettingsFiles,
    signals::Signals,
    vault::{Vault, ledger},
    vocabulary::Vocabulary,
};

/// How often due jobs are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What background work may use. There is no search index in it: two processes can't share one.
#[derive(Clone)]
pub struct Work {
    /// The database.
    pub db: Db,
    /// Seals and opens what is about a person.
    pub vault: Vault,
    /// How letters go out.
    pub mail: Transport,
    /// The words of the work.
    pub vocabulary: Arc<Vocabulary>,
    /// Reads wishes and places.
    pub matcher: Matcher,
    /// The server that is fed, where one is named.
    pub server: Option<Arc<Meili>>,
    /// The only source of time.
    pub clock: Clock,
    /// Settings of the service.
    pub config: Config,
    /// Settings of background work.
    pub settings: WorkConfig,
    /// How people reach the service, for links in letters.
    pub public_url: Url,
}

impl Work {
    /// Opens what background work needs. The database is brought up to date, the settings files are checked.
    pub fn open(config: Config, settings: WorkConfig, clock: Clock) -> Result<Self, StartError> {
        let files = SettingsFiles::new(config.search_config.clone());
        let vocabulary = Arc::new(app::vocabulary(&files)?);
        let settings_of_search = engine::settings(&files)?;
        let matcher = Matcher::new(Arc::new(app::reader(&files, vocabulary.clone())?), &settings_of_search);
        let server = engine::server(config.meili().as_ref(), &vocabulary, settings_of_search, clock)?;
        if config.database_url.is_none() {
            let folder = &config.data_dir;
            std::fs::create_dir_all(folder).map_err(|cause| StartError::Folder(folder.display().to_string(), cause))?;
        }
        let db = Db::open(&config.database(), config.db_pool)?;
        let vault = Vault::open(&config, &db, clock)?;
        let mail = app::mail_transport(&config)?;
        let public_url = settings.public_url();
        Ok(Self { db, vault, mail, vocabulary, matcher, server, clock, config, settings, public_url })
    }

    /// Starts the work.
    pub fn start(self, background: &mut Background) {
        if let Some(server) = &self.server {
            let (server, db) = (server.clone(), self.db.clone());
            background.run(|stopped| feed(server, db, stopped));
        }
        background.run(|stopped| tidy_and_run(self.clone(), stopped));
        // Beside the others, so that a mail server that hangs holds up nothing but mail.
        background.run(|stopped| run_jobs(self.runner(Lane::Outside), stopped));
    }

    fn runner(&self, lane: Lane) -> Runner {
        Runner::new(self.means(), lane, self.settings.job_lease())
    }

    /// What jobs may use.
    pub fn means(&self) -> Means {
        let (db, vault, mail) = (self.db.clone(), self.vault.clone(), self.mail.clone());
        let (matcher, public_url) = (self.matcher.clone(), self.public_url.clone());
        Means { db, clock: self.clock, vault, mail, matcher, public_url, keep: self.config.keep }
    }

    /// Works until the first stop signal, then finishes the job that runs; a second signal ends the process at once.
    pub async fn until_stopped(self, signals: Signals) -> io::Result<()> {
        let mut background = Background::default();
        let watched = Watched::new(self.db.clone(), self.clock, None);
        let serving = self.settings.metrics_bind.map(|bind| metrics::serve(bind, Data::default(), watched)).transpose()?;
        let (vault, db) = (self.vault.clone(), self.db.clone());
        background.run(|stopped| ledger::keep(vault, db, stopped));
        self.start(&mut background);
        signals.first().await;
        tracing::info!("stopping: the running job finishes, a second signal ends at once");
        background.stop().await;
        match serving {
            Some(serving) => serving.stop().await,
            None => Ok(()),
        }
    }
}

async fn tidy_and_run(work: Work, stopped: Stopped) {
    let clock = work.clock;
    if let Err(cause) = work.db.write(move |c| jobs::ask_for_the_usual(c, clock.stamp())).await {
        tracing::error!(cause = %cause, "what is done every day and every hour can't be asked for");
    }
    run_jobs(work.runner(Lane::Inside), stopped).await;
}

async fn run_jobs(runner: Runner, mut stopped: Stopped) {
    loop {
        let runner = runner.clone();
        let outcome = blocking(move || runner.run_one()).await;
        if let Err(cause) = &outcome {
            tracing::error!(cause = %cause, "jobs can't be run; trying again");
        }
        let pause = if matches!(outcome, Ok(true)) { Duration::ZERO } else { LOOK_EVERY };
        if !stopped.pause(pause).await {
            return;
        }
    }
}

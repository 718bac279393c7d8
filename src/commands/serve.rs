//! Serving, background work and the demo.

use footbridge::{
    accounts::start,
    app::App,
    clock::Clock,
    config::{Config, WebConfig, WorkConfig, local_url},
    demo, desks, server,
    settings_files::SettingsFiles,
    signals::Signals,
    vault::Vault,
    work::Work,
};

use super::{Outcome, open_db};

/// Serves until it is told to stop.
pub fn serve(config: Config, web: WebConfig, demo: bool) -> Outcome {
    if demo {
        load_demo(&config)?;
    }
    runtime()?.block_on(async {
        let signals = Signals::listen()?;
        let app = App::open(config, web, Clock::System)?;
        let running = server::start(&app)?;
        announce(&app, &running)?;
        running.until_stopped(signals).await?;
        Ok(())
    })
}

/// Does background work until it is told to stop.
pub fn work(config: Config, settings: WorkConfig) -> Outcome {
    runtime()?.block_on(async {
        let signals = Signals::listen()?;
        let work = Work::open(config, settings, Clock::System)?;
        eprintln!("Footbridge is at work");
        work.until_stopped(signals).await?;
        Ok(())
    })
}

/// What actix needs to run in; each of its workers has a thread of its own.
fn runtime() -> Result<actix_web::rt::SystemRunner, Box<dyn std::error::Error>> {
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(actix_web::rt::System::with_tokio_rt(move || tokio))
}

fn announce(app: &App, running: &server::Running) -> Outcome {
    let address = match &app.web.work.public_url {
        Some(url) => url.clone(),
        None => local_url(running.address.port()),
    };
    let shown = address.as_str().trim_end_matches('/');
    if app.db.read_now(footbridge::venues::store::count)? == 0 {
        eprintln!(
            "The catalogue is empty. Fill it with:\n    footbridge import venues FILE...\nor try the made-up one:\n    footbridge demo"
        );
    }
    if app.demo() {
        announce_demo(app, shown)?;
    }
    eprintln!("Footbridge is at {shown}");
    Ok(())
}

/// Ways in for trying the demo, one for each role; each works once.
fn announce_demo(app: &App, shown: &str) -> Outcome {
    let now = app.clock.stamp();
    let links = app.db.write_now(|c| start::demo_links(c, &app.vault, now))?;
    eprintln!("To look at the demo as someone, open one of these. Each works once, until this time tomorrow:");
    for (role, name, link) in links {
        eprintln!("    {:<26} {shown}/sign-in/link/{}", format!("{role} ({name})"), link.show());
    }
    Ok(())
}

/// Loads the made-up catalogue, its staff and its people, where they aren't there.
pub fn load_demo(config: &Config) -> Outcome {
    let db = open_db(config)?;
    demo::load(&db, &SettingsFiles::new(config.search_config.clone()), Clock::System)?;
    let vault = Vault::open(config, &db, Clock::System)?;
    db.write_now(|c| {
        start::demo(c, &vault, Clock::System.stamp())?;
        desks::demo::people(c, &vault, Clock::System.stamp())
    })?;
    Ok(())
}

//! `footbridge check`: one line for each thing, and nothing is changed by looking.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use diesel::connection::SimpleConnection;
use footbridge::db::Db;
use tempfile::TempDir;

use crate::{
    harness::{Engine, database},
    process::Process,
    rolling::{free_port, once},
    work::{ENGINES, wait_until},
};

/// What was said: each thing's line, and whether it all was right.
pub struct Checked {
    lines: BTreeMap<String, (bool, String)>,
    pub right: bool,
    pub all: String,
}

pub fn check(url: Option<&str>, folder: &Path, variables: &[(&str, &str)]) -> Checked {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footbridge"));
    command
        .arg("check")
        .env_remove("DATABASE_URL")
        .env_remove("MEILI_URL")
        .env_remove("KEY_FILE")
        .env_remove("MAIL_URL")
        .env_remove("MAIL_FROM")
        .env("DATA_DIR", folder)
        .envs(variables.iter().copied());
    let run = command.envs(url.map(|url| ("DATABASE_URL", url))).output().expect("the program runs");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    let line = |line: &str| {
        let (state, rest) = line.split_at(7);
        let (what, words) = rest.split_once(": ")?;
        matches!(state.trim(), "ok" | "wrong").then(|| (what.to_owned(), (state.trim() == "ok", words.to_owned())))
    };
    let all = format!("{said}{}", String::from_utf8_lossy(&run.stderr));
    Checked { lines: said.lines().filter_map(line).collect(), right: run.status.code() == Some(0), all }
}

impl Checked {
    /// The names of what is wrong.
    pub fn wrong(&self) -> Vec<&str> {
        self.lines.iter().filter(|(_, (right, _))| !right).map(|(what, _)| what.as_str()).collect()
    }

    pub fn says(&self, what: &str) -> &str {
        &self.lines[what].1
    }
}

/// Every file below a folder, with a number that stands for what is in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let below = |path: PathBuf| match path.is_dir() {
        true => files(&path).into_iter().collect(),
        false => {
            let mut hasher = DefaultHasher::new();
            std::fs::read(&path).expect("a file").hash(&mut hasher);
            vec![(path, hasher.finish())]
        }
    };
    entries.flat_map(below).collect()
}

fn with_demo(engine: Engine, folder: &Path) -> Option<String> {
    let url = database(engine, folder)?;
    for command in ["demo", "reindex"] {
        let mut run = Process::start(&[command], &url, folder, &[]);
        assert!(run.ended(Duration::from_secs(60)).success(), "{command}");
    }
    Some(url)
}

#[test]
fn a_sound_service_is_all_right_and_looking_changes_nothing() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(url) = with_demo(engine, folder.path()) else { continue };
        let before = files(folder.path());
        let checked = check(Some(&url), folder.path(), &[]);
        assert!(checked.right && checked.wrong().is_empty(), "{engine:?}: {}", checked.all);
        assert_eq!(checked.lines.len(), 9, "{}", checked.all);
        assert!(checked.says("database").contains("181 venues"), "{}", checked.all);
        assert!(checked.says("search index").contains("not in use, 179 places, 0 changes behind"), "{}", checked.all);
        assert_eq!(files(folder.path()), before, "{engine:?}");

        let site = free_port();
        let bind = site.to_string();
        let _server = Process::start(&["serve"], &url, folder.path(), &[("BIND", &bind)]);
        wait_until("it is ready", Duration::from_secs(30), || once(site, "/health/ready").is_ok_and(|a| a.status == 200));
        let checked = check(Some(&url), folder.path(), &[]);
        assert!(checked.right && checked.says("search index").contains("in use by a running service"), "{}", checked.all);
    }
}

#[test]
fn an_empty_machine_is_told_what_to_do_and_stays_empty() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let checked = check(None, &data, &[]);
    assert!(!checked.right);
    assert_eq!(checked.wrong(), ["database", "migrations", "search index"], "{}", checked.all);
    assert!(checked.says("database").contains("`footbridge serve`"), "{}", checked.all);
    assert!(!data.exists(), "no folder is made");
    let Some(url) = database(Engine::Postgres, folder.path()) else { return };
    let checked = check(Some(&url), &data, &[]);
    assert_eq!(checked.wrong(), ["migrations", "search index"], "{}", checked.all);
    let all = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).expect("a folder").count();
    let pending = format!("{all} pending");
    assert!(checked.says("migrations").starts_with(&pending), "{}", checked.all);
    let again = check(Some(&url), &data, &[]);
    assert!(again.says("migrations").starts_with(&pending) && !data.exists(), "no migration is run: {}", again.all);
}

#[test]
fn a_database_that_is_away_is_named_without_its_password() {
    let folder = TempDir::new().expect("a folder");
    for url in ["postgres://footbridge:opensesame@127.0.0.1:1/none", "postgres://footbridge:opensesame@[::1/none"] {
        let checked = check(Some(url), folder.path(), &[]);
        assert!(!checked.right && checked.wrong().contains(&"database"), "{}", checked.all);
        assert!(checked.says("database").contains("DATABASE_URL"), "{}", checked.all);
        assert!(!checked.all.contains("opensesame"), "{}", checked.all);
    }
}

#[test]
fn a_database_that_cannot_be_written_is_wrong() {
    let folder = TempDir::new().expect("a folder");
    let Some(url) = with_demo(Engine::Postgres, folder.path()) else { return };
    let name = url.rsplit('/').next().expect("a name");
    let db = Db::open(&url, 1).expect("the database opens");
    let only_read = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    db.write_now(|c| Ok(c.batch_execute(&only_read)?)).expect("it can be set");
    let checked = check(Some(&url), folder.path(), &[]);
    assert!(checked.wrong().contains(&"database") && checked.says("database").contains("can't be written"), "{}", checked.all);
}

#[test]
fn a_damaged_index_is_wrong() {
    let folder = TempDir::new().expect("a folder");
    let url = with_demo(Engine::Sqlite, folder.path()).expect("a database");
    let index = files(&folder.path().join("index"));
    let path = index.into_keys().find(|path| path.extension().is_some_and(|ending| ending == "store")).expect("a file");
    let mut bytes = std::fs::read(&path).expect("a file");
    bytes[10] ^= 0xff;
    std::fs::write(path, bytes).expect("it is damaged");
    let checked = check(Some(&url), folder.path(), &[]);
    assert_eq!(checked.wrong(), ["search index"], "{}", checked.all);
    assert!(checked.says("search index").contains("damaged"), "{}", checked.all);
}

#[test]
fn a_key_file_that_is_away_or_anothers_is_wrong() {
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let Some(url) = with_demo(engine, folder.path()) else { continue };
        let site = free_port().to_string();
        let mut server = Process::start(&["serve"], &url, folder.path(), &[("BIND", &site)]);
        server.heard("Footbridge is at");
        server.kill();
        let checked = check(Some(&url), folder.path(), &[]);
        assert!(checked.says("key file").contains("belongs to this database"), "{}", checked.all);
        let (file, away) = (folder.path().join("footbridge.keys"), folder.path().join("away"));
        std::fs::rename(&file, &away).expect("it goes");
        let checked = check(Some(&url), folder.path(), &[]);
        assert!(checked.wrong() == ["key file"] && checked.says("key file").contains("isn't there"), "{}", checked.all);
        let mut refused = Process::start(&["serve"], &url, folder.path(), &[("BIND", &site)]);
        assert!(!refused.ended(Duration::from_secs(20)).success());
        assert!(refused.said().join("\n").contains("put its copy back, or say in KEY_FILE where it is"), "{:?}", refused.said());
        assert!(!file.exists(), "no other takes its place");
        let text = std::fs::read_to_string(&away).expect("a file");
        std::fs::write(&away, text.replace("marks ", "marks A")).expect("a file");
        let anothers = [("KEY_FILE", away.to_str().expect("a path"))];
        let checked = check(Some(&url), folder.path(), &anothers);
        assert!(checked.wrong() == ["key file"] && checked.says("key file").contains("damaged"), "{}", checked.all);
    }
}

#[test]
fn settings_that_do_not_fit_are_wrong() {
    let folder = TempDir::new().expect("a folder");
    let url = with_demo(Engine::Sqlite, folder.path()).expect("a database");
    for (variables, what, named) in [
        (vec![("TRUSTED_PROXY", "0.0.0.0/0")], "configuration", "TRUSTED_PROXY"),
        (vec![("PUBLIC_URL", "https://footbridge.example")], "configuration", "TRUSTED_PROXY"),
        (vec![("BIND", "0.0.0.0:8080")], "configuration", "PUBLIC_URL"),
        (vec![("SEARCH_CONFIG", "/nowhere")], "settings files", "mistakes"),
    ] {
        let checked = check(Some(&url), folder.path(), &variables);
        assert!(!checked.right && checked.wrong().contains(&what), "{}", checked.all);
        assert!(checked.says(what).contains(named), "{}", checked.all);
    }
    let proxied = [("PUBLIC_URL", "https://footbridge.example"), ("TRUSTED_PROXY", "127.0.0.1")];
    assert!(check(Some(&url), folder.path(), &proxied).right);
}

//! Nothing about a person can be read in any file: not in the database, its log, the index, or a backup.

use std::path::{Path, PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};
use footbridge::{
    audit::{self, Action, Actor, Entry},
    db::{self, Conn},
    mail::{self, NoteReceived},
    schema::subject_keys,
    values::SubjectId,
    vault::{Place, Private},
};
use regex::bytes::Regex;
use uuid::Uuid;

use crate::{
    harness::{Engine, Site, clock, run as run_site},
    on_both_databases,
    process::run,
};

/// What is planted: a name, an address, a note.
pub const PLANTED: [&str; 4] =
    ["Wilhelmina Quackenbush", "quackenbush@zanzibar.example", "47 Periwinkle Crescent", "afraid of marmalade"];
/// What only the reader of a letter may know.
const LINK: &str = "https://footbridge.example/note/zq7vplantedtoken";
/// What isn't secret, so that a search that finds nothing is known to look in the right places.
const CONTROL: &str = "a word that anyone may read 5309";

/// Every way in which words may stand in a file.
fn spellings(words: &str) -> Vec<Vec<u8>> {
    let plain = [words.to_owned(), words.to_lowercase(), words.to_uppercase()];
    let wide = |text: &String| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    // Of base64, what doesn't depend on what stands before and after.
    let encoded = |shift: usize| {
        let text = BASE64_STANDARD_NO_PAD.encode([vec![0; shift], words.as_bytes().to_vec()].concat());
        text.as_bytes()[(shift * 4).div_ceil(3)..text.len() - 2].to_vec()
    };
    let hex = words.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
    let all = plain.iter().map(|text| text.clone().into_bytes()).chain(plain.iter().map(wide));
    all.chain((0..3).map(encoded)).chain([hex]).collect()
}

/// The files below a folder in which some of these words can be read.
pub fn files_with(folder: &Path, words: &[&str]) -> Vec<(PathBuf, String)> {
    let sought: Vec<(&str, Regex)> = words.iter().map(|words| (*words, any_spelling(words))).collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let said = sought.iter().filter(|(_, spelling)| spelling.is_match(&bytes));
                found.extend(said.map(|(words, _)| (path.clone(), (*words).to_owned())));
            }
        }
    }
    found
}

fn any_spelling(words: &str) -> Regex {
    let literal = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let all: Vec<String> = spellings(words).into_iter().map(literal).collect();
    Regex::new(&format!("(?-u:{})", all.join("|"))).expect("a pattern")
}

#[derive(QueryableByName)]
struct Folder {
    #[diesel(sql_type = Text)]
    data_directory: String,
}

/// Where the server of a test keeps this database's files, and everyone's log. None on SQLite.
fn server_folders(site: &Site) -> Vec<PathBuf> {
    let ask = "SELECT current_setting('data_directory') || '/base/' || oid AS data_directory FROM pg_database
        WHERE datname = current_database()";
    let found = site.app.db.read_now(|c| match c {
        Conn::Sqlite(_) => Ok(None),
        Conn::Postgres(c) => {
            c.batch_execute("CHECKPOINT")?;
            Ok(Some(sql_query(ask).get_result::<Folder>(c)?.data_directory))
        }
    });
    let Some(base) = found.expect("an answer") else { return Vec::new() };
    let base = PathBuf::from(base);
    let log = base.ancestors().nth(2).expect("a folder").join("pg_wal");
    vec![base, log]
}

fn everywhere(site: &Site, words: &[&str]) -> Vec<(PathBuf, String)> {
    let folders = [vec![site.folder.path().to_owned()], server_folders(site)].concat();
    folders.iter().flat_map(|folder| files_with(folder, words)).collect()
}

/// What must be found, so that finding nothing else means something. PostgreSQL's log is everyone's and begins anew at each checkpoint
/// of a test beside this one, so it is written into and looked through until it is found.
fn seen_for_sure(site: &Site) -> Vec<(PathBuf, String)> {
    let mut seen = Vec::new();
    for time in 0..10 {
        let folders = [vec![site.folder.path().to_owned()], server_folders(site)].concat();
        let again = format!("{CONTROL} {time}");
        site.app.db.write_now(|c| db::set_setting(c, "control", &again)).expect("it is written");
        std::thread::sleep(std::time::Duration::from_millis(700));
        seen = folders.iter().flat_map(|folder| files_with(folder, &[CONTROL, "Tin Drum"])).collect();
        if seen.iter().any(|(path, words)| path.to_string_lossy().contains("wal") && words == CONTROL) {
            break;
        }
    }
    seen
}

/// Seals the planted words for someone, each in a row of its own.
fn plant(site: &Site) -> SubjectId {
    let subject = SubjectId(Uuid::new_v4());
    let vault = &site.app.vault;
    let planted = site.app.db.write_now(|c| {
        c.batch_execute("CREATE TABLE planted (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL, mark TEXT NOT NULL)")?;
        let key = vault.new_key(c, subject, clock().stamp())?;
        for (row, words) in PLANTED.iter().enumerate() {
            let sealed = key.seal(&Place::new("planted", "text", row), words);
            let mark = vault.mark("planted", words);
            c.batch_execute(&format!("INSERT INTO planted VALUES ('{row}', '{}', '{mark}')", sealed.as_str()))?;
        }
        let entry = Entry { actor: Actor::Person(subject), action: Action::RecordRead, subject: Some(subject), about: None };
        db::set_setting(c, "control", CONTROL)?;
        audit::record(c, &entry, clock().stamp())
    });
    planted.expect("it is planted");
    subject
}

async fn nothing_about_a_person_can_be_read_in_any_file(site: &mut Site) {
    site.load_demo();
    let subject = plant(site);
    let vault = &site.app.vault;
    let letter = NoteReceived { link: Some(LINK.to_owned()) };
    let posted = site.app.db.write_now(|c| mail::post(c, vault, subject, &Private::new(PLANTED[1]), &letter, clock().stamp()));
    posted.expect("it is posted");
    let (file, key) = (site.folder.path().join("backup"), site.folder.path().join("backup-key"));
    let (_, recipient) = run(&["backup-key", key.to_str().expect("a path")], &site.database, site.folder.path(), &[]);
    let variables = [("BACKUP_RECIPIENT", recipient.trim())];
    let (ok, said) = run(&["backup", file.to_str().expect("a path")], &site.database, site.folder.path(), &variables);
    assert!(ok, "{said}");
    assert_eq!(everywhere(site, &PLANTED), []);
    assert_eq!(everywhere(site, &[LINK]), [], "nor what is in a letter");
    let seen = seen_for_sure(site);
    for (part, words) in [("index", "Tin Drum"), ("wal", CONTROL)] {
        assert!(seen.iter().any(|(path, said)| path.to_string_lossy().contains(part) && said == words), "{part}: {seen:?}");
    }
    assert!(seen.iter().all(|(path, _)| *path != file), "a backup shows nothing at all");
}

/// On PostgreSQL, what was deleted stays in files until it is written over; a rotation makes it worthless there.
#[actix_web::test]
async fn a_destroyed_key_is_in_no_file_of_sqlite_any_more() {
    run_site(Engine::Sqlite, async |site| {
        let subject = plant(site);
        let wrapped = subject_keys::table.find(subject.to_string()).select(subject_keys::wrapped);
        let wrapped: String = site.app.db.read_now(|c| Ok(wrapped.first(c)?)).expect("a key");
        assert!(!everywhere(site, &[&wrapped]).is_empty(), "it was there");
        let (db, vault) = (&site.app.db, &site.app.vault);
        db.write_now(|c| vault.erase(c, subject, clock().stamp())).expect("it is erased");
        vault.note_erasures(db).expect("it is noted");
        assert_eq!(everywhere(site, &[&wrapped]), []);
    })
    .await;
}

on_both_databases!(nothing_about_a_person_can_be_read_in_any_file);

//! Nothing of a note stands where it shouldn't.

use super::{NURSE, with};
use crate::{harness::Visit, process::Process, strings::files_with};

/// The words of a note, none of which may stand in a log, an address or a file.
const SECRET: [&str; 5] = ["Wilhelmina", "Periwinkle Crescent", "afraid of marmalade", "quackenbush", "zither"];

#[actix_web::test]
async fn nothing_of_a_note_stands_in_a_log_or_in_a_file() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("footbridge.db").display());
    let words = ["serve", "--bind", "127.0.0.1:0"];
    let mut process = Process::start(&words, &database, folder.path(), &[("LOG", "trace"), ("MAIL_URL", "memory:")]);
    let line = process.heard("Footbridge is at ");
    let base = line.split("Footbridge is at ").nth(1).expect("an address").trim().trim_end_matches('/').to_owned();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
    let mut cookie = String::new();
    for (path, form) in [
        ("/refer/myself", vec![("words", "I am afraid of marmalade and play the zither")]),
        ("/refer/myself/name", vec![("name", "Wilhelmina")]),
        ("/refer/myself/contact", vec![("reach", "post"), ("reach_at", "47 Periwinkle Crescent")]),
        ("/refer/myself/care", vec![("never_say", "quackenbush")]),
        ("/refer/myself/check", vec![("agree", "yes")]),
        (
            "/refer/someone",
            with(&NURSE, &[("name", "Wilhelmina"), ("words", "the zither"), ("your_email", "quackenbush@example.org")]),
        ),
        ("/refer/friend", vec![("name", "Wilhelmina"), ("words", "afraid of marmalade")]),
    ] {
        let request = client.post(format!("{base}{path}")).header("sec-fetch-site", "same-origin").header("cookie", &cookie);
        let visit = Visit::read(request.form(&form)).await;
        assert!([303, 422].contains(&visit.status), "{path}: {visit:?}");
        if let Some(given) = visit.headers.get("set-cookie").and_then(|cookie| cookie.to_str().ok()) {
            cookie = given.split(';').next().unwrap_or_default().to_owned();
        }
        let to = visit.header("location");
        assert!(SECRET.iter().all(|secret| !to.contains(secret)), "{to}");
    }
    process.signal("TERM");
    process.ended(std::time::Duration::from_secs(20));
    let log = process.said().join("\n");
    assert!(log.contains("/refer/myself/{step}"), "the log is looked at: {log}");
    let told: Vec<_> = SECRET.iter().filter(|secret| log.to_lowercase().contains(&secret.to_lowercase())).collect();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(files_with(folder.path(), &SECRET), []);
}

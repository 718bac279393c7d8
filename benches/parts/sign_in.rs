//! Whether the time of an answer tells which addresses have an account: a link is asked for, for 2,000 that have one and 2,000 that have none.

use std::{
    fs,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    time::Instant,
};

use footbridge::{accounts::Role, clock::Clock};

use crate::{
    figures::{Figures, Wanted},
    http::{self, Connection},
    site::{self, Site},
    team,
};

/// Addresses of each sort.
const EACH: usize = 2_000;
/// Asked beforehand, so that nothing is measured cold.
const WARM: usize = 200;
/// How far from a coin's throw the times may tell the two apart.
const APART: f64 = 0.03;

/// One answer.
struct Asked {
    known: bool,
    seconds: f64,
}

pub fn measure(figures: &mut Figures) {
    let folder = site::folder().join("sign-in");
    let (db, vault) = team::fresh(&folder, None);
    let now = Clock::System.stamp();
    for from in (0..EACH).step_by(100) {
        let made = db.write_now(|c| {
            (from..from + 100)
                .try_for_each(|at| team::account(c, &vault, Role::Client, None, &format!("known-{at}"), now).map(drop))
        });
        made.expect("accounts");
    }
    drop(db);
    let post = folder.join("post");
    fs::create_dir_all(&post).expect("a folder");
    let mail = format!("folder:{}", post.display());
    let site = Site::start(&folder, None, &[("TRUSTED_PROXY", "127.0.0.1"), ("RATE_LIMIT", "1000000"), ("MAIL_URL", &mail)]);
    let asked = ask_all(&site);
    let alike = auc(&asked);
    let label = "asking for a link: how well the time tells known addresses from unknown ones (0.5: not at all)";
    figures.add("sign-in.auc", label, alike, "", Wanted::AtMost(0.5 + APART));
    let off = (alike - 0.5).abs();
    figures.add("sign-in.off", "the same: how far from 0.5", off, "", Wanted::AtMost(APART));
    for (key, known) in [("known", true), ("unknown", false)] {
        let mut millis: Vec<f64> = asked.iter().filter(|one| one.known == known).map(|one| one.seconds * 1000.0).collect();
        millis.sort_unstable_by(f64::total_cmp);
        figures.add(
            format!("sign-in.{key}"),
            format!("asking for a link, {key} address: median"),
            millis[millis.len() / 2],
            "ms",
            Wanted::Told,
        );
    }
}

/// Asks for every address once, both sorts mixed, each from another network. Stops where two answers differ in a byte.
fn ask_all(site: &Site) -> Vec<Asked> {
    let mut all: Vec<(bool, usize)> = [true, false].into_iter().flat_map(|known| (0..EACH).map(move |at| (known, at))).collect();
    // Mixed as if by chance, and the same in every run.
    all.sort_by_cached_key(|one| BuildHasherDefault::<DefaultHasher>::default().hash_one(one));
    let mut connection = Connection::open(site.address).expect("a connection");
    for at in 0..WARM {
        ask(&mut connection, &format!("warm-{at}@bench.example"), 2 * EACH + at);
    }
    let mut first: Option<String> = None;
    all.iter()
        .enumerate()
        .map(|(nth, (known, at))| {
            let name = if *known { "known" } else { "other" };
            let (seconds, head) = ask(&mut connection, &format!("{name}-{at}@bench.example"), nth);
            let expected = first.get_or_insert_with(|| head.clone());
            assert!(*expected == head, "two answers differ:\n{expected}\n{head}");
            Asked { known: *known, seconds }
        })
        .collect()
}

/// How long the answer took, and the answer without what is random in every one of them: the browser's own secret and the day.
fn ask(connection: &mut Connection, email: &str, nth: usize) -> (f64, String) {
    let from = format!("10.{}.{}.1", nth / 256, nth % 256);
    let request = http::form("/sign-in", &from, &[("email", email)]);
    let began = Instant::now();
    let (answer, whole) = connection.whole(&request).expect("an answer");
    let seconds = began.elapsed().as_secs_f64();
    assert!(answer.status == 303, "{email}: {}", answer.status);
    (seconds, without_chance(&whole))
}

fn without_chance(answer: &str) -> String {
    let line = |line: &str| {
        let lower = line.to_ascii_lowercase();
        if lower.starts_with("date:") || lower.starts_with("x-request-id:") {
            return String::new();
        }
        match line.split_once('=') {
            // The secret is as long as ever.
            Some((name, rest)) if lower.starts_with("set-cookie:") => {
                let (secret, rules) = rest.split_once(';').unwrap_or((rest, ""));
                format!("{name}={} characters;{rules}", secret.len())
            }
            _ => line.to_owned(),
        }
    };
    answer.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The chance that a known address took longer than an unknown one; ties count half. 0.5 where time tells nothing.
fn auc(asked: &[Asked]) -> f64 {
    let mut sorted: Vec<&Asked> = asked.iter().collect();
    sorted.sort_unstable_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let (mut unknown_before, mut sum, mut known_all) = (0.0, 0.0, 0.0);
    for same in sorted.chunk_by(|a, b| a.seconds == b.seconds) {
        let known = same.iter().filter(|one| one.known).count() as f64;
        let unknown = same.len() as f64 - known;
        sum += known * (unknown_before + unknown / 2.0);
        unknown_before += unknown;
        known_all += known;
    }
    sum / (known_all * unknown_before)
}

//! An import that is killed again and again, while someone goes on reading the catalogue.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use diesel::prelude::*;
use footbridge::{
    db::{Db, setting},
    schema::{change_log, settings, venues},
    venues::store,
};

use super::Desk;

/// Places in the file.
const VENUES: u32 = 3500;
/// How often it is killed, where `FOOTBRIDGE_KILLS` says nothing else.
const KILLS: u64 = 20;
/// Every so many kills, the next import waits until the lease of the dead one has run out by itself.
const WAITS_EVERY: u64 = 10;

pub fn an_import_that_is_killed_ends_right(desk: &Desk) {
    let kills = std::env::var("FOOTBRIDGE_KILLS").map_or(KILLS, |text| text.parse().expect("FOOTBRIDGE_KILLS is a number"));
    let whole = Desk::beside(desk);
    whole.import(&[edition(&whole, 0)]);
    let (over, reads) = (AtomicBool::new(false), AtomicU64::new(0));
    let (stopped, partly) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_until(desk, &over, &reads));
        let counts = kill_again_and_again(desk, kills);
        over.store(true, Ordering::Relaxed);
        reader.join().expect("the reader never failed");
        counts
    });
    eprintln!("{stopped} of {kills} were stopped, {partly} of them half-way; {} reads meanwhile", reads.load(Ordering::Relaxed));
    assert!(stopped * 4 > kills && partly > 0, "{stopped} of {kills} were stopped, {partly} half-way");
    assert!(reads.load(Ordering::Relaxed) > kills, "someone read all the time");
    desk.import(&[edition(desk, 0)]);
    let plain = |desk: &Desk| -> Vec<_> {
        let all = desk.venues();
        all.into_iter().map(|v| (v.id, v.card, v.facts, v.sources, v.origins)).collect()
    };
    assert_eq!(plain(desk), plain(&whole));
    let logged: Vec<String> =
        desk.db.read_now(|c| Ok(change_log::table.select(change_log::card_id).distinct().load(c)?)).expect("the change log");
    assert_eq!(logged.len(), whole.cards().len(), "every card is told to the index");
}

/// The same places in every edition, in another street.
fn edition(desk: &Desk, edition: u64) -> PathBuf {
    let place = |n: u32| {
        let (twice, lat, lon) = (n % VENUES, 30_000 + (n % VENUES) * 10, (n * 7) % 90);
        format!("gla-cim-2023,{n},Place {twice},Cinemas,Edition {edition} Street,,51.{lat:05},-0.{lon:05}")
    };
    let rows: Vec<String> = (0..VENUES + 500).map(place).collect();
    desk.file("feed.csv", &rows.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Asks what a running service asks, all the time; any failure ends the test.
fn read_until(desk: &Desk, over: &AtomicBool, reads: &AtomicU64) {
    let db = Db::open(&desk.url, 2).expect("a database");
    let mut before = 0;
    while !over.load(Ordering::Relaxed) {
        let (count, leads, cards) = db
            .read_now(|c| {
                let leads = store::leads_after(c, None, 50)?;
                let cards = store::cards(c, &leads)?;
                Ok((store::count(c)?, leads, cards))
            })
            .expect("an answer");
        assert_eq!(leads.len(), cards.len(), "every card that is listed is there");
        assert!(count >= before, "nothing disappears meanwhile");
        before = count;
        reads.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// How many were killed before they were done, and how many of those had written something.
fn kill_again_and_again(desk: &Desk, kills: u64) -> (u64, u64) {
    let (mut stopped, mut partly) = (0, 0);
    for kill in 0..kills {
        // A new edition now and then, so that there is always something to write.
        let edition_now = kill / 3;
        let mut child = start(desk, &edition(desk, edition_now));
        let mine = wait_for_lease(desk, &mut child);
        // Some die while they read and plan, most while they write.
        if kill % 4 == 0 {
            std::thread::sleep(Duration::from_millis(kill * 37 % 500));
        } else {
            let before = written(desk, edition_now);
            while written(desk, edition_now) == before && child.try_wait().expect("its state").is_none() {
                std::thread::sleep(Duration::from_millis(2));
            }
            std::thread::sleep(Duration::from_millis(kill * 37 % 150));
        }
        let running = child.try_wait().expect("its state").is_none();
        child.kill().expect("it stops");
        child.wait().expect("it stops");
        stopped += u64::from(running);
        partly += u64::from(running && (1..VENUES.into()).contains(&written(desk, edition_now)));
        if kill % WAITS_EVERY != 0 {
            let lease = settings::table.filter(settings::name.eq("import"));
            desk.db.write_now(|c| Ok(diesel::delete(lease).execute(c)?)).expect("as if time had passed");
        } else if let Some(mine) = mine {
            assert!(!running || lease(desk) == Some(mine), "a killed import leaves its lease to run out");
        }
    }
    (stopped, partly)
}

/// How many venues are as this edition says.
fn written(desk: &Desk, edition: u64) -> i64 {
    let of_edition = venues::table.filter(venues::facts.like(format!("%Edition {edition} Street%")));
    desk.db.read_now(|c| Ok(of_edition.count().get_result(c)?)).expect("a count")
}

fn start(desk: &Desk, file: &std::path::Path) -> Child {
    let told = fs::File::create(desk.folder.path().join("told.txt")).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_footbridge"));
    command.args(["import", "venues"]).arg(file).env("DATABASE_URL", &desk.url).env("DATA_DIR", desk.folder.path());
    command.stdout(Stdio::null()).stderr(told).spawn().expect("the program starts")
}

/// Waits until the child has the lease, or has ended; gives its holder.
fn wait_for_lease(desk: &Desk, child: &mut Child) -> Option<String> {
    let (begun, before) = (Instant::now(), lease(desk));
    while child.try_wait().expect("its state").is_none() {
        let now = lease(desk);
        if now.is_some() && now != before {
            return now;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it never got the lease");
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

/// Who has the lease.
fn lease(desk: &Desk) -> Option<String> {
    let held = desk.db.read_now(|c| setting(c, "import")).expect("a setting");
    held.and_then(|held| held.split(' ').next().map(str::to_owned))
}

//! The mail server dies between any two steps: no letter is lost, and one that arrives twice has the same Message-ID.

use std::collections::BTreeMap;

use chrono::Duration;

use super::{
    office::Office,
    server::{Does, Moment, Server},
};
use crate::{harness::Engine, harness::left_over, mail::office::later};

/// How often it dies, where `FOOTBRIDGE_MAIL_KILLS` says nothing else.
const KILLS: usize = 20;
/// Letters that wait at each kill.
const LETTERS: usize = 3;

#[test]
fn no_letter_is_lost_when_the_mail_server_dies_on_sqlite() {
    dies_again_and_again(Engine::Sqlite);
}

#[test]
fn no_letter_is_lost_when_the_mail_server_dies_on_postgres() {
    dies_again_and_again(Engine::Postgres);
}

fn dies_again_and_again(engine: Engine) {
    let kills = std::env::var("FOOTBRIDGE_MAIL_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let mut server = Server::start();
    let Some(office) = Office::with_server(engine, server.port) else { return };
    let mut time = Duration::zero();
    for kill in 0..kills {
        (0..LETTERS).for_each(|_| office.post_link("https://footbridge.example/messages"));
        let moment = Moment::ALL[kill % Moment::ALL.len()];
        server.plan(moment, Does::Dies);
        office.run_jobs(time);
        assert!(server.has_done_as_planned(), "{moment:?}");
        server.restart();
        time += Duration::seconds(60);
        office.run_jobs(time);
        assert!(office.outbox().iter().all(|letter| letter.state == "sent"), "{moment:?}: {:?}", office.outbox().last());
    }
    assert_eq!(left_over(&office.db, later(time)), (0, 0));
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for taken in server.taken() {
        *times.entry(taken.header("Message-ID").to_owned()).or_default() += 1;
    }
    let twice = times.values().filter(|times| **times > 1).count();
    let between = (0..kills).filter(|kill| Moment::ALL[kill % Moment::ALL.len()] == Moment::Kept).count();
    let tries: i32 = office.outbox().iter().map(|letter| letter.attempts).sum();
    eprintln!(
        "{engine:?}: {kills} kills, {} letters, {tries} tries, {} arrived, {twice} of them twice",
        times.len(),
        times.len()
    );
    assert_eq!(times.len(), kills * LETTERS, "none is lost");
    let known: Vec<String> = office.outbox().iter().map(|letter| format!("<{}@footbridge.example>", letter.message_id)).collect();
    assert!(known.iter().all(|id| times.contains_key(id)), "each by its own name");
    assert!(times.values().all(|times| *times <= 2), "none came three times");
    assert_eq!(twice, between, "only those that were kept without an answer came twice");
}

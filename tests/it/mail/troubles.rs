//! Mail servers that refuse, hang, answer by halves or aren't there.

use std::time::{Duration as Time, Instant};

use chrono::Duration;
use footbridge::{
    mail::{Parcel, Transport, Trouble},
    vault::Private,
};
use tempfile::TempDir;

use super::{
    LINK,
    office::{Office, later},
    server::{Does, Moment, Server},
};
use crate::{
    harness::{clock, config_with, left_over},
    work::ENGINES,
};

fn to_server(port: u16) -> Transport {
    let folder = TempDir::new().expect("a folder");
    let url = format!("smtp://127.0.0.1:{port}");
    Transport::new(&config_with(folder.path(), &["--mail-url", &url, "--mail-from", "post@footbridge.example"]))
        .expect("a transport")
}

fn parcel(to: &str) -> Parcel {
    Parcel {
        id: "6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
        to: Private::new(to),
        heading: "Hello".to_owned(),
        text: Private::new("Words.\n.\n.. of every sort: £ é\n"),
        html: Private::new("<p>Words</p>"),
        message_id: "one".to_owned(),
        posted_at: clock().stamp(),
    }
}

#[test]
fn what_is_for_good_is_told_from_what_passes() {
    let server = Server::start();
    let mail = to_server(server.port);
    let now = |code: &str| Err(Trouble::ForNow(code.to_owned()));
    let never = |code: &str| Err(Trouble::ForGood(code.to_owned()));
    for (moment, does, outcome) in [
        (Moment::BeforeGreeting, Does::Says("421 busy"), now("not-now-421")),
        (Moment::BeforeGreeting, Does::Says("554 nobody here"), now("not-now-554")),
        (Moment::HelloHeard, Does::Says("500 what"), now("not-now-500")),
        (Moment::FromHeard, Does::Says("530 sign in first"), now("not-let-in-530")),
        (Moment::FromHeard, Does::Says("451 later"), now("not-now-451")),
        (Moment::FromHeard, Does::Says("553 no such sender"), never("refused-553")),
        (Moment::ToHeard, Does::Says("450 grey"), now("not-now-450")),
        (Moment::ToHeard, Does::Says("550-no such user ada@example.org\r\n550 here"), never("refused-550")),
        (Moment::DataHeard, Does::Says("452 full"), now("not-now-452")),
        (Moment::WordsHeard, Does::Says("554 spam"), never("refused-554")),
        (Moment::Kept, Does::Says("nonsense"), now("not-understood")),
        (Moment::ToHeard, Does::SaysHalfAndGoes, now("not-understood")),
        (Moment::Kept, Does::SaysHalfAndGoes, now("not-understood")),
        (Moment::KeptAndAnswered, Does::SaysHalfAndGoes, Ok(())),
        (Moment::GoodbyeHeard, Does::Says("550 no"), Ok(())),
    ] {
        server.plan(moment, does.clone());
        assert_eq!(mail.send(&parcel("ada@example.org")), outcome, "{moment:?} {does:?}");
        assert!(server.has_done_as_planned(), "{moment:?} {does:?}");
    }
    assert_eq!(mail.send(&parcel("ada@example.org")), Ok(()));
    for bad in
        ["", "ada", "ada@", "@example.org", "ada@exa mple.org", "ada@example.org\r\nBcc: eve@example.org", "åda@example.org"]
    {
        assert_eq!(mail.send(&parcel(bad)), never("bad-address"), "{bad}");
    }
    assert_eq!(mail.send(&parcel("ada@exämple.org")), Ok(()));
    let taken = server.taken();
    assert_eq!(taken.last().expect("a letter").to, "ada@xn--exmple-cua.org");
    assert!(taken[0].words.contains("\n.\n.. of every sort"), "dots stay: {}", taken[0].words);
    drop(server);
    let away = mail.send(&parcel("ada@example.org"));
    assert_eq!(away, now("no-connection"));
}

#[test]
fn a_server_that_hangs_is_left_after_half_a_minute() {
    let cases = [
        (Moment::BeforeGreeting, Does::Hangs),
        (Moment::HelloHeard, Does::SaysHalf),
        (Moment::FromHeard, Does::Dribbles),
        (Moment::ToHeard, Does::SaysHalf),
        (Moment::Kept, Does::Hangs),
    ];
    let threads = cases.map(|(moment, does)| {
        std::thread::spawn(move || {
            let server = Server::start();
            server.plan(moment, does);
            let began = Instant::now();
            let outcome = to_server(server.port).send(&parcel("ada@example.org"));
            (moment, outcome, began.elapsed())
        })
    });
    for thread in threads {
        let (moment, outcome, took) = thread.join().expect("an outcome");
        assert_eq!(outcome, Err(Trouble::ForNow("too-slow".to_owned())), "{moment:?}");
        assert!(took > Time::from_secs(29) && took < Time::from_secs(32), "{moment:?}: {took:?}");
    }
}

#[test]
fn a_server_that_hangs_at_the_goodbye_holds_up_nobody() {
    let server = Server::start();
    server.plan(Moment::GoodbyeHeard, Does::Hangs);
    let began = Instant::now();
    assert_eq!(to_server(server.port).send(&parcel("ada@example.org")), Ok(()));
    assert!(began.elapsed() < Time::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_server_that_does_not_speak_in_secret_gets_no_letter() {
    let server = Server::start();
    let folder = TempDir::new().expect("a folder");
    // Another name of this machine that isn't taken for it.
    let url = format!("smtp://user:opensesame@0.0.0.0:{}", server.port);
    let config = config_with(folder.path(), &["--mail-url", &url, "--mail-from", "post@footbridge.example"]);
    let mail = Transport::new(&config).expect("a transport");
    assert_eq!(mail.send(&parcel("ada@example.org")), Err(Trouble::ForNow("not-secret".to_owned())));
    assert!(server.taken().is_empty());
    assert!(!format!("{config:?}").contains("opensesame"), "{config:?}");
}

#[test]
fn a_letter_that_is_refused_is_set_aside_at_once_and_others_are_tried_again() {
    for engine in ENGINES {
        let mut server = Server::start();
        let Some(office) = Office::with_server(engine, server.port) else { continue };
        office.post_link(LINK);
        server.plan(Moment::ToHeard, Does::Says("450 ada@example.org is greylisted"));
        office.run_jobs(Duration::zero());
        assert_eq!(office.letter().short(), ("waiting", 1, "not-now-450"));
        assert_eq!(office.run_jobs(Duration::seconds(19)), 0, "not before its time");
        server.stop();
        assert_eq!(office.run_jobs(Duration::seconds(20)), 1);
        assert_eq!(office.letter().short(), ("waiting", 2, "no-connection"));
        server.restart();
        server.plan(Moment::ToHeard, Does::Says("550 no such user"));
        assert_eq!((office.run_jobs(Duration::seconds(59)), office.run_jobs(Duration::seconds(60))), (0, 1));
        assert_eq!(office.letter().short(), ("failed", 3, "refused-550"));
        assert_eq!(left_over(&office.db, later(Duration::days(1))), (1, 0));
        let id = office.letter().id.parse().expect("an id");
        office
            .db
            .write_now(|c| footbridge::mail::send_again(c, id, footbridge::audit::Actor::System, clock().stamp()))
            .expect("it waits again");
        office.run_jobs(Duration::days(1));
        assert_eq!(office.letter().short(), ("sent", 1, ""));
        assert_eq!((server.taken().len(), left_over(&office.db, later(Duration::days(1)))), (1, (0, 0)));
    }
}

#[test]
fn a_server_that_stays_away_is_given_up_after_a_night() {
    for engine in ENGINES {
        let mut server = Server::start();
        let Some(office) = Office::with_server(engine, server.port) else { continue };
        server.stop();
        office.post_link(LINK);
        let (mut late, mut tries) = (Duration::zero(), 0);
        while office.letter().state == "waiting" {
            tries += office.run_jobs(late);
            late += Duration::seconds(10);
            assert!(late < Duration::days(1), "it is never given up");
        }
        assert_eq!(tries, 12);
        assert_eq!(office.letter().short(), ("failed", 12, "no-connection"));
        assert!(late > Duration::hours(11) && late < Duration::hours(12), "{late}");
        assert_eq!(left_over(&office.db, later(late)), (1, 0));
    }
}

#[test]
fn whoever_never_comes_back_leaves_a_letter_that_failed() {
    for engine in ENGINES {
        let Some(office) = Office::open(engine, &[]) else { continue };
        office.post_link(LINK);
        for round in 0..12 {
            let claimed = office.runner(Duration::minutes(2 * round)).claim().expect("an answer");
            assert!(claimed.is_some(), "round {round}");
        }
        assert!(office.runner(Duration::minutes(24)).claim().expect("an answer").is_none());
        assert_eq!(office.letter().short(), ("failed", 12, "never-came-back"));
    }
}

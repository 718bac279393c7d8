//! Letters: posted with the data, sent by a job, however the mail server behaves.

mod failed;
mod kills;
mod office;
mod server;
mod shown;
mod troubles;

use chrono::Duration;
use diesel::prelude::*;
use footbridge::{
    audit::Actor,
    error::Failure,
    mail::{self, NewMessage, NoteReceived, SignIn, Transport},
    schema,
    values::{LetterId, SubjectId},
    vault::Private,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    harness::{clock, config_of, left_over},
    mail::{
        office::{ADDRESS, Office, later},
        server::{Does, Moment, Server},
    },
    process::Process,
    work::{ENGINES, wait_until},
};

const LINK: &str = "https://footbridge.example/messages?k=Zq3xY0c8-_eJ7m2Vt5LwRs9dKh1nBfUa4GpTiCoXyE&from=mail";
/// Where a letter says that one chooses how much mail one gets.
const CHOOSE: &str = "https://footbridge.example/account/mail";

fn offices(flags: &[&str]) -> Vec<Office> {
    ENGINES.iter().filter_map(|engine| Office::open(*engine, flags)).collect()
}

#[test]
fn a_letter_is_sent_once_with_what_it_says_and_nothing_of_it_lies_open() {
    for office in offices(&[]) {
        office.post_link(LINK);
        let stands = office.letter();
        for sealed in [&stands.address, &stands.text_form, &stands.html_form] {
            assert!(sealed.starts_with("1.") && !sealed.contains("ada") && !sealed.contains("footbridge"), "{sealed}");
        }
        let payload: String =
            office.db.read_now(|c| Ok(schema::jobs::table.select(schema::jobs::payload).first(c)?)).expect("a job");
        assert_eq!(payload, stands.id, "the job names the letter and nothing else");
        assert_eq!((office.run_jobs(Duration::zero()), office.run_jobs(Duration::days(1))), (1, 0));
        let [letter] = &office.mail.held()[..] else { panic!("one letter") };
        assert_eq!((letter.to.show(), letter.heading.as_str()), (ADDRESS, "A new message is waiting for you"));
        assert!(letter.text.show().contains(LINK) && letter.html.show().contains("footbridge.example/messages?k="));
        assert!(!format!("{letter:?}").contains("ada") && !format!("{letter:?}").contains("https"), "{letter:?}");
        assert_eq!(letter.message_id, stands.message_id);
        assert_eq!(office.letter().short(), ("sent", 1, ""));
        assert_eq!(left_over(&office.db, later(Duration::days(1))), (0, 0));
    }
}

#[test]
fn a_letter_whose_transaction_is_undone_was_never_posted() {
    for office in offices(&[]) {
        let posted = office.db.write_now(|c| {
            let letter = NewMessage { link: LINK.to_owned(), choose: CHOOSE.to_owned() };
            mail::post(c, &office.vault, office.someone, &Private::new(ADDRESS), &letter, clock().stamp())?;
            Err::<(), _>(Failure::NotFound)
        });
        assert!(posted.is_err() && office.outbox().is_empty());
        assert_eq!(office.run_jobs(Duration::zero()), 0);
    }
}

#[test]
fn whoever_has_no_key_gets_no_letter() {
    for office in offices(&[]) {
        let nobody = SubjectId(Uuid::new_v4());
        let letter = NoteReceived { link: None };
        let posted =
            office.db.write_now(|c| mail::post(c, &office.vault, nobody, &Private::new(ADDRESS), &letter, clock().stamp()));
        assert!(posted.is_err() && office.outbox().is_empty());
        office.post(&letter);
        office.db.write_now(|c| office.vault.erase(c, office.someone, clock().stamp())).expect("erased");
        office.run_jobs(Duration::zero());
        assert_eq!(office.letter().short(), ("failed", 1, "no-key"));
        assert!(office.mail.held().is_empty());
    }
}

#[test]
fn whoever_is_forgotten_has_no_letters_and_no_jobs() {
    for office in offices(&[]) {
        office.post_link(LINK);
        office.run_jobs(Duration::zero());
        office.post_link(LINK);
        office.db.write_now(|c| mail::forget(c, office.someone)).expect("forgotten");
        let jobs: i64 = office.db.read_now(|c| Ok(schema::jobs::table.count().get_result(c)?)).expect("a count");
        assert_eq!((office.outbox().len(), jobs, office.run_jobs(Duration::zero())), (0, 0, 0));
    }
}

#[test]
fn a_letter_over_smtp_is_whole_and_says_little_outside() {
    for engine in ENGINES {
        let server = Server::start();
        let Some(office) = Office::with_server(engine, server.port) else { continue };
        office.post(&SignIn { link: LINK.to_owned(), code: "482 913".to_owned() });
        office.run_jobs(Duration::zero());
        let [taken] = &server.taken()[..] else { panic!("one letter") };
        assert_eq!((taken.from.as_str(), taken.to.as_str()), ("post@footbridge.example", ADDRESS));
        assert_eq!(taken.header("From"), "Footbridge <post@footbridge.example>");
        assert_eq!(taken.header("To"), ADDRESS);
        assert_eq!(taken.header("Subject"), "Your link to sign in");
        assert_eq!(taken.header("Date"), "Sat, 21 Nov 2026 12:00:00 +0000");
        assert_eq!(taken.header("Auto-Submitted"), "auto-generated");
        assert_eq!(taken.header("Message-ID"), format!("<{}@footbridge.example>", office.letter().message_id));
        assert!(taken.words.is_ascii() && taken.words.lines().all(|line| line.len() <= 78), "{}", taken.words);
        assert!(taken.words.contains("Content-Type: text/plain") && taken.words.contains("Content-Type: text/html"));
        let plain = taken.words.replace("=\n", "").replace("=3D", "=");
        assert!(plain.contains(LINK) && plain.contains("482 913"), "{plain}");
    }
}

#[test]
fn a_letter_in_the_folder_is_one_file_that_only_we_read() {
    use std::os::unix::fs::PermissionsExt;
    for engine in ENGINES {
        let folder = TempDir::new().expect("a folder");
        let post = folder.path().join("a/post");
        let Some(office) = Office::open(engine, &["--mail-url", &format!("folder:{}", post.display())]) else { continue };
        office.post_link(LINK);
        let stands = office.letter();
        // As though the process had died after it was written and before that was noted.
        mail::send(&office.means(Duration::zero()), &stands.id).expect("it is sent");
        office.run_jobs(Duration::zero());
        let files: Vec<_> = std::fs::read_dir(&post).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
        let [file] = &files[..] else { panic!("{files:?}") };
        assert!(file.display().to_string().ends_with(&format!("20261121T120000-{}.eml", stands.id)), "{file:?}");
        assert_eq!(std::fs::metadata(file).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(&post).expect("a folder").permissions().mode() & 0o777, 0o700);
        let words = std::fs::read_to_string(file).expect("text");
        assert!(words.contains("To: ada@example.org\r\n") && words.contains("From: Footbridge <footbridge@localhost>\r\n"));
    }
}

#[test]
fn what_nobody_is_to_read_any_more_leaves_our_own_folder_too() {
    for named in [false, true] {
        for engine in ENGINES {
            let elsewhere = TempDir::new().expect("a folder");
            let flag = format!("folder:{}", elsewhere.path().display());
            let flags = if named { vec!["--mail-url", flag.as_str()] } else { vec![] };
            let Some(mut office) = Office::open(engine, &flags) else { continue };
            if !named {
                let config = config_of(&["footbridge", "--data-dir", &office.path().display().to_string()]);
                office.mail = Transport::new(&config).expect("a transport");
            }
            office.post_link(LINK);
            office.run_jobs(Duration::zero());
            let post = if named { elsewhere.path().to_owned() } else { office.path().join("post") };
            std::fs::write(post.join("read-me.eml"), "not one of ours").expect("a file");
            let files = || std::fs::read_dir(&post).expect("a folder").count();
            let now = clock().stamp();
            office.db.write_now(|c| mail::clear_soon(c, now)).expect("it is asked for");
            office.run_jobs(Duration::zero());
            assert_eq!(files(), 2, "it may still be read");
            let dropped = office.db.write_now(|c| mail::forget(c, office.someone).and_then(|()| mail::clear_soon(c, now)));
            dropped.expect("it is asked for");
            office.run_jobs(Duration::zero());
            assert_eq!(files(), if named { 2 } else { 1 }, "a folder that someone named is theirs");
            assert!(post.join("read-me.eml").exists());
        }
    }
}

#[test]
fn whoever_dies_after_sending_sends_again_with_the_same_name() {
    for engine in ENGINES {
        let server = Server::start();
        let Some(office) = Office::with_server(engine, server.port) else { continue };
        office.post_link(LINK);
        let lost = office.runner(Duration::zero()).claim().expect("an answer").expect("a job");
        mail::send(&office.means(Duration::zero()), &lost.payload).expect("it is sent");
        assert_eq!(office.run_jobs(Duration::seconds(30)), 0, "it is still held");
        assert_eq!(office.run_jobs(Duration::seconds(90)), 1);
        let names: Vec<_> = server.taken().iter().map(|taken| taken.header("Message-ID").to_owned()).collect();
        assert!(names.len() == 2 && names[0] == names[1], "{names:?}");
        office.runner(Duration::seconds(90)).run(&lost).expect("the database answers");
        assert_eq!(office.letter().short(), ("sent", 2, ""), "whoever lost the lease writes nothing");
    }
}

#[test]
fn a_letter_that_comes_too_late_is_not_sent() {
    for office in offices(&[]) {
        office.post(&SignIn { link: LINK.to_owned(), code: "482 913".to_owned() });
        office.post_link(LINK);
        office.run_jobs(Duration::minutes(11));
        let heads: Vec<_> = office.mail.held().into_iter().map(|letter| letter.heading).collect();
        assert_eq!(heads, ["A new message is waiting for you"]);
        let failed = office.db.read_now(|c| mail::failed(c, 1, later(Duration::minutes(11)).stamp())).expect("a page");
        assert_eq!((failed.total, failed.items[0].error.as_str(), failed.items[0].can_be_sent), (1, "too-late", false));
    }
}

#[test]
fn what_letters_said_goes_after_a_while_and_then_the_letters() {
    for office in offices(&[]) {
        office.post_link(LINK);
        office.run_jobs(Duration::zero());
        office.post(&SignIn { link: LINK.to_owned(), code: "482 913".to_owned() });
        office.run_jobs(Duration::minutes(11));
        let tidy = |days| office.db.write_now(|c| mail::tidy(c, later(Duration::days(days)).stamp())).expect("tidied");
        let empty = || {
            office
                .outbox()
                .iter()
                .filter(|one| [&one.address, &one.text_form, &one.html_form].iter().all(|s| s.is_empty()))
                .count()
        };
        for (days, gone) in [(6, 0), (8, 1), (29, 1), (31, 2)] {
            tidy(days);
            assert_eq!(empty(), gone, "after {days} days");
        }
        let failed = office.outbox().into_iter().find(|one| one.state == "failed").expect("a letter");
        let again = |id: &str| {
            office.db.write_now(|c| mail::send_again(c, id.parse::<LetterId>().expect("an id"), Actor::System, clock().stamp()))
        };
        assert!(matches!(again(&failed.id), Err(Failure::NotFound)), "there is nothing to send");
        tidy(89);
        assert_eq!(office.outbox().len(), 2);
        tidy(91);
        assert!(office.outbox().is_empty());
        office.run_jobs(Duration::days(91));
        assert_eq!(left_over(&office.db, later(Duration::days(91))), (0, 0));
    }
}

#[test]
fn letters_that_failed_are_listed_page_by_page_and_sent_again() {
    for office in offices(&[]) {
        let bad = Private::new("not an address");
        let letter = NoteReceived { link: None };
        for _ in 0..26 {
            office
                .db
                .write_now(|c| mail::post(c, &office.vault, office.someone, &bad, &letter, clock().stamp()))
                .expect("posted");
        }
        office.run_jobs(Duration::zero());
        let page = |n| office.db.read_now(|c| mail::failed(c, n, clock().stamp())).expect("a page");
        let (first, second) = (page(1), page(2));
        assert_eq!((first.items.len(), second.items.len(), first.pages, first.total), (25, 1, 2, 26));
        let one = &first.items[0];
        assert_eq!((one.error.as_str(), one.attempts, one.can_be_sent), ("bad-address", 1, true));
        assert!(!serde_json::to_string(&first).expect("text").contains("not an address"));
        let again = |id| office.db.write_now(|c| mail::send_again(c, id, Actor::System, clock().stamp()));
        again(one.id).expect("it waits again");
        assert!(matches!(again(one.id), Err(Failure::NotFound)), "once");
        assert!(matches!(again(LetterId(Uuid::new_v4())), Err(Failure::NotFound)));
        assert_eq!((page(1).total, left_over(&office.db, clock())), (25, (25, 1)), "its job waits anew");
        assert_eq!(office.run_jobs(Duration::zero()), 1);
        assert_eq!((page(1).total, left_over(&office.db, clock())), (26, (26, 0)));
    }
}

#[test]
fn a_mail_server_that_hangs_holds_up_no_other_job() {
    for engine in ENGINES {
        let server = Server::start();
        server.plan(Moment::HelloHeard, Does::Hangs);
        let Some(office) = Office::with_server(engine, server.port) else { continue };
        office.post_link(LINK);
        let mail = format!("smtp://127.0.0.1:{}", server.port);
        let variables = [("MAIL_URL", mail.as_str()), ("MAIL_FROM", "post@footbridge.example")];
        let mut worker = Process::start(&["work"], &office.url, office.path(), &variables);
        worker.heard("at work");
        wait_until("the mail server hangs", std::time::Duration::from_secs(10), || server.has_done_as_planned());
        let now = clock().stamp();
        let ask = |c: &mut _| footbridge::jobs::ask_for(c, "own", footbridge::jobs::Kind::Tidy, "", now, now);
        office.db.write_now(ask).expect("a job can be asked for");
        let done = schema::jobs::table.find("own").select(schema::jobs::state);
        let is_done = || office.db.read_now(|c| Ok(done.first::<String>(c)?)).expect("a job") == "done";
        wait_until("another job is done meanwhile", std::time::Duration::from_secs(10), is_done);
        assert_eq!(office.letter().state, "waiting");
    }
}

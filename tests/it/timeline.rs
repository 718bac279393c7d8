//! One timeline: what was written, how things moved on and who came to go along, the latest first.

use chrono::TimeDelta;
use footbridge::{
    accounts::{Role, State},
    people::{caseload, caseload::Along},
    values::SubjectId,
};

use crate::{
    desks::{Pair, pair, someone},
    harness::Site,
    on_both_databases,
    people::{Someone, account_with},
};

on_both_databases!(
    everything_that_happened_is_one_timeline,
    whoever_came_and_went_stands_in_the_timeline,
    a_timeline_is_paged_as_one,
    another_persons_moves_are_not_in_it,
);

/// What stands in the timeline: the label, then the words.
async fn lines(site: &Site, who: &Someone, path: &str) -> Vec<String> {
    let page = who.get(site, path).await;
    let (labels, words) = (page.all(".entry__head"), page.all(".entry > div"));
    labels.into_iter().zip(words).map(|(label, words)| format!("{label}: {words}")).collect()
}

/// Whether these begin and end so, one by one.
fn read(lines: &[String], wanted: &[(&str, &str)]) {
    assert_eq!(lines.len(), wanted.len(), "{lines:#?}");
    for (line, (begins, ends)) in lines.iter().zip(wanted) {
        assert!(line.starts_with(begins) && line.ends_with(ends), "{line} is not {begins} ... {ends}: {lines:#?}");
    }
}

async fn busy(site: &Site) -> (Pair, String) {
    let all = pair(site);
    let record = format!("/people/{}", all.person);
    let minute = async |who: &Someone, path: &str, form: &[(&str, &str)]| {
        site.later(TimeDelta::minutes(1));
        assert_eq!(who.post(site, path, form).await.status, 200, "{path} {form:?}");
    };
    minute(&all.rowan, &format!("{record}/entries"), &[("sort", "met"), ("body", "Tea at the studio")]).await;
    minute(&all.jo, "/my-path/moves", &[("move", "pause"), ("until", "2026-12-03")]).await;
    minute(&all.rowan, &format!("{record}/moves"), &[("move", "resume")]).await;
    minute(&all.jo, "/my-path/messages", &[("body", "Good to be back")]).await;
    minute(&all.jo, "/my-path/moves", &[("move", "stop")]).await;
    (all, record)
}

async fn everything_that_happened_is_one_timeline(site: &mut Site) {
    let (all, record) = busy(site).await;
    let theirs = lines(site, &all.rowan, &record).await;
    let of = |own: &'static str| {
        [
            (format!("What changed, {own}, "), "The door stays open from now on."),
            (format!("Message, {own}, "), "Good to be back"),
            ("What changed, Rowan Ashby, ".to_owned(), "On again after the pause."),
            (format!("What changed, {own}, "), "A pause until 3 December 2026."),
            ("In touch, Rowan Ashby, ".to_owned(), "Tea at the studio"),
            ("What changed, Rowan Ashby, ".to_owned(), "It has begun."),
            ("What changed, ".to_owned(), "Rowan Ashby goes along from now on."),
        ]
    };
    let told = |own| of(own).map(|(begins, ends)| (begins.leak() as &str, ends));
    read(&theirs[..7], &told("Jo Marsh"));
    assert!(
        theirs.iter().any(|line| line.starts_with("What changed, Rowan Ashby, ") && line.ends_with("On the waiting list now."))
    );
    assert!(theirs.last().is_some_and(|line| line.ends_with("A note came. Wrote to us themself.")), "{theirs:#?}");
    read(&lines(site, &all.jo, "/my-path/written").await[..7], &told("You"));
}

async fn whoever_came_and_went_stands_in_the_timeline(site: &mut Site) {
    let all = pair(site);
    let imran = account_with(site, "imran@example.org", "Imran Sethi", State::Active, Role::BridgeBuilder, Some(all.east));
    let pat = account_with(site, "pat@example.org", "Pat Doyle", State::Active, Role::Peer, Some(all.east));
    site.later(TimeDelta::minutes(1));
    let now = site.now();
    let changed = site.app.db.write_now(|c| {
        caseload::begin(c, all.person, imran, Along::Worker, false, now)?;
        caseload::begin(c, all.person, pat, Along::Peer, true, now + TimeDelta::minutes(1))
    });
    changed.expect("they go along");
    let written = lines(site, &all.jo, "/my-path/written").await;
    let wanted = [
        ("What changed", "Pat Doyle walks along from now on, as a peer."),
        ("What changed", "Imran Sethi goes along from now on."),
        ("What changed", "Rowan Ashby no longer goes along."),
    ];
    read(&written[..3], &wanted);
}

async fn a_timeline_is_paged_as_one(site: &mut Site) {
    let (all, record) = busy(site).await;
    let before = lines(site, &all.rowan, &record).await;
    for at in 0..15 {
        site.later(TimeDelta::minutes(1));
        let body = format!("Note {at}");
        all.rowan.post(site, &format!("{record}/entries"), &[("sort", "note"), ("body", &body)]).await;
    }
    let (first, second) = (lines(site, &all.rowan, &record).await, lines(site, &all.rowan, &format!("{record}?page=2")).await);
    assert_eq!((first.len(), second.len()), (20, before.len() + 15 - 20));
    assert!(first[0].ends_with("Note 14") && first[14].ends_with("Note 0"), "{first:#?}");
    assert_eq!([&first[15..], &second[..]].concat(), before, "nothing twice and nothing lost");
}

async fn another_persons_moves_are_not_in_it(site: &mut Site) {
    let all = pair(site);
    let ash: SubjectId = someone(site, "Ash", Some("ash@example.org"), all.east, all.worker, false);
    site.later(TimeDelta::minutes(1));
    all.jo.post(site, "/my-path/moves", &[("move", "stop")]).await;
    let theirs = lines(site, &all.rowan, &format!("/people/{ash}")).await;
    assert!(!theirs.is_empty() && theirs.iter().all(|line| !line.contains("The door stays open")), "{theirs:#?}");
}

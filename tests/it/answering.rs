//! What someone wrote or did by themself stands on a desk until it is answered or put aside, and what was written can be put right.

use chrono::TimeDelta;
use footbridge::{
    accounts::{Role, State},
    values::AccountId,
};
use futures_util::future::join_all;

use crate::{
    desks::{Pair, pair, someone, wish},
    harness::{Site, Visit},
    on_both_databases,
    people::{Someone, account_with},
};

on_both_databases!(
    a_message_waits_until_it_is_answered_or_put_aside,
    what_came_after_the_page_was_made_is_not_put_aside,
    whoever_comes_back_by_a_note_is_heard,
    a_role_elsewhere_is_no_role_here,
    only_whoever_answers_takes_a_message_off_the_desk,
    the_desk_says_what_someone_did_by_themself,
    what_was_written_by_mistake_is_taken_out_by_its_writer_alone,
    a_person_takes_their_own_words_back,
    what_is_pressed_twice_is_written_once,
    a_contact_stands_on_its_own_day,
    a_pause_told_by_phone_is_written_down,
    whoever_steps_back_says_something_kind,
    whoever_stands_in_hears_of_it_and_has_the_tasks,
    a_coordinator_sees_who_goes_along_with_whom,
    a_peer_has_marks_and_tasks_of_their_own,
);

fn staff(site: &Site, all: &Pair, name: &str, role: Role) -> (AccountId, Someone) {
    let address = format!("{}@example.org", name.split(' ').next().unwrap_or(name).to_lowercase());
    let account = account_with(site, &address, name, State::Active, role, Some(all.east));
    (account, Someone::signed_in(site, account))
}

fn record(all: &Pair) -> String {
    format!("/people/{}", all.person)
}

/// Why people on someone's desk need them.
async fn why(site: &Site, who: &Someone) -> Vec<String> {
    who.get(site, "/desk").await.all(".case__why li")
}

async fn write(site: &Site, who: &Someone, all: &Pair, sort: &str, body: &str) -> Visit {
    who.post(site, &format!("{}/entries", record(all)), &[("sort", sort), ("body", body)]).await
}

async fn a_message_waits_until_it_is_answered_or_put_aside(site: &mut Site) {
    let all = pair(site);
    let told = async |site: &Site| site.letters("rowan@example.org").await.len();
    all.jo.post(site, "/my-path/messages", &[("body", "Shall we?")]).await;
    all.jo.post(site, "/my-path/messages", &[("body", "On Tuesday?")]).await;
    let letters = site.letters("rowan@example.org").await;
    assert_eq!(letters.len(), 1, "one letter for all that waits");
    assert!(!format!("{} {}", letters[0].heading, letters[0].text.show()).contains("Jo"));
    let page = all.rowan.get(site, &record(&all)).await;
    assert_eq!(page.all("#new ~ ul li"), ["2 messages"]);
    assert_eq!(why(site, &all.rowan).await, ["2 messages wait for you"], "having looked is no answer");
    write(site, &all.rowan, &all, "note", "They asked something").await;
    assert_eq!(why(site, &all.rowan).await.len(), 1, "nor is a note");
    write(site, &all.rowan, &all, "message", "Yes!").await;
    assert!(why(site, &all.rowan).await.is_empty());
    site.later(TimeDelta::minutes(20));
    all.jo.post(site, "/my-path/messages", &[("body", "Thank you")]).await;
    assert_eq!(told(site).await, 2);
    assert_eq!(why(site, &all.rowan).await, ["A message waits for you"]);
    let seen = all.rowan.post(site, &format!("{}/seen", record(&all)), &[]).await;
    assert!(seen.text.contains("It is off your desk.") && seen.all("#new").is_empty(), "{seen:?}");
    assert!(why(site, &all.rowan).await.is_empty());
}

async fn what_came_after_the_page_was_made_is_not_put_aside(site: &mut Site) {
    let all = pair(site);
    all.jo.post(site, "/my-path/messages", &[("body", "Shall we?")]).await;
    let shown_at = all.rowan.get(site, &record(&all)).await.attributes("input[name=shown_at]", "value");
    site.later(TimeDelta::minutes(1));
    all.jo.post(site, "/my-path/messages", &[("body", "I am outside")]).await;
    all.jo.post(site, "/my-path/moves", &[("move", "stop")]).await;
    all.rowan.post(site, &format!("{}/seen", record(&all)), &[("shown_at", &shown_at[0])]).await;
    assert_eq!(why(site, &all.rowan).await, ["A message waits for you", "Stopped for now"]);
    let form = [("sort", "message"), ("body", "Yes"), ("shown_at", &shown_at[0])];
    all.rowan.post(site, &format!("{}/entries", record(&all)), &form).await;
    assert_eq!(why(site, &all.rowan).await.len(), 2, "an answer to what was there");
}

async fn whoever_comes_back_by_a_note_is_heard(site: &mut Site) {
    let all = pair(site);
    all.jo.post(site, "/refer/myself", &[("words", "I want to sing, too")]).await;
    for (step, answers) in [("name", vec![("name", "Jo")]), ("contact", vec![("reach", "email"), ("reach_at", "jo@example.org")])]
    {
        all.jo.post(site, &format!("/refer/myself/{step}"), &answers).await;
    }
    let sent = all.jo.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    assert_eq!(why(site, &all.rowan).await, ["A message waits for you", "Wrote down what they want"]);
    assert_eq!(site.letters("rowan@example.org").await.len(), 1);
}

async fn a_role_elsewhere_is_no_role_here(site: &mut Site) {
    let all = pair(site);
    let west = crate::people::team(site, "West");
    let (pat, _) = staff(site, &all, "Pat Doyle", Role::Peer);
    let now = site.now();
    let grants = [(Role::Peer, all.east), (Role::BridgeBuilder, west), (Role::Coordinator, west)];
    let grants = grants.map(|(role, team)| footbridge::accounts::Grant { role, team: Some(team) });
    site.app.db.write_now(|c| footbridge::accounts::store::set_grants(c, pat, &grants, now)).expect("roles");
    let patsy = Someone::signed_in(site, pat);
    patsy.post(site, "/my-work", &[("hello", "I drum, badly.")]).await;
    all.jo.post(site, "/my-path/peers", &[("choose", &pat.to_string())]).await;
    let page = patsy.get(site, &record(&all)).await;
    assert_eq!((page.status, page.all("#moves").len(), page.all("#cover").len()), (200, 0, 0), "{page:?}");
    for (path, form) in [
        ("moves", vec![("move", "open-door")]),
        ("about", vec![("chosen_name", "Somebody")]),
        ("seen", Vec::new()),
        ("cover", Vec::new()),
        ("keep", vec![("reason", "so")]),
    ] {
        let refused = patsy.ask(site, "POST", &format!("{}/{path}", record(&all)), &form).await;
        assert_eq!(refused.status, 404, "{path}: {refused:?}");
    }
}

async fn only_whoever_answers_takes_a_message_off_the_desk(site: &mut Site) {
    let all = pair(site);
    let (_, cora) = staff(site, &all, "cora", Role::Coordinator);
    all.jo.post(site, "/my-path/messages", &[("body", "Shall we?")]).await;
    let page = cora.get(site, &record(&all)).await;
    assert!(!page.attributes("form", "action").contains(&format!("{}/seen", record(&all))), "{page:?}");
    cora.post(site, &format!("{}/seen", record(&all)), &[]).await;
    write(site, &cora, &all, "called", "Rang about the room").await;
    assert_eq!(why(site, &all.rowan).await, ["A message waits for you"]);
    write(site, &all.rowan, &all, "called", "Yes").await;
    assert!(why(site, &all.rowan).await.is_empty());
}

async fn the_desk_says_what_someone_did_by_themself(site: &mut Site) {
    site.load_demo();
    let all = pair(site);
    let id = wish(site, all.person, "play guitar with others");
    let own = format!("/my-path/wishes/{id}");
    let venue = all.jo.get(site, &own).await.attributes("input[name=venue]", "value")[0].clone();
    all.jo.post(site, &own, &[("venue", &venue), ("mark", "like")]).await;
    assert!(why(site, &all.rowan).await.is_empty(), "to like a place asks for nothing");
    all.jo.post(site, &own, &[("venue", &venue), ("mark", "choose")]).await;
    assert_eq!(why(site, &all.rowan).await, ["Chose a place"]);
    choosing_is_told(site, &all, &own, &venue).await;
    all.jo
        .post(site, "/my-path/about", &[("chosen_name", "Jo Marsh"), ("email", "jo@example.org"), ("phone", "07700 900123")])
        .await;
    all.jo.post(site, "/my-path/moves", &[("move", "stop")]).await;
    assert_eq!(why(site, &all.rowan).await, ["Stopped for now", "Chose a place", "Changed how to get in touch"]);
    all.jo.post(site, "/my-path/moves", &[("move", "return")]).await;
    all.jo.post(site, "/my-path/wishes", &[("words", "sing")]).await;
    let page = all.rowan.get(site, &record(&all)).await;
    assert_eq!(page.all("#new ~ ul li")[0], "Is back, 21 November 2026", "{page:?}");
    assert!(why(site, &all.rowan).await.contains(&"Wrote down what they want".to_owned()));
    write(site, &all.rowan, &all, "met", "Talked it all over").await;
    assert!(why(site, &all.rowan).await.is_empty());
    // What staff write down for them is new to nobody.
    all.rowan.post(site, &format!("{}/moves", record(&all)), &[("move", "pause"), ("pause_until", "2026-12-03")]).await;
    assert!(why(site, &all.rowan).await.is_empty());
}

async fn choosing_is_told(site: &Site, all: &Pair, own: &str, venue: &str) {
    let file = all.jo.get(site, "/my-path/download").await;
    let name = all.jo.get(site, "/my-path").await.all(".case a[href^='/venues/']")[0].clone();
    assert!(file.text.contains(&name), "{name} is named in what they take away");
    let again = all.jo.post(site, own, &[("venue", venue), ("mark", "choose")]).await;
    assert!(again.text.contains("It is chosen."), "{again:?}");
    let short = all.jo.post(site, "/my-path/about", &[("chosen_name", "Jo Marsh"), ("phone", "07700")]).await;
    assert_eq!((short.status, short.all("#phone-error").len()), (422, 1));
}

async fn what_was_written_by_mistake_is_taken_out_by_its_writer_alone(site: &mut Site) {
    let all = pair(site);
    let (_, cora) = staff(site, &all, "cora", Role::Coordinator);
    write(site, &all.rowan, &all, "note", "This is about Al, not Jo").await;
    let out = format!("{}/entries/out", record(&all));
    let entry = all.rowan.get(site, &record(&all)).await.attributes("button[name=entry]", "value")[0].clone();
    assert!(cora.get(site, &record(&all)).await.attributes("button[name=entry]", "value").is_empty());
    assert_eq!(cora.ask(site, "POST", &out, &[("entry", &entry)]).await.status, 404);
    assert_eq!(all.jo.ask(site, "POST", "/my-path/messages/out", &[("entry", &entry)]).await.status, 404);
    let page = all.rowan.post(site, &out, &[("entry", &entry)]).await;
    assert!(page.text.contains("It is taken out.") && !page.text.contains("about Al"), "{page:?}");
    assert!(all.jo.get(site, "/my-path/written").await.text.contains("This was taken out again"));
    assert_eq!(all.rowan.ask(site, "POST", &out, &[("entry", &entry)]).await.status, 303, "it is out already");
    let looked = all.jo.get(site, "/my-path/looked").await;
    assert_eq!(looked.text.matches("took an entry out of the record").count(), 1, "{looked:?}");
}

async fn a_person_takes_their_own_words_back(site: &mut Site) {
    let all = pair(site);
    let out = format!("{}/entries/out", record(&all));
    all.jo.post(site, "/my-path/messages", &[("body", "I take that back")]).await;
    let own = all.jo.get(site, "/my-path").await.attributes("button[name=entry]", "value")[0].clone();
    assert_eq!(all.rowan.ask(site, "POST", &out, &[("entry", &own)]).await.status, 404);
    let path = all.jo.post(site, "/my-path/messages/out", &[("entry", &own)]).await;
    assert!(!path.text.contains("I take that back"), "{path:?}");
    assert!(why(site, &all.rowan).await.is_empty());
    assert!(!all.rowan.get(site, &record(&all)).await.text.contains("I take that back"));
}

async fn what_is_pressed_twice_is_written_once(site: &mut Site) {
    let all = pair(site);
    let shared: &Site = site;
    join_all((0..4).map(|_| all.jo.post(shared, "/my-path/messages", &[("body", "Are you there?")]))).await;
    site.later(TimeDelta::minutes(1));
    let shared: &Site = site;
    join_all((0..4).map(|_| write(shared, &all.rowan, &all, "message", "Yes, I am"))).await;
    let page = all.jo.get(site, "/my-path").await;
    assert_eq!(
        page.all(".entry p:not(.entry__head)").iter().filter(|text| text.contains("Are you there?")).count(),
        1,
        "{page:?}"
    );
    assert_eq!((page.text.matches("Yes, I am").count(), site.letters("jo@example.org").await.len()), (1, 1));
    site.later(TimeDelta::minutes(1));
    all.jo.post(site, "/my-path/messages", &[("body", "Are you there?")]).await;
    assert_eq!(all.jo.get(site, "/my-path").await.text.matches("Are you there?").count(), 2, "after an answer it is said again");
    site.later(TimeDelta::minutes(11));
    all.jo.post(site, "/my-path/messages", &[("body", "Are you there?")]).await;
    assert_eq!(all.jo.get(site, "/my-path").await.text.matches("Are you there?").count(), 3, "and later");
    let contact = [("sort", "met"), ("body", "Tea")];
    for day in ["", "2026-11-18", "2026-11-18", ""] {
        let form = [contact[0], contact[1], ("day", day)];
        all.rowan.post(site, &format!("{}/entries", record(&all)), &form).await;
    }
    assert_eq!(all.rowan.get(site, &record(&all)).await.all(".entry--contact").len(), 2, "each of two days once");
}

async fn a_contact_stands_on_its_own_day(site: &mut Site) {
    let all = pair(site);
    let at = format!("{}/entries", record(&all));
    for wrong in ["2026-11-22", "2025-11-01", "soon"] {
        let page = all.rowan.post(site, &at, &[("sort", "met"), ("body", "Tea"), ("day", wrong)]).await;
        assert_eq!((page.status, page.all("#day-error").len(), page.all("#body")), (422, 1, vec!["Tea".to_owned()]), "{wrong}");
        assert_eq!(page.attributes("#day", "value"), [wrong]);
    }
    all.rowan.post(site, &at, &[("sort", "met"), ("body", "Tea"), ("day", "2026-11-18")]).await;
    let page = all.rowan.get(site, &record(&all)).await;
    let heads = page.all(".entry--contact .entry__head");
    assert_eq!(heads.len(), 1, "{page:?}");
    assert!(heads[0].ends_with("18 November 2026"), "a day, and no time that nobody said: {heads:?}");
    let message = all.rowan.post(site, &at, &[("sort", "message"), ("body", "Tea?"), ("day", "2026-11-18")]).await;
    assert_eq!((message.status, message.all("#day-error").len()), (422, 1), "a message goes now");
    let file = site.app.db.read_now(|c| footbridge::referrals::store::of(c, all.person)).expect("referrals");
    assert_eq!(file[0].first_contact_at, Some(file[0].received_at), "no clock runs backwards");
}

async fn a_pause_told_by_phone_is_written_down(site: &mut Site) {
    let all = pair(site);
    let at = format!("{}/moves", record(&all));
    for wrong in ["2026-11-21", "2026-11-01", "9999-12-31", ""] {
        let page = all.rowan.post(site, &at, &[("move", "pause"), ("pause_until", wrong)]).await;
        assert_eq!((page.status, page.all("#pause_until-error").len()), (422, 1), "{wrong}");
        let own = all.jo.post(site, "/my-path/moves", &[("move", "pause"), ("until", wrong)]).await;
        assert_eq!((own.status, own.all("#until-error").len()), (422, 1), "{wrong}");
    }
    let page = all.rowan.post(site, &at, &[("move", "pause"), ("pause_until", "2026-12-03")]).await;
    assert!(page.text.contains("Their pause is written down."), "{page:?}");
    assert_eq!(all.jo.get(site, "/my-path").await.all(".path__next h2"), ["You paused until 3 December 2026"]);
}

async fn whoever_steps_back_says_something_kind(site: &mut Site) {
    let all = pair(site);
    let (imran, stand_in) = staff(site, &all, "imran", Role::BridgeBuilder);
    let (_, cora) = staff(site, &all, "cora", Role::Coordinator);
    let cover = [("account", &*imran.to_string()), ("until", "2026-12-05"), ("reason", "Holiday")];
    cora.post(site, &format!("{}/cover", record(&all)), &cover).await;
    assert_eq!(stand_in.get(site, &record(&all)).await.status, 200);
    let at = format!("{}/moves", record(&all));
    let long = all.rowan.post(site, &at, &[("move", "open-door"), ("parting", &"x".repeat(2_001))]).await;
    assert_eq!((long.status, long.all("#parting-error").len()), (422, 1));
    all.rowan.post(site, &at, &[("move", "open-door"), ("parting", "Come back whenever you like")]).await;
    let path = all.jo.get(site, "/my-path").await;
    assert!(path.text.contains("The door is open") && path.text.contains("Come back whenever you like"), "{path:?}");
    assert_eq!(site.letters("jo@example.org").await.len(), 1);
    assert_eq!(stand_in.get(site, &record(&all)).await.status, 404, "nobody stands in behind an open door");
    assert!(all.jo.get(site, "/my-path/looked").await.text.contains("said that they stand in no more"));
    let record_page = all.rowan.get(site, &record(&all)).await;
    assert!(record_page.text.contains("Went along, and still answers"), "{record_page:?}");
    all.jo.post(site, "/my-path/moves", &[("move", "return")]).await;
    all.rowan.post(site, &at, &[("move", "open-door"), ("parting", "")]).await;
    assert_eq!(site.letters("jo@example.org").await.len(), 1, "without words there is no letter about them");
}

async fn whoever_stands_in_hears_of_it_and_has_the_tasks(site: &mut Site) {
    let all = pair(site);
    let (imran, stand_in) = staff(site, &all, "imran", Role::BridgeBuilder);
    let (_, cora) = staff(site, &all, "cora", Role::Coordinator);
    let task = [("what", "Ring the studio"), ("due", "2026-11-21")];
    all.rowan.post(site, &format!("{}/tasks", record(&all)), &task).await;
    let cover = [("account", &*imran.to_string()), ("until", "2026-11-23"), ("reason", "Holiday")];
    cora.post(site, &format!("{}/cover", record(&all)), &cover).await;
    let letters = site.letters("imran@example.org").await;
    assert_eq!(letters.len(), 1);
    assert!(!format!("{} {}", letters[0].heading, letters[0].text.show()).contains("Jo"));
    let desk = stand_in.get(site, "/desk").await;
    assert!(desk.text.contains("Ring the studio") && desk.text.contains("One thing is due"), "{desk:?}");
    assert!(desk.text.contains("You stand in until") && desk.text.contains("23 November 2026"), "{desk:?}");
    assert!(all.rowan.get(site, "/desk").await.text.contains("Ring the studio"), "it is still Rowan's");
    let line = all.jo.get(site, "/my-path/written").await;
    assert!(line.text.contains("Stands in: imran until 23 November 2026: Holiday"), "{line:?}");
    let own = [("account", &*all.worker.to_string()), ("until", "2026-11-23"), ("reason", "Holiday")];
    assert_eq!(
        cora.ask(site, "POST", &format!("{}/cover", record(&all)), &own).await.status,
        422,
        "nobody stands in for themself"
    );
    let (nell, _) = staff(site, &all, "nell", Role::BridgeBuilder);
    let other = [("account", &*nell.to_string()), ("until", "2026-11-23"), ("reason", "Holiday")];
    cora.post(site, &format!("{}/cover", record(&all)), &other).await;
    assert_eq!(stand_in.get(site, &record(&all)).await.status, 404, "one at a time");
    cora.post(site, &format!("{}/cover", record(&all)), &cover).await;
    site.later(TimeDelta::days(4));
    assert!(!Someone::signed_in(site, imran).get(site, "/desk").await.text.contains("Ring the studio"));
}

async fn a_coordinator_sees_who_goes_along_with_whom(site: &mut Site) {
    let all = pair(site);
    let (imran, _) = staff(site, &all, "Imran Sethi", Role::BridgeBuilder);
    let (_, cora) = staff(site, &all, "cora", Role::Coordinator);
    someone(site, "Ash New", None, all.east, imran, true);
    let desk = cora.get(site, "/desk").await;
    let with = desk.all(".case__facts span").concat();
    assert!(with.contains("With Rowan Ashby") && with.contains("With Imran Sethi"), "{with}");
    let names = async |path: &str| cora.get(site, path).await.all(".case strong a");
    assert_eq!(names(&format!("/desk?with={imran}")).await, ["Ash New"]);
    assert_eq!(names(&format!("/desk?with={}&show=needs", all.worker)).await.len(), 0);
    assert_eq!(names("/desk?with=nobody").await.len(), 2);
    assert!(!all.rowan.get(site, &format!("/desk?with={imran}")).await.text.contains("Ash New"));
    // As when the account of whoever went along is closed.
    site.app.db.write_now(|c| footbridge::referrals::part(c, imran, &[], site.now())).expect("Imran leaves");
    assert_eq!(why(site, &cora).await, ["Nobody goes along with them"]);
}

async fn a_peer_has_marks_and_tasks_of_their_own(site: &mut Site) {
    site.load_demo();
    let all = pair(site);
    let (account, pat) = staff(site, &all, "Pat Doyle", Role::Peer);
    pat.post(site, "/my-work", &[("hello", "I drum, badly.")]).await;
    all.jo.post(site, "/my-path/peers", &[("choose", &account.to_string())]).await;
    assert!(all.jo.get(site, "/my-path").await.all("p").contains(&"Walking along: Pat Doyle".to_owned()));
    let id = wish(site, all.person, "play guitar with others");
    let theirs = format!("{}/wishes/{id}", record(&all));
    let venue = all.rowan.get(site, &theirs).await.attributes("input[name=venue]", "value")[0].clone();
    all.rowan.post(site, &theirs, &[("venue", &venue), ("mark", "like"), ("why", "kind people")]).await;
    pat.post(site, &theirs, &[("venue", &venue), ("mark", "not-for-me"), ("why", "steep stairs")]).await;
    let seen = all.jo.get(site, &format!("/my-path/wishes/{id}")).await.all("p");
    for said in ["Your bridge builder: I like it: kind people", "Whoever walks along: Not for me: steep stairs"] {
        assert!(seen.contains(&said.to_owned()), "{said}: {seen:?}");
    }
    let add = |what| [("what", what), ("due", "2026-11-21")];
    all.rowan.post(site, &format!("{}/tasks", record(&all)), &add("Ring the studio")).await;
    pat.post(site, &format!("{}/tasks", record(&all)), &add("Bring sticks")).await;
    assert_eq!(pat.get(site, &record(&all)).await.attributes("input[name=task]", "value").len(), 1, "what they can tick off");
    all.jo.post(site, "/my-path/messages", &[("body", "Shall we?")]).await;
    assert!(why(site, &pat).await.iter().all(|why| why.contains("due")), "it is not for a peer to answer");
    let tasks = all.rowan.get(site, &record(&all)).await.attributes("input[name=task]", "value");
    let done = format!("{}/tasks/done", record(&all));
    let mut answers = Vec::new();
    for task in &tasks {
        answers.push(pat.ask(site, "POST", &done, &[("task", task)]).await.status);
    }
    answers.sort_unstable();
    assert_eq!(answers, [303, 404], "a peer ticks off what they put down");
    assert!(all.rowan.get(site, "/desk").await.text.contains("Ring the studio"));
}

//! Into the service, through HTTP: someone tells what they would like to do, alone or through others, and a coordinator takes it on.

mod left;
mod place;

use diesel::{QueryDsl, RunQueryDsl, dsl::count_star};
use footbridge::{
    audit,
    people::{self, About, Reach, aspirations, consents},
    referrals::{self, state::State},
    schema::{referral_drafts, referrals as table, subject_keys},
    values::{ReferralId, SubjectId},
};

use crate::{
    harness::{Site, Visit, clock},
    on_both_databases,
    people::{Someone, entries_of, team},
};

on_both_databases!(
    a_shared_device_keeps_nothing_of_a_note,
    someone_writes_a_note_from_the_first_page_to_the_last,
    what_was_sent_becomes_a_record,
    what_can_t_be_a_way_to_reach_someone_is_said,
    what_is_wrong_is_said_and_nothing_typed_is_lost,
    clinical_words_are_asked_about_and_never_stop_anyone,
    someone_without_mail_is_reached_another_way,
);

/// Every referral there is, with the person it is about.
fn referrals(site: &Site) -> Vec<(ReferralId, SubjectId)> {
    let rows: Vec<(String, String)> = site
        .app
        .db
        .read_now(|c| Ok(table::table.order(table::received_at).select((table::id, table::person_id)).load(c)?))
        .expect("referrals");
    rows.into_iter().map(|(id, person)| (id.parse().expect("an id"), person.parse().expect("an id"))).collect()
}

fn about(site: &Site, person: SubjectId) -> About {
    site.app.db.read_now(|c| people::about(c, &site.app.vault, person)).expect("an answer").expect("they are there")
}

fn drafts(site: &Site) -> i64 {
    site.app.db.read_now(|c| Ok(referral_drafts::table.select(count_star()).first(c)?)).expect("a count")
}

fn keys(site: &Site) -> i64 {
    site.app.db.read_now(|c| Ok(subject_keys::table.select(count_star()).first(c)?)).expect("a count")
}

/// A page, what is answered there, and where it leads.
type Answered<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

/// Answers the pages up to the last, and looks at it.
async fn answer_all(site: &Site, someone: &Someone) -> Visit {
    let pages: [Answered; 8] = [
        ("/refer/myself", &[("words", "I want to drum again, with others")], "/refer/myself/good-at"),
        ("/refer/myself/good-at", &[("good_at", "Keeping time")], "/refer/myself/name"),
        ("/refer/myself/name", &[("name", "Morgan")], "/refer/myself/contact"),
        ("/refer/myself/contact", &[("reach", "email"), ("reach_at", "Morgan@Example.org")], "/refer/myself/care"),
        ("/refer/myself/care", &[("when", "after 2"), ("never_say", "the name of the team")], "/refer/myself/area"),
        ("/refer/myself/area", &[("area", "SE15")], "/refer/myself/needs"),
        ("/refer/myself/needs", &[("access", "No steps"), ("languages", "English")], "/refer/myself/helper"),
        ("/refer/myself/helper", &[("helper", "Jo, my sister")], "/refer/myself/check"),
    ];
    for (path, answers, next) in pages {
        let page = someone.get(site, path).await;
        assert_eq!(page.all("h1").len(), 1, "{path}: {page:?}");
        let answer = someone.ask(site, "POST", path, answers).await;
        assert_eq!((answer.status, answer.header("location")), (303, next), "{path}: {answer:?}");
    }
    someone.get(site, "/refer/myself/check").await
}

async fn someone_writes_a_note_from_the_first_page_to_the_last(site: &mut Site) {
    let someone = Someone::new();
    let first = someone.get(site, "/refer/myself").await;
    for said in ["Our team reads it", "You can stop at any time", "Your benefits don’t depend on it", "one of us gets in touch"]
    {
        assert!(first.text.contains(said), "{said}");
    }
    let check = answer_all(site, &someone).await;
    for said in [
        "I want to drum again, with others",
        "Keeping time",
        "Morgan",
        "morgan@example.org",
        "after 2",
        "SE15",
        "No steps",
        "Jo, my sister",
    ] {
        assert!(check.text.to_lowercase().contains(&said.to_lowercase()), "{said}: {check:?}");
    }
    let unsure = someone.ask(site, "POST", "/refer/myself/check", &[]).await;
    assert_eq!((unsure.status, referrals(site).len()), (422, 0), "not without their yes");
    let thanks = someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!(thanks.all("h1"), ["Thank you. We have your note"]);
    assert!(!thanks.text.contains("Morgan") && !thanks.text.contains("drum"), "{thanks:?}");
    assert_eq!(thanks.all("main").len(), 1);
    let letters = site.letters("morgan@example.org").await;
    let [letter] = &letters[..] else { panic!("one letter") };
    assert_eq!(letter.heading, "We have your note");
    assert!(!letter.text.show().contains("drum") && !letter.text.show().contains("Morgan"));
    let stranger = Someone::new().get(site, "/refer/thanks").await;
    assert_eq!(stranger.text, thanks.text, "the same to all");
}

async fn what_was_sent_becomes_a_record(site: &mut Site) {
    let east = team(site, "East");
    let someone = Someone::new();
    answer_all(site, &someone).await;
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    let [(referral, person)] = referrals(site)[..] else { panic!("one referral: {:?}", referrals(site)) };
    let known = about(site, person);
    assert_eq!((known.called(), known.area.as_str(), known.strengths.as_str()), ("Morgan", "SE15", "Keeping time"));
    assert_eq!(known.contact.ways, [Reach::Email]);
    assert_eq!(known.contact.email.as_ref().map(|email| email.as_str()), Some("morgan@example.org"));
    let vault = site.app.vault.clone();
    let (row, wants, agreed, seen) = site
        .app
        .db
        .read_now(|c| {
            Ok((
                referrals::store::one(c, referral)?.expect("it is there"),
                aspirations::of(c, &vault, person)?,
                consents::of(c, person)?,
                audit::of(c, person, 1)?,
            ))
        })
        .expect("it is read");
    assert_eq!((row.way.as_str(), row.state.as_str()), ("self", State::Received.code()));
    assert_eq!(row.team_id, Some(east.to_string()), "the one team there is");
    assert!(!row.words.as_str().contains("drum"));
    assert_eq!(wants[0].wanted.words.as_str(), "I want to drum again, with others");
    assert!(wants[0].domains.contains(&footbridge::vocabulary::Domain::Arts), "{:?}", wants[0].domains);
    assert_eq!((agreed.len(), agreed[0].purpose, agreed[0].given_at), (1, consents::Purpose::Keep, clock().stamp()));
    assert_eq!(entries_of(site, person)[0].body.show(), "Jo, my sister helped to fill this in.");
    let actions: Vec<&str> = seen.entries.iter().map(|entry| entry.action.code()).collect();
    assert_eq!(actions, ["record-began", "consent-given"]);
}

async fn what_is_wrong_is_said_and_nothing_typed_is_lost(site: &mut Site) {
    let someone = Someone::new();
    let long = "drum ".repeat(1_100);
    let page = someone.post(site, "/refer/myself", &[("words", &long)]).await;
    assert_eq!((page.status, drafts(site)), (422, 0), "nothing is kept before it can be used");
    assert!(page.all("textarea")[0].len() > 4_990, "what was typed is still there");
    someone.post(site, "/refer/myself", &[("words", "")]).await;
    let nameless = someone.post(site, "/refer/myself/name", &[("name", "  ")]).await;
    assert_eq!(nameless.status, 422);
    assert_eq!(nameless.attributes(".govuk-error-summary a", "href"), ["#name"]);
    let check = someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!((check.status, referrals(site).len()), (422, 0));
    assert_eq!(check.attributes(".govuk-error-summary a", "href"), ["#name", "#reach"]);
    let change = check.attributes("#name .answers__change a", "href");
    assert_eq!(change, ["/refer/myself/name?from=check#name"]);
    let page = someone.get(site, "/refer/myself/name?from=check").await;
    assert_eq!(page.attributes("input[name=from]", "value"), ["check"]);
    let on = someone.ask(site, "POST", "/refer/myself/name", &[("name", "Zoë \u{1f941}"), ("from", "check")]).await;
    assert_eq!(on.header("location"), "/refer/myself/check");
    someone.post(site, "/refer/myself/contact", &[("reach", "phone"), ("reach_at", "07700 900123")]).await;
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    let [(_, person)] = referrals(site)[..] else { panic!("one referral") };
    assert_eq!(about(site, person).called(), "Zoë \u{1f941}");
    for path in ["/refer/myself/nothing", "/refer/myself/sent"] {
        assert_eq!(someone.ask(site, "GET", path, &[]).await.status, 404, "{path}");
    }
}

async fn what_can_t_be_a_way_to_reach_someone_is_said(site: &mut Site) {
    let someone = Someone::new();
    someone.post(site, "/refer/myself", &[("words", "")]).await;
    for (reach, at, field) in [
        ("", "07700 900123", "#reach"),
        ("phone", "ring me <b>soon</b>", "#reach_at"),
        ("email", "morgan", "#reach_at"),
        ("post", "here", "#reach_at"),
        ("someone", "", "#reach_at"),
        ("pigeon", "the loft", "#reach"),
    ] {
        let page = someone.post(site, "/refer/myself/contact", &[("reach", reach), ("reach_at", at)]).await;
        assert_eq!(page.status, 422, "{reach}");
        assert_eq!(page.attributes(".govuk-error-summary a", "href"), [field], "{reach}");
        assert_eq!(page.attributes("#reach_at", "value"), [at], "{reach}");
        assert!(!page.text.contains("<b>soon"), "{reach}");
    }
}

async fn clinical_words_are_asked_about_and_never_stop_anyone(site: &mut Site) {
    let someone = Someone::new();
    someone.post(site, "/refer/myself", &[("words", "I was sectioned in May. I want to drum again.")]).await;
    someone.post(site, "/refer/myself/name", &[("name", "Morgan")]).await;
    someone.post(site, "/refer/myself/contact", &[("reach", "phone"), ("reach_at", "07700 900123")]).await;
    let check = someone.get(site, "/refer/myself/check").await;
    assert_eq!(check.all(".gentle q"), ["sectioned"]);
    assert!(check.text.contains("Did you mean to?"));
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!(referrals(site).len(), 1);
}

async fn someone_without_mail_is_reached_another_way(site: &mut Site) {
    for (reach, at) in
        [("phone", "07700 900123"), ("text", "07700 900123"), ("post", "1 Canal Row, SE15 4QL"), ("someone", "Jo, 07700 900124")]
    {
        let someone = Someone::new();
        someone.post(site, "/refer/myself", &[("words", "")]).await;
        someone.post(site, "/refer/myself/name", &[("name", "Morgan")]).await;
        someone.post(site, "/refer/myself/contact", &[("reach", reach), ("reach_at", at)]).await;
        let thanks = someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
        assert_eq!(thanks.all("h1"), ["Thank you. We have your note"], "{reach}: {thanks:?}");
    }
    assert_eq!(referrals(site).len(), 4);
}

async fn a_shared_device_keeps_nothing_of_a_note(site: &mut Site) {
    let someone = Someone::new();
    answer_all(site, &someone).await;
    for page in ["/refer/myself", "/refer/myself/contact", "/refer/myself/check"] {
        assert_eq!(someone.get(site, page).await.header("cache-control"), "no-store", "{page}");
    }
    let sent = someone.ask(site, "POST", "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!((sent.status, sent.header("clear-site-data")), (303, "\"cache\""));
    let wrong = Someone::new().post(site, "/refer/someone", &[("name", "Morgan Vale")]).await;
    assert_eq!((wrong.status, wrong.header("cache-control")), (422, "no-store"), "it shows what was typed");
}

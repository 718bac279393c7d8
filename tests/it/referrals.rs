//! Into the service, through HTTP: someone tells what they would like to do, alone or through others, and a coordinator takes it on.

use diesel::{QueryDsl, RunQueryDsl, dsl::count_star};
use footbridge::{
    audit,
    people::{self, About, Reach, aspirations, consents, timeline},
    referrals::{self, draft, state::State},
    schema::{referral_drafts, referrals as table, subject_keys},
    values::{ReferralId, SubjectId},
};

use crate::{
    harness::{Site, Visit, clock},
    on_both_databases,
    people::{Someone, team},
};

on_both_databases!(
    someone_writes_a_note_from_the_first_page_to_the_last,
    what_was_sent_becomes_a_record,
    what_can_t_be_a_way_to_reach_someone_is_said,
    what_is_wrong_is_said_and_nothing_typed_is_lost,
    a_note_is_left_and_taken_up_again,
    a_note_is_taken_up_on_another_device_by_its_link,
    two_windows_make_one_referral,
    a_note_that_waits_too_long_is_gone,
    a_place_and_words_come_along_and_stand_in_no_address,
    another_s_note_is_out_of_reach,
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
    let (row, wants, agreed, (entries, _), seen) = site
        .app
        .db
        .read_now(|c| {
            Ok((
                referrals::store::one(c, referral)?.expect("it is there"),
                aspirations::of(c, &vault, person)?,
                consents::of(c, person)?,
                timeline::page(c, &vault, person, 1, 10)?,
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
    assert_eq!(entries[0].body.show(), "Jo, my sister helped to fill this in.");
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

async fn a_note_is_left_and_taken_up_again(site: &mut Site) {
    let someone = Someone::new();
    let kept = someone.post(site, "/refer/myself", &[("words", "I want to drum again"), ("later", "yes")]).await;
    assert_eq!(kept.all("h1"), ["Your answers are kept"]);
    let back = someone.get(site, "/refer/myself").await;
    assert_eq!(back.all("textarea"), ["I want to drum again"]);
    assert_eq!(someone.get(site, "/refer/myself/good-at").await.status, 200);
    let elsewhere = Someone::new().get(site, "/refer/myself/good-at").await;
    assert!(elsewhere.text.contains("We lost your place") && !elsewhere.text.contains("drum"), "{elsewhere:?}");
    let gone = someone.post(site, "/refer/myself/delete", &[]).await;
    assert_eq!((gone.status, drafts(site), keys(site)), (200, 0, 0), "{gone:?}");
    assert_eq!(someone.get(site, "/refer/myself").await.all("textarea"), [""]);
}

async fn a_note_is_taken_up_on_another_device_by_its_link(site: &mut Site) {
    let here = Someone::new();
    here.post(site, "/refer/myself", &[("words", "I want to drum again")]).await;
    let wrong = here.post(site, "/refer/myself/later", &[("email", "morgan")]).await;
    assert_eq!((wrong.status, wrong.attributes("#email", "value")), (422, vec!["morgan".to_owned()]));
    let sent = here.post(site, "/refer/myself/later", &[("email", "morgan@example.org")]).await;
    assert!(sent.text.contains("A letter with your link is on its way"), "{sent:?}");
    let letters = site.letters("morgan@example.org").await;
    let [letter] = &letters[..] else { panic!("one letter") };
    assert!(!letter.text.show().contains("drum") && !letter.text.show().contains("refer"));
    let link = letter.text.show().split_whitespace().find(|word| word.contains("/note/")).expect("a link").to_owned();
    let path = link[link.find("/note/").expect("a path")..].to_owned();
    let there = Someone::new();
    let button = there.get(site, &path).await;
    assert!(!button.text.contains("drum"), "a scanner that follows links sees nothing");
    assert_eq!(here.get(site, "/refer/myself").await.all("textarea"), ["I want to drum again"], "and takes nothing up");
    let on = there.post(site, &path, &[]).await;
    assert_eq!(on.all("h1"), ["What do you like, or what are you good at?"]);
    assert_eq!(there.get(site, "/refer/myself").await.all("textarea"), ["I want to drum again"]);
    assert_eq!(here.get(site, "/refer/myself").await.all("textarea"), [""], "it is on the other device now");
    let nothing = Someone::new().post(site, "/note/nothing", &[]).await;
    assert_eq!(nothing.all("h1"), ["This link doesn’t work"]);
}

async fn two_windows_make_one_referral(site: &mut Site) {
    let someone = Someone::new();
    answer_all(site, &someone).await;
    let other = Someone::new();
    other.keep("footbridge-note", &someone.cookie("footbridge-note").expect("a note"));
    let (one, two) = tokio::join!(
        someone.ask(site, "POST", "/refer/myself/check", &[("agree", "yes")]),
        other.ask(site, "POST", "/refer/myself/check", &[("agree", "yes")]),
    );
    for sent in [one, two] {
        assert_eq!((sent.status, sent.header("location")), (303, "/refer/thanks"), "{sent:?}");
    }
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!(referrals(site).len(), 1);
    let back = someone.get(site, "/refer/myself").await;
    assert_eq!(back.all("h1"), ["We have your note"]);
    assert!(!back.text.contains("drum"), "nothing of it is shown any more");
    someone.post(site, "/refer/myself", &[("words", "Something else")]).await;
    someone.post(site, "/refer/myself/name", &[("name", "Somebody")]).await;
    let [(_, person)] = referrals(site)[..] else { panic!("one referral") };
    assert_eq!(about(site, person).called(), "Morgan", "what was sent can't be changed from there");
    someone.post(site, "/refer/myself/new", &[]).await;
    answer_all(site, &someone).await;
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!(referrals(site).len(), 2, "another note is another referral");
}

async fn a_note_that_waits_too_long_is_gone(site: &mut Site) {
    let (waits, sent) = (Someone::new(), Someone::new());
    waits.post(site, "/refer/myself", &[("words", "I want to drum again")]).await;
    answer_all(site, &sent).await;
    sent.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!((drafts(site), keys(site)), (2, 3));
    let before = clock().stamp() + draft::LASTS - chrono::TimeDelta::seconds(1);
    site.app.db.write_now(|c| draft::tidy(c, before)).expect("it is tidied");
    assert_eq!((drafts(site), keys(site)), (2, 3));
    site.app.db.write_now(|c| draft::tidy(c, clock().stamp() + draft::LASTS)).expect("it is tidied");
    assert_eq!((drafts(site), keys(site)), (0, 2), "what was sent keeps its key, and so does the account");
    let [(_, person)] = referrals(site)[..] else { panic!("one referral") };
    assert_eq!(about(site, person).called(), "Morgan");
}

/// The id of a place of the demo.
async fn some_place(site: &Site) -> (String, String) {
    let found = site.get("/api/v1/venues?q=rehearsal&per_page=1").await.json();
    let text = |name: &str| found["items"][0][name].as_str().expect("a text").to_owned();
    (text("id"), text("name"))
}

async fn a_place_and_words_come_along_and_stand_in_no_address(site: &mut Site) {
    site.load_demo();
    let (id, name) = some_place(site).await;
    let someone = Someone::new();
    let page = someone.get(site, &format!("/venues/{id}")).await;
    let link = page.attributes(".glance__try a", "href");
    assert_eq!(link, [format!("/refer/myself?venue={id}")]);
    let first = someone.get(site, &link[0]).await;
    assert_eq!(first.all(".notice strong"), [name.as_str()]);
    let wish = [("text", "I want to drum again"), ("near", "SE29"), ("venue", &id)];
    let found = someone.post(site, "/match", &wish[..2]).await;
    let along = found.attributes("button[formaction]", "formaction");
    assert!(!along.is_empty() && along.iter().all(|to| to == "/refer/myself/start"), "{along:?}");
    let carried = someone.ask(site, "POST", "/refer/myself/start", &wish).await;
    assert_eq!((carried.status, drafts(site)), (200, 0), "nothing is kept until they go on");
    assert_eq!(carried.all("textarea"), ["I want to drum again"]);
    let hidden = |page: &Visit, name: &str| page.attributes(&format!("input[name={name}]"), "value");
    assert_eq!((hidden(&carried, "venue"), hidden(&carried, "near")), (vec![id.clone()], vec!["SE29".to_owned()]));
    let on =
        someone.ask(site, "POST", "/refer/myself", &[("words", "I want to drum again"), ("near", "SE29"), ("venue", &id)]).await;
    assert_eq!(on.header("location"), "/refer/myself/good-at");
    assert_eq!(someone.get(site, "/refer/myself/area").await.attributes("#area", "value"), ["SE29"]);
    assert_eq!(someone.get(site, "/refer/myself/check").await.all(".notice strong"), [name.as_str()]);
    let again = someone.ask(site, "POST", "/refer/myself/start", &[("text", "and sing")]).await;
    assert!(again.all("textarea")[0].contains("I want to drum again and sing"), "nothing written before is lost");
    for nonsense in ["nothing", "../../x", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(someone.ask(site, "POST", "/refer/myself/start", &[("venue", nonsense)]).await.status, 200, "{nonsense}");
    }
}

async fn another_s_note_is_out_of_reach(site: &mut Site) {
    let (mine, theirs) = (Someone::new(), Someone::new());
    mine.post(site, "/refer/myself", &[("words", "my own words")]).await;
    theirs.post(site, "/refer/myself", &[("words", "their own words")]).await;
    let forged = Someone::new();
    let hash = footbridge::accounts::token::Token::sent(&mine.cookie("footbridge-note").expect("a note")).hash();
    for guess in [hash.as_str(), "nothing", ""] {
        forged.keep("footbridge-note", guess);
        assert!(!forged.get(site, "/refer/myself").await.text.contains("my own words"));
        assert!(!forged.get(site, "/refer/myself/check").await.text.contains("my own words"));
        forged.post(site, "/refer/myself/delete", &[]).await;
    }
    assert!(theirs.get(site, "/refer/myself/check").await.text.contains("their own words"));
    assert!(!theirs.get(site, "/refer/myself/check").await.text.contains("my own words"));
    assert!(mine.get(site, "/refer/myself").await.text.contains("my own words"));
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

//! My path and the desks: what a person, a bridge builder and a coordinator find, and what they can do there.

use chrono::TimeDelta;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use footbridge::{
    accounts::{Role, clients},
    audit::Actor,
    people::{self, About, aspirations, aspirations::Wanted},
    referrals::{
        self, By, New, Taken, Way,
        state::{Move, Who},
    },
    values::{AccountId, AspirationId, SubjectId, TeamId},
    vault::Private,
};

use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, account_with, team},
};

on_both_databases!(
    a_bridge_builder_begins_with_whoever_needs_something,
    messages_go_both_ways_and_the_letter_says_nothing,
    a_person_pauses_goes_on_stops_and_comes_back,
    places_for_a_wish_are_marked_by_both_and_chosen_by_the_person,
    a_person_sees_who_looked_and_takes_all_of_it_away,
    erased_means_gone,
    someone_without_an_address_gets_a_card,
    whoever_stands_in_sees_the_record_and_the_person_reads_why,
    nothing_typed_is_lost_when_something_is_wrong,
    a_calendar_shows_days_and_nothing_about_anyone,
    what_someone_says_is_written_down_with_them,
    a_message_that_cannot_be_read_is_no_contact,
    whoever_is_not_with_us_now_can_be_found_again,
    a_note_taken_back_before_a_team_had_it_can_be_found_again,
    what_a_new_person_writes_stands_where_they_are_taken_in,
    whoever_has_nobody_beside_them_is_not_told_otherwise,
);

/// A person with a bridge builder who has begun.
pub struct Pair {
    pub person: SubjectId,
    pub worker: AccountId,
    pub east: TeamId,
    pub rowan: Someone,
    pub jo: Someone,
}

pub fn pair(site: &Site) -> Pair {
    let east = team(site, "East");
    let worker = account_with(
        site,
        "rowan@example.org",
        "Rowan Ashby",
        footbridge::accounts::State::Active,
        Role::BridgeBuilder,
        Some(east),
    );
    let person = someone(site, "Jo Marsh", Some("jo@example.org"), east, worker, true);
    let account = site.app.db.read_now(|c| clients::account_of(c, person)).expect("the database answers").expect("an account");
    Pair { person, worker, east, rowan: Someone::signed_in(site, worker), jo: Someone::signed_in(site, account) }
}

/// Someone in a team's care, given to a bridge builder, who has begun or not.
pub fn someone(site: &Site, name: &str, email: Option<&str>, team: TeamId, worker: AccountId, begun: bool) -> SubjectId {
    let now = site.now();
    let made = site.app.db.write_now(|c| {
        let mut about = About {
            chosen_name: name.parse().expect("a name"),
            strengths: "rhythm guitar".parse().expect("words"),
            ..About::default()
        };
        about.contact.email = email.map(|email| email.parse().expect("an address"));
        let vault = &site.app.vault;
        let person = people::add(c, vault, Some(team), &about, now)?;
        let key = people::key(c, vault, person)?;
        let new = New {
            person,
            way: Way::Own,
            taken: Taken::Page,
            team: Some(team),
            venue: None,
            referrer: None,
            words: Private::new("play again"),
            form_mark: person.to_string(),
        };
        let referral = referrals::open(c, &key, &new, Actor::Visitor, now)?.expect("a referral");
        let by = |who| By { who, written: Actor::Account(worker) };
        referrals::apply(c, vault, referral, Move::Accept, by(Who::Coordinator), None, now)?;
        referrals::apply(c, vault, referral, Move::Allocate, by(Who::Coordinator), None, now)?;
        referrals::give_to(c, referral, worker, Actor::System, now)?;
        if begun {
            referrals::apply(c, vault, referral, Move::Begin, by(Who::BridgeBuilder), None, now)?;
        }
        if let Some(email) = &about.contact.email {
            clients::account_for(c, vault, person, name, Some(email), now)?;
        }
        Ok(person)
    });
    made.expect("someone")
}

pub fn wish(site: &Site, person: SubjectId, words: &str) -> AspirationId {
    let now = site.now();
    let wanted = Wanted { words: words.parse().expect("words"), near: "SE29".parse().expect("a place"), ..Wanted::default() };
    site.app.db.write_now(|c| aspirations::add(c, &site.app.vault, person, &wanted, &[], now)).expect("a wish")
}

async fn a_bridge_builder_begins_with_whoever_needs_something(site: &mut Site) {
    let all = pair(site);
    someone(site, "Ash New", None, all.east, all.worker, false);
    someone(site, "Kit Quiet", None, all.east, all.worker, true);
    let names = |page: &crate::harness::Visit| page.all(".case strong a");
    let desk = all.rowan.get(site, "/desk").await;
    assert_eq!(names(&desk)[0], "Ash New", "{desk:?}");
    site.later(TimeDelta::minutes(30));
    all.jo.post(site, "/my-path/messages", &[("body", "Are you there?")]).await;
    let desk = all.rowan.get(site, "/desk").await;
    assert_eq!(names(&desk)[..2], ["Jo Marsh", "Ash New"]);
    assert_eq!(desk.all(".case")[0].matches("A message waits").count(), 1);
    // Found by name, with nothing of it in an address.
    let found = all.rowan.post(site, "/desk", &[("q", "kit")]).await;
    assert_eq!(names(&found), ["Kit Quiet"]);
    assert!(!found.text.contains("q=kit") && !found.text.contains("?q"), "{found:?}");
    assert_eq!(names(&all.rowan.get(site, "/desk?show=needs").await).len(), 2);
    assert_eq!(names(&all.rowan.get(site, "/desk?show=paused").await).len(), 0);
    // Another team's bridge builder has an empty desk.
    let west = team(site, "West");
    let nell =
        account_with(site, "nell@example.org", "Nell", footbridge::accounts::State::Active, Role::BridgeBuilder, Some(west));
    assert_eq!(names(&Someone::signed_in(site, nell).get(site, "/desk").await).len(), 0);
}

async fn messages_go_both_ways_and_the_letter_says_nothing(site: &mut Site) {
    let all = pair(site);
    let record = format!("/people/{}", all.person);
    let sent = all
        .rowan
        .post(site, &format!("{record}/entries"), &[("sort", "message"), ("body", "Tuesday at the studio?\nI bring tea")])
        .await;
    assert!(sent.text.contains("on its way"), "{sent:?}");
    let letters = site.letters("jo@example.org").await;
    assert_eq!(letters.len(), 1);
    let said = format!("{} {} {}", letters[0].heading, letters[0].text.show(), letters[0].html.show());
    assert!(!said.contains("studio") && !said.contains("Rowan") && !said.contains(&all.person.to_string()), "{said}");
    let path = all.jo.get(site, "/my-path").await;
    assert!(path.text.contains("Tuesday at the studio?") && path.text.contains("Rowan Ashby"), "{path:?}");
    all.jo.post(site, "/my-path/messages", &[("body", "Yes <b>please</b>")]).await;
    let page = all.rowan.get(site, &record).await;
    assert!(page.text.contains("Yes &lt;b&gt;please"), "{page:?}");
}

async fn a_person_pauses_goes_on_stops_and_comes_back(site: &mut Site) {
    let all = pair(site);
    let heading = |page: &crate::harness::Visit| page.all(".path__next h2").concat();
    let wrong = all.jo.post(site, "/my-path/moves", &[("move", "pause"), ("until", "2026-11-20")]).await;
    assert_eq!((wrong.status, wrong.all("#until-error").len()), (422, 1), "a day that has passed");
    assert_eq!(wrong.attributes("#until", "value"), ["2026-11-20"]);
    let paused = all.jo.post(site, "/my-path/moves", &[("move", "pause"), ("until", "2026-12-03")]).await;
    assert_eq!(heading(&paused), "You paused until 3 December 2026");
    assert_eq!(all.rowan.get(site, "/desk").await.all(".case__why li"), ["Paused"]);
    all.rowan.post(site, &format!("/people/{}/seen", all.person), &[]).await;
    assert!(all.rowan.get(site, "/desk").await.all(".case__why").is_empty(), "a pause is left in peace");
    site.later(TimeDelta::days(12));
    let all_again = Someone::signed_in(site, all.worker);
    assert!(all_again.get(site, "/desk").await.text.contains("Their pause is over"));
    let on = all.jo.post(site, "/my-path/moves", &[("move", "resume")]).await;
    assert_eq!(heading(&on), "Rowan Ashby is beside you");
    let stopped = all.jo.post(site, "/my-path/moves", &[("move", "stop")]).await;
    assert_eq!(heading(&stopped), "The door is open");
    let back = all.jo.post(site, "/my-path/moves", &[("move", "return")]).await;
    assert_eq!(heading(&back), "Rowan Ashby is beside you");
    assert_eq!(all.jo.ask(site, "POST", "/my-path/moves", &[("move", "begin")]).await.status, 422, "not theirs to press");
}

async fn places_for_a_wish_are_marked_by_both_and_chosen_by_the_person(site: &mut Site) {
    site.load_demo();
    let all = pair(site);
    let id = wish(site, all.person, "play guitar with others");
    let theirs = format!("/people/{}/wishes/{id}", all.person);
    let page = all.rowan.get(site, &theirs).await;
    let venues = page.attributes("input[name=venue]", "value");
    assert!(venues.len() >= 3, "{page:?}");
    all.rowan.post(site, &theirs, &[("venue", &venues[0]), ("mark", "like"), ("why", "they are kind")]).await;
    let own = format!("/my-path/wishes/{id}");
    let seen = all.jo.get(site, &own).await;
    assert!(seen.text.contains("they are kind"), "{seen:?}");
    all.jo.post(site, &own, &[("venue", &venues[0]), ("mark", "choose")]).await;
    all.jo.post(site, &own, &[("venue", &venues[1]), ("mark", "not-for-me"), ("why", "too far")]).await;
    let page = all.rowan.get(site, &theirs).await;
    assert!(page.text.contains("Chosen") && page.text.contains("too far"), "{page:?}");
    for (venue, mark) in [("6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8", "like"), (venues[0].as_str(), "wonderful"), ("no id", "like")]
    {
        assert_eq!(all.jo.ask(site, "POST", &own, &[("venue", venue), ("mark", mark)]).await.status, 404, "{venue} {mark}");
    }
    // Another's wish is nobody's.
    let other = someone(site, "Al Other", Some("al@example.org"), all.east, all.worker, true);
    let others = wish(site, other, "chess");
    assert_eq!(all.jo.get(site, &format!("/my-path/wishes/{others}")).await.status, 404);
    assert_eq!(all.rowan.get(site, &format!("/people/{}/wishes/{others}", all.person)).await.status, 404);
}

async fn a_person_sees_who_looked_and_takes_all_of_it_away(site: &mut Site) {
    let all = pair(site);
    wish(site, all.person, "sing with others");
    let record = format!("/people/{}", all.person);
    all.rowan.post(site, &format!("{record}/entries"), &[("sort", "note"), ("body", "likes tea at four")]).await;
    all.rowan.get(site, &record).await;
    let written = all.jo.get(site, "/my-path/written").await;
    assert!(written.text.contains("likes tea at four") && written.text.contains("Rowan Ashby"), "{written:?}");
    site.later(TimeDelta::minutes(1));
    for count in 0..20 {
        all.jo.ask(site, "POST", "/my-path/messages", &[("body", &format!("Hello, for the {count}th time"))]).await;
    }
    let first = all.jo.get(site, "/my-path/written").await;
    assert_eq!((first.all(".entry").len(), first.text.contains("likes tea at four")), (20, false));
    assert_eq!(first.all(".entry--mine").len(), 20);
    let older = first.attributes("a[rel=next]", "href");
    assert!(all.jo.get(site, &older[0]).await.text.contains("likes tea at four"), "nothing is out of reach");
    let looked = all.jo.get(site, "/my-path/looked").await;
    assert!(looked.text.contains("Rowan Ashby") && looked.text.contains("looked at your record"), "{looked:?}");
    let page = all.jo.get(site, "/my-path/download").await;
    let file = all.jo.get(site, "/my-path/download.json").await;
    assert!(file.header("content-disposition").contains("attachment"));
    for kept in ["Jo Marsh", "rhythm guitar", "sing with others", "likes tea at four", "jo@example.org"] {
        assert!(page.text.contains(kept) && file.text.contains(kept), "{kept} is missing");
    }
    let entries = file.json()["entries"].clone();
    assert_eq!(
        (&entries[0]["by_account"], &entries[0]["body"]),
        (&"Rowan Ashby".into(), &"likes tea at four".into()),
        "in order, with who"
    );
    assert_eq!(file.json()["people"][0]["about"]["chosen_name"], "Jo Marsh");
    site.later(TimeDelta::minutes(11));
    assert_eq!(all.jo.get(site, "/my-path/download.json").await.all("h1"), ["Is it you?"]);
}

async fn erased_means_gone(site: &mut Site) {
    let all = pair(site);
    let record = format!("/people/{}", all.person);
    assert_eq!(all.rowan.get(site, &record).await.status, 200);
    assert_eq!(all.jo.post(site, "/my-path/erase", &[]).await.status, 422, "not by mistake");
    assert_eq!(all.jo.post(site, "/my-path/erase", &[("sure", "yes")]).await.all("h1"), ["It is erased"]);
    assert_eq!(all.rowan.get(site, &record).await.status, 404);
    assert!(all.rowan.get(site, "/desk").await.all(".case").is_empty());
    assert_eq!(all.jo.get(site, "/my-path").await.all("h1"), ["Sign in"]);
    let gone = site.app.db.read_now(|c| people::about(c, &site.app.vault, all.person));
    assert!(gone.expect("the database answers").is_none());
}

async fn someone_without_an_address_gets_a_card(site: &mut Site) {
    let all = pair(site);
    let ash = someone(site, "Ash", None, all.east, all.worker, true);
    let card = all.rowan.post(site, &format!("/people/{ash}/card"), &[]).await;
    let code = card.all(".ticket__code").concat();
    let phone = Someone::new();
    let path = phone.post(site, "/sign-in/card", &[("code", &code)]).await;
    assert!(path.all("h1") == ["My path"] && path.text.contains("Ash"), "{path:?}");
}

async fn whoever_stands_in_sees_the_record_and_the_person_reads_why(site: &mut Site) {
    let all = pair(site);
    let active = footbridge::accounts::State::Active;
    let imran = account_with(site, "imran@example.org", "Imran Sethi", active, Role::BridgeBuilder, Some(all.east));
    let cora = account_with(site, "cora@example.org", "Cora", active, Role::Coordinator, Some(all.east));
    let (record, cora) = (format!("/people/{}", all.person), Someone::signed_in(site, cora));
    let stand_in = |site: &Site| Someone::signed_in(site, imran);
    assert_eq!(stand_in(site).get(site, &record).await.status, 404);
    let wrong = cora.post(site, &format!("{record}/cover"), &[("account", &imran.to_string()), ("until", "2027-11-21")]).await;
    assert_eq!((wrong.status, wrong.all("#reason-error").len(), wrong.all("#until-error").len()), (422, 1, 1));
    let form = [("account", imran.to_string()), ("until", "2026-11-25".to_owned()), ("reason", "Rowan is on holiday".to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(all.rowan.ask(site, "POST", &format!("{record}/cover"), &form).await.status, 404, "only a coordinator says so");
    cora.post(site, &format!("{record}/cover"), &form).await;
    assert_eq!(stand_in(site).get(site, &record).await.status, 200);
    assert!(stand_in(site).get(site, "/desk").await.text.contains("Jo Marsh"));
    assert!(all.jo.get(site, "/my-path").await.text.contains("Imran Sethi until 25 November 2026: Rowan is on holiday"));
    site.later(TimeDelta::days(6));
    assert_eq!(stand_in(site).get(site, &record).await.status, 404, "not for ever");
}

async fn nothing_typed_is_lost_when_something_is_wrong(site: &mut Site) {
    let all = pair(site);
    let record = format!("/people/{}", all.person);
    let kept = all.rowan.post(site, &format!("{record}/entries"), &[("body", "We had <tea>")]).await;
    assert_eq!((kept.status, kept.all("#body"), kept.all("#sort-error").len()), (422, vec!["We had <tea>".to_owned()], 1));
    let task = all.rowan.post(site, &format!("{record}/tasks"), &[("what", "call"), ("due", "soon")]).await;
    assert_eq!((task.status, task.attributes("#what", "value")), (422, vec!["call".to_owned()]));
    let long = "x".repeat(101);
    let about = all.jo.post(site, "/my-path/about", &[("chosen_name", &long), ("strengths", "listening")]).await;
    assert_eq!(
        (about.status, about.all("#strengths"), about.all("#chosen_name-error").len()),
        (422, vec!["listening".to_owned()], 1)
    );
    let done =
        all.jo.post(site, "/my-path/about", &[("chosen_name", "Joey"), ("strengths", "listening"), ("ways", "text")]).await;
    assert!(done.text.contains("Joey"), "{done:?}");
    assert!(all.rowan.get(site, &record).await.text.contains("listening"));
}

async fn a_calendar_shows_days_and_nothing_about_anyone(site: &mut Site) {
    let all = pair(site);
    let record = format!("/people/{}", all.person);
    all.rowan.post(site, &format!("{record}/tasks"), &[("what", "call the studio for Jo"), ("due", "2026-12-01")]).await;
    let page = all.rowan.post(site, "/desk/calendar", &[]).await;
    let link = page.text.split(['<', '>', ' ']).find(|word| word.contains("/calendar/")).expect("a link").to_owned();
    let path = link.splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path");
    let feed = site.get(&path).await;
    assert!(feed.text.contains("DTSTART;VALUE=DATE:20261201") && feed.text.contains("1 to do"), "{feed:?}");
    assert!(
        !feed.text.contains("Jo") && !feed.text.contains("studio") && !feed.text.contains(&all.person.to_string()),
        "{feed:?}"
    );
    all.rowan.post(site, "/desk/calendar", &[]).await;
    assert_eq!(site.get(&path).await.status, 404, "a new link ends the old one");
}

async fn what_someone_says_is_written_down_with_them(site: &mut Site) {
    let all = pair(site);
    let path = format!("/people/{}/about", all.person);
    let page = all.rowan.get(site, &path).await;
    assert_eq!(page.attributes("#strengths", "name"), ["strengths"]);
    let wrong = all.rowan.ask(site, "POST", &path, &[("email", "nonsense"), ("pronouns", "they")]).await;
    assert_eq!((wrong.status, wrong.all("#email-error").len()), (422, 1));
    assert_eq!(wrong.attributes("#pronouns", "value"), ["they"], "nothing typed is lost");
    let form =
        [("chosen_name", "Jo Marsh"), ("strengths", "rhythm guitar"), ("address", "3 Canal Row"), ("through", "my sister Bea")];
    let kept = all.rowan.post(site, &path, &form).await;
    assert!(kept.text.contains("They can read what you changed."), "{kept:?}");
    let written = all.jo.get(site, "/my-path/written").await;
    assert!(written.text.contains("Changed what is written about them: e-mail, address, through."), "{written:?}");
    let own = all.jo.get(site, "/my-path/about").await;
    assert_eq!(own.attributes("#through", "value"), ["my sister Bea"]);
    assert!(all.jo.get(site, "/my-path/looked").await.text.contains("Rowan Ashby"));
}

async fn a_message_that_cannot_be_read_is_no_contact(site: &mut Site) {
    let all = pair(site);
    let ash = someone(site, "Ash Quill", None, all.east, all.worker, true);
    let first = |site: &Site, person| {
        let rows = site.app.db.read_now(|c| referrals::store::of(c, person)).expect("referrals");
        rows[0].first_contact_at
    };
    let form = [("sort", "message"), ("body", "Hello")];
    let waits = all.rowan.post(site, &format!("/people/{ash}/entries"), &form).await;
    assert!(waits.text.contains("They have no way in yet"), "{waits:?}");
    assert_eq!(first(site, ash), None);
    let sent = all.rowan.post(site, &format!("/people/{}/entries", all.person), &form).await;
    assert!(sent.text.contains("Your message is on its way."), "{sent:?}");
    assert!(first(site, all.person).is_some());
}

async fn whoever_is_not_with_us_now_can_be_found_again(site: &mut Site) {
    let all = pair(site);
    let active = footbridge::accounts::State::Active;
    let cora = account_with(site, "cora@example.org", "Cora", active, Role::Coordinator, Some(all.east));
    let cora = Someone::signed_in(site, cora);
    wish(site, all.person, "sing with others");
    let listed = async |path: &str| cora.get(site, path).await.all(".case a");
    assert_eq!((listed("/desk").await.len(), listed("/desk?show=ended").await.len()), (1, 0));
    let now = site.now();
    let referral = site.app.db.read_now(|c| referrals::store::of(c, all.person)).expect("referrals")[0].id.clone();
    let withdrawn = diesel::update(footbridge::schema::referrals::table.find(referral))
        .set(footbridge::schema::referrals::state.eq(footbridge::referrals::state::State::Withdrawn.code()));
    site.app.db.write_now(|c| Ok(withdrawn.execute(c)?)).expect("it is taken back");
    assert_eq!((listed("/desk").await.len(), listed("/desk?show=ended").await.len()), (0, 1), "{now}");
    let found = cora.post(site, "/desk", &[("q", "jo")]).await;
    assert_eq!(found.all(".case a"), ["Jo Marsh"], "a name is found however things stand");
    // What they want is still theirs to read, and how to come back.
    let path = all.jo.get(site, "/my-path").await;
    assert!(path.all("q").contains(&"sing with others".to_owned()) && path.all("#wish").is_empty(), "{path:?}");
    assert!(path.attributes("main a", "href").contains(&"/refer/myself".to_owned()));
}

fn staff(site: &Site, name: &str, role: Role, of: TeamId) -> Someone {
    let active = footbridge::accounts::State::Active;
    Someone::signed_in(site, account_with(site, &format!("{name}@example.org"), name, active, role, Some(of)))
}

/// Someone who wrote to us, signed in.
async fn wrote_to_us(site: &Site) -> Someone {
    let morgan = Someone::new();
    let sent: [(&str, &[(&str, &str)]); 4] = [
        ("/refer/myself", &[("words", "I want to drum")]),
        ("/refer/myself/name", &[("name", "Morgan")]),
        ("/refer/myself/contact", &[("reach", "email"), ("reach_at", "m@example.org")]),
        ("/refer/myself/check", &[("agree", "yes")]),
    ];
    for (path, form) in sent {
        morgan.post(site, path, form).await;
    }
    let address = site.app.vault.mark("email", "m@example.org");
    let account = site.app.db.read_now(|c| footbridge::accounts::store::account_by_mark(c, &address)).expect("an answer");
    Someone::signed_in(site, account.expect("an account").id.parse().expect("an id"))
}

async fn what_a_new_person_writes_stands_where_they_are_taken_in(site: &mut Site) {
    let cora = staff(site, "cora", Role::Coordinator, team(site, "East"));
    team(site, "West");
    let morgan = wrote_to_us(site).await;
    assert!(!cora.get(site, "/intake").await.text.contains("Wrote a message"));
    morgan.post(site, "/my-path/messages", &[("body", "Please don’t ring, my flatmate hears")]).await;
    let list = cora.get(site, "/intake").await;
    assert!(list.text.contains("Wrote a message"), "{list:?}");
    let referral = list.attributes("tbody a", "href")[0].clone();
    let page = cora.get(site, &referral).await;
    assert!(page.text.contains("my flatmate hears"), "{page:?}");
    let record = page.attributes("main a[href^='/people/']", "href");
    assert_eq!(cora.get(site, &record[0]).await.status, 200, "where it is answered");
    assert!(cora.get(site, "/intake").await.text.contains("Wrote a message"), "having looked is no answer");
    cora.post(site, &format!("{referral}/contact"), &[("said", "Wrote a letter instead")]).await;
    assert!(!cora.get(site, "/intake").await.text.contains("Wrote a message"), "it was answered");
}

async fn whoever_has_nobody_beside_them_is_not_told_otherwise(site: &mut Site) {
    let all = pair(site);
    assert!(all.jo.get(site, "/my-path").await.text.contains("Rowan Ashby is beside you"));
    let now = site.now();
    site.app.db.write_now(|c| people::caseload::end_all(c, all.person, people::caseload::Along::Worker, now)).expect("nobody");
    let alone = all.jo.get(site, "/my-path").await;
    assert!(
        alone.text.contains("We look for someone to go along with you") && !alone.text.contains("Rowan Ashby is beside you"),
        "{alone:?}"
    );
}

async fn a_note_taken_back_before_a_team_had_it_can_be_found_again(site: &mut Site) {
    let [east, west] = ["East", "West"].map(|name| team(site, name));
    let (cora, rowan) = (staff(site, "cora", Role::Coordinator, east), staff(site, "rowan", Role::BridgeBuilder, west));
    let morgan = wrote_to_us(site).await;
    let listed = async |who: &Someone, path: &str| who.get(site, path).await.attributes(".case a", "href");
    assert_eq!(listed(&cora, "/desk?show=ended").await.len() + listed(&cora, "/desk").await.len(), 0, "it waits at the intake");
    morgan.post(site, "/my-path/moves", &[("move", "withdraw")]).await;
    let found = listed(&cora, "/desk?show=ended").await;
    assert_eq!((found.len(), listed(&cora, "/desk").await.len()), (1, 0));
    assert_eq!(cora.get(site, &found[0]).await.status, 200);
    assert_eq!(cora.post(site, "/desk", &[("q", "morgan")]).await.all(".case a"), ["Morgan"]);
    // Whoever may not see the record finds it on no list.
    assert!(listed(&rowan, "/desk?show=ended").await.is_empty());
    assert_eq!(rowan.ask(site, "GET", &found[0], &[]).await.status, 404);
}

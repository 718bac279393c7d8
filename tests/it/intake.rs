//! Taking people in, through HTTP: what others send for someone, and what a coordinator does with it.

use chrono::TimeDelta;
use diesel::{QueryDsl, RunQueryDsl};
use footbridge::{
    accounts::Role,
    audit::{self, Action},
    people::{
        self, About,
        caseload::{self, Along},
        consents::{self, How, Purpose},
        timeline::{self, Sort},
    },
    referrals::{
        self, By, New, Taken, Way,
        state::{Move, Who},
        store::Row,
    },
    schema::referrals as table,
    values::{AccountId, ReferralId, SubjectId, TeamId},
    vault::Private,
};

use crate::{
    harness::{Site, Visit},
    on_both_databases,
    people::{Someone, account, team},
    process::Process,
    strings::files_with,
};

on_both_databases!(
    a_nurse_refers_someone_on_one_page,
    whoever_sends_a_form_twice_makes_one_referral_and_loses_nothing,
    family_and_friends_write_and_the_person_decides_what_they_hear,
    words_from_clinics_are_asked_about_once,
    a_coordinator_takes_someone_on_and_says_who_goes_along,
    whoever_is_not_taken_on_hears_where_else_to_try,
    moves_are_made_once_and_in_their_order,
    the_queue_is_in_order_and_tells_how_long_people_wait,
    whoever_came_before_is_back_without_a_new_referral,
    records_are_joined_by_a_human_and_within_the_team,
    those_who_wait_get_a_letter_that_says_nothing,
    someone_rings_and_a_coordinator_writes_it_down,
    whoever_reads_is_written_down_or_reads_nothing,
);

const NURSE: [(&str, &str); 11] = [
    ("mark", "m1"),
    ("your_name", "Sam Reid"),
    ("organisation", "Harbour surgery"),
    ("your_email", "sam@surgery.example"),
    ("name", "Morgan Vale"),
    ("reach", "phone"),
    ("reach_at", "07700 900123"),
    ("area", "se15 4ql"),
    ("words", "I want to drum again"),
    ("agree", "yes"),
    ("learn", "in-touch"),
];

/// The form with some fields otherwise.
fn with<'a>(form: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form.iter().filter(|(name, _)| other.iter().all(|(changed, _)| changed != name));
    kept.chain(other).copied().collect()
}

fn rows(site: &Site) -> Vec<Row> {
    use diesel::SelectableHelper;
    let all = |c: &mut _| Ok(table::table.order((table::received_at, table::id)).select(Row::as_select()).load(c)?);
    site.app.db.read_now(all).expect("referrals")
}

fn person_of(row: &Row) -> SubjectId {
    row.person_id.parse().expect("an id")
}

fn about(site: &Site, person: SubjectId) -> About {
    site.app.db.read_now(|c| people::about(c, &site.app.vault, person)).expect("an answer").expect("they are there")
}

fn timeline_of(site: &Site, person: SubjectId) -> Vec<(Sort, String)> {
    let entries = site.app.db.read_now(|c| timeline::page(c, &site.app.vault, person, 1, 50)).expect("a timeline").0;
    entries.into_iter().map(|entry| (entry.sort, entry.body.show().to_owned())).collect()
}

/// Refers someone with this name and number, and gives the path of their referral.
async fn refer(site: &Site, name: &str, phone: &str) -> String {
    let mark = uuid::Uuid::new_v4().to_string();
    let form = with(&NURSE, &[("mark", &mark), ("name", name), ("reach_at", phone)]);
    let before: Vec<String> = rows(site).into_iter().map(|row| row.id).collect();
    let thanks = Someone::new().post(site, "/refer/someone", &form).await;
    assert_eq!(thanks.status, 200, "{thanks:?}");
    let new = rows(site).into_iter().find(|row| !before.contains(&row.id)).expect("a referral");
    format!("/intake/{}", new.id)
}

fn coordinator(site: &Site, team: TeamId) -> Someone {
    let email = format!("{}@example.org", uuid::Uuid::new_v4());
    Someone::signed_in(site, account(site, &email, Role::Coordinator, Some(team)))
}

async fn a_nurse_refers_someone_on_one_page(site: &mut Site) {
    let nurse = Someone::new();
    let page = nurse.get(site, "/refer/someone").await;
    assert!(page.text.contains("leave out any diagnosis"));
    assert_eq!(page.attributes("input[name=mark]", "value")[0].len(), 32);
    let blank = nurse.post(site, "/refer/someone", &[("name", "Morgan Vale")]).await;
    let wrong = blank.attributes(".govuk-error-summary a", "href");
    assert_eq!(wrong, ["#your_name", "#organisation", "#your_email", "#reach", "#agree", "#learn"]);
    assert_eq!((blank.status, blank.attributes("#name", "value")), (422, vec!["Morgan Vale".to_owned()]));
    let unasked = nurse.post(site, "/refer/someone", &with(&NURSE, &[("agree", "")])).await;
    assert_eq!((unasked.status, rows(site).len()), (422, 0), "not without their agreement");
    assert_eq!(unasked.all("textarea#words"), ["I want to drum again"]);
    let thanks = nurse.post(site, "/refer/someone", &NURSE).await;
    assert_eq!(thanks.text, Someone::new().get(site, "/refer/thanks").await.text, "a receipt that reveals nothing");
    let letters = site.letters("sam@surgery.example").await;
    let [letter] = &letters[..] else { panic!("one letter") };
    assert!(!letter.text.show().contains("Morgan") && !letter.text.show().contains("drum"));

    let [row] = &rows(site)[..] else { panic!("one referral") };
    assert_eq!((row.way.as_str(), row.taken_by.as_str(), row.team_id.as_ref()), ("professional", "page", None));
    let agreed = site.app.db.read_now(|c| consents::of(c, person_of(row))).expect("consents");
    let mut agreed: Vec<(Purpose, How)> = agreed.iter().map(|one| (one.purpose, one.how)).collect();
    agreed.sort_unstable();
    assert_eq!(agreed, [(Purpose::Keep, How::Told), (Purpose::Told, How::Told)]);
    assert_eq!(about(site, person_of(row)).called(), "Morgan Vale");
}

async fn whoever_sends_a_form_twice_makes_one_referral_and_loses_nothing(site: &mut Site) {
    let (one, two) = (Someone::new(), Someone::new());
    let (first, second) =
        tokio::join!(one.ask(site, "POST", "/refer/someone", &NURSE), two.ask(site, "POST", "/refer/someone", &NURSE));
    assert_eq!((first.status, second.status, rows(site).len()), (303, 303, 1), "{first:?} {second:?}");
    one.post(site, "/refer/someone", &NURSE).await;
    assert_eq!((rows(site).len(), timeline_of(site, person_of(&rows(site)[0])).len()), (1, 0));
    one.post(site, "/refer/someone", &with(&NURSE, &[("name", "Morgan Vail"), ("words", "I want to sing")])).await;
    assert_eq!(rows(site).len(), 1, "gone back and put right: the same person");
    let kept = timeline_of(site, person_of(&rows(site)[0]));
    assert_eq!(kept, [(Sort::Message, "Sent again with other words: I want to sing".to_owned())]);
    one.post(site, "/refer/someone", &with(&NURSE, &[("name", "Ines"), ("reach_at", "07700 900124")])).await;
    assert_eq!(rows(site).len(), 2, "gone back and filled in for someone else");
    for _ in 0..2 {
        one.post(site, "/refer/someone", &with(&NURSE, &[("mark", "")])).await;
    }
    assert_eq!(rows(site).len(), 4, "without a mark nothing is taken for the same");
}

async fn family_and_friends_write_and_the_person_decides_what_they_hear(site: &mut Site) {
    let sister = Someone::new();
    let page = sister.get(site, "/refer/friend").await;
    assert!(page.text.contains("Could they write a few lines themself?"));
    let form =
        [("your_name", "Jo"), ("name", "Morgan"), ("reach", "someone"), ("reach_at", "Jo, 07700 900125"), ("agree", "yes")];
    let wrong = sister.post(site, "/refer/friend", &form).await;
    assert_eq!(wrong.attributes(".govuk-error-summary a", "href"), ["#relation", "#learn"]);
    let form = with(&form, &[("relation", "family"), ("learn", "nothing")]);
    sister.post(site, "/refer/friend", &form).await;
    sister.post(site, "/refer/friend", &with(&form, &[("relation", "administrator")])).await;
    let [row] = &rows(site)[..] else { panic!("one referral") };
    assert_eq!(row.way, "family");
    let agreed = site.app.db.read_now(|c| consents::of(c, person_of(row))).expect("consents");
    assert_eq!(agreed.iter().map(|one| one.purpose).collect::<Vec<_>>(), [Purpose::Keep]);
    assert_eq!(about(site, person_of(row)).contact.through.as_str(), "Jo, 07700 900125");
}

async fn words_from_clinics_are_asked_about_once(site: &mut Site) {
    let nurse = Someone::new();
    let form = with(&NURSE, &[("words", "Morgan is on a depot and wants to drum")]);
    let asked = nurse.post(site, "/refer/someone", &form).await;
    assert_eq!((asked.status, rows(site).len()), (200, 0));
    assert!(asked.text.contains("You wrote “depot”. Did you mean to?"), "{asked:?}");
    assert_eq!(asked.all("textarea#words"), ["Morgan is on a depot and wants to drum"]);
    assert_eq!(asked.attributes("input[name=meant]", "value"), ["yes"]);
    nurse.post(site, "/refer/someone", &with(&form, &[("meant", "yes")])).await;
    assert_eq!(rows(site).len(), 1, "it stops nobody");
}

#[allow(clippy::cognitive_complexity, reason = "one journey from the first page to the last")]
async fn a_coordinator_takes_someone_on_and_says_who_goes_along(site: &mut Site) {
    let (east, west) = (team(site, "East"), team(site, "West"));
    let builder = account(site, "rowan@example.org", Role::BridgeBuilder, Some(east));
    let elsewhere = account(site, "nell@example.org", Role::BridgeBuilder, Some(west));
    let path = refer(site, "Morgan Vale", "07700 900123").await;
    let (cora, rowan) = (coordinator(site, east), Someone::signed_in(site, builder));
    let kept =
        rowan.post(site, "/my-work", &[("interests", "Studios, open mics"), ("areas", "Peckham"), ("languages", "Yoruba")]).await;
    assert_eq!(kept.all("textarea#areas"), ["Peckham"]);
    assert_eq!(rowan.ask(site, "GET", &path, &[]).await.status, 404);

    let list = cora.get(site, "/intake").await;
    assert_eq!(list.all("tbody th a"), ["Morgan Vale"]);
    let page = cora.get(site, &path).await;
    for said in ["I want to drum again", "07700 900123", "Sam Reid", "Harbour surgery", "That we are in touch", "SE15 4QL"] {
        assert!(page.text.contains(said), "{said}");
    }
    assert_eq!(cora.ask(site, "POST", &format!("{path}/accept"), &[("team", &west.to_string())]).await.status, 422, "not theirs");
    let taken = cora.post(site, &format!("{path}/accept"), &[("team", &east.to_string())]).await;
    assert!(taken.text.contains("They are on the waiting list"), "{taken:?}");
    let west_sees = coordinator(site, west).ask(site, "GET", &path, &[]).await;
    assert_eq!(west_sees.status, 404, "another team's from now on");
    assert!(cora.get(site, "/intake").await.text.contains("Nobody is on this list"));
    choose_who_goes_along(site, &cora, &path, builder, elsewhere).await;
}

async fn choose_who_goes_along(site: &Site, cora: &Someone, path: &str, builder: AccountId, elsewhere: AccountId) {
    let choose = cora.get(site, &format!("{path}/allocate")).await;
    assert_eq!(choose.all(".builder strong"), ["Robin Example"]);
    for said in ["Studios, open mics", "Peckham", "Yoruba", "0 people"] {
        assert!(choose.text.contains(said), "{said}");
    }
    for nobody in ["", "nobody", &elsewhere.to_string()] {
        let refused = cora.post(site, &format!("{path}/allocate"), &[("worker", nobody)]).await;
        assert_eq!((refused.status, refused.attributes(".govuk-error-summary a", "href")), (422, vec!["#worker".to_owned()]));
    }
    let given = cora.post(site, &format!("{path}/allocate"), &[("worker", &builder.to_string())]).await;
    assert!(given.text.contains("Goes along:") && given.text.contains("Robin Example"), "{given:?}");
    let [letter] = &site.letters("rowan@example.org").await[..] else { panic!("one letter") };
    assert!(!letter.text.show().contains("Morgan"));
    let [row] = &rows(site)[..] else { panic!("one referral") };
    assert_eq!((row.state.as_str(), row.worker_id.clone()), ("allocated", Some(builder.to_string())));
    let along = site.app.db.read_now(|c| caseload::with(c, person_of(row))).expect("an answer");
    assert_eq!(along, [(builder, Along::Worker)]);
}

async fn whoever_is_not_taken_on_hears_where_else_to_try(site: &mut Site) {
    let east = team(site, "East");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    for (reason, elsewhere, field) in [("", "the library", "#reason"), ("We have no one who can", "", "#elsewhere")] {
        let page = cora.post(site, &format!("{path}/decline"), &[("reason", reason), ("elsewhere", elsewhere)]).await;
        assert_eq!((page.status, page.attributes(".govuk-error-summary a", "href")), (422, vec![field.to_owned()]));
        assert_eq!(page.all("textarea"), [reason, elsewhere], "nothing typed is lost");
    }
    let form = [("reason", "We have no one who can"), ("elsewhere", "The library on Rye Lane, 020 7946 0000")];
    let page = cora.post(site, &format!("{path}/decline"), &form).await;
    assert!(page.text.contains("Where else to try: The library on Rye Lane"), "{page:?}");
    assert_eq!(rows(site)[0].state, "declined");
}

async fn moves_are_made_once_and_in_their_order(site: &mut Site) {
    let east = team(site, "East");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let (accept, team_field) = (format!("{path}/accept"), [("team", east.to_string())]);
    let team_field: Vec<(&str, &str)> = team_field.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(cora.ask(site, "POST", &format!("{path}/stopped"), &[]).await.status, 303, "the person may stop at any time");
    assert_eq!(cora.ask(site, "POST", &accept, &team_field).await.status, 422, "not from there");
    assert_eq!(rows(site)[0].state, "open-door");
    let unsaid = cora.post(site, &format!("{path}/error"), &[("why", " ")]).await;
    assert_eq!((unsaid.status, rows(site)[0].state.as_str()), (422, "open-door"));
    cora.post(site, &format!("{path}/error"), &[("why", "Tried the form out")]).await;
    assert_eq!(rows(site)[0].state, "entered-in-error");
    let other = refer(site, "Ines Duarte", "07700 900124").await;
    let (colleague, accept) = (coordinator(site, east), format!("{other}/accept"));
    let (one, two) =
        tokio::join!(cora.ask(site, "POST", &accept, &team_field), colleague.ask(site, "POST", &accept, &team_field));
    let mut both = [one.status, two.status];
    both.sort_unstable();
    assert_eq!(both, [303, 422], "one of two is told that it moved on already");
    let third = refer(site, "Ade Cole", "07700 900126").await;
    cora.post(site, &format!("{third}/withdrawn"), &[]).await;
    assert_eq!(rows(site).iter().filter(|row| row.state == "withdrawn").count(), 1);
}

async fn the_queue_is_in_order_and_tells_how_long_people_wait(site: &mut Site) {
    let east = team(site, "East");
    let cora = coordinator(site, east);
    let empty = cora.get(site, "/intake").await;
    assert_eq!(empty.all(".clocks .unknown").len(), 3, "{empty:?}");
    let mut paths = Vec::new();
    for name in ["Ade Cole", "Bea Moss", "Cas Reid"] {
        paths.push(refer(site, name, &format!("07700 90012{}", paths.len())).await);
        site.later(TimeDelta::days(3));
    }
    let cora = coordinator(site, east);
    let list = cora.get(site, "/intake").await;
    assert_eq!(list.all("tbody th a"), ["Ade Cole", "Bea Moss", "Cas Reid"], "whoever waits longest first");
    assert_eq!(list.all("tbody td:nth-child(2)"), ["9 days", "6 days", "3 days"]);
    assert_eq!(list.all(".clocks strong"), ["9 days"]);
    cora.post(site, &format!("{}/contact", paths[0]), &[("said", "We had a chat")]).await;
    cora.post(site, &format!("{}/contact", paths[1]), &[("said", "A call, no one there")]).await;
    site.later(TimeDelta::days(1));
    let cora = coordinator(site, east);
    cora.post(site, &format!("{}/contact", paths[0]), &[("said", "Again")]).await;
    cora.post(site, &format!("{}/contact", paths[2]), &[("said", "Hello")]).await;
    let list = cora.get(site, "/intake").await;
    assert_eq!(list.all(".clocks strong"), ["6 days", "9 days"], "median and slowest, of first contacts");
    assert_eq!(list.all("tbody td:nth-child(5)"), ["Yes", "Yes", "Yes"]);
    assert_eq!(list.all("tbody td:nth-child(2)"), ["10 days", "7 days", "4 days"]);
    for page in ["0", "-1", "999999999999999999999", "x"] {
        assert_eq!(cora.get(site, &format!("/intake?page={page}")).await.status, 200, "{page}");
    }
    assert_eq!(cora.get(site, "/intake?show=waiting").await.all("tbody th a").len(), 0);
}

/// Someone of this team who stands in the open door, with nobody beside them.
fn someone_known(site: &Site, team: TeamId, name: &str, phone: &str) -> (SubjectId, ReferralId) {
    let (vault, now) = (site.app.vault.clone(), site.now());
    let mut about = About { chosen_name: name.parse().unwrap(), ..About::default() };
    about.contact.phone = phone.parse().unwrap();
    let made = site.app.db.write_now(|c| {
        let person = people::add(c, &vault, Some(team), &about, now)?;
        let key = people::key(c, &vault, person)?;
        let new = New {
            person,
            way: Way::Own,
            taken: Taken::Page,
            team: Some(team),
            venue: None,
            referrer: None,
            words: Private::new("I want to paint"),
            form_mark: uuid::Uuid::new_v4().to_string(),
        };
        let id = referrals::open(c, &key, &new, audit::Actor::System, now)?.expect("a referral");
        let by = By { who: Who::Person, written: audit::Actor::System };
        referrals::apply(c, &vault, id, Move::OpenDoor, by, None, now)?;
        Ok((person, id))
    });
    made.expect("someone")
}

async fn whoever_came_before_is_back_without_a_new_referral(site: &mut Site) {
    let east = team(site, "East");
    let (person, before) = someone_known(site, east, "Morgan Vale", "+44 7700 900123");
    site.later(TimeDelta::days(400));
    let cora = coordinator(site, east);
    let page = Someone::new().get(site, "/refer/back").await;
    assert_eq!(page.all("h1"), ["Welcome back"]);
    let form = [
        ("name", "Morgan Vail"),
        ("reach", "phone"),
        ("reach_at", "07700 900123"),
        ("words", "I miss painting"),
        ("agree", "yes"),
    ];
    Someone::new().post(site, "/refer/back", &form).await;
    let new = rows(site).into_iter().find(|row| row.way == "return").expect("a note");
    let path = format!("/intake/{}", new.id);
    let note = cora.get(site, &path).await;
    assert_eq!(note.all(".alike strong"), ["Morgan Vale"]);
    assert!(note.text.contains("the same phone number"), "{note:?}");
    let look = note.attributes(".alike a", "href");
    assert_eq!(look, [format!("{path}/join?with={person}")]);
    let sides = cora.get(site, &look[0]).await;
    assert!(sides.text.contains("Morgan Vale") && sides.text.contains("Morgan Vail") && sides.text.contains("Open door"));
    let joined = cora.post(site, &format!("{path}/join"), &[("other", &person.to_string())]).await;
    assert!(joined.text.contains("The two records are one now"), "{joined:?}");
    let [row] = &rows(site)[..] else { panic!("one referral, the one from before") };
    assert_eq!((row.id.clone(), row.state.as_str(), person_of(row)), (before.to_string(), "active", person));
    let entries = timeline_of(site, person);
    assert!(entries.contains(&(Sort::Message, "I miss painting".to_owned())), "{entries:?}");
    assert!(entries.iter().any(|(sort, body)| *sort == Sort::Note && body.contains("name: Morgan Vail")), "{entries:?}");
    let gone: SubjectId = person_of(&new);
    assert!(site.app.db.read_now(|c| site.app.vault.key(c, gone)).expect("an answer").is_none(), "a key is left");
    let alone = cora.get(site, "/intake?show=alone").await;
    assert_eq!(alone.all("tbody th a"), ["Morgan Vale"], "they are back and have nobody beside them");
    let builder = account(site, "rowan@example.org", Role::BridgeBuilder, Some(east));
    cora.post(site, &format!("/intake/{before}/allocate"), &[("worker", &builder.to_string())]).await;
    assert_eq!(rows(site)[0].state, "active", "no other move is needed");
    assert_eq!(rows(site)[0].worker_id, Some(builder.to_string()));
}

async fn records_are_joined_by_a_human_and_within_the_team(site: &mut Site) {
    let (east, west) = (team(site, "East"), team(site, "West"));
    let (elsewhere, _) = someone_known(site, west, "Morgan Vale", "07700 900123");
    let path = refer(site, "Morgan Vale", "07700 900123").await;
    let again = refer(site, "Morgan Vale", "07700 900123").await;
    let cora = coordinator(site, east);
    let page = cora.get(site, &path).await;
    assert_eq!(page.all(".alike strong").len(), 1, "not the one of the other team: {page:?}");
    for (method, at) in [("GET", format!("{path}/join?with={elsewhere}")), ("POST", format!("{path}/join"))] {
        let refused = cora.ask(site, method, &at, &[("other", &elsewhere.to_string())]).await;
        assert_eq!(refused.status, 404, "{method}");
    }
    let other = rows(site).into_iter().find(|row| again.ends_with(&row.id)).expect("a referral");
    let own = rows(site).into_iter().find(|row| path.ends_with(&row.id)).expect("a referral");
    let itself = cora.ask(site, "POST", &format!("{path}/join"), &[("other", &own.person_id)]).await;
    assert_eq!((itself.status, rows(site).len()), (404, 3));
    assert_eq!(cora.ask(site, "POST", &format!("{path}/join"), &[("other", "nobody")]).await.status, 422);
    cora.post(site, &format!("{path}/contact"), &[("said", "A chat by the canal")]).await;
    let joined = cora.post(site, &format!("{path}/join"), &[("other", &other.person_id)]).await;
    assert_eq!(joined.status, 200, "{joined:?}");
    assert_eq!(rows(site).len(), 2, "the note became a message");
    let entries = timeline_of(site, person_of(&other));
    assert!(entries.contains(&(Sort::Contact, "A chat by the canal".to_owned())), "sealed anew: {entries:?}");
    assert!(entries.contains(&(Sort::Message, "I want to drum again".to_owned())), "{entries:?}");
    let seen = site.app.db.read_now(|c| audit::of(c, person_of(&other), 1)).expect("the record");
    assert!(seen.entries.iter().any(|entry| entry.action == Action::RecordsJoined && entry.about == Some(own.person_id.clone())));
}

async fn those_who_wait_get_a_letter_that_says_nothing(site: &mut Site) {
    let east = team(site, "East");
    let cora = coordinator(site, east);
    let back = [("reach", "email"), ("agree", "yes")];
    for (name, email) in [("Ade", "ade@example.org"), ("Bea", "bea@example.org")] {
        Someone::new().post(site, "/refer/back", &with(&back, &[("mark", name), ("name", name), ("reach_at", email)])).await;
    }
    refer(site, "Cas Reid", "07700 900123").await;
    for row in rows(site) {
        cora.post(site, &format!("/intake/{}/accept", row.id), &[("team", &east.to_string())]).await;
    }
    assert!(!cora.get(site, "/intake?show=waiting").await.text.contains("A letter to those who wait"), "they came just now");
    site.later(TimeDelta::days(15));
    let cora = coordinator(site, east);
    let list = cora.get(site, "/intake?show=waiting").await;
    assert!(list.text.contains("2 of them heard nothing for two weeks"), "{list:?}");
    let before = site.letters("ade@example.org").await.len();
    let sent = cora.post(site, "/intake/letters", &[]).await;
    assert!(sent.text.contains("2 letters are on their way"), "{sent:?}");
    let letters = site.letters("ade@example.org").await;
    assert_eq!(letters.len(), before + 1);
    let letter = letters.last().expect("a letter");
    assert_eq!(letter.heading, "We have not forgotten you");
    assert!(!letter.text.show().contains("Ade") && !letter.text.show().to_lowercase().contains("refer"));
    let again = cora.post(site, "/intake/letters", &[]).await;
    assert!(again.text.contains("There was nobody to write to"), "{again:?}");
    assert_eq!(site.letters("ade@example.org").await.len(), before + 1);
}

async fn someone_rings_and_a_coordinator_writes_it_down(site: &mut Site) {
    let east = team(site, "East");
    let cora = coordinator(site, east);
    let form = [("mark", "p1"), ("name", "Morgan"), ("reach", "phone"), ("reach_at", "07700 900123"), ("agree", "yes")];
    let wrong = cora.post(site, "/intake/by-phone", &form).await;
    assert_eq!(wrong.attributes(".govuk-error-summary a", "href"), ["#way"]);
    let nameless = cora.post(site, "/intake/by-phone", &with(&form, &[("way", "professional")])).await;
    assert_eq!(nameless.attributes(".govuk-error-summary a", "href"), ["#your_name"]);
    let page = cora.post(site, "/intake/by-phone", &with(&form, &[("way", "self"), ("words", "Chess")])).await;
    assert!(page.text.contains("It is written down") && page.text.contains("by phone"), "{page:?}");
    cora.post(site, "/intake/by-phone", &with(&form, &[("way", "self"), ("words", "Chess")])).await;
    let [row] = &rows(site)[..] else { panic!("one referral") };
    assert_eq!((row.taken_by.as_str(), row.team_id.clone()), ("phone", Some(east.to_string())));
    let agreed = site.app.db.read_now(|c| consents::of(c, person_of(row))).expect("consents");
    assert_eq!((agreed[0].purpose, agreed[0].how), (Purpose::Keep, How::Phone));
    let builder = account(site, "rowan@example.org", Role::BridgeBuilder, Some(east));
    assert_eq!(Someone::signed_in(site, builder).ask(site, "GET", "/intake/by-phone", &[]).await.status, 404);
}

fn read_by(site: &Site, person: SubjectId, action: Action) -> usize {
    let seen = site.app.db.read_now(|c| audit::of(c, person, 1)).expect("the record");
    seen.entries.iter().filter(|entry| entry.action == action).count()
}

async fn whoever_reads_is_written_down_or_reads_nothing(site: &mut Site) {
    use diesel::connection::SimpleConnection;
    let east = team(site, "East");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let person = person_of(&rows(site)[0]);
    cora.get(site, "/intake").await;
    assert_eq!((read_by(site, person, Action::ListRead), read_by(site, person, Action::RecordRead)), (1, 0));
    cora.get(site, &path).await;
    cora.post(site, &format!("{path}/accept"), &[("team", &east.to_string())]).await;
    cora.get(site, &format!("{path}/allocate")).await;
    assert_eq!((read_by(site, person, Action::ListRead), read_by(site, person, Action::RecordRead)), (1, 3));
    let broken = site.app.db.write_now(|c| Ok(c.batch_execute("ALTER TABLE audit RENAME TO audit_away")?));
    broken.expect("it is broken");
    for page in ["/intake?show=waiting", &path, &format!("{path}/allocate")] {
        let refused = cora.ask(site, "GET", page, &[]).await;
        assert!(refused.status >= 500 && !refused.text.contains("Morgan"), "{page}: {refused:?}");
    }
    site.app.db.write_now(|c| Ok(c.batch_execute("ALTER TABLE audit_away RENAME TO audit")?)).expect("it is mended");
}

/// The words of a note, none of which may stand in a log, an address or a file.
const SECRET: [&str; 5] = ["Wilhelmina", "Periwinkle Crescent", "afraid of marmalade", "quackenbush", "zither"];

#[actix_web::test]
async fn nothing_of_a_note_stands_in_a_log_or_in_a_file() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("footbridge.db").display());
    let words = ["serve", "--bind", "127.0.0.1:0"];
    let mut process = Process::start(&words, &database, folder.path(), &[("LOG", "trace"), ("MAIL_URL", "memory:")]);
    let line = process.heard("Footbridge is at ");
    let base = line.split("Footbridge is at ").nth(1).expect("an address").trim().trim_end_matches('/').to_owned();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
    let mut cookie = String::new();
    for (path, form) in [
        ("/refer/myself", vec![("words", "I am afraid of marmalade and play the zither")]),
        ("/refer/myself/name", vec![("name", "Wilhelmina")]),
        ("/refer/myself/contact", vec![("reach", "post"), ("reach_at", "47 Periwinkle Crescent")]),
        ("/refer/myself/care", vec![("never_say", "quackenbush")]),
        ("/refer/myself/check", vec![("agree", "yes")]),
        (
            "/refer/someone",
            with(&NURSE, &[("name", "Wilhelmina"), ("words", "the zither"), ("your_email", "quackenbush@example.org")]),
        ),
        ("/refer/friend", vec![("name", "Wilhelmina"), ("words", "afraid of marmalade")]),
    ] {
        let request = client.post(format!("{base}{path}")).header("sec-fetch-site", "same-origin").header("cookie", &cookie);
        let visit = Visit::read(request.form(&form)).await;
        assert!([303, 422].contains(&visit.status), "{path}: {visit:?}");
        if let Some(given) = visit.headers.get("set-cookie").and_then(|cookie| cookie.to_str().ok()) {
            cookie = given.split(';').next().unwrap_or_default().to_owned();
        }
        let to = visit.header("location");
        assert!(SECRET.iter().all(|secret| !to.contains(secret)), "{to}");
    }
    process.signal("TERM");
    process.ended(std::time::Duration::from_secs(20));
    let log = process.said().join("\n");
    assert!(log.contains("/refer/myself/{step}"), "the log is looked at: {log}");
    let told: Vec<_> = SECRET.iter().filter(|secret| log.to_lowercase().contains(&secret.to_lowercase())).collect();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(files_with(folder.path(), &SECRET), []);
}

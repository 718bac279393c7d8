//! Two records of one person become one, by a human.

use chrono::TimeDelta;
use footbridge::{
    accounts::Role,
    audit::{self, Action},
    people::{self, About, aspirations, timeline::Sort},
    referrals::{
        self, By, New, Taken, Way,
        state::{Move, Who},
    },
    values::{ReferralId, SubjectId, TeamId},
    vault::Private,
};

use super::{coordinator, person_of, refer, rows, timeline_of};
use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, account, team},
};

on_both_databases!(
    whoever_came_before_is_back_without_a_new_referral,
    records_are_joined_by_a_human_and_within_the_team,
    whoever_wrote_hears_after_a_join_what_the_person_agrees_to,
    whoever_writes_later_hears_nothing_by_an_earlier_agreement,
    what_nobody_checked_is_no_word_of_theirs,
    two_records_are_shown_side_by_side_as_a_whole,
);

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
    let said = "A note in their name, which nobody checked, said: I miss painting".to_owned();
    assert!(entries.contains(&(Sort::Note, said)), "anyone can write in someone's name: {entries:?}");
    let wishes = site.app.db.read_now(|c| aspirations::of(c, &site.app.vault, person)).expect("wishes");
    assert!(wishes.is_empty(), "nor is it a wish of theirs: {wishes:?}");
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
    let folded = rows(site).into_iter().find(|row| row.id == own.id).expect("it is kept with who wrote it");
    assert_eq!((folded.state.as_str(), &folded.person_id), ("entered-in-error", &other.person_id), "and waits in no queue");
    let entries = timeline_of(site, person_of(&other));
    assert!(entries.contains(&(Sort::Contact, "A chat by the canal".to_owned())), "sealed anew: {entries:?}");
    let record = cora.get(site, &format!("/people/{}", other.person_id)).await;
    assert_eq!(record.text.matches("Written by").count(), 2, "whose words they are stays: {record:?}");
    let seen = site.app.db.read_now(|c| audit::of(c, person_of(&other), 1)).expect("the record");
    assert!(seen.entries.iter().any(|entry| entry.action == Action::RecordsJoined && entry.about == Some(own.person_id.clone())));
}

async fn whoever_wrote_hears_after_a_join_what_the_person_agrees_to(site: &mut Site) {
    let east = team(site, "East");
    let (known, before) = someone_known(site, east, "Morgan Vale", "07700 900123");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let heard = async |site: &Site| site.letters("sam@surgery.example").await.len();
    assert_eq!(heard(site).await, 1, "a receipt");
    let joined = cora.post(site, &format!("{path}/join"), &[("other", &known.to_string())]).await;
    assert!(joined.all("h1").contains(&"Morgan Vale".to_owned()) && joined.text.contains("The two records are one now"));
    assert_eq!(joined.all(".state"), ["Going"], "it leads to the referral that stands");
    let agreed = cora.get(site, &format!("/people/{known}/agreed")).await;
    assert!(agreed.text.contains("Sam Reid, Harbour surgery"), "{agreed:?}");
    assert_eq!(heard(site).await, 1, "the receipt alone");
    cora.post(site, &format!("/people/{known}/agreed"), &[("purpose", "told"), ("how", "phone")]).await;
    assert_eq!(heard(site).await, 2, "that it arrived");
    cora.post(site, &format!("/intake/{before}/contact"), &[("said", "We had a chat")]).await;
    assert_eq!(heard(site).await, 3, "that we are in touch");
    cora.post(site, &format!("/intake/{before}/contact"), &[("said", "We had a chat again")]).await;
    assert_eq!(heard(site).await, 3, "each thing once");
    let live = cora.get(site, &format!("/intake/{before}")).await;
    assert!(live.text.contains("Who wrote for them") && live.text.contains("Sam Reid"), "{live:?}");
    let dead = cora.get(site, &path).await;
    assert_eq!(dead.all(".state"), ["One with another note"], "{dead:?}");
}

async fn whoever_writes_later_hears_nothing_by_an_earlier_agreement(site: &mut Site) {
    let east = team(site, "East");
    let (known, before) = someone_known(site, east, "Morgan Vale", "07700 900123");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    assert_eq!(site.letters("sam@surgery.example").await.len(), 1, "a receipt");
    let join = |path: String| (format!("{path}/join"), known.to_string());
    let (at, other) = join(path);
    cora.post(site, &at, &[("other", &other)]).await;
    let agreed = format!("/people/{known}/agreed");
    cora.post(site, &agreed, &[("purpose", "told"), ("how", "phone")]).await;
    site.later(TimeDelta::minutes(5));
    let ex = [("mark", "later"), ("your_name", "Al Ex"), ("your_email", "ex@example.org"), ("relation", "friend")];
    Someone::new().post(site, "/refer/friend", &crate::intake::with(&crate::intake::NURSE, &ex)).await;
    let heard = async |site: &Site| site.letters("ex@example.org").await.len();
    assert_eq!(heard(site).await, 1, "a receipt");
    let new = rows(site).into_iter().find(|row| row.state == "received").expect("a note");
    let (at, other) = join(format!("/intake/{}", new.id));
    cora.post(site, &at, &[("other", &other)]).await;
    let page = cora.get(site, &agreed).await;
    assert!(page.text.contains("Sam Reid") && page.text.contains("Al Ex"), "all who wrote are named: {page:?}");
    cora.post(site, &format!("/intake/{before}/contact"), &[("said", "We had a chat")]).await;
    assert_eq!(site.letters("sam@surgery.example").await.len(), 3, "the nurse hears what was agreed about her");
    assert_eq!(heard(site).await, 1, "nobody was asked about this one");
    assert!(page.text.contains("Whoever wrote that one hears nothing yet"), "{page:?}");
    cora.post(site, &agreed, &[("purpose", "told"), ("how", "phone")]).await;
    assert_eq!(heard(site).await, 2, "now they were");
}

async fn what_nobody_checked_is_no_word_of_theirs(site: &mut Site) {
    let east = team(site, "East");
    let (known, before) = someone_known(site, east, "Morgan Vale", "07700 900123");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    assert_eq!(site.letters("sam@surgery.example").await.len(), 1, "a receipt");
    let stranger = person_of(&rows(site).into_iter().find(|row| row.referrer.is_some()).expect("a note"));
    let other = super::telling::themself(site, stranger);
    other.post(site, "/my-path/messages", &[("body", "Tell Sam all about me")]).await;
    other.post(site, "/my-path/agreed", &[("purpose", "told"), ("answer", "yes")]).await;
    cora.post(site, &format!("{path}/join"), &[("other", &known.to_string())]).await;
    let entries = timeline_of(site, known);
    let said = "A message in their name, which nobody checked, said: Tell Sam all about me".to_owned();
    assert!(entries.contains(&(Sort::Note, said)) && entries.iter().all(|(sort, _)| *sort != Sort::Message), "{entries:?}");
    cora.post(site, &format!("/intake/{before}/contact"), &[("said", "We had a chat")]).await;
    assert_eq!(site.letters("sam@surgery.example").await.len(), 1, "nor an agreement");
    let record = cora.get(site, &format!("/people/{known}")).await;
    assert!(record.text.contains("Written by"), "{record:?}");
    // A note that should never have been there names nobody who could hear.
    let alone = refer(site, "Ash Quill", "07700 900456").await;
    let ash = person_of(&rows(site).into_iter().find(|row| alone.ends_with(&row.id)).expect("a note"));
    cora.post(site, &format!("{alone}/error"), &[("why", "It was about someone else")]).await;
    let agreed = cora.get(site, &format!("/people/{ash}/agreed")).await;
    assert!(agreed.text.contains("No one else wrote to us for them"), "{agreed:?}");
}

async fn two_records_are_shown_side_by_side_as_a_whole(site: &mut Site) {
    let east = team(site, "East");
    let (known, _) = someone_known(site, east, "Morgan Vale", "07700 900123");
    let mark = [("never_say", "The name of the team"), ("when", "Before noon"), ("languages", "Yoruba")];
    let form = crate::intake::with(&crate::intake::NURSE, &mark);
    Someone::new().post(site, "/refer/someone", &form).await;
    let row = rows(site).into_iter().find(|row| row.referrer.is_some()).expect("a note");
    let cora = coordinator(site, east);
    assert!(cora.get(site, "/intake").await.text.contains("May be known already"));
    let sides = cora.get(site, &format!("/intake/{}/join?with={known}", row.id)).await;
    for said in [
        "The name of the team",
        "Before noon",
        "Yoruba",
        "Sam Reid, professional, Harbour surgery: I want to drum again",
        "Keep what I wrote",
    ] {
        assert!(sides.text.contains(said), "{said}: {sides:?}");
    }
    cora.post(site, &format!("/intake/{}/join", row.id), &[("other", &known.to_string())]).await;
    assert!(!cora.get(site, "/intake").await.text.contains("May be known already"));
}

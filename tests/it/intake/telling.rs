//! What whoever wrote for someone hears: only what that person agreed to themself.

use footbridge::{
    accounts::{Role, store},
    audit::{self, Action},
    mail::Parcel,
    people::consents::{self, How, Purpose},
    referrals::telling,
    values::SubjectId,
};

use super::{NURSE, coordinator, person_of, refer, rows, with};
use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, account, team},
};

on_both_databases!(
    what_a_referrer_says_lets_nobody_hear_anything,
    a_referrer_hears_what_the_person_agreed_to_and_each_thing_once,
    what_the_person_takes_back_is_told_no_more,
    nothing_is_told_once_the_person_took_it_back_or_stopped,
    whoever_is_not_taken_on_gets_a_letter_and_the_referrer_only_if_agreed,
    an_agreement_is_to_what_there_is_and_as_it_was_said,
);

const SAM: &str = "sam@surgery.example";

/// What the referrer heard after the receipt.
async fn heard(site: &Site) -> Vec<Parcel> {
    site.letters(SAM).await.into_iter().filter(|letter| letter.heading != "We have your note").collect()
}

/// The last that the referrer heard, which tells nothing of whom it is about.
async fn last(site: &Site) -> String {
    let letter = heard(site).await.pop().expect("a letter");
    let text = letter.text.show().to_owned();
    assert_eq!(letter.heading, "About the note you sent");
    for secret in ["Morgan", "Vale", "drum", "07700"] {
        assert!(!text.contains(secret) && !letter.html.show().contains(secret), "{secret}: {text}");
    }
    text
}

/// The person, signed in.
pub(super) fn themself(site: &Site, person: SubjectId) -> Someone {
    let own = account(site, &format!("{person}@example.org"), Role::Client, None);
    site.app.db.write_now(|c| store::set_person(c, own, Some(person))).expect("an account of theirs");
    Someone::signed_in(site, own)
}

async fn what_a_referrer_says_lets_nobody_hear_anything(site: &mut Site) {
    let east = team(site, "East");
    let builder = account(site, "rowan@example.org", Role::BridgeBuilder, Some(east));
    let cora = coordinator(site, east);
    let form = with(&NURSE, &[("learn", "progress")]);
    Someone::new().post(site, "/refer/someone", &form).await;
    let row = rows(site).pop().expect("a referral");
    let path = format!("/intake/{}", row.id);
    let given = site.app.db.read_now(|c| consents::of(c, person_of(&row))).expect("consents");
    assert_eq!(given.iter().map(|one| one.purpose).collect::<Vec<_>>(), [Purpose::Keep]);
    let (person, by) = (person_of(&row), audit::Actor::Visitor);
    let before = |c: &mut _| consents::give(c, person, Purpose::Told, How::Told, by, site.now());
    site.app.db.write_now(before).expect("as it was kept once");
    cora.post(site, &format!("{path}/accept"), &[("team", &east.to_string())]).await;
    cora.post(site, &format!("{path}/contact"), &[("said", "We had a chat")]).await;
    cora.post(site, &format!("{path}/allocate"), &[("worker", &builder.to_string())]).await;
    assert_eq!(rows(site)[0].state, "allocated");
    assert!(heard(site).await.is_empty());
    let page = cora.get(site, &format!("/people/{person}/agreed")).await;
    assert!(page.text.contains("Sam Reid, Harbour surgery") && page.text.contains("They did not say yes to this"), "{page:?}");
}

async fn a_referrer_hears_what_the_person_agreed_to_and_each_thing_once(site: &mut Site) {
    let east = team(site, "East");
    let builder = account(site, "rowan@example.org", Role::BridgeBuilder, Some(east));
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let person = person_of(&rows(site)[0]);
    let agreed = format!("/people/{person}/agreed");
    cora.post(site, &agreed, &[("purpose", "told"), ("how", "phone")]).await;
    assert!(heard(site).await.is_empty(), "there is nothing to tell yet");
    cora.post(site, &format!("{path}/accept"), &[("team", &east.to_string())]).await;
    let text = last(site).await;
    assert!(text.contains("the note that you sent on 21 November 2026") && text.contains("It has reached"), "{text}");
    for _ in 0..2 {
        cora.post(site, &format!("{path}/contact"), &[("said", "We had a chat")]).await;
    }
    assert!(last(site).await.contains("We have been in touch."));
    cora.post(site, &format!("{path}/allocate"), &[("worker", &builder.to_string())]).await;
    assert_eq!(heard(site).await.len(), 2, "who goes along is another thing to agree to");
    let rowan = Someone::signed_in(site, builder);
    let page = rowan.post(site, &agreed, &[("purpose", "progress"), ("how", "in-person")]).await;
    assert!(page.text.contains("It is noted, with the day and how they said it"), "{page:?}");
    assert!(last(site).await.contains("There is now someone beside them."));
    rowan.post(site, &agreed, &[("purpose", "progress"), ("how", "in-person")]).await;
    rowan.post(site, &format!("/people/{person}/moves"), &[("move", "begin")]).await;
    assert_eq!((heard(site).await.len(), rows(site)[0].state.as_str()), (3, "active"), "each thing once");
    let seen = site.app.db.read_now(|c| audit::of(c, person, 1)).expect("the record");
    assert_eq!(seen.entries.iter().filter(|entry| entry.action == Action::ReferrerTold).count(), 3);
}

async fn what_the_person_takes_back_is_told_no_more(site: &mut Site) {
    let east = team(site, "East");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let person = person_of(&rows(site)[0]);
    let morgan = themself(site, person);
    assert!(morgan.get(site, "/my-path").await.text.contains("/my-path/agreed"));
    let page = morgan.post(site, "/my-path/agreed", &[("purpose", "told"), ("answer", "yes")]).await;
    assert!(page.text.contains("Agreed on 21 November 2026, on our page"), "{page:?}");
    cora.post(site, &format!("{path}/accept"), &[("team", &east.to_string())]).await;
    assert_eq!(heard(site).await.len(), 1);
    let page = morgan.post(site, "/my-path/agreed", &[("purpose", "told"), ("answer", "no")]).await;
    assert!(page.text.contains("taken back on 21 November 2026"), "{page:?}");
    cora.post(site, &format!("{path}/contact"), &[("said", "We had a chat")]).await;
    assert_eq!(heard(site).await.len(), 1, "taken back");
    let (vault, now, by) = (site.app.vault.clone(), site.now(), audit::Actor::Person(person));
    let in_one = |c: &mut _| {
        telling::agree(c, &vault, person, (Purpose::Told, How::Page), by, now)?;
        telling::take_back(c, person, Purpose::Told, by, now)
    };
    site.app.db.write_now(in_one).expect("both");
    assert_eq!(heard(site).await.len(), 1, "a letter that still lay in the post is not sent");
}

async fn nothing_is_told_once_the_person_took_it_back_or_stopped(site: &mut Site) {
    let east = team(site, "East");
    let cora = coordinator(site, east);
    let agree = [("purpose", "told"), ("how", "phone")];
    for (name, end) in [("Morgan Vale", "withdrawn"), ("Ines Vale", "stopped"), ("Ade Vale", "error")] {
        let path = refer(site, name, "07700 900123").await;
        let row = rows(site).into_iter().find(|row| path.ends_with(&row.id)).expect("a referral");
        cora.post(site, &format!("{path}/contact"), &[("said", "We had a chat")]).await;
        cora.post(site, &format!("{path}/{end}"), &[("why", "Tried the form out")]).await;
        cora.post(site, &format!("/people/{}/agreed", row.person_id), &agree).await;
    }
    assert!(heard(site).await.is_empty());
    let states: Vec<String> = rows(site).into_iter().map(|row| row.state).collect();
    assert!(states.iter().all(|state| ["withdrawn", "open-door", "entered-in-error"].contains(&state.as_str())), "{states:?}");
}

async fn whoever_is_not_taken_on_gets_a_letter_and_the_referrer_only_if_agreed(site: &mut Site) {
    let east = team(site, "East");
    let cora = coordinator(site, east);
    let words = [("reason", "We only go along within the town"), ("elsewhere", "The library on Rye Lane")];
    let form = with(&NURSE, &[("reach", "email"), ("reach_at", "morgan@example.org")]);
    Someone::new().post(site, "/refer/someone", &form).await;
    let row = rows(site).pop().expect("a referral");
    let page = cora.post(site, &format!("/intake/{}/decline", row.id), &words).await;
    assert!(page.text.contains("a letter to them is on its way"), "{page:?}");
    let [letter] = &site.letters("morgan@example.org").await[..] else { panic!("one letter") };
    assert_eq!(letter.heading, "About your note");
    assert!(letter.text.show().contains("The library on Rye Lane") && letter.text.show().contains("within the town"));
    assert!(heard(site).await.is_empty(), "not agreed");
    let morgan = themself(site, person_of(&row));
    let form = [("sort", "message"), ("body", "Do write again")];
    cora.post(site, &format!("/people/{}/entries", row.person_id), &form).await;
    let page = morgan.get(site, "/my-path").await;
    assert!(page.text.contains("Do write again"), "what is written to them is shown: {page:?}");
    assert!(page.text.contains("Where else to try: The library on Rye Lane"), "{page:?}");
    morgan.post(site, "/my-path/agreed", &[("purpose", "told"), ("answer", "yes")]).await;
    assert!(heard(site).await.is_empty(), "that is another thing");
    morgan.post(site, "/my-path/agreed", &[("purpose", "progress"), ("answer", "yes")]).await;
    let text = last(site).await;
    assert!(text.contains("The library on Rye Lane") && !text.contains("within the town"), "no more than where else: {text}");

    let path = refer(site, "Ines Vale", "07700 900124").await;
    let person = rows(site).into_iter().find(|row| path.ends_with(&row.id)).map(|row| person_of(&row)).expect("a person");
    cora.post(site, &format!("/people/{person}/agreed"), &[("purpose", "progress"), ("how", "phone")]).await;
    let page = cora.post(site, &format!("{path}/decline"), &words).await;
    assert!(page.text.contains("Tell them kindly"), "no address: {page:?}");
    assert_eq!(heard(site).await.len(), 2);
}

async fn an_agreement_is_to_what_there_is_and_as_it_was_said(site: &mut Site) {
    let east = team(site, "East");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let person = person_of(&rows(site)[0]);
    let agreed = format!("/people/{person}/agreed");
    for (form, field) in [
        (vec![("purpose", "told")], "#how"),
        (vec![("purpose", "told"), ("how", "told")], "#how"),
        (vec![("purpose", "told"), ("how", "page")], "#how"),
        (vec![("purpose", "keep"), ("how", "phone")], "#purpose"),
        (vec![("how", "phone")], "#purpose"),
    ] {
        let page = cora.post(site, &agreed, &form).await;
        assert_eq!((page.status, page.attributes(".govuk-error-summary a", "href")), (422, vec![field.to_owned()]), "{form:?}");
    }
    let morgan = themself(site, person);
    assert_eq!(morgan.ask(site, "POST", "/my-path/agreed", &[("purpose", "keep"), ("answer", "no")]).await.status, 422);
    let given = site.app.db.read_now(|c| consents::of(c, person)).expect("consents");
    assert_eq!(given.len(), 1, "{given:?}");
    cora.post(site, &format!("{path}/accept"), &[("team", &east.to_string())]).await;
    let stranger = account(site, "nell@example.org", Role::BridgeBuilder, Some(east));
    let refused = Someone::signed_in(site, stranger).ask(site, "POST", &agreed, &[("purpose", "told"), ("how", "phone")]).await;
    assert_eq!(refused.status, 404);
}

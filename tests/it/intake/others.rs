//! What others send for someone, and a coordinator by phone.

use chrono::TimeDelta;
use footbridge::{
    accounts::{Role, clients},
    people::{
        aspirations,
        consents::{self, How, Purpose},
        timeline::Sort,
    },
};

use super::{NURSE, about, coordinator, person_of, rows, timeline_of, with};
use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, account, team},
};

on_both_databases!(
    a_nurse_refers_someone_on_one_page,
    whoever_sends_a_form_twice_makes_one_referral_and_loses_nothing,
    family_and_friends_write_and_the_person_decides_what_they_hear,
    words_from_clinics_are_asked_about_once,
    someone_rings_and_a_coordinator_writes_it_down,
    an_address_that_strangers_type_gets_few_receipts,
    what_a_nurse_writes_is_no_wish_until_the_person_makes_it_one,
);

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
    assert!(!letter.text.show().contains("my-path"), "whoever wrote for them has no way in");

    let [row] = &rows(site)[..] else { panic!("one referral") };
    assert_eq!((row.way.as_str(), row.taken_by.as_str(), row.team_id.as_ref()), ("professional", "page", None));
    let agreed = site.app.db.read_now(|c| consents::of(c, person_of(row))).expect("consents");
    let agreed: Vec<(Purpose, How)> = agreed.iter().map(|one| (one.purpose, one.how)).collect();
    assert_eq!(agreed, [(Purpose::Keep, How::Told)], "what they may hear is for the person to say");
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
    assert_eq!(kept, [(Sort::Note, "Sent again with other words: I want to sing".to_owned())]);
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
    let more = [
        ("mark", "p2"),
        ("way", "professional"),
        ("your_name", "Sam Reid"),
        ("learn", "progress"),
        ("languages", "Yoruba"),
        ("when", "Before noon"),
    ];
    let page = cora.post(site, "/intake/by-phone", &with(&form, &more)).await;
    for said in ["Yoruba", "Before noon", "How it goes, in a few words"] {
        assert!(page.text.contains(said), "{said}: {page:?}");
    }
    let builder = account(site, "rowan@example.org", Role::BridgeBuilder, Some(east));
    assert_eq!(Someone::signed_in(site, builder).ask(site, "GET", "/intake/by-phone", &[]).await.status, 404);
}

async fn an_address_that_strangers_type_gets_few_receipts(site: &mut Site) {
    let send = async |site: &Site, at: usize, to: &str| {
        let (mark, phone) = (format!("many-{at}"), format!("07700 900{at:03}"));
        let form = with(&NURSE, &[("mark", &mark), ("reach_at", &phone), ("your_email", to)]);
        Someone::new().post(site, "/refer/someone", &form).await.text
    };
    let thanks = send(site, 0, "sam@surgery.example").await;
    for at in 1..12 {
        assert_eq!(send(site, at, "sam@surgery.example").await, thanks, "nobody can tell");
    }
    assert_eq!((rows(site).len(), site.letters("sam@surgery.example").await.len()), (12, 10), "no note is lost");
    send(site, 12, "ada@surgery.example").await;
    assert_eq!(site.letters("ada@surgery.example").await.len(), 1, "each address for itself");
    site.later(TimeDelta::days(1));
    send(site, 13, "sam@surgery.example").await;
    assert_eq!(site.letters("sam@surgery.example").await.len(), 11);
}

async fn what_a_nurse_writes_is_no_wish_until_the_person_makes_it_one(site: &mut Site) {
    Someone::new().post(site, "/refer/someone", &NURSE).await;
    let person = person_of(&rows(site)[0]);
    let wishes = |site: &Site| site.app.db.read_now(|c| aspirations::of(c, &site.app.vault, person)).expect("wishes").len();
    assert_eq!(wishes(site), 0);
    let now = site.now();
    let account =
        site.app.db.write_now(|c| clients::account_for(c, &site.app.vault, person, "Morgan", None, now)).expect("an account");
    let morgan = Someone::signed_in(site, account);
    let path = morgan.get(site, "/my-path").await;
    assert!(path.text.contains("What others wrote for me") && path.text.contains("Sam Reid"), "{path:?}");
    let words = path.attributes("input[name=words]", "value");
    assert_eq!(words, ["I want to drum again"]);
    let mine = morgan.post(site, "/my-path/wishes", &[("words", &words[0])]).await;
    assert_eq!((wishes(site), mine.all("input[name=words]").len()), (1, 0), "it is theirs now: {mine:?}");
}

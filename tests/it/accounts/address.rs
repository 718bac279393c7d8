//! Another address for mail and for signing in, or a first one.

use footbridge::accounts::{Role, State, ticket};

use super::{ask_for_link, is_in, newest_letter, notices};
use crate::{
    desks::{pair, someone},
    harness::Site,
    on_both_databases,
    people::{Someone, account, account_with},
};

on_both_databases!(
    who_has_a_new_address_signs_in_with_that_one_alone,
    what_is_wrong_with_a_new_address_is_said,
    who_types_the_code_from_a_new_address_has_mail_there,
    whether_an_address_is_taken_is_told_only_to_its_owner,
    a_code_to_a_new_address_is_spoilt_by_guesses_and_by_time,
    whoever_had_a_card_alone_adds_an_address,
    nobody_writes_to_strangers_without_end,
);

const ASK: &str = "/account/address";
const CODE: &str = "/account/address/code";

async fn what_is_wrong_with_a_new_address_is_said(site: &mut Site) {
    let all = pair(site);
    assert_eq!(all.jo.get(site, ASK).await.all("h1"), ["Change your address"]);
    for (typed, problem) in [("jo", "Type an e-mail address"), ("JO@example.org", "Your mail goes there already")] {
        let wrong = all.jo.post(site, ASK, &[("email", typed)]).await;
        assert_eq!((wrong.status, wrong.attributes("#email", "value")), (422, vec![typed.to_owned()]));
        assert!(wrong.all("#email-error").concat().contains(problem), "{:?}", wrong.all("#email-error"));
    }
    assert_eq!(all.jo.get(site, CODE).await.all("h1"), ["Change your address"], "no letter was sent");
    all.jo.post(site, ASK, &[("email", "jo@new.example")]).await;
    ask_for_link(site, &Someone::new(), "jo@new.example").await;
    assert_eq!(site.letters("jo@new.example").await.len(), 1, "nothing is changed yet");
    let wrong = all.jo.post(site, CODE, &[("code", "0000 0000")]).await;
    assert_eq!((wrong.status, wrong.all("#code-error").len()), (422, 1));
}

/// A browser in which Jo signed in by a letter, and another letter's link that wasn't used.
async fn signed_in_elsewhere(site: &Site) -> (Someone, String) {
    let elsewhere = Someone::new();
    ask_for_link(site, &elsewhere, "jo@example.org").await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    elsewhere.post(site, &link, &[]).await;
    ask_for_link(site, &elsewhere, "jo@example.org").await;
    (elsewhere, newest_letter(site, "jo@example.org").await.0)
}

async fn who_types_the_code_from_a_new_address_has_mail_there(site: &mut Site) {
    let all = pair(site);
    let (elsewhere, waiting) = signed_in_elsewhere(site).await;
    let asked = all.jo.post(site, ASK, &[("email", "jo@new.example")]).await;
    assert_eq!((asked.all("h1"), asked.text.contains("jo@new.example")), (vec!["Look at your mail".to_owned()], true));
    let (_, code) = newest_letter_without_link(site, "jo@new.example").await;
    let done = all.jo.post(site, CODE, &[("code", &code)]).await;
    assert_eq!(done.all("h1"), ["Your account"]);
    assert!(done.text.contains("jo@new.example") && !done.text.contains("jo@example.org"));
    assert_eq!(notices(site, "jo@example.org").await, ["The address for your mail was changed."]);
    assert!(is_in(site, &all.jo).await && !is_in(site, &elsewhere).await, "only here they are still signed in");
    assert_eq!(elsewhere.post(site, &waiting, &[]).await.status, 422, "what went to the old address lets nobody in");
    // Whoever goes along finds the new one, and Jo that it was changed.
    assert!(all.rowan.get(site, &format!("/people/{}", all.person)).await.text.contains("jo@new.example"));
    let looked = all.jo.get(site, "/my-path/looked").await.all(".entry");
    assert!(looked.iter().any(|line| line.starts_with("You changed the address for mail")), "{looked:?}");
    assert_eq!(all.jo.get(site, CODE).await.all("h1"), ["Change your address"], "a code counts once");
}

async fn who_has_a_new_address_signs_in_with_that_one_alone(site: &mut Site) {
    let all = pair(site);
    all.jo.post(site, ASK, &[("email", "jo@new.example")]).await;
    let (_, code) = newest_letter_without_link(site, "jo@new.example").await;
    all.jo.post(site, CODE, &[("code", &code)]).await;
    let before = site.letters("jo@example.org").await.len();
    ask_for_link(site, &Someone::new(), "jo@example.org").await;
    assert_eq!(site.letters("jo@example.org").await.len(), before, "the old address lets nobody in");
    let phone = Someone::new();
    ask_for_link(site, &phone, "jo@new.example").await;
    let (link, _) = newest_letter(site, "jo@new.example").await;
    assert_eq!(phone.post(site, &link, &[]).await.all("h1"), ["My path"]);
}

/// The newest letter's words, and the code in it.
async fn newest_letter_without_link(site: &Site, to: &str) -> (String, String) {
    let text = site.letters(to).await.pop().expect("a letter").text.show().to_owned();
    let line = text.lines().find(|line| line.contains("Type this code")).unwrap_or_default();
    let code = line.chars().filter(char::is_ascii_digit).collect();
    (text, code)
}

async fn whether_an_address_is_taken_is_told_only_to_its_owner(site: &mut Site) {
    let all = pair(site);
    account(site, "al@example.org", Role::Client, None);
    let shown = async |address: &str| {
        let shown = all.jo.post(site, ASK, &[("email", address)]).await;
        (shown.status, shown.text.replace(address, "ADDRESS"))
    };
    assert_eq!(shown("al@example.org").await, shown("nobody@example.org").await);
    let (text, code) = newest_letter_without_link(site, "al@example.org").await;
    assert!(text.contains("an account here has it already") && code.is_empty(), "{text}");
    assert!(!text.contains("Jo"), "it doesn't say who asked");
    // Where someone comes with that address between the letter and the code, nothing is lost.
    let (_, code) = newest_letter_without_link(site, "nobody@example.org").await;
    account(site, "nobody@example.org", Role::Client, None);
    let late = all.jo.post(site, CODE, &[("code", &code)]).await;
    assert_eq!(late.status, 422);
    assert!(late.all("#code-error").concat().contains("has an account already"));
    assert!(all.jo.get(site, "/account").await.text.contains("jo@example.org"));
    assert!(notices(site, "jo@example.org").await.is_empty());
}

async fn a_code_to_a_new_address_is_spoilt_by_guesses_and_by_time(site: &mut Site) {
    let all = pair(site);
    let ask = async |site: &Site| {
        all.jo.post(site, ASK, &[("email", "jo@new.example")]).await;
        newest_letter_without_link(site, "jo@new.example").await.1
    };
    let code = ask(site).await;
    for _ in 0..5 {
        assert_eq!(all.jo.post(site, CODE, &[("code", "1")]).await.status, 422);
    }
    assert_eq!(all.jo.post(site, CODE, &[("code", &code)]).await.all("h1"), ["Change your address"]);
    let older = ask(site).await;
    let code = ask(site).await;
    assert_eq!(all.jo.post(site, CODE, &[("code", &older)]).await.status, 422, "a newer one was sent");
    let another = Someone::signed_in(site, all.worker);
    assert_eq!(another.post(site, CODE, &[("code", &code)]).await.all("h1"), ["Change your address"], "another's code");
    site.later(ticket::ADDRESS_LASTS);
    let late = all.jo.ask(site, "POST", CODE, &[("code", &code)]).await;
    assert_eq!(late.header("location"), ASK);
    assert_eq!(all.jo.get(site, ASK).await.all("h1"), ["Is it you?"], "it matters");
    assert_eq!(all.jo.ask(site, "POST", ASK, &[("email", "jo@new.example")]).await.status, 303);
    assert!(notices(site, "jo@example.org").await.is_empty());
}

async fn whoever_had_a_card_alone_adds_an_address(site: &mut Site) {
    let all = pair(site);
    let ash = someone(site, "Ash", None, all.east, all.worker, true);
    let card = all.rowan.post(site, &format!("/people/{ash}/card"), &[]).await.all(".ticket__code").concat();
    let phone = Someone::new();
    phone.post(site, "/sign-in/card", &[("code", &card)]).await;
    assert!(phone.get(site, "/account").await.text.contains("Add an e-mail address"));
    assert_eq!(phone.get(site, ASK).await.all("h1"), ["Add an address"]);
    phone.post(site, ASK, &[("email", "ash@example.org")]).await;
    let (_, code) = newest_letter_without_link(site, "ash@example.org").await;
    assert_eq!(phone.post(site, CODE, &[("code", &code)]).await.all("h1"), ["Your account"]);
    let other = Someone::new();
    ask_for_link(site, &other, "ash@example.org").await;
    let (link, _) = newest_letter(site, "ash@example.org").await;
    assert_eq!(other.post(site, &link, &[]).await.all("h1"), ["My path"]);
    assert!(all.rowan.get(site, &format!("/people/{ash}")).await.text.contains("ash@example.org"));
}

async fn nobody_writes_to_strangers_without_end(site: &mut Site) {
    let all = pair(site);
    let ada = account_with(site, "ada@example.org", "Ada Fenwick", State::Active, Role::Administrator, None);
    for at in 0..5 {
        let asked = all.jo.post(site, ASK, &[("email", &format!("stranger{at}@example.org"))]).await;
        assert_eq!(asked.status, 200);
    }
    assert_eq!(all.jo.post(site, ASK, &[("email", "stranger@example.org")]).await.status, 429);
    assert!(site.letters("stranger@example.org").await.is_empty());
    let asked = Someone::signed_in(site, ada).post(site, ASK, &[("email", "ada@new.example")]).await;
    assert_eq!((asked.status, asked.all("h1")), (200, vec!["Look at your mail".to_owned()]), "each for themself");
}

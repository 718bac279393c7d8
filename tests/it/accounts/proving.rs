//! Printed cards, links that strangers ask for, proving again who one is, and what a browser keeps.

use chrono::TimeDelta;
use diesel::{ExpressionMethods, RunQueryDsl};
use footbridge::{
    accounts::{Grant, Role, State, clients, session::Browser, store, ticket, token::Token},
    people::{caseload, caseload::Along},
    schema::passkeys,
    values::{AccountId, SubjectId},
    vault::Place,
};

use super::{ask_for_link, is_in, newest_letter};
use crate::{
    desks::{Pair, pair, someone},
    harness::{Site, Visit},
    on_both_databases,
    people::{Someone, account, account_with},
};

on_both_databases!(
    a_peer_prints_no_card,
    a_printed_card_leaves_traces_for_its_owner,
    whoever_has_no_address_proves_with_their_card,
    a_link_brings_back_to_where_one_was,
    strangers_who_ask_for_links_use_up_their_own,
    one_letter_an_hour_goes_however_many_ask,
    a_browser_keeps_nothing_of_what_was_seen,
    a_file_names_passkeys_and_the_account_is_called_as_its_owner,
);

const ERASE: &str = "Erase all that is about you";

async fn print_card(site: &Site, all: &Pair, person: SubjectId) -> String {
    let card = Someone::signed_in(site, all.worker).post(site, &format!("/people/{person}/card"), &[]).await;
    assert_eq!(card.header("cache-control"), "no-store");
    card.all(".ticket__code").concat()
}

async fn a_peer_prints_no_card(site: &mut Site) {
    let all = pair(site);
    let record = format!("/people/{}", all.person);
    let peer = account_with(site, "pat@example.org", "Pat Doyle", State::Active, Role::Peer, Some(all.east));
    let now = site.now();
    site.app.db.write_now(|c| caseload::begin(c, all.person, peer, Along::Peer, true, now)).expect("a peer");
    let pat = Someone::signed_in(site, peer);
    assert!(pat.get(site, &record).await.attributes("form", "action").iter().all(|form| !form.ends_with("/card")));
    assert_eq!(pat.post(site, &format!("{record}/card"), &[]).await.status, 404, "not for peers");
    // Nor where a peer is a bridge builder for others.
    let grants = [Role::Peer, Role::BridgeBuilder].map(|role| Grant { role, team: Some(all.east) });
    site.app.db.write_now(|c| store::set_grants(c, peer, &grants, now)).expect("two roles");
    assert_eq!(pat.get(site, &record).await.status, 200);
    assert_eq!(pat.post(site, &format!("{record}/card"), &[]).await.status, 404, "not as a peer, whatever else they are");
}

async fn a_printed_card_leaves_traces_for_its_owner(site: &mut Site) {
    let all = pair(site);
    let code = print_card(site, &all, all.person).await;
    let told = |letters: &[footbridge::mail::Parcel]| letters.last().map(|letter| letter.text.show().to_owned());
    assert!(told(&site.letters("jo@example.org").await).is_some_and(|text| text.contains("A card was printed for you")));
    let phone = Someone::new();
    assert_eq!(phone.post(site, "/sign-in/card", &[("code", &code)]).await.all("h1"), ["My path"]);
    assert!(told(&site.letters("jo@example.org").await).is_some_and(|text| text.contains("Someone signed in as you")));
    let looked = all.jo.get(site, "/my-path/looked").await.all(".entry");
    assert!(looked.iter().any(|line| line.starts_with("Rowan Ashby printed a card")), "{looked:?}");
    assert!(looked.iter().any(|line| line.starts_with("You signed in with a printed card")), "{looked:?}");
    // Someone who has mail proves by mail who they are.
    for path in ["/my-path/erase", "/my-path/download", "/my-path/download.json"] {
        assert_eq!(phone.get(site, path).await.all("h1"), ["Is it you?"], "{path}");
    }
    assert!(all.jo.get(site, "/my-path/erase").await.all("h1") == [ERASE], "a link proved it");
    site.later(TimeDelta::minutes(11));
    assert_eq!(all.rowan.post(site, &format!("/people/{}/card", all.person), &[]).await.all("h1"), ["Is it you?"]);
}

async fn whoever_has_no_address_proves_with_their_card(site: &mut Site) {
    let all = pair(site);
    let ash = someone(site, "Ash", None, all.east, all.worker, true);
    let code = print_card(site, &all, ash).await;
    let phone = Someone::new();
    phone.post(site, "/sign-in/card", &[("code", &code)]).await;
    assert_eq!(phone.get(site, "/my-path/erase").await.all("h1"), [ERASE], "a card is how they always sign in");
    site.later(TimeDelta::minutes(11));
    let asked = phone.get(site, "/my-path/erase").await;
    assert_eq!((asked.all("h1"), asked.all("#password").len()), (vec!["Is it you?".to_owned()], 0));
    assert_eq!(asked.attributes("input[name=to]", "value"), ["/my-path/erase"]);
    let wrong = phone.post(site, "/sign-in/again", &[("code", "ABCD-EFGH-JKLM"), ("to", "/my-path/erase")]).await;
    assert_eq!((wrong.status, wrong.all("#code-error").len()), (422, 1));
    assert_eq!(wrong.attributes("input[name=to]", "value"), ["/my-path/erase"]);
    let proof = [("code", code.as_str()), ("to", "/my-path/erase")];
    assert_eq!(phone.post(site, "/sign-in/again", &proof).await.all("h1"), [ERASE]);
    site.later(TimeDelta::minutes(11));
    let other = someone(site, "Al", None, all.east, all.worker, true);
    let others = print_card(site, &all, other).await;
    assert_eq!(phone.post(site, "/sign-in/again", &[("code", &others)]).await.status, 422, "another's card");
    let newer = print_card(site, &all, ash).await;
    assert_eq!(phone.post(site, "/sign-in/again", &proof).await.status, 422, "a newer card was printed");
    assert_eq!(phone.post(site, "/sign-in/again", &[("code", &newer)]).await.all("h1"), ["My path"]);
}

async fn a_link_brings_back_to_where_one_was(site: &mut Site) {
    let all = pair(site);
    let jo = Someone::new();
    let asked = jo.get(site, "/my-path/about").await;
    assert_eq!(
        (asked.all("h1"), asked.attributes("input[name=to]", "value")),
        (vec!["Sign in".to_owned()], vec!["/my-path/about".to_owned()])
    );
    jo.post(site, "/sign-in", &[("email", "jo@example.org"), ("to", "/my-path/about")]).await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    assert_eq!(jo.post(site, &link, &[]).await.all("h1"), ["About you"]);

    site.later(TimeDelta::minutes(11));
    let asked = jo.get(site, "/my-path/erase").await;
    assert_eq!((asked.all("h1"), asked.all("main button")), (vec!["Is it you?".to_owned()], vec!["Send me a link".to_owned()]));
    assert_eq!(asked.all("#password").len(), 0);
    assert_eq!(jo.post(site, "/sign-in/again", &[("to", "/my-path/erase")]).await.all("h1"), ["Look at your mail"]);
    let (_, code) = newest_letter(site, "jo@example.org").await;
    assert_eq!(jo.post(site, "/sign-in/code", &[("code", &code)]).await.all("h1"), [ERASE]);
    // Nowhere else than on this site.
    jo.post(site, "/sign-in", &[("email", "jo@example.org"), ("to", "//evil.example")]).await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    assert_eq!(jo.post(site, &link, &[]).await.all("h1"), ["My path"]);

    // A form that was sent too late leads back to its page.
    site.later(TimeDelta::minutes(11));
    let session = format!("footbridge={}", jo.cookie("footbridge").expect("a session"));
    let late = site.request("POST", "/my-path/erase").header("sec-fetch-site", "same-origin").header("cookie", session);
    let late = Visit::read(late.header("referer", format!("{}/my-path/erase?x=1", site.base)).form(&[("sure", "yes")])).await;
    assert_eq!(late.header("location"), "/sign-in/again?to=%2Fmy-path%2Ferase");
    assert!(is_in(site, &all.jo).await);
}

async fn strangers_who_ask_for_links_use_up_their_own(site: &mut Site) {
    account(site, "jo@example.org", Role::Client, None);
    let jo = Someone::new();
    ask_for_link(site, &jo, "jo@example.org").await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    jo.post(site, &link, &[]).await;
    jo.post(site, "/sign-out", &[]).await;
    for _ in 0..8 {
        ask_for_link(site, &Someone::new(), "jo@example.org").await;
    }
    assert_eq!(site.letters("jo@example.org").await.len(), 5, "five in an hour from one network");
    ask_for_link(site, &jo, "jo@example.org").await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    assert_eq!(jo.post(site, &link, &[]).await.all("h1"), ["My path"], "their own browser is counted by itself");
    // From a new browser somewhere else, too.
    ask_from(site, "198.51.100.7", 1);
    assert_eq!(site.letters("jo@example.org").await.len(), 7);
}

/// Asks for links to one address from browsers that nobody knows, in this network.
fn ask_from(site: &Site, network: &str, times: usize) {
    let browser = Browser { network: network.to_owned(), known: Some(Token::sent("nothing")), ..Browser::default() };
    for _ in 0..times {
        let mark = site.app.vault.mark("email", "jo@example.org");
        let asked = site.app.db.write_now(|c| ticket::ask_for_link(c, &site.app.vault, mark, &browser, "", site.now()));
        assert!(asked.expect("the database answers").is_some());
    }
}

async fn one_letter_an_hour_goes_however_many_ask(site: &mut Site) {
    account(site, "jo@example.org", Role::Client, None);
    for network in 0..7 {
        ask_from(site, &format!("198.51.100.{network}"), 5);
    }
    assert_eq!(site.letters("jo@example.org").await.len(), 31, "thirty and one");
    ask_from(site, "203.0.113.7", 1);
    assert_eq!(site.letters("jo@example.org").await.len(), 31);
    site.later(TimeDelta::minutes(61));
    ask_from(site, "203.0.113.7", 1);
    assert_eq!(site.letters("jo@example.org").await.len(), 32);
}

async fn a_browser_keeps_nothing_of_what_was_seen(site: &mut Site) {
    let all = pair(site);
    let kept = |visit: &Visit| visit.header("cache-control").to_owned();
    assert_eq!(kept(&Someone::new().get(site, "/about").await), "private, no-cache");
    for path in ["/my-path", "/my-path/about", "/account", "/about", "/nothing"] {
        assert_eq!(kept(&all.jo.get(site, path).await), "no-store", "{path}");
    }
    assert_eq!(kept(&all.rowan.get(site, &format!("/people/{}", all.person)).await), "no-store");
    let out = all.jo.ask(site, "POST", "/sign-out", &[]).await;
    assert_eq!((out.status, out.header("clear-site-data")), (303, "\"cache\""));
    let erased = Someone::signed_in(site, owner(site, all.person)).ask(site, "POST", "/my-path/erase", &[("sure", "yes")]).await;
    assert_eq!((erased.status, erased.header("clear-site-data")), (200, "\"cache\""));
}

fn owner(site: &Site, person: SubjectId) -> AccountId {
    site.app.db.read_now(|c| clients::account_of(c, person)).expect("the database answers").expect("an account")
}

async fn a_file_names_passkeys_and_the_account_is_called_as_its_owner(site: &mut Site) {
    let all = pair(site);
    let (id, now) = (owner(site, all.person), site.now());
    let planted = site.app.db.write_now(|c| {
        let key = site.app.vault.key(c, SubjectId(id.0))?.expect("a key");
        let seal = |column, words| key.seal(&Place::new("passkeys", column, "k1"), words);
        let row = (
            passkeys::id.eq("k1"),
            passkeys::account_id.eq(id.to_string()),
            passkeys::name.eq(seal("name", "Jo’s old phone")),
            passkeys::passkey.eq(seal("passkey", "{}")),
            passkeys::added_at.eq(now),
        );
        diesel::insert_into(passkeys::table).values(row).execute(c)?;
        Ok(())
    });
    planted.expect("a passkey");
    let file = all.jo.get(site, "/my-path/download.json").await.json();
    assert_eq!(file["passkeys"][0]["name"], "Jo’s old phone");
    all.jo.post(site, "/my-path/about", &[("chosen_name", "Joey"), ("ways", "text")]).await;
    assert_eq!(file["accounts"][0]["name"], "Jo Marsh");
    let file = all.jo.get(site, "/my-path/download.json").await.json();
    assert_eq!(file["accounts"][0]["name"], "Joey");
}

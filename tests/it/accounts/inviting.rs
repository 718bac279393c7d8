//! Invitations: sent again, to someone who has an account already, and what is left of them once an account was closed.

use chrono::TimeDelta;
use footbridge::{
    accounts::{Role, State},
    values::TeamId,
};

use super::{GOOD, ask_for_link, code, is_in, newest_letter};
use crate::{
    desks::pair,
    harness::{Site, Visit},
    on_both_databases,
    people::{Someone, account, account_with, team},
};

on_both_databases!(
    an_invitation_is_sent_again_and_the_one_before_ends,
    whoever_signs_in_by_mail_comes_back_after_closing,
    nobody_learns_that_someone_has_an_account,
    someone_who_is_helped_becomes_a_peer_by_their_own_hand,
    whoever_says_no_is_not_told_of,
    saying_yes_many_times_at_once_is_one_yes,
);

async fn invite(by: &Someone, site: &Site, name: &str, email: &str, role: &str) -> Visit {
    by.post(site, "/accounts/invite", &[("name", name), ("email", email), ("roles", role)]).await
}

/// Where the account of this name is looked after.
async fn page_of(by: &Someone, site: &Site, name: &str) -> String {
    let list = by.get(site, "/accounts").await;
    let at = list.all(".session a").iter().position(|line| line == name).expect("someone of that name");
    list.attributes(".session a", "href")[at].clone()
}

fn peer_of(team: TeamId) -> String {
    format!("peer {team}")
}

async fn an_invitation_is_sent_again_and_the_one_before_ends(site: &mut Site) {
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    let east = team(site, "East");
    invite(&ada, site, "Nell Okafor", "nell@example.org", &peer_of(east)).await;
    let (old, _) = newest_letter(site, "nell@example.org").await;
    let at = page_of(&ada, site, "Nell Okafor").await;
    assert!(ada.get(site, &at).await.all("main button").contains(&"Send the invitation again".to_owned()));
    let again = ada.post(site, &format!("{at}/invitation"), &[]).await;
    assert!(again.all(".notice").concat().contains("on its way"), "{again:?}");
    let (new, _) = newest_letter(site, "nell@example.org").await;
    assert_eq!((Someone::new().get(site, &old).await.status, Someone::new().get(site, &new).await.status), (422, 200));
    // Closed and opened again before she came: invited still.
    ada.post(site, &format!("{at}/close"), &[]).await;
    assert!(ada.get(site, &at).await.text.contains("not taken up their invitation"));
    assert_eq!(ada.post(site, &format!("{at}/invitation"), &[]).await.status, 422, "not while it is closed");
    ada.post(site, &format!("{at}/reopen"), &[]).await;
    ada.post(site, &format!("{at}/invitation"), &[]).await;
    let (new, _) = newest_letter(site, "nell@example.org").await;
    let nell = Someone::new();
    assert_eq!(nell.post(site, &new, &[("password", GOOD), ("again", GOOD)]).await.all("h1"), ["Set up your second step"]);
    assert_eq!(ada.post(site, &format!("{at}/invitation"), &[]).await.status, 422, "she has come");
}

async fn whoever_signs_in_by_mail_comes_back_after_closing(site: &mut Site) {
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    let id = account_with(site, "max@example.org", "Max", State::Active, Role::VenueManager, None);
    let at = format!("/accounts/{id}");
    ada.post(site, &format!("{at}/close"), &[]).await;
    assert!(ada.get(site, &at).await.text.contains("They can then sign in as before"));
    ada.post(site, &format!("{at}/reopen"), &[]).await;
    let max = Someone::new();
    ask_for_link(site, &max, "max@example.org").await;
    let (link, _) = newest_letter(site, "max@example.org").await;
    max.post(site, &link, &[]).await;
    assert!(is_in(site, &max).await);
}

async fn nobody_learns_that_someone_has_an_account(site: &mut Site) {
    pair(site);
    let west = team(site, "West");
    account_with(site, "gone@example.org", "Gone", State::Disabled, Role::Client, None);
    let mut seen = Vec::new();
    // Helped here, closed, working in another team, and unknown: as a coordinator who invites each sees it.
    for (name, email) in
        [("Jo", "jo@example.org"), ("Al", "gone@example.org"), ("Rob", "rowan@example.org"), ("Kim", "kim@example.org")]
    {
        let place = team(site, &format!("{name}’s"));
        let cora = account(site, &format!("cora-{name}@example.org"), Role::Coordinator, Some(place));
        let cora = Someone::signed_in(site, cora);
        site.later(TimeDelta::minutes(1));
        let list = invite(&cora, site, name, email, &peer_of(place)).await;
        let at = page_of(&cora, site, name).await;
        let page = cora.get(site, &at).await;
        let twice = invite(&cora, site, name, email, &peer_of(place)).await;
        assert_eq!((twice.status, twice.all("#email-error").len()), (422, 1), "{name}");
        let again = cora.post(site, &format!("{at}/invitation"), &[]).await;
        let words = |visit: &Visit| visit.all("main p, main button, main .notice").join("|").replace(name, "").replace(email, "");
        seen.push([&list, &page, &twice, &again].map(|visit| (visit.status, words(visit))));
    }
    // But for the hour at which it was.
    let words = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    for others in &seen[1..] {
        for (one, other) in seen[0].iter().zip(others) {
            assert_eq!((one.0, words(&one.1)), (other.0, words(&other.1)));
        }
    }
    assert!(site.letters("gone@example.org").await.is_empty(), "a closed account gets none");
    // Whom one sees already is no secret.
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    let known = invite(&ada, site, "Rowan", "rowan@example.org", &peer_of(west)).await;
    assert!(known.all("#email-error").concat().contains("Look for it in the list"), "{known:?}");
}

async fn someone_who_is_helped_becomes_a_peer_by_their_own_hand(site: &mut Site) {
    let all = pair(site);
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    site.later(TimeDelta::minutes(1));
    let list = invite(&ada, site, "Jo from the music group", "jo@example.org", &peer_of(all.east)).await;
    assert!(!list.text.contains("Jo Marsh"), "{list:?}");
    let (link, _) = newest_letter(site, "jo@example.org").await;
    assert_eq!(link, "/account/offers");
    is_theirs_alone(site, &link).await;
    let set_up = says_yes(site, &all.jo).await;
    let jo = &all.jo;
    let secret = set_up.all("main code")[0].replace(' ', "");
    jo.post(site, "/sign-in/set-up", &[("code", &code(site, &secret))]).await;
    assert_eq!(jo.get(site, "/start").await.all("h1"), ["Your people"]);
    assert_eq!(jo.get(site, "/account").await.attributes("main a[href='/my-path']", "href").len(), 1);
    assert_eq!(jo.get(site, "/my-path").await.all("h1"), ["My path"], "their own record is still theirs");
    let list = ada.get(site, "/accounts").await;
    assert!(list.text.contains("Jo Marsh") && !list.text.contains("music group"), "{list:?}");
    assert_eq!(jo.get(site, &link).await.all("h1"), ["Nothing waits for you"], "once");
    // A link by mail is not enough any more.
    let phone = Someone::new();
    ask_for_link(site, &phone, "jo@example.org").await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    assert_eq!(phone.post(site, &link, &[]).await.all("h1"), ["Sign in with your password"]);
}

async fn is_theirs_alone(site: &Site, link: &str) {
    assert_eq!(Someone::new().get(site, link).await.all("h1"), ["Sign in"]);
    let other = Someone::signed_in(site, account(site, "al@example.org", Role::Client, None));
    assert_eq!(other.get(site, link).await.all("h1"), ["Nothing waits for you"]);
    assert_eq!(other.post(site, link, &[("answer", "yes")]).await.all("h1"), ["Nothing waits for you"]);
}

/// They choose a password on the way; what comes next.
async fn says_yes(site: &Site, jo: &Someone) -> Visit {
    let link = "/account/offers";
    let asked = jo.get(site, link).await;
    assert!(asked.text.contains("Peer worker or volunteer, East"), "{asked:?}");
    assert_eq!(jo.post(site, link, &[]).await.all("#answer-error").len(), 1);
    let weak = jo.post(site, link, &[("answer", "yes"), ("password", "short"), ("again", "short")]).await;
    assert_eq!((weak.status, weak.all("#password-error").len()), (422, 1));
    let set_up = jo.post(site, link, &[("answer", "yes"), ("password", GOOD), ("again", GOOD)]).await;
    assert_eq!(set_up.all("h1"), ["Set up your second step"], "{set_up:?}");
    assert!(!is_in(site, jo).await, "not before the second step");
    set_up
}

async fn whoever_says_no_is_not_told_of(site: &mut Site) {
    let all = pair(site);
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    invite(&ada, site, "Jo Someone", "jo@example.org", "venue-manager ").await;
    let said = all.jo.post(site, "/account/offers", &[("answer", "no")]).await;
    assert!(said.text.contains("You said no"), "{said:?}");
    assert_eq!(all.jo.get(site, "/account/offers").await.all("h1"), ["Nothing waits for you"]);
    let at = page_of(&ada, site, "Jo Someone").await;
    assert!(ada.get(site, &at).await.text.contains("Invited"));
    // Asked again after all, and within the week.
    ada.post(site, &format!("{at}/invitation"), &[]).await;
    assert_eq!(all.jo.get(site, "/account/offers").await.all("h1"), ["You are invited"]);
    site.later(TimeDelta::days(7));
    let jo = Someone::new();
    ask_for_link(site, &jo, "jo@example.org").await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    jo.post(site, &link, &[]).await;
    assert_eq!(jo.get(site, "/account/offers").await.all("h1"), ["Nothing waits for you"], "a week is over");
    let ada = Someone::signed_in(site, account(site, "ada-2@example.org", Role::Administrator, None));
    ada.post(site, &format!("{at}/invitation"), &[]).await;
    assert_eq!(jo.post(site, "/account/offers", &[("answer", "yes")]).await.all("h1"), ["My path"], "no password for this one");
    assert!(jo.get(site, "/account").await.text.contains("Venue manager"));
}

async fn saying_yes_many_times_at_once_is_one_yes(site: &mut Site) {
    let all = pair(site);
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    invite(&ada, site, "Jo Someone", "jo@example.org", "venue-manager ").await;
    let yes = (0..10).map(|_| all.jo.ask(site, "POST", "/account/offers", &[("answer", "yes")]));
    let answers = futures_util::future::join_all(yes).await;
    assert!(answers.iter().all(|visit| visit.status < 500), "{answers:?}");
    assert_eq!(answers.iter().filter(|visit| visit.status == 303).count(), 1, "{answers:?}");
    assert!(all.jo.get(site, "/account").await.text.contains("Venue manager"));
}

//! Signing in and out, by mail, by card, by password and second step; and what ends a session.

mod address;
mod closing;
mod inviting;
mod proving;

use std::collections::HashSet;

use chrono::TimeDelta;
use footbridge::{
    accounts::{Grant, Role, State, letters::Sender, people, start, ticket, token::Token},
    values::AccountId,
};
use totp_rs::{Builder, Secret};

use crate::{
    harness::{Site, Visit},
    on_both_databases,
    people::{Someone, account, account_with, team},
};

on_both_databases!(
    whoever_has_an_account_hears_of_changes_to_it,
    whoever_changes_how_they_sign_in_is_told_what_to_do_if_it_was_not_them,
    setting_up_an_account_for_the_first_time_posts_no_notice,
    whoever_is_invited_again_hears_of_it,
    an_account_without_a_password_is_opened_again_as_it_was,
    a_link_by_mail_lets_in_once,
    a_link_works_only_where_it_was_asked_for_and_its_code_there_too,
    a_link_is_too_old_after_ten_minutes,
    of_a_hundred_at_once_one_gets_in,
    nobody_can_tell_which_addresses_are_known,
    a_bridge_builder_is_invited_and_signs_in_with_two_steps,
    a_code_of_the_second_step_counts_once,
    strangers_who_guess_lock_nobody_out,
    a_card_lets_in_without_an_address,
    closing_roles_and_password_end_sessions_at_once,
    people_see_and_end_their_sessions,
    what_matters_asks_again_who_you_are,
    a_session_ends_when_nobody_comes,
    an_administrator_invites_and_looks_after_accounts,
    the_demos_links_let_in_each_role,
);

const GOOD: &str = "lantern otter brisk Tuesday";

/// The link and the code of the newest letter to an address, leaving out word of changes, which may come in any order.
async fn newest_letter(site: &Site, to: &str) -> (String, String) {
    let mut letters = site.letters(to).await.into_iter();
    let letter = letters.rfind(|letter| letter.heading != "A change to your account").expect("a letter");
    let text = letter.text.show();
    let link = text.split_whitespace().find(|word| word.starts_with("http")).expect("a link");
    let path = link.splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path");
    let digits = |line: &str| line.chars().filter(char::is_ascii_digit).collect::<String>();
    let code = text.lines().filter(|line| !line.contains("http")).map(digits).find(|digits| digits.len() == 8);
    (path, code.unwrap_or_default())
}

async fn ask_for_link(site: &Site, someone: &Someone, email: &str) -> Visit {
    someone.post(site, "/sign-in", &[("email", email)]).await
}

async fn is_in(site: &Site, someone: &Someone) -> bool {
    someone.ask(site, "GET", "/account", &[]).await.status == 200
}

async fn a_link_by_mail_lets_in_once(site: &mut Site) {
    account(site, "jo@example.org", Role::Client, None);
    let jo = Someone::new();
    assert!(!is_in(site, &jo).await);
    let sent = ask_for_link(site, &jo, " Jo@Example.org ").await;
    assert_eq!(sent.all("h1"), ["Look at your mail"]);
    let (link, _) = newest_letter(site, "jo@example.org").await;
    // A scanner that follows the link, with or without a browser's cookies, uses nothing up.
    for _ in 0..3 {
        assert_eq!(site.get(&link).await.status, 200);
    }
    let page = jo.get(site, &link).await;
    assert_eq!(page.all("main button"), ["Sign in"]);
    assert_eq!(jo.post(site, &link, &[]).await.all("h1"), ["My path"]);
    assert!(is_in(site, &jo).await);
    let again = jo.post(site, &link, &[]).await;
    assert_eq!((again.status, again.all("h1")), (422, vec!["This link doesn’t work".to_owned()]));
    assert!(is_in(site, &jo).await, "a used link ends no session");
    jo.post(site, "/sign-out", &[]).await;
    assert!(!is_in(site, &jo).await);
}

async fn a_link_works_only_where_it_was_asked_for_and_its_code_there_too(site: &mut Site) {
    account(site, "jo@example.org", Role::Client, None);
    let (desk, phone) = (Someone::new(), Someone::new());
    ask_for_link(site, &desk, "jo@example.org").await;
    let (link, code) = newest_letter(site, "jo@example.org").await;
    let elsewhere = phone.get(site, &link).await;
    assert_eq!((elsewhere.all("h1"), elsewhere.all("main button").len()), (vec!["Go back to where you asked".to_owned()], 0));
    assert_eq!(phone.post(site, &link, &[]).await.status, 422);
    assert_eq!(phone.post(site, "/sign-in/code", &[("code", &code)]).await.status, 422, "the code is bound, too");
    let wrong = desk.post(site, "/sign-in/code", &[("code", "1234")]).await;
    assert_eq!(wrong.all("#code-error").len(), 1);
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    assert_eq!(desk.post(site, "/sign-in/code", &[("code", &spaced)]).await.all("h1"), ["My path"]);

    // Guessing spoils the link.
    ask_for_link(site, &phone, "jo@example.org").await;
    let (_, code) = newest_letter(site, "jo@example.org").await;
    for guess in 0..5 {
        phone.post(site, "/sign-in/code", &[("code", &format!("{guess:08}"))]).await;
    }
    assert_eq!(phone.post(site, "/sign-in/code", &[("code", &code)]).await.status, 422);
}

async fn a_link_is_too_old_after_ten_minutes(site: &mut Site) {
    account(site, "jo@example.org", Role::Client, None);
    let jo = Someone::new();
    ask_for_link(site, &jo, "jo@example.org").await;
    let (link, code) = newest_letter(site, "jo@example.org").await;
    site.later(TimeDelta::minutes(10));
    assert_eq!(jo.post(site, &link, &[]).await.status, 422);
    assert_eq!(jo.post(site, "/sign-in/code", &[("code", &code)]).await.status, 422);
    assert!(!is_in(site, &jo).await);
}

async fn of_a_hundred_at_once_one_gets_in(site: &mut Site) {
    account(site, "jo@example.org", Role::Client, None);
    let jo = Someone::new();
    ask_for_link(site, &jo, "jo@example.org").await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    let all = (0..100).map(|_| jo.ask(site, "POST", &link, &[]));
    let answers = futures_util::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|visit| visit.status == 303).count(), 1);
    assert_eq!(answers.iter().filter(|visit| visit.status == 422).count(), 99);
}

async fn nobody_can_tell_which_addresses_are_known(site: &mut Site) {
    account(site, "jo@example.org", Role::Client, None);
    account_with(site, "closed@example.org", "Robin", State::Disabled, Role::Client, None);
    let mut seen = HashSet::new();
    for email in ["jo@example.org", "closed@example.org", "nobody@example.org"] {
        let someone = Someone::new();
        let visit = someone.ask(site, "POST", "/sign-in", &[("email", email)]).await;
        let page = someone.get(site, "/sign-in/sent").await;
        seen.insert((visit.status, visit.header("location").to_owned(), visit.text, page.text));
        let no = Someone::new().ask(site, "POST", "/sign-in/password", &[("email", email), ("password", GOOD)]).await;
        assert_eq!(no.status, 422);
        let shown = no.text.replace(email, "");
        seen.insert((no.status, String::new(), shown, String::new()));
    }
    assert_eq!(seen.len(), 2, "one answer to each form, whatever the address");
    assert_eq!(site.letters("jo@example.org").await.len(), 1);
    assert_eq!(site.app.mail.held().len(), 1);
}

/// Invites someone, who accepts; their secret for codes and their recovery codes.
async fn join(site: &Site, email: &str, role: Role) -> (Someone, String, Vec<String>) {
    let place = role.is_in_a_team().then(|| team(site, "East"));
    let first = start::First {
        email: email.parse().expect("an address"),
        name: "Rowan Ashby".to_owned(),
        role,
        team: place.map(|_| ("Harbour Trust".to_owned(), footbridge::accounts::Sort::Voluntary, "East".to_owned())),
    };
    let link = site.app.db.write_now(|c| start::add(c, &site.app.vault, &first, site.now())).expect("an invitation");
    let path = format!("/invitation/{}", link.show());
    let someone = Someone::new();
    let weak = someone.post(site, &path, &[("password", "password1234"), ("again", "password1234")]).await;
    assert_eq!((weak.status, weak.all("#password-error").len()), (422, 1));
    let unlike = someone.post(site, &path, &[("password", GOOD), ("again", "other")]).await;
    assert_eq!((unlike.status, unlike.all("#again-error").len()), (422, 1));
    let set_up = someone.post(site, &path, &[("password", GOOD), ("again", GOOD)]).await;
    assert_eq!(set_up.all("h1"), ["Set up your second step"]);
    assert!(!is_in(site, &someone).await, "not before the second step");
    let secret = set_up.all("main code")[0].replace(' ', "");
    let wrong = someone.post(site, "/sign-in/set-up", &[("code", "000000")]).await;
    assert_eq!((wrong.status, wrong.all("#code-error").len()), (422, 1));
    let codes = someone.post(site, "/sign-in/set-up", &[("code", &code(site, &secret))]).await;
    assert_eq!(codes.all("h1"), ["Your recovery codes"], "{codes:?}");
    assert!(is_in(site, &someone).await);
    let spent = Someone::new().get(site, &path).await;
    assert_eq!(spent.status, 422, "an invitation works once");
    (someone, secret, codes.all(".codes code"))
}

/// What the app on their phone shows now.
fn code(site: &Site, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("a secret");
    let seconds = site.now().and_utc().timestamp().try_into().expect("after 1970");
    Builder::new().with_secret(secret).build().expect("a maker of codes").generate(seconds).to_string()
}

async fn a_bridge_builder_is_invited_and_signs_in_with_two_steps(site: &mut Site) {
    let (rowan, secret, codes) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    assert_eq!(codes.len(), 10);
    rowan.post(site, "/sign-out", &[]).await;
    let form = |password: &'static str| [("email", "rowan@example.org"), ("password", password)];
    assert_eq!(rowan.post(site, "/sign-in/password", &form("lantern otter brisk Monday")).await.status, 422);
    assert_eq!(rowan.post(site, "/sign-in/password", &form(GOOD)).await.all("h1"), ["Your second step"]);
    assert!(!is_in(site, &rowan).await);
    site.later(TimeDelta::minutes(1));
    let inside = rowan.post(site, "/sign-in/second", &[("code", &code(site, &secret))]).await;
    assert_eq!(inside.all("h1"), ["Your people"]);
    rowan.post(site, "/sign-out", &[]).await;

    // Without the phone: a recovery code, once.
    for (round, status) in [("first", 200), ("second", 422)] {
        rowan.post(site, "/sign-in/password", &form(GOOD)).await;
        let visit = rowan.post(site, "/sign-in/second", &[("code", &codes[0].to_lowercase())]).await;
        assert_eq!(visit.status, status, "{round}");
    }
    // A link by mail is not enough for this role.
    let other = Someone::new();
    ask_for_link(site, &other, "rowan@example.org").await;
    let (link, _) = newest_letter(site, "rowan@example.org").await;
    assert_eq!(other.post(site, &link, &[]).await.all("h1"), ["Sign in with your password"]);
    assert!(!is_in(site, &other).await);
}

async fn a_code_of_the_second_step_counts_once(site: &mut Site) {
    let (rowan, secret, _) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    let (form, used) = ([("email", "rowan@example.org"), ("password", GOOD)], code(site, &secret));
    rowan.post(site, "/sign-in/password", &form).await;
    let replayed = rowan.post(site, "/sign-in/second", &[("code", &used)]).await;
    assert_eq!(replayed.status, 422, "the code that set it up");
    site.later(TimeDelta::minutes(2));
    let fresh = code(site, &secret);
    let thieves: Vec<Someone> = (0..10).map(|_| Someone::new()).collect();
    for thief in &thieves {
        thief.post(site, "/sign-in/password", &form).await;
    }
    let sent = [("code", fresh.as_str())];
    let all = thieves.iter().map(|thief| thief.ask(site, "POST", "/sign-in/second", &sent));
    let answers = futures_util::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|visit| visit.status == 303).count(), 1);
    // Many wrong codes end the half of the sign-in that was done.
    rowan.post(site, "/sign-in/password", &form).await;
    for _ in 0..6 {
        rowan.post(site, "/sign-in/second", &[("code", "123456")]).await;
    }
    assert_eq!(rowan.get(site, "/sign-in/second").await.all("h1"), ["Sign in with your password"]);
}

async fn strangers_who_guess_lock_nobody_out(site: &mut Site) {
    let (rowan, secret, _) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    rowan.post(site, "/sign-out", &[]).await;
    let mut last = String::new();
    for _ in 0..12 {
        let guess = [("email", "rowan@example.org"), ("password", "lantern otter brisk Monday")];
        last = Someone::new().post(site, "/sign-in/password", &guess).await.all("#email-error").concat();
    }
    assert!(last.contains("too many tries"), "{last}");
    let right = [("email", "rowan@example.org"), ("password", GOOD)];
    assert_eq!(Someone::new().post(site, "/sign-in/password", &right).await.status, 422, "a stranger's browser, even if right");
    // Someone unknown is counted alike.
    for _ in 0..12 {
        let guess = [("email", "nobody@example.org"), ("password", GOOD)];
        last = Someone::new().post(site, "/sign-in/password", &guess).await.all("#email-error").concat();
    }
    assert!(last.contains("too many tries"), "{last}");

    assert_eq!(rowan.post(site, "/sign-in/password", &right).await.all("h1"), ["Your second step"], "their own browser");
    // From a browser that is new to them: a letter makes it known.
    let new = Someone::new();
    ask_for_link(site, &new, "rowan@example.org").await;
    let (link, _) = newest_letter(site, "rowan@example.org").await;
    new.post(site, &link, &[]).await;
    assert_eq!(new.post(site, "/sign-in/password", &right).await.all("h1"), ["Your second step"]);
    site.later(TimeDelta::minutes(1));
    assert_eq!(new.post(site, "/sign-in/second", &[("code", &code(site, &secret))]).await.status, 200);
}

async fn a_card_lets_in_without_an_address(site: &mut Site) {
    let made = site.app.db.write_now(|c| {
        let name = footbridge::vault::Private::new("Jo");
        let id = people::add(c, &site.app.vault, None, &name, State::Active, site.now())?;
        footbridge::accounts::store::set_grants(c, id, &[Grant { role: Role::Client, team: None }], site.now())?;
        let old = ticket::print_card(c, &site.app.vault, id, site.now())?;
        Ok((old, ticket::print_card(c, &site.app.vault, id, site.now())?))
    });
    let (old, new) = made.expect("two cards");
    let jo = Someone::new();
    assert_eq!(jo.post(site, "/sign-in/card", &[("code", &old)]).await.status, 422, "a newer card was printed");
    let typed = new.to_lowercase().replace('-', " ");
    assert_eq!(jo.post(site, "/sign-in/card", &[("code", &typed)]).await.all("h1"), ["My path"]);
    assert_eq!(Someone::new().post(site, "/sign-in/card", &[("code", &typed)]).await.status, 422, "once");
}

async fn closing_roles_and_password_end_sessions_at_once(site: &mut Site) {
    let id = account(site, "max@example.org", Role::VenueManager, None);
    let now = site.now();
    type Change =
        fn(&mut footbridge::db::Conn, &Sender, AccountId, chrono::NaiveDateTime) -> Result<(), footbridge::error::Failure>;
    let sender = Sender::of(&site.app);
    let changes: [Change; 2] = [
        |c, sender, id, now| people::change_roles(c, sender, None, id, &[Grant { role: Role::Commissioner, team: None }], now),
        |c, sender, id, now| people::close(c, sender, None, id, now),
    ];
    for change in changes {
        let max = Someone::signed_in(site, id);
        assert!(is_in(site, &max).await);
        site.app.db.write_now(|c| change(c, &sender, id, now)).expect("it is changed");
        assert!(!is_in(site, &max).await);
    }
    let (rowan, ..) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    let row = site
        .app
        .db
        .read_now(|c| footbridge::accounts::store::account_by_mark(c, &site.app.vault.mark("email", "rowan@example.org")));
    let id = row.expect("the database answers").expect("an account").id.parse().expect("an id");
    let elsewhere = Someone::signed_in(site, id);
    let other = "velvet canyon pepper thirteen";
    let wrong = rowan.post(site, "/account/password", &[("old", "no"), ("password", other), ("again", other)]).await;
    assert_eq!((wrong.status, wrong.all("#old-error").len()), (422, 1));
    let done = rowan.post(site, "/account/password", &[("old", GOOD), ("password", other), ("again", other)]).await;
    assert!(done.text.contains("Your password is changed"), "{done:?}");
    assert!(is_in(site, &rowan).await && !is_in(site, &elsewhere).await);
}

async fn people_see_and_end_their_sessions(site: &mut Site) {
    let id = account(site, "jo@example.org", Role::Client, None);
    let other = account(site, "al@example.org", Role::Client, None);
    let (here, there, als) = (Someone::signed_in(site, id), Someone::signed_in(site, id), Someone::signed_in(site, other));
    let page = here.get(site, "/account").await;
    assert_eq!(page.all(".session").len(), 2);
    let name = |someone: &Someone| Token::sent(&someone.cookie("footbridge").expect("a session")).hash();
    assert_eq!(here.post(site, "/account/sessions", &[("session", &name(&als))]).await.status, 404, "another's");
    assert!(is_in(site, &als).await);
    here.post(site, "/account/sessions", &[("session", &name(&there))]).await;
    assert!(is_in(site, &here).await && !is_in(site, &there).await);
    let (third, fourth) = (Someone::signed_in(site, id), Someone::signed_in(site, id));
    here.post(site, "/account/sessions", &[]).await;
    assert!(is_in(site, &here).await && !is_in(site, &third).await && !is_in(site, &fourth).await);
}

async fn what_matters_asks_again_who_you_are(site: &mut Site) {
    let (rowan, ..) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    assert_eq!(rowan.post(site, "/account/codes", &[]).await.all("h1"), ["Your recovery codes"]);
    site.later(TimeDelta::minutes(11));
    assert_eq!(rowan.post(site, "/account/codes", &[]).await.all("h1"), ["Is it you?"]);
    assert_eq!(rowan.post(site, "/sign-in/again", &[("password", "no")]).await.status, 422);
    rowan.post(site, "/sign-in/again", &[("password", GOOD)]).await;
    assert_eq!(rowan.post(site, "/account/codes", &[]).await.all("h1"), ["Your recovery codes"]);
}

async fn a_session_ends_when_nobody_comes(site: &mut Site) {
    let administrator = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    let client = Someone::signed_in(site, account(site, "jo@example.org", Role::Client, None));
    for _ in 0..3 {
        site.later(TimeDelta::minutes(15));
        assert!(is_in(site, &administrator).await, "each visit counts");
    }
    site.later(TimeDelta::minutes(21));
    assert!(!is_in(site, &administrator).await && is_in(site, &client).await);
    site.later(TimeDelta::days(15));
    assert!(!is_in(site, &client).await);
}

async fn an_administrator_invites_and_looks_after_accounts(site: &mut Site) {
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    let east = team(site, "East");
    account(site, "secret-client@example.org", Role::Client, None);
    let form = ada.get(site, "/accounts/invite").await;
    let choice = format!("bridge-builder {east}");
    assert!(form.attributes("input[name=roles]", "value").contains(&choice));
    assert!(!form.attributes("input[name=roles]", "value").iter().any(|value| value.starts_with("client")));
    let wrong = ada.post(site, "/accounts/invite", &[("name", "Nell <b>"), ("email", "nell"), ("roles", "client ")]).await;
    assert_eq!((wrong.status, wrong.attributes("#name", "value")), (422, vec!["Nell <b>".to_owned()]));
    assert_eq!((wrong.all("#email-error").len(), wrong.all("#roles-error").len()), (1, 1));
    site.later(TimeDelta::minutes(1));
    let right = [("name", "Nell Okafor"), ("email", "nell@example.org"), ("roles", choice.as_str())];
    let list = ada.post(site, "/accounts/invite", &right).await;
    assert!(list.text.contains("Nell Okafor") && !list.text.contains("secret-client"), "{list:?}");
    assert_eq!(ada.post(site, "/accounts/invite", &right).await.all("#email-error").len(), 1, "once");
    let (link, _) = newest_letter(site, "nell@example.org").await;
    assert_eq!(Someone::new().get(site, &link).await.all("h1"), ["Welcome"]);
    let at = list.attributes(".session a", "href")[0].clone();
    assert_eq!(ada.get(site, &at).await.all("h1"), ["Nell Okafor"]);
    ada.post(site, &format!("{at}/close"), &[]).await;
    assert_eq!(Someone::new().post(site, &link, &[("password", GOOD), ("again", GOOD)]).await.status, 422, "closed meanwhile");
}

async fn the_demos_links_let_in_each_role(site: &mut Site) {
    let now = site.now();
    let links = site.app.db.write_now(|c| {
        start::demo(c, &site.app.vault, now)?;
        start::demo_links(c, &site.app.vault, now)
    });
    let mut roles = HashSet::new();
    for (role, _, link) in links.expect("links") {
        let someone = Someone::new();
        let path = format!("/sign-in/link/{}", link.show());
        assert_eq!(someone.get(site, &path).await.all("main button"), ["Sign in"], "{role}");
        someone.post(site, &path, &[]).await;
        assert!(is_in(site, &someone).await, "{role}");
        roles.insert(role);
    }
    assert_eq!(roles.len(), Role::ALL.len());
}

/// What each letter about a change to this account says first, the oldest first.
async fn notices(site: &Site, to: &str) -> Vec<String> {
    let letters = site.letters(to).await.into_iter().filter(|letter| letter.heading == "A change to your account");
    letters.map(|letter| letter.text.show().lines().next().unwrap_or_default().to_owned()).collect()
}

const SIGN_IN: &str = "The way you sign in was changed.";

/// Where an administrator looks after the account of someone of this name.
async fn page_of(site: &Site, ada: &Someone, name: &str) -> String {
    let list = ada.get(site, "/accounts").await;
    let at = list.all(".session a").iter().position(|shown| shown == name).expect("an account");
    list.attributes(".session a", "href")[at].clone()
}

async fn whoever_has_an_account_hears_of_changes_to_it(site: &mut Site) {
    join(site, "rowan@example.org", Role::BridgeBuilder).await;
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    let at = page_of(site, &ada, "Rowan Ashby").await;
    let held = ada.get(site, &at).await.attributes("input[checked]", "value")[0].clone();
    ada.post(site, &format!("{at}/roles"), &[("roles", &held)]).await;
    assert!(notices(site, "rowan@example.org").await.is_empty(), "nothing was changed");
    let steps = [
        ("roles", vec![("roles", "commissioner ")], "What you may see and do was changed."),
        ("second-step", vec![], SIGN_IN),
        ("close", vec![], "Your account was closed."),
        ("reopen", vec![], "Your account was opened again."),
    ];
    let mut told = Vec::new();
    for (what, form, says) in steps {
        ada.post(site, &format!("{at}/{what}"), &form).await;
        told.push(says);
        assert_eq!(notices(site, "rowan@example.org").await, told, "{what}");
    }
    assert!(notices(site, "ada@example.org").await.is_empty(), "whoever changes another's account hears nothing of their own");
}

async fn whoever_changes_how_they_sign_in_is_told_what_to_do_if_it_was_not_them(site: &mut Site) {
    let (rowan, ..) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    let other = "velvet canyon pepper thirteen";
    rowan.post(site, "/account/password", &[("old", GOOD), ("password", other), ("again", other)]).await;
    assert_eq!(notices(site, "rowan@example.org").await, [SIGN_IN], "a password");
    rowan.post(site, "/account/codes", &[]).await;
    let told = notices(site, "rowan@example.org").await;
    assert_eq!(told, [SIGN_IN, "You have new spare codes. The old ones no longer work."]);
    let letter = site.letters("rowan@example.org").await.pop().expect("a letter");
    assert!(letter.text.show().contains("21 November 2026, midday"), "{}", letter.text.show());
    let link = letter.text.show().split_whitespace().find(|word| word.starts_with("http")).expect("a link").to_owned();
    let path = link.splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path");
    assert_eq!(Someone::new().get(site, &path).await.all("h1"), ["Was it not you?"]);
    // The phone is set up anew.
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    let at = page_of(site, &ada, "Rowan Ashby").await;
    ada.post(site, &format!("{at}/second-step"), &[]).await;
    let set_up = rowan.post(site, "/sign-in/password", &[("email", "rowan@example.org"), ("password", other)]).await;
    let secret = set_up.all("main code")[0].replace(' ', "");
    assert_eq!(notices(site, "rowan@example.org").await.len(), 3);
    rowan.post(site, "/sign-in/set-up", &[("code", &code(site, &secret))]).await;
    assert_eq!(notices(site, "rowan@example.org").await.len(), 4);
}

async fn setting_up_an_account_for_the_first_time_posts_no_notice(site: &mut Site) {
    join(site, "rowan@example.org", Role::BridgeBuilder).await;
    let email = "nell@example.org";
    let nell = account_with(site, email, "Nell", State::Invited, Role::BridgeBuilder, Some(team(site, "East")));
    let to = [Grant { role: Role::Commissioner, team: None }];
    let (now, sender) = (site.now(), Sender::of(&site.app));
    site.app.db.write_now(|c| people::change_roles(c, &sender, None, nell, &to, now)).expect("it is changed");
    assert!(notices(site, "rowan@example.org").await.is_empty() && notices(site, email).await.is_empty());
}

async fn whoever_is_invited_again_hears_of_it(site: &mut Site) {
    let (rowan, ..) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    let (now, sender) = (site.now(), Sender::of(&site.app));
    let email = "rowan@example.org".parse().expect("an address");
    let link = site.app.db.write_now(|c| start::again(c, &sender, &email, now)).expect("an answer").expect("an account");
    assert_eq!(notices(site, "rowan@example.org").await, [SIGN_IN], "the second step is gone");
    let other = "velvet canyon pepper thirteen";
    rowan.post(site, &format!("/invitation/{}", link.show()), &[("password", other), ("again", other)]).await;
    assert_eq!(notices(site, "rowan@example.org").await, [SIGN_IN, SIGN_IN], "another password");
}

async fn an_account_without_a_password_is_opened_again_as_it_was(site: &mut Site) {
    let id = account(site, "max@example.org", Role::VenueManager, None);
    let (now, sender) = (site.now(), Sender::of(&site.app));
    for change in [people::close, people::reopen] {
        site.app.db.write_now(|c| change(c, &sender, None, id, now)).expect("it is changed");
    }
    let max = Someone::new();
    ask_for_link(site, &max, "max@example.org").await;
    let letters = site.letters("max@example.org").await;
    assert!(letters.iter().any(|letter| letter.heading == "Your link to sign in"), "{letters:?}");
}

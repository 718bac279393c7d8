//! Who may close an account, open it again or let a new phone be set up, and what that takes away.

use chrono::TimeDelta;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use footbridge::{
    accounts::{Grant, Role, clients, store},
    schema::passkeys,
    values::{AccountId, SubjectId},
    vault::Place,
};

use super::{GOOD, ask_for_link, code, is_in, join, newest_letter, notices};
use crate::{
    desks::{Pair, pair},
    harness::Site,
    on_both_databases,
    people::{Someone, account, team},
};

on_both_databases!(
    only_who_may_give_every_role_closes_its_holder,
    a_lost_phone_takes_its_passkeys,
    a_secret_shows_no_more_once_it_is_set_up,
    who_is_helped_here_keeps_their_path_when_their_work_ends,
    whoever_closes_an_account_does_not_learn_who_is_helped,
);

async fn only_who_may_give_every_role_closes_its_holder(site: &mut Site) {
    let east = team(site, "East");
    let cora = Someone::signed_in(site, account(site, "cora@example.org", Role::Coordinator, Some(east)));
    let both = account(site, "both@example.org", Role::BridgeBuilder, Some(east));
    let grants = [Grant { role: Role::BridgeBuilder, team: Some(east) }, Grant { role: Role::Administrator, team: None }];
    site.app.db.write_now(|c| store::set_grants(c, both, &grants, site.now())).expect("two roles");
    let peer = account(site, "both-peer@example.org", Role::Peer, Some(east));
    let helped = [Grant { role: Role::Peer, team: Some(east) }, Grant { role: Role::Client, team: None }];
    site.app.db.write_now(|c| store::set_grants(c, peer, &helped, site.now())).expect("two roles");
    let other = account(site, "carl@example.org", Role::Coordinator, Some(east));
    for (id, may) in [(both, false), (other, false), (peer, true)] {
        let (at, theirs) = (format!("/accounts/{id}"), Someone::signed_in(site, id));
        let forms = cora.get(site, &at).await.attributes("form", "action");
        assert_eq!(forms.contains(&format!("{at}/close")), may, "{forms:?}");
        for what in ["second-step", "close"] {
            let status = cora.post(site, &format!("{at}/{what}"), &[]).await.status;
            assert_eq!(status, if may { 200 } else { 422 }, "{what}");
        }
        assert_eq!(is_in(site, &theirs).await, !may);
        assert_eq!(cora.post(site, &format!("{at}/reopen"), &[]).await.status, if may { 200 } else { 422 });
    }
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    assert_eq!(ada.post(site, &format!("/accounts/{both}/close"), &[]).await.status, 200);
}

async fn a_lost_phone_takes_its_passkeys(site: &mut Site) {
    let (rowan, ..) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    let mark = site.app.vault.mark("email", "rowan@example.org");
    let row = site.app.db.read_now(|c| store::account_by_mark(c, &mark)).expect("the database answers").expect("an account");
    let (id, now): (AccountId, _) = (row.id.parse().expect("an id"), site.now());
    let planted = site.app.db.write_now(|c| {
        let key = site.app.vault.key(c, SubjectId(id.0))?.expect("a key");
        let seal = |column, words| key.seal(&Place::new("passkeys", column, "k1"), words);
        let row = (
            passkeys::id.eq("k1"),
            passkeys::account_id.eq(id.to_string()),
            passkeys::name.eq(seal("name", "A lost phone")),
            passkeys::passkey.eq(seal("passkey", "{}")),
            passkeys::added_at.eq(now),
        );
        diesel::insert_into(passkeys::table).values(row).execute(c)?;
        Ok(())
    });
    planted.expect("a passkey");
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    assert!(ada.get(site, &format!("/accounts/{id}")).await.text.contains("Their passkeys end"));
    ada.post(site, &format!("/accounts/{id}/second-step"), &[]).await;
    let left: i64 = site.app.db.read_now(|c| Ok(passkeys::table.count().get_result(c)?)).expect("a count");
    assert_eq!(left, 0);
    assert!(!is_in(site, &rowan).await);
}

async fn a_secret_shows_no_more_once_it_is_set_up(site: &mut Site) {
    let (rowan, ..) = join(site, "rowan@example.org", Role::BridgeBuilder).await;
    let mark = site.app.vault.mark("email", "rowan@example.org");
    let row = site.app.db.read_now(|c| store::account_by_mark(c, &mark)).expect("the database answers").expect("an account");
    let id: AccountId = row.id.parse().expect("an id");
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    ada.post(site, &format!("/accounts/{id}/second-step"), &[]).await;
    // Two halves of a sign-in; one is finished.
    let form = [("email", "rowan@example.org"), ("password", GOOD)];
    let older = Someone::new();
    assert_eq!(older.post(site, "/sign-in/password", &form).await.all("h1"), ["Set up your second step"]);
    let set_up = rowan.post(site, "/sign-in/password", &form).await;
    assert_eq!(set_up.header("cache-control"), "no-store", "it shows a secret");
    let secret = set_up.all("main code")[0].replace(' ', "");
    let codes = rowan.post(site, "/sign-in/set-up", &[("code", &code(site, &secret))]).await;
    assert_eq!((codes.all("h1"), codes.header("cache-control")), (vec!["Your recovery codes".to_owned()], "no-store"));
    let shown = older.get(site, "/sign-in/set-up").await;
    assert_eq!((shown.all("h1"), shown.all("main code").len()), (vec!["Sign in with your password".to_owned()], 0));
    site.later(chrono::TimeDelta::minutes(1));
    older.post(site, "/sign-in/set-up", &[("code", &code(site, &secret))]).await;
    assert!(!is_in(site, &older).await, "the older half is over");
}

/// Jo, who is helped here and walks along with others, too; and an administrator.
async fn helped_and_at_work(site: &Site) -> (Pair, AccountId, Someone) {
    let all = pair(site);
    let jo = site.app.db.read_now(|c| clients::account_of(c, all.person)).expect("the database answers").expect("an account");
    let grants = [Grant { role: Role::Client, team: None }, Grant { role: Role::Peer, team: Some(all.east) }];
    site.app.db.write_now(|c| store::set_grants(c, jo, &grants, site.now())).expect("two roles");
    assert_eq!(all.jo.get(site, "/my-work").await.status, 200);
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    (all, jo, ada)
}

async fn who_is_helped_here_keeps_their_path_when_their_work_ends(site: &mut Site) {
    let (all, jo, ada) = helped_and_at_work(site).await;
    ada.post(site, &format!("/accounts/{jo}/close"), &[]).await;
    assert!(!is_in(site, &all.jo).await, "their sessions end");
    let phone = Someone::new();
    ask_for_link(site, &phone, "jo@example.org").await;
    let (link, _) = newest_letter(site, "jo@example.org").await;
    assert_eq!(phone.post(site, &link, &[]).await.all("h1"), ["My path"]);
    assert_eq!(phone.get(site, "/my-work").await.status, 404, "no place of work any more");
    site.later(TimeDelta::minutes(11));
    let asked = phone.get(site, "/my-path/erase").await;
    assert_eq!((asked.all("h1"), asked.all("main button")), (vec!["Is it you?".to_owned()], vec!["Send me a link".to_owned()]));
    // What whoever goes along writes reaches them still.
    let before = site.letters("jo@example.org").await.len();
    let answer =
        all.rowan.post(site, &format!("/people/{}/entries", all.person), &[("sort", "message"), ("body", "Hello")]).await;
    assert_eq!((answer.status, site.letters("jo@example.org").await.len()), (200, before + 1));
}

async fn whoever_closes_an_account_does_not_learn_who_is_helped(site: &mut Site) {
    let (all, jo, ada) = helped_and_at_work(site).await;
    let other = account(site, "pat@example.org", Role::Peer, Some(all.east));
    let shown = async |id| {
        let shown = ada.post(site, &format!("/accounts/{id}/close"), &[]).await;
        (shown.status, shown.all("main button"), shown.all(".notice"))
    };
    assert_eq!(shown(jo).await, shown(other).await);
    assert_eq!(notices(site, "pat@example.org").await, ["Your account was closed."]);
    let told = notices(site, "jo@example.org").await;
    assert!(told[0].contains("My path is still yours"), "{told:?}");
    let (phone, before) = (Someone::new(), site.letters("pat@example.org").await.len());
    ask_for_link(site, &phone, "pat@example.org").await;
    assert_eq!(site.letters("pat@example.org").await.len(), before, "whoever only worked here is out");
}

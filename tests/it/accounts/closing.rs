//! Who may close an account, open it again or let a new phone be set up, and what that takes away.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use footbridge::{
    accounts::{Grant, Role, store},
    schema::passkeys,
    values::{AccountId, SubjectId},
    vault::Place,
};

use super::{GOOD, code, is_in, join};
use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, account, team},
};

on_both_databases!(
    only_who_may_give_every_role_closes_its_holder,
    a_lost_phone_takes_its_passkeys,
    a_secret_shows_no_more_once_it_is_set_up
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

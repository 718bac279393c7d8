//! Whoever leaves, or goes along no more: nobody is left behind unseen, and nothing of theirs stays on the wrong desk.

use footbridge::{
    accounts::{self, Grant, Role, State, letters::Sender},
    people::{caseload, tasks},
    referrals,
    values::{AccountId, ReferralId, SubjectId},
};

use crate::{
    desks::{pair, someone},
    harness::Site,
    on_both_databases,
    people::{Someone, account_with, team},
};

on_both_databases!(
    a_closed_account_leaves_nobody_behind,
    whoever_changes_teams_goes_along_there_no_more,
    what_was_to_be_done_goes_to_whoever_comes_next,
    whoever_stands_in_can_be_told_to_stop,
);

fn along(site: &Site, person: SubjectId) -> Vec<AccountId> {
    let with = site.app.db.read_now(|c| caseload::with(c, person)).expect("an answer");
    with.into_iter().map(|(account, _)| account).collect()
}

fn referral_of(site: &Site, person: SubjectId) -> ReferralId {
    let rows = site.app.db.read_now(|c| referrals::store::of(c, person)).expect("referrals");
    rows[0].id.parse().expect("an id")
}

async fn a_closed_account_leaves_nobody_behind(site: &mut Site) {
    let all = pair(site);
    let cora = account_with(site, "cora@example.org", "Cora", State::Active, Role::Coordinator, Some(all.east));
    let cora = Someone::signed_in(site, cora);
    assert!(!cora.get(site, "/intake?show=alone").await.text.contains("Jo Marsh"));
    let (now, sender) = (site.now(), Sender::of(&site.app));
    site.app.db.write_now(|c| accounts::people::close(c, &sender, None, all.worker, now)).expect("it is closed");
    assert_eq!(along(site, all.person), []);
    assert!(cora.get(site, "/intake?show=alone").await.text.contains("Jo Marsh"), "they have nobody beside them");
    assert!(!all.jo.get(site, "/my-path").await.text.contains("Rowan Ashby is beside you"));
}

async fn whoever_changes_teams_goes_along_there_no_more(site: &mut Site) {
    let (all, west) = (pair(site), team(site, "West"));
    let other = someone(site, "Ash Quill", None, west, all.worker, true);
    let (now, sender) = (site.now(), Sender::of(&site.app));
    let to = [Grant { role: Role::BridgeBuilder, team: Some(west) }];
    site.app.db.write_now(|c| accounts::people::change_roles(c, &sender, None, all.worker, &to, now)).expect("they change");
    assert_eq!((along(site, all.person), along(site, other)), (vec![], vec![all.worker]));
    let desk = Someone::signed_in(site, all.worker).get(site, "/desk").await;
    assert!(desk.text.contains("Ash Quill") && !desk.text.contains("Jo Marsh"), "{desk:?}");
}

async fn what_was_to_be_done_goes_to_whoever_comes_next(site: &mut Site) {
    let all = pair(site);
    let imran = account_with(site, "imran@example.org", "Imran Sethi", State::Active, Role::BridgeBuilder, Some(all.east));
    let (vault, now) = (site.app.vault.clone(), site.now());
    let add =
        |by| site.app.db.write_now(|c| tasks::add(c, &vault, all.person, by, "Ring the studio", now.date())).expect("a task");
    add(all.worker);
    let referral = referral_of(site, all.person);
    let give = |c: &mut _| referrals::give_to(c, referral, imran, footbridge::audit::Actor::System, now);
    site.app.db.write_now(give).expect("it is given");
    let next = Someone::signed_in(site, imran);
    assert!(next.get(site, "/desk").await.text.contains("Ring the studio"));
    add(all.worker);
    let before = all.rowan.get(site, "/desk").await;
    assert!(!before.text.contains("Ring the studio") && !before.text.contains("Jo Marsh"), "not theirs to see: {before:?}");
}

async fn whoever_stands_in_can_be_told_to_stop(site: &mut Site) {
    let (all, west) = (pair(site), team(site, "West"));
    let cora = account_with(site, "cora@example.org", "Cora", State::Active, Role::Coordinator, Some(all.east));
    let now = site.now();
    let both = [Some(all.east), Some(west)].map(|team| Grant { role: Role::Coordinator, team });
    site.app.db.write_now(|c| accounts::store::set_grants(c, cora, &both, now)).expect("two teams");
    let imran = account_with(site, "imran@example.org", "Imran Sethi", State::Active, Role::BridgeBuilder, Some(all.east));
    let nell = account_with(site, "nell@example.org", "Nell Okafor", State::Active, Role::BridgeBuilder, Some(west));
    let (record, cora) = (format!("/people/{}", all.person), Someone::signed_in(site, cora));
    let stand_in = |account: AccountId| {
        let form = [("account", account.to_string()), ("until", "2026-11-25".to_owned()), ("reason", "Rowan is away".to_owned())];
        form.map(|(name, value)| (name, value))
    };
    let post = async |account| {
        let form = stand_in(account);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        cora.post(site, &format!("{record}/cover"), &form).await
    };
    assert_eq!(post(nell).await.status, 422, "someone of another team would find no record");
    for end in ["the coordinator", "the person"] {
        post(imran).await;
        let covering = Someone::signed_in(site, imran);
        assert_eq!(covering.get(site, &record).await.status, 200);
        let (who, path) = match end {
            "the person" => (&all.jo, "/my-path/cover/end".to_owned()),
            _ => (&cora, format!("{record}/cover/end")),
        };
        let page = who.post(site, &path, &[("account", &imran.to_string())]).await;
        assert!(page.text.contains("They stand in no more."), "{end}: {page:?}");
        assert_eq!(covering.get(site, &record).await.status, 404, "{end}");
    }
}

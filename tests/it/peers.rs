//! Peers: the person chooses who walks along, undoes it, and nobody else decides.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use footbridge::{
    accounts::{Role, State},
    audit::{self, Action},
    referrals::state::State as Stands,
    schema::referrals,
    values::AccountId,
};

use crate::{
    desks::{Pair, pair},
    harness::Site,
    on_both_databases,
    people::{Someone, account_with, team},
};

on_both_databases!(
    a_peer_sees_whoever_chose_them,
    it_is_undone_as_easily_and_written_down,
    only_willing_peers_of_the_own_team_can_be_chosen,
    nobody_new_is_offered_where_nothing_is_under_way,
);

/// A peer whom someone chose, twice, as a second press does.
async fn chosen(site: &Site) -> (Pair, Someone, AccountId, String) {
    let all = pair(site);
    let account = account_with(site, "pat@example.org", "Pat Doyle", State::Active, Role::Peer, Some(all.east));
    let (pat, record) = (Someone::signed_in(site, account), format!("/people/{}", all.person));
    pat.post(site, "/my-work", &[("hello", "I drum, badly.")]).await;
    for _ in 0..2 {
        all.jo.post(site, "/my-path/peers", &[("choose", &account.to_string())]).await;
    }
    (all, pat, account, record)
}

async fn a_peer_sees_whoever_chose_them(site: &mut Site) {
    let all = pair(site);
    let account = account_with(site, "pat@example.org", "Pat Doyle", State::Active, Role::Peer, Some(all.east));
    let (pat, record) = (Someone::signed_in(site, account), format!("/people/{}", all.person));
    assert!(!all.jo.get(site, "/my-path").await.text.contains("Someone to walk along"), "nobody is willing yet");
    let kept = pat.post(site, "/my-work", &[("hello", "I drum, badly."), ("interests", "not asked")]).await;
    assert!(kept.text.contains("It is kept.") && !kept.text.contains("not asked"), "{kept:?}");
    assert!(all.jo.get(site, "/my-path").await.text.contains("Someone to walk along"));
    let page = all.jo.get(site, "/my-path/peers").await;
    assert!(page.text.contains("Pat Doyle") && page.text.contains("I drum, badly."), "{page:?}");
    assert_eq!(pat.get(site, &record).await.status, 404);
    let chosen = all.jo.post(site, "/my-path/peers", &[("choose", &account.to_string())]).await;
    assert!(chosen.text.contains("They can look at your path now."), "{chosen:?}");
    assert_eq!(pat.get(site, &record).await.status, 200);
    assert!(pat.get(site, "/desk").await.text.contains("Jo Marsh"));
    assert!(all.rowan.get(site, &record).await.text.contains("Pat Doyle (peer worker or volunteer)"));
    assert!(all.jo.get(site, "/my-path/looked").await.text.contains("Pat Doyle"));
}

async fn it_is_undone_as_easily_and_written_down(site: &mut Site) {
    let (all, pat, account, record) = chosen(site).await;
    let undone = all.jo.post(site, "/my-path/peers", &[("let-go", &account.to_string())]).await;
    assert!(undone.text.contains("They see nothing of yours any more."), "{undone:?}");
    assert_eq!(pat.get(site, &record).await.status, 404);
    assert!(!pat.get(site, "/desk").await.text.contains("Jo Marsh"));
    let done = site.app.db.read_now(|c| audit::of(c, all.person, 1)).expect("the record").entries;
    let times = |action| done.iter().filter(|entry| entry.action == action).count();
    assert_eq!((times(Action::PeerChosen), times(Action::PeerLetGo)), (1, 1));
}

async fn only_willing_peers_of_the_own_team_can_be_chosen(site: &mut Site) {
    let all = pair(site);
    let west = team(site, "West");
    let elsewhere = account_with(site, "wes@example.org", "Wes", State::Active, Role::Peer, Some(west));
    let silent = account_with(site, "sid@example.org", "Sid", State::Active, Role::Peer, Some(all.east));
    Someone::signed_in(site, elsewhere).post(site, "/my-work", &[("hello", "Hello there")]).await;
    let Pair { worker, person, jo, .. } = &all;
    for nobody in [elsewhere, silent, *worker] {
        let answer = jo.ask(site, "POST", "/my-path/peers", &[("choose", &nobody.to_string())]).await;
        assert_eq!(answer.status, 404, "{nobody}");
    }
    let record = format!("/people/{person}");
    for nobody in [elsewhere, silent] {
        assert_eq!(Someone::signed_in(site, nobody).get(site, &record).await.status, 404);
    }
}

async fn nobody_new_is_offered_where_nothing_is_under_way(site: &mut Site) {
    let (all, _, account, _) = chosen(site).await;
    let theirs = referrals::table.filter(referrals::person_id.eq(all.person.to_string()));
    let ended = diesel::update(theirs).set(referrals::state.eq(Stands::Withdrawn.code()));
    site.app.db.write_now(|c| Ok(ended.execute(c)?)).expect("it is taken back");
    let offered = async |site: &Site| {
        let links = all.jo.get(site, "/my-path").await.attributes("main a", "href");
        links.contains(&"/my-path/peers".to_owned())
    };
    assert!(offered(site).await, "whoever was chosen can be let go");
    all.jo.post(site, "/my-path/peers", &[("let-go", &account.to_string())]).await;
    assert!(!offered(site).await, "nobody new is offered");
}

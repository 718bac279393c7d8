//! What a coordinator decides, and that what they read is written down.

use footbridge::{
    accounts::Role,
    audit::{self, Action},
    people::caseload::{self, Along},
    values::{AccountId, SubjectId},
};

use super::{coordinator, person_of, refer, rows};
use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, account, team},
};

on_both_databases!(
    a_coordinator_takes_someone_on_and_says_who_goes_along,
    whoever_is_not_taken_on_hears_where_else_to_try,
    moves_are_made_once_and_in_their_order,
    whoever_reads_is_written_down_or_reads_nothing,
);

#[allow(clippy::cognitive_complexity, reason = "one journey from the first page to the last")]
async fn a_coordinator_takes_someone_on_and_says_who_goes_along(site: &mut Site) {
    let (east, west) = (team(site, "East"), team(site, "West"));
    let builder = account(site, "rowan@example.org", Role::BridgeBuilder, Some(east));
    let elsewhere = account(site, "nell@example.org", Role::BridgeBuilder, Some(west));
    let path = refer(site, "Morgan Vale", "07700 900123").await;
    let (cora, rowan) = (coordinator(site, east), Someone::signed_in(site, builder));
    let kept =
        rowan.post(site, "/my-work", &[("interests", "Studios, open mics"), ("areas", "Peckham"), ("languages", "Yoruba")]).await;
    assert_eq!(kept.all("textarea#areas"), ["Peckham"]);
    assert_eq!(rowan.ask(site, "GET", &path, &[]).await.status, 404);

    let list = cora.get(site, "/intake").await;
    assert_eq!(list.all("tbody th a"), ["Morgan Vale"]);
    let page = cora.get(site, &path).await;
    for said in ["I want to drum again", "07700 900123", "Sam Reid", "Harbour surgery", "That we are in touch", "SE15 4QL"] {
        assert!(page.text.contains(said), "{said}");
    }
    assert_eq!(cora.ask(site, "POST", &format!("{path}/accept"), &[("team", &west.to_string())]).await.status, 422, "not theirs");
    let taken = cora.post(site, &format!("{path}/accept"), &[("team", &east.to_string())]).await;
    assert!(taken.text.contains("They are on the waiting list"), "{taken:?}");
    let west_sees = coordinator(site, west).ask(site, "GET", &path, &[]).await;
    assert_eq!(west_sees.status, 404, "another team's from now on");
    assert!(cora.get(site, "/intake").await.text.contains("Nobody is on this list"));
    choose_who_goes_along(site, &cora, &path, builder, elsewhere).await;
}

async fn choose_who_goes_along(site: &Site, cora: &Someone, path: &str, builder: AccountId, elsewhere: AccountId) {
    let choose = cora.get(site, &format!("{path}/allocate")).await;
    assert_eq!(choose.all(".builder strong"), ["Robin Example"]);
    for said in ["Studios, open mics", "Peckham", "Yoruba", "0 people"] {
        assert!(choose.text.contains(said), "{said}");
    }
    for nobody in ["", "nobody", &elsewhere.to_string()] {
        let refused = cora.post(site, &format!("{path}/allocate"), &[("worker", nobody)]).await;
        assert_eq!((refused.status, refused.attributes(".govuk-error-summary a", "href")), (422, vec!["#worker".to_owned()]));
    }
    let given = cora.post(site, &format!("{path}/allocate"), &[("worker", &builder.to_string())]).await;
    assert!(given.text.contains("Goes along:") && given.text.contains("Robin Example"), "{given:?}");
    let [letter] = &site.letters("rowan@example.org").await[..] else { panic!("one letter") };
    assert!(!letter.text.show().contains("Morgan"));
    let [row] = &rows(site)[..] else { panic!("one referral") };
    assert_eq!((row.state.as_str(), row.worker_id.clone()), ("allocated", Some(builder.to_string())));
    let along = |site: &Site| site.app.db.read_now(|c| caseload::with(c, person_of(row))).expect("an answer");
    assert_eq!(along(site), [(builder, Along::Worker)]);
    // Another tab that was open meanwhile replaces nobody without a word.
    let team = row.team_id.as_deref().and_then(|team| team.parse().ok());
    let other = account(site, "imran@example.org", Role::BridgeBuilder, team);
    let late = cora.post(site, &format!("{path}/allocate"), &[("worker", &other.to_string())]).await;
    assert_eq!((late.status, late.all("#worker-error").len(), along(site)), (422, 1, vec![(builder, Along::Worker)]), "{late:?}");
    let before = late.attributes("input[name=before]", "value");
    assert_eq!(before, [builder.to_string()]);
    cora.post(site, &format!("{path}/allocate"), &[("before", &before[0]), ("worker", &before[0])]).await;
    assert_eq!(site.letters("rowan@example.org").await.len(), 1, "no second letter for the same");
    cora.post(site, &format!("{path}/allocate"), &[("before", &before[0]), ("worker", &other.to_string())]).await;
    assert_eq!(along(site), [(other, Along::Worker)]);
}

async fn whoever_is_not_taken_on_hears_where_else_to_try(site: &mut Site) {
    let east = team(site, "East");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let library = "the library on Rye Lane";
    for (reason, elsewhere, field) in
        [("", library, "#reason"), ("x", library, "#reason"), ("We have no one who can", "", "#elsewhere")]
    {
        let page = cora.post(site, &format!("{path}/decline"), &[("reason", reason), ("elsewhere", elsewhere)]).await;
        assert_eq!((page.status, page.attributes(".govuk-error-summary a", "href")), (422, vec![field.to_owned()]));
        assert_eq!(page.all("textarea"), [reason, elsewhere], "nothing typed is lost");
    }
    let page = cora.post(site, &format!("{path}/decline"), &[]).await;
    assert_eq!(page.attributes(".govuk-error-summary a", "href"), ["#reason", "#elsewhere"], "all that is wrong at once");
    let (long, form) = ("kind words ".repeat(100), ["reason", "elsewhere"]);
    let page = cora.post(site, &format!("{path}/decline"), &form.map(|name| (name, long.as_str()))).await;
    assert_eq!((page.status, page.attributes(".govuk-error-summary a", "href").len()), (422, 2), "too long to be kept");
    assert!(page.all("textarea#reason")[0].len() > 1_000, "and still there");
    let form = [("reason", "We have no one who can"), ("elsewhere", "The library on Rye Lane, 020 7946 0000")];
    let page = cora.post(site, &format!("{path}/decline"), &form).await;
    assert!(page.text.contains("Where else to try: The library on Rye Lane"), "{page:?}");
    assert_eq!(rows(site)[0].state, "declined");
}

async fn moves_are_made_once_and_in_their_order(site: &mut Site) {
    let east = team(site, "East");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let (accept, team_field) = (format!("{path}/accept"), [("team", east.to_string())]);
    let team_field: Vec<(&str, &str)> = team_field.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(cora.ask(site, "POST", &format!("{path}/stopped"), &[]).await.status, 303, "the person may stop at any time");
    assert_eq!(cora.ask(site, "POST", &accept, &team_field).await.status, 422, "not from there");
    assert_eq!(rows(site)[0].state, "open-door");
    let unsaid = cora.post(site, &format!("{path}/error"), &[("why", " ")]).await;
    assert_eq!((unsaid.status, rows(site)[0].state.as_str()), (422, "open-door"));
    cora.post(site, &format!("{path}/error"), &[("why", "Tried the form out")]).await;
    assert_eq!(rows(site)[0].state, "entered-in-error");
    let other = refer(site, "Ines Duarte", "07700 900124").await;
    let (colleague, accept) = (coordinator(site, east), format!("{other}/accept"));
    let (one, two) =
        tokio::join!(cora.ask(site, "POST", &accept, &team_field), colleague.ask(site, "POST", &accept, &team_field));
    let mut both = [one.status, two.status];
    both.sort_unstable();
    assert_eq!(both, [303, 422], "one of two is told that it moved on already");
    let third = refer(site, "Ade Cole", "07700 900126").await;
    cora.post(site, &format!("{third}/withdrawn"), &[]).await;
    assert_eq!(rows(site).iter().filter(|row| row.state == "withdrawn").count(), 1);
}

fn read_by(site: &Site, person: SubjectId, action: Action) -> usize {
    let seen = site.app.db.read_now(|c| audit::of(c, person, 1)).expect("the record");
    seen.entries.iter().filter(|entry| entry.action == action).count()
}

async fn whoever_reads_is_written_down_or_reads_nothing(site: &mut Site) {
    use diesel::connection::SimpleConnection;
    let east = team(site, "East");
    let (path, cora) = (refer(site, "Morgan Vale", "07700 900123").await, coordinator(site, east));
    let person = person_of(&rows(site)[0]);
    cora.get(site, "/intake").await;
    assert_eq!((read_by(site, person, Action::ListRead), read_by(site, person, Action::RecordRead)), (1, 0));
    cora.get(site, &path).await;
    cora.post(site, &format!("{path}/accept"), &[("team", &east.to_string())]).await;
    cora.get(site, &format!("{path}/allocate")).await;
    assert_eq!((read_by(site, person, Action::ListRead), read_by(site, person, Action::RecordRead)), (1, 3));
    let broken = site.app.db.write_now(|c| Ok(c.batch_execute("ALTER TABLE audit RENAME TO audit_away")?));
    broken.expect("it is broken");
    for page in ["/intake?show=waiting", &path, &format!("{path}/allocate")] {
        let refused = cora.ask(site, "GET", page, &[]).await;
        assert!(refused.status >= 500 && !refused.text.contains("Morgan"), "{page}: {refused:?}");
    }
    site.app.db.write_now(|c| Ok(c.batch_execute("ALTER TABLE audit_away RENAME TO audit")?)).expect("it is mended");
}

//! Taking people in, through HTTP: what others send for someone, and what a coordinator does with it.

mod decide;
mod joined;
mod others;
mod queue;
mod secret;
mod telling;
mod theirs;

use diesel::{QueryDsl, RunQueryDsl};
use footbridge::{
    accounts::Role,
    people::{self, About, timeline::Sort},
    referrals::store::Row,
    schema::referrals as table,
    values::{SubjectId, TeamId},
};

use crate::{
    harness::Site,
    people::{Someone, account, entries_of},
};

const NURSE: [(&str, &str); 11] = [
    ("mark", "m1"),
    ("your_name", "Sam Reid"),
    ("organisation", "Harbour surgery"),
    ("your_email", "sam@surgery.example"),
    ("name", "Morgan Vale"),
    ("reach", "phone"),
    ("reach_at", "07700 900123"),
    ("area", "se15 4ql"),
    ("words", "I want to drum again"),
    ("agree", "yes"),
    ("learn", "in-touch"),
];

/// The form with some fields otherwise.
fn with<'a>(form: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form.iter().filter(|(name, _)| other.iter().all(|(changed, _)| changed != name));
    kept.chain(other).copied().collect()
}

fn rows(site: &Site) -> Vec<Row> {
    use diesel::SelectableHelper;
    let all = |c: &mut _| Ok(table::table.order((table::received_at, table::id)).select(Row::as_select()).load(c)?);
    site.app.db.read_now(all).expect("referrals")
}

fn person_of(row: &Row) -> SubjectId {
    row.person_id.parse().expect("an id")
}

fn about(site: &Site, person: SubjectId) -> About {
    site.app.db.read_now(|c| people::about(c, &site.app.vault, person)).expect("an answer").expect("they are there")
}

fn timeline_of(site: &Site, person: SubjectId) -> Vec<(Sort, String)> {
    entries_of(site, person).into_iter().map(|entry| (entry.sort, entry.body.show().to_owned())).collect()
}

/// Refers someone with this name and number, and gives the path of their referral.
async fn refer(site: &Site, name: &str, phone: &str) -> String {
    let mark = uuid::Uuid::new_v4().to_string();
    let form = with(&NURSE, &[("mark", &mark), ("name", name), ("reach_at", phone)]);
    let before: Vec<String> = rows(site).into_iter().map(|row| row.id).collect();
    let thanks = Someone::new().post(site, "/refer/someone", &form).await;
    assert_eq!(thanks.status, 200, "{thanks:?}");
    let new = rows(site).into_iter().find(|row| !before.contains(&row.id)).expect("a referral");
    format!("/intake/{}", new.id)
}

fn coordinator(site: &Site, team: TeamId) -> Someone {
    let email = format!("{}@example.org", uuid::Uuid::new_v4());
    Someone::signed_in(site, account(site, &email, Role::Coordinator, Some(team)))
}

//! The end of records: what is due goes, unless someone keeps it, and whatever else there is stays.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use footbridge::{
    accounts::{Role, clients, ticket},
    audit::{self, Action, Actor},
    config::KeepConfig,
    error::Failure,
    jobs::Kind,
    people::{self, About, timeline},
    referrals::{
        self, By, New, Taken, Way,
        state::{Move, Who},
    },
    retention::{self, Within},
    schema::{erasures, jobs, record_ends},
    values::{SubjectId, TeamId},
    vault::Private,
};
use uuid::Uuid;

use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, account, team},
    process::run,
};

on_both_databases!(
    what_is_due_ends_and_whatever_else_there_is_stays,
    whoever_comes_by_or_is_heard_of_stays,
    whoever_has_an_address_hears_before_their_record_ends,
    a_coordinator_keeps_a_record_and_the_person_reads_why,
    only_their_own_team_sees_whose_record_ends,
    a_record_kept_for_a_year_comes_back_onto_the_list,
    killed_and_run_again_it_ends_the_same,
    what_the_preview_says_is_what_the_job_does,
    a_shorter_time_takes_nobody_unseen,
    administrators_see_counts_and_no_names,
    a_joined_record_on_the_list_is_in_no_ones_way,
);

const KEEP: KeepConfig = KeepConfig { keep_not_begun_years: 2, keep_open_door_years: 8 };
/// Days after which what came to nothing is due.
const TWO_YEARS: i64 = 731;
/// Days after which an open door is due.
const EIGHT_YEARS: i64 = 2922;

/// Moves up to how things stand.
const WITHDRAWN: &[(Move, Who)] = &[(Move::Withdraw, Who::Person)];
const DECLINED: &[(Move, Who)] = &[(Move::Decline { reason: true, elsewhere: true }, Who::Coordinator)];
const IN_ERROR: &[(Move, Who)] = &[(Move::EnterInError, Who::Coordinator)];
const RECEIVED: &[(Move, Who)] = &[];
const ACCEPTED: &[(Move, Who)] = &[(Move::Accept, Who::Coordinator)];
const ALLOCATED: &[(Move, Who)] = &[(Move::Accept, Who::Coordinator), (Move::Allocate, Who::Coordinator)];
const ACTIVE: &[(Move, Who)] =
    &[(Move::Accept, Who::Coordinator), (Move::Allocate, Who::Coordinator), (Move::Begin, Who::BridgeBuilder)];
const PAUSED: &[(Move, Who)] = &[
    (Move::Accept, Who::Coordinator),
    (Move::Allocate, Who::Coordinator),
    (Move::Begin, Who::BridgeBuilder),
    (Move::Pause { until: NaiveDate::from_ymd_opt(2030, 1, 1) }, Who::Person),
];
const OPEN_DOOR: &[(Move, Who)] = &[(Move::OpenDoor, Who::Person)];

/// Someone with whom things came to stand so, that many days ago, and nothing since.
fn someone(site: &Site, team: Option<TeamId>, name: &str, steps: &[(Move, Who)], days: i64) -> SubjectId {
    let at = site.now() - TimeDelta::days(days);
    let made = site.app.db.write_now(|c| {
        let about = About { chosen_name: name.parse().expect("a name"), ..About::default() };
        let person = people::add(c, &site.app.vault, team, &about, at)?;
        refer(c, site, person, team, steps, at).map(|()| person)
    });
    made.expect("someone")
}

fn refer(
    c: &mut footbridge::db::Conn,
    site: &Site,
    person: SubjectId,
    team: Option<TeamId>,
    steps: &[(Move, Who)],
    at: NaiveDateTime,
) -> Result<(), Failure> {
    let key = people::key(c, &site.app.vault, person)?;
    let new = New {
        person,
        way: Way::Own,
        taken: Taken::Page,
        team,
        venue: None,
        referrer: None,
        words: Private::new("chess"),
        form_mark: Uuid::new_v4().to_string(),
    };
    let referral = referrals::open(c, &key, &new, Actor::Visitor, at)?.expect("a referral");
    for (step, who) in steps {
        referrals::apply(c, &site.app.vault, referral, *step, By { who: *who, written: Actor::System }, None, at)?;
    }
    Ok(())
}

fn is_there(site: &Site, person: SubjectId) -> bool {
    site.app.db.read_now(|c| people::about(c, &site.app.vault, person)).expect("an answer").is_some()
}

/// Lets days pass, the job run on each that is named. It asks for itself day by day, once the service has asked for the first.
async fn on_days(site: &Site, days: &[i64]) {
    let asked = jobs::table.filter(jobs::kind.eq(Kind::Retention.code())).count();
    if site.app.db.read_now(|c| Ok(asked.get_result::<i64>(c)?)).expect("a count") == 0 {
        site.app.db.write_now(|c| footbridge::jobs::ask_for_the_usual(c, site.now())).expect("it is asked for");
        site.finish_jobs().await;
    }
    for days in days {
        site.later(TimeDelta::days(*days));
        site.finish_jobs().await;
    }
}

fn listed(site: &Site) -> i64 {
    let on = record_ends::table.filter(record_ends::listed_on.is_not_null()).count();
    site.app.db.read_now(|c| Ok(on.get_result(c)?)).expect("a count")
}

async fn what_is_due_ends_and_whatever_else_there_is_stays(site: &mut Site) {
    let east = Some(team(site, "East"));
    let ends = [
        someone(site, east, "Ash", WITHDRAWN, TWO_YEARS),
        someone(site, None, "Bo", DECLINED, TWO_YEARS + 300),
        someone(site, east, "Cy", IN_ERROR, TWO_YEARS),
        someone(site, east, "Di", OPEN_DOOR, EIGHT_YEARS),
    ];
    let twenty_years = 7_305;
    let mut stays = vec![
        someone(site, east, "Ed", WITHDRAWN, TWO_YEARS - 62),
        someone(site, east, "Flo", OPEN_DOOR, TWO_YEARS + 400),
        someone(site, east, "Guy", OPEN_DOOR, EIGHT_YEARS - 62),
    ];
    stays.extend([RECEIVED, ACCEPTED, ALLOCATED, ACTIVE, PAUSED].map(|steps| someone(site, east, "Hal", steps, twenty_years)));
    // Whoever has another referral that stands is judged by that one.
    for steps in [ACTIVE, OPEN_DOOR] {
        let person = someone(site, east, "Ivy", WITHDRAWN, TWO_YEARS + 500);
        let at = site.now() - TimeDelta::days(TWO_YEARS + 500);
        site.app.db.write_now(|c| refer(c, site, person, east, steps, at)).expect("a referral");
        stays.push(person);
    }
    on_days(site, &[1, 58]).await;
    assert!(ends.iter().all(|person| is_there(site, *person)), "not before they stood on the list for 60 days");
    on_days(site, &[1]).await;
    for person in ends {
        assert!(!is_there(site, person));
        let done = site.app.db.read_now(|c| audit::of(c, person, 1)).expect("a page").entries;
        assert_eq!((done[0].action, done[0].actor), (Action::Erased, Actor::System));
    }
    assert!(stays.iter().all(|person| is_there(site, *person)));
    let erased: i64 = site.app.db.read_now(|c| Ok(erasures::table.count().get_result(c)?)).expect("a count");
    assert_eq!(erased, 4, "each key is destroyed and stands in the ledger");
}

async fn whoever_comes_by_or_is_heard_of_stays(site: &mut Site) {
    let east = Some(team(site, "East"));
    let [gone, came, wrote] = ["Ash", "Bo", "Cy"].map(|name| someone(site, east, name, OPEN_DOOR, EIGHT_YEARS + 30));
    on_days(site, &[1]).await;
    assert_eq!(listed(site), 3);
    on_days(site, &[40]).await;
    let printed = site.app.db.write_now(|c| {
        let account = clients::account_for(c, &site.app.vault, came, "Bo", None, site.now())?;
        ticket::print_card(c, &site.app.vault, account, site.now())
    });
    let card = printed.expect("a card");
    let path = Someone::new().post(site, "/sign-in/card", &[("code", &card)]).await;
    assert_eq!(path.all("h1"), ["My path"]);
    let note = |c: &mut _| timeline::add(c, &site.app.vault, wrote, timeline::Sort::Contact, None, "Hello", site.now());
    site.app.db.write_now(note).expect("an entry");
    on_days(site, &[1]).await;
    assert_eq!(listed(site), 1, "who was here is off the list");
    on_days(site, &[25]).await;
    assert_eq!([gone, came, wrote].map(|person| is_there(site, person)), [false, true, true]);
}

fn coordinator(site: &Site, name: &str, of: TeamId) -> Someone {
    Someone::signed_in(site, account(site, &format!("{name}-{}@example.org", Uuid::new_v4()), Role::Coordinator, Some(of)))
}

/// A record of this sort, of someone who signs in with this address.
fn with_address(site: &Site, email: &str, steps: &[(Move, Who)], days: i64) -> SubjectId {
    let person = someone(site, None, "Bo", steps, days);
    let address = email.parse().expect("an address");
    let made = site.app.db.write_now(|c| clients::account_for(c, &site.app.vault, person, "Bo", Some(&address), site.now()));
    made.map(|_| person).expect("an account")
}

async fn whoever_has_an_address_hears_before_their_record_ends(site: &mut Site) {
    let bo = with_address(site, "bo@example.org", OPEN_DOOR, EIGHT_YEARS);
    let cy = with_address(site, "cy@example.org", WITHDRAWN, TWO_YEARS);
    with_address(site, "di@example.org", IN_ERROR, TWO_YEARS);
    on_days(site, &[1]).await;
    let told = async |site: &Site, to: &str| {
        let letters = site.letters(to).await.into_iter().filter(|letter| letter.heading == "Shall we keep this for you?");
        letters.map(|letter| letter.text.show().to_owned()).collect::<Vec<_>>()
    };
    let [letter] = &told(site, "bo@example.org").await[..] else { panic!("one letter") };
    assert!(letter.contains("delete it on 20 January 2027") && letter.contains("/my-path"), "{letter}");
    assert!(told(site, "di@example.org").await.is_empty(), "nobody is told of what should never have been");
    let phone = Someone::new();
    phone.post(site, "/sign-in", &[("email", "bo@example.org")]).await;
    let letter = site.letters("bo@example.org").await.pop().expect("a link");
    let link = letter.text.show().split_whitespace().find(|word| word.starts_with("http")).expect("a link").to_owned();
    let path = format!("/{}", link.splitn(4, '/').nth(3).expect("a path"));
    assert_eq!(phone.post(site, &path, &[]).await.all("h1"), ["My path"]);
    on_days(site, &[30, 30]).await;
    assert_eq!([bo, cy].map(|person| is_there(site, person)), [true, false], "who signs in keeps it");
    assert_eq!(told(site, "bo@example.org").await.len(), 1, "they hear of it once");
}

async fn a_coordinator_keeps_a_record_and_the_person_reads_why(site: &mut Site) {
    let east = team(site, "East");
    let [ash, bo] = ["Ash Quill", "Bo Drum"].map(|name| someone(site, Some(east), name, OPEN_DOOR, EIGHT_YEARS));
    on_days(site, &[1]).await;
    let cora = coordinator(site, "cora", east);
    assert!(cora.get(site, "/desk").await.attributes("main a", "href").contains(&"/retention/soon".to_owned()));
    let list = cora.get(site, "/retention/soon").await;
    assert!(list.text.contains("Ash Quill") && list.text.contains("20 January 2027"), "{list:?}");
    let keep = format!("/people/{ash}/keep");
    assert!(list.attributes("main a", "href").contains(&keep));
    assert_eq!(cora.get(site, &keep).await.all("h1"), ["Keep this record for another year"]);
    for wrong in [String::new(), "x".repeat(501)] {
        let again = cora.ask(site, "POST", &keep, &[("reason", &wrong)]).await;
        assert_eq!((again.status, again.all("#reason-error").len(), again.all("#reason")), (422, 1, vec![wrong]));
    }
    let kept = cora.post(site, &keep, &[("reason", "Back in spring, <says> their sister")]).await;
    assert!(kept.text.contains("kept for another year") && !kept.text.contains("Ash Quill"), "{kept:?}");
    assert!(cora.post(site, &keep, &[("reason", "me too")]).await.text.contains("doesn’t end soon"), "once");
    on_days(site, &[59, 1]).await;
    assert_eq!([ash, bo].map(|person| is_there(site, person)), [true, false]);
    // What is kept is theirs to read.
    let export = site.app.db.read_now(|c| people::export::export(c, &site.app.vault, ash)).expect("all of it").json();
    assert_eq!(export["record_ends"][0]["reason"], "Back in spring, <says> their sister");
    let done = site.app.db.read_now(|c| audit::of(c, ash, 1)).expect("a page").entries;
    assert!(done.iter().any(|entry| entry.action == Action::KeptLonger));
}

async fn only_their_own_team_sees_whose_record_ends(site: &mut Site) {
    let (east, west) = (team(site, "East"), team(site, "West"));
    let ash = someone(site, Some(east), "Ash Quill", WITHDRAWN, TWO_YEARS);
    someone(site, None, "Bo Nobodys", WITHDRAWN, TWO_YEARS);
    let (cora, wes) = (coordinator(site, "cora", east), coordinator(site, "wes", west));
    let names = |page: &crate::harness::Visit| page.all(".case strong a");
    assert_eq!(names(&cora.get(site, "/retention/soon").await).len(), 2);
    assert_eq!(names(&wes.get(site, "/retention/soon").await), ["Bo Nobodys"], "whom no team has taken is everyone's");
    assert_eq!(wes.ask(site, "POST", &format!("/people/{ash}/keep"), &[("reason", "x")]).await.status, 404);
    let done = site.app.db.read_now(|c| audit::of(c, ash, 1)).expect("a page").entries;
    assert!(done.iter().any(|entry| entry.action == Action::ListRead), "that a name was seen is written down");
    for n in 0..26 {
        someone(site, Some(east), &format!("Number {n}"), WITHDRAWN, TWO_YEARS);
    }
    let first = cora.get(site, "/retention/soon").await;
    assert_eq!(names(&first).len(), 25);
    assert_eq!(names(&cora.get(site, &first.attributes("a[rel=next]", "href")[0]).await).len(), 3);
}

async fn a_record_kept_for_a_year_comes_back_onto_the_list(site: &mut Site) {
    let east = team(site, "East");
    let ash = someone(site, Some(east), "Ash", WITHDRAWN, TWO_YEARS);
    on_days(site, &[1]).await;
    coordinator(site, "cora", east).post(site, &format!("/people/{ash}/keep"), &[("reason", "Call in spring")]).await;
    on_days(site, &[300]).await;
    assert_eq!(listed(site), 0);
    on_days(site, &[5]).await;
    assert_eq!(listed(site), 1, "60 days before the year is over");
    on_days(site, &[59]).await;
    assert!(is_there(site, ash));
    on_days(site, &[1]).await;
    assert!(!is_there(site, ash));
}

async fn killed_and_run_again_it_ends_the_same(site: &mut Site) {
    let people: Vec<SubjectId> = (0..45).map(|n| someone(site, None, &format!("Number {n}"), WITHDRAWN, TWO_YEARS)).collect();
    on_days(site, &[1]).await;
    let means = site.app.work().means();
    let late = site.now() + TimeDelta::days(60);
    // As though the process had died before all of it was written down.
    let undone = site.app.db.write_now(|c| {
        retention::run(&means, c, "", late)?;
        Err::<(), _>(Failure::NotFound)
    });
    assert!(undone.is_err() && people.iter().all(|person| is_there(site, *person)));
    // And after the first of three runs, of which each asks for the next.
    site.app.db.write_now(|c| retention::run(&means, c, "", late)).expect("it runs");
    assert_eq!(people.iter().filter(|person| is_there(site, **person)).count(), 25);
    on_days(site, &[60]).await;
    assert!(people.iter().all(|person| !is_there(site, *person)));
    let erased: i64 = site.app.db.read_now(|c| Ok(erasures::table.count().get_result(c)?)).expect("a count");
    let ends: i64 = site.app.db.read_now(|c| Ok(record_ends::table.count().get_result(c)?)).expect("a count");
    assert_eq!((erased, ends), (45, 0), "each once");
    let next = jobs::table.filter(jobs::kind.eq(Kind::Retention.code()).and(jobs::state.eq("waiting"))).select(jobs::run_at);
    let next: Vec<NaiveDateTime> = site.app.db.read_now(|c| Ok(next.load(c)?)).expect("jobs");
    assert!(
        next.iter().any(|at| *at > site.now() && *at <= site.now() + TimeDelta::days(1)),
        "tomorrow's is asked for: {next:?}"
    );
}

async fn what_the_preview_says_is_what_the_job_does(site: &mut Site) {
    let east = team(site, "East");
    let mut people = Vec::new();
    // Spread over the days around each end by a step that meets none twice.
    for n in 0..24_i64 {
        let spread = n * 7 % 24 - 12;
        people.push(someone(site, Some(east), "Ash", [WITHDRAWN, DECLINED, IN_ERROR][n as usize % 3], TWO_YEARS - 5 + spread));
        people.push(someone(site, None, "Bo", OPEN_DOOR, EIGHT_YEARS - 5 + spread));
        people.push(someone(site, Some(east), "Cy", ACTIVE, EIGHT_YEARS + spread));
    }
    on_days(site, &[1]).await;
    let cora = coordinator(site, "cora", east);
    for kept in people.iter().step_by(12) {
        cora.post(site, &format!("/people/{kept}/keep"), &[("reason", "More to come")]).await;
    }
    let mut gone = 0;
    for _ in 0..80 {
        let tomorrow = (site.now() + TimeDelta::days(1)).date();
        let (foreseen, days) = site
            .app
            .db
            .read_now(|c| Ok((retention::soon(c, &KEEP, &Within::All, tomorrow)?, retention::preview(c, &KEEP, tomorrow)?)))
            .expect("a preview");
        let foreseen: BTreeSet<SubjectId> =
            foreseen.iter().filter(|one| one.ends(&KEEP, tomorrow) <= tomorrow).map(|one| one.person).collect();
        let counted: usize = days.iter().filter(|day| day.day <= tomorrow).map(|day| day.records).sum();
        let before: BTreeSet<SubjectId> = people.iter().copied().filter(|person| is_there(site, *person)).collect();
        on_days(site, &[1]).await;
        let ended: BTreeSet<SubjectId> = before.into_iter().filter(|person| !is_there(site, *person)).collect();
        assert_eq!((&ended, ended.len()), (&foreseen, counted), "{tomorrow}");
        gone += ended.len();
    }
    // All that came to nothing or had an open door went, but those that were kept.
    assert_eq!(gone, 48 - people.iter().step_by(12).count());
}

async fn a_shorter_time_takes_nobody_unseen(site: &mut Site) {
    let ash = someone(site, None, "Ash", WITHDRAWN, 500);
    let mut means = site.app.work().means();
    means.keep = KeepConfig { keep_not_begun_years: 1, keep_open_door_years: 1 };
    let began = site.now();
    for (days, there) in [(0, true), (59, true), (60, false)] {
        site.app.db.write_now(|c| retention::run(&means, c, "", began + TimeDelta::days(days))).expect("it runs");
        assert_eq!(is_there(site, ash), there, "{days} days later");
    }
}

async fn administrators_see_counts_and_no_names(site: &mut Site) {
    let east = Some(team(site, "East"));
    someone(site, east, "Ash Quill", WITHDRAWN, TWO_YEARS);
    someone(site, east, "Bo Drum", OPEN_DOOR, EIGHT_YEARS);
    someone(site, east, "Cy Vale", ACTIVE, 10);
    let ada = Someone::signed_in(site, account(site, "ada@example.org", Role::Administrator, None));
    assert!(ada.get(site, "/account").await.attributes("main a", "href").contains(&"/retention".to_owned()));
    let page = ada.get(site, "/retention").await;
    assert_eq!(page.all("tbody tr").len(), 2, "{page:?}");
    assert!(page.all("tbody tr").iter().all(|row| row.starts_with("20 January 2027") && row.ends_with('*')), "{page:?}");
    let kinds = page.all(".case");
    assert!(
        kinds.iter().any(|kind| kind.contains("open door") && kind.contains("8 years") && kind.ends_with("* now")),
        "{kinds:?}"
    );
    let (ok, said) = run(&["retention", "preview"], &site.database, site.folder.path(), &[("KEEP_OPEN_DOOR_YEARS", "20")]);
    assert!(ok && said.contains("        1  Records of people with an open door: 20 years after"), "{said}");
    for name in ["Ash", "Quill", "Bo", "Drum", "Cy", "Vale"] {
        let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
        assert!(!words(&page.text) && !words(&said), "{name}");
    }
    let (ok, said) = run(&["retention", "preview"], &site.database, site.folder.path(), &[("KEEP_OPEN_DOOR_YEARS", "0")]);
    assert!(!ok && said.contains("KEEP_OPEN_DOOR_YEARS") || said.contains("keep-open-door-years"), "{said}");
}

async fn a_joined_record_on_the_list_is_in_no_ones_way(site: &mut Site) {
    let east = team(site, "East");
    let (gone, kept) = (someone(site, Some(east), "Ash", WITHDRAWN, TWO_YEARS), someone(site, Some(east), "Ash", ACTIVE, 10));
    on_days(site, &[1]).await;
    assert_eq!(listed(site), 1);
    let by = account(site, "cora@example.org", Role::Coordinator, Some(east));
    let join = referrals::join::Join { kept, gone, by, ways_are_theirs: false };
    site.app.db.write_now(|c| referrals::join::join(c, &site.app.vault, join, site.now())).expect("they are joined");
    assert_eq!((listed(site), is_there(site, kept)), (0, true));
}

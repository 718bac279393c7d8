//! People's records: who sees them, what is kept and how, and that nothing stays after they are erased.

use chrono::TimeDelta;
use footbridge::{
    accounts::{Grant, Principal, Role, store as accounts},
    audit::{self, Actor},
    people::{
        self, About, Like, Reach,
        aspirations::{self, By, Mark, Opinion, Wanted},
        caseload::{self, Along, Cover},
        consents::{self, How, Purpose},
        fresh, lists,
        profile::{self, Profile},
        tasks,
        timeline::{self, Sort},
    },
    referrals::join::{self, Join},
    values::{AccountId, SubjectId, TeamId, VenueId},
    vault::Private,
    vocabulary::Domain,
};
use uuid::Uuid;

use crate::{
    harness::{Site, clock},
    on_both_databases,
    people::{account, entries_of, team},
};

on_both_databases!(
    a_record_is_seen_by_those_who_go_along_and_nobody_else,
    what_is_kept_can_be_read_again_and_is_sealed,
    whoever_reads_is_written_down,
    someone_known_already_is_seen_to_be,
    the_last_word_is_known_whatever_is_written_down_later,
    nothing_stays_after_someone_is_erased,
);

fn someone(site: &Site, team: Option<TeamId>, name: &str) -> SubjectId {
    let mut about = About { chosen_name: name.parse().unwrap(), area: "SE15 4QL".parse().unwrap(), ..About::default() };
    about.contact.ways = vec![Reach::Phone];
    about.contact.phone = "07700 900123".parse().unwrap();
    site.app.db.write_now(|c| people::add(c, &site.app.vault, team, &about, clock().stamp())).expect("a record")
}

fn principal(account: AccountId, role: Role, team: Option<TeamId>) -> Principal {
    Principal { account, grants: vec![Grant { role, team }], person: None, session: String::new(), proved_at: clock().stamp() }
}

async fn a_record_is_seen_by_those_who_go_along_and_nobody_else(site: &mut Site) {
    let (east, west) = (team(site, "East"), team(site, "West"));
    let (person, nobodys_yet) = (someone(site, Some(east), "Morgan Vale"), someone(site, None, "Sam"));
    let make = |name: &str, role, team| principal(account(site, &format!("{name}@example.org"), role, team), role, team);
    let worker = make("worker", Role::BridgeBuilder, Some(east));
    let colleague = make("colleague", Role::BridgeBuilder, Some(east));
    let stranger = make("stranger", Role::BridgeBuilder, Some(west));
    let peer = make("peer", Role::Peer, Some(east));
    let (ours, theirs) = (make("ours", Role::Coordinator, Some(east)), make("theirs", Role::Coordinator, Some(west)));
    let administrator = make("administrator", Role::Administrator, None);
    let commissioner = make("commissioner", Role::Commissioner, None);
    let client = Principal { person: Some(person), ..make("client", Role::Client, None) };
    let other = make("other", Role::Client, None);
    let now = clock().stamp();
    let sees = |who: &Principal, person| site.app.db.read_now(|c| people::may_see(c, who, person, now)).expect("an answer");
    assert!(!sees(&worker, person) && !sees(&peer, person), "not before they go along");
    site.app.db.write_now(|c| caseload::begin(c, person, worker.account, Along::Worker, false, now)).expect("it begins");
    site.app.db.write_now(|c| caseload::begin(c, person, peer.account, Along::Peer, false, now)).expect("it begins");
    assert!(sees(&worker, person) && sees(&ours, person) && sees(&client, person));
    assert!(!sees(&peer, person), "the person didn't choose them");
    site.app.db.write_now(|c| caseload::begin(c, person, peer.account, Along::Peer, true, now)).expect("it begins");
    assert!(sees(&peer, person));
    for nobody in [&colleague, &stranger, &theirs, &administrator, &commissioner, &other] {
        assert!(!sees(nobody, person), "{nobody:?}");
    }
    for cover in [&colleague, &stranger] {
        let cover = Cover {
            person,
            account: cover.account,
            reason: Private::new("Rowan is away"),
            from: now,
            until: now + TimeDelta::days(7),
        };
        site.app.db.write_now(|c| caseload::stand_in(c, &site.app.vault, &ours, &cover, now)).expect("it begins");
    }
    assert!(sees(&colleague, person) && !sees(&stranger, person), "cover is within the team");
    let later = now + TimeDelta::days(7);
    let over = site.app.db.read_now(|c| people::may_see(c, &colleague, person, later)).expect("an answer");
    assert!(!over, "cover is over");
    assert!(sees(&ours, nobodys_yet) && sees(&theirs, nobodys_yet) && !sees(&worker, nobodys_yet));
    assert!(!sees(&ours, SubjectId(Uuid::new_v4())), "who isn't there is nobody's");
    site.app.db.write_now(|c| caseload::begin(c, person, colleague.account, Along::Worker, false, now)).expect("it begins");
    assert!(!sees(&worker, person), "who goes along no more sees no more");
}

async fn the_last_word_is_known_whatever_is_written_down_later(site: &mut Site) {
    let (vault, now) = (site.app.vault.clone(), clock().stamp());
    let east = team(site, "East");
    let (person, twin) = (someone(site, Some(east), "Morgan Vale"), someone(site, Some(east), "Morgan Vale"));
    let worker = account(site, "worker@example.org", Role::BridgeBuilder, Some(east));
    let ago = |days| now - TimeDelta::days(days);
    let write = |person, sort, days| {
        site.app.db.write_now(|c| timeline::add(c, &vault, person, sort, Some(worker), "Tea", ago(days))).expect("an entry")
    };
    let heard = |person| site.app.db.read_now(|c| people::store::last_heard(c, person)).expect("an answer");
    assert_eq!(heard(person), None);
    write(person, Sort::Note, 1);
    assert_eq!(heard(person), None, "a note is no word between them");
    write(person, Sort::Contact, 9);
    assert_eq!(heard(person), Some(ago(9)));
    write(person, Sort::Message, 5);
    write(person, Sort::Contact, 7);
    assert_eq!(heard(person), Some(ago(5)), "what is written down late doesn't make it longer ago");
    write(twin, Sort::Contact, 2);
    let join = Join { kept: person, gone: twin, by: worker, ways_are_theirs: false };
    site.app.db.write_now(|c| join::join(c, &vault, join, now)).expect("one record");
    assert_eq!(heard(person), Some(ago(2)), "a word with the other counts");
}

/// Puts something about a person into every table.
fn fill(site: &Site, person: SubjectId, account: AccountId) {
    let (vault, now) = (site.app.vault.clone(), clock().stamp());
    site.app
        .db
        .write_now(|c| {
            let wanted = Wanted { words: "I want to drum again".parse().unwrap(), within_km: Some(3), ..Wanted::default() };
            let id = aspirations::add(c, &vault, person, &wanted, &[Domain::Arts, Domain::Befriending], now)?;
            let mark = Mark {
                venue: VenueId(Uuid::new_v4()),
                by: By::Person,
                opinion: Opinion::Like,
                why: Some(Private::new("It is near the canal")),
                chosen: true,
                marked_at: now,
            };
            aspirations::mark(c, &vault, person, id, &mark)?;
            fresh::add(c, id, &[mark.venue], now)?;
            lists::share(c, id, &[mark.venue], account, now)?;
            aspirations::mark(c, &vault, person, id, &Mark { opinion: Opinion::Maybe, ..mark })?;
            consents::give(c, person, Purpose::Keep, How::Page, Actor::Visitor, now)?;
            consents::give(c, person, Purpose::Story, How::InPerson, Actor::Account(account), now)?;
            consents::withdraw(c, person, Purpose::Story, Actor::Account(account), now)?;
            timeline::add(c, &vault, person, Sort::Contact, Some(account), "We had tea at the studio", now)?;
            timeline::add(c, &vault, person, Sort::Message, None, "See you on Tuesday", now + TimeDelta::hours(1))?;
            tasks::add(c, &vault, person, account, "Ask about drum hire", now.date())?;
            caseload::begin(c, person, account, Along::Worker, false, now)
        })
        .expect("it is kept");
}

async fn what_is_kept_can_be_read_again_and_is_sealed(site: &mut Site) {
    let east = team(site, "East");
    let person = someone(site, Some(east), "Morgan Vale");
    let worker = account(site, "worker@example.org", Role::BridgeBuilder, Some(east));
    fill(site, person, worker);
    let vault = site.app.vault.clone();
    site.app
        .db
        .write_now(|c| {
            let profile = Profile { interests: "Studios".parse().unwrap(), ..Profile::default() };
            profile::keep(c, &vault, worker, &profile, clock().stamp())?;
            profile::keep(c, &vault, worker, &profile, clock().stamp())?;
            let mut about = people::about(c, &vault, person)?.expect("they are there");
            assert_eq!(about.called(), "Morgan Vale");
            about.strengths = "Keeps time".parse().unwrap();
            people::change(c, &vault, person, &about, clock().stamp())
        })
        .expect("it changes");
    site.app
        .db
        .read_now(|c| {
            assert_eq!(people::about(c, &vault, person)?.expect("they are there").strengths.as_str(), "Keeps time");
            let wants = aspirations::of(c, &vault, person)?;
            assert_eq!((wants.len(), wants[0].wanted.within_km), (1, Some(3)));
            assert_eq!(wants[0].domains, [Domain::Arts, Domain::Befriending]);
            let marks = aspirations::marks(c, &vault, person)?;
            assert_eq!((marks.len(), marks[0].1.opinion, marks[0].1.chosen), (1, Opinion::Maybe, true));
            assert_eq!(marks[0].1.why.as_ref().map(Private::show), Some("It is near the canal"));
            assert!(consents::stands(c, person, Purpose::Keep)? && !consents::stands(c, person, Purpose::Story)?);
            let tasks = tasks::of(c, &vault, worker, &[], 10)?;
            assert_eq!((tasks.len(), tasks[0].what.show()), (1, "Ask about drum hire"));
            assert_eq!(profile::of(c, &vault, &[worker])?[&worker].interests.as_str(), "Studios");
            assert_eq!(caseload::counts(c, &[worker])?[&worker], 1);
            Ok(())
        })
        .expect("it is read");
    let [message, contact] = &entries_of(site, person)[..] else { panic!("two entries") };
    assert_eq!((message.body.show(), message.by), ("See you on Tuesday", None));
    assert_eq!((contact.body.show(), contact.by), ("We had tea at the studio", Some(worker)));
}

async fn whoever_reads_is_written_down(site: &mut Site) {
    let east = team(site, "East");
    let person = someone(site, Some(east), "Morgan Vale");
    let coordinator = principal(account(site, "c@example.org", Role::Coordinator, Some(east)), Role::Coordinator, Some(east));
    let client = Principal { person: Some(person), ..principal(AccountId(Uuid::new_v4()), Role::Client, None) };
    let (vault, now) = (site.app.vault.clone(), clock().stamp());
    let read = |who: &Principal| site.app.db.write_now(|c| people::read(c, &vault, who, person, now)).expect("it is read");
    assert_eq!(read(&coordinator).called(), "Morgan Vale");
    read(&client);
    site.app.db.write_now(|c| people::read_list(c, &vault, &coordinator, &[person], now)).expect("it is read");
    let seen = site.app.db.read_now(|c| audit::of(c, person, 1)).expect("the record");
    let seen: Vec<(&str, Actor)> = seen.entries.iter().map(|entry| (entry.action.code(), entry.actor)).collect();
    let by = Actor::Account(coordinator.account);
    assert_eq!(seen, [("list-read", by), ("record-read", by)], "what a person reads of their own isn't written down");
}

async fn someone_known_already_is_seen_to_be(site: &mut Site) {
    let (east, west) = (team(site, "East"), team(site, "West"));
    let person = someone(site, Some(east), "Morgan Vale");
    let again = someone(site, None, "Morgane Veil");
    let (elsewhere, other) = (someone(site, Some(west), "Morgan Vale"), someone(site, Some(east), "Ines Duarte"));
    let likes = site.app.db.read_now(|c| people::like(c, again, &[east])).expect("an answer");
    let ids: Vec<SubjectId> = likes.iter().map(|(id, _)| *id).collect();
    assert!(ids.contains(&person) && ids.contains(&other) && !ids.contains(&elsewhere), "of these teams alone");
    assert_eq!(likes[0], (person, vec![Like::Phone, Like::Sound, Like::Near]), "the likest first: {likes:?}");
}

/// How many rows of each table there are.
fn rows(site: &Site) -> Vec<(&'static str, i64)> {
    use diesel::{RunQueryDsl, sql_query, sql_types::BigInt};
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let tables: std::collections::BTreeSet<&str> = people::columns::ABOUT_A_PERSON.iter().map(|(table, ..)| *table).collect();
    let count = |table: &'static str| {
        let question = format!("SELECT COUNT(*) AS rows FROM {table}");
        let count: Vec<Count> = site.app.db.read_now(|c| Ok(sql_query(question).load(c)?)).expect("a count");
        (table, count[0].rows)
    };
    tables.into_iter().map(count).collect()
}

async fn nothing_stays_after_someone_is_erased(site: &mut Site) {
    let east = team(site, "East");
    let worker = account(site, "worker@example.org", Role::BridgeBuilder, Some(east));
    let before = rows(site);
    let person = someone(site, Some(east), "Morgan Vale");
    fill(site, person, worker);
    let own = account(site, "morgan@example.org", Role::Client, None);
    let vault = site.app.vault.clone();
    site.app.db.write_now(|c| accounts::set_person(c, own, Some(person))).expect("it is theirs");
    assert!(rows(site).iter().zip(&before).filter(|(now, then)| now.1 > then.1).count() > 9, "{:?}", rows(site));
    site.app.db.write_now(|c| people::erase(c, &vault, person, Actor::System, clock().stamp())).expect("it is erased");
    assert_eq!(rows(site), before);
    for subject in [person, SubjectId(own.0)] {
        assert!(site.app.db.read_now(|c| vault.key(c, subject)).expect("an answer").is_none(), "a key is left");
    }
}

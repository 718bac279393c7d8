//! Joining records hands nobody another's: accounts, ways to reach someone, what is erased, and who has looked.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::count_star};
use footbridge::{
    accounts::{Role, clients},
    audit::{self, Action, Actor},
    people::{self, timeline::Sort},
    schema::erasures,
    values::{AccountId, SubjectId},
};

use super::{about, coordinator, person_of, refer, rows, timeline_of};
use crate::{
    desks::pair,
    harness::Site,
    on_both_databases,
    people::{Someone, account, team},
};

on_both_databases!(
    whoever_writes_in_someones_name_is_handed_nothing,
    an_address_that_was_checked_opens_the_record,
    two_records_with_an_account_each_are_joined,
    what_someone_writes_who_is_signed_in_belongs_to_their_record,
    a_backup_gives_back_what_was_joined_and_not_what_was_erased,
    who_has_looked_is_known_after_two_records_are_joined,
);

/// Refers oneself in a few steps, in this browser.
async fn write_a_note(site: &Site, browser: &Someone, name: &str, email: &str) {
    let pages: [(&str, &[(&str, &str)]); 4] = [
        ("/refer/myself", &[("words", "Let me in")]),
        ("/refer/myself/name", &[("name", name)]),
        ("/refer/myself/contact", &[("reach", "email"), ("reach_at", email)]),
        ("/refer/myself/check", &[("agree", "yes")]),
    ];
    for (path, form) in pages {
        let answer = browser.ask(site, "POST", path, form).await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
    }
}

fn account_of(site: &Site, person: SubjectId) -> Option<AccountId> {
    site.app.db.read_now(|c| clients::account_of(c, person)).expect("an answer")
}

fn is_erased(site: &Site, subject: SubjectId) -> bool {
    let theirs = erasures::table.filter(erasures::subject.eq(subject.to_string())).select(count_star());
    site.app.db.read_now(|c| Ok(theirs.first::<i64>(c)?)).expect("a count") > 0
}

/// Someone whom a nurse referred, and a note in their name from an address of its own. Gives the record, the note's and its path.
async fn two_notes(site: &Site) -> (SubjectId, SubjectId, String) {
    refer(site, "Morgan Vale", "07700 900123").await;
    let known = person_of(&rows(site)[0]);
    write_a_note(site, &Someone::new(), "Morgan Vale", "other@example.org").await;
    let note = rows(site).into_iter().find(|row| row.way == "self").expect("a note");
    (known, person_of(&note), format!("/intake/{}", note.id))
}

async fn whoever_writes_in_someones_name_is_handed_nothing(site: &mut Site) {
    let east = team(site, "East");
    let (known, note, path) = two_notes(site).await;
    assert!(account_of(site, note).is_some() && account_of(site, known).is_none());
    let cora = coordinator(site, east);
    let sides = cora.get(site, &format!("{path}/join?with={known}")).await;
    assert!(sides.text.contains("Anyone can write a note in someone’s name"), "{sides:?}");
    let joined = cora.post(site, &format!("{path}/join"), &[("other", &known.to_string())]).await;
    assert_eq!(joined.status, 200, "{joined:?}");
    assert!(account_of(site, known).is_none(), "their record opens for nobody else");
    assert!(about(site, known).contact.email.is_none(), "nor do letters go there");
    let entries = timeline_of(site, known);
    assert!(entries.iter().any(|(_, body)| body.contains("e-mail, not checked: other@example.org")), "{entries:?}");
    let before = site.letters("other@example.org").await.len();
    Someone::new().post(site, "/sign-in", &[("email", "other@example.org")]).await;
    assert_eq!(site.letters("other@example.org").await.len(), before, "no way in");
}

async fn an_address_that_was_checked_opens_the_record(site: &mut Site) {
    let east = team(site, "East");
    let (known, note, path) = two_notes(site).await;
    let theirs = account_of(site, note);
    let form = [("other", known.to_string()), ("theirs", "yes".to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    coordinator(site, east).post(site, &format!("{path}/join"), &form).await;
    assert_eq!(account_of(site, known), theirs);
    assert_eq!(about(site, known).contact.email, "other@example.org".parse().ok());
}

async fn two_records_with_an_account_each_are_joined(site: &mut Site) {
    let east = team(site, "East");
    for email in ["one@example.org", "two@example.org"] {
        write_a_note(site, &Someone::new(), "Morgan Vale", email).await;
    }
    let (one, two) = (rows(site)[0].clone(), rows(site)[1].clone());
    let kept = account_of(site, person_of(&one)).expect("an account");
    let form = [("other", one.person_id.clone()), ("theirs", "yes".to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let joined = coordinator(site, east).post(site, &format!("/intake/{}/join", two.id), &form).await;
    assert_eq!(joined.status, 200, "{joined:?}");
    assert_eq!(account_of(site, person_of(&one)), Some(kept));
    let entries = timeline_of(site, person_of(&one));
    assert!(entries.iter().any(|(_, body)| body.contains("e-mail: ")), "{entries:?}");
}

async fn what_someone_writes_who_is_signed_in_belongs_to_their_record(site: &mut Site) {
    let all = pair(site);
    all.jo.post(site, "/my-path/moves", &[("move", "stop")]).await;
    write_a_note(site, &all.jo, "Jo", "elsewhere@example.org").await;
    let [row] = &rows(site)[..] else { panic!("one referral: {}", rows(site).len()) };
    assert_eq!((person_of(row), row.state.as_str()), (all.person, "active"), "they are back");
    let entries = timeline_of(site, all.person);
    assert!(entries.contains(&(Sort::Message, "Let me in".to_owned())), "{entries:?}");
    assert!(all.jo.get(site, "/my-path").await.text.contains("Let me in"));
    assert!(site.letters("elsewhere@example.org").await.is_empty(), "a receipt goes where their letters go");
    assert_eq!(
        site.letters("jo@example.org").await.last().map(|letter| letter.heading.clone()),
        Some("We have your note".to_owned())
    );
}

async fn a_backup_gives_back_what_was_joined_and_not_what_was_erased(site: &mut Site) {
    let east = team(site, "East");
    let (known, note, path) = two_notes(site).await;
    coordinator(site, east).post(site, &format!("{path}/join"), &[("other", &known.to_string())]).await;
    assert!(!is_erased(site, note), "a restored backup must keep the note's record");
    assert!(site.app.db.read_now(|c| site.app.vault.key(c, note)).expect("an answer").is_none(), "a key is left");
    let now = site.now();
    site.app.db.write_now(|c| people::erase(c, &site.app.vault, known, Actor::System, now)).expect("they are erased");
    assert!(is_erased(site, known) && is_erased(site, note), "both, in whatever backup they are");
}

async fn who_has_looked_is_known_after_two_records_are_joined(site: &mut Site) {
    let east = team(site, "East");
    let (known, _, path) = two_notes(site).await;
    let cora = coordinator(site, east);
    cora.get(site, &path).await;
    let reads = |site: &Site| {
        let all = site.app.db.read_now(|c| audit::of(c, known, 1)).expect("the record").entries;
        all.iter().filter(|entry| entry.action == Action::RecordRead).count()
    };
    let before = reads(site);
    cora.ask(site, "POST", &format!("{path}/join"), &[("other", &known.to_string())]).await;
    assert_eq!(reads(site), before + 1, "the look at the note counts");
    let stranger = account(site, "nell@example.org", Role::Coordinator, Some(team(site, "West")));
    assert_eq!(Someone::signed_in(site, stranger).get(site, &format!("/people/{known}")).await.status, 404);
}

//! The queue: its order, its clocks, and letters to those who wait.

use chrono::TimeDelta;
use footbridge::{
    audit::Actor,
    people::{self, About},
    referrals::{
        self, By, New, Taken, Way,
        state::{Move, Who},
    },
    values::TeamId,
    vault::Private,
};

use super::{coordinator, refer, rows, with};
use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, team},
};

on_both_databases!(
    the_queue_is_in_order_and_tells_how_long_people_wait,
    those_who_wait_get_a_letter_that_says_nothing,
    whoever_has_no_address_keeps_no_letter_from_the_others,
);

async fn the_queue_is_in_order_and_tells_how_long_people_wait(site: &mut Site) {
    let east = team(site, "East");
    let cora = coordinator(site, east);
    let empty = cora.get(site, "/intake").await;
    assert_eq!(empty.all(".clocks .unknown").len(), 3, "{empty:?}");
    let mut paths = Vec::new();
    for name in ["Ade Cole", "Bea Moss", "Cas Reid"] {
        paths.push(refer(site, name, &format!("07700 90012{}", paths.len())).await);
        site.later(TimeDelta::days(3));
    }
    let cora = coordinator(site, east);
    let list = cora.get(site, "/intake").await;
    assert_eq!(list.all("tbody th a"), ["Ade Cole", "Bea Moss", "Cas Reid"], "whoever waits longest first");
    assert_eq!(list.all("tbody td:nth-child(2)"), ["9 days", "6 days", "3 days"]);
    assert_eq!(list.all(".clocks strong"), ["9 days"]);
    cora.post(site, &format!("{}/contact", paths[0]), &[("said", "We had a chat")]).await;
    cora.post(site, &format!("{}/contact", paths[1]), &[("said", "A call, no one there")]).await;
    site.later(TimeDelta::days(1));
    let cora = coordinator(site, east);
    cora.post(site, &format!("{}/contact", paths[0]), &[("said", "Again")]).await;
    cora.post(site, &format!("{}/contact", paths[2]), &[("said", "Hello")]).await;
    let list = cora.get(site, "/intake").await;
    assert_eq!(list.all(".clocks strong"), ["6 days", "9 days"], "median and slowest, of first contacts");
    assert_eq!(list.all("tbody td:nth-child(5)"), ["Yes", "Yes", "Yes"]);
    assert_eq!(list.all("tbody td:nth-child(2)"), ["10 days", "7 days", "4 days"]);
    for page in ["0", "-1", "999999999999999999999", "x"] {
        assert_eq!(cora.get(site, &format!("/intake?page={page}")).await.status, 200, "{page}");
    }
    assert_eq!(cora.get(site, "/intake?show=waiting").await.all("tbody th a").len(), 0);
}

async fn those_who_wait_get_a_letter_that_says_nothing(site: &mut Site) {
    let east = team(site, "East");
    let cora = coordinator(site, east);
    let back = [("reach", "email"), ("agree", "yes")];
    for (name, email) in [("Ade", "ade@example.org"), ("Bea", "bea@example.org")] {
        Someone::new().post(site, "/refer/back", &with(&back, &[("mark", name), ("name", name), ("reach_at", email)])).await;
    }
    refer(site, "Cas Reid", "07700 900123").await;
    for row in rows(site) {
        cora.post(site, &format!("/intake/{}/accept", row.id), &[("team", &east.to_string())]).await;
    }
    assert!(!cora.get(site, "/intake?show=waiting").await.text.contains("A letter to those who wait"), "they came just now");
    site.later(TimeDelta::days(15));
    let cora = coordinator(site, east);
    let list = cora.get(site, "/intake?show=waiting").await;
    assert!(list.text.contains("2 of them heard nothing for two weeks"), "{list:?}");
    let before = site.letters("ade@example.org").await.len();
    let sent = cora.post(site, "/intake/letters", &[]).await;
    assert!(sent.text.contains("2 letters are on their way"), "{sent:?}");
    let letters = site.letters("ade@example.org").await;
    assert_eq!(letters.len(), before + 1);
    let letter = letters.last().expect("a letter");
    assert_eq!(letter.heading, "We have not forgotten you");
    assert!(!letter.text.show().contains("Ade") && !letter.text.show().to_lowercase().contains("refer"));
    let again = cora.post(site, "/intake/letters", &[]).await;
    assert!(again.text.contains("There was nobody to write to"), "{again:?}");
    assert_eq!(site.letters("ade@example.org").await.len(), before + 1);
}

/// Someone on the waiting list of a team.
fn waits(site: &Site, team: TeamId, about: &About) {
    let (vault, now) = (&site.app.vault, site.now());
    let made = site.app.db.write_now(|c| {
        let person = people::add(c, vault, Some(team), about, now)?;
        let key = people::key(c, vault, person)?;
        let new = New {
            person,
            way: Way::Own,
            taken: Taken::Page,
            team: Some(team),
            venue: None,
            referrer: None,
            words: Private::new("drum"),
            form_mark: person.to_string(),
        };
        let id = referrals::open(c, &key, &new, Actor::System, now)?.expect("a referral");
        let by = By { who: Who::Coordinator, written: Actor::System };
        referrals::apply(c, vault, id, Move::Accept, by, None, now)
    });
    made.expect("someone who waits");
}

async fn whoever_has_no_address_keeps_no_letter_from_the_others(site: &mut Site) {
    let east = team(site, "East");
    for _ in 0..201 {
        waits(site, east, &About::default());
    }
    site.later(TimeDelta::hours(1));
    let mut about = About::default();
    about.contact.email = "zoe@example.org".parse().ok();
    waits(site, east, &about);
    site.later(TimeDelta::days(15));
    let list = coordinator(site, east).get(site, "/intake?show=waiting").await;
    assert!(list.text.contains("A letter to those who wait"), "{list:?}");
    let sent = coordinator(site, east).post(site, "/intake/letters", &[]).await;
    assert!(sent.text.contains("One letter is on its way."), "{sent:?}");
    assert_eq!(site.letters("zoe@example.org").await.len(), 1);
}

//! Letters that could not be sent, as an administrator sees them.

use chrono::TimeDelta;
use diesel::prelude::*;
use footbridge::{
    accounts::Role,
    audit::{self, Action},
    mail::{self, Letter, NewMessage, SignIn},
    schema::{jobs, outbox},
    values::{LetterId, SubjectId},
    vault::Private,
};
use uuid::Uuid;

use super::{CHOOSE, LINK, office::ADDRESS};
use crate::{
    harness::Site,
    on_both_databases,
    people::{Someone, account},
};

on_both_databases!(
    an_administrator_sends_a_letter_again,
    letters_that_one_reason_holds_up_are_sent_again_together,
    what_is_of_no_use_is_not_sent_again,
);

fn administrator(site: &Site) -> Someone {
    Someone::signed_in(site, account(site, "ada@example.net", Role::Administrator, None))
}

/// Letters to someone, posted and then held up by this; their ids.
fn held_up(site: &Site, letters: usize, error: &str, letter: &impl Letter) -> (SubjectId, Vec<LetterId>) {
    let (vault, now, someone) = (site.app.vault.clone(), site.now(), SubjectId(Uuid::new_v4()));
    let made = site.app.db.write_now(|c| {
        vault.new_key(c, someone, now)?;
        for _ in 0..letters {
            mail::post(c, &vault, someone, &Private::new(ADDRESS), letter, now)?;
        }
        let theirs = outbox::table.filter(outbox::subject_id.eq(someone.to_string()));
        let ids: Vec<String> = theirs.clone().select(outbox::id).load(c)?;
        let failed =
            (outbox::state.eq("failed"), outbox::attempts.eq(12), outbox::last_error.eq(error), outbox::ended_at.eq(now));
        diesel::update(theirs).set(failed).execute(c)?;
        diesel::delete(jobs::table.filter(jobs::kind.eq("mail"))).execute(c)?;
        Ok(ids)
    });
    (someone, made.expect("letters").iter().map(|id| id.parse().expect("an id")).collect())
}

fn notice() -> NewMessage {
    NewMessage { link: LINK.to_owned(), choose: CHOOSE.to_owned() }
}

async fn an_administrator_sends_a_letter_again(site: &mut Site) {
    let ada = administrator(site);
    let empty = ada.get(site, "/letters/failed").await;
    assert_eq!((empty.status, empty.all("main button").len()), (200, 0), "{empty:?}");
    assert!(ada.get(site, "/account").await.text.contains("0 letters"));
    let (someone, ids) = held_up(site, 1, "refused-550", &notice());
    let page = ada.get(site, "/letters/failed").await;
    assert_eq!(page.all("main button"), ["Send again: a notice that something waits, posted on 21 November 2026, midday"]);
    assert!(page.text.contains("refused this letter for good") && page.text.contains("after 12 tries"), "{page:?}");
    for hidden in [ADDRESS, "ada@", &someone.to_string(), "footbridge.example/messages"] {
        assert!(!page.text.contains(hidden), "{hidden}");
    }
    assert!(ada.get(site, "/account").await.text.contains("1 letter"));
    let id = ids[0].to_string();
    let sent = ada.post(site, "/letters/failed", &[("letter", &id)]).await;
    assert!(sent.text.contains("on its way again") && sent.all("main button").is_empty(), "{sent:?}");
    assert_eq!(site.letters(ADDRESS).await.len(), 1);
    // Two windows, one letter.
    let twice = ada.post(site, "/letters/failed", &[("letter", &id)]).await;
    assert!(twice.text.contains("nothing to send"), "{twice:?}");
    assert_eq!(site.letters(ADDRESS).await.len(), 1);
    let done = site.app.db.read_now(|c| audit::of(c, someone, 1)).expect("a page").entries;
    assert_eq!(
        done.iter().map(|entry| (entry.action, entry.about.clone())).collect::<Vec<_>>(),
        [(Action::LetterSentAgain, Some(id))]
    );
}

async fn letters_that_one_reason_holds_up_are_sent_again_together(site: &mut Site) {
    let ada = administrator(site);
    held_up(site, 30, "no-connection", &notice());
    held_up(site, 1, "bad-address", &notice());
    let page = ada.get(site, "/letters/failed").await;
    assert_eq!(page.all("button[name=reason]").len(), 1, "{page:?}");
    assert_eq!(page.all("button[name=letter]").len(), 25);
    let second = ada.get(site, &page.attributes("a[rel=next]", "href")[0]).await;
    assert_eq!(second.all("button[name=letter]").len(), 6);
    let sent = ada.post(site, "/letters/failed", &[("reason", "no-connection")]).await;
    assert_eq!((sent.all("button[name=letter]").len(), sent.all("button[name=reason]").len()), (1, 0));
    assert_eq!(site.letters(ADDRESS).await.len(), 30);
    assert!(ada.post(site, "/letters/failed", &[("reason", "nonsense")]).await.text.contains("nothing to send"));
}

async fn what_is_of_no_use_is_not_sent_again(site: &mut Site) {
    let ada = administrator(site);
    let letter = SignIn { link: LINK.to_owned(), code: "482 913".to_owned() };
    let (_, ids) = held_up(site, 1, "no-connection", &letter);
    site.later(TimeDelta::minutes(11));
    let page = ada.get(site, "/letters/failed").await;
    assert!(page.all("main button").is_empty() && page.text.contains("can’t be sent again"), "{page:?}");
    assert!(ada.post(site, "/letters/failed", &[("letter", &ids[0].to_string())]).await.text.contains("nothing to send"));
    site.finish_jobs().await;
    assert!(site.app.mail.held().is_empty());
}

//! A list of places that someone opens from a mailed link without signing in, or looks at side by side, and chooses from.

use chrono::TimeDelta;
use footbridge::{accounts::clients, audit, values::AspirationId};

use crate::{
    desks::{Pair, pair, someone, wish},
    harness::{Site, Visit},
    on_both_databases,
    people::Someone,
};

on_both_databases!(
    a_list_is_opened_by_its_link_and_chosen_from,
    links_that_do_not_work_answer_alike,
    without_mail_a_list_is_looked_at_together,
);

const WORDS: &str = "play guitar with others";

/// The path of the newest link that was mailed.
async fn newest(site: &Site) -> String {
    let letters = site.letters("jo@example.org").await;
    let letter = letters.last().expect("a letter");
    assert_eq!(letter.heading, "There is something for you to look at");
    let text = letter.text.show();
    let link = text.split_whitespace().find(|word| word.contains("/list/")).expect("a link");
    // A token may hold any letters by chance.
    let words = text.replace(link, "");
    assert!(!words.contains("Jo") && !words.contains("Rowan") && !words.contains("guitar"), "{words}");
    format!("/{}", link.splitn(4, '/').nth(3).expect("a path"))
}

/// Sends the first places of a wish.
async fn send(site: &Site, all: &Pair, id: AspirationId, how: &str) -> (Visit, Vec<String>) {
    let rowan = Someone::signed_in(site, all.worker);
    let path = format!("/people/{}/wishes/{id}", all.person);
    let venues = rowan.get(site, &path).await.attributes("input[name=place]", "value");
    let form = [("how", how), ("place", &*venues[0]), ("place", &*venues[1]), ("place", &*venues[2])];
    (rowan.post(site, &format!("{path}/list"), &form).await, venues)
}

fn done(site: &Site, all: &Pair, action: &str) -> usize {
    let seen = site.app.db.read_now(|c| audit::of(c, all.person, 1)).expect("the record");
    seen.entries.iter().filter(|entry| entry.action.code() == action).count()
}

async fn a_list_is_opened_by_its_link_and_chosen_from(site: &mut Site) {
    site.load_demo();
    let all = pair(site);
    let id = wish(site, all.person, WORDS);
    let (sent, venues) = send(site, &all, id, "mail").await;
    assert!(sent.text.contains("on its way"), "{sent:?}");
    let link = newest(site).await;
    // A scanner that follows links, and a browser that asks ahead, do nothing.
    assert_eq!(Someone::new().get(site, &link).await.all("main button"), ["Open it"]);
    assert_eq!(Someone::new().get(site, &link).await.status, 200);
    assert_eq!((done(site, &all, "list-shared"), done(site, &all, "list-opened")), (1, 0));
    let phone = Someone::new();
    let opened = phone.ask(site, "POST", &link, &[]).await;
    assert_eq!((opened.status, opened.header("location")), (303, "/list"), "the token is in no address any more");
    assert!(opened.header("set-cookie").contains("HttpOnly") && opened.header("set-cookie").contains("Max-Age=3600"));
    let page = phone.get(site, "/list").await;
    assert_eq!(page.attributes("input[name=venue]", "value"), venues[..3]);
    for kept in
        ["Jo", "Marsh", "Rowan", WORDS, &all.person.to_string(), &id.to_string(), link.rsplit('/').next().expect("a token")]
    {
        assert!(!page.text.contains(kept), "{kept} is on the page");
    }
    let chosen = phone.post(site, "/list", &[("venue", &*venues[1]), ("mark", "choose"), ("why", "it is near the canal")]).await;
    assert!(chosen.text.contains("You chose this") && !chosen.text.contains("canal"), "{chosen:?}");
    phone.post(site, "/list", &[("venue", &*venues[2]), ("mark", "not-for-me")]).await;
    let strange = async |venue: &str, mark| phone.ask(site, "POST", "/list", &[("venue", venue), ("mark", mark)]).await.status;
    assert_eq!((strange(&venues[4], "like").await, strange(&venues[0], "wonderful").await), (404, 404));
    counts_as_theirs(site, &all, id).await;
}

async fn counts_as_theirs(site: &Site, all: &Pair, id: AspirationId) {
    let theirs = all.rowan.get(site, &format!("/people/{}/wishes/{id}", all.person)).await;
    assert!(theirs.text.contains("Chosen") && theirs.text.contains("it is near the canal"), "{theirs:?}");
    assert!(all.rowan.get(site, &format!("/people/{}", all.person)).await.text.contains("On the list: "));
    assert!(all.jo.get(site, &format!("/my-path/wishes/{id}")).await.text.contains("Chosen"));
    assert!(all.jo.get(site, "/my-path/looked").await.text.contains("opened your list of places"));
    assert_eq!((done(site, all, "list-opened"), done(site, all, "list-answered")), (1, 2));
}

/// What a link answers to whoever presses its button, without the token itself.
async fn pressed(site: &Site, link: &str) -> (u16, String) {
    let visit = Someone::new().ask(site, "POST", link, &[]).await;
    (visit.status, visit.text.replace(link, ""))
}

async fn links_that_do_not_work_answer_alike(site: &mut Site) {
    site.load_demo();
    let all = pair(site);
    let id = wish(site, all.person, WORDS);
    let absent = format!("/list/{}", "x".repeat(43));
    let nothing = pressed(site, &absent).await;
    assert_eq!(nothing.0, 422);
    let door = Someone::new().get(site, &absent).await.text.replace(&absent, "");
    let ended = async |site: &Site, link: &str, holder: &Someone| {
        assert_eq!(pressed(site, link).await, nothing);
        assert_eq!(Someone::new().get(site, link).await.text.replace(link, ""), door, "the button looks the same, too");
        let page = holder.get(site, "/list").await;
        assert_eq!((page.status, page.all("h1")), (422, vec!["This link doesn’t work".to_owned()]));
    };
    // Ended by the bridge builder, by the person on their path, and from the list itself; replaced by a newer one; too old.
    for way in ["worker", "path", "list", "newer", "old"] {
        site.later(TimeDelta::minutes(11));
        send(site, &all, id, "mail").await;
        let link = newest(site).await;
        let phone = Someone::new();
        assert_eq!(phone.post(site, &link, &[]).await.all("h1"), ["Places to look at"]);
        let rowan = Someone::signed_in(site, all.worker);
        let theirs = format!("/people/{}/wishes/{id}", all.person);
        match way {
            "worker" => assert!(rowan.post(site, &format!("{theirs}/list/end"), &[]).await.text.contains("opened any more")),
            "path" => {
                assert!(all.jo.post(site, &format!("/my-path/wishes/{id}/list/end"), &[]).await.text.contains("opened any more"))
            }
            "list" => assert_eq!(holder(&phone).post(site, "/list/end", &[]).await.status, 200),
            "newer" => {
                send(site, &all, id, "mail").await;
                assert_eq!(newest(site).await, link, "pressed twice, it is one letter");
                site.later(TimeDelta::minutes(11));
                send(site, &all, id, "mail").await;
                assert_ne!(newest(site).await, link);
            }
            _ => site.later(TimeDelta::days(14)),
        }
        ended(site, &link, &phone).await;
    }
}

/// Another window of the same browser.
fn holder(browser: &Someone) -> Someone {
    let other = Someone::new();
    other.keep("footbridge-list", &browser.cookie("footbridge-list").expect("a list"));
    other
}

async fn without_mail_a_list_is_looked_at_together(site: &mut Site) {
    site.load_demo();
    let mut all = pair(site);
    all.person = someone(site, "Ash Quill", None, all.east, all.worker, true);
    let id = wish(site, all.person, WORDS);
    let (none, _) = send(site, &all, id, "mail").await;
    assert!(none.text.contains("No letter can go to them") && none.all(".notice").len() == 1, "{none:?}");
    assert_eq!(done(site, &all, "list-shared"), 0);
    let path = format!("/people/{}/wishes/{id}", all.person);
    let empty = all.rowan.post(site, &format!("{path}/list"), &[("how", "here")]).await;
    assert!(empty.text.contains("Tick at least one place"), "{empty:?}");
    let (together, venues) = send(site, &all, id, "here").await;
    assert_eq!(together.attributes("input[name=venue]", "value"), venues[..3]);
    assert!(!together.all("main").concat().contains("Ash"), "{together:?}");
    // Another's wish can't be shared, and no one but those who go along shares it.
    let account = site.app.db.read_now(|c| clients::account_of(c, all.person)).expect("an answer");
    assert!(account.is_none());
    for (who, path) in [(&all.jo, &path), (&all.rowan, &format!("/people/{}/wishes/{}", all.person, uuid::Uuid::new_v4()))] {
        let sent = who.ask(site, "POST", &format!("{path}/list"), &[("how", "here"), ("place", &venues[0])]).await;
        assert_eq!(sent.status, 404, "{sent:?}");
    }
}

//! A place that comes along from its page or a list.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use footbridge::{
    accounts,
    schema::{referrals as table, venues},
};

use super::drafts;
use crate::{
    harness::{Site, Visit},
    on_both_databases,
    people::Someone,
};

on_both_databases!(
    a_place_and_words_come_along_and_stand_in_no_address,
    a_place_stays_on_the_note_that_is_sent,
    a_place_that_came_along_can_be_taken_off,
    a_place_that_came_along_is_one_that_they_like,
);

/// The id of a place of the demo.
async fn some_place(site: &Site) -> (String, String) {
    let found = site.get("/api/v1/venues?q=rehearsal&per_page=1").await.json();
    let text = |name: &str| found["items"][0][name].as_str().expect("a text").to_owned();
    (text("id"), text("name"))
}

async fn a_place_and_words_come_along_and_stand_in_no_address(site: &mut Site) {
    site.load_demo();
    let (id, name) = some_place(site).await;
    let someone = Someone::new();
    let page = someone.get(site, &format!("/venues/{id}")).await;
    let link = page.attributes(".glance__try a", "href");
    assert_eq!(link, [format!("/refer/myself?venue={id}")]);
    let first = someone.get(site, &link[0]).await;
    assert_eq!(first.all(".notice strong"), [name.as_str()]);
    let wish = [("text", "I want to drum again"), ("near", "SE29"), ("venue", &id)];
    let found = someone.post(site, "/match", &wish[..2]).await;
    let along = found.attributes("button[formaction]", "formaction");
    assert!(!along.is_empty() && along.iter().all(|to| to == "/refer/myself/start"), "{along:?}");
    let carried = someone.ask(site, "POST", "/refer/myself/start", &wish).await;
    assert_eq!((carried.status, drafts(site)), (200, 0), "nothing is kept until they go on");
    assert_eq!(carried.all("textarea"), ["I want to drum again"]);
    let hidden = |page: &Visit, name: &str| page.attributes(&format!("input[name={name}]"), "value");
    assert_eq!((hidden(&carried, "venue"), hidden(&carried, "near")), (vec![id.clone()], vec!["SE29".to_owned()]));
    let on =
        someone.ask(site, "POST", "/refer/myself", &[("words", "I want to drum again"), ("near", "SE29"), ("venue", &id)]).await;
    assert_eq!(on.header("location"), "/refer/myself/good-at");
    assert_eq!(someone.get(site, "/refer/myself/area").await.attributes("#area", "value"), ["SE29"]);
    assert_eq!(someone.get(site, "/refer/myself/check").await.all(".notice strong"), [name.as_str()]);
    let again = someone.ask(site, "POST", "/refer/myself/start", &[("text", "and sing")]).await;
    assert!(again.all("textarea")[0].contains("I want to drum again and sing"), "nothing written before is lost");
    for nonsense in ["nothing", "../../x", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(someone.ask(site, "POST", "/refer/myself/start", &[("venue", nonsense)]).await.status, 200, "{nonsense}");
    }
}

async fn a_place_stays_on_the_note_that_is_sent(site: &mut Site) {
    site.load_demo();
    let (id, _) = some_place(site).await;
    let keeps = Someone::new();
    keeps.post(site, "/refer/myself", &[("words", "I want to drum again"), ("venue", &id)]).await;
    keeps.post(site, "/refer/myself/name", &[("name", "Morgan")]).await;
    keeps.post(site, "/refer/myself/contact", &[("reach", "phone"), ("reach_at", "07700 900123")]).await;
    keeps.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    let sent: Vec<Option<String>> =
        site.app.db.read_now(|c| Ok(table::table.select(table::venue_id).load(c)?)).expect("referrals");
    assert_eq!(sent, [Some(id)], "the place is on the note that was sent");
}

async fn a_place_that_came_along_can_be_taken_off(site: &mut Site) {
    site.load_demo();
    let (id, name) = some_place(site).await;
    let fresh = Someone::new();
    let form = [("words", "I want to drum again"), ("venue", id.as_str()), ("without", "place")];
    let page = fresh.ask(site, "POST", "/refer/myself", &form).await;
    assert_eq!((page.status, page.all("textarea"), drafts(site)), (200, vec!["I want to drum again".to_owned()], 0));
    assert!(!page.text.contains(&name) && page.all("input[name=venue]").is_empty(), "{page:?}");

    let someone = Someone::new();
    someone.post(site, "/refer/myself", &form[..2]).await;
    someone.post(site, "/refer/myself/name", &[("name", "Morgan")]).await;
    someone.post(site, "/refer/myself/contact", &[("reach", "phone"), ("reach_at", "07700 900123")]).await;
    let check = someone.get(site, "/refer/myself/check").await;
    assert_eq!(check.attributes("form.notice", "action"), ["/refer/myself/without-place"]);
    let other = Someone::new();
    other.post(site, "/refer/myself/without-place", &[]).await;
    assert_eq!(someone.get(site, "/refer/myself/check").await.all(".notice strong"), [name.as_str()], "only by whoever wrote it");
    let without = someone.ask(site, "POST", "/refer/myself/without-place", &[]).await;
    assert_eq!(without.header("location"), "/refer/myself/check");
    let check = someone.get(site, "/refer/myself/check").await;
    assert!(check.all(".notice").is_empty() && check.text.contains("I want to drum again"), "the words stay: {check:?}");
    let again = [("words", "I want to sing"), ("venue", id.as_str()), ("from", "check")];
    someone.post(site, "/refer/myself", &again).await;
    let change =
        someone.ask(site, "POST", "/refer/myself", &[("words", "I want to dance"), ("without", "place"), ("from", "check")]);
    assert_eq!(change.await.attributes("input[name=from]", "value"), ["check"], "still on the way back there");
    assert!(someone.get(site, "/refer/myself/check").await.all(".notice").is_empty(), "nothing is left in what was kept");
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    let sent: Vec<Option<String>> =
        site.app.db.read_now(|c| Ok(table::table.select(table::venue_id).load(c)?)).expect("referrals");
    assert_eq!(sent, [None]);
}

/// Sends a note from a place's page, and gives the writer, signed in.
async fn sent_from(site: &Site, place: &str, words: &str, email: &str) -> Someone {
    let someone = Someone::new();
    someone.post(site, "/refer/myself", &[("words", words), ("venue", place)]).await;
    someone.post(site, "/refer/myself/name", &[("name", "Morgan")]).await;
    someone.post(site, "/refer/myself/contact", &[("reach", "email"), ("reach_at", email)]).await;
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    let mark = site.app.vault.mark("email", email);
    let account = site.app.db.read_now(|c| accounts::store::account_by_mark(c, &mark)).expect("an answer").expect("an account");
    Someone::signed_in(site, account.id.parse().expect("an id"))
}

async fn a_place_that_came_along_is_one_that_they_like(site: &mut Site) {
    site.load_demo();
    let (id, name) = some_place(site).await;
    let place = format!("/venues/{id}");
    let morgan = sent_from(site, &id, "I want to drum again", "m@example.org").await;
    let path = morgan.get(site, "/my-path").await;
    assert!(path.attributes("main a", "href").contains(&place) && path.text.contains("I like:"), "{path:?}");
    let places = path.attributes("main .case a", "href").into_iter().find(|href| href.contains("/wishes/")).expect("a wish");
    let shown = morgan.get(site, &places).await;
    assert!(shown.attributes("main a", "href").iter().any(|href| href.starts_with(&place)), "{shown:?}");
    let wordless = sent_from(site, &id, "", "w@example.org").await.get(site, "/my-path").await;
    assert!(wordless.all("q").iter().any(|words| words.contains(&name)), "{:?}", wordless.all("q"));
    site.app
        .db
        .write_now(|c| Ok(diesel::update(venues::table.find(&id)).set(venues::published.eq(false)).execute(c)?))
        .expect("gone");
    let without = morgan.get(site, "/my-path").await;
    assert!((without.status, without.text.contains("I like:")) == (200, false), "a place that isn't listed shows no more");
}

//! How much mail someone gets: every notice, one letter a day at most, or none that they can do without.

use chrono::TimeDelta;
use diesel::prelude::*;
use footbridge::{accounts::notices, schema::mail_choices};

use crate::{
    desks::{Pair, pair},
    harness::Site,
    on_both_databases,
    people::Someone,
};

on_both_databases!(
    whoever_never_chose_gets_each_letter_and_a_way_to_choose,
    one_letter_a_day_at_most_and_none_if_all_is_read,
    whoever_wants_none_gets_only_what_they_need,
    a_choice_changed_in_between_counts,
    whoever_waits_hears_as_much_as_they_want,
    the_choice_is_taken_along_and_erased,
    someone_without_an_address_has_nothing_to_choose,
    nonsense_is_not_kept,
);

const JO: &str = "jo@example.org";

/// The bridge builder writes to Jo, from a fresh session.
async fn write(site: &Site, all: &Pair, words: &str) {
    let record = format!("/people/{}/entries", all.person);
    let sent = Someone::signed_in(site, all.worker).post(site, &record, &[("sort", "message"), ("body", words)]).await;
    assert!(sent.text.contains("on its way"), "{sent:?}");
}

async fn choose(site: &Site, who: &Someone, choice: &str) {
    let kept = who.post(site, "/account/mail", &[("choice", choice)]).await;
    assert!(kept.text.contains("Your choice is kept"), "{kept:?}");
    assert_eq!(who.get(site, "/account/mail").await.attributes("input[checked]", "value"), [choice]);
}

async fn headings(site: &Site, to: &str) -> Vec<String> {
    site.letters(to).await.into_iter().map(|letter| letter.heading).collect()
}

async fn whoever_never_chose_gets_each_letter_and_a_way_to_choose(site: &mut Site) {
    let all = pair(site);
    for words in ["one", "two"] {
        write(site, &all, words).await;
    }
    let letters = site.letters(JO).await;
    assert_eq!(letters.len(), 2);
    let text = letters[0].text.show();
    let link = text.split_whitespace().find(|word| word.ends_with("/account/mail")).expect("a link");
    // Whoever has the letter only is asked to sign in.
    let stranger = Someone::new();
    let path = link.splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path");
    assert_eq!(stranger.get(site, &path).await.all("h1"), ["Sign in"]);
    assert!(all.jo.get(site, "/my-path").await.attributes("a", "href").contains(&path));
    assert!(all.jo.get(site, "/account").await.attributes("a", "href").contains(&path));
    assert_eq!(all.jo.get(site, &path).await.attributes("input[checked]", "value"), ["each"]);
}

async fn one_letter_a_day_at_most_and_none_if_all_is_read(site: &mut Site) {
    let all = pair(site);
    choose(site, &all.jo, "daily").await;
    write(site, &all, "Tuesday at the studio?").await;
    assert_eq!(headings(site, JO).await, ["Something new is waiting for you"], "the first of the day comes at once");
    for (hours, words) in [(1, "or Thursday?"), (9, "I bring tea"), (13, "all day")] {
        site.later(TimeDelta::hours(hours));
        write(site, &all, words).await;
    }
    assert_eq!(headings(site, JO).await.len(), 1, "23 hours later");
    site.later(TimeDelta::hours(1));
    let letters = site.letters(JO).await;
    assert_eq!(letters.len(), 2, "a day later, one for all three");
    let said = format!("{} {}", letters[1].heading, letters[1].text.show());
    let words: Vec<&str> = said.split(|c: char| !c.is_alphanumeric()).collect();
    for private in ["studio", "Thursday", "tea", "Rowan", "Jo", "3", "three"] {
        assert!(!words.contains(&private), "{private}");
    }
    // What was read meanwhile needs no letter.
    site.later(TimeDelta::hours(1));
    write(site, &all, "See you there").await;
    all.jo.get(site, "/my-path").await;
    site.later(TimeDelta::days(2));
    assert_eq!(headings(site, JO).await.len(), 2);
    // And what comes after that is told again.
    write(site, &all, "How was it?").await;
    assert_eq!(headings(site, JO).await.len(), 3);
}

async fn whoever_wants_none_gets_only_what_they_need(site: &mut Site) {
    let all = pair(site);
    choose(site, &all.jo, "needed").await;
    write(site, &all, "Tuesday?").await;
    site.later(TimeDelta::days(3));
    assert!(headings(site, JO).await.is_empty());
    Someone::new().post(site, "/sign-in", &[("email", JO)]).await;
    assert_eq!(headings(site, JO).await, ["Your link to sign in"]);
    assert!(all.jo.get(site, "/my-path").await.text.contains("Tuesday?"), "it is there to read");
}

async fn a_choice_changed_in_between_counts(site: &mut Site) {
    let all = pair(site);
    choose(site, &all.jo, "daily").await;
    write(site, &all, "one").await;
    assert_eq!(headings(site, JO).await.len(), 1);
    write(site, &all, "two").await;
    choose(site, &all.jo, "needed").await;
    site.later(TimeDelta::days(2));
    assert_eq!(headings(site, JO).await.len(), 1, "they want none now");
    choose(site, &all.jo, "each").await;
    write(site, &all, "three").await;
    assert_eq!(headings(site, JO).await.len(), 2);
}

async fn whoever_waits_hears_as_much_as_they_want(site: &mut Site) {
    let all = pair(site);
    let account =
        site.app.db.read_now(|c| footbridge::accounts::clients::account_of(c, all.person)).expect("an answer").expect("one");
    let may = || site.app.db.write_now(|c| notices::may_write(c, account, site.now())).expect("an answer");
    assert!(may() && may());
    choose(site, &all.jo, "needed").await;
    assert!(!may());
    choose(site, &all.jo, "daily").await;
    assert!(may() && !may(), "once a day");
    write(site, &all, "one").await;
    assert!(headings(site, JO).await.is_empty(), "that was the day's letter");
    site.later(TimeDelta::days(1));
    assert_eq!(headings(site, JO).await.len(), 1);
}

async fn the_choice_is_taken_along_and_erased(site: &mut Site) {
    let all = pair(site);
    choose(site, &all.jo, "daily").await;
    write(site, &all, "one").await;
    site.finish_jobs().await;
    write(site, &all, "two").await;
    assert_eq!(all.jo.get(site, "/my-path/download.json").await.json()["mail_choices"][0]["choice"], "daily");
    assert!(all.jo.get(site, "/my-path/download").await.text.contains("How much mail you get"));
    assert_eq!(all.jo.post(site, "/my-path/erase", &[("sure", "yes")]).await.all("h1"), ["It is erased"]);
    let left: i64 = site.app.db.read_now(|c| Ok(mail_choices::table.count().get_result(c)?)).expect("a count");
    assert_eq!(left, 0);
    site.later(TimeDelta::days(2));
    assert_eq!(headings(site, JO).await.len(), 1, "the letter that was to come finds nobody");
}

async fn someone_without_an_address_has_nothing_to_choose(site: &mut Site) {
    let all = pair(site);
    let ash = crate::desks::someone(site, "Ash", None, all.east, all.worker, true);
    let sent = all.rowan.post(site, &format!("/people/{ash}/entries"), &[("sort", "message"), ("body", "Hello")]).await;
    assert!(sent.text.contains("no way in yet"), "{sent:?}");
    let card = all.rowan.post(site, &format!("/people/{ash}/card"), &[]).await;
    let phone = Someone::new();
    phone.post(site, "/sign-in/card", &[("code", &card.all(".ticket__code").concat())]).await;
    let page = phone.get(site, "/account/mail").await;
    assert!(page.all("main form").is_empty() && page.text.contains("no e-mail address"), "{page:?}");
}

async fn nonsense_is_not_kept(site: &mut Site) {
    let all = pair(site);
    for choice in ["", "hourly"] {
        let wrong = all.jo.ask(site, "POST", "/account/mail", &[("choice", choice)]).await;
        assert_eq!((wrong.status, wrong.all("#choice-error").len()), (422, 1), "{choice}");
    }
    assert_eq!(all.jo.get(site, "/account/mail").await.attributes("input[checked]", "value"), ["each"]);
}

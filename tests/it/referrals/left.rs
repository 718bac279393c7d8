//! A note that is left: taken up again, on another device, in two windows, or never.

use footbridge::referrals::draft;

use super::{about, answer_all, drafts, keys, referrals};
use crate::{
    harness::{Site, clock},
    on_both_databases,
    people::Someone,
};

on_both_databases!(
    a_note_is_left_and_taken_up_again,
    a_note_leaves_a_shared_device_when_its_link_is_sent,
    a_note_is_taken_up_on_another_device_by_its_link,
    two_windows_make_one_referral,
    a_note_that_waits_too_long_is_gone,
    another_s_note_is_out_of_reach,
);

async fn a_note_is_left_and_taken_up_again(site: &mut Site) {
    let someone = Someone::new();
    let kept = someone.post(site, "/refer/myself", &[("words", "I want to drum again"), ("later", "yes")]).await;
    assert_eq!(kept.all("h1"), ["Your answers are kept"]);
    let back = someone.get(site, "/refer/myself").await;
    assert_eq!(back.all("textarea"), ["I want to drum again"]);
    assert_eq!(someone.get(site, "/refer/myself/good-at").await.status, 200);
    let elsewhere = Someone::new().get(site, "/refer/myself/good-at").await;
    assert!(elsewhere.text.contains("We lost your place") && !elsewhere.text.contains("drum"), "{elsewhere:?}");
    let gone = someone.post(site, "/refer/myself/delete", &[]).await;
    assert_eq!((gone.status, drafts(site), keys(site)), (200, 0, 0), "{gone:?}");
    assert_eq!(someone.get(site, "/refer/myself").await.all("textarea"), [""]);
}

async fn a_note_leaves_a_shared_device_when_its_link_is_sent(site: &mut Site) {
    let here = Someone::new();
    here.post(site, "/refer/myself", &[("words", "I want to drum again")]).await;
    let off = here.post(site, "/refer/myself/later", &[("email", "morgan@example.org"), ("off", "yes")]).await;
    assert!(off.text.contains("Your answers are off this device"), "{off:?}");
    assert_eq!(here.get(site, "/refer/myself").await.all("textarea"), [""]);
    let letters = site.letters("morgan@example.org").await;
    let link = letters[0].text.show().split_whitespace().find(|word| word.contains("/note/")).expect("a link").to_owned();
    let there = Someone::new();
    there.post(site, &link[link.find("/note/").expect("a path")..], &[]).await;
    assert_eq!(there.get(site, "/refer/myself").await.all("textarea"), ["I want to drum again"]);
}

async fn a_note_is_taken_up_on_another_device_by_its_link(site: &mut Site) {
    let here = Someone::new();
    here.post(site, "/refer/myself", &[("words", "I want to drum again")]).await;
    let wrong = here.post(site, "/refer/myself/later", &[("email", "morgan")]).await;
    assert_eq!((wrong.status, wrong.attributes("#email", "value")), (422, vec!["morgan".to_owned()]));
    let sent = here.post(site, "/refer/myself/later", &[("email", "morgan@example.org")]).await;
    assert!(sent.text.contains("A letter with your link is on its way"), "{sent:?}");
    let letters = site.letters("morgan@example.org").await;
    let [letter] = &letters[..] else { panic!("one letter") };
    assert!(!letter.text.show().contains("drum") && !letter.text.show().contains("refer"));
    let link = letter.text.show().split_whitespace().find(|word| word.contains("/note/")).expect("a link").to_owned();
    let path = link[link.find("/note/").expect("a path")..].to_owned();
    let there = Someone::new();
    let button = there.get(site, &path).await;
    assert!(!button.text.contains("drum"), "a scanner that follows links sees nothing");
    assert_eq!(here.get(site, "/refer/myself").await.all("textarea"), ["I want to drum again"], "and takes nothing up");
    let on = there.post(site, &path, &[]).await;
    assert_eq!(on.all("h1"), ["What do you like, or what are you good at?"]);
    assert_eq!(there.get(site, "/refer/myself").await.all("textarea"), ["I want to drum again"]);
    assert_eq!(here.get(site, "/refer/myself").await.all("textarea"), [""], "it is on the other device now");
    answer_all(site, &there).await;
    there.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    let late = Someone::new();
    let spent = late.post(site, &path, &[]).await;
    assert_eq!(spent.all("h1"), ["This link doesn’t work"], "once it was sent, the letter leads nowhere");
    assert!(late.cookie("footbridge-note").is_none());
    let nothing = Someone::new().post(site, "/note/nothing", &[]).await;
    assert_eq!(nothing.all("h1"), ["This link doesn’t work"]);
}

async fn two_windows_make_one_referral(site: &mut Site) {
    let someone = Someone::new();
    answer_all(site, &someone).await;
    let other = Someone::new();
    other.keep("footbridge-note", &someone.cookie("footbridge-note").expect("a note"));
    let (one, two) = tokio::join!(
        someone.ask(site, "POST", "/refer/myself/check", &[("agree", "yes")]),
        other.ask(site, "POST", "/refer/myself/check", &[("agree", "yes")]),
    );
    for sent in [one, two] {
        assert_eq!((sent.status, sent.header("location")), (303, "/refer/thanks"), "{sent:?}");
    }
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!(referrals(site).len(), 1);
    let back = someone.get(site, "/refer/myself").await;
    assert_eq!(back.all("h1"), ["We have your note"]);
    assert!(!back.text.contains("drum"), "nothing of it is shown any more");
    someone.post(site, "/refer/myself", &[("words", "Something else")]).await;
    someone.post(site, "/refer/myself/name", &[("name", "Somebody")]).await;
    let [(_, person)] = referrals(site)[..] else { panic!("one referral") };
    assert_eq!(about(site, person).called(), "Morgan", "what was sent can't be changed from there");
    someone.post(site, "/refer/myself/new", &[]).await;
    answer_all(site, &someone).await;
    someone.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!(referrals(site).len(), 2, "another note is another referral");
}

async fn a_note_that_waits_too_long_is_gone(site: &mut Site) {
    let (waits, sent) = (Someone::new(), Someone::new());
    waits.post(site, "/refer/myself", &[("words", "I want to drum again")]).await;
    answer_all(site, &sent).await;
    sent.post(site, "/refer/myself/check", &[("agree", "yes")]).await;
    assert_eq!((drafts(site), keys(site)), (2, 3));
    let before = clock().stamp() + draft::LASTS - chrono::TimeDelta::seconds(1);
    site.app.db.write_now(|c| draft::tidy(c, before)).expect("it is tidied");
    assert_eq!((drafts(site), keys(site)), (2, 3));
    site.app.db.write_now(|c| draft::tidy(c, clock().stamp() + draft::LASTS)).expect("it is tidied");
    assert_eq!((drafts(site), keys(site)), (0, 2), "what was sent keeps its key, and so does the account");
    let [(_, person)] = referrals(site)[..] else { panic!("one referral") };
    assert_eq!(about(site, person).called(), "Morgan");
}

async fn another_s_note_is_out_of_reach(site: &mut Site) {
    let (mine, theirs) = (Someone::new(), Someone::new());
    mine.post(site, "/refer/myself", &[("words", "my own words")]).await;
    theirs.post(site, "/refer/myself", &[("words", "their own words")]).await;
    let forged = Someone::new();
    let hash = footbridge::accounts::token::Token::sent(&mine.cookie("footbridge-note").expect("a note")).hash();
    for guess in [hash.as_str(), "nothing", ""] {
        forged.keep("footbridge-note", guess);
        assert!(!forged.get(site, "/refer/myself").await.text.contains("my own words"));
        assert!(!forged.get(site, "/refer/myself/check").await.text.contains("my own words"));
        forged.post(site, "/refer/myself/delete", &[]).await;
    }
    assert!(theirs.get(site, "/refer/myself/check").await.text.contains("their own words"));
    assert!(!theirs.get(site, "/refer/myself/check").await.text.contains("my own words"));
    assert!(mine.get(site, "/refer/myself").await.text.contains("my own words"));
}

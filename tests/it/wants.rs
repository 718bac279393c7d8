//! What someone wants, said in full: kept as they said it, followed by the places beside it, changed by them or with them.

use chrono::TimeDelta;
use footbridge::{
    accounts::{Role, State},
    people::{self, aspirations},
    vocabulary::Domain,
};

use crate::{
    desks::{pair, wish},
    harness::Site,
    on_both_databases,
    people::{Someone, account_with, team},
};

on_both_databases!(
    places_follow_what_was_said_beside_the_words,
    a_wish_with_something_wrong_loses_nothing,
    a_bridge_builder_writes_a_wish_down_with_the_person,
    nobodys_words_are_lost_when_a_wish_is_changed,
    words_that_were_changed_with_someone_say_so_and_are_put_back_by_one_press,
    parts_of_life_that_were_ticked_stay_and_others_go_back_with_the_words,
    how_a_wish_stands_is_theirs_to_say_and_whoever_notes_it_is_named,
    words_from_clinics_in_a_wish_are_asked_about_once,
    words_from_clinics_about_oneself_are_asked_about_once,
    whoever_writes_is_told_who_can_read_it,
    whoever_writes_of_dying_finds_help_first_on_their_path,
    a_reason_stays_where_the_same_is_said_again,
    what_someone_changed_meanwhile_is_not_overwritten,
);

async fn places_follow_what_was_said_beside_the_words(site: &mut Site) {
    site.load_demo();
    let all = pair(site);
    let own = format!("/my-path/wishes/{}", wish(site, all.person, "play guitar with others"));
    let change = format!("{own}/change");
    let before = all.jo.get(site, &own).await;
    assert!(!before.text.contains("Step-free entrance") && !before.text.contains("look for this first"), "{before:?}");
    assert_eq!(before.attributes("main p a[href$=change]", "href"), [&*change]);
    let form = [
        ("words", "play guitar with others"),
        ("near", "SE29"),
        ("within_km", "5"),
        ("when", "Tuesday mornings"),
        ("cost", "up to £5"),
        ("with_whom", "alone"),
        ("access", "step_free"),
        ("access", "wifi"),
        ("easier", "a small group"),
        ("domains", "befriending"),
        ("domains", "arts"),
        ("state", "open"),
    ];
    let places = all.jo.post(site, &change, &form).await;
    let main = places.all("main").concat();
    for said in ["Tuesday mornings", "up to £5", "By myself", "Up to 5 km", "a small group", "Befriending, Arts"] {
        assert!(main.contains(said), "{said} is missing: {main}");
    }
    for sought in ["On Tuesday", "In the morning", "£5 at most", "Can come alone", "Free Wi-Fi", "Few people at a time"] {
        assert!(main.contains(sought), "{sought} isn’t looked for: {main}");
    }
    let reasons = places.all(".dots li");
    for weighed in ["Step-free entrance", "Can come alone", "on Tuesday in the morning"] {
        assert!(reasons.iter().any(|reason| reason.contains(weighed)), "{weighed} isn’t weighed: {reasons:?}");
    }
    // What was kept comes back into the form, and the bridge builder reads it.
    let again = all.jo.get(site, &change).await;
    assert_eq!(again.attributes("input[name=access][checked], input[name=domains][checked]", "value").len(), 4, "{again:?}");
    assert_eq!(again.attributes("#cost", "value"), ["up to £5"]);
    let theirs = all.rowan.get(site, &own.replace("/my-path", &format!("/people/{}", all.person))).await;
    assert!(theirs.all(".said").concat().contains("Tuesday mornings"), "{theirs:?}");
    // Where they say nothing of where, it is near their home; a place that we don't know is said to be one.
    let nowhere = all.jo.post(site, &change, &[("words", "play guitar"), ("near", "by the old mill")]).await;
    assert!(nowhere.all(".notice").concat().contains("by the old mill"), "{nowhere:?}");
    all.jo.post(site, "/my-path/about", &[("chosen_name", "Jo"), ("area", "SE29")]).await;
    let home = all.jo.post(site, &change, &[("words", "play guitar")]).await;
    assert!(home.text.contains("SE29, near home") && home.text.contains("from SE29"), "{home:?}");
    let reached = all.jo.post(site, &change, &[("words", "play guitar"), ("state", "reached")]).await;
    assert_eq!(reached.all(".case__state"), ["I do this now"]);
}

async fn a_wish_with_something_wrong_loses_nothing(site: &mut Site) {
    let all = pair(site);
    let own = format!("/my-path/wishes/{}/change", wish(site, all.person, "play guitar"));
    let long = "x".repeat(201);
    let form = [
        ("words", ""),
        ("near", &*long),
        ("when", "Tuesdays"),
        ("within_km", "8"),
        ("with_whom", "others"),
        ("access", "quiet"),
        ("domains", "faith"),
        ("state", "paused"),
    ];
    let wrong = all.jo.post(site, &own, &form).await;
    assert_eq!((wrong.status, wrong.all("#words-error").len(), wrong.all("#near-error").len()), (422, 1, 1));
    assert_eq!(wrong.attributes("#near, #when", "value"), [&*long, "Tuesdays"]);
    assert_eq!(wrong.attributes("input[checked]", "value"), ["8", "others", "quiet", "faith", "paused"]);
    let kept = site.app.db.read_now(|c| aspirations::of(c, &site.app.vault, all.person)).expect("wishes");
    assert_eq!((kept[0].wanted.words.as_str(), kept[0].state), ("play guitar", aspirations::State::Open));
    // Nobody else's can be seen or changed.
    let nell = account_with(site, "nell@example.org", "Nell", State::Active, Role::BridgeBuilder, Some(team(site, "West")));
    let nell = Someone::signed_in(site, nell);
    let theirs = own.replace("/my-path", &format!("/people/{}", all.person));
    for (who, path) in [(&nell, &theirs), (&all.rowan, &own), (&all.jo, &theirs)] {
        assert_eq!(who.ask(site, "GET", path, &[]).await.status, 404, "{path}");
        assert_eq!(who.ask(site, "POST", path, &[("words", "golf")]).await.status, 404, "{path}");
    }
}

async fn a_bridge_builder_writes_a_wish_down_with_the_person(site: &mut Site) {
    let all = pair(site);
    let record = format!("/people/{}", all.person);
    let new = format!("{record}/wishes/new");
    assert_eq!(all.rowan.get(site, &record).await.attributes("a[href$=new]", "href"), [&*new]);
    let wrong = all.rowan.post(site, &new, &[("when", "Fridays")]).await;
    assert_eq!((wrong.status, wrong.attributes("#when", "value")), (422, vec!["Fridays".to_owned()]));
    let places = all.rowan.post(site, &new, &[("words", "mend old radios"), ("when", "Fridays"), ("state", "reached")]).await;
    assert_eq!(places.all(".case__state"), ["I want this"], "how it stands is not for a new one");
    let path = all.jo.get(site, "/my-path").await;
    assert!(path.text.contains("mend old radios"), "{path:?}");
    let written = all.rowan.get(site, &record).await;
    let entries = written.all(".entry");
    assert!(entries.iter().any(|entry| entry.contains("Rowan Ashby") && entry.contains("what you want")), "{entries:?}");
    let change = places.attributes("main p a[href$=change]", "href").concat();
    all.rowan.post(site, &change, &[("words", "mend old radios"), ("cost", "nothing")]).await;
    assert!(all.rowan.get(site, &record).await.text.contains("Changed with you"));
}

async fn nobodys_words_are_lost_when_a_wish_is_changed(site: &mut Site) {
    let all = pair(site);
    let id = wish(site, all.person, "play guitar with others");
    let (own, theirs) = (format!("/my-path/wishes/{id}"), format!("/people/{}/wishes/{id}", all.person));
    assert!(all.jo.get(site, &own).await.all("details .entry").is_empty(), "nothing was changed yet");
    all.rowan.post(site, &format!("{theirs}/change"), &[("words", "join a band"), ("when", "Fridays")]).await;
    for _ in 0..2 {
        site.later(TimeDelta::minutes(1));
        all.jo.post(site, &format!("{own}/change"), &[("words", "join a loud band"), ("when", "Fridays")]).await;
    }
    let before = |by: &str, back: [&str; 2]| {
        [
            format!("Until 21 November 2026, changed by {by}join a bandWhenFridays{}", back[0]),
            format!("Until 21 November 2026, changed by Rowan Ashbyplay guitar with othersNearSE29{}", back[1]),
        ]
    };
    let buttons = ["Put these words back: join a band", "Put these words back: play guitar with others"];
    assert_eq!(all.jo.get(site, &own).await.all("details .entry"), before("you", buttons), "what wasn’t changed is kept once");
    assert_eq!(all.rowan.get(site, &theirs).await.all("details .entry"), before("themself", ["", ""]));
    let written = all.jo.get(site, "/my-path/written").await.all(".entry");
    let told = written.iter().filter(|line| line.contains("Changed with you what you want.")).count();
    assert_eq!(told, 1, "{written:?}");
    let file = all.jo.get(site, "/my-path/download.json").await.json();
    assert_eq!(file["earlier_aspirations"].as_array().map(Vec::len), Some(2));
    assert_eq!(all.jo.post(site, "/my-path/erase", &[("sure", "yes")]).await.all("h1"), ["It is erased"]);
}

async fn words_that_were_changed_with_someone_say_so_and_are_put_back_by_one_press(site: &mut Site) {
    let all = pair(site);
    let id = wish(site, all.person, "play guitar");
    let (own, theirs) = (format!("/my-path/wishes/{id}"), format!("/people/{}/wishes/{id}", all.person));
    assert!(!all.jo.get(site, &own).await.text.contains("wrote this with"), "it is theirs alone");
    all.rowan.post(site, &format!("{theirs}/change"), &[("words", "grow beans"), ("domains", "arts")]).await;
    let changed = all.jo.get(site, &own).await;
    assert!(changed.all("main p").contains(&"Rowan Ashby wrote this with you on 21 November 2026.".to_owned()), "{changed:?}");
    let along = all.rowan.get(site, &theirs).await;
    assert!(along.all("main p").contains(&"Rowan Ashby wrote this with them on 21 November 2026.".to_owned()), "{along:?}");
    assert!(along.attributes("button[name=earlier]", "value").is_empty(), "only the person puts words back");
    let back = changed.attributes("button[name=earlier]", "value").concat();
    let path = format!("{own}/earlier");
    // Twice, as from two tabs.
    for _ in 0..2 {
        site.later(TimeDelta::minutes(1));
        let stands = all.jo.post(site, &path, &[("earlier", &back)]).await;
        assert_eq!(stands.all(".lead").concat(), "play guitar");
        assert!(stands.all(".notice").concat().contains("Your earlier words stand again."), "{stands:?}");
        assert!(!stands.text.contains("wrote this with you"), "{stands:?}");
        assert_eq!(stands.all("details .entry").len(), 2, "what stood in between is kept: {stands:?}");
        assert_eq!(stands.attributes("button[name=earlier]", "value").len(), 1, "{stands:?}");
    }
    // Nothing of another wish, of another's or of nobody's is put back.
    let other = format!("/my-path/wishes/{}/earlier", wish(site, all.person, "cook"));
    assert_eq!(all.jo.ask(site, "POST", &other, &[("earlier", &back)]).await.status, 404);
    assert_eq!(all.jo.ask(site, "POST", &path, &[("earlier", "nothing")]).await.status, 404);
    assert_eq!(all.rowan.ask(site, "POST", &path, &[("earlier", &back)]).await.status, 404);
}

async fn parts_of_life_that_were_ticked_stay_and_others_go_back_with_the_words(site: &mut Site) {
    let all = pair(site);
    let id = wish(site, all.person, "play guitar");
    let own = format!("/my-path/wishes/{id}");
    let parts =
        |site: &Site| site.app.db.read_now(|c| aspirations::one(c, &site.app.vault, all.person, id)).expect("a wish").domains;
    let change = async |site: &Site, form: &[(&str, &str)]| {
        site.later(TimeDelta::minutes(1));
        let changed = all.jo.post(site, &format!("{own}/change"), form).await;
        changed.attributes("button[name=earlier]", "value")
    };
    let put_back = async |site: &Site, earlier: &str| {
        site.later(TimeDelta::minutes(1));
        assert_eq!(all.jo.post(site, &format!("{own}/earlier"), &[("earlier", earlier)]).await.status, 200);
    };
    let guitar = change(site, &[("words", "grow beans"), ("domains", "arts")]).await;
    put_back(site, &guitar[0]).await;
    assert_eq!(parts(site), [Domain::Arts], "it was ticked");
    change(site, &[("words", "play guitar")]).await;
    let followed = parts(site);
    let guitar = change(site, &[("words", "play football")]).await;
    assert_ne!(parts(site), followed);
    put_back(site, &guitar[0]).await;
    assert_eq!(parts(site), followed);
}

async fn how_a_wish_stands_is_theirs_to_say_and_whoever_notes_it_is_named(site: &mut Site) {
    let all = pair(site);
    let id = wish(site, all.person, "play guitar");
    let change = format!("/people/{}/wishes/{id}/change", all.person);
    let form = [("words", "play guitar"), ("domains", "arts"), ("state", "open")];
    all.rowan.post(site, &change, &form).await;
    all.rowan.post(site, &change, &[form[0], form[1], ("state", "reached")]).await;
    let written = all.jo.get(site, "/my-path/written").await.all(".entry");
    let noted: Vec<&String> = written.iter().filter(|line| line.contains("Written down as told")).collect();
    assert_eq!(noted.len(), 1, "{written:?}");
    assert!(noted[0].contains("Rowan Ashby") && noted[0].contains("“I do this now”"), "{noted:?}");
    all.jo.post(site, &format!("/my-path/wishes/{id}/state"), &[("state", "open")]).await;
    assert_eq!(all.rowan.get(site, &format!("/people/{}", all.person)).await.all(".case__facts"), ["I want this"]);
}

async fn words_from_clinics_in_a_wish_are_asked_about_once(site: &mut Site) {
    let all = pair(site);
    let (id, other) = (wish(site, all.person, "play guitar"), wish(site, all.person, "cook"));
    let (own, theirs) = (format!("/my-path/wishes/{id}/change"), format!("/people/{}/wishes", all.person));
    let wishes = |site: &Site| site.app.db.read_now(|c| aspirations::of(c, &site.app.vault, all.person)).expect("wishes");
    let words = "sing, and I am on a depot";
    for (who, path) in [
        (&all.jo, "/my-path/wishes".to_owned()),
        (&all.jo, own.clone()),
        (&all.rowan, format!("{theirs}/new")),
        (&all.rowan, format!("{theirs}/{other}/change")),
    ] {
        let before = wishes(site).len();
        let form = [("words", words), ("near", "SE29")];
        let asked = who.post(site, &path, &form).await;
        assert!(
            asked.status == 200 && asked.all(".notice").concat().contains("You wrote “depot”. Did you mean to?"),
            "{asked:?}"
        );
        assert_eq!((asked.all("#words"), asked.attributes("#near", "value")), (vec![words.to_owned()], vec!["SE29".to_owned()]));
        assert_eq!((asked.attributes("input[name=meant]", "value"), wishes(site).len()), (vec!["yes".to_owned()], before));
        let action = asked.attributes("main form", "action");
        assert_eq!(action, [path.as_str()]);
        who.post(site, &path, &[form[0], form[1], ("meant", "yes")]).await;
        assert!(wishes(site).iter().any(|wish| wish.wanted.words.as_str() == words), "it stops nobody");
    }
    // What was meant stays, and isn't asked about when something else is changed.
    let again = [("words", words), ("when", "Fridays")];
    for (who, path) in [(&all.jo, &own), (&all.rowan, &format!("{theirs}/{id}/change"))] {
        assert!(who.post(site, path, &again).await.all(".said").concat().contains("Fridays"), "{path}");
    }
}

async fn words_from_clinics_about_oneself_are_asked_about_once(site: &mut Site) {
    let all = pair(site);
    let theirs = format!("/people/{}/about", all.person);
    let about = |site: &Site| {
        site.app.db.read_now(|c| people::about(c, &site.app.vault, all.person)).expect("an answer").expect("someone")
    };
    for (who, path, words) in
        [(&all.jo, "/my-path/about", "drums, since my psychosis"), (&all.rowan, &*theirs, "no stairs, on lithium")]
    {
        let name = if path == theirs { "access_needs" } else { "could_teach" };
        let form = [("chosen_name", "Jo"), (name, words), ("phone", "020 7946 0000")];
        let asked = who.post(site, path, &form).await;
        assert!(asked.status == 200 && asked.all(".notice").concat().contains("Did you mean to?"), "{asked:?}");
        assert_eq!(
            (asked.all(&format!("#{name}")), asked.attributes("#phone", "value")),
            (vec![words.to_owned()], vec![form[2].1.to_owned()])
        );
        assert!(about(site).contact.phone.as_str().is_empty(), "nothing is kept yet");
        who.post(site, path, &[form[0], form[1], form[2], ("meant", "yes")]).await;
        assert_eq!(about(site).contact.phone.as_str(), form[2].1, "it stops nobody");
        who.post(site, path, &[form[0], form[1]]).await;
        assert!(about(site).contact.phone.as_str().is_empty(), "it was meant, and isn’t asked about again");
    }
    // What nobody but the team is told is not asked about.
    all.jo.post(site, "/my-path/about", &[("chosen_name", "Jo"), ("never_say", "nothing about my medication")]).await;
    assert_eq!(about(site).contact.never_say.as_str(), "nothing about my medication");
}

async fn whoever_writes_is_told_who_can_read_it(site: &mut Site) {
    let all = pair(site);
    let id = wish(site, all.person, "play guitar");
    let record = format!("/people/{}", all.person);
    let pages = [
        (&all.jo, "/my-path".to_owned()),
        (&all.jo, "/my-path/about".to_owned()),
        (&all.jo, format!("/my-path/wishes/{id}/change")),
        (&all.rowan, record.clone()),
        (&all.rowan, format!("{record}/about")),
        (&all.rowan, format!("{record}/wishes/new")),
        (&all.rowan, format!("{record}/wishes/{id}/change")),
    ];
    for (who, path) in pages {
        let page = who.get(site, &path).await;
        let told = page.all("main .lead, main form + p, main p, main .govuk-hint").concat();
        assert!(!page.all("main textarea").is_empty() && told.contains("can read"), "{path}: {told}");
    }
    let task = all.rowan.get(site, &record).await.all("#what-hint");
    assert_eq!(task, ["They can read this, too."]);
}

async fn whoever_writes_of_dying_finds_help_first_on_their_path(site: &mut Site) {
    let all = pair(site);
    let helped = async |site: &Site| all.jo.get(site, "/my-path").await.all(".help-first").len();
    wish(site, all.person, "sing with others");
    assert_eq!(helped(site).await, 0);
    all.jo.post(site, "/my-path/messages", &[("body", "I want to die")]).await;
    assert_eq!(helped(site).await, 1, "a message");
    for thanks in ["Thank you for the tea", "Thank you for the cake", "Thank you"] {
        site.later(TimeDelta::minutes(1));
        all.jo.post(site, "/my-path/messages", &[("body", thanks)]).await;
    }
    assert_eq!(helped(site).await, 0, "not for ever");
    all.jo.post(site, "/my-path/wishes", &[("words", "I want to kill myself")]).await;
    assert_eq!(helped(site).await, 1, "a wish");
}

async fn a_reason_stays_where_the_same_is_said_again(site: &mut Site) {
    site.load_demo();
    let all = pair(site);
    let own = format!("/my-path/wishes/{}", wish(site, all.person, "play guitar with others"));
    let place = all.jo.get(site, &own).await.attributes("input[name=venue]", "value")[0].clone();
    all.jo.post(site, &own, &[("venue", &place), ("mark", "like"), ("why", "near the canal")]).await;
    let chosen = all.jo.post(site, &own, &[("venue", &place), ("mark", "choose"), ("why", "")]).await;
    assert!(chosen.text.contains("near the canal"), "{chosen:?}");
    let other = all.jo.post(site, &own, &[("venue", &place), ("mark", "not-for-me"), ("why", "")]).await;
    assert!(!other.text.contains("near the canal"), "another opinion has other reasons");
}

async fn what_someone_changed_meanwhile_is_not_overwritten(site: &mut Site) {
    let all = pair(site);
    let record = format!("/people/{}", all.person);
    let form = all.rowan.get(site, &format!("{record}/about")).await;
    let shown = form.attributes("input[name=shown]", "value")[0].clone();
    let theirs = |phone: &'static str, languages: &'static str| {
        [
            ("chosen_name", "Jo Marsh"),
            ("strengths", "rhythm guitar"),
            ("email", "jo@example.org"),
            ("phone", phone),
            ("languages", languages),
        ]
    };
    all.jo.post(site, "/my-path/about", &[&theirs("07700 900123", "")[..], &[("never_say", "the hospital")]].concat()).await;
    let kept =
        all.rowan.post(site, &format!("{record}/about"), &[&theirs("", "Polish")[..], &[("shown", &shown)]].concat()).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    let page = all.rowan.get(site, &record).await;
    for said in ["07700 900123", "the hospital", "Polish"] {
        assert!(page.text.contains(said), "{said} is lost");
    }
    let both = all
        .rowan
        .post(site, &format!("{record}/about"), &[&theirs("07700 900999", "Polish")[..], &[("shown", &shown)]].concat())
        .await;
    assert_eq!((both.status, both.attributes("#phone", "value")), (422, vec!["07700 900999".to_owned()]));
    assert!(both.all("#phone-error").concat().contains("07700 900123"), "{both:?}");
    let again = both.attributes("input[name=shown]", "value")[0].clone();
    let sent = [&theirs("07700 900999", "Polish")[..], &[("never_say", "the hospital"), ("shown", &again)]].concat();
    assert_eq!(all.rowan.post(site, &format!("{record}/about"), &sent).await.status, 200, "sent once more, theirs stands");
    // The same of a wish.
    let id = wish(site, all.person, "play guitar");
    let (own, change) = (format!("/my-path/wishes/{id}/change"), format!("{record}/wishes/{id}/change"));
    let shown = all.rowan.get(site, &change).await.attributes("input[name=shown]", "value")[0].clone();
    all.jo.post(site, &own, &[("words", "drums, not guitar"), ("near", "SE29")]).await;
    all.rowan.post(site, &change, &[("words", "play guitar"), ("near", "SE29"), ("cost", "£5"), ("shown", &shown)]).await;
    let wishes = site.app.db.read_now(|c| aspirations::of(c, &site.app.vault, all.person)).expect("wishes");
    assert_eq!((wishes[0].wanted.words.as_str(), wishes[0].wanted.cost.as_str()), ("drums, not guitar", "£5"));
}

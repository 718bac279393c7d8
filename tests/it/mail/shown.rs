//! The demo's post, and what `footbridge check` says of mail.

use footbridge::{
    mail::{self, NewMessage},
    values::SubjectId,
    vault::Private,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    CHOOSE, LINK,
    server::{Does, Moment, Server},
};
use crate::{
    check::check,
    harness::{Site, clock},
    on_both_databases,
};

on_both_databases!(the_demo_shows_its_post, the_post_is_paged, there_is_no_post_elsewhere);

/// Posts a letter to each of these.
async fn post(site: &Site, to: &[&str]) {
    let (vault, now) = (site.app.vault.clone(), clock().stamp());
    let to: Vec<String> = to.iter().map(|to| (*to).to_owned()).collect();
    let work = move |c: &mut _| {
        for address in to {
            let subject = SubjectId(Uuid::new_v4());
            vault.new_key(c, subject, now)?;
            let letter = NewMessage { link: LINK.to_owned(), choose: CHOOSE.to_owned() };
            mail::post(c, &vault, subject, &Private::new(address), &letter, now)?;
        }
        Ok(())
    };
    site.app.db.write(work).await.expect("letters are posted");
}

async fn the_demo_shows_its_post(site: &mut Site) {
    site.load_demo();
    let empty = site.get("/demo/post").await;
    assert_eq!((empty.status, empty.all("main li").len()), (200, 0), "{empty:?}");
    post(site, &["ada@example.org", "a&b@example.org"]).await;
    assert_eq!(site.get("/demo/post").await.all(".post__letter strong"), ["On its way", "On its way"]);
    assert_eq!(site.letters("ada@example.org").await.len(), 1);
    let list = site.get("/demo/post").await;
    assert!(
        list.all(".post__letter").iter().any(|one| one.contains("a&b@example.org"))
            && list.all(".post__letter strong").is_empty()
    );
    let at = list.all(".post__letter").iter().position(|one| one.contains("ada@example.org")).expect("a letter");
    let letter = site.get(&list.attributes(".post__letter a", "href")[at]).await;
    assert_eq!((letter.status, letter.all("h1")), (200, vec!["A new message is waiting for you".to_owned()]));
    assert!(letter.all("dd")[1].contains("ada@example.org"));
    assert_eq!(letter.attributes(".letter a", "href"), [LINK, CHOOSE]);
    assert!(letter.header("cache-control").contains("private"));
}

async fn the_post_is_paged(site: &mut Site) {
    site.load_demo();
    post(site, &["ada@example.org"; 51]).await;
    let counts = async |path: &str| {
        let page = site.get(path).await;
        (page.all(".post__letter").len(), page.attributes("main nav a", "href"))
    };
    let href = |n| format!("/demo/post?page={n}");
    assert_eq!(counts("/demo/post").await, (25, vec![href(2)]));
    assert_eq!(counts("/demo/post?page=2").await, (25, vec![href(1), href(3)]));
    assert_eq!(counts("/demo/post?page=3").await, (1, vec![href(2)]));
    assert_eq!(counts("/demo/post?page=4294967295").await, (1, vec![href(2)]));
    assert_eq!(site.get("/demo/post?page=x").await.status, 404);
}

async fn there_is_no_post_elsewhere(site: &mut Site) {
    post(site, &["ada@example.org"]).await;
    site.finish_jobs().await;
    let id = site.app.mail.held()[0].id.clone();
    let letter = format!("/demo/post/{id}");
    assert_eq!((site.get("/demo/post").await.status, site.get(&letter).await.status), (404, 404), "it is no demo");
    site.load_demo();
    assert_eq!((site.get("/demo/post").await.status, site.get(&letter).await.status), (200, 200));
    for nothing in ["/demo/post/x", "/demo/post/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8"] {
        assert_eq!(site.get(nothing).await.status, 404, "{nothing}");
    }
}

#[actix_web::test]
async fn a_demo_that_sends_letters_shows_none() {
    let server = Server::start();
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("footbridge.db").display());
    let mail = format!("smtp://127.0.0.1:{}", server.port);
    let mut site = Site::start(folder, &url, &["--mail-url", &mail, "--mail-from", "post@footbridge.example", "--no-work"]);
    site.load_demo();
    post(&site, &["ada@example.org"]).await;
    site.finish_jobs().await;
    assert_eq!(server.taken().len(), 1);
    assert_eq!(site.get("/demo/post").await.status, 404);
    site.stop().await;
}

#[test]
fn a_look_at_mail_sends_none_and_tells_no_password() {
    let folder = TempDir::new().expect("a folder");
    let look = |url: &str, from: &str| {
        let variables: Vec<_> =
            [("MAIL_URL", url), ("MAIL_FROM", from)].into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let checked = check(None, &folder.path().join("data"), &variables);
        assert!(!checked.all.contains("opensesame"), "{}", checked.all);
        checked
    };
    let from = "post@footbridge.example";
    let none = look("", "");
    assert!(none.says("mail").contains("data/post and sent nowhere") && !none.wrong().contains(&"mail"), "{}", none.all);
    assert!(!folder.path().join("data").exists(), "looking makes nothing");
    let server = Server::start();
    let there = format!("smtp://127.0.0.1:{}", server.port);
    let good = look(&there, from);
    assert!(good.says("mail").contains("answers, not encrypted, on this machine") && !good.wrong().contains(&"mail"));
    server.plan(Moment::HelloHeard, Does::Says("421 busy"));
    assert!(look(&there, from).says("mail").contains("(not-now-421)"));
    assert!(look(&there, "").says("mail").contains("MAIL_FROM"));
    let with_password = there.replace("smtp://", "smtp://ada:opensesame@");
    let not_let_in = look(&with_password, from);
    assert!(not_let_in.wrong().contains(&"mail") && not_let_in.says("mail").contains("user and password"), "{}", not_let_in.all);
    assert!(server.taken().is_empty());
    drop(server);
    let away = look(&with_password, from);
    assert!(away.wrong().contains(&"mail") && away.says("mail").contains("(no-connection)"), "{}", away.all);
    let nonsense = look("smtp://ada:opensesame@mail.example/path", from);
    assert!(!nonsense.right && nonsense.all.contains("MAIL_URL can't be used: end it with the host"), "{}", nonsense.all);
    assert!(!look("smtp://ada:open sesame", from).right);
    let mut help = std::process::Command::new(env!("CARGO_BIN_EXE_footbridge"));
    let told = help.args(["serve", "--help"]).env("MAIL_URL", &with_password).output().expect("help");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("MAIL_URL") && !told.contains("opensesame"), "{told}");
}

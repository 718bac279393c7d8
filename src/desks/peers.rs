//! Someone to walk along: the person chooses a peer worker or a volunteer, and undoes it whenever they want.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};
use serde::Serialize;

use super::path::own;
use crate::{
    accounts::Principal,
    app::App,
    error::Failure,
    people::peers::{self, Peer},
    values::AccountId,
    web::{asked::Asked, form::Typed, page::Page, see_other},
};

const HERE: &str = "/my-path/peers";

/// Someone who would walk along, or does.
#[derive(Debug, Clone, Serialize)]
pub struct PeerLine {
    /// Their account.
    pub account: String,
    /// What they are called.
    pub name: String,
    /// What they say about themself.
    pub hello: String,
    /// Whether the person chose them.
    pub chosen: bool,
}

/// Those who would walk along.
#[derive(Debug, Clone, Serialize)]
pub struct PeersPage {
    /// Who they are.
    pub peers: Vec<PeerLine>,
    /// What was done.
    pub done: Option<&'static str>,
}

impl Page for PeersPage {
    const TEMPLATE: &'static str = "peers.html";

    fn title(&self) -> String {
        "Someone to walk along".to_owned()
    }

    fn samples() -> Vec<Self> {
        let peer = |chosen| PeerLine {
            account: "6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            name: "Pat Doyle".to_owned(),
            hello: "I drum, badly. I have been where you may be.".to_owned(),
            chosen,
        };
        vec![
            Self { peers: vec![peer(true), peer(false)], done: done("chosen") },
            Self { peers: Vec::new(), done: done("let-go") },
        ]
    }
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "chosen" => Some("It is done. They can look at your path now."),
        "let-go" => Some("It is done. They see nothing of yours any more."),
        _ => None,
    }
}

/// `GET /my-path/peers`
pub async fn page(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (person, vault) = (own(&who)?, app.vault.clone());
    let found = app.db.read(move |c| peers::around(c, &vault, person)).await?;
    app.page(&request, &PeersPage { peers: found.into_iter().map(line).collect(), done: done(&asked.done) })
}

fn line(peer: Peer) -> PeerLine {
    PeerLine { account: peer.account.to_string(), name: peer.name, hello: peer.hello.as_str().to_owned(), chosen: peer.chosen }
}

/// `POST /my-path/peers`: chooses someone, or lets them go.
pub async fn choose(app: Data<App>, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (person, typed) = (own(&who)?, Typed::read(&body));
    let (chosen, left) = (typed.one("choose").parse::<AccountId>(), typed.one("let-go").parse::<AccountId>());
    let (vault, now) = (app.vault.clone(), app.clock.stamp());
    let done = app.db.write(move |c| match (chosen, left) {
        (Ok(account), _) => peers::choose(c, &vault, &who, (person, account), now).map(|()| "?done=chosen"),
        (_, Ok(account)) => peers::let_go(c, &who, (person, account), now).map(|()| "?done=let-go"),
        _ => Ok(""),
    });
    Ok(see_other(&format!("{HERE}{}", done.await?)))
}

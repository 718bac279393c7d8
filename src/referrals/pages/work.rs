//! What a bridge builder knows well, for the coordinator who chooses; what a peer says about themself, for the person who does.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};

use crate::{
    accounts::{Principal, Role},
    app::App,
    error::{Failure, Problem},
    people::profile::{self, Profile},
    web::{
        asked::Asked,
        form::{Field, Typed},
        form_page::FormPage,
    },
};

/// As what someone goes along, which says what they are asked.
#[derive(Debug, Clone, Copy)]
struct Goes {
    builder: bool,
    peer: bool,
}

impl Goes {
    fn of(who: &Principal) -> Self {
        Self { builder: who.is(Role::BridgeBuilder), peer: who.is(Role::Peer) }
    }
}

/// `GET /my-work`: what a bridge builder knows well, what a peer says about themself.
pub async fn my_work(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (vault, goes) = (app.vault.clone(), Goes::of(&who));
    let profile = app.db.read(move |c| Ok(profile::of(c, &vault, &[who.account])?.remove(&who.account))).await?;
    let profile = profile.unwrap_or_default();
    let typed = Typed::default()
        .with("hello", profile.hello.as_str())
        .with("interests", profile.interests.as_str())
        .with("areas", profile.areas.as_str())
        .with("languages", profile.languages.as_str());
    let page = work_page(goes, &typed, Vec::new());
    let notice = (asked.done == "kept").then(|| "It is kept.".to_owned());
    FormPage { notice, ..page }.shown(&app, &request)
}

fn work_page(goes: Goes, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let title = if goes.builder { "What you know well" } else { "A word about you" };
    let mut page = FormPage::new(title, "/my-work", "Keep this");
    if goes.peer {
        page = page
            .say("People of your team see your name and this. They may choose you to walk along. You see nobody who didn’t.")
            .ask(
                Field::line("hello", "What would you like to say about yourself?")
                    .hint("A line that people of your team can read. Leave it blank, and nobody can choose you.")
                    .optional()
                    .typed(typed, &problems),
            );
    }
    if goes.builder {
        page = what_they_know(page, typed, &problems);
    }
    page.wrong(problems)
}

fn what_they_know(page: FormPage, typed: &Typed, problems: &[Problem]) -> FormPage {
    let area = |name, label| Field { longest: 2000, ..Field::area(name, label) };
    page.read_by("Your coordinator can read this when they choose who goes along with someone.")
        .ask(
            area("interests", "What do you like and know about?")
                .hint("Such as studios, allotments, cricket, cafés.")
                .optional()
                .typed(typed, problems),
        )
        .ask(area("areas", "Which parts of town do you know?").optional().typed(typed, problems))
        .ask(area("languages", "Which languages do you speak?").optional().typed(typed, problems))
}

/// `POST /my-work`: what wasn't asked stays as it was.
pub async fn keep_my_work(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (typed, vault, now) = (Typed::read(&body), app.vault.clone(), app.clock.stamp());
    let goes = Goes::of(&who);
    app.write_or_ask_again(
        parse(&typed),
        move |c, said| {
            let before = profile::of(c, &vault, &[who.account])?.remove(&who.account).unwrap_or_default();
            let (knows, says) = (if goes.builder { said.clone() } else { before.clone() }, if goes.peer { said } else { before });
            profile::keep(c, &vault, who.account, &Profile { hello: says.hello, ..knows }, now)?;
            Ok("/my-work?done=kept".to_owned())
        },
        async |problems| work_page(goes, &typed, problems).shown(&app, &request),
    )
    .await
}

fn parse(typed: &Typed) -> Result<Profile, Vec<Problem>> {
    let mut problems = Vec::new();
    let profile = Profile {
        interests: typed.text("interests", &mut problems),
        areas: typed.text("areas", &mut problems),
        languages: typed.text("languages", &mut problems),
        hello: typed.text("hello", &mut problems),
    };
    if problems.is_empty() { Ok(profile) } else { Err(problems) }
}

pub(super) fn samples() -> Vec<FormPage> {
    let goes = [Goes { builder: true, peer: false }, Goes { builder: false, peer: true }];
    goes.map(|goes| work_page(goes, &Typed::default(), Vec::new())).to_vec()
}

//! What a bridge builder knows well, for the coordinator who chooses.

use crate::{
    accounts::Principal,
    app::App,
    error::{Failure, Problem},
    people::profile::{self, Profile},
    web::{
        asked::Asked,
        form::{Field, Typed},
        form_page::FormPage,
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};

/// `GET /my-work`: what a bridge builder knows well.
pub async fn my_work(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let vault = app.vault.clone();
    let profile = app.db.read(move |c| Ok(profile::of(c, &vault, &[who.account])?.remove(&who.account))).await?;
    let profile = profile.unwrap_or_default();
    let typed = Typed::default()
        .with("interests", profile.interests.as_str())
        .with("areas", profile.areas.as_str())
        .with("languages", profile.languages.as_str());
    let page = work_page(&typed, Vec::new());
    let notice = (asked.done == "kept").then(|| "It is kept.".to_owned());
    FormPage { notice, ..page }.shown(&app, &request)
}

fn work_page(typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let area = |name, label| Field { longest: 2000, ..Field::area(name, label) };
    FormPage::new("What you know well", "/my-work", "Keep this")
        .say("Your coordinator sees this when they choose who goes along with someone.")
        .ask(
            area("interests", "What do you like and know about?")
                .hint("Such as studios, allotments, cricket, cafés.")
                .optional()
                .typed(typed, &problems),
        )
        .ask(area("areas", "Which parts of town do you know?").optional().typed(typed, &problems))
        .ask(area("languages", "Which languages do you speak?").optional().typed(typed, &problems))
        .wrong(problems)
}

/// `POST /my-work`
pub async fn keep_my_work(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (typed, vault, now) = (Typed::read(&body), app.vault.clone(), app.clock.stamp());
    app.write_or_ask_again(
        parse(&typed),
        move |c, profile| {
            profile::keep(c, &vault, who.account, &profile, now)?;
            Ok("/my-work?done=kept".to_owned())
        },
        async |problems| work_page(&typed, problems).shown(&app, &request),
    )
    .await
}

fn parse(typed: &Typed) -> Result<Profile, Vec<Problem>> {
    let mut problems = Vec::new();
    let profile = Profile {
        interests: typed.text("interests", &mut problems),
        areas: typed.text("areas", &mut problems),
        languages: typed.text("languages", &mut problems),
    };
    if problems.is_empty() { Ok(profile) } else { Err(problems) }
}

pub(super) fn samples() -> Vec<FormPage> {
    vec![work_page(&Typed::default(), Vec::new())]
}

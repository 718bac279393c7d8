//! Who goes along: the bridge builders of the team, with what each knows well.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use serde::Serialize;

use super::one::{Fact, about_them, at};
use crate::{
    accounts::{self, Principal},
    app::App,
    error::{Failure, Problem},
    people,
    referrals::{
        intake::{self, Builder},
        store,
    },
    values::{AccountId, ReferralId, SubjectId},
    web::{
        form::{Answer, Typed, error},
        page::Page,
    },
};

/// Who could go along.
#[derive(Debug, Clone, Serialize)]
pub struct AllocatePage {
    /// Where the referral is.
    pub href: String,
    /// What the person wants to be called.
    pub name: String,
    /// What they would like to do.
    pub words: String,
    /// Where they are, what they speak.
    pub about: Vec<Fact>,
    /// Who goes along now: account and name.
    pub now: Option<(String, String)>,
    /// The bridge builders of the team: the choice, and what each knows well.
    pub builders: Vec<BuilderLine>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is wrong with the choice.
    pub error: Option<String>,
}

/// One bridge builder.
#[derive(Debug, Clone, Serialize)]
pub struct BuilderLine {
    /// The value and words of the choice.
    pub answer: Answer,
    /// How many people they go along with.
    pub people: i64,
    /// What they know well.
    pub interests: String,
    /// Where.
    pub areas: String,
    /// Which languages.
    pub languages: String,
}

impl Page for AllocatePage {
    const TEMPLATE: &'static str = "allocate.html";

    fn title(&self) -> String {
        "Who goes along?".to_owned()
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn samples() -> Vec<Self> {
        let line = |value: &str, name: &str, people| BuilderLine {
            answer: Answer { value: value.to_owned(), label: name.to_owned(), hint: None, chosen: false },
            people,
            interests: "Studios, open mics".to_owned(),
            areas: "Peckham".to_owned(),
            languages: "English, Yoruba".to_owned(),
        };
        let full = Self {
            href: "/intake/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            name: "Morgan Vale".to_owned(),
            words: "I want to drum again".to_owned(),
            about: vec![Fact { label: "Area", text: "SE15".to_owned() }],
            now: Some(("2".to_owned(), "Imran Sethi".to_owned())),
            builders: vec![line("1", "Rowan Ashby", 4), line("2", "Imran Sethi", 11)],
            problems: Vec::new(),
            error: None,
        };
        let problems = vec![Problem::new("worker", "Choose a bridge builder.")];
        let error = Some("Choose a bridge builder.".to_owned());
        vec![Self { problems, error, ..full.clone() }, Self { builders: Vec::new(), ..full.clone() }, full]
    }
}

/// `GET /intake/{referral}/allocate`
pub async fn allocate(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Failure> {
    allocate_page(&app, &request, who, *id, Vec::new()).await
}

async fn allocate_page(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    id: ReferralId,
    problems: Vec<Problem>,
) -> Result<HttpResponse, Failure> {
    let (shared, now) = (app.clone(), app.clock.stamp());
    let page = app.db.write(move |c| {
        let row = store::one(c, id)?.ok_or(Failure::NotFound)?;
        let person: SubjectId = row.person_id.parse().map_err(Failure::internal)?;
        let key = people::key(c, &shared.vault, person)?;
        let words = people::open(&key, "referrals", "words", &row.id, &row.words)?.show().to_owned();
        let team = row.team_id.as_deref().and_then(|team| team.parse().ok());
        let builders = team.map_or(Ok(Vec::new()), |team| intake::builders(c, &shared, team))?;
        let about = people::read(c, &shared.vault, &who, person, now)?;
        let worker: Option<AccountId> = row.worker_id.as_deref().and_then(|id| id.parse().ok());
        let names = accounts::people::names(c, &shared.vault, worker.as_slice())?;
        Ok(AllocatePage {
            now: worker.and_then(|id| Some((id.to_string(), names.get(&id)?.clone()))),
            href: format!("/intake/{id}"),
            name: about.called().to_owned(),
            words,
            about: about_them(&about),
            builders: builders.into_iter().map(builder_line).collect(),
            error: error(&problems, "worker"),
            problems,
        })
    });
    app.page(request, &page.await?)
}

fn builder_line(builder: Builder) -> BuilderLine {
    let Builder { account, name, people, profile, .. } = builder;
    BuilderLine {
        answer: Answer { value: account.to_string(), label: name.show().to_owned(), hint: None, chosen: false },
        people,
        interests: profile.interests.as_str().to_owned(),
        areas: profile.areas.as_str().to_owned(),
        languages: profile.languages.as_str().to_owned(),
    }
}

/// `POST /intake/{referral}/allocate`
pub async fn allocated(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (id, typed) = (*id, Typed::read(&body));
    let (shared, now, by) = (app.clone(), app.clock.stamp(), who.clone());
    app.write_or_ask_again(
        Ok(typed),
        move |c, typed| {
            intake::allocate(c, &shared, &by, id, (typed.one("before"), typed.one("worker")), now)?;
            Ok(at(id, "allocated"))
        },
        async |problems| allocate_page(&app, &request, who, id, problems).await,
    )
    .await
}

//! What someone wants, asked gently: their words, and as much as they like of where, when, cost, company and what makes it easier.
//! The person asks it of themself; a bridge builder writes it down with them.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use chrono::NaiveDateTime;

use super::{about::READ_BY, path::own as own_record};
use crate::{
    accounts::Principal,
    app::App,
    audit::Action,
    db::Conn,
    error::{Failure, Problem},
    matching,
    people::{
        self,
        aspirations::{self, Aspiration, Company, State, Wanted},
        timeline,
    },
    values::{AspirationId, SubjectId},
    vault::Vault,
    venues::Access,
    vocabulary::Domain,
    web::{
        form::{Choose, Field, Typed},
        form_page::FormPage,
        meanwhile,
    },
};

/// The fields that are chosen and not typed.
const CHOICES: [&str; 5] = ["within_km", "with_whom", "access", "domains", "state"];
/// How far someone may go, in kilometres: value and words.
const FAR: [(&str, &str); 6] = [
    ("", "I don’t mind"),
    ("2", "Up to 2 km, half an hour on foot"),
    ("5", "Up to 5 km"),
    ("8", "Up to 8 km"),
    ("12", "Up to 12 km"),
    ("20", "Up to 20 km"),
];

/// Whose page it is, and so how it speaks and where it leads.
#[derive(Debug, Clone)]
struct Whose {
    own: bool,
    /// Where it is sent.
    action: String,
    /// Back.
    back: String,
}

impl Whose {
    fn own(wish: AspirationId) -> Self {
        Self { own: true, action: format!("/my-path/wishes/{wish}/change"), back: format!("/my-path/wishes/{wish}") }
    }

    fn theirs(person: SubjectId, wish: AspirationId) -> Self {
        let back = format!("/people/{person}/wishes/{wish}");
        Self { own: false, action: format!("{back}/change"), back }
    }

    fn new(person: SubjectId) -> Self {
        Self { own: false, action: format!("/people/{person}/wishes/new"), back: format!("/people/{person}") }
    }
}

/// `GET /my-path/wishes/{aspiration}/change`
pub async fn own(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    wish: Path<AspirationId>,
) -> Result<HttpResponse, Failure> {
    let (person, vault, wish) = (own_record(&who)?, app.vault.clone(), *wish);
    let kept = app.db.read(move |c| aspirations::one(c, &vault, person, wish)).await?;
    let typed = typed(&kept);
    page(&Whose::own(wish), true, &typed, Vec::new()).shown_with(&typed).shown(&app, &request)
}

/// `POST /my-path/wishes/{aspiration}/change`
pub async fn own_change(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    wish: Path<AspirationId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let person = own_record(&who)?;
    change(&app, &request, who, person, *wish, &Whose::own(*wish), &body).await
}

/// `GET /people/{person}/wishes/new`
pub async fn blank(app: Data<App>, request: HttpRequest, person: Path<SubjectId>) -> Result<HttpResponse, Failure> {
    page(&Whose::new(*person), false, &Typed::default(), Vec::new()).shown(&app, &request)
}

/// `POST /people/{person}/wishes/new`
pub async fn add(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    person: Path<SubjectId>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (person, typed, shared, now) = (*person, Typed::read(&body), app.clone(), app.clock.stamp());
    let said = Said::read(&typed, false);
    if let Some(notice) = gentle(&app, "", &said, &typed) {
        return page(&Whose::new(person), false, &typed, Vec::new()).asking(notice).shown(&app, &request);
    }
    app.write_or_ask_again(
        said,
        move |c, said| {
            let id = aspirations::add(c, &shared.vault, person, &said.wanted, &said.domains_or(&shared), now)?;
            note(c, &shared.vault, person, &who, "Wrote down with you what you want.", now)?;
            Ok(format!("/people/{person}/wishes/{id}"))
        },
        async |problems| page(&Whose::new(person), false, &typed, problems).shown(&app, &request),
    )
    .await
}

/// `GET /people/{person}/wishes/{aspiration}/change`
pub async fn theirs(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    path: Path<(SubjectId, AspirationId)>,
) -> Result<HttpResponse, Failure> {
    let ((person, wish), vault, now) = (*path, app.vault.clone(), app.clock.stamp());
    let kept = app.db.write(move |c| {
        let kept = aspirations::one(c, &vault, person, wish)?;
        people::note_read(c, &who, person, Action::RecordRead, now)?;
        Ok(kept)
    });
    let typed = typed(&kept.await?);
    page(&Whose::theirs(person, wish), true, &typed, Vec::new()).shown_with(&typed).shown(&app, &request)
}

/// `POST /people/{person}/wishes/{aspiration}/change`
pub async fn their_change(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    path: Path<(SubjectId, AspirationId)>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (person, wish) = *path;
    change(&app, &request, who, person, wish, &Whose::theirs(person, wish), &body).await
}

async fn change(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    person: SubjectId,
    wish: AspirationId,
    whose: &Whose,
    body: &[u8],
) -> Result<HttpResponse, Failure> {
    let (vault, shared, now) = (app.vault.clone(), app.clone(), app.clock.stamp());
    let before = app.db.read(move |c| aspirations::one(c, &vault, person, wish)).await?;
    let stands = typed(&before);
    let (typed, meanwhile) = meanwhile::upon(&Typed::read(body), &stands, &CHOICES);
    let (own, back, said) = (whose.own, whose.back.clone(), Said::read(&typed, true));
    if let Some(notice) = gentle(app, &in_words(&before.wanted), &said, &typed) {
        return page(whose, true, &typed, meanwhile).asking(notice).shown_with(&stands).shown(app, request);
    }
    app.write_or_ask_again(
        if meanwhile.is_empty() { said } else { Err(meanwhile) },
        move |c, said| {
            let by = (!own).then_some(who.account);
            let domains = said.domains_or(&shared);
            let changed = aspirations::change(c, &shared.vault, (person, wish), &said.wanted, &domains, by, now)?;
            if changed && !own {
                note(c, &shared.vault, person, &who, "Changed with you what you want.", now)?;
            }
            if let Some(state) = said.state
                && aspirations::set_state(c, person, wish, state, now)?
                && !own
            {
                note(c, &shared.vault, person, &who, &format!("Written down as told: “{}”.", state.label()), now)?;
            }
            Ok(back)
        },
        async |problems| page(whose, true, &typed, problems).shown_with(&stands).shown(app, request),
    )
    .await
}

/// What to ask gently about what was said, where it didn't stand there before.
fn gentle(app: &App, before: &str, said: &Result<Said, Vec<Problem>>, typed: &Typed) -> Option<String> {
    app.clinical.ask_anew(before, &in_words(&said.as_ref().ok()?.wanted), typed)
}

/// What a place might one day be told of it.
fn in_words(wanted: &Wanted) -> String {
    format!("{}\n{}", wanted.words.as_str(), wanted.easier.as_str())
}

/// So that the person finds in their record that it was written for them.
fn note(c: &mut Conn, vault: &Vault, person: SubjectId, who: &Principal, words: &str, now: NaiveDateTime) -> Result<(), Failure> {
    timeline::add(c, vault, person, timeline::Sort::Move, Some(who.account), words, now)?;
    Ok(())
}

/// What was said.
struct Said {
    wanted: Wanted,
    domains: Vec<Domain>,
    state: Option<State>,
}

impl Said {
    /// Reads the form; everything wrong with it comes back at once.
    fn read(typed: &Typed, kept: bool) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        if !typed.has("words") {
            problems.push(Problem::new("words", "Write what you would like to do. A word or two is enough."));
        }
        let far = FAR.iter().any(|(km, _)| *km == typed.one("within_km"));
        let wanted = Wanted {
            words: typed.text("words", &mut problems),
            near: typed.text("near", &mut problems),
            within_km: typed.one("within_km").parse().ok().filter(|_| far),
            when: typed.text("when", &mut problems),
            cost: typed.text("cost", &mut problems),
            with_whom: Company::from_code(typed.one("with_whom")),
            access: typed.all("access").iter().filter_map(|code| Access::from_code(code)).collect(),
            easier: typed.text("easier", &mut problems),
        };
        let domains = typed.all("domains").iter().filter_map(|code| Domain::from_code(code)).collect();
        let state = State::from_code(typed.one("state")).filter(|_| kept);
        if problems.is_empty() { Ok(Self { wanted, domains, state }) } else { Err(problems) }
    }

    /// The parts of life they ticked, or else those that their words speak of.
    fn domains_or(&self, app: &App) -> Vec<Domain> {
        if self.domains.is_empty() {
            return matching::verbs::domains(app, self.wanted.words.as_str());
        }
        self.domains.clone()
    }
}

/// What is kept, as the form shows it.
fn typed(kept: &Aspiration) -> Typed {
    let wanted = &kept.wanted;
    let codes = |all: &[Access]| all.iter().map(|access| access.code().to_owned()).collect();
    Typed::default()
        .with("words", wanted.words.as_str())
        .with("near", wanted.near.as_str())
        .with("within_km", &wanted.within_km.map(|km| km.to_string()).unwrap_or_default())
        .with("when", wanted.when.as_str())
        .with("cost", wanted.cost.as_str())
        .with("with_whom", wanted.with_whom.map_or("", Company::code))
        .with_all("access", codes(&wanted.access))
        .with("easier", wanted.easier.as_str())
        .with_all("domains", kept.domains.iter().map(|domain| domain.code().to_owned()).collect())
        .with("state", kept.state.code())
}

fn page(whose: &Whose, kept: bool, typed: &Typed, problems: Vec<Problem>) -> FormPage {
    let heading = match (whose.own, kept) {
        (true, _) => "What I want",
        (false, true) => "What they want",
        (false, false) => "Something that they want",
    };
    let page = FormPage::new(heading, &*whose.action, "Keep it");
    let page = if whose.own {
        page.say("Say as much or as little as you like. Only the first question needs an answer.").read_by(READ_BY)
    } else {
        page.say("Write it down together, in their own words. Only the first question needs an answer.")
            .read_by("They can read all of it and change it. No place they go to sees it.")
    };
    let page = asked(whose.own, kept).into_iter().fold(page, |page, asking| match asking {
        Asking::Type(field) => page.ask(field.typed(typed, &problems)),
        Asking::Pick(choose) => page.ask(choose.typed(typed, &problems)),
    });
    page.or(&*whose.back, if kept { "Back to the places" } else { "Back to the record" }).wrong(problems)
}

enum Asking {
    Type(Field),
    Pick(Choose),
}

fn asked(own: bool, kept: bool) -> Vec<Asking> {
    use Asking::{Pick, Type};
    let line = |name, label: &str, hint: &str| Type(Field::line(name, label).hint(hint).optional());
    let mut all = vec![
        Type(Field::area("words", "What would you like to do?").hint("In your own words.")),
        line("near", "Near where?", "A postcode, or the name of a borough. Leave it blank for near your home."),
        Pick(Choose::one("within_km", "How far would you go?", &FAR).hint("You can skip this.")),
        line("when", "When would it suit you?", "Such as Tuesday mornings, or any evening."),
        line("cost", "What may it cost each time?", "Such as nothing, or up to £5."),
        Pick(
            Choose::one("with_whom", "With whom?", &pairs(Company::ALL, Company::code, Company::label))
                .hint("You can skip this."),
        ),
        Pick(
            Choose::several("access", "What makes it easier?", &pairs(Access::ALL, Access::code, Access::label))
                .hint("Tick what you need. You can skip this."),
        ),
        line("easier", "Does something else make it easier?", "Such as a small group, or a place for women only."),
        Pick(
            Choose::several("domains", "Which part of life is it?", &pairs(Domain::ALL, Domain::code, Domain::label))
                .hint("It may be several. You can skip this."),
        ),
    ];
    if kept {
        let hint = if own {
            "Only you say this. You can change it at any time."
        } else {
            "Only they say this. It is written down that you noted it for them."
        };
        all.push(Pick(Choose::one("state", "How does it stand now?", &pairs(State::ALL, State::code, State::label)).hint(hint)));
    }
    all
}

fn pairs<T: Copy>(all: &[T], code: fn(T) -> &'static str, label: fn(T) -> &'static str) -> Vec<(&'static str, &'static str)> {
    all.iter().map(|one| (code(*one), label(*one))).collect()
}

pub(super) fn samples() -> Vec<FormPage> {
    let whose = |own| Whose { own, action: "/change".to_owned(), back: "/my-path".to_owned() };
    let typed = Typed::default().with("words", "Play with others again").with_all("access", vec!["quiet".to_owned()]);
    let problem = vec![Problem::new("words", "Write what you would like to do. A word or two is enough.")];
    vec![
        page(&whose(true), true, &typed, Vec::new()),
        page(&whose(true), true, &Typed::default(), problem),
        page(&whose(false), true, &typed, Vec::new()),
        page(&whose(false), false, &Typed::default(), Vec::new()),
    ]
}

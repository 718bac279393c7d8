//! "My path": what a person finds when they come in. What happens next, who goes along, messages both ways, what they want, and
//! pause, stop and return without a reason.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use super::{
    record::{EntryLine, Liked, WishLine, WrittenFor, wishes, written_for},
    store, words,
};
use crate::{
    accounts::{self, Principal},
    app::App,
    audit::Actor,
    clock::london_day,
    db::Conn,
    error::{Failure, Problem},
    matching::understand::Reader,
    people::{
        self,
        aspirations::{self, Wanted},
        caseload::{self, Along},
        peers,
        steps::{self, Step},
        timeline,
    },
    referrals::{
        self, By,
        state::{Move, State, Who},
    },
    values::{AccountId, AspirationId, EntryId, SubjectId},
    vault::Vault,
    web::{
        asked::Asked,
        form::{Field, Typed},
        form_page::FormPage,
        page::Page,
        see_other,
    },
};

/// The latest messages of theirs that are listened to.
const MOST_HEARD: usize = 3;
/// Messages that are shown; older ones are among all that was written.
const MOST_MESSAGES: i64 = 30;

/// A button that the person can press now.
#[derive(Debug, Clone, Serialize)]
pub struct Press {
    /// Its code.
    pub code: &'static str,
    /// What it says.
    pub label: &'static str,
}

/// A person's own page.
#[derive(Debug, Clone, Serialize)]
pub struct PathPage {
    /// What they are called.
    pub called: String,
    /// What happens next, in a few words.
    pub next: String,
    /// The same at more length.
    pub more: String,
    /// Why they aren't taken on and where else to try, line by line.
    pub why_not: Vec<String>,
    /// Who walks along as a peer.
    pub along: Vec<String>,
    /// Whether there is someone who would walk along, or does.
    pub peers: bool,
    /// Who stands in, until when, and why.
    pub covers: Vec<words::CoverLine>,
    /// What they want.
    pub wishes: Vec<WishLine>,
    /// What others wrote for them.
    pub written_for: Vec<WrittenFor>,
    /// Messages, the newest first.
    pub messages: Vec<EntryLine>,
    /// Whether someone reads what they write here.
    pub can_write: bool,
    /// The field for a message.
    pub body: Field,
    /// The field for a new wish.
    pub wish: Field,
    /// The field for where.
    pub near: Field,
    /// Buttons that move things on.
    pub steps: Vec<Press>,
    /// The day for a pause, where one can be made.
    pub pause: Option<Field>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What was done.
    pub done: Option<&'static str>,
    /// Whether what they wrote speaks of wanting to die, so that help stands first.
    pub crisis: bool,
}

impl Page for PathPage {
    const TEMPLATE: &'static str = "my-path.html";

    fn title(&self) -> String {
        "My path".to_owned()
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn samples() -> Vec<Self> {
        let message = |who: &str, text: &str| EntryLine {
            sort: timeline::Sort::Message.code(),
            label: timeline::Sort::Message.label(),
            who: who.to_owned(),
            when: "21 November 2026, midday".to_owned(),
            lines: vec![text.to_owned()],
            out: (who == words::YOU).then(|| "6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned()),
        };
        let all = State::ALL.iter().map(|state| Some(*state)).chain([None]);
        let page = |state: Option<State>| {
            let (next, more) = words::next(state, Some("Rowan Ashby"), NaiveDate::from_ymd_opt(2026, 12, 3));
            Self {
                called: "Jo Marsh".to_owned(),
                next,
                more,
                why_not: vec!["We only go along within the town.".to_owned()],
                along: vec!["Pat Doyle".to_owned()],
                peers: true,
                covers: vec![words::CoverLine {
                    text: "Nell Okafor until 1 December 2026: Rowan is on holiday".to_owned(),
                    account: "1".to_owned(),
                }],
                wishes: vec![WishLine {
                    id: "w1".to_owned(),
                    href: "/my-path/wishes/w1".to_owned(),
                    words: "Play with others again".to_owned(),
                    state: aspirations::State::Open.label(),
                    open: true,
                    fresh: "The Clay Room".to_owned(),
                    liked: vec![Liked {
                        href: "/venues/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
                        name: "Arches Rehearsal Rooms".to_owned(),
                        chosen: false,
                    }],
                }],
                written_for: vec![WrittenFor {
                    by: "Sam Reid, Harbour surgery".to_owned(),
                    words: "They want to drum again".to_owned(),
                    open: true,
                }],
                messages: vec![message("Rowan Ashby", "See you on Tuesday?"), message("You", "Yes!")],
                can_write: true,
                crisis: true,
                steps: presses(state),
                pause: (state == Some(State::Active)).then(pause_field),
                done: done("message"),
                ..Self::blank()
            }
        };
        let mut wrong = Self { called: "Jo".to_owned(), can_write: true, ..Self::blank() };
        wrong.fill(&Typed::default(), vec![Problem::new("body", "Write a few words, up to 2,000 letters.")]);
        all.map(page).chain([wrong]).collect()
    }
}

impl PathPage {
    fn blank() -> Self {
        Self {
            called: String::new(),
            next: String::new(),
            more: String::new(),
            why_not: Vec::new(),
            along: Vec::new(),
            peers: false,
            covers: Vec::new(),
            wishes: Vec::new(),
            written_for: Vec::new(),
            messages: Vec::new(),
            can_write: false,
            body: Field::area("body", "Write a message").hint(words::READ_BY),
            wish: wish_field(),
            near: near_field(),
            steps: Vec::new(),
            pause: None,
            problems: Vec::new(),
            done: None,
            crisis: false,
        }
    }

    /// Listens to what they want and to what they wrote last. Nothing of it is kept or counted.
    fn heard(self, reader: &Reader) -> Self {
        let wishes = self.wishes.iter().filter(|wish| wish.open).map(|wish| wish.words.clone());
        let messages =
            self.messages.iter().filter(|entry| entry.who == words::YOU).take(MOST_HEARD).map(|entry| entry.lines.join(" "));
        let crisis = wishes.chain(messages).any(|words| reader.hears_crisis(&words));
        Self { crisis, ..self }
    }

    fn fill(&mut self, typed: &Typed, problems: Vec<Problem>) {
        self.body = self.body.clone().typed(typed, &problems);
        self.wish = self.wish.clone().typed(typed, &problems);
        self.near = self.near.clone().typed(typed, &problems);
        self.pause = self.pause.take().map(|pause| pause.typed(typed, &problems));
        self.problems = problems;
    }
}

fn pause_field() -> Field {
    words::pause_field("until", "Pause until which day?").hint("You can come back sooner.")
}

fn presses(state: Option<State>) -> Vec<Press> {
    words::moves_of_the_person(state).into_iter().map(|(code, label)| Press { code, label }).collect()
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "message" => Some("Your message is there. They read it when they are next at their desk."),
        "out" => Some("It is taken out. Nobody can read it any more."),
        "pause" => Some("You paused. Take all the time you need."),
        "stop" => Some("That is done. The door stays open."),
        "withdraw" => Some("You took your note back."),
        "resume" | "return" => Some("Good to have you back."),
        "wish" => Some("Your wish is there. Look at the places for it below."),
        "state" => Some("It is changed."),
        "cover" => Some("They stand in no more."),
        "about" => Some("It is changed. Your bridge builder sees it, too."),
        _ => None,
    }
}

/// A move that isn't there.
fn unknown() -> Vec<Problem> {
    vec![Problem::new("move", words::NOT_NOW)]
}

/// The record of whoever asks.
pub(super) fn own(who: &Principal) -> Result<SubjectId, Failure> {
    who.person.ok_or(Failure::NotFound)
}

/// `GET /my-path`
pub async fn page(app: Data<App>, request: HttpRequest, who: Principal, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    shown(&app, &request, who, Typed::default(), Vec::new(), done(&asked.done)).await
}

async fn shown(
    app: &Data<App>,
    request: &HttpRequest,
    who: Principal,
    typed: Typed,
    problems: Vec<Problem>,
    done: Option<&'static str>,
) -> Result<HttpResponse, Failure> {
    let (vault, now, reader) = (app.vault.clone(), app.clock.stamp(), app.reader.clone());
    let made = app.db.write(move |c| {
        let mut made = match who.person {
            Some(person) => made(c, &vault, person, now)?.heard(&reader),
            None => nobody_yet(c, &vault, &who)?,
        };
        made.fill(&typed, problems);
        made.done = done;
        Ok(made)
    });
    app.page(request, &made.await?)
}

/// Someone who can sign in and was never referred.
fn nobody_yet(c: &mut Conn, vault: &Vault, who: &Principal) -> Result<PathPage, Failure> {
    let name = accounts::people::names(c, vault, &[who.account])?.remove(&who.account).unwrap_or_default();
    let (next, more) = words::next(None, None, None);
    Ok(PathPage { called: name, next, more, ..PathPage::blank() })
}

fn made(c: &mut Conn, vault: &Vault, person: SubjectId, now: NaiveDateTime) -> Result<PathPage, Failure> {
    let about = people::about(c, vault, person)?.ok_or(Failure::NotFound)?;
    let messages = timeline::messages(c, vault, person, MOST_MESSAGES)?;
    timeline::seen(c, person, false, (now, now))?;
    let along = caseload::with(c, person)?;
    let covers: Vec<caseload::Cover> =
        caseload::all_cover(c, vault, person, 5)?.into_iter().filter(|cover| cover.until > now).collect();
    let named = along.iter().map(|(id, _)| *id).chain(covers.iter().map(|cover| cover.account));
    let accounts: Vec<AccountId> = named.chain(messages.iter().filter_map(|entry| entry.by)).collect();
    let names = accounts::people::names(c, vault, &accounts)?;
    let name = |id: &AccountId| names.get(id).cloned().unwrap_or_else(|| words::WORKED_HERE.to_owned());
    let worker = along.iter().find(|(_, along)| *along == Along::Worker).map(|(id, _)| name(id));
    let state = store::states(c, &[person])?.remove(&person);
    let (next, more) = words::next(state.map(|(state, _)| state), worker.as_deref(), state.and_then(|(_, until)| until));
    let state = state.map(|(state, _)| state);
    // Nobody new is chosen where nothing is under way; whoever was chosen can be let go.
    let stands = state.is_some_and(State::stands);
    let why_not = referrals::why_not(c, vault, person)?;
    Ok(PathPage {
        called: about.called().to_owned(),
        next,
        more,
        why_not: why_not.map(|why| why.show().lines().map(str::to_owned).collect()).unwrap_or_default(),
        along: along.iter().filter(|(_, along)| *along == Along::Peer).map(|(id, _)| name(id)).collect(),
        peers: peers::around(c, vault, person)?.iter().any(|peer| stands || peer.chosen),
        covers: covers.iter().map(|cover| words::standing_in(cover, &name)).collect(),
        wishes: wishes(c, vault, person, "/my-path", aspirations::By::Person)?,
        written_for: written_for(c, vault, person)?,
        messages: messages.iter().map(|entry| EntryLine::of(entry, words::YOU, &name, None)).collect(),
        can_write: stands,
        steps: presses(state),
        pause: (state == Some(State::Active)).then(pause_field),
        ..PathPage::blank()
    })
}

/// `POST /my-path/messages`
pub async fn write(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (person, typed) = (own(&who)?, Typed::read(&body));
    let (shared, now) = (app.clone(), app.clock.stamp());
    app.write_or_ask_again(
        words::entry(&typed),
        move |c, text| {
            say(c, &shared, person, &text, now)?;
            Ok("/my-path?done=message".to_owned())
        },
        async |problems| shown(&app, &request, who, typed, problems, None).await,
    )
    .await
}

/// A message of the person's, once. Whoever is to answer hears of the first that waits, and not of each.
fn say(c: &mut Conn, app: &App, person: SubjectId, text: &str, now: NaiveDateTime) -> Result<(), Failure> {
    if timeline::pressed_twice(c, &app.vault, person, (timeline::Sort::Message, None), text, (now, now))? {
        return Ok(());
    }
    let first = timeline::unread(c, &[person])?.is_empty();
    timeline::add(c, &app.vault, person, timeline::Sort::Message, None, text, now)?;
    if first { accounts::notices::tell_whoever_answers(c, &app.vault, &app.web.public_url(), person, now) } else { Ok(()) }
}

/// `POST /my-path/messages/out`: the person takes out what they wrote.
pub async fn take_out(app: Data<App>, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let entry: EntryId = Typed::read(&body).one("entry").parse().map_err(|_| Failure::NotFound)?;
    let (person, vault, now) = (own(&who)?, app.vault.clone(), app.clock.stamp());
    app.db.write(move |c| words::take_out(c, &vault, person, entry, (None, who.account), now)).await?;
    Ok(see_other("/my-path?done=out"))
}

/// `POST /my-path/moves`: pause until a day, go on, stop, come back, take it back; nobody asks why.
pub async fn step(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (person, typed) = (own(&who)?, Typed::read(&body));
    let code = typed.one("move").to_owned();
    let step = match code.as_str() {
        "pause" => words::pause_until(&typed, "until", london_day(app.clock.stamp())).map(|day| Move::Pause { until: Some(day) }),
        code => words::move_of(code, None).ok_or_else(unknown),
    };
    let (vault, now, by) = (app.vault.clone(), app.clock.stamp(), Actor::Account(who.account));
    app.write_or_ask_again(
        step,
        move |c, step| {
            let referral = referrals::standing(c, person)?.ok_or(Failure::NotFound)?;
            referrals::apply(c, &vault, referral, step, By { who: Who::Person, written: by }, None, now)?;
            if let Some(took) = took(step) {
                steps::took(c, person, took, now)?;
            }
            Ok(format!("/my-path?done={code}"))
        },
        async |problems| shown(&app, &request, who, typed, problems, None).await,
    )
    .await
}

/// What whoever goes along is to hear of a move.
fn took(step: Move) -> Option<Step> {
    match step {
        Move::Pause { .. } => Some(Step::Paused),
        Move::Resume | Move::Return => Some(Step::Returned),
        Move::OpenDoor => Some(Step::Stopped),
        _ => None,
    }
}

/// `POST /my-path/cover/end`
pub async fn end_cover(app: Data<App>, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let Ok(account) = Typed::read(&body).one("account").parse::<AccountId>() else { return Ok(see_other("/my-path")) };
    let (person, now) = (own(&who)?, app.clock.stamp());
    app.db.write(move |c| caseload::end_cover(c, &who, person, account, now)).await?;
    Ok(see_other("/my-path?done=cover"))
}

/// `POST /my-path/wishes`
pub async fn wish(app: Data<App>, request: HttpRequest, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (person, typed) = (own(&who)?, Typed::read(&body));
    let (shared, now, said) = (app.clone(), app.clock.stamp(), wanted(&typed));
    if let Some(notice) = said.as_ref().ok().and_then(|wanted| app.clinical.ask(wanted.words.as_str(), &typed)) {
        return wish_page(&typed).asking(notice).shown(&app, &request);
    }
    app.write_or_ask_again(
        said,
        move |c, wanted| {
            let domains = crate::matching::verbs::domains(&shared, wanted.words.as_str());
            aspirations::add(c, &shared.vault, person, &wanted, &domains, now)?;
            steps::took(c, person, Step::Wished, now)?;
            Ok("/my-path?done=wish".to_owned())
        },
        async |problems| shown(&app, &request, who, typed, problems, None).await,
    )
    .await
}

/// The same question on a page of its own.
fn wish_page(typed: &Typed) -> FormPage {
    FormPage::new("What I want", "/my-path/wishes", "Add it")
        .ask(wish_field().typed(typed, &[]))
        .ask(near_field().typed(typed, &[]))
        .or("/my-path", "Back to my path")
}

fn wish_field() -> Field {
    Field::area("words", "What else would you like to do?").hint(&format!("In your own words. {}", words::READ_BY))
}

fn near_field() -> Field {
    Field::line("near", "Near where?").hint("A postcode, or the name of a borough.").optional()
}

fn wanted(typed: &Typed) -> Result<Wanted, Vec<Problem>> {
    let mut problems = Vec::new();
    let words = typed.one("words").parse();
    if typed.one("words").is_empty() || words.is_err() {
        problems.push(Problem::new("words", "Write what you would like to do. A word or two is enough."));
    }
    let near = typed.one("near").parse().map_err(|_| problems.push(Problem::new("near", "That is too long for a place.")));
    match (words, near) {
        (Ok(words), Ok(near)) if problems.is_empty() => Ok(Wanted { words, near, ..Wanted::default() }),
        _ => Err(problems),
    }
}

/// `POST /my-path/wishes/{aspiration}/state`: "I do this now", "Not just now", "I let it go".
pub async fn wish_state(app: Data<App>, who: Principal, wish: Path<AspirationId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let person = own(&who)?;
    let to = aspirations::State::from_code(Typed::read(&body).one("state")).ok_or(Failure::NotFound)?;
    let now = app.clock.stamp();
    app.db.write(move |c| aspirations::set_state(c, person, *wish, to, now)).await?;
    Ok(see_other("/my-path?done=state"))
}

//! The front page and the list of results.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use serde::Serialize;

use super::{
    MAX_DEPTH, Question, Suggested, Suggestion,
    ask::{Asked, Fields},
    verbs,
};
use crate::{
    app::App,
    db::{Conn, blocking},
    error::Failure,
    venues,
    vocabulary::{Domain, KindId},
    web::{
        page::Page,
        views::{
            Kindly, Term, Words,
            filters::removable,
            map::Tiles,
            results::{Answer, Results, Try, only_words},
            samples, say,
        },
    },
};

/// What is said when the usual search is away.
const BEHIND: &str = "Our main search is having a rest. These results may be a little behind.";

/// Most suggestions while someone types.
const MOST_SUGGESTED: usize = 8;

/// Most ways out that are tried where nothing was found.
const MOST_TRIES: usize = 6;

/// Most characters of a sentence shown because it has a word that was looked for.
const SNIPPET: usize = 160;

/// Places on a map, and in the list under it.
const MAP_PER_PAGE: u32 = 50;

/// Most kinds of place on the front page.
const MOST_WAYS_IN: usize = 12;

/// Kinds of place that the front page offers, as far as there are any.
const WAYS_IN: [&str; 16] = [
    "cafe",
    "library",
    "rehearsal-studio",
    "makerspace",
    "allotment",
    "community-centre",
    "swimming-pool",
    "cinema",
    "museum",
    "place-of-worship",
    "volunteer-centre",
    "adult-learning-centre",
    "pub",
    "sports-club",
    "theatre",
    "arts-centre",
];

/// The front page.
#[derive(Debug, Clone, Serialize)]
pub struct Home {
    /// The life domains, as wishes.
    pub wishes: Vec<Kindly>,
    /// Some kinds of places: address and term.
    pub kinds: Vec<(String, Term)>,
    /// Words to try.
    pub ideas: Vec<&'static str>,
    /// How many places there are, in words; none where there are none.
    pub total: Option<String>,
}

impl Home {
    /// The front page of a catalogue with so many places, of these kinds.
    pub fn new(total: u64, there_are: &dyn Fn(&KindId) -> bool, words: &dyn Words) -> Self {
        let way_in = |id: &&str| Some((format!("/venues?kind={id}"), words.kind(&KindId::from(*id))?));
        let ideas = ["play guitar again", "fix a bike", "somewhere warm to read", "sing with other people", "grow things"];
        Self {
            wishes: Domain::ALL.iter().map(|domain| Kindly::from(*domain)).collect(),
            kinds: WAYS_IN.iter().filter(|id| there_are(&KindId::from(**id))).filter_map(way_in).take(MOST_WAYS_IN).collect(),
            ideas: ideas.into(),
            total: (total > 0).then(|| say::thousands(total)),
        }
    }
}

impl Page for Home {
    const TEMPLATE: &'static str = "home.html";

    fn title(&self) -> String {
        "What would you like to do?".to_owned()
    }

    fn samples() -> Vec<Self> {
        let new = |total| Self::new(total, &|_| total > 0, &samples::SampleWords);
        vec![new(1_204), new(0)]
    }
}

/// What finds something where nothing was found: wider, one filter less, or the words alone. Each is tried.
fn tries(app: &App, c: &mut Conn, fields: &Fields) -> Result<Vec<Try>, Failure> {
    let words = &*app.vocabulary;
    let mut ways: Vec<(String, Fields)> = Vec::new();
    if fields.within_km.parse().is_ok_and(|km: f64| km < 15.0) {
        ways.push(("Up to 15 km away".to_owned(), fields.with("within_km", "15")));
    }
    let less = removable(fields, words);
    let many = less.len() > 1;
    ways.extend(less.into_iter().map(|(label, less, _)| (format!("Without “{label}”"), less)).take(MOST_TRIES));
    if many && !fields.q.is_empty() {
        if !fields.near.is_empty() {
            ways.push((
                format!("With just your words near {}", say::place_name(&fields.near)),
                Fields { near: fields.near.clone(), ..only_words(fields) },
            ));
        }
        ways.push(("With just your words".to_owned(), only_words(fields)));
    }
    let mut tries: Vec<Try> = Vec::new();
    for (label, fields) in ways {
        if tries.iter().any(|before| before.fields == fields) {
            continue;
        }
        let asked = verbs::read(app, c, &Fields { per_page: "1".to_owned(), ..fields.clone() })?;
        let total = verbs::here(app, &asked)?.total;
        if total > 0 {
            tries.push(Try { label, fields, total });
        }
    }
    Ok(tries)
}

/// One suggestion while someone types, for the page's script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Offered {
    /// What it says.
    label: String,
    /// What it is, in words.
    kind: String,
    /// Where it leads; without one it is put into the box.
    url: Option<String>,
}

impl From<Suggestion> for Offered {
    fn from(found: Suggestion) -> Self {
        let (kind, url) = match found.kind {
            Suggested::Activity(_) => ("Something to do".to_owned(), None),
            Suggested::Kind(_) => ("Kind of place".to_owned(), None),
            Suggested::Venue(id) => {
                let place = found.place.map(|borough| format!("Place in {borough}"));
                (place.unwrap_or_else(|| "Place".to_owned()), Some(format!("/venues/{id}")))
            }
        };
        Self { label: found.label, kind, url }
    }
}

/// `GET /`
pub async fn home(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let shared = app.clone();
    let all = Question { per_page: 1, ..Question::default() };
    let found = blocking(move || Ok(shared.search.here().ask(&all, shared.clock.in_london().naive_local()))).await?;
    let there_are = |kind: &KindId| found.facets.kinds.get(kind).is_some_and(|count| *count > 0);
    app.page(&request, &Home::new(found.total, &there_are, &*app.vocabulary))
}

/// `GET /venues`
pub async fn results(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let query = request.query_string();
    let fields = Fields::read(query);
    let map = url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "view" && value == "map");
    let typed = fields.clone();
    let read = move |app: &App, c: &mut Conn| {
        let mut asked = verbs::read(app, c, &typed)?;
        if map && typed.per_page.is_empty() {
            asked.question.per_page = MAP_PER_PAGE;
            asked.question.page = asked.question.page.min(MAX_DEPTH / MAP_PER_PAGE);
        }
        Ok(asked)
    };
    let page = verbs::find(&app, read, move |app, c, asked, answer| show(app, c, &fields, map, &asked, answer)).await?;
    app.page(&request, &page)
}

fn show(app: &App, c: &mut Conn, fields: &Fields, map: bool, asked: &Asked, answer: verbs::Answer) -> Result<Results, Failure> {
    let verbs::Answer { found, cards } = answer;
    let tries = if found.total == 0 { tries(app, c, fields)? } else { Vec::new() };
    let answer = Answer {
        fields,
        problems: &asked.problems,
        question: &asked.question,
        found: &found,
        cards: &cards,
        marks: &|text: &str| super::marks(text, &found.highlight),
        snippet: &|text: &str| super::snippet(text, &found.highlight, SNIPPET),
        map,
        tiles: Tiles::from_config(&app.web),
        notice: found.behind.then(|| BEHIND.to_owned()),
        tries: &tries,
        now: app.clock.in_london().naive_local(),
    };
    Ok(Results::new(&answer, &*app.vocabulary))
}

/// What the engine suggests, without venues that are no longer published.
fn suggested(app: &App, c: &mut Conn, words: &str) -> Result<Vec<Suggestion>, Failure> {
    let mut found = app.search.here().suggest(words, MOST_SUGGESTED);
    let ids = found.iter().filter_map(|one| if let Suggested::Venue(id) = one.kind { Some(id) } else { None });
    let shown = venues::store::cards(c, &ids.collect::<Vec<_>>())?;
    found.retain(|one| match one.kind {
        Suggested::Venue(id) => shown.iter().any(|card| card.lead.card == id),
        Suggested::Activity(_) | Suggested::Kind(_) => true,
    });
    Ok(found)
}

/// `GET /venues/suggest`
pub async fn suggest(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let words = Fields::read(request.query_string()).q;
    let shared = app.clone();
    let found = app.db.read(move |c| suggested(&shared, c, &words)).await?;
    let offered: Vec<Offered> = found.into_iter().map(Offered::from).collect();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "private, max-age=60")).json(offered))
}

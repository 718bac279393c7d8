//! The demo's post: which letters were posted, and what each says. Everywhere else there is no such page. Letters that could not be
//! sent are for administrators.

mod failed;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use chrono::NaiveDateTime;
use chrono_tz::Europe::London;
use serde::{Deserialize, Serialize};

pub use self::failed::FailedPage;
use super::{PER_PAGE, Paged, Parcel, opened, paged, store};
use crate::{
    accounts::Role,
    app::App,
    db::Conn,
    error::Failure,
    jobs::State,
    routes::{Object, Route, Shows, Site, Who, get, post},
    values::LetterId,
    vault::Vault,
    web::{page::Page, views::say},
};

/// Those who look after letters that could not be sent.
const LOOK_AFTER: Who = Who::Having(&[Role::Administrator]);

/// This room's lines of the route table.
pub fn routes() -> Vec<Route> {
    use Shows::{Letters, Operations};
    use Site::Page;
    vec![
        get("/demo/post", Page, Letters, list),
        get("/demo/post/{id}", Page, Letters, letter),
        get("/letters/failed", Page, Operations, failed::list).only(LOOK_AFTER, Object::Nothing),
        post("/letters/failed", Page, Operations, failed::again).only(LOOK_AFTER, Object::Nothing),
    ]
}

/// The letters that were posted.
#[derive(Debug, Clone, Serialize)]
pub struct PostPage {
    /// "3 letters".
    pub total: String,
    /// A page of them, the newest first.
    pub letters: Paged<Envelope>,
    /// The page with newer ones.
    pub newer: Option<String>,
    /// The page with older ones.
    pub older: Option<String>,
}

/// What is seen of a letter from outside.
#[derive(Debug, Clone, Serialize)]
pub struct Envelope {
    /// Where it can be read.
    pub href: String,
    /// Whom it is to; none where they were erased.
    pub to: Option<String>,
    /// Its subject line.
    pub heading: String,
    /// "21 November 2026, midday".
    pub posted: String,
    /// "sent", "waiting" or "failed".
    pub state: String,
}

/// One letter as the person sees it.
#[derive(Debug, Clone, Serialize)]
pub struct LetterPage {
    /// What is seen from outside.
    pub envelope: Envelope,
    /// Its words as text: paragraphs of lines of pieces.
    pub paragraphs: Vec<Vec<Vec<Piece>>>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Its words.
    pub text: String,
    /// Whether they are a link.
    pub is_link: bool,
}

/// Which page of the list.
#[derive(Debug, Deserialize)]
pub struct Asked {
    page: Option<String>,
}

/// `GET /demo/post`
pub async fn list(app: Data<App>, asked: Query<Asked>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    only_in_the_demo(&app)?;
    let page = asked.page.as_deref().unwrap_or("1").parse().map_err(|_| Failure::NotFound)?;
    let vault = app.vault.clone();
    let letters = app.db.read(move |c| envelopes(c, &vault, page)).await?;
    app.page(&request, &PostPage::new(letters))
}

/// `GET /demo/post/{id}`
pub async fn letter(app: Data<App>, id: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    only_in_the_demo(&app)?;
    let id: LetterId = id.parse().map_err(|_| Failure::NotFound)?;
    let vault = app.vault.clone();
    let page = app.db.read(move |c| read(c, &vault, id)).await?;
    app.page(&request, &page)
}

/// Only where everyone is made up, and where no letter could have gone to a real person.
fn only_in_the_demo(app: &App) -> Result<(), Failure> {
    if app.demo() && !app.mail.leaves() { Ok(()) } else { Err(Failure::NotFound) }
}

fn envelopes(c: &mut Conn, vault: &Vault, page: u32) -> Result<Paged<Envelope>, Failure> {
    let total = store::count_posted(c)?;
    let (page, pages, skip) = paged(page, total);
    let mut items = Vec::new();
    for row in store::posted(c, skip, PER_PAGE)? {
        let parcel = opened(c, vault, &row)?;
        items.push(Envelope::new(&row, parcel.as_ref()));
    }
    Ok(Paged { items, page, pages, total })
}

fn read(c: &mut Conn, vault: &Vault, id: LetterId) -> Result<LetterPage, Failure> {
    let row = store::letter(c, &id.to_string())?.ok_or(Failure::NotFound)?;
    let parcel = opened(c, vault, &row)?.ok_or(Failure::NotFound)?;
    Ok(LetterPage { envelope: Envelope::new(&row, Some(&parcel)), paragraphs: paragraphs(parcel.text.show()) })
}

impl Envelope {
    fn new(row: &store::Row, parcel: Option<&Parcel>) -> Self {
        Self {
            href: format!("/demo/post/{}", row.id),
            to: parcel.map(|parcel| parcel.to.show().to_owned()),
            heading: row.heading.clone(),
            posted: in_london(row.posted_at),
            state: row.state.clone(),
        }
    }
}

fn in_london(stamp: NaiveDateTime) -> String {
    let there = stamp.and_utc().with_timezone(&London);
    format!("{}, {}", say::date(there.date_naive()), say::time(there.time()))
}

/// The text as paragraphs of lines, with its links told apart.
fn paragraphs(text: &str) -> Vec<Vec<Vec<Piece>>> {
    let lines = |paragraph: &str| paragraph.trim_matches('\n').lines().map(pieces).collect();
    text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()).map(lines).collect()
}

fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for word in line.split_inclusive(' ') {
        let is_link = word.starts_with("https://") || word.starts_with("http://");
        match pieces.last_mut() {
            Some(last) if !is_link && !last.is_link => last.text.push_str(word),
            _ if is_link => pieces.push(Piece { text: word.trim_end().to_owned(), is_link }),
            _ => pieces.push(Piece { text: word.to_owned(), is_link }),
        }
    }
    pieces
}

impl PostPage {
    /// A page of the list.
    pub fn new(letters: Paged<Envelope>) -> Self {
        let href = |page: u32| format!("/demo/post?page={page}");
        Self {
            total: say::count(u64::try_from(letters.total).unwrap_or(0), "letter", "letters"),
            newer: (letters.page > 1).then(|| href(letters.page - 1)),
            older: (letters.page < letters.pages).then(|| href(letters.page + 1)),
            letters,
        }
    }
}

fn sample_moment() -> NaiveDateTime {
    crate::web::views::samples::now()
}

fn sample_envelopes() -> Vec<Envelope> {
    let one = |(to, heading, state): (Option<&str>, &str, &str)| Envelope {
        href: "/demo/post/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
        to: to.map(str::to_owned),
        heading: heading.to_owned(),
        posted: "21 November 2026, midday".to_owned(),
        state: state.to_owned(),
    };
    [
        (Some("ada@example.org"), "Your link to sign in", State::Waiting.code()),
        (Some("a.very.long.name.of.someone@a-long-name-of-a-place.example"), "We have your note", "sent"),
        (Some("nobody@nowhere.example"), "A new message is waiting for you", State::Failed.code()),
        (None, "A change to your account", "sent"),
    ]
    .map(one)
    .to_vec()
}

impl Page for PostPage {
    const TEMPLATE: &'static str = "post.html";

    fn title(&self) -> String {
        "Letters of this demo".to_owned()
    }

    fn samples() -> Vec<Self> {
        let page = |items, page, pages, total| Self::new(Paged { items, page, pages, total });
        vec![page(Vec::new(), 1, 1, 0), page(sample_envelopes(), 2, 3, 54)]
    }
}

impl Page for LetterPage {
    const TEMPLATE: &'static str = "letter.html";

    fn title(&self) -> String {
        format!("{}, a letter of this demo", self.envelope.heading)
    }

    fn samples() -> Vec<Self> {
        let text = "Here is your link.\nIt works once.\n\nhttps://footbridge.example/sign-in/Zq3xY0c8?a=b&c=d\n\nThat is all.\n--\nBye.\n";
        sample_envelopes().into_iter().take(3).map(|envelope| Self { envelope, paragraphs: paragraphs(text) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<Vec<Vec<(String, bool)>>> {
        let line = |line: Vec<Piece>| line.into_iter().map(|piece| (piece.text, piece.is_link)).collect();
        paragraphs(text).into_iter().map(|lines| lines.into_iter().map(line).collect()).collect()
    }

    #[test]
    fn links_in_a_letter_are_told_from_its_words() {
        let plain = |text: &str| (text.to_owned(), false);
        let link = |text: &str| (text.to_owned(), true);
        assert_eq!(
            told("One.\nTwo: 1 2\n\n\nThree\n"),
            [vec![vec![plain("One.")], vec![plain("Two: 1 2")]], vec![vec![plain("Three")]],]
        );
        assert_eq!(told("https://a.example/?b=c&d"), [[vec![link("https://a.example/?b=c&d")]]]);
        assert_eq!(
            told("See http://a.example now or javascript:x"),
            [[vec![plain("See "), link("http://a.example"), plain("now or javascript:x"),]]]
        );
    }

    #[test]
    fn a_page_is_within_what_there_is() {
        assert_eq!(paged(1, 0), (1, 1, 0));
        assert_eq!(paged(0, 26), (1, 2, 0));
        assert_eq!(paged(2, 26), (2, 2, 25));
        assert_eq!(paged(9, 50), (2, 2, 25));
        assert_eq!(paged(u32::MAX, i64::MAX).0, super::super::LAST_PAGE);
    }
}

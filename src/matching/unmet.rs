//! What stays of wishes: how often what was wished for where, how often in vain, and words that the vocabulary lacks.
//!
//! No wish is kept. Counts are gathered in memory and written down every minute; a word is written down in plain only once three
//! askers have used it on three days, until then there is nothing but a mark of it.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_web::{HttpRequest, web::Data};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    fields, store,
    verbs::{Answer, Ask, FEW},
};
use crate::{
    app::App,
    background::Stopped,
    db::{self, Conn},
    error::Failure,
    places::{Place, PlaceKind},
    web::limits::Limits,
};

/// How often what was gathered is written down.
const EVERY: Duration = Duration::from_secs(60);
/// Most counts, and most unknown words, that are gathered before they are written down.
const MOST: usize = 10_000;
const MOST_WORDS: usize = 1_000;
/// Most unknown words of one wish, and how long each may be.
const MOST_OF_ONE: usize = 3;
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=20;
/// Most things that one wish counts for.
const MOST_WISHED: usize = 3;
/// So many askers must have used a word, each on another day.
const ASKERS: usize = 3;
/// The setting that holds the key that marks are made with.
const KEY: &str = "unknown_words_key";

/// Who asks, as far as two askers can be told apart.
#[derive(Clone, Copy)]
pub(crate) struct Asker(Option<IpAddr>);

impl Asker {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self(request.app_data::<Data<Limits>>().and_then(|limits| limits.network_of(request)))
    }
}

/// One thing that was wished for: month, what, where.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Wished {
    pub(crate) month: String,
    pub(crate) wish: String,
    pub(crate) district: String,
}

#[derive(Default)]
struct Gathered {
    /// Asked, and in vain.
    counts: HashMap<Wished, (i32, i32)>,
    /// Words and who used them, with the day.
    words: Vec<(String, Option<IpAddr>, NaiveDate)>,
}

/// What was gathered since it was last written down.
#[derive(Default)]
pub struct Unmet(Mutex<Gathered>);

impl Unmet {
    /// Counts a wish.
    pub(crate) fn note(&self, app: &App, ask: &Ask, answer: &Answer, asker: Asker) {
        let today = app.clock.in_london().date_naive();
        let month = today.format("%Y-%m").to_string();
        let district = ask.near.as_ref().map(district).unwrap_or_default();
        let in_vain = i32::from(answer.tally.good < FEW);
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for one in answer.understanding.meant.iter().take(MOST_WISHED) {
            if gathered.counts.len() < MOST {
                let wish = fields::code(&app.vocabulary.concept(one.concept));
                let wished = Wished { month: month.clone(), wish, district: district.clone() };
                let (asked, unmet) = gathered.counts.entry(wished).or_default();
                *asked += 1;
                *unmet += in_vain;
            }
        }
        let fit = |word: &&String| LENGTHS.contains(&word.len()) && word.chars().all(|c| c.is_ascii_lowercase());
        for word in answer.understanding.unrecognised.iter().filter(fit).take(MOST_OF_ONE) {
            if gathered.words.len() < MOST_WORDS {
                gathered.words.push((word.clone(), asker.0, today));
            }
        }
    }

    /// Writes down what was gathered; what can't be written is kept for the next time.
    pub fn write_down(&self, app: &App) -> Result<(), Failure> {
        let Gathered { counts, words } = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() && words.is_empty() {
            return Ok(());
        }
        let written = app.db.write_now(|c| {
            counts.iter().try_for_each(|(wished, (asked, unmet))| store::count(c, wished, *asked, *unmet))?;
            words.iter().try_for_each(|(word, asker, day)| note_word(c, word, *asker, *day))
        });
        if written.is_err() {
            let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (wished, (asked, unmet)) in counts {
                let known = gathered.counts.entry(wished).or_default();
                *known = (known.0 + asked, known.1 + unmet);
            }
        }
        written
    }
}

/// Writes down every minute what was gathered, and once more at the end.
pub async fn write_down_often(app: Data<App>, mut stopped: Stopped) {
    loop {
        let go_on = stopped.pause(EVERY).await;
        let shared = app.clone();
        if let Err(failure) = db::blocking(move || shared.unmet.write_down(&shared)).await {
            tracing::warn!(cause = ?failure.cause(), "wishes could not be counted");
        }
        if !go_on {
            return;
        }
    }
}

/// A postcode's district, a borough, or nothing: nobody's own street.
fn district(place: &Place) -> String {
    match place.kind {
        PlaceKind::Postcode | PlaceKind::Sector => place.label.split(' ').next().unwrap_or_default().to_owned(),
        PlaceKind::District | PlaceKind::Borough => place.label.clone(),
        PlaceKind::Point => String::new(),
    }
}

/// Marks a word as used by an asker on a day; the third asker's, on the third day, is written down in plain.
pub fn note_word(c: &mut Conn, word: &str, asker: Option<IpAddr>, day: NaiveDate) -> Result<(), Failure> {
    let key = key(c)?;
    let mark = hex(&digest(&key, &[word]), 16);
    // A byte can't tell who someone is, and of the same word only.
    let tag = hex(&digest(&key, &[word, &asker.map(|asker| asker.to_string()).unwrap_or_default()]), 1);
    let Some(known) = store::unknown_word(c, &mark)? else {
        return store::add_unknown_word(c, &mark, &tag, day);
    };
    let mut askers: Vec<&str> = known.askers.split(' ').collect();
    if known.word.is_some() || known.last_day >= day || askers.contains(&tag.as_str()) {
        return Ok(());
    }
    askers.push(&tag);
    let plain = (askers.len() >= ASKERS).then_some(word);
    store::change_unknown_word(c, &mark, &askers.join(" "), day, plain)
}

fn key(c: &mut Conn) -> Result<String, Failure> {
    if let Some(key) = db::setting(c, KEY)? {
        return Ok(key);
    }
    let key = format!("{}{}", Uuid::new_v4(), Uuid::new_v4());
    db::set_setting(c, KEY, &key)?;
    Ok(key)
}

fn digest(key: &str, parts: &[&str]) -> Vec<u8> {
    let mut digest = Sha256::new_with_prefix(key);
    for part in parts {
        digest.update([0]);
        digest.update(part);
    }
    digest.finalize().to_vec()
}

fn hex(bytes: &[u8], first: usize) -> String {
    bytes.iter().take(first).map(|byte| format!("{byte:02x}")).collect()
}

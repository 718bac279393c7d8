//! Suggestions while someone types: what the vocabulary knows first, then venues by name.

use super::{
    Embedded,
    plan::{Look, PartPlan, Plan, Source},
    rank::{Best, Keys},
    scan::Want,
    snapshot::Place,
};
use crate::{
    search::{MAX_WORDS, Sort, Suggested, Suggestion},
    values::VenueId,
    vocabulary::{Concept, text::tokens},
};

/// At least so many of the suggestions are venues, where there are that many.
const VENUES_PART: usize = 2;
/// Most words looked at.
const MOST_WORDS: usize = 8;

impl Embedded {
    /// Up to `limit` suggestions for what was typed so far.
    pub fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let text: String = text.chars().take(MAX_WORDS).collect();
        let venues = self.venues_named(&text, limit);
        let room = limit.saturating_sub(venues.len().min(limit / VENUES_PART));
        let completed = self.vocabulary.complete(&text, room).into_iter().filter_map(|found| {
            let kind = match found.concept {
                Concept::Activity(id) => Suggested::Activity(id),
                Concept::Kind(id) => Suggested::Kind(id),
                Concept::Domain(_) => return None,
            };
            Some(Suggestion { label: found.label, kind, place: None })
        });
        completed.chain(venues).take(limit).collect()
    }

    fn venues_named(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let words: Vec<String> = tokens(text).into_iter().map(|token| token.word).take(MOST_WORDS).collect();
        if words.last().is_none_or(|last| words.len() == 1 && last.len() < 2) {
            return Vec::new();
        }
        let snapshot = self.snapshot();
        let plan = name_plan(&words);
        let keys = Keys::new(Sort::Best, &self.settings.ranking, None, chrono::NaiveDateTime::MIN);
        let mut best = Best::new(&snapshot.segments, Sort::Best, limit);
        let mut desk = self.desk();
        for (at, segment) in snapshot.segments.iter().enumerate() {
            let columns = &segment.columns;
            desk.sheet().scan(segment, &plan, &[(0, segment.max_doc())], Want::All, (0.0, 1.0), |fit| {
                if segment.is_alive(fit.doc) {
                    let row = &columns.rows[fit.doc as usize];
                    let key = keys.key(columns, fit.doc, row, fit.score, f64::NAN);
                    best.offer(key, columns.ids[fit.doc as usize], (at, fit.doc), f64::NAN);
                }
            });
        }
        let named = best.page(0).into_iter().map(|hit| {
            let (segment, doc) = hit.place();
            let columns = &snapshot.segments[segment].columns;
            let borough = columns.borough(doc);
            Suggestion {
                label: columns.name(doc).to_owned(),
                kind: Suggested::Venue(VenueId(uuid::Uuid::from_u128(hit.id))),
                place: (!borough.is_empty()).then(|| borough.to_owned()),
            }
        });
        let named: Vec<Suggestion> = named.collect();
        self.put_back(desk);
        named
    }
}

/// All words in the name, the last perhaps only begun.
fn name_plan(words: &[String]) -> Plan {
    let last = words.len() - 1;
    let look = |word: &String, prefix: bool| Look { place: Place::Name, term: word.clone(), worth: 1.0, prefix };
    let part = |(at, word): (usize, &String)| {
        let looks = std::iter::once(look(word, false)).chain((at == last).then(|| look(word, true)));
        PartPlan::of(Source::Words(vec![looks.collect()]))
    };
    Plan { parts: words.iter().enumerate().map(part).collect(), words: words.to_vec() }
}

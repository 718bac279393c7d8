//! Goes through the places of a segment that the words fit, and scores each. A term at a time, into one sheet of
//! numbers, so that nothing is allocated for a place.

use super::{
    plan::{Look, PartPlan, Plan, Source},
    snapshot::{Place, Segment, each_in},
};

/// Most longer words that one beginning stands for.
const MOST_LONGER: usize = 400;

/// What is known of one document so far.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// A bit for each part that fits.
    fits: u16,
    /// The part that `words` and `best` speak of, from 1.
    part: u16,
    /// A bit for each word of the part that was seen.
    words: u16,
    /// Whether a word stands in the name.
    named: bool,
    best: f32,
    sum: f32,
    /// Of the words seen so far of a phrase.
    phrase: f32,
}

/// Room to work in, kept from question to question.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    cells: Vec<Cell>,
    touched: Vec<u32>,
    sureness: Vec<u8>,
}

/// One document that fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    pub(super) doc: u32,
    pub(super) score: f32,
    /// How many parts fit.
    pub(super) parts: u32,
}

/// Whether every part must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    All,
    Any,
}

impl Sheet {
    /// Sees every document in the ranges that the words fit, each once.
    pub(super) fn scan(
        &mut self,
        segment: &Segment,
        plan: &Plan,
        ranges: &[(u32, u32)],
        want: Want,
        shares: (f32, f32),
        mut see: impl FnMut(Fit),
    ) {
        let size = segment.max_doc() as usize;
        if self.cells.len() < size {
            self.cells.resize(size, Cell::default());
        }
        let (second, whole_name) = shares;
        for (at, part) in (0_u16..16).zip(&plan.parts) {
            let mut scan = Scan { sheet: self, segment, ranges, at, want, second };
            scan.part(part);
        }
        let all = plan.parts.len().min(16) as u32;
        let touched = std::mem::take(&mut self.touched);
        for doc in &touched {
            let cell = std::mem::take(&mut self.cells[*doc as usize]);
            let parts = cell.fits.count_ones();
            if parts == 0 || (want == Want::All && parts < all) {
                continue;
            }
            let whole = cell.named && is_whole(segment.columns.key(*doc), &plan.words);
            see(Fit { doc: *doc, score: cell.sum + if whole { whole_name } else { 0.0 }, parts });
        }
        self.touched = touched;
        self.touched.clear();
    }
}

/// Whether all words of a folded name were asked for; "the" needn't be.
fn is_whole(key: &[u8], words: &[String]) -> bool {
    let mut parts = key.split(|byte| *byte == b' ').filter(|part| *part != b"the");
    parts.all(|part| words.iter().any(|word| word.as_bytes() == part))
}

struct Scan<'a> {
    sheet: &'a mut Sheet,
    segment: &'a Segment,
    ranges: &'a [(u32, u32)],
    at: u16,
    want: Want,
    second: f32,
}

impl Scan<'_> {
    fn part(&mut self, part: &PartPlan) {
        for source in &part.sources {
            match source {
                Source::Concept { term, worth } => self.concept(term, *worth),
                Source::Activity { term, place, worth } => self.activity(term, *place, *worth),
                Source::Words(words) => self.words(words),
            }
        }
    }

    fn concept(&mut self, term: &str, worth: f32) {
        let Some(info) = self.segment.info(Place::Concept, term) else { return };
        let Some(mut postings) = self.segment.postings(Place::Concept, &info) else { return };
        each_in(&mut postings, self.ranges, |doc| self.sheet.hit(doc, self.at, self.want, worth, self.second));
    }

    fn activity(&mut self, term: &str, place: u16, worth: f32) {
        let Some(info) = self.segment.info(Place::Concept, term) else { return };
        let Some(mut postings) = self.segment.postings(Place::Concept, &info) else { return };
        let columns = &self.segment.columns;
        self.sheet.sureness.clear();
        self.sheet.sureness.resize(columns.profiles.len(), 0);
        each_in(&mut postings, self.ranges, |doc| {
            let profile = columns.rows[doc as usize].profile as usize;
            let known = &mut self.sheet.sureness[profile];
            if *known == 0 {
                let activities = &columns.profiles[profile].activities;
                *known = activities.binary_search_by_key(&place, |(at, _)| *at).map_or(1, |at| activities[at].1.max(1));
            }
            let worth = worth * f32::from(*known) / 255.0;
            self.sheet.hit(doc, self.at, self.want, worth, self.second);
        });
    }

    fn words(&mut self, words: &[Vec<Look>]) {
        if let [looks] = words {
            self.each(looks, |sheet, at, want, second, doc, worth| sheet.hit(doc, at, want, worth, second));
            return;
        }
        let all = words.len().min(16);
        for (bit, looks) in (0_u16..16).zip(words) {
            self.each(looks, |sheet, at, want, second, doc, worth| {
                sheet.phrase(doc, at, want, (bit, all), worth, second);
            });
        }
    }

    fn each(&mut self, looks: &[Look], mut see: impl FnMut(&mut Sheet, u16, Want, f32, u32, f32)) {
        for look in looks {
            let infos = if look.prefix {
                self.segment.beginning(look.place, &look.term, MOST_LONGER)
            } else {
                self.segment.info(look.place, &look.term).map(|info| (look.term.len(), info)).into_iter().collect()
            };
            for (length, info) in infos {
                let Some(mut postings) = self.segment.postings(look.place, &info) else { continue };
                let share = if look.prefix { look.term.len() as f32 / length as f32 } else { 1.0 };
                let worth = look.worth * (0.5 + share / 2.0);
                let named = look.place == Place::Name && !look.prefix;
                each_in(&mut postings, self.ranges, |doc| {
                    if named {
                        self.sheet.note_name(doc, self.at, self.want);
                    }
                    see(self.sheet, self.at, self.want, self.second, doc, worth);
                });
            }
        }
    }
}

impl Sheet {
    /// The document's cell, if the parts before fit it as wanted.
    #[inline]
    fn cell(&mut self, doc: u32, at: u16, want: Want) -> Option<&mut Cell> {
        let cell = &mut self.cells[doc as usize];
        let before = (1_u16 << at) - 1;
        if want == Want::All && cell.fits & before != before {
            return None;
        }
        if cell.part == 0 {
            self.touched.push(doc);
        }
        if cell.part != at + 1 {
            cell.part = at + 1;
            cell.words = 0;
            cell.best = 0.0;
            cell.phrase = 0.0;
        }
        Some(cell)
    }

    #[inline]
    fn hit(&mut self, doc: u32, at: u16, want: Want, worth: f32, second: f32) {
        if let Some(cell) = self.cell(doc, at, want) {
            cell.add(at, worth, second);
        }
    }

    #[inline]
    fn phrase(&mut self, doc: u32, at: u16, want: Want, (bit, all): (u16, usize), worth: f32, second: f32) {
        let Some(cell) = self.cell(doc, at, want) else { return };
        if cell.words & (1 << bit) != 0 || cell.words != (1 << bit) - 1 {
            return;
        }
        cell.words |= 1 << bit;
        cell.phrase += worth / all as f32;
        if cell.words.count_ones() as usize == all {
            let worth = cell.phrase;
            cell.add(at, worth, second);
        }
    }

    #[inline]
    fn note_name(&mut self, doc: u32, at: u16, want: Want) {
        if let Some(cell) = self.cell(doc, at, want) {
            cell.named = true;
        }
    }
}

impl Cell {
    #[inline]
    fn add(&mut self, at: u16, worth: f32, second: f32) {
        self.fits |= 1 << at;
        if worth > self.best {
            self.sum += worth - self.best + second * self.best;
            self.best = worth;
        } else {
            self.sum += second * worth;
        }
    }
}

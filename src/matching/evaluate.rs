//! How good the matches are, by aspirations with graded kinds of venue: nDCG@10 and precision@5.
#![allow(clippy::cast_precision_loss, reason = "there are only so many aspirations")]

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::{
    choose::{Chooser, Chosen},
    score::Measure,
    understand::{Ingredients, Meant, Reader, Wish},
};
use crate::{
    search::embedded::Embedded,
    values::{Point, VenueId},
    vocabulary::{KindId, Vocabulary},
};

/// How far around places are looked for, in metres.
const WITHIN_M: u32 = 8_000;
/// So many places are graded.
const GRADED: usize = 10;
/// So many are shown of the worst.
const SHOWN: usize = 6;

/// One aspiration with what a good bridge builder would offer.
#[derive(Debug, Clone, Deserialize)]
pub struct Aspiration {
    /// A short name.
    pub id: String,
    /// The person's own words.
    pub text: String,
    /// A postcode or district.
    pub near: String,
    /// Whether it names nothing that it means.
    #[serde(default)]
    pub indirect: bool,
    /// Kinds and how good they are, 1 to 3.
    #[serde(default)]
    pub grades: BTreeMap<String, u8>,
    /// Patterns of names and how good such places are, 1 to 3.
    #[serde(default)]
    pub names: BTreeMap<String, u8>,
    /// Kinds that must not come.
    #[serde(default)]
    pub not_wanted: Vec<String>,
}

/// A file of aspirations.
#[derive(Debug, Clone, Deserialize)]
pub struct Aspirations {
    /// All of them.
    pub aspiration: Vec<Aspiration>,
}

/// How one aspiration did.
#[derive(Debug, Clone)]
pub struct Score {
    /// Its name.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Whether it is an indirect one.
    pub indirect: bool,
    /// From 0 to 1.
    pub ndcg: f64,
    /// From 0 to 1.
    pub precision: f64,
    /// What came first.
    pub first: Vec<String>,
    /// What was understood.
    pub understood: Vec<String>,
    /// The sayings it sounds like.
    pub sounds_like: Vec<String>,
}

/// The averages, and the worst ones with what was understood.
pub fn report(name: &str, scores: &[Score], worst: usize) -> String {
    let mut sorted: Vec<&Score> = scores.iter().collect();
    sorted.sort_by(|a, b| a.ndcg.total_cmp(&b.ndcg));
    let part = |indirect: bool| sorted.iter().copied().filter(|score| score.indirect == indirect).collect::<Vec<_>>();
    let mut lines = vec![average(name, &sorted), average("  plain", &part(false)), average("  indirect", &part(true))];
    for score in sorted.iter().take(worst) {
        lines.push(format!("{:.2} {}: {}", score.ndcg, score.id, score.text));
        lines.push(format!("     understood: {}", score.understood.join(", ")));
        lines.push(format!("     sounds like: {}", score.sounds_like.join(" | ")));
        lines.push(format!("     first: {}", score.first.join(", ")));
    }
    lines.join("\n")
}

/// The averages with each ingredient left out, as a table.
pub fn left_out(trial: &Trial<'_>, all: &[(&Aspiration, Point)]) -> String {
    let mut lines =
        vec!["| left out | nDCG@10 | precision@5 | plain | indirect |".to_owned(), "|---|---|---|---|---|".to_owned()];
    for (name, ingredients) in Ingredients::each_left_out() {
        let trial = Trial { ingredients, ..*trial };
        let scores: Vec<Score> = all.iter().filter_map(|(aspiration, near)| score(&trial, aspiration, *near)).collect();
        let mean = |of: &dyn Fn(&Score) -> f64, which: &dyn Fn(&Score) -> bool| {
            let some: Vec<f64> = scores.iter().filter(|score| which(score)).map(of).collect();
            some.iter().sum::<f64>() / some.len().max(1) as f64
        };
        let ndcg: &dyn Fn(&Score) -> f64 = &|score| score.ndcg;
        lines.push(format!(
            "| {name} | {:.3} | {:.3} | {:.3} | {:.3} |",
            mean(ndcg, &|_| true),
            mean(&|score| score.precision, &|_| true),
            mean(ndcg, &|score| !score.indirect),
            mean(ndcg, &|score| score.indirect)
        ));
    }
    lines.join("\n")
}

fn average(name: &str, of: &[&Score]) -> String {
    let mean = |part: fn(&Score) -> f64| of.iter().map(|score| part(score)).sum::<f64>() / of.len().max(1) as f64;
    let (ndcg, precision) = (mean(|score| score.ndcg), mean(|score| score.precision));
    format!("{name}: nDCG@10 {ndcg:.3}, precision@5 {precision:.3}, {} aspirations", of.len())
}

struct Grader {
    kinds: HashMap<u16, u8>,
    refused: Vec<u16>,
    names: Vec<(Regex, u8)>,
}

/// What is tried.
pub struct Trial<'t> {
    /// The places.
    pub here: &'t Embedded,
    /// Understands.
    pub reader: &'t Reader,
    /// The day of the trial.
    pub today: NaiveDate,
    /// Which ingredients count.
    pub(crate) ingredients: Ingredients,
}

impl<'t> Trial<'t> {
    /// With all ingredients.
    pub fn new(here: &'t Embedded, reader: &'t Reader, today: NaiveDate) -> Self {
        Self { here, reader, today, ingredients: Ingredients::default() }
    }
}

/// Scores one aspiration; none where no place around is any good.
pub fn score(trial: &Trial<'_>, aspiration: &Aspiration, near: Point) -> Option<Score> {
    let Trial { here, reader, .. } = *trial;
    let grader = Grader::new(&reader.vocabulary, aspiration);
    let wish = Wish { text: aspiration.text.clone(), ..Wish::default() };
    let understanding = reader.understand_with(&wish, trial.ingredients);
    let measure = Measure::new(&understanding.needs, trial.today);
    let around = here.around(Some((near, WITHIN_M)), &understanding.names);
    let mut grades: HashMap<VenueId, (u8, String)> = HashMap::new();
    around.each(|place| {
        drop(grades.insert(place.id(), (grader.grade(&place.profile().kinds, place.name()), place.name().to_owned())))
    });
    let mut ideal: Vec<u8> = grades.values().map(|(grade, _)| *grade).collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    ideal.truncate(GRADED);
    if ideal.first().is_none_or(|best| *best == 0) {
        return None;
    }
    let chooser = Chooser {
        reader,
        understanding: &understanding,
        measure: &measure,
        hidden: &HashSet::new(),
        only: None,
        parts: trial.ingredients.parts,
    };
    let choice = chooser.choose(&around, GRADED);
    let got: Vec<u8> = choice.places.iter().filter_map(|one| grades.get(&one.venue)).map(|(grade, _)| *grade).collect();
    let label = |one: &Meant| format!("{} {:.2}", reader.vocabulary.label(&reader.vocabulary.concept(one.concept)), one.sureness);
    let line =
        |one: &Chosen| grades.get(&one.venue).map(|(grade, name)| format!("{grade}:{name} {:.2}", one.score)).unwrap_or_default();
    Some(Score {
        id: aspiration.id.clone(),
        text: aspiration.text.clone(),
        indirect: aspiration.indirect,
        ndcg: (dcg(&got) / dcg(&ideal)).min(1.0),
        precision: precision(&got, &ideal),
        first: choice.places.iter().take(SHOWN).map(line).collect(),
        sounds_like: sounds_like(reader, &understanding.sounds_like),
        understood: understanding.meant.iter().take(SHOWN).map(label).collect(),
    })
}

fn sounds_like(reader: &Reader, heard: &[(u16, f32)]) -> Vec<String> {
    heard.iter().take(SHOWN).map(|(saying, alike)| format!("{alike:.2} {}", reader.saying(*saying))).collect()
}

/// How many of the first five are good, of as many as there are.
fn precision(got: &[u8], ideal: &[u8]) -> f64 {
    let good = |grades: &[u8], of: usize| grades.iter().take(of).filter(|grade| **grade >= 2).count();
    match good(ideal, GRADED).min(5) {
        0 => 1.0,
        there => good(got, 5).min(there) as f64 / there as f64,
    }
}

impl Grader {
    fn new(vocabulary: &Vocabulary, aspiration: &Aspiration) -> Self {
        let place = |id: &String| vocabulary.kind_place(&KindId::from(id.as_str()));
        let pattern =
            |(pattern, grade): (&String, &u8)| Some((RegexBuilder::new(pattern).case_insensitive(true).build().ok()?, *grade));
        Self {
            kinds: aspiration.grades.iter().filter_map(|(id, grade)| Some((place(id)?, *grade))).collect(),
            refused: aspiration.not_wanted.iter().filter_map(place).collect(),
            names: aspiration.names.iter().filter_map(pattern).collect(),
        }
    }

    fn grade(&self, kinds: &[u16], name: &str) -> u8 {
        if kinds.iter().any(|kind| self.refused.contains(kind)) {
            return 0;
        }
        let by_kind = kinds.iter().filter_map(|kind| self.kinds.get(kind)).copied().max().unwrap_or(0);
        let by_name = self.names.iter().filter(|(pattern, _)| pattern.is_match(name)).map(|(_, grade)| *grade).max();
        by_kind.max(by_name.unwrap_or(0))
    }
}

fn dcg(grades: &[u8]) -> f64 {
    (2_u32..).zip(grades).map(|(at, grade)| (2_f64.powi(i32::from(*grade)) - 1.0) / f64::from(at).log2()).sum()
}

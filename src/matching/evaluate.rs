//! How good the matches are, by aspirations with graded kinds of venue: nDCG@10 and precision@5.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{evidence::evidence, fit::Wanted};
use crate::{
    search::embedded::Embedded,
    values::Point,
    vocabulary::{KindId, Vocabulary},
};

/// How far around places are looked for, in metres.
const WITHIN_M: u32 = 8_000;
/// So many places are graded.
const GRADED: usize = 10;
/// Half as much at so many metres.
const HALF_AT_M: f64 = 12_000.0;

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
}

struct Grader<'v> {
    kinds: HashMap<u16, u8>,
    refused: Vec<u16>,
    names: Vec<(regex::Regex, u8)>,
    _vocabulary: &'v Vocabulary,
}

/// Scores one aspiration; none where no place around is any good.
pub fn score(here: &Embedded, vocabulary: &Vocabulary, aspiration: &Aspiration, near: Point) -> Option<Score> {
    let grader = Grader::new(vocabulary, aspiration);
    let evidence = evidence(vocabulary, &aspiration.text);
    let wanted = Wanted::of(&evidence);
    let mut fits: HashMap<(usize, u32), f32> = HashMap::new();
    let mut all: Vec<(f64, u8, u128, String)> = Vec::new();
    here.each_near(near, WITHIN_M, |place| {
        let fit = *fits.entry((place.segment, place.profile_number)).or_insert_with(|| wanted.fit(place.profile()));
        let score = f64::from(fit) / (1.0 + place.metres / HALF_AT_M);
        all.push((score, grader.grade(&place.profile().kinds, place.name()), place.id(), place.name().to_owned()));
    });
    let mut ideal: Vec<u8> = all.iter().map(|(_, grade, ..)| *grade).collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    ideal.truncate(GRADED);
    if ideal.first().is_none_or(|best| *best == 0) {
        return None;
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
    all.truncate(GRADED);
    all.retain(|(score, ..)| *score > 0.0);
    let got: Vec<u8> = all.iter().map(|(_, grade, ..)| *grade).collect();
    let good = ideal.iter().filter(|grade| **grade >= 2).count().min(5);
    let hits = got.iter().take(5).filter(|grade| **grade >= 2).count().min(good);
    Some(Score {
        id: aspiration.id.clone(),
        text: aspiration.text.clone(),
        indirect: aspiration.indirect,
        ndcg: (dcg(&got) / dcg(&ideal)).min(1.0),
        precision: if good > 0 { hits as f64 / good as f64 } else { 1.0 },
        first: all.into_iter().take(5).map(|(score, grade, _, name)| format!("{grade}:{name} {score:.2}")).collect(),
        understood: evidence.iter().take(6).map(|one| format!("{} {:.2}", vocabulary.label(&vocabulary.of(one.concept)), one.strength)).collect(),
    })
}

impl<'v> Grader<'v> {
    fn new(vocabulary: &'v Vocabulary, aspiration: &Aspiration) -> Self {
        let place = |id: &String| vocabulary.kind_place(&KindId::from(id.as_str()));
        let pattern = |(pattern, grade): (&String, &u8)| Some((regex::RegexBuilder::new(pattern).case_insensitive(true).build().ok()?, *grade));
        Self {
            kinds: aspiration.grades.iter().filter_map(|(id, grade)| Some((place(id)?, *grade))).collect(),
            refused: aspiration.not_wanted.iter().filter_map(place).collect(),
            names: aspiration.names.iter().filter_map(pattern).collect(),
            _vocabulary: vocabulary,
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

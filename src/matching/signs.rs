//! What a text is known by when it is compared with sayings: words and pairs of words, and what it speaks of.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::evidence::Evidence;
use crate::vocabulary::{Ref, Vocabulary, text::Token};

/// Weak evidence counts for a little more than its share.
const SOFTNESS: f32 = 0.85;
/// How far evidence speaks for what usually goes with it.
const GOES_WITH: f32 = 0.2;
/// What a wider thing, and a thing near to it, has of that.
const WIDER: f32 = 0.6;
const NEAR: f32 = 0.3;
/// Most things that a text is held to speak of.
const MOST_SPOKEN_OF: usize = 32;
/// The bit that tells the sign of a single word.
const WORD: Sign = 1;

/// A part of a text that makes it like another: a word, a pair of words, or something it speaks of. Spread out over all numbers.
pub(super) type Sign = u64;

/// A text's words as the vocabulary would spell them.
pub(crate) struct Words {
    /// The key of each word's stem.
    keys: Vec<String>,
    /// Whether it says something by itself.
    telling: Vec<bool>,
}

impl Words {
    pub(crate) fn of(vocabulary: &Vocabulary, tokens: &[Token], small: impl Fn(&str) -> bool) -> Self {
        Self {
            keys: tokens.iter().map(|token| key(vocabulary, token)).collect(),
            telling: tokens.iter().map(|token| !small(&token.word)).collect(),
        }
    }

    /// Every telling word, every pair of neighbours, every pair of telling words with only small words between.
    /// Each with how often it is there, in order, so that the same text always adds up to the same.
    pub(super) fn signs(&self) -> Vec<(Sign, f32)> {
        let telling: Vec<&String> =
            self.keys.iter().zip(&self.telling).filter(|(_, telling)| **telling).map(|(key, _)| key).collect();
        let words = telling.iter().map(|key| sign(key.as_str()) | WORD);
        let neighbours = self.keys.windows(2).map(|pair| sign((1_u8, pair)) & !WORD);
        let near = telling.windows(2).map(|pair| sign((2_u8, pair)) & !WORD);
        let mut all: Vec<Sign> = words.chain(neighbours).chain(near).collect();
        all.sort_unstable();
        #[allow(clippy::cast_precision_loss, reason = "a text has only so many words")]
        let counted = all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f32));
        counted.collect()
    }
}

/// The sign of a single word.
pub(super) fn sign_of_word(vocabulary: &Vocabulary, token: &Token) -> Sign {
    sign(key(vocabulary, token).as_str()) | WORD
}

fn key(vocabulary: &Vocabulary, token: &Token) -> String {
    vocabulary.word(&vocabulary.spelled(&token.word)).stem.key
}

fn sign(of: impl Hash) -> Sign {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// What evidence speaks of, and what goes with it; the strongest.
pub(super) fn things(vocabulary: &Vocabulary, evidence: &[Evidence]) -> Vec<(Sign, f32)> {
    let mut all: HashMap<Ref, f32> = HashMap::new();
    for one in evidence {
        let strength = one.strength.powf(SOFTNESS);
        *all.entry(one.concept).or_default() += strength;
        goes_with(vocabulary, one.concept, |concept, share| *all.entry(concept).or_default() += GOES_WITH * strength * share);
    }
    let mut things: Vec<(Ref, f32)> = all.into_iter().collect();
    things.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    things.truncate(MOST_SPOKEN_OF);
    let mut signs: Vec<(Sign, f32)> = things.into_iter().map(|(concept, weight)| (sign((3_u8, concept)), weight)).collect();
    to_length_one(&mut signs);
    signs
}

/// What usually goes with something that is spoken of: the kinds of place that offer it, wider and near things.
fn goes_with(vocabulary: &Vocabulary, concept: Ref, mut see: impl FnMut(Ref, f32)) {
    match concept {
        Ref::Domain(_) => {}
        Ref::Kind(at) => {
            let wider = vocabulary.kind_list()[usize::from(at)].kind_of.iter().filter_map(|id| vocabulary.kind_place(id));
            wider.for_each(|at| see(Ref::Kind(at), WIDER));
        }
        Ref::Activity(at) => {
            let activity = &vocabulary.activity_list()[usize::from(at)];
            let place = |id| vocabulary.activity_place(id).map(Ref::Activity);
            activity.kind_of.iter().filter_map(place).for_each(|wider| see(wider, WIDER));
            activity.near.iter().filter_map(place).for_each(|near| see(near, NEAR));
            let offered_by = activity.offered_by.iter().filter_map(|(id, sure)| Some((vocabulary.kind_place(id)?, *sure)));
            offered_by.for_each(|(at, sure)| see(Ref::Kind(at), sure));
        }
    }
}

pub(super) fn to_length_one(signs: &mut [(Sign, f32)]) {
    let length = signs.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    signs.iter_mut().for_each(|(_, weight)| *weight /= length.max(f32::MIN_POSITIVE));
}

//! What many people said, and what was meant: a text is understood by the sayings most like it.
//!
//! Two texts are alike where they share words and pairs of words, the rarer the better, and where they speak of the same
//! things. Nothing is trained: a saying added to a file counts at the next start.

mod listen;

use std::collections::HashMap;

use super::{
    evidence::Evidence,
    signs::{Sign, Words, sign_of_word, things, to_length_one},
};
use crate::vocabulary::{Ref, Sayings, Vocabulary, text::Token};

/// So many of the most alike sayings are listened to.
const HEARD: usize = 15;
/// So many are weighed against one another at once.
const MOST_WEIGHED: usize = 16 * HEARD;
/// How much more a saying counts that is more alike.
const SHARPNESS: i32 = 5;
/// What things spoken of count beside the words they are spoken of in.
const SPOKEN_OF: f32 = 0.5;
/// Signs are looked up by so many of their first bits.
const FIRST_BITS: u32 = 12;

/// All sayings, by their signs.
#[derive(Debug, Default)]
pub(crate) struct Voices {
    /// In order.
    signs: Vec<Sign>,
    /// For each beginning of a sign, the end of the signs that begin so.
    beginnings: Vec<u32>,
    /// For each sign the end of its list.
    ends: Vec<u32>,
    /// Sayings and how much of their weight is in the sign, in 65,535ths.
    held: Vec<(u16, u16)>,
    /// How many sayings there are.
    sayings: usize,
}

/// A voice that sounds like a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heard {
    /// Place in the list of voices.
    pub(crate) voice: u16,
    /// Place in the list of all sayings.
    pub(crate) saying: u16,
    /// How alike the saying is, from 0 to 1.
    pub(crate) alike: f32,
}

impl Voices {
    /// The signs that some saying has, the telling ones counting for more.
    fn weighed(&self, counts: &[(Sign, f32)]) -> Vec<(Sign, f32)> {
        let known = counts.iter().filter_map(|(sign, count)| {
            let list = self.list(*sign);
            (!list.is_empty()).then(|| (*sign, (1.0 + count.ln()) * telling(self.sayings, list.len())))
        });
        let mut known: Vec<(Sign, f32)> = known.collect();
        to_length_one(&mut known);
        known
    }

    /// The voices with the sayings most like a text, the most alike first. A voice may come several times.
    pub(crate) fn hear(
        &self,
        vocabulary: &Vocabulary,
        words: &Words,
        evidence: &[Evidence],
        passed_over: impl Fn(u16) -> bool,
    ) -> Vec<Heard> {
        let alike = self.alike(&self.weighed(&words.signs()), &things(vocabulary, evidence));
        let better = |a: &Heard, b: &Heard| b.alike.total_cmp(&a.alike).then(a.saying.cmp(&b.saying));
        let mut heard: Vec<Heard> = Vec::with_capacity(MOST_WEIGHED);
        let mut least = 0.0;
        for (saying, (voice, alike)) in (0_u16..).zip(vocabulary.sayings().voice_of().iter().zip(alike)) {
            if alike <= 0.0 || alike < least || passed_over(*voice) {
                continue;
            }
            heard.push(Heard { voice: *voice, saying, alike });
            if heard.len() == MOST_WEIGHED {
                // Whoever is less alike than all of these needn't be weighed.
                least = heard.select_nth_unstable_by(HEARD - 1, better).1.alike;
                heard.truncate(HEARD);
            }
        }
        heard.sort_unstable_by(better);
        heard.truncate(HEARD);
        heard
    }

    /// How like a text each saying is, by the words it has and the things it speaks of.
    fn alike(&self, words: &[(Sign, f32)], things: &[(Sign, f32)]) -> Vec<f32> {
        let mut alike = vec![0.0_f32; self.sayings];
        for (signs, share) in [(words, 1.0 / (1.0 + SPOKEN_OF)), (things, SPOKEN_OF / (1.0 + SPOKEN_OF))] {
            for (sign, weight) in signs {
                let weight = weight * share;
                for (saying, held) in self.list(*sign) {
                    alike[usize::from(*saying)] += weight * f32::from(*held) / f32::from(u16::MAX);
                }
            }
        }
        alike
    }

    /// The sayings that have a sign.
    fn list(&self, sign: Sign) -> &[(u16, u16)] {
        let Some(at) = self.place(sign) else { return &[] };
        &self.held[before(&self.ends, at)..self.ends[at] as usize]
    }

    fn place(&self, sign: Sign) -> Option<usize> {
        let beginning = beginning(sign);
        let (from, to) = (before(&self.beginnings, beginning), *self.beginnings.get(beginning)? as usize);
        self.signs[from..to].binary_search(&sign).ok().map(|at| from + at)
    }

    /// Whether some saying has this word.
    pub(crate) fn knows(&self, vocabulary: &Vocabulary, token: &Token) -> bool {
        self.place(sign_of_word(vocabulary, token)).is_some()
    }

    /// What is held, in bytes.
    pub(crate) fn size(&self) -> usize {
        let of = size_of_val::<[Sign]>;
        of(&self.signs)
            + size_of_val::<[u32]>(&self.beginnings)
            + size_of_val::<[u32]>(&self.ends)
            + size_of_val::<[(u16, u16)]>(&self.held)
    }
}

/// How telling a sign is that so many of all sayings have.
#[allow(clippy::cast_precision_loss, reason = "a count of sayings is no larger than it needs")]
fn telling(sayings: usize, having: usize) -> f32 {
    ((1 + sayings) as f32 / (1 + having) as f32).ln() + 1.0
}

/// The first bits of a sign.
#[allow(clippy::cast_possible_truncation, reason = "so few bits fit")]
fn beginning(sign: Sign) -> usize {
    (sign >> (Sign::BITS - FIRST_BITS)) as usize
}

/// The end of the one before.
fn before(ends: &[u32], at: usize) -> usize {
    at.checked_sub(1).map_or(0, |before| ends[before] as usize)
}

/// What the voices heard mean together, each counting by how alike it is.
pub(crate) fn meaning(sayings: &Sayings, heard: &[Heard]) -> HashMap<Ref, f32> {
    let all: f32 = heard.iter().map(|heard| heard.alike.powi(SHARPNESS)).sum();
    let mut meaning: HashMap<Ref, f32> = HashMap::new();
    for heard in heard {
        let share = heard.alike.powi(SHARPNESS) / all.max(f32::MIN_POSITIVE);
        let meant = sayings.meant_by(heard.voice).iter();
        meant.for_each(|(concept, right)| *meaning.entry(*concept).or_default() += share * right);
    }
    meaning
}

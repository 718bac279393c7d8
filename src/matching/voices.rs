//! What many people said, and what was meant: a text is understood by the sayings most like it.
//!
//! Two texts are alike where they share words and pairs of words, the rarer the better, and where they speak of the same
//! things. Nothing is trained: a saying added to a file counts at the next start.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher},
};

use super::evidence::Evidence;
use crate::vocabulary::{Ref, Vocabulary, Voice, text::Token};

/// So many of the most alike sayings are listened to.
const HEARD: usize = 15;
/// How much more a saying counts that is more alike.
const SHARPNESS: i32 = 5;
/// What things spoken of count beside the words they are spoken of in.
const SPOKEN_OF: f32 = 0.5;
/// Weak evidence counts for a little more than its share.
const SOFTNESS: f32 = 0.85;
/// How far evidence speaks for what usually goes with it.
const GOES_WITH: f32 = 0.2;
/// What a wider thing, and a thing near to it, has of that.
const WIDER: f32 = 0.6;
const NEAR: f32 = 0.3;
/// Most things that a text is held to speak of.
const MOST_SPOKEN_OF: usize = 32;

/// A part of a text that makes it like another: a word, a pair of words, or something it speaks of.
type Sign = u64;

/// Signs with their counts or weights.
type Signs = Vec<(Sign, f32)>;

/// All sayings, by their signs.
#[derive(Debug, Default)]
pub(crate) struct Voices {
    /// For each sign where its list is, and how telling it is.
    lists: HashMap<Sign, (u32, f32), BySign>,
    ends: Vec<u32>,
    /// Sayings and how much of their weight is in the sign, in 65,535ths.
    held: Vec<(u16, u16)>,
    /// For each saying its voice.
    voice_of: Vec<u16>,
    /// For each voice what it means: a share of "just right", from 0 to 1.
    meant: Vec<Vec<(Ref, f32)>>,
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

/// What a text is known by: signs with their weights, each of the two sorts with a length of 1.
struct Known {
    words: Vec<(Sign, f32)>,
    things: Vec<(Sign, f32)>,
}

/// A text's words as the vocabulary would spell them.
pub(crate) struct Words {
    /// The key of each word's stem.
    keys: Vec<String>,
    /// Whether it says something by itself.
    telling: Vec<bool>,
}

impl Words {
    pub(crate) fn of(vocabulary: &Vocabulary, tokens: &[Token], small: impl Fn(&str) -> bool) -> Self {
        let key = |token: &Token| vocabulary.word(&vocabulary.spelled(&token.word)).stem.key;
        Self { keys: tokens.iter().map(key).collect(), telling: tokens.iter().map(|token| !small(&token.word)).collect() }
    }

    /// Every telling word, every pair of neighbours, every pair of telling words with only small words between.
    /// Each with how often it is there, in order, so that the same text always adds up to the same.
    fn signs(&self) -> Vec<(Sign, f32)> {
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

/// The bit that tells the sign of a single word.
const WORD: Sign = 1;

/// Signs are spread out already.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, sign: u64) {
        self.0 = sign;
    }
}

type BySign = BuildHasherDefault<AsItIs>;

fn sign(of: impl Hash) -> Sign {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl Voices {
    /// Listens to every voice of the vocabulary once; `read` gives a saying's words and what they speak of.
    pub(crate) fn listen(vocabulary: &Vocabulary, read: impl Fn(&str) -> (Words, Vec<Evidence>)) -> Self {
        let mut voices = Self { meant: vocabulary.voices().iter().map(meant).collect(), ..Self::default() };
        let goes_with = GoesWith(vocabulary);
        let mut texts = Vec::new();
        for (voice, saying) in
            (0_u16..).zip(vocabulary.voices()).flat_map(|(at, voice)| voice.said.iter().map(move |said| (at, said)))
        {
            let (words, evidence) = read(saying);
            texts.push((words.signs(), goes_with.things(&evidence)));
            voices.voice_of.push(voice);
        }
        voices.keep(&texts);
        voices
    }

    fn keep(&mut self, texts: &[(Signs, Signs)]) {
        let mut among: HashMap<Sign, u32, BySign> = HashMap::default();
        texts.iter().flat_map(|(words, _)| words).for_each(|(sign, _)| *among.entry(*sign).or_default() += 1);
        #[allow(clippy::cast_precision_loss, reason = "a count of sayings is no larger than it needs")]
        let telling = |count: u32| ((1 + texts.len()) as f32 / (1 + count) as f32).ln() + 1.0;
        self.lists = among.into_iter().map(|(sign, count)| (sign, (u32::MAX, telling(count)))).collect();
        let mut held: Vec<(Sign, u16, u16)> = Vec::new();
        for (saying, (words, things)) in (0_u16..).zip(texts) {
            let signs = self.weighed(words).into_iter().chain(things.iter().copied());
            held.extend(signs.map(|(sign, weight)| (sign, saying, packed(weight))));
        }
        held.sort_unstable();
        for list in held.chunk_by(|a, b| a.0 == b.0) {
            let at = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
            self.lists.entry(list[0].0).or_insert((0, 1.0)).0 = at;
            self.held.extend(list.iter().map(|(_, saying, weight)| (*saying, *weight)));
            self.ends.push(u32::try_from(self.held.len()).unwrap_or(u32::MAX));
        }
        self.held.shrink_to_fit();
        self.lists.shrink_to_fit();
    }

    /// The signs that some saying has, the telling ones counting for more.
    fn weighed(&self, counts: &[(Sign, f32)]) -> Vec<(Sign, f32)> {
        let known = counts.iter().filter_map(|(sign, count)| Some((*sign, (1.0 + count.ln()) * self.lists.get(sign)?.1)));
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
        let known = Known { words: self.weighed(&words.signs()), things: GoesWith(vocabulary).things(evidence) };
        let mut alike = vec![0.0_f32; self.voice_of.len()];
        let shares = [(known.words, 1.0 / (1.0 + SPOKEN_OF)), (known.things, SPOKEN_OF / (1.0 + SPOKEN_OF))];
        for (sign, weight) in
            shares.into_iter().flat_map(|(signs, share)| signs.into_iter().map(move |(sign, weight)| (sign, weight * share)))
        {
            for (saying, held) in self.list(sign) {
                alike[usize::from(*saying)] += weight * f32::from(*held) / f32::from(u16::MAX);
            }
        }
        let sayings = (0_u16..).zip(self.voice_of.iter().zip(alike));
        let heard = sayings.map(|(saying, (voice, alike))| Heard { voice: *voice, saying, alike });
        let mut heard: Vec<Heard> = heard.filter(|heard| heard.alike > 0.0 && !passed_over(heard.voice)).collect();
        let better = |a: &Heard, b: &Heard| b.alike.total_cmp(&a.alike).then(a.saying.cmp(&b.saying));
        if heard.len() > HEARD {
            heard.select_nth_unstable_by(HEARD - 1, better);
            heard.truncate(HEARD);
        }
        heard.sort_unstable_by(better);
        heard
    }

    fn list(&self, sign: Sign) -> &[(u16, u16)] {
        let Some((at, _)) = self.lists.get(&sign) else { return &[] };
        let at = *at as usize;
        if at >= self.ends.len() {
            return &[];
        }
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.held[from..self.ends[at] as usize]
    }

    /// Whether some saying has this word.
    pub(crate) fn knows(&self, vocabulary: &Vocabulary, token: &Token) -> bool {
        self.lists.contains_key(&(sign(vocabulary.word(&vocabulary.spelled(&token.word)).stem.key.as_str()) | WORD))
    }

    /// What is held, in bytes.
    pub(crate) fn size(&self) -> usize {
        let of_a_list = size_of::<(Sign, (u32, f32))>() + 1;
        let meant: usize = self.meant.iter().map(|meant| meant.len() * size_of::<(Ref, f32)>()).sum();
        self.lists.capacity() * of_a_list
            + self.ends.capacity() * 4
            + self.held.capacity() * 4
            + self.voice_of.capacity() * 2
            + meant
    }

    /// What a voice means, as a share of "just right".
    pub(crate) fn meant_by(&self, voice: u16) -> &[(Ref, f32)] {
        &self.meant[usize::from(voice)]
    }

    /// What the voices heard mean together, each counting by how alike it is.
    pub(crate) fn meaning(&self, heard: &[Heard]) -> HashMap<Ref, f32> {
        let all: f32 = heard.iter().map(|heard| heard.alike.powi(SHARPNESS)).sum();
        let mut meaning: HashMap<Ref, f32> = HashMap::new();
        for heard in heard {
            let share = heard.alike.powi(SHARPNESS) / all.max(f32::MIN_POSITIVE);
            self.meant_by(heard.voice).iter().for_each(|(concept, right)| *meaning.entry(*concept).or_default() += share * right);
        }
        meaning
    }
}

/// A place of grade 3 is worth 7, of grade 2 worth 3, of grade 1 worth 1.
fn meant(voice: &Voice) -> Vec<(Ref, f32)> {
    voice.grades.iter().map(|(concept, grade)| (*concept, (grade.exp2() - 1.0) / 7.0)).collect()
}

fn to_length_one(signs: &mut [(Sign, f32)]) {
    let length = signs.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    signs.iter_mut().for_each(|(_, weight)| *weight /= length.max(f32::MIN_POSITIVE));
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1")]
fn packed(weight: f32) -> u16 {
    (weight.clamp(0.0, 1.0) * f32::from(u16::MAX)).round() as u16
}

/// What usually goes with something that is spoken of: the kinds of place that offer it, wider and near things.
struct GoesWith<'v>(&'v Vocabulary);

impl GoesWith<'_> {
    /// What evidence speaks of, and what goes with it; the strongest.
    fn things(&self, evidence: &[Evidence]) -> Vec<(Sign, f32)> {
        let mut all: HashMap<Ref, f32> = HashMap::new();
        for one in evidence {
            let strength = one.strength.powf(SOFTNESS);
            *all.entry(one.concept).or_default() += strength;
            self.each(one.concept, |concept, share| *all.entry(concept).or_default() += GOES_WITH * strength * share);
        }
        let mut things: Vec<(Ref, f32)> = all.into_iter().collect();
        things.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        things.truncate(MOST_SPOKEN_OF);
        let mut signs: Vec<(Sign, f32)> = things.into_iter().map(|(concept, weight)| (sign((3_u8, concept)), weight)).collect();
        to_length_one(&mut signs);
        signs
    }

    fn each(&self, concept: Ref, mut see: impl FnMut(Ref, f32)) {
        match concept {
            Ref::Domain(_) => {}
            Ref::Kind(at) => {
                let wider = self.0.kind_list()[usize::from(at)].kind_of.iter().filter_map(|id| self.0.kind_place(id));
                wider.for_each(|at| see(Ref::Kind(at), WIDER));
            }
            Ref::Activity(at) => {
                let activity = &self.0.activity_list()[usize::from(at)];
                let place = |id| self.0.activity_place(id).map(Ref::Activity);
                activity.kind_of.iter().filter_map(place).for_each(|wider| see(wider, WIDER));
                activity.near.iter().filter_map(place).for_each(|near| see(near, NEAR));
                let offered_by = activity.offered_by.iter().filter_map(|(id, sure)| Some((self.0.kind_place(id)?, *sure)));
                offered_by.for_each(|(at, sure)| see(Ref::Kind(at), sure));
            }
        }
    }
}

//! Listens to every saying once, and notes under each sign who has it.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{FIRST_BITS, Voices, beginning, telling};
use crate::{
    matching::{
        evidence::Evidence,
        signs::{Sign, Words, things, to_length_one},
    },
    vocabulary::Vocabulary,
};

/// Signs by the order in which they were first heard, and who has them: numbers, since the signs themselves would take twice as much.
#[derive(Default)]
struct Notes {
    numbers: HashMap<Sign, u32, BuildHasherDefault<AsItIs>>,
    /// How often each saying has each of its words' signs.
    words: Vec<(u32, u16)>,
    /// How much of each saying's weight is in each thing that it speaks of.
    things: Vec<(u32, u16)>,
    /// For each saying the ends of both.
    ends: Vec<(usize, usize)>,
}

/// Signs are spread out already.
#[derive(Default)]
struct AsItIs(u64);

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

impl Voices {
    /// Listens to every voice of the vocabulary once; `read` gives a saying's words and what they speak of.
    pub(crate) fn listen(vocabulary: &Vocabulary, read: impl Fn(&str) -> (Words, Vec<Evidence>)) -> Self {
        let mut notes = Notes::default();
        for saying in vocabulary.sayings().said() {
            let (words, evidence) = read(saying);
            notes.take(&words.signs(), &things(vocabulary, &evidence));
        }
        notes.voices()
    }
}

impl Notes {
    fn take(&mut self, words: &[(Sign, f32)], things: &[(Sign, f32)]) {
        for (sign, count) in words {
            let number = self.number(*sign);
            self.words.push((number, whole(*count)));
        }
        for (sign, weight) in things {
            let number = self.number(*sign);
            self.things.push((number, whole(weight.clamp(0.0, 1.0) * f32::from(u16::MAX))));
        }
        self.ends.push((self.words.len(), self.things.len()));
    }

    fn number(&mut self, sign: Sign) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(sign).or_insert(next)
    }

    fn voices(self) -> Voices {
        let having = self.having();
        let mut signs: Vec<(Sign, u32)> = self.numbers.iter().map(|(sign, number)| (*sign, *number)).collect();
        signs.sort_unstable();
        let mut voices =
            Voices { sayings: self.ends.len(), signs: signs.iter().map(|(sign, _)| *sign).collect(), ..Voices::default() };
        let firsts = 0..1_usize << FIRST_BITS;
        voices.beginnings = firsts.map(|first| small(voices.signs.partition_point(|sign| beginning(*sign) <= first))).collect();
        // For each number where its next saying is noted.
        let mut next = vec![0_u32; signs.len()];
        let mut end = 0;
        voices.ends = signs
            .iter()
            .map(|(_, number)| {
                next[*number as usize] = end;
                end += having[*number as usize];
                end
            })
            .collect();
        voices.held = vec![(0, 0); end as usize];
        self.each(&having, |saying, number, weight| {
            let at = &mut next[number as usize];
            voices.held[*at as usize] = (saying, weight);
            *at += 1;
        });
        voices
    }

    /// For each number how many sayings have it.
    fn having(&self) -> Vec<u32> {
        let mut having = vec![0; self.numbers.len()];
        self.words.iter().chain(&self.things).for_each(|(number, _)| having[*number as usize] += 1);
        having
    }

    /// Every saying, number and weight; what is telling weighs more, and all words of a saying weigh the same together.
    fn each(&self, having: &[u32], mut see: impl FnMut(u16, u32, u16)) {
        let (mut words, mut things) = (0, 0);
        for (saying, ends) in (0..=u16::MAX).zip(&self.ends) {
            let weight = |(number, count): &(u32, u16)| {
                let telling = telling(self.ends.len(), having[*number as usize] as usize);
                (u64::from(*number), (1.0 + f32::from(*count).ln()) * telling)
            };
            let mut weighed: Vec<(u64, f32)> = self.words[words..ends.0].iter().map(weight).collect();
            to_length_one(&mut weighed);
            for ((number, _), (_, weight)) in self.words[words..ends.0].iter().zip(weighed) {
                see(saying, *number, whole(weight.clamp(0.0, 1.0) * f32::from(u16::MAX)));
            }
            self.things[things..ends.1].iter().for_each(|(number, weight)| see(saying, *number, *weight));
            (words, things) = *ends;
        }
    }
}

/// Of a count or a weight that fits.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a saying has few words, and weights are clamped")]
fn whole(number: f32) -> u16 {
    number.round() as u16
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

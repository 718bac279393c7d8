//! Sayings: what many people say, and what was meant. A voice is one wish as many people would say it.

use super::{
    Ref,
    lexicon::{Packed, small},
};

/// All sayings, those of one voice after another.
#[derive(Debug, Default)]
pub(crate) struct Sayings {
    said: Packed,
    /// For each saying its voice.
    voice_of: Vec<u16>,
    /// For each voice the end of what it means.
    ends: Vec<u32>,
    /// What, and its share of "just right", from 0 to 1.
    meant: Vec<(Ref, f32)>,
}

impl Sayings {
    /// Adds a voice: kinds and activities (3 just right, 2 a good fit, 1 acceptable), and what people say. `false` where there are
    /// too many already.
    pub(crate) fn add(&mut self, grades: impl IntoIterator<Item = (Ref, f32)>, said: &[String]) -> bool {
        let voice = u16::try_from(self.ends.len());
        let (Ok(voice), true) = (voice, self.voice_of.len() + said.len() <= usize::from(u16::MAX)) else { return false };
        // A place of grade 3 is worth 7, of grade 2 worth 3, of grade 1 worth 1.
        self.meant.extend(grades.into_iter().map(|(concept, grade)| (concept, (grade.exp2() - 1.0) / 7.0)));
        self.ends.push(small(self.meant.len()));
        for saying in said {
            self.said.push(saying);
            self.voice_of.push(voice);
        }
        true
    }

    /// To be called when all are added.
    pub(crate) fn finish(&mut self) {
        self.said.finish();
        self.voice_of.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.meant.shrink_to_fit();
    }

    /// Every saying, in order.
    pub(crate) fn said(&self) -> impl Iterator<Item = &str> {
        self.said.iter()
    }

    /// A saying by its place; empty where there is none.
    pub(crate) fn saying(&self, at: u16) -> &str {
        self.said.get(at.into())
    }

    /// For each saying its voice.
    pub(crate) fn voice_of(&self) -> &[u16] {
        &self.voice_of
    }

    /// What a voice means, as a share of "just right".
    pub(crate) fn meant_by(&self, voice: u16) -> &[(Ref, f32)] {
        let end = |voice: u16| self.ends.get(usize::from(voice)).map_or(0, |end| *end as usize);
        self.meant.get(voice.checked_sub(1).map_or(0, end)..end(voice)).unwrap_or_default()
    }
}

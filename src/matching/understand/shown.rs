//! What of an understanding is shown to the person, who can then correct it.

use std::collections::{BTreeSet, HashMap};

use super::{Meant, OUTRIGHT, Reader, Spoken, Wish, is_inside};
use crate::{
    matching::{
        evidence::{Evidence, evidence},
        reading::{Reading, Role},
    },
    vocabulary::{
        Domain, Ref,
        text::{Token, singular},
    },
};

/// A meaning at least so strong is shown.
const SHOWN: f32 = 0.3;
/// A kind of place that nobody named must be surer to be shown.
const KIND_SHOWN: f32 = 0.5;
/// Most activities and kinds that are shown.
const MOST_ACTIVITIES: usize = 6;
const MOST_KINDS: usize = 4;
/// A life domain with at least this share of the strongest is shown.
const DOMAIN_SHARE: f32 = 0.4;
const MOST_DOMAINS: usize = 3;
/// What a word in a place's own name adds at most.
const NAMED: f32 = 0.8;

impl Reader {
    /// What they named, and what people mean who say such things; the surest first.
    pub(super) fn meant(&self, meaning: &HashMap<Ref, f32>, found: &[Evidence], reading: &Reading, wish: &Wish) -> Vec<Meant> {
        let mut all: HashMap<Ref, Meant> = HashMap::new();
        for one in found.iter().filter(|one| one.strength >= OUTRIGHT) {
            let past = !one.said_by.is_empty() && one.said_by.iter().all(|span| reading.is_past(span));
            all.insert(one.concept, Meant { concept: one.concept, sureness: one.strength, outright: true, past });
        }
        for (concept, right) in meaning {
            let one = all.entry(*concept).or_insert(Meant { concept: *concept, sureness: 0.0, outright: false, past: false });
            one.sureness = one.sureness.max(right.min(1.0));
            one.outright |= wish.added.contains(concept);
        }
        let mut all: Vec<Meant> = all.into_values().collect();
        all.sort_by(|a, b| b.sureness.total_cmp(&a.sureness).then(a.concept.cmp(&b.concept)));
        self.keep_the_telling(&mut all, wish);
        all
    }

    /// Leaves out what is too unsure, what says less than a narrower thing that is there, and what is too much; never what was added.
    fn keep_the_telling(&self, all: &mut Vec<Meant>, wish: &Wish) {
        let sure = all.iter().filter(|one| one.sureness >= SHOWN);
        let wider: BTreeSet<Ref> = sure.flat_map(|one| self.wider(one.concept)).collect();
        let (mut activities, mut kinds) = (0, 0);
        all.retain(|one| {
            let (least, count, most) = match one.concept {
                Ref::Domain(_) => return false,
                Ref::Activity(_) => (SHOWN, &mut activities, MOST_ACTIVITIES),
                Ref::Kind(_) => (KIND_SHOWN, &mut kinds, MOST_KINDS),
            };
            let telling = wish.added.contains(&one.concept) || !wider.contains(&one.concept);
            let kept = one.sureness >= least && *count < most && telling;
            *count += usize::from(kept);
            kept
        });
    }

    /// All wider kinds or activities of one.
    pub(crate) fn wider(&self, concept: Ref) -> Vec<Ref> {
        match concept {
            Ref::Domain(_) => Vec::new(),
            Ref::Kind(at) => {
                let wider = self.vocabulary.kind_list()[usize::from(at)].wider.iter();
                wider.filter_map(|id| self.vocabulary.kind_place(id)).map(Ref::Kind).collect()
            }
            Ref::Activity(at) => {
                let wider = self.vocabulary.activity_list()[usize::from(at)].wider.iter();
                wider.filter_map(|id| self.vocabulary.activity_place(id)).map(Ref::Activity).collect()
            }
        }
    }

    /// Life domains of what is meant and of the reasons given, the strongest first.
    pub(super) fn domains(&self, meant: &[Meant], wish: &Wish, spoken: &Spoken<'_>) -> Vec<(Domain, f32)> {
        let sums = self.sums(meant, spoken);
        let best = sums.values().copied().fold(0.0, f32::max);
        let mut all: Vec<(Domain, f32)> =
            sums.into_iter().map(|(domain, sum)| (domain, sum / best.max(f32::MIN_POSITIVE))).collect();
        all.retain(|(domain, share)| *share >= DOMAIN_SHARE && !wish.taken.contains(&Ref::Domain(*domain)));
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.truncate(MOST_DOMAINS);
        for concept in &wish.added {
            if let Ref::Domain(domain) = concept {
                all.retain(|(other, _)| other != domain);
                all.insert(0, (*domain, 1.0));
            }
        }
        all
    }

    fn sums(&self, meant: &[Meant], spoken: &Spoken<'_>) -> HashMap<Domain, f32> {
        let mut sums: HashMap<Domain, f32> = HashMap::new();
        for one in meant {
            let domains = match one.concept {
                Ref::Activity(at) => &self.vocabulary.activity_list()[usize::from(at)].domains,
                Ref::Kind(at) => &self.vocabulary.kind_list()[usize::from(at)].domains,
                Ref::Domain(_) => continue,
            };
            domains.iter().for_each(|domain| *sums.entry(*domain).or_default() += one.sureness);
        }
        for one in evidence(&self.vocabulary, spoken.text, &spoken.reading.only(Role::Why)) {
            if let Ref::Domain(domain) = one.concept {
                *sums.entry(domain).or_default() += 1.0;
            }
        }
        sums
    }

    /// Words that nothing was made of, each once.
    pub(super) fn unrecognised(&self, spoken: &Spoken<'_>) -> Vec<String> {
        let known = |token: &Token| {
            let word = token.word.as_str();
            is_inside(token, &spoken.about)
                || word.len() < 3
                || word.chars().any(|c| c.is_ascii_digit())
                || self.is_small(word)
                || self.vocabulary.is_ordinary(word)
                || self.voices().knows(&self.vocabulary, token)
        };
        let mut words: Vec<String> = spoken.tokens.iter().filter(|token| !known(token)).map(|token| token.word.clone()).collect();
        let mut seen = BTreeSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words
    }

    /// Words as they would stand in a name, but for ordinary ones, and what is known of every place as an activity or a kind.
    pub(super) fn names(&self, spoken: &Spoken<'_>) -> Vec<(String, f32)> {
        let mut all: Vec<(String, f32)> = Vec::new();
        for token in spoken.tokens.iter().filter(|token| !is_inside(token, &spoken.named)) {
            let word = self.vocabulary.spelled(&token.word);
            if word.len() < 3 || self.is_small(&word) || self.vocabulary.is_ordinary(&word) {
                continue;
            }
            for form in [word.clone().into_owned(), singular(&word).into_owned()] {
                if !all.iter().any(|(known, _)| *known == form) {
                    all.push((form, NAMED));
                }
            }
        }
        all
    }
}

//! Entries become the vocabulary, and their words its phrases.

use std::collections::{BTreeSet, HashMap};

use super::{
    Parts,
    entry::{Raw, Said},
    link::{by_label, closures, link_offers, look_up, narrower, sorted},
};
use crate::vocabulary::{
    Activity, ActivityId, Domain, DomainInfo, Kind, KindId, Ref, Through, Vocabulary,
    complete::Completions,
    forms::Forms,
    hints::Hints,
    mend::Mender,
    phrases::{Phrases, Word},
    sayings::Sayings,
    text::{Stem, folded, tokens},
    toml_file::Reader,
    venue::Links,
};

pub(super) fn build(
    parts: Parts,
    readers: &mut [Reader<'_>],
    (fingerprint, meaning_fingerprint): (String, String),
) -> Vocabulary {
    let (raw_kinds, kind_places) = sorted(parts.kinds, readers);
    let (raw_activities, activity_places) = sorted(parts.activities, readers);
    let kinds = build_kinds(&raw_kinds, &kind_places, readers);
    let activities = build_activities(&raw_activities, &activity_places, readers);
    let mut vocabulary = Vocabulary {
        domains: Vec::new(),
        kinds_by_label: by_label(&kinds, |kind| &kind.label),
        activities_by_label: by_label(&activities, |activity| &activity.label),
        kind_places: kind_places.iter().map(|(id, at)| (KindId::from(id.as_str()), *at)).collect(),
        activity_places: activity_places.iter().map(|(id, at)| (ActivityId::from(id.as_str()), *at)).collect(),
        kinds,
        activities,
        said: Phrases::default(),
        named: Phrases::default(),
        mender: Mender::default(),
        stem_mender: Mender::default(),
        forms: Forms::default(),
        ordinary_keys: parts.ordinary.iter().map(|word| Stem::of(word, |_| true).key).collect(),
        ordinary: parts.ordinary,
        stop_words: parts.stop_words,
        completions: Completions::default(),
        hints: Hints::default(),
        sayings: Sayings::default(),
        links: Links::default(),
        fingerprint,
        meaning_fingerprint,
    };
    link_offers(&mut vocabulary, &raw_activities, &kind_places, readers);
    vocabulary.links = Links::of(&vocabulary);
    let words = add_words(&mut vocabulary, &parts.domains, &raw_kinds, &raw_activities);
    vocabulary.mender = Mender::new(words.iter().map(String::as_str), parts.slips);
    vocabulary.forms = Forms::of(words.iter().map(|word| vocabulary.word(word)));
    vocabulary.stem_mender = Mender::new(vocabulary.forms.keys(), parts.slips);
    vocabulary.domains = parts.domains.into_iter().map(|(_, _, info, _)| info).collect();
    vocabulary
}

fn build_kinds(raw: &[Raw], places: &HashMap<String, u16>, readers: &mut [Reader<'_>]) -> Vec<Kind> {
    let direct: Vec<Vec<u16>> = raw.iter().map(|one| look_up(&one.kind_of, one.file, places, readers)).collect();
    let wider = closures(raw, &direct, readers);
    let narrower = narrower(&wider);
    let ids = |list: &[u16]| list.iter().map(|at| KindId::from(raw[usize::from(*at)].id.get_ref().as_str())).collect();
    let made = raw.iter().enumerate().map(|(at, one)| Kind {
        id: KindId::from(one.id.get_ref().as_str()),
        label: one.label.clone(),
        plural: one.plural.clone().unwrap_or_default(),
        icon: one.icon.clone().unwrap_or_default(),
        about: one.about.clone(),
        domains: one.domains.clone(),
        kind_of: ids(&direct[at]),
        wider: ids(&wider[at]),
        narrower: ids(&narrower[at]),
        offers: Vec::new(),
        shares_house: one.shares_house,
        fanciful_names: one.fanciful_names,
    });
    made.collect()
}

fn build_activities(raw: &[Raw], places: &HashMap<String, u16>, readers: &mut [Reader<'_>]) -> Vec<Activity> {
    let direct: Vec<Vec<u16>> = raw.iter().map(|one| look_up(&one.kind_of, one.file, places, readers)).collect();
    let near: Vec<Vec<u16>> = raw.iter().map(|one| look_up(&one.near, one.file, places, readers)).collect();
    let wider = closures(raw, &direct, readers);
    let narrower = narrower(&wider);
    let ids = |list: &[u16]| list.iter().map(|at| ActivityId::from(raw[usize::from(*at)].id.get_ref().as_str())).collect();
    let made = raw.iter().enumerate().map(|(at, one)| Activity {
        id: ActivityId::from(one.id.get_ref().as_str()),
        label: one.label.clone(),
        icon: one.icon.clone(),
        about: one.about.clone(),
        domains: one.domains.clone(),
        kind_of: ids(&direct[at]),
        wider: ids(&wider[at]),
        narrower: ids(&narrower[at]),
        near: ids(&near[at]),
        offered_by: Vec::new(),
    });
    made.collect()
}

fn add_words(
    vocabulary: &mut Vocabulary,
    domains: &[(usize, Domain, DomainInfo, Vec<Said>)],
    kinds: &[Raw],
    activities: &[Raw],
) -> BTreeSet<String> {
    let mut adder = Adder { vocabulary, seen: BTreeSet::new() };
    for (_, id, info, said) in domains {
        adder.add(Ref::Domain(*id), &info.label, None, said);
    }
    for (at, one) in (0..).zip(kinds) {
        adder.add(Ref::Kind(at), &one.label, one.plural.as_deref(), &one.said);
    }
    for (at, one) in (0..).zip(activities) {
        adder.add(Ref::Activity(at), &one.label, None, &one.said);
    }
    let words = std::mem::take(&mut adder.seen);
    vocabulary.completions.finish();
    vocabulary.said.finish();
    vocabulary.named.finish();
    words
}

struct Adder<'v> {
    vocabulary: &'v mut Vocabulary,
    seen: BTreeSet<String>,
}

impl Adder<'_> {
    fn add(&mut self, concept: Ref, label: &str, plural: Option<&str>, said: &[Said]) {
        for name in std::iter::once(label).chain(plural) {
            self.phrase(name, concept, Through::Word, Through::Word.sureness());
            self.vocabulary.completions.add_label(name, concept);
        }
        for one in said {
            self.phrase(&one.words, concept, one.through, one.sureness);
            if matches!(one.through, Through::Word | Through::Slang | Through::Doing | Through::Role) {
                self.vocabulary.completions.add(&folded(&one.words), concept, one.sureness);
            }
        }
    }

    fn phrase(&mut self, text: &str, concept: Ref, through: Through, sureness: f32) {
        let cut = tokens(text);
        let words: Vec<Word> = cut.iter().map(|token| self.vocabulary.word(&token.word)).collect();
        let ordinary = &self.vocabulary.ordinary;
        let join = |raw: &str| Word { raw: raw.to_owned(), stem: Stem::of(raw, |word| ordinary.contains(word)) };
        if through == Through::Name {
            self.vocabulary.named.add(&words, concept, through, sureness, join);
            return;
        }
        self.vocabulary.said.add(&words, concept, through, sureness, join);
        let stop_words = &self.vocabulary.stop_words;
        self.seen.extend(words.into_iter().map(|word| word.raw).filter(|raw| raw.len() > 3 && !stop_words.contains(raw)));
    }
}

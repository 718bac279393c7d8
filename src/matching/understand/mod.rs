//! From a text to what someone wishes for, needs, and doesn't want, each open to correction.

mod ingredients;
mod shown;
mod wish;

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

pub use ingredients::Ingredients;
pub use wish::Wish;
pub(crate) use wish::{Meant, Understanding};

use super::{
    evidence::{Evidence, evidence, evidence_of},
    fit::Wanted,
    language::Language,
    need::Need,
    reading::{self, Reading, Role},
    signs::Words,
    voices::{self, Heard, Voices},
};
use crate::{
    settings_files::{Mistake, SettingsFiles},
    vocabulary::{Ref, Vocabulary, text::Token},
};

/// Most characters of a text that are read.
pub const MAX_CHARS: usize = 2_000;
/// Evidence at least so strong was said outright.
const OUTRIGHT: f32 = 0.6;
/// An activity named so surely is what is meant, to this share of "just right", and to more where little else is said.
const SAID: f32 = 0.75;
const SAID_IS: f32 = 0.4;
const SAID_ALONE: f32 = 0.9;
/// A voice that means at least this of something taken away is passed over.
const SPEAKS_OF: f32 = 0.4;
/// How well a place that is easy to start with fits where nothing is known of the wish.
const EASY: f32 = 0.5;
/// Below this the nearest voice is far from what was said.
const FAR: f32 = 0.12;

/// What was listened to last, by the fingerprint of all that it comes from.
static LISTENED: Mutex<Option<(String, Arc<Voices>)>> = Mutex::new(None);

/// Everything that understanding needs, loaded once.
pub struct Reader {
    pub(crate) vocabulary: Arc<Vocabulary>,
    pub(crate) language: Language,
    voices: OnceLock<Arc<Voices>>,
}

/// A text, and what its words speak of before anything of it is corrected.
struct Spoken<'t> {
    text: &'t str,
    reading: Reading,
    /// The words that say what is wished for.
    tokens: Vec<Token>,
    found: Vec<Evidence>,
    /// The bytes that name something outright, and those that speak of anything.
    named: Vec<Range<usize>>,
    about: Vec<Range<usize>>,
}

impl Reader {
    /// Reads and checks `matching.toml`; every mistake comes back at once.
    pub fn load(files: &SettingsFiles, vocabulary: Arc<Vocabulary>) -> Result<Self, Vec<Mistake>> {
        let language = Language::load(files, &vocabulary)?;
        Ok(Self { vocabulary, language, voices: OnceLock::new() })
    }

    /// Listens to the voices, where that wasn't done yet. Takes a moment.
    pub fn listen(&self) {
        self.voices();
    }

    /// What the voices hold, in bytes.
    pub fn voices_size(&self) -> usize {
        self.voices().size()
    }

    fn voices(&self) -> &Voices {
        self.voices.get_or_init(|| {
            // Several services in one process, as in tests, listen once.
            let comes_from = format!("{} {}", self.vocabulary.meaning_fingerprint(), self.language.fingerprint);
            let mut last = LISTENED.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, voices)) = last.as_ref().filter(|(of, _)| *of == comes_from) {
                return Arc::clone(voices);
            }
            let voices = Arc::new(self.listen_anew());
            *last = Some((comes_from, Arc::clone(&voices)));
            voices
        })
    }

    fn listen_anew(&self) -> Voices {
        Voices::listen(&self.vocabulary, |saying| {
            let reading = reading::read(&self.language, saying);
            let wish = reading.only(Role::Wish);
            (self.words(&wish), evidence(&self.vocabulary, saying, &wish))
        })
    }

    /// A saying by its place in the list of all.
    pub(crate) fn saying(&self, at: u16) -> &str {
        self.vocabulary.sayings().saying(at)
    }

    /// What must be so, as far as some plain words say it: "Tuesday mornings", "no steps".
    pub(crate) fn needs(&self, text: &str) -> BTreeSet<Need> {
        reading::read(&self.language, beginning(text)).needs
    }

    /// Whether some plain words speak of wanting to die, so that help is shown first.
    pub fn hears_crisis(&self, text: &str) -> bool {
        reading::read(&self.language, beginning(text)).crisis
    }

    /// What a wish means.
    pub(crate) fn understand(&self, wish: &Wish) -> Understanding {
        self.understand_with(wish, Ingredients::default())
    }

    /// What a wish means; where nothing is understood, places that are easy to start with.
    pub(crate) fn understand_or_start(&self, wish: &Wish) -> Understanding {
        let mut understanding = self.understand(wish);
        if understanding.wanted.is_nothing() {
            let kinds = self.language.easy_to_start.iter().map(|at| Ref::Kind(*at));
            let kinds = kinds.filter(|kind| !understanding.refused.contains(kind) && !wish.taken.contains(kind));
            let meaning: HashMap<Ref, f32> = kinds.map(|kind| (kind, EASY)).collect();
            understanding.wanted = Wanted::of(&self.vocabulary, &[], &meaning);
            understanding.to_start = true;
        }
        understanding
    }

    /// The same with some ingredients left out.
    pub(crate) fn understand_with(&self, wish: &Wish, with: Ingredients) -> Understanding {
        let spoken = self.spoken(&wish.text, with);
        let refused = self.refused(&spoken, wish);
        let found = corrected(&spoken.found, wish, &refused);
        let heard = if with.voices { self.heard(&spoken.tokens, &found, wish) } else { Vec::new() };
        let outright: &[Evidence] = if with.outright { &found } else { &[] };
        let mut meaning = voices::meaning(self.vocabulary.sayings(), &heard);
        self.add_outright(&mut meaning, outright, &spoken);
        meaning.retain(|concept, _| !wish.taken.contains(concept) && !refused.contains(concept));
        meaning.extend(wish.added.iter().map(|concept| (*concept, 1.0)));
        let meant = self.meant(&meaning, &found, &spoken.reading, wish);
        let unrecognised = self.unrecognised(&spoken);
        let strange = unrecognised.len() >= 2 && unrecognised.len() * 3 >= self.telling(&spoken).count();
        let far = heard.first().is_none_or(|best| best.alike < FAR);
        Understanding {
            wanted: Wanted::of(&self.vocabulary, outright, &meaning),
            domains: self.domains(&meant, wish, &spoken),
            unsure: meant.is_empty() || strange || (far && !meant.iter().any(|one| one.outright)),
            unrecognised,
            names: self.names(&spoken),
            cut: spoken.text.len() < wish.text.trim().len() || spoken.reading.tokens.len() == reading::MOST_WORDS,
            crisis: spoken.reading.crisis,
            needs: needs(&spoken.reading, wish),
            meant,
            refused,
            sounds_like: heard.iter().map(|heard| (heard.saying, heard.alike)).collect(),
            to_start: false,
        }
    }

    /// Reads a text, as much of it as is read.
    fn spoken<'t>(&self, text: &'t str, with: Ingredients) -> Spoken<'t> {
        let text = beginning(text);
        let mut reading = reading::read(&self.language, text);
        if !with.roles {
            reading.forget_roles();
        }
        let tokens = reading.only(Role::Wish);
        let found = evidence_of(&self.vocabulary, text, &tokens, (with.named, with.hints));
        let said_by = |least: f32| found.iter().filter(move |one| one.strength >= least).flat_map(|one| one.said_by.clone());
        let (named, about) = (said_by(OUTRIGHT).collect(), said_by(0.0).collect());
        Spoken { text, reading, tokens, found, named, about }
    }

    /// Activities and kinds named where they are refused, and what refused words stand for.
    fn refused(&self, spoken: &Spoken<'_>, wish: &Wish) -> BTreeSet<Ref> {
        let refused = spoken.reading.only(Role::Refused);
        let outright = spoken.found.iter().filter(|one| one.strength >= OUTRIGHT && !wish.taken.contains(&one.concept));
        let wished: BTreeSet<Ref> = outright.map(|one| one.concept).collect();
        let mut named = self.vocabulary.named_in(&refused);
        named.retain(|(concept, sureness, _)| *sureness >= OUTRIGHT && !matches!(concept, Ref::Domain(_)));
        // "Not a pub" is about the place, not about an evening there, too.
        let places: Vec<Range<usize>> =
            named.iter().filter(|(concept, ..)| matches!(concept, Ref::Kind(_))).map(|(.., span)| span.clone()).collect();
        named.retain(|(concept, _, span)| matches!(concept, Ref::Kind(_)) || !places.contains(span));
        let named = named.into_iter().map(|(concept, ..)| concept);
        let all = named.chain(spoken.reading.refused_kinds.iter().map(|at| Ref::Kind(*at)));
        all.filter(|concept| ![&wished, &wish.added, &wish.allowed].iter().any(|set| set.contains(concept))).collect()
    }

    /// The sayings most like the words, but for those that mean an activity taken away.
    fn heard(&self, tokens: &[Token], found: &[Evidence], wish: &Wish) -> Vec<Heard> {
        let taken: Vec<Ref> = wish.taken.iter().copied().filter(|concept| matches!(concept, Ref::Activity(_))).collect();
        let speaks_of = |(of, right): &(Ref, f32)| *right >= SPEAKS_OF && taken.contains(of);
        // Asked of thousands of sayings.
        let passed_over = |voice: u16| !taken.is_empty() && self.vocabulary.sayings().meant_by(voice).iter().any(speaks_of);
        self.voices().hear(&self.vocabulary, &self.words(tokens), found, passed_over)
    }

    /// What is named surely is meant, and the more the less else is said.
    fn add_outright(&self, meaning: &mut HashMap<Ref, f32>, found: &[Evidence], spoken: &Spoken<'_>) {
        let share = SAID_IS + SAID_ALONE * self.covered(spoken);
        for one in found.iter().filter(|one| one.strength >= SAID && !matches!(one.concept, Ref::Domain(_))) {
            let right = meaning.entry(one.concept).or_default();
            *right = right.max(share * one.strength);
        }
    }

    /// The share of telling words that name something.
    #[allow(clippy::cast_precision_loss, reason = "a count of words")]
    fn covered(&self, spoken: &Spoken<'_>) -> f32 {
        let named = self.telling(spoken).filter(|token| is_inside(token, &spoken.named)).count();
        named as f32 / self.telling(spoken).count().max(1) as f32
    }

    /// The words that say something by themselves.
    fn telling<'s>(&'s self, spoken: &'s Spoken<'_>) -> impl Iterator<Item = &'s Token> {
        spoken.tokens.iter().filter(|token| !self.is_small(&token.word))
    }

    fn words(&self, tokens: &[Token]) -> Words {
        Words::of(&self.vocabulary, tokens, |word| self.is_small(word))
    }

    /// Whether a word says nothing by itself.
    fn is_small(&self, word: &str) -> bool {
        self.vocabulary.is_stop_word(word) || self.language.small_words.contains(word)
    }
}

/// What is spoken of, without what was taken away or is refused; what was added comes first.
fn corrected(found: &[Evidence], wish: &Wish, refused: &BTreeSet<Ref>) -> Vec<Evidence> {
    let added = wish.added.iter().rev().map(|concept| Evidence { concept: *concept, strength: 1.0, said_by: Vec::new() });
    let gone = |concept: &Ref| [&wish.added, &wish.taken, refused].iter().any(|set| set.contains(concept));
    added.chain(found.iter().filter(|one| !gone(&one.concept)).cloned()).collect()
}

/// As much of a text as is read, cut between characters.
fn beginning(text: &str) -> &str {
    let text = text.trim();
    text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end])
}

fn is_inside(token: &Token, spans: &[Range<usize>]) -> bool {
    spans.iter().any(|span| span.start <= token.span.start && token.span.end <= span.end)
}

fn needs(reading: &Reading, wish: &Wish) -> BTreeSet<Need> {
    let mut needs: BTreeSet<Need> = reading.needs.difference(&wish.needs_taken).cloned().collect();
    for need in &wish.needs {
        needs.retain(|other| !need.replaces(other));
        needs.insert(need.clone());
    }
    needs
}

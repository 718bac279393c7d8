//! From a text to what someone wishes for, needs, and doesn't want, each open to correction.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    evidence::{Evidence, evidence, evidence_of},
    fit::Wanted,
    language::Language,
    need::Need,
    reading::{self, Reading, Role},
    voices::{Heard, Voices, Words},
};
use crate::{
    settings_files::{Mistake, SettingsFiles},
    vocabulary::{
        Domain, Ref, Vocabulary,
        text::{Token, singular},
    },
};

/// Most characters of a text that are read.
pub const MAX_CHARS: usize = 2_000;
/// Evidence at least so strong was said outright.
const OUTRIGHT: f32 = 0.6;
/// An activity named so surely is what is meant, to this share of "just right", and to more where little else is said.
const SAID: f32 = 0.75;
const SAID_IS: f32 = 0.4;
const SAID_ALONE: f32 = 0.9;
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
/// A voice that means at least this of something taken away is passed over.
const SPEAKS_OF: f32 = 0.4;
/// What a word in a place's own name adds at most.
const NAMED: f32 = 0.8;
/// How well a place that is easy to start with fits where nothing is known of the wish.
const EASY: f32 = 0.5;
/// Below this the nearest voice is far from what was said.
const FAR: f32 = 0.12;

/// What was listened to last, by the fingerprint of all that it comes from.
static LISTENED: Mutex<Option<(String, Arc<Voices>)>> = Mutex::new(None);

/// A wish as it was typed and corrected.
#[derive(Clone, Default, PartialEq)]
pub struct Wish {
    /// The person's own words.
    pub text: String,
    /// What they added to what was understood.
    pub(crate) added: BTreeSet<Ref>,
    /// What they took away.
    pub(crate) taken: BTreeSet<Ref>,
    /// What must be so, besides what the words say.
    pub needs: BTreeSet<Need>,
    /// What the words seem to say must be so, and needn't.
    pub needs_taken: BTreeSet<Need>,
    /// What they say they do want after all.
    pub(crate) allowed: BTreeSet<Ref>,
}

impl Wish {
    /// Whether nothing was wished for.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.added.is_empty()
    }
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wish(..)")
    }
}

/// Something a wish is taken to mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meant {
    /// What.
    pub(crate) concept: Ref,
    /// How surely, from 0 to 1.
    pub(crate) sureness: f32,
    /// Whether the words name it.
    pub(crate) outright: bool,
    /// Whether it is what they did before.
    pub(crate) past: bool,
}

/// Which ingredients count; to see what each is for.
#[derive(Debug, Clone, Copy)]
pub struct Ingredients {
    /// Hints.
    pub(crate) hints: bool,
    /// Names and synonyms.
    pub(crate) named: bool,
    /// What people mean who say such things.
    pub(crate) voices: bool,
    /// What is named or hinted at counts by itself, not only for hearing voices.
    pub(crate) outright: bool,
    /// Needs, refusals and reasons are read apart from the wish.
    pub(crate) roles: bool,
    pub(crate) parts: super::choose::Parts,
}

impl Default for Ingredients {
    fn default() -> Self {
        Self { hints: true, named: true, voices: true, outright: true, roles: true, parts: super::choose::Parts::default() }
    }
}

impl Ingredients {
    /// All of them, then each left out in turn, by name.
    pub(crate) fn each_left_out() -> Vec<(&'static str, Self)> {
        let all = Self::default();
        let parts = all.parts;
        vec![
            ("nothing", all),
            ("voices", Self { voices: false, ..all }),
            ("hints", Self { hints: false, ..all }),
            ("names and synonyms", Self { named: false, ..all }),
            ("what is said outright, but for hearing voices", Self { outright: false, ..all }),
            ("needs, refusals and reasons read apart", Self { roles: false, ..all }),
            ("words in places\u{2019} names", Self { parts: super::choose::Parts { names: false, ..parts }, ..all }),
            (
                "distance, needs, setting, freshness",
                Self { parts: super::choose::Parts { circumstances: false, ..parts }, ..all },
            ),
            ("spreading", Self { parts: super::choose::Parts { spread: false, ..parts }, ..all }),
        ]
    }
}

/// How a wish was understood.
#[derive(Debug, Default)]
pub(crate) struct Understanding {
    /// What places are measured by.
    pub(crate) wanted: Wanted,
    /// What the wish means, activities and kinds, the surest first.
    pub(crate) meant: Vec<Meant>,
    /// Life domains, the surest first.
    pub(crate) domains: Vec<(Domain, f32)>,
    /// What must be so.
    pub(crate) needs: BTreeSet<Need>,
    /// What must not come.
    pub(crate) refused: BTreeSet<Ref>,
    /// Words that nothing was made of, as the vocabulary folds them.
    pub(crate) unrecognised: Vec<String>,
    /// Words that may stand in a place's own name, and what each is worth.
    pub(crate) names: Vec<(String, f32)>,
    /// Whether nothing much was understood.
    pub(crate) unsure: bool,
    /// Whether only the beginning was read.
    pub(crate) cut: bool,
    /// The sayings it sounds like, the most alike first.
    pub(crate) sounds_like: Vec<(u16, f32)>,
    /// Whether nothing was understood, so that places are offered that are easy to start with.
    pub(crate) to_start: bool,
}

/// Everything that understanding needs, loaded once.
pub struct Reader {
    pub(crate) vocabulary: Arc<Vocabulary>,
    pub(crate) language: Language,
    voices: OnceLock<Arc<Voices>>,
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
        self.vocabulary.voices().iter().flat_map(|voice| &voice.said).nth(usize::from(at)).map_or("", String::as_str)
    }

    fn words(&self, tokens: &[Token]) -> Words {
        let small = |word: &str| self.vocabulary.is_stop_word(word) || self.language.small_words.contains(word);
        Words::of(&self.vocabulary, tokens, small)
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
        let text = beginning(&wish.text);
        let mut reading = reading::read(&self.language, text);
        if !with.roles {
            reading.forget_roles();
        }
        let tokens = reading.only(Role::Wish);
        let words = self.words(&tokens);
        let mut found = evidence_of(&self.vocabulary, text, &tokens, (with.named, with.hints));
        let named: Vec<Range<usize>> =
            found.iter().filter(|one| one.strength >= OUTRIGHT).flat_map(|one| one.said_by.clone()).collect();
        let spoken: Vec<Range<usize>> = found.iter().flat_map(|one| one.said_by.clone()).collect();
        found.retain(|one| !wish.taken.contains(&one.concept));
        let refused = self.refused(&reading, &found, wish);
        found.retain(|one| !refused.contains(&one.concept));
        for concept in &wish.added {
            found.retain(|one| one.concept != *concept);
            found.insert(0, Evidence { concept: *concept, strength: 1.0, said_by: Vec::new() });
        }
        let voices = self.voices();
        let taken: Vec<Ref> = wish.taken.iter().copied().filter(|concept| matches!(concept, Ref::Activity(_))).collect();
        let speaks_of = |voice: u16| voices.meant_by(voice).iter().any(|(of, right)| *right >= SPEAKS_OF && taken.contains(of));
        let heard = if with.voices { voices.hear(&self.vocabulary, &words, &found, speaks_of) } else { Vec::new() };
        let meaning =
            self.meaning(&heard, self.covered(&tokens, &named), if with.outright { &found } else { &[] }, wish, &refused);
        let meant = self.meant(&meaning, &found, &reading, wish);
        let needs = needs(&reading, wish);
        Understanding {
            wanted: Wanted::of(&self.vocabulary, if with.outright { &found } else { &[] }, &meaning),
            domains: self.domains(&meant, wish, &reading, text),
            unsure: meant.is_empty()
                || (heard.first().is_none_or(|best| best.alike < FAR) && !meant.iter().any(|one| one.outright)),
            unrecognised: self.unrecognised(&tokens, &spoken),
            names: self.names(&tokens, &named),
            cut: text.len() < wish.text.trim().len() || reading.tokens.len() == reading::MOST_WORDS,
            meant,
            needs,
            refused,
            sounds_like: heard.iter().map(|heard| (heard.saying, heard.alike)).collect(),
            to_start: false,
        }
    }

    /// What the voices mean; what was taken away or refused is none of it, what was added is surely.
    fn meaning(
        &self,
        heard: &[Heard],
        covered: f32,
        found: &[Evidence],
        wish: &Wish,
        refused: &BTreeSet<Ref>,
    ) -> HashMap<Ref, f32> {
        let mut meaning = self.voices().meaning(heard);
        for one in found.iter().filter(|one| one.strength >= SAID && !matches!(one.concept, Ref::Domain(_))) {
            let right = meaning.entry(one.concept).or_default();
            *right = right.max((SAID_IS + SAID_ALONE * covered) * one.strength);
        }
        meaning.retain(|concept, _| !wish.taken.contains(concept) && !refused.contains(concept));
        meaning.extend(wish.added.iter().map(|concept| (*concept, 1.0)));
        meaning
    }

    /// The share of telling words that name something.
    #[allow(clippy::cast_precision_loss, reason = "a count of words")]
    fn covered(&self, tokens: &[Token], named: &[Range<usize>]) -> f32 {
        let small = |word: &str| self.vocabulary.is_stop_word(word) || self.language.small_words.contains(word);
        let telling: Vec<&Token> = tokens.iter().filter(|token| !small(&token.word)).collect();
        let inside = |token: &&&Token| named.iter().any(|span| span.start <= token.span.start && token.span.end <= span.end);
        telling.iter().filter(inside).count() as f32 / telling.len().max(1) as f32
    }

    /// Activities and kinds named where they are refused, and what refused words stand for.
    fn refused(&self, reading: &Reading, found: &[Evidence], wish: &Wish) -> BTreeSet<Ref> {
        let refused = reading.only(Role::Refused);
        let wished = |concept: &Ref| found.iter().any(|one| one.concept == *concept && one.strength >= OUTRIGHT);
        let mut named = self.vocabulary.named_in(&refused);
        named.retain(|(concept, sureness, _)| *sureness >= OUTRIGHT && !matches!(concept, Ref::Domain(_)));
        // "Not a pub" is about the place, not about an evening there, too.
        let places: Vec<Range<usize>> =
            named.iter().filter(|(concept, ..)| matches!(concept, Ref::Kind(_))).map(|(.., span)| span.clone()).collect();
        named.retain(|(concept, _, span)| matches!(concept, Ref::Kind(_)) || !places.contains(span));
        let named = named.into_iter().map(|(concept, ..)| concept);
        let meant = reading.refused_kinds.iter().map(|at| Ref::Kind(*at));
        named
            .chain(meant)
            .filter(|concept| !wished(concept) && !wish.added.contains(concept) && !wish.allowed.contains(concept))
            .collect()
    }

    /// What is shown to the person: what they named, and what people mean who say such things.
    fn meant(&self, meaning: &HashMap<Ref, f32>, found: &[Evidence], reading: &Reading, wish: &Wish) -> Vec<Meant> {
        let mut all: HashMap<Ref, Meant> = HashMap::new();
        for one in found.iter().filter(|one| one.strength >= OUTRIGHT) {
            let past = !one.said_by.is_empty() && one.said_by.iter().all(|span| reading.is_past(span));
            let meant = Meant { concept: one.concept, sureness: one.strength, outright: true, past };
            all.insert(one.concept, meant);
        }
        for (concept, right) in meaning {
            let one = all.entry(*concept).or_insert(Meant { concept: *concept, sureness: 0.0, outright: false, past: false });
            one.sureness = one.sureness.max(right.min(1.0));
            one.outright |= wish.added.contains(concept);
        }
        let mut all: Vec<Meant> = all.into_values().collect();
        all.sort_by(|a, b| b.sureness.total_cmp(&a.sureness).then(a.concept.cmp(&b.concept)));
        let wider: BTreeSet<Ref> =
            all.iter().filter(|one| one.sureness >= SHOWN).flat_map(|one| self.wider(one.concept)).collect();
        let (mut activities, mut kinds) = (0, 0);
        all.retain(|one| {
            let (least, count, most) = match one.concept {
                Ref::Domain(_) => return false,
                Ref::Activity(_) => (SHOWN, &mut activities, MOST_ACTIVITIES),
                Ref::Kind(_) => (KIND_SHOWN, &mut kinds, MOST_KINDS),
            };
            let kept =
                one.sureness >= least && *count < most && (wish.added.contains(&one.concept) || !wider.contains(&one.concept));
            *count += usize::from(kept);
            kept
        });
        all
    }

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

    fn domains(&self, meant: &[Meant], wish: &Wish, reading: &Reading, text: &str) -> Vec<(Domain, f32)> {
        let mut sums: HashMap<Domain, f32> = HashMap::new();
        for one in meant {
            let domains = match one.concept {
                Ref::Activity(at) => &self.vocabulary.activity_list()[usize::from(at)].domains,
                Ref::Kind(at) => &self.vocabulary.kind_list()[usize::from(at)].domains,
                Ref::Domain(_) => continue,
            };
            domains.iter().for_each(|domain| *sums.entry(*domain).or_default() += one.sureness);
        }
        for one in evidence(&self.vocabulary, text, &reading.only(Role::Why)) {
            if let (Ref::Domain(domain), true) = (one.concept, one.strength > 0.0) {
                *sums.entry(domain).or_default() += 1.0;
            }
        }
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

    fn unrecognised(&self, tokens: &[Token], spoken: &[Range<usize>]) -> Vec<String> {
        let known = |token: &Token| {
            let word = token.word.as_str();
            spoken.iter().any(|span| span.start <= token.span.start && token.span.end <= span.end)
                || word.len() < 3
                || word.chars().any(|c| c.is_ascii_digit())
                || self.vocabulary.is_stop_word(word)
                || self.language.small_words.contains(word)
                || self.vocabulary.is_ordinary(word)
                || self.voices().knows(&self.vocabulary, token)
        };
        let mut words: Vec<String> = tokens.iter().filter(|token| !known(token)).map(|token| token.word.clone()).collect();
        let mut seen = BTreeSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words
    }

    /// Words as they would stand in a name, but for ordinary ones, and what is known of every place as an activity or a kind.
    fn names(&self, tokens: &[Token], named: &[Range<usize>]) -> Vec<(String, f32)> {
        let mut all: Vec<(String, f32)> = Vec::new();
        for token in tokens {
            let word = self.vocabulary.spelled(&token.word);
            let known = named.iter().any(|span| span.start <= token.span.start && token.span.end <= span.end);
            let small = word.len() < 3 || self.vocabulary.is_stop_word(&word) || self.language.small_words.contains(&*word);
            if known || small || self.vocabulary.is_ordinary(&word) {
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

/// As much of a text as is read, cut between characters.
fn beginning(text: &str) -> &str {
    let text = text.trim();
    text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end])
}

fn needs(reading: &Reading, wish: &Wish) -> BTreeSet<Need> {
    let mut needs: BTreeSet<Need> = reading.needs.difference(&wish.needs_taken).cloned().collect();
    for need in &wish.needs {
        needs.retain(|other| !need.replaces(other));
        needs.insert(need.clone());
    }
    needs
}

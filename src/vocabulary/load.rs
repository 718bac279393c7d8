//! Reads the vocabulary's files. Every mistake names its file and line, and all come back at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
};

use sha2::{Digest, Sha256};
use toml::Spanned;

use super::{
    Activity, ActivityId, Domain, DomainInfo, Kind, KindId, Ref, Through, Vocabulary,
    complete::Completions,
    mend::{Mender, Slips},
    phrases::{Phrases, Word},
    text::{Stem, folded, tokens},
    toml_file::{Reader, Table, number_of},
};
use crate::settings_files::{Mistake, SettingsFile, SettingsFiles};

const DOMAINS: &str = "vocabulary/domains.toml";
const KINDS: &str = "vocabulary/kinds.toml";
const ORDINARY: &str = "common-words.toml";
const SETTINGS: &str = "search.toml";
const KIND_KEYS: &[&str] =
    &["id", "label", "plural", "about", "icon", "kind_of", "domains", "words", "slang", "doing", "roles", "needs", "in_names"];
const ACTIVITY_KEYS: &[&str] = &[
    "id",
    "label",
    "about",
    "icon",
    "kind_of",
    "near",
    "domains",
    "words",
    "slang",
    "doing",
    "roles",
    "needs",
    "in_names",
    "offered_by",
];
const LISTS: &[(&str, Through)] = &[
    ("words", Through::Word),
    ("slang", Through::Slang),
    ("doing", Through::Doing),
    ("roles", Through::Role),
    ("needs", Through::Need),
    ("in_names", Through::Name),
];

/// A word of a list, as written.
struct Said {
    words: String,
    through: Through,
    sureness: f32,
}

/// One `[[...]]` of a file, names not yet looked up.
struct Raw {
    file: usize,
    id: Spanned<String>,
    label: String,
    plural: Option<String>,
    icon: Option<String>,
    about: Option<String>,
    domains: Vec<Domain>,
    kind_of: Vec<Spanned<String>>,
    near: Vec<Spanned<String>>,
    offered_by: Vec<(Spanned<String>, f32)>,
    said: Vec<Said>,
}

pub(super) fn load(files: &SettingsFiles) -> Result<Vocabulary, Vec<Mistake>> {
    let sources = read(files)?;
    let mut readers: Vec<Reader<'_>> = sources.iter().map(Reader::new).collect();
    let mut parts = Parts::default();
    for (at, file) in sources.iter().enumerate() {
        parts.take(at, file, &mut readers[at]);
    }
    let built = build(parts, &mut readers, fingerprint(&sources));
    let mistakes: Vec<Mistake> = readers.into_iter().flat_map(Reader::into_mistakes).collect();
    if mistakes.is_empty() { Ok(built) } else { Err(mistakes) }
}

fn read(files: &SettingsFiles) -> Result<Vec<SettingsFile>, Vec<Mistake>> {
    let unreadable = |file: &str, cause: std::io::Error| {
        vec![Mistake { file: file.to_owned(), line: 1, message: format!("can't be read: {cause}") }]
    };
    let mut found = files.below("vocabulary").map_err(|cause| unreadable("vocabulary", cause))?;
    for needed in [DOMAINS, KINDS] {
        if !found.iter().any(|file| file.path == needed) {
            return Err(vec![Mistake { file: needed.to_owned(), line: 1, message: "is missing".to_owned() }]);
        }
    }
    for other in [ORDINARY, SETTINGS] {
        found.extend(files.one(other).map_err(|cause| unreadable(other, cause))?);
    }
    Ok(found)
}

fn fingerprint(files: &[SettingsFile]) -> String {
    let mut digest = Sha256::new();
    for file in files {
        digest.update(file.path.as_bytes());
        digest.update([0]);
        digest.update(file.text.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Default)]
struct Parts {
    domains: Vec<(usize, Domain, DomainInfo, Vec<Said>)>,
    kinds: Vec<Raw>,
    activities: Vec<Raw>,
    ordinary: HashSet<String>,
    stop_words: HashSet<String>,
    slips: Slips,
}

impl Parts {
    fn take<'f>(&mut self, at: usize, file: &'f SettingsFile, reader: &mut Reader<'f>) {
        let root = reader.parse();
        match file.path.as_str() {
            DOMAINS => self.take_domains(at, &root, reader),
            KINDS => {
                for table in reader.each(&root, "kind") {
                    reader.only(&table, KIND_KEYS);
                    self.kinds.extend(raw(at, &table, reader, true));
                }
            }
            ORDINARY => {
                let table = Table::whole(&root);
                reader.only(&table, &["words"]);
                let words = reader.text(&table, "words").map(Spanned::into_inner).unwrap_or_default();
                self.ordinary = words.split_whitespace().map(folded).collect();
            }
            SETTINGS => {
                let words = reader.texts(&Table::whole(&root), "stop_words");
                self.stop_words = words.iter().map(|word| folded(word.get_ref())).collect();
                self.slips = slips(&root, reader);
            }
            path if path.starts_with("vocabulary/activities/") => {
                for table in reader.each(&root, "activity") {
                    reader.only(&table, ACTIVITY_KEYS);
                    self.activities.extend(raw(at, &table, reader, false));
                }
            }
            _ => {
                reader.mistake(0..0, "is not a file of the vocabulary: there are domains.toml, kinds.toml and activities/*.toml")
            }
        }
    }

    fn take_domains<'f>(&mut self, at: usize, root: &Spanned<toml::de::DeTable<'f>>, reader: &mut Reader<'f>) {
        for table in reader.each(root, "domain") {
            reader.only(&table, &["id", "label", "about", "words", "slang", "doing", "needs"]);
            let said = said(&table, reader);
            let (Some(id), Some(label)) = (reader.text(&table, "id"), reader.text(&table, "label")) else { continue };
            let about = reader.maybe_text(&table, "about").map(Spanned::into_inner).unwrap_or_default();
            let Some(known) = domain(&id, reader) else { continue };
            if self.domains.iter().any(|(_, other, ..)| *other == known) {
                reader.mistake(id.span(), format!("there is a domain `{known}` already"));
                continue;
            }
            self.domains.push((at, known, DomainInfo { id: known, label: label.into_inner(), about }, said));
        }
        for missing in Domain::ALL.iter().filter(|id| !self.domains.iter().any(|(_, other, ..)| other == *id)) {
            reader.mistake(0..0, format!("the domain `{missing}` is missing"));
        }
        self.domains.sort_by_key(|(_, id, ..)| *id);
    }
}

/// The search's settings check these numbers; here they only have to be of use.
fn slips<'f>(root: &Spanned<toml::de::DeTable<'f>>, reader: &mut Reader<'f>) -> Slips {
    let usual = Slips::default();
    let Some(typos) = reader.table(root.get_ref(), "typos") else { return usual };
    let mut from = |name: &str, least: f64| reader.number(&typos, name, least, 40.0).map(narrow);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 3 to 40")]
    let whole = |number: Option<f32>, usual: usize| number.map_or(usual, |number| number as usize);
    let (one, two) = (from("one_slip_from", 3.0), from("two_slips_from", 5.0));
    Slips { one_from: whole(one, usual.one_from), two_from: whole(two, usual.two_from) }
}

fn domain(id: &Spanned<String>, reader: &mut Reader<'_>) -> Option<Domain> {
    let found = Domain::from_code(id.get_ref());
    if found.is_none() {
        let known: Vec<&str> = Domain::ALL.iter().map(|domain| domain.code()).collect();
        reader.mistake(id.span(), format!("there is no domain `{}`; there are {}", id.get_ref(), known.join(", ")));
    }
    found
}

fn raw<'f>(file: usize, table: &Table<'f, '_>, reader: &mut Reader<'f>, kind: bool) -> Option<Raw> {
    let id = reader.text(table, "id");
    let label = reader.text(table, "label");
    let mut optional = |name: &str, needed: bool| {
        let found = if needed { reader.text(table, name) } else { reader.maybe_text(table, name) };
        found.map(Spanned::into_inner)
    };
    let (plural, icon, about) = (optional("plural", kind), optional("icon", kind), optional("about", false));
    let named = reader.texts(table, "domains");
    if named.is_empty() {
        reader.mistake(table.span.clone(), "`domains` is missing: name at least one life domain");
    }
    let domains = named.iter().filter_map(|id| domain(id, reader)).collect();
    let (kind_of, near) = (reader.texts(table, "kind_of"), reader.texts(table, "near"));
    let (offered_by, said) = (offered_by(table, reader), said(table, reader));
    let id = id?;
    let sound = id.get_ref().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !sound {
        reader.mistake(id.span(), "an id has small letters, digits and hyphens only");
    }
    Some(Raw { file, id, label: label?.into_inner(), plural, icon, about, domains, kind_of, near, offered_by, said })
}

fn offered_by<'f>(table: &Table<'f, '_>, reader: &mut Reader<'f>) -> Vec<(Spanned<String>, f32)> {
    let Some(inner) = reader.table(table.entries(), "offered_by") else { return Vec::new() };
    let mut found = Vec::new();
    for (kind, value) in inner.entries() {
        match number_of(value.get_ref()).filter(|n| (0.0..=1.0).contains(n)) {
            Some(sureness) => found.push((Spanned::new(kind.span(), kind.get_ref().to_string()), narrow(sureness))),
            None => {
                reader.mistake(value.span(), format!("how surely `{}` offers it should be a number from 0 to 1", kind.get_ref()))
            }
        }
    }
    found
}

#[allow(clippy::cast_possible_truncation, reason = "a weight from 0 to 1 needs no more")]
fn narrow(number: f64) -> f32 {
    number as f32
}

fn said<'f>(table: &Table<'f, '_>, reader: &mut Reader<'f>) -> Vec<Said> {
    let mut found = Vec::new();
    for (name, through) in LISTS {
        for written in reader.texts(table, name) {
            let Some((words, weight)) = weighed(&written, reader) else { continue };
            if tokens(&words).is_empty() {
                reader.mistake(written.span(), format!("a word in `{name}` is empty"));
                continue;
            }
            found.push(Said { words, through: *through, sureness: through.sureness() * weight });
        }
    }
    found
}

fn weighed(written: &Spanned<String>, reader: &mut Reader<'_>) -> Option<(String, f32)> {
    let Some((words, weight)) = written.get_ref().rsplit_once('~') else { return Some((written.get_ref().clone(), 1.0)) };
    match weight.trim().parse::<f32>() {
        Ok(weight) if weight > 0.0 && weight <= 1.0 => Some((words.trim().to_owned(), weight)),
        _ => {
            reader.mistake(written.span(), format!("`~{weight}` should be a number above 0 and at most 1, such as ~0.5"));
            None
        }
    }
}

/// Ids to places in a sorted list; the second of two equal ids is a mistake.
fn sorted(mut list: Vec<Raw>, readers: &mut [Reader<'_>]) -> (Vec<Raw>, HashMap<String, u16>) {
    list.sort_by(|a, b| a.id.get_ref().cmp(b.id.get_ref()));
    let mut places = HashMap::new();
    let mut kept: Vec<Raw> = Vec::with_capacity(list.len());
    for raw in list {
        match u16::try_from(kept.len()) {
            Ok(at) if !places.contains_key(raw.id.get_ref()) => {
                places.insert(raw.id.get_ref().clone(), at);
                kept.push(raw);
            }
            Ok(_) => readers[raw.file].mistake(raw.id.span(), format!("there is a `{}` already", raw.id.get_ref())),
            Err(_) => readers[raw.file].mistake(raw.id.span(), "there are too many of these"),
        }
    }
    (kept, places)
}

fn look_up(names: &[Spanned<String>], file: usize, places: &HashMap<String, u16>, readers: &mut [Reader<'_>]) -> Vec<u16> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        match places.get(name.get_ref()) {
            Some(at) => found.push(*at),
            None => readers[file].mistake(name.span(), format!("there is no `{}`", name.get_ref())),
        }
    }
    found
}

/// All wider ones of each, the nearest first. A circle is a mistake.
fn closures(list: &[Raw], direct: &[Vec<u16>], readers: &mut [Reader<'_>]) -> Vec<Vec<u16>> {
    let mut all = Vec::with_capacity(list.len());
    for (at, raw) in list.iter().enumerate() {
        let mut wider: Vec<u16> = Vec::new();
        let mut next = 0;
        let mut queue = direct[at].clone();
        while next < queue.len() {
            let one = queue[next];
            next += 1;
            if usize::from(one) == at {
                readers[raw.file].mistake(span_of(&raw.kind_of, &raw.id), format!("`{}` is a kind of itself", raw.id.get_ref()));
                break;
            }
            if !wider.contains(&one) {
                wider.push(one);
                queue.extend(&direct[usize::from(one)]);
            }
        }
        all.push(wider);
    }
    all
}

fn span_of(names: &[Spanned<String>], id: &Spanned<String>) -> Range<usize> {
    names.first().unwrap_or(id).span()
}

fn narrower(wider: &[Vec<u16>]) -> Vec<Vec<u16>> {
    let mut all = vec![Vec::new(); wider.len()];
    for (at, list) in (0..).zip(wider) {
        for one in list {
            all[usize::from(*one)].push(at);
        }
    }
    all
}

fn build(parts: Parts, readers: &mut [Reader<'_>], fingerprint: String) -> Vocabulary {
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
        ordinary_keys: parts.ordinary.iter().map(|word| Stem::of(word, |_| true).key).collect(),
        ordinary: parts.ordinary,
        stop_words: parts.stop_words,
        completions: Completions::default(),
        fingerprint,
    };
    link_offers(&mut vocabulary, &raw_activities, &kind_places, readers);
    let words = add_words(&mut vocabulary, &parts.domains, &raw_kinds, &raw_activities);
    vocabulary.mender = Mender::new(words.iter().map(String::as_str), parts.slips);
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

fn by_label<T>(list: &[T], label: impl Fn(&T) -> &str) -> Vec<u16> {
    let mut places: Vec<u16> = (0..).take(list.len()).collect();
    places.sort_by_cached_key(|at| (folded(label(&list[usize::from(*at)])), *at));
    places
}

/// What each kind offers: its own figure for an activity, or else that of its nearest wider kind.
fn link_offers(vocabulary: &mut Vocabulary, raw: &[Raw], places: &HashMap<String, u16>, readers: &mut [Reader<'_>]) {
    for (activity, one) in raw.iter().enumerate() {
        let mut given: BTreeMap<u16, f32> = BTreeMap::new();
        for (kind, sureness) in &one.offered_by {
            match places.get(kind.get_ref()) {
                Some(at) => _ = given.insert(*at, *sureness),
                None => readers[one.file].mistake(kind.span(), format!("there is no kind `{}`", kind.get_ref())),
            }
        }
        for at in 0..vocabulary.kinds.len() {
            let kind = &vocabulary.kinds[at];
            let chain = std::iter::once(&kind.id).chain(&kind.wider);
            let found = chain.filter_map(|id| given.get(&vocabulary.kind_place(id)?)).copied().next();
            let Some(sureness) = found.filter(|sureness| *sureness > 0.0) else { continue };
            let (kind, activity) = (&mut vocabulary.kinds[at], &mut vocabulary.activities[activity]);
            kind.offers.push((activity.id.clone(), sureness));
            activity.offered_by.push((kind.id.clone(), sureness));
        }
    }
    vocabulary.kinds.iter_mut().for_each(|kind| kind.offers.sort_by(|a, b| b.1.total_cmp(&a.1)));
    vocabulary.activities.iter_mut().for_each(|activity| activity.offered_by.sort_by(|a, b| b.1.total_cmp(&a.1)));
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

//! Reads the vocabulary's files. Every mistake names its file and line, and all come back at once.

mod build;
mod entry;
mod hints;
mod link;
mod voices;

use sha2::{Digest, Sha256};
use toml::Spanned;

use self::{
    build::build,
    entry::{ACTIVITY_KEYS, KIND_KEYS, Raw, Said, domain, narrow, raw, said},
    hints::hints,
    voices::voices,
};
use super::{
    Domain, DomainInfo, Vocabulary,
    hints::Gathered,
    lexicon::Lexicon,
    mend::Slips,
    sayings::Sayings,
    text::folded,
    toml_file::{Reader, Table},
};
use crate::settings_files::{Mistake, SettingsFile, SettingsFiles};

const DOMAINS: &str = "vocabulary/domains.toml";
const KINDS: &str = "vocabulary/kinds.toml";
const HINTS: &str = "vocabulary/hints/";
const VOICES: &str = "vocabulary/voices/";
const ORDINARY: &str = "common-words.toml";
const SETTINGS: &str = "search.toml";

pub(super) fn load(files: &SettingsFiles) -> Result<Vocabulary, Vec<Mistake>> {
    let sources = read(files)?;
    let fingerprints = fingerprints(&sources);
    // What people mean is read file by file, when the things that it speaks of are there: it is most of all, and none of it stays as written.
    let (meanings, things): (Vec<SettingsFile>, Vec<SettingsFile>) = sources.into_iter().partition(says_what_people_mean);
    let mut readers: Vec<Reader<'_>> = things.iter().map(Reader::new).collect();
    let mut parts = Parts::default();
    for (at, file) in things.iter().enumerate() {
        parts.take(at, file, &mut readers[at]);
    }
    let mut vocabulary = build(parts, &mut readers, fingerprints);
    let mut mistakes: Vec<Mistake> = readers.into_iter().flat_map(Reader::into_mistakes).collect();
    mistakes.extend(take_meanings(&mut vocabulary, &meanings));
    if mistakes.is_empty() { Ok(vocabulary) } else { Err(mistakes) }
}

/// Adds what hints and voices say; the mistakes in them.
fn take_meanings(vocabulary: &mut Vocabulary, files: &[SettingsFile]) -> Vec<Mistake> {
    let (mut gathered, mut sayings, mut mistakes) = (Gathered::default(), Sayings::default(), Vec::new());
    for file in files {
        let mut reader = Reader::new(file);
        let root = reader.parse();
        if file.path.starts_with(HINTS) {
            hints(&root, &mut reader, vocabulary, &mut gathered);
        } else {
            voices(&root, &mut reader, vocabulary, &mut sayings);
        }
        mistakes.extend(reader.into_mistakes());
    }
    sayings.finish();
    (vocabulary.hints, vocabulary.sayings) = (gathered.finish(), sayings);
    mistakes
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

/// Of everything that decides what an index holds of a place, and of all, with hints and voices, which say what people mean.
fn fingerprints(files: &[SettingsFile]) -> (String, String) {
    (fingerprint(files.iter().filter(|file| !says_what_people_mean(file))), fingerprint(files.iter()))
}

fn says_what_people_mean(file: &SettingsFile) -> bool {
    [HINTS, VOICES].iter().any(|of| file.path.starts_with(of))
}

/// Changes with every change of the files.
pub(crate) fn fingerprint<'f>(files: impl Iterator<Item = &'f SettingsFile>) -> String {
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
    ordinary: Lexicon,
    stop_words: Lexicon,
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
                let known = "domains.toml, kinds.toml, activities/*.toml, hints/*.toml and voices/*.toml";
                reader.mistake(0..0, format!("is not a file of the vocabulary: there are {known}"));
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

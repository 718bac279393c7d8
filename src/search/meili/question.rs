//! From a question to what Meilisearch is asked.

use chrono::{NaiveTime, Timelike};

use super::{
    document::{EVERY, concept_term, word_term},
    filter::Clause,
    week,
};
use crate::{
    search::{MAX_DEPTH, MAX_PER_PAGE, OpenAt, Question, Sort, settings::Ranking, understand::Part},
    vocabulary::{Vocabulary, text::singular},
};

/// Letters from which the beginning of a word stands for the whole.
const PREFIX_FROM: usize = 2;

/// Filters that have counts of their own, by the field that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Domains,
    Kinds,
    Activities,
    Boroughs,
    Access,
    Setting,
    Cost,
    Places,
}

impl Group {
    pub(super) const ALL: [Self; 8] =
        [Self::Domains, Self::Kinds, Self::Activities, Self::Boroughs, Self::Access, Self::Setting, Self::Cost, Self::Places];

    /// The field whose values are counted.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Domains => "domains",
            Self::Kinds => "kinds",
            Self::Activities => "activities",
            Self::Boroughs => "borough",
            Self::Access => "access",
            Self::Setting => "setting",
            Self::Cost => "free",
            Self::Places => "places_now",
        }
    }
}

/// A question in Meilisearch's terms; what its words ask for is apart, since they may be loosened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// What each part of the words asks for.
    pub(super) parts: Vec<Clause>,
    /// Filters with counts of their own.
    groups: Vec<(Group, Clause)>,
    /// Filters without: the circle, the hours.
    always: Vec<Clause>,
    /// Words that decide the order of what the filters find.
    pub(super) words: String,
    /// The order asked for.
    pub(super) sort: Vec<String>,
    /// Hits left out before the first.
    pub(super) offset: usize,
    /// Hits at most.
    pub(super) limit: usize,
}

impl Asked {
    pub(super) fn new(question: &Question, parts: &[Part], vocabulary: &Vocabulary, ranking: &Ranking) -> Self {
        let (offset, limit) = page(question);
        Self {
            parts: parts.iter().map(part).collect(),
            groups: groups(question),
            always: circle(question).into_iter().chain(question.open.map(open)).collect(),
            words: if question.sort == Sort::Best { words(parts, vocabulary) } else { String::new() },
            sort: sort(question, ranking),
            offset,
            limit,
        }
    }

    /// The groups that something was chosen of.
    pub(super) fn chosen(&self) -> impl Iterator<Item = Group> + '_ {
        self.groups.iter().map(|(group, _)| *group)
    }

    /// All filters but one group's, with these words.
    pub(super) fn filter(&self, words: Clause, without: Option<Group>) -> String {
        let groups = self.groups.iter().filter(|(group, _)| Some(*group) != without).map(|(_, clause)| clause);
        let all = self.always.iter().chain(groups).cloned().chain([words]).filter(|clause| *clause != Clause::All(Vec::new()));
        Clause::All(all.collect()).to_string()
    }
}

/// How many hits to leave out, and how many to show.
fn page(question: &Question) -> (usize, usize) {
    let per_page = u64::from(question.per_page.clamp(1, MAX_PER_PAGE));
    let offset = u64::from(question.page.max(1) - 1) * per_page;
    let depth = u64::from(MAX_DEPTH);
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    if offset >= depth { (0, 0) } else { (number(offset), number(per_page.min(depth - offset))) }
}

/// A part is found by what it means, or by its words as typed, or as mended.
fn part(part: &Part) -> Clause {
    let mut ways = Vec::new();
    if !part.concepts.is_empty() {
        ways.push(Clause::Holds("terms", part.concepts.iter().map(|(concept, _)| concept_term(concept)).collect()));
    }
    ways.push(all_words(&part.words, part.open));
    if let Some(spelling) = part.mended.as_ref().filter(|_| !part.concepts.is_empty()) {
        ways.push(all_words(&spelling.split(' ').map(str::to_owned).collect::<Vec<_>>(), false));
    }
    Clause::Any(ways)
}

fn all_words(words: &[String], open: bool) -> Clause {
    let last = words.len().saturating_sub(1);
    Clause::All(words.iter().enumerate().map(|(at, word)| one_word(word, open && at == last)).collect())
}

fn one_word(word: &str, open: bool) -> Clause {
    if open && word.len() >= PREFIX_FROM {
        let one = singular(word);
        let mut ways = vec![Clause::Begins("terms", word_term(word))];
        if !one.starts_with(word) {
            ways.push(Clause::Holds("terms", vec![word_term(&one)]));
        }
        return Clause::Any(ways);
    }
    let one = singular(word);
    let mut forms = vec![word_term(word)];
    if *one != *word {
        forms.push(word_term(&one));
    }
    Clause::Holds("terms", forms)
}

fn groups(question: &Question) -> Vec<(Group, Clause)> {
    let mut all = Vec::new();
    let mut any = |group: Group, texts: Vec<String>| {
        if !texts.is_empty() {
            all.push((group, Clause::Holds(group.field(), texts)));
        }
    };
    any(Group::Domains, question.domains.iter().map(ToString::to_string).collect());
    any(Group::Kinds, question.kinds.iter().map(ToString::to_string).collect());
    any(Group::Activities, question.activities.iter().map(ToString::to_string).collect());
    any(Group::Boroughs, question.boroughs.iter().cloned().collect());
    any(Group::Setting, question.setting.iter().map(ToString::to_string).collect());
    if !question.access.is_empty() {
        let each = question.access.iter().map(|access| Clause::Holds("access", vec![access.to_string()]));
        all.push((Group::Access, Clause::All(each.collect())));
    }
    if let Some(most) = question.max_cost {
        all.push((Group::Cost, Clause::AtMost("cost", most)));
    }
    if question.places_now {
        all.push((Group::Places, Clause::True("places_now")));
    }
    all
}

fn circle(question: &Question) -> Option<Clause> {
    Some(Clause::Circle(question.near.as_ref()?.point, question.within_m?))
}

fn open(open: OpenAt) -> Clause {
    let weekday = open.day.num_days_from_monday();
    match open.time {
        None => Clause::HoldsNumber("days", vec![weekday]),
        Some(time) => Clause::HoldsNumber("hours", week::above(minute_of_week(weekday, time))),
    }
}

fn minute_of_week(weekday: u32, time: NaiveTime) -> u16 {
    u16::try_from(weekday * 24 * 60 + time.num_seconds_from_midnight() / 60).unwrap_or(0)
}

/// The words as they were meant. The last may still be being typed; a space after it says that it isn't.
fn words(parts: &[Part], vocabulary: &Vocabulary) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let mut all = EVERY.to_owned();
    for part in parts {
        let meant: Vec<&str> = match &part.mended {
            Some(spelling) => spelling.split(' ').collect(),
            None => part.words.iter().map(String::as_str).collect(),
        };
        for word in meant.into_iter().filter(|word| !vocabulary.is_stop_word(word)) {
            all.push(' ');
            all.push_str(word);
        }
    }
    if !parts.last().is_some_and(|last| last.open) {
        all.push(' ');
    }
    all
}

fn sort(question: &Question, ranking: &Ranking) -> Vec<String> {
    let closed = (ranking.closed_share < 1.0).then(|| "closed:asc".to_owned());
    let near = question.near.as_ref().map(|near| format!("_geoPoint({}, {}):asc", near.point.lat, near.point.lon));
    match question.sort {
        Sort::Best => closed.into_iter().chain(near).collect(),
        Sort::Nearest => near.into_iter().collect(),
        Sort::Name => vec!["key:asc".to_owned()],
        Sort::Checked => vec!["assured:desc".to_owned(), "checked:desc".to_owned()],
    }
}

//! From what someone said of an aspiration to what the matcher is asked: the words, and what must be so.

use std::collections::BTreeSet;

use crate::{
    db::Conn,
    error::Failure,
    matching::{
        need::Need,
        understand::{Reader, Wish},
        verbs::Ask,
    },
    people::aspirations::{Aspiration, Company, Wanted},
    places,
    vocabulary::Ref,
};

/// The most that anything may cost, in pence.
const MOST_PENCE: u32 = 1_000_000;
/// Words for no money at all that stand for nothing of the kind elsewhere.
const NOTHING: [&str; 3] = ["nothing", "none", "nil"];

/// From where places for an aspiration are looked for: where they said, or else where they live.
pub(super) fn from<'t>(wanted: &'t Wanted, area: &'t str) -> &'t str {
    if wanted.near.is_empty() { area } else { wanted.near.as_str() }
}

/// What the matcher is asked for an aspiration of someone who lives in `area`; so many places at most.
pub(super) fn ask(reader: &Reader, c: &mut Conn, aspiration: &Aspiration, area: &str, limit: usize) -> Result<Ask, Failure> {
    let wanted = &aspiration.wanted;
    let near = match from(wanted, area) {
        "" => None,
        place => places::resolve(c, place)?,
    };
    let within_m = wanted.within_km.map(|km| km.saturating_mul(1_000)).filter(|_| near.is_some());
    Ok(Ask { wish: wish(reader, aspiration), near, within_m, limit, ..Ask::default() })
}

/// The words, and what was said beside them. A part of life that the words speak of already isn't added to them.
pub(super) fn wish(reader: &Reader, aspiration: &Aspiration) -> Wish {
    let wanted = &aspiration.wanted;
    let wish = Wish { text: wanted.words.as_str().to_owned(), needs: needs(reader, wanted), ..Wish::default() };
    if aspiration.domains.is_empty() {
        return wish;
    }
    let spoken: Vec<_> = reader.understand(&wish).domains.into_iter().map(|(domain, _)| domain).collect();
    let added = aspiration.domains.iter().filter(|domain| !spoken.contains(domain)).map(|domain| Ref::Domain(*domain));
    Wish { added: added.collect(), ..wish }
}

/// What must be so. What no listing tells, such as whom one meets there, isn't asked of places.
fn needs(reader: &Reader, wanted: &Wanted) -> BTreeSet<Need> {
    let times = reader.needs(wanted.when.as_str()).into_iter().filter(|need| matches!(need, Need::Day(_) | Need::Time(_)));
    let easier = reader.needs(wanted.easier.as_str()).into_iter().filter(|need| !matches!(need, Need::Within(_) | Need::Cost(_)));
    let access = wanted.access.iter().map(|access| Need::Access(*access));
    let alone = (wanted.with_whom == Some(Company::Alone)).then_some(Need::Alone);
    times.chain(easier).chain(access).chain(alone).chain(cost(reader, wanted.cost.as_str())).collect()
}

/// "5", "up to £7.50", "50p", "nothing", "a tenner".
fn cost(reader: &Reader, text: &str) -> Option<Need> {
    let said = || reader.needs(text).into_iter().find(|need| matches!(need, Need::Cost(_)));
    let none = || NOTHING.contains(&text.to_lowercase().as_str()).then_some(Need::Cost(0));
    amount(text).map(Need::Cost).or_else(said).or_else(none)
}

/// The first amount of money in a text, in pence.
fn amount(text: &str) -> Option<u32> {
    let from = text.find(|c: char| c.is_ascii_digit())?;
    let end = text[from..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text.len(), |len| from + len);
    let (pounds, pence) =
        text[from..end].trim_end_matches('.').split_once('.').unwrap_or((text[from..end].trim_end_matches('.'), ""));
    let (pounds, pence): (u32, String) = (pounds.parse().ok()?, pence.chars().chain("00".chars()).take(2).collect());
    let small = text[end..].trim_start().starts_with('p') && !text[end..].trim_start().starts_with("pound");
    let all = if small { pounds } else { pounds.checked_mul(100)?.checked_add(pence.parse().ok()?)? };
    Some(all.min(MOST_PENCE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{settings_files::SettingsFiles, venues::Access, vocabulary::Vocabulary};

    fn reader() -> Reader {
        let files = SettingsFiles::default();
        let vocabulary = std::sync::Arc::new(Vocabulary::load(&files).unwrap());
        Reader::load(&files, vocabulary).unwrap()
    }

    #[test]
    fn what_is_said_beside_the_words_must_be_so() {
        let wanted = Wanted {
            when: "Tuesday mornings".parse().unwrap(),
            cost: "up to £7.50".parse().unwrap(),
            with_whom: Some(Company::Alone),
            access: vec![Access::HearingLoop],
            easier: "no steps, a small group".parse().unwrap(),
            ..Wanted::default()
        };
        let needs: Vec<String> = needs(&reader(), &wanted).iter().map(ToString::to_string).collect();
        for need in ["day:TU", "time:morning", "cost:750", "alone", "access:hearing_loop", "access:step_free", "small"] {
            assert!(needs.contains(&need.to_owned()), "{need}: {needs:?}");
        }
        assert_eq!(needs.len(), 7);
    }

    #[test]
    fn money_is_read_as_people_write_it() {
        let reader = reader();
        for (text, pence) in [
            ("5", Some(500)),
            ("£5.50 at most", Some(550)),
            ("50p", Some(50)),
            ("3 pounds", Some(300)),
            ("a tenner", Some(1_000)),
            ("Nothing", Some(0)),
            ("free", Some(0)),
            ("99999999999", None),
            ("I don’t mind", None),
            ("", None),
        ] {
            assert_eq!(cost(&reader, text), pence.map(Need::Cost), "{text}");
        }
    }
}

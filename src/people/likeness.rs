//! Whether someone may be known already: by keyed hashes of their number, their address, their name as it sounds. Only a human says
//! that two are one.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::About;
use crate::{
    db::Conn,
    error::Failure,
    on_each_engine,
    schema::{likenesses, people},
    values::{Postcode, SubjectId, TeamId, choice, is_district},
    vault::Vault,
    vocabulary::text::folded,
};

/// Most people who are like one.
const MOST: usize = 5;
/// Most rows that are looked through for them.
const MOST_ROWS: i64 = 500;
/// Digits of a phone number that tell it apart, with and without +44.
const DIGITS: usize = 10;

choice! {
    /// In what two people are alike.
    Like {
        Email = "email", "the same e-mail address";
        Phone = "phone", "the same phone number";
        Name = "name", "the same name";
        Sound = "sound", "a name that sounds the same";
        Near = "near", "a first name and part of town";
    }
}

/// What tells someone apart, in plain; it is kept only as keyed hashes.
fn signs(about: &About) -> BTreeSet<(Like, String)> {
    let mut signs = BTreeSet::new();
    if let Some(email) = &about.contact.email {
        signs.insert((Like::Email, email.as_str().to_owned()));
    }
    let digits: Vec<char> = about.contact.phone.as_str().chars().filter(char::is_ascii_digit).collect();
    if digits.len() >= DIGITS {
        signs.insert((Like::Phone, digits[digits.len() - DIGITS..].iter().collect()));
    }
    let name = folded(about.chosen_name.as_str());
    let mut words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if let (Some(first), Some(district)) = (words.first(), district(about.area.as_str())) {
        signs.insert((Like::Near, format!("{} {district}", sound(first))));
    }
    // One word alone is a first name, which many share.
    if words.len() > 1 {
        words.sort_unstable();
        signs.insert((Like::Name, words.join(" ")));
        let mut sounds: Vec<String> = words.iter().map(|word| sound(word)).collect();
        sounds.sort_unstable();
        signs.insert((Like::Sound, sounds.join(" ")));
    }
    signs
}

fn district(area: &str) -> Option<String> {
    let area = area.trim().to_ascii_uppercase();
    let district = area.parse::<Postcode>().map_or_else(|_| area.clone(), |postcode| postcode.district().to_owned());
    is_district(&district).then_some(district)
}

/// A word as it sounds, roughly: letters that are mistaken for one another are one, vowels after the first don't count.
fn sound(word: &str) -> String {
    let mut said = String::new();
    let word = word.replace("ph", "f").replace("ck", "k").replace("th", "t").replace("sch", "sh").replace("gh", "g");
    for (at, letter) in word.chars().enumerate() {
        let like = match letter {
            'c' | 'q' | 'k' | 'x' => 'k',
            'z' | 's' => 's',
            'j' | 'g' => 'g',
            'v' | 'w' | 'f' => 'f',
            'd' | 't' => 't',
            'b' | 'p' => 'p',
            'm' | 'n' => 'n',
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' if at == 0 => 'a',
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' => continue,
            other => other,
        };
        if !said.ends_with(like) {
            said.push(like);
        }
    }
    said
}

/// Keeps what tells someone apart, in place of what was kept before.
pub(super) fn keep(c: &mut Conn, vault: &Vault, id: SubjectId, about: &About) -> Result<(), Failure> {
    forget(c, id)?;
    for (sort, sign) in signs(about) {
        let row = (
            likenesses::person_id.eq(id.to_string()),
            likenesses::mark.eq(vault.mark("likeness", &format!("{sort} {sign}"))),
            likenesses::sort.eq(sort.code()),
        );
        on_each_engine!(c, inner => diesel::insert_into(likenesses::table).values(row).on_conflict_do_nothing().execute(inner))?;
    }
    Ok(())
}

/// Forgets what tells someone apart.
pub(super) fn forget(c: &mut Conn, id: SubjectId) -> Result<(), Failure> {
    diesel::delete(likenesses::table.filter(likenesses::person_id.eq(id.to_string()))).execute(c)?;
    Ok(())
}

/// Whoever is like this person, of these teams or of none yet: the likest first, with what is alike.
pub fn like(c: &mut Conn, id: SubjectId, teams: &[TeamId]) -> Result<Vec<(SubjectId, Vec<Like>)>, Failure> {
    let own: Vec<String> = likenesses::table.filter(likenesses::person_id.eq(id.to_string())).select(likenesses::mark).load(c)?;
    let teams: Vec<String> = teams.iter().map(ToString::to_string).collect();
    let within = people::team_id.is_null().or(people::team_id.eq_any(teams).assume_not_null());
    let rows: Vec<(String, String)> = likenesses::table
        .inner_join(people::table)
        .filter(likenesses::mark.eq_any(own).and(likenesses::person_id.ne(id.to_string())).and(within))
        .limit(MOST_ROWS)
        .select((likenesses::person_id, likenesses::sort))
        .load(c)?;
    let mut found: BTreeMap<SubjectId, BTreeSet<Like>> = BTreeMap::new();
    for (person, sort) in rows {
        if let (Ok(person), Some(sort)) = (person.parse(), Like::from_code(&sort)) {
            found.entry(person).or_default().insert(sort);
        }
    }
    let mut found: Vec<(SubjectId, Vec<Like>)> = found.into_iter().map(|(id, likes)| (id, said(likes))).collect();
    found.sort_by_key(|(id, likes)| (std::cmp::Reverse(weight(likes)), *id));
    found.truncate(MOST);
    Ok(found)
}

/// Those of these who are like someone else of these teams, or of none yet.
pub fn known_already(c: &mut Conn, ids: &[SubjectId], teams: &[TeamId]) -> Result<BTreeSet<SubjectId>, Failure> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let own: Vec<(String, String)> =
        likenesses::table.filter(likenesses::person_id.eq_any(&ids)).select((likenesses::person_id, likenesses::mark)).load(c)?;
    let marks: BTreeSet<&String> = own.iter().map(|(_, mark)| mark).collect();
    let teams: Vec<String> = teams.iter().map(ToString::to_string).collect();
    let within = people::team_id.is_null().or(people::team_id.eq_any(teams).assume_not_null());
    let alike: Vec<(String, String)> = likenesses::table
        .inner_join(people::table)
        .filter(likenesses::mark.eq_any(marks).and(within))
        .limit(MOST_ROWS)
        .select((likenesses::person_id, likenesses::mark))
        .load(c)?;
    let another = |person: &String, mark: &String| alike.iter().any(|(other, same)| same == mark && other != person);
    let known = own.iter().filter(|(person, mark)| another(person, mark));
    Ok(known.filter_map(|(person, _)| person.parse().ok()).collect())
}

/// What is the same needn't be said to sound the same as well.
fn said(likes: BTreeSet<Like>) -> Vec<Like> {
    let same = likes.contains(&Like::Name);
    likes.into_iter().filter(|like| !same || *like != Like::Sound).collect()
}

fn weight(likes: &[Like]) -> u32 {
    let one = |like: &Like| match like {
        Like::Email | Like::Phone => 4,
        Like::Name => 3,
        Like::Sound => 2,
        Like::Near => 1,
    };
    likes.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &About, other: &About) -> Vec<Like> {
        let (one, other) = (signs(one), signs(other));
        said(one.intersection(&other).map(|(like, _)| *like).collect())
    }

    fn called(name: &str) -> About {
        About { chosen_name: name.parse().unwrap(), ..About::default() }
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let with = |phone: &str| {
            let mut about = called("");
            about.contact.phone = phone.parse().unwrap();
            about
        };
        assert_eq!(alike(&with("07700 900123"), &with("+44 7700-900 123")), [Like::Phone]);
        assert_eq!(alike(&with("07700 900123"), &with("07700 900124")), []);
        assert_eq!(alike(&with("1"), &with("1")), []);
    }

    #[test]
    fn names_are_alike_as_they_sound_and_in_whatever_order() {
        assert_eq!(alike(&called("Catherine Smith"), &called("smith, Catherine")), [Like::Name]);
        assert_eq!(alike(&called("Catherine Smith"), &called("Kathryn Smyth")), [Like::Sound]);
        assert_eq!(alike(&called("Stephen Philips"), &called("Steven Phillips")), [Like::Sound]);
        assert_eq!(alike(&called("Catherine Smith"), &called("Robert Jones")), []);
    }

    #[test]
    fn a_first_name_alone_counts_in_the_same_part_of_town_only() {
        let at = |area: &str| About { area: area.parse().unwrap(), ..called("Sam") };
        assert_eq!(alike(&at("SE15 4QL"), &at("se15")), [Like::Near]);
        assert_eq!(alike(&at("SE15"), &at("SE16")), []);
        assert_eq!(alike(&called("Sam"), &called("Sam")), []);
    }
}

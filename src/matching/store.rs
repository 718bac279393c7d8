//! Counts of wishes, and words that the vocabulary lacks. SQL only.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::unmet::Wished;
use crate::{
    db::Conn,
    error::Failure,
    schema::{unknown_words, wish_counts},
};

/// A word that the vocabulary lacks, as far as it is known.
#[derive(Debug, Queryable)]
pub(crate) struct UnknownWord {
    /// The day it was last counted.
    pub(crate) last_day: NaiveDate,
    /// A byte for each asker, between spaces.
    pub(crate) askers: String,
    /// The word, once it may be told.
    pub(crate) word: Option<String>,
}

/// How often something was wished for somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct WishCount {
    /// `activity:` or `kind:` and its id.
    pub wish: String,
    /// A postcode district or a borough; empty where nobody said.
    pub district: String,
    /// How often.
    pub asked: i64,
    /// How often there was hardly any place.
    pub unmet: i64,
}

/// Adds to a count.
pub(crate) fn count(c: &mut Conn, wished: &Wished, asked: i32, unmet: i32) -> Result<(), Failure> {
    let key = (wished.month.as_str(), wished.wish.as_str(), wished.district.as_str());
    let more = (wish_counts::asked.eq(wish_counts::asked + asked), wish_counts::unmet.eq(wish_counts::unmet + unmet));
    if diesel::update(wish_counts::table.find(key)).set(more).execute(c)? == 0 {
        let row = (
            wish_counts::month.eq(key.0),
            wish_counts::wish.eq(key.1),
            wish_counts::district.eq(key.2),
            wish_counts::asked.eq(asked),
            wish_counts::unmet.eq(unmet),
        );
        diesel::insert_into(wish_counts::table).values(row).execute(c)?;
    }
    Ok(())
}

/// What was wished for in vain most often, at most `most`.
pub fn unmet(c: &mut Conn, most: i64) -> Result<Vec<WishCount>, Failure> {
    use diesel::dsl::sum;
    let all = wish_counts::table
        .group_by((wish_counts::wish, wish_counts::district))
        .select((wish_counts::wish, wish_counts::district, sum(wish_counts::asked), sum(wish_counts::unmet)))
        .order((sum(wish_counts::unmet).desc(), wish_counts::wish, wish_counts::district))
        .limit(most)
        .load::<(String, String, Option<i64>, Option<i64>)>(c)?;
    let count = |(wish, district, asked, unmet): (String, String, Option<i64>, Option<i64>)| WishCount {
        wish,
        district,
        asked: asked.unwrap_or(0),
        unmet: unmet.unwrap_or(0),
    };
    Ok(all.into_iter().map(count).collect())
}

/// Words that may be told, in order, at most `most`.
pub fn told_words(c: &mut Conn, most: i64) -> Result<Vec<String>, Failure> {
    let words = unknown_words::table.filter(unknown_words::word.is_not_null()).order(unknown_words::word).limit(most);
    let words: Vec<Option<String>> = words.select(unknown_words::word).load(c)?;
    Ok(words.into_iter().flatten().collect())
}

/// What is known of a word by its mark.
pub(crate) fn unknown_word(c: &mut Conn, mark: &str) -> Result<Option<UnknownWord>, Failure> {
    let columns = (unknown_words::last_day, unknown_words::askers, unknown_words::word);
    Ok(unknown_words::table.find(mark).select(columns).first(c).optional()?)
}

/// Marks a word as used for the first time.
pub(crate) fn add_unknown_word(c: &mut Conn, mark: &str, askers: &str, day: NaiveDate) -> Result<(), Failure> {
    let row = (unknown_words::mark.eq(mark), unknown_words::askers.eq(askers), unknown_words::last_day.eq(day));
    diesel::insert_into(unknown_words::table).values(row).execute(c)?;
    Ok(())
}

/// Marks a word as used again.
pub(crate) fn change_unknown_word(
    c: &mut Conn,
    mark: &str,
    askers: &str,
    day: NaiveDate,
    word: Option<&str>,
) -> Result<(), Failure> {
    let change = (unknown_words::askers.eq(askers), unknown_words::last_day.eq(day), unknown_words::word.eq(word));
    diesel::update(unknown_words::table.find(mark)).set(change).execute(c)?;
    Ok(())
}

//! One question sent, one answer read.

use std::{collections::HashMap, str::FromStr};

use meilisearch_sdk::{
    indexes::Index,
    search::{MatchingStrategies, MultiSearchQuery, SearchQuery, SearchResults, Selectors},
};
use serde::Deserialize;

use super::{
    Meili, Trouble,
    document::{Geo, concept_term},
    feed::State,
    filter::Clause,
    question::{Asked, Group},
    transport::Transport,
};
use crate::{
    search::{Facets, Found, Hit},
    values::{Point, VenueId},
    venues::{Access, Mark},
    vocabulary::{ActivityId, Concept, Domain, KindId},
};

/// What a hit brings.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    id: String,
    #[serde(rename = "_geo")]
    point: Option<Geo>,
}

/// The field with one value that every document has: its count is the number of places found, which has no upper limit.
const EVERY: &str = "every";

/// Most places for each thing that is looked for.
const MOST_HAVING: usize = 300;

type Counts = HashMap<String, HashMap<String, usize>>;

impl Meili {
    /// Answers a question: with all its words, or where nothing has them all, with as many as any place has.
    pub(super) async fn answer(&self, asked: &Asked, near: Option<Point>) -> Result<Found, Trouble> {
        let found = self.found(asked, Clause::All(asked.parts.clone()), near).await?;
        if found.total > 0 || asked.parts.len() < 2 {
            return Ok(found);
        }
        let Some(fewer) = self.fewer(asked).await? else { return Ok(found) };
        let mut loose = self.found(asked, fewer, near).await?;
        if loose.total == 0 {
            return Ok(found);
        }
        loose.understood.loosened = true;
        Ok(loose)
    }

    /// The note of how far the index came, where there is an index that answers. One request for both.
    pub(super) async fn glance(&self) -> Result<Option<State>, Trouble> {
        let (shown, state) = (self.index(&self.names.shown), self.index(&self.names.state));
        let mut both = MultiSearchQuery::new(&self.asking);
        both.with_search_query(counting(&shown).build()).with_search_query(SearchQuery::new(&state).with_limit(1).build());
        match both.execute::<serde_json::Value>().await.map_err(Trouble::from) {
            Ok(mut answers) => {
                let note = answers.results.pop().and_then(|mut found| found.hits.pop());
                note.map(|hit| serde_json::from_value(hit.result).map_err(|_| Trouble::Unreadable)).transpose()
            }
            Err(trouble) if trouble.is_missing() => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    async fn found(&self, asked: &Asked, words: Clause, near: Option<Point>) -> Result<Found, Trouble> {
        let index = self.index(&self.names.shown);
        let chosen: Vec<Group> = asked.chosen().collect();
        let free = Group::ALL.iter().filter(|group| !chosen.contains(group)).map(|group| group.field());
        let fields: Vec<&str> = free.chain([EVERY]).collect();
        let sort: Vec<&str> = asked.sort.iter().map(String::as_str).collect();
        let filter = asked.filter(words.clone(), None);
        let mut first = SearchQuery::new(&index);
        first.with_filter(&filter).with_facets(Selectors::Some(&fields)).with_offset(asked.offset).with_limit(asked.limit);
        if !asked.words.is_empty() {
            first.with_query(&asked.words).with_matching_strategy(MatchingStrategies::LAST);
        }
        if !sort.is_empty() {
            first.with_sort(&sort);
        }
        let others: Vec<(String, [&str; 1])> =
            chosen.iter().map(|group| (asked.filter(words.clone(), Some(*group)), [group.field()])).collect();
        let mut all = MultiSearchQuery::new(&self.asking);
        all.with_search_query(first.build());
        for (filter, field) in &others {
            let mut other = counting(&index);
            all.with_search_query(other.with_filter(filter).with_facets(Selectors::Some(field)).build());
        }
        let answers = all.execute::<Row>().await.map_err(Trouble::from)?.results;
        if answers.len() != others.len() + 1 {
            return Err(Trouble::Unreadable);
        }
        read(answers, near)
    }

    /// The ids of the places nearest by that have each of these, a list for each, in one request.
    pub(super) async fn nearest_having(&self, concepts: &[Concept], circle: Option<(Point, u32)>) -> Result<Vec<u128>, Trouble> {
        let index = self.index(&self.names.shown);
        let within = circle.map(|(point, metres)| Clause::Circle(point, metres));
        let filter = |concept: &Concept| {
            let has = Clause::Holds("terms", vec![concept_term(concept)]);
            Clause::All([has].into_iter().chain(within.clone()).collect()).to_string()
        };
        let filters: Vec<String> = concepts.iter().map(filter).collect();
        let nearest = circle.map(|(point, _)| format!("_geoPoint({}, {}):asc", point.lat, point.lon));
        let sort = [nearest.as_deref().unwrap_or("checked:desc")];
        let mut all = MultiSearchQuery::new(&self.asking);
        for filter in &filters {
            let mut one = SearchQuery::new(&index);
            one.with_filter(filter).with_sort(&sort).with_limit(MOST_HAVING);
            all.with_search_query(one.with_attributes_to_retrieve(Selectors::Some(&["id"])).build());
        }
        let answers = all.execute::<Row>().await.map_err(Trouble::from)?.results;
        let id = |row: &Row| VenueId::from_str(&row.id).map(|id| id.0.as_u128()).map_err(|_| Trouble::Unreadable);
        answers.iter().flat_map(|answer| &answer.hits).map(|hit| id(&hit.result)).collect()
    }

    /// For each of these filters, whether any place passes it.
    pub(super) async fn any(&self, filters: &[String]) -> Result<Vec<bool>, Trouble> {
        let index = self.index(&self.names.shown);
        let mut all = MultiSearchQuery::new(&self.asking);
        for filter in filters {
            all.with_search_query(counting(&index).with_filter(filter).build());
        }
        let answers = all.execute::<Row>().await.map_err(Trouble::from)?.results;
        if answers.len() != filters.len() {
            return Err(Trouble::Unreadable);
        }
        answers.iter().map(|one| one.estimated_total_hits.map(|total| total > 0).ok_or(Trouble::Unreadable)).collect()
    }
}

fn counting(index: &Index<Transport>) -> SearchQuery<'_, Transport> {
    let mut query = SearchQuery::new(index);
    query.with_limit(0);
    query
}

fn read(answers: Vec<SearchResults<Row>>, near: Option<Point>) -> Result<Found, Trouble> {
    let mut counts = Counts::new();
    let mut hits = Vec::new();
    for (at, mut answer) in answers.into_iter().enumerate() {
        counts.extend(answer.facet_distribution.take().ok_or(Trouble::Unreadable)?);
        if at == 0 {
            hits = answer.hits.into_iter().map(|hit| hit_of(&hit.result, near)).collect::<Result<_, _>>()?;
        }
    }
    let total = counts.get(EVERY).ok_or(Trouble::Unreadable)?.values().sum::<usize>() as u64;
    Ok(Found { hits, total, facets: facets(&counts), ..Found::default() })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no two places are further apart")]
fn hit_of(row: &Row, near: Option<Point>) -> Result<Hit, Trouble> {
    let venue = VenueId::from_str(&row.id).map_err(|_| Trouble::Unreadable)?;
    let there = row.point.map(|point| Point { lat: point.lat, lon: point.lng });
    let distance_m = near.zip(there).map(|(here, there)| here.metres_to(there).round() as u32);
    Ok(Hit { venue, distance_m })
}

fn facets(counts: &Counts) -> Facets {
    let of = |group: Group| counts.get(group.field()).into_iter().flatten().map(|(value, count)| (value.as_str(), *count as u64));
    let sum = |group: Group| of(group).map(|(_, count)| count).sum();
    Facets {
        domains: of(Group::Domains).filter_map(|(value, count)| Some((Domain::from_code(value)?, count))).collect(),
        kinds: of(Group::Kinds).map(|(value, count)| (KindId::from(value), count)).collect(),
        activities: of(Group::Activities).map(|(value, count)| (ActivityId::from(value), count)).collect(),
        boroughs: of(Group::Boroughs).map(|(value, count)| (value.to_owned(), count)).collect(),
        access: of(Group::Access).filter_map(|(value, count)| Some((Access::from_code(value)?, count))).collect(),
        settings: of(Group::Setting).filter_map(|(value, count)| Some((Mark::from_code(value)?, count))).collect(),
        free: sum(Group::Cost),
        places_now: sum(Group::Places),
    }
}

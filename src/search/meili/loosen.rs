//! Where no place has all the words: which of them places do have, as many at a time as possible.

use super::{Meili, Trouble, filter::Clause, question::Asked};

/// Of a longer question, the first so many parts that any place has.
const MOST: usize = 6;

impl Meili {
    /// What to ask for instead of all parts; none where no place has any of them.
    pub(super) async fn fewer(&self, asked: &Asked) -> Result<Option<Clause>, Trouble> {
        let parts = if asked.parts.len() > MOST { self.live(asked).await? } else { asked.parts.clone() };
        // That no place has all of them is known.
        let most = parts.len().min(asked.parts.len() - 1);
        let mut ways: Vec<Clause> = (1..=most).rev().map(|size| Clause::Any(choices(&parts, size))).collect();
        if ways.len() < 2 {
            return Ok(ways.pop());
        }
        let filters: Vec<String> = ways.iter().map(|way| asked.filter(way.clone(), None)).collect();
        let found = self.any(&filters).await?;
        Ok(ways.into_iter().zip(found).find(|(_, any)| *any).map(|(way, _)| way))
    }

    /// The first parts that any place has.
    async fn live(&self, asked: &Asked) -> Result<Vec<Clause>, Trouble> {
        let alone: Vec<String> = asked.parts.iter().map(|part| asked.filter(part.clone(), None)).collect();
        let found = self.any(&alone).await?;
        Ok(asked.parts.iter().zip(found).filter(|(_, any)| *any).map(|(part, _)| part.clone()).take(MOST).collect())
    }
}

/// Every way to choose so many of the parts.
fn choices(parts: &[Clause], size: usize) -> Vec<Clause> {
    let sets = (0_u32..1 << parts.len()).filter(|set| set.count_ones() as usize == size);
    let of = |set: u32| parts.iter().enumerate().filter(move |(at, _)| set & (1 << at) != 0).map(|(_, part)| part.clone());
    sets.map(|set| Clause::All(of(set).collect())).collect()
}

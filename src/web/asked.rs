//! What many addresses hold beside their path.

use std::str::FromStr;

use serde::Deserialize;

/// Which page of a list is asked for, and what was done before.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    page: String,
    /// The code of what was done; blank where nothing was.
    #[serde(default)]
    pub done: String,
}

impl Asked {
    /// The page, from 1 to `last`.
    pub fn page<N: FromStr + PartialOrd + From<u8> + Copy>(&self, last: N) -> N {
        page(&self.page, last)
    }
}

/// The number of a page, from 1 to `last`; the first where it is none of these.
pub fn page<N: FromStr + PartialOrd + From<u8> + Copy>(typed: &str, last: N) -> N {
    let first = N::from(1);
    typed.parse().ok().filter(|page| *page >= first && *page <= last).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_one_that_there_is() {
        assert_eq!((page("3", 9i64), page("9", 9u32), page("10", 9usize)), (3, 9, 1));
        for nonsense in ["", "0", "-1", "x", "99999999999999999999"] {
            assert_eq!(page(nonsense, 9i64), 1, "{nonsense}");
        }
    }
}

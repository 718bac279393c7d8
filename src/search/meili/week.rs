//! Times of the week as numbers that a filter can ask for: to the minute, though Meilisearch knows no spans.
//!
//! The week's 10,080 minutes are the leaves of a binary tree. A span is a few whole branches of it; a minute lies in the span
//! where one of the branches above it is among those.

/// Leaves of the tree: the first power of two above the minutes of a week.
const LEAVES: u32 = 1 << 14;

/// The fewest branches that make up the minutes from `from` to before `to`.
pub(super) fn branches(from: u16, to: u16) -> Vec<u32> {
    let (mut from, mut to) = (u32::from(from) + LEAVES, u32::from(to) + LEAVES);
    let mut found = Vec::new();
    while from < to {
        if from & 1 == 1 {
            found.push(from);
            from += 1;
        }
        if to & 1 == 1 {
            to -= 1;
            found.push(to);
        }
        from /= 2;
        to /= 2;
    }
    found
}

/// A minute of the week and every branch it is on.
pub(super) fn above(minute: u16) -> Vec<u32> {
    std::iter::successors(Some(u32::from(minute) + LEAVES), |branch| (*branch > 1).then_some(branch / 2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_minute_lies_in_a_span_just_where_they_share_a_branch(from in 0_u16..10_080, to in 0_u16..=10_080, minute in 0_u16..10_080) {
            let span = branches(from, to);
            proptest::prop_assert!(span.len() <= 26);
            let shared = above(minute).iter().filter(|branch| span.contains(branch)).count();
            proptest::prop_assert_eq!(shared, usize::from((from..to).contains(&minute)));
        }
    }
}

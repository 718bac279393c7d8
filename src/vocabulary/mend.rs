//! Mends misspellings: finds the known word that is a slip or two away. A deletion index, so that one word takes microseconds.

use super::lexicon::{Packed, hash};

/// Longest word that is mended, in bytes.
const LONGEST: usize = 40;

/// Most words that are known; further ones aren't.
const MOST: usize = u16::MAX as usize;

/// Known words and every way to leave out a letter or two of them.
#[derive(Debug, Default)]
pub(crate) struct Mender {
    words: Packed,
    /// For each first half of a hash the end of its list.
    ends: Vec<u32>,
    /// The second half of the hash of what is left, and of which word; in order in each list.
    left_out: Vec<(u16, u16)>,
    slips: Slips,
}

/// From how many letters on slips are forgiven in a word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slips {
    pub(crate) one_from: usize,
    pub(crate) two_from: usize,
}

impl Default for Slips {
    fn default() -> Self {
        Self { one_from: 4, two_from: 8 }
    }
}

impl Slips {
    fn in_a_word_of(self, letters: usize) -> usize {
        usize::from(letters >= self.one_from) + usize::from(letters >= self.two_from)
    }
}

impl Mender {
    /// The earlier of two equally near words is preferred.
    pub(crate) fn new<'w>(words: impl Iterator<Item = &'w str>, slips: Slips) -> Self {
        let words: Packed = words.filter(|word| (3..=LONGEST).contains(&word.len())).take(MOST).collect();
        let mut all: Vec<(u16, u16, u16)> = Vec::new();
        for (at, word) in (0..=u16::MAX).zip(words.iter()) {
            // A word of eight letters with two slips may have been one of six.
            let depth = if word.len() + 2 >= slips.two_from { 2 } else { 1 };
            each_shorter(word.as_bytes(), depth, &mut |shorter| {
                let (first, second) = halves(hash(shorter));
                all.push((first, second, at));
            });
        }
        all.sort_unstable();
        all.dedup();
        let mut ends = vec![0; usize::from(u16::MAX) + 1];
        for (end, (first, ..)) in (1_u32..).zip(&all) {
            ends[usize::from(*first)] = end;
        }
        let mut last = 0;
        for end in &mut ends {
            last = last.max(*end);
            *end = last;
        }
        Self { words, ends, left_out: all.iter().map(|(_, second, at)| (*second, *at)).collect(), slips }
    }

    /// The nearest known word within the slips forgiven, if there is one.
    pub(crate) fn mend(&self, word: &str) -> Option<&str> {
        let most = self.slips.in_a_word_of(word.chars().count());
        if most == 0 || word.len() > LONGEST {
            return None;
        }
        let mut best: Option<(Nearness, u16)> = None;
        each_shorter(word.as_bytes(), most, &mut |shorter| {
            for at in self.leaving(hash(shorter)) {
                let Some(near) = nearness(word, self.words.get(u32::from(at)), most) else { continue };
                if best.is_none_or(|best| (near, at) < best) {
                    best = Some((near, at));
                }
            }
        });
        best.map(|(_, at)| self.words.get(u32::from(at)))
    }

    /// The words that leave what has this hash.
    fn leaving(&self, hash: u32) -> impl Iterator<Item = u16> {
        let (first, second) = halves(hash);
        let end = |first: usize| self.ends.get(first).map_or(0, |end| *end as usize);
        let list = &self.left_out[usize::from(first).checked_sub(1).map_or(0, end)..end(usize::from(first))];
        let from = list.partition_point(|(other, _)| *other < second);
        list[from..].iter().take_while(move |(other, _)| *other == second).map(|(_, at)| *at)
    }
}

fn halves(hash: u32) -> (u16, u16) {
    let [a, b, c, d] = hash.to_be_bytes();
    (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

/// Fewer slips, then only a letter too few or too many of a pair, then the same first letter, then the same length.
type Nearness = (usize, bool, bool, usize);

fn nearness(word: &str, known: &str, most: usize) -> Option<Nearness> {
    let distance = distance(word.as_bytes(), known.as_bytes(), most)?;
    let pairs = !single(word).eq(single(known));
    Some((distance, pairs, word.as_bytes().first() != known.as_bytes().first(), word.len().abs_diff(known.len())))
}

/// The letters, each pair as one.
fn single(word: &str) -> impl Iterator<Item = u8> {
    let bytes = word.as_bytes();
    bytes.iter().enumerate().filter(|(at, byte)| *at == 0 || bytes[at - 1] != **byte).map(|(_, byte)| *byte)
}

/// Letters left out, put in, changed or swapped with their neighbour, if they are at most `most`.
pub(crate) fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most || a.len() > 64 || b.len() > 64 {
        return None;
    }
    let mut rows = [[0_usize; 65]; 3];
    for (at, cell) in rows[0].iter_mut().enumerate().take(b.len() + 1) {
        *cell = at;
    }
    for i in 1..=a.len() {
        let (this, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[this][0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut cost = (rows[last][j - 1] + change).min(rows[last][j] + 1).min(rows[this][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[before][j - 2] + 1);
            }
            rows[this][j] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
    }
    Some(rows[a.len() % 3][b.len()]).filter(|distance| *distance <= most)
}

fn each_shorter(word: &[u8], depth: usize, see: &mut impl FnMut(&[u8])) {
    see(word);
    let mut shorter = [0_u8; LONGEST];
    let len = word.len();
    if depth == 0 || !(2..=LONGEST).contains(&len) {
        return;
    }
    for skip in 0..len {
        shorter[..skip].copy_from_slice(&word[..skip]);
        shorter[skip..len - 1].copy_from_slice(&word[skip + 1..]);
        see(&shorter[..len - 1]);
        if depth > 1 {
            second_letter(&shorter[..len - 1], skip, see);
        }
    }
}

fn second_letter(word: &[u8], from: usize, see: &mut impl FnMut(&[u8])) {
    let mut shorter = [0_u8; LONGEST];
    let len = word.len();
    for skip in from..len {
        shorter[..skip].copy_from_slice(&word[..skip]);
        shorter[skip..len - 1].copy_from_slice(&word[skip + 1..]);
        see(&shorter[..len - 1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_slip_is_mended() {
        let known = ["guitar", "library", "museum", "coffee", "chess", "pottery", "badminton"];
        let mender = Mender::new(known.into_iter(), Slips::default());
        for word in known {
            for at in 0..word.len() {
                let mut less = word.to_owned();
                less.remove(at);
                let mut more = word.to_owned();
                more.insert(at, 'x');
                let mut other = word.to_owned();
                other.replace_range(at..=at, "x");
                for slip in [less, more, other] {
                    if slip.len() > 3 {
                        assert_eq!(mender.mend(&slip), Some(word), "{slip}");
                    }
                }
            }
        }
        assert_eq!(mender.mend("musuem"), Some("museum"));
        assert_eq!(Mender::new(["poetry", "pottery"].into_iter(), Slips::default()).mend("potery"), Some("pottery"));
        assert_eq!(mender.mend("badmington"), Some("badminton"));
        assert_eq!(mender.mend("badmingtun"), Some("badminton"));
    }

    #[test]
    fn short_and_far_words_are_left_alone() {
        let mender = Mender::new(["art", "chess", "guitar"].into_iter(), Slips::default());
        for word in ["ark", "chuss2", "gutr", "", "é", &"x".repeat(10_000)] {
            assert_eq!(mender.mend(word), None, "{word}");
        }
    }

    #[test]
    fn distance_counts_a_swap_as_one() {
        assert_eq!(distance(b"musuem", b"museum", 2), Some(1));
        assert_eq!(distance(b"abcd", b"abcd", 0), Some(0));
        assert_eq!(distance(b"abcd", b"wxyz", 2), None);
        assert_eq!(distance(b"", b"ab", 2), Some(2));
    }
}

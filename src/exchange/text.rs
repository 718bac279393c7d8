//! Mends what publishers' programs did to words: mojibake, stray controls, `NA` for nothing; and folds names to compare them.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words that stand for "not known", folded to lower case.
const UNKNOWN: [&str; 14] =
    ["", "-", "--", "–", "—", ".", "?", "na", "n/a", "#n/a", "null", "[unknown]", "(blank)", "not available"];

/// Which byte a character stood for, in an encoding of one byte a character.
type Bytes = HashMap<char, u8>;

static WINDOWS: LazyLock<Bytes> = LazyLock::new(|| upper_half(WINDOWS_1252));
static MAC: LazyLock<Bytes> = LazyLock::new(|| upper_half(MACINTOSH));

fn upper_half(encoding: &'static Encoding) -> Bytes {
    (0x80..=0xff_u8).filter_map(|byte| Some((encoding.decode_without_bom_handling(&[byte]).0.chars().next()?, byte))).collect()
}

/// Text from bytes that are UTF-8, or else Windows-1252.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// One line of clean text, or none where the publisher wrote that it isn't known.
pub(super) fn known(text: &str) -> Option<String> {
    let mended = mend(text);
    let visible: String = mended.chars().filter_map(visible).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let folded = line.to_lowercase();
    (!UNKNOWN.contains(&folded.as_str())).then_some(line)
}

/// White space as a space; what can't be seen is left out.
fn visible(c: char) -> Option<char> {
    match c {
        _ if c.is_whitespace() => Some(' '),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{fffd}' => None,
        _ if c.is_control() => None,
        _ => Some(c),
    }
}

/// A name as it is compared: no case, accents, punctuation or leading "the"; `&` is "and".
pub(super) fn fold(name: &str) -> String {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let mut words = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '\'' | '’' | '‘' | 'ʼ' | '`' | '´' => {}
            '&' | '+' => words.push_str(" and "),
            _ if c.is_alphanumeric() => words.push(c),
            _ => words.push(' '),
        }
    }
    let joined = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match joined.strip_prefix("the ") {
        Some(rest) => rest.to_owned(),
        None if joined.is_empty() => plain,
        None => joined,
    }
}

/// Puts right UTF-8 that was once read as Windows-1252 or Mac Roman, run by run; good text stays as it is.
pub(super) fn mend(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    // Some files went through the mill more than once.
    for _ in 0..3 {
        if text.is_ascii() {
            break;
        }
        match mend_once(&text) {
            Some(better) => text = Cow::Owned(better),
            None => break,
        }
    }
    text
}

fn mend_once(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut mended, mut run) = (0, false, None);
    while let Some(&c) = chars.get(at) {
        let found = if c.is_ascii() { None } else { misread(&chars, at, run) };
        let (right, used) = found.unwrap_or((c, 1));
        out.push(right);
        at += used;
        mended |= found.is_some();
        run = found.map(|(right, _)| right);
    }
    mended.then_some(out)
}

/// What the characters at `at` should be, and how many of them it takes; none where they are good as they are. `run` is what
/// came out right before, if that was mended.
fn misread(chars: &[char], at: usize, run: Option<char>) -> Option<(char, usize)> {
    let before = at.checked_sub(1).map(|i| chars[i]);
    if let Some((right, used)) = sequence(&WINDOWS, &chars[at..]) {
        let follows = sequence(&WINDOWS, &chars[at + used..]).map(|(next, _)| next);
        let in_a_run = [run, follows].into_iter().flatten().any(|other| same_script(right, other));
        if in_a_run || windows_is_sure(right, chars[at], chars[at + 1], before) {
            return Some((right, used));
        }
    }
    if let Some((right, used)) = sequence(&MAC, &chars[at..]) {
        let lead = matches!(chars[at], '¬' | '√' | 'ƒ' | '≈' | '‚');
        if lead && matches!(right, '\u{a0}'..='\u{17f}' | '\u{2000}'..='\u{27bf}') {
            return Some((right, used));
        }
    }
    lower_cased(&chars[at..]).map(|right| (right, 2)).or_else(|| stray(chars, at))
}

/// The character whose UTF-8 bytes stand at the front, each read as a character of its own.
fn sequence(table: &Bytes, chars: &[char]) -> Option<(char, usize)> {
    let lead = *table.get(chars.first()?)?;
    let length = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let bytes = chars.get(..length)?.iter().map(|c| table.get(c).copied()).collect::<Option<Vec<u8>>>()?;
    Some((std::str::from_utf8(&bytes).ok()?.chars().next()?, length))
}

/// Whether one sequence alone is sure enough, given what it would become and what stands before it.
fn windows_is_sure(right: char, lead: char, second: char, before: Option<char>) -> bool {
    let in_capitals = before.is_some_and(char::is_uppercase);
    // "SMÅ”" is Swedish with a closing quote, not a broken Ŕ.
    let like_punctuation = matches!(second, '‘' | '’' | '“' | '”' | '…' | '–' | '—' | '™' | '»' | '®' | '\u{a0}');
    match right {
        '\u{80}'..='\u{ff}' => matches!(lead, 'Â' | 'Ã'),
        '\u{100}'..='\u{17f}' => !(in_capitals && like_punctuation),
        '\u{2b0}'..='\u{2ff}' | '\u{2000}'..='\u{27bf}' | '\u{fb00}'..='\u{fb06}' | '\u{feff}' => true,
        _ => u32::from(right) >= 0x1_f000,
    }
}

/// Two letters of one far alphabet: broken Greek, Cyrillic and Chinese come in runs.
fn same_script(a: char, b: char) -> bool {
    let (a, b) = (u32::from(a), u32::from(b));
    a.min(b) >= 0x370 && (a >> 8).abs_diff(b >> 8) <= 0x60
}

/// "Cafã‰": a broken É that was put in lower case afterwards.
fn lower_cased(chars: &[char]) -> Option<char> {
    let ('ã', second) = (*chars.first()?, *chars.get(1)?) else { return None };
    let byte = *WINDOWS.get(&second)?;
    let sure = (0x80..=0x9f).contains(&byte) && !matches!(second, '‘' | '’' | '“' | '”' | '…' | '–' | '—');
    let right = std::str::from_utf8(&[0xc3, byte]).ok()?.chars().next()?;
    sure.then(|| right.to_lowercase().next()).flatten()
}

/// An `Â` that was half of a no-break space: no word ends in one.
fn stray(chars: &[char], at: usize) -> Option<(char, usize)> {
    let ends_word = chars.get(at + 1).is_none_or(|next| next.is_whitespace() || matches!(next, ',' | '.' | ';' | ')' | '/'));
    (chars[at] == 'Â' && ends_word).then_some((' ', 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_read_as_another_encoding_is_mended() {
        for (broken, right) in [
            ("73 ‚Äì 81 Southwark", "73 – 81 Southwark"),
            ("St Paul‚Äôs Crescent", "St Paul’s Crescent"),
            ("Kingâ€™s Road", "King’s Road"),
            ("SprÃ¼th Magers", "Sprüth Magers"),
            ("68â\u{81}„69Â Gough", "68⁄69  Gough"),
            ("17¬† Argall", "17\u{a0} Argall"),
            ("WesleyÊ¼s House", "Wesleyʼs House"),
            ("Gateway Cafã‰", "Gateway Café"),
            ("SW1 2DBÂ", "SW1 2DB "),
            ("KoÅ›ciÃ³Å‚", "Kościół"),
            ("Î‘Î³Î¹Î¿Ï‚", "Αγιος"),
            ("ÃƒÂ©clair", "éclair"),
            ("Caf√© N√©ro", "Café Néro"),
        ] {
            assert_eq!(mend(broken), right, "{broken}");
        }
    }

    #[test]
    fn good_text_is_left_alone() {
        for good in [
            "CØPPERFIELD", "Αγιου Ελεθεριου", "l’été", "CAFÉ™", "JOSÉ’S", "POKÉ…", "SÃO PAULO", "SMÅ”", "voilà…”", "以馬內利華人教堂",
            "Kościół", "irmã’s", "“école”", "naïve café", "Bürgerhaus „Zur Äöl“", "Ångström", "Pâté", "CRÊPE", "50¢", "Żabka",
        ] {
            assert_eq!(mend(good), good, "{good}");
        }
    }

    #[test]
    fn what_means_unknown_is_unknown() {
        for nothing in ["", " ", "NA", "n/a", "N/A ", "-", "\u{a0}", "\0", "[Unknown]"] {
            assert_eq!(known(nothing), None, "{nothing:?}");
        }
        assert_eq!(known(" Â First\r\nFloor\u{a0} "), Some("First Floor".to_owned()));
        assert_eq!(known("Nana's"), Some("Nana's".to_owned()));
    }

    #[test]
    fn names_are_compared_without_case_accents_and_punctuation() {
        for (a, b) in [
            ("The Red Lion", "RED LION"),
            ("St. John's Café & Bar", "St Johns Cafe and Bar"),
            ("King’s Cross", "Kings Cross"),
            ("Bay-Sixty-6", "Bay Sixty 6"),
        ] {
            assert_eq!(fold(a), fold(b));
        }
        assert_ne!(fold("The"), "");
        assert_eq!(fold("!!!"), "!!!");
        assert_ne!(fold("以馬內利"), fold("香港家"));
    }
}

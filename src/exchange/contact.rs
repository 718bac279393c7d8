//! Websites, phone numbers, points and postcodes, as publishers misspell them.

use crate::values::{Point, Postcode};

/// Longest website that is taken for one, in bytes.
const WEBSITE_LIMIT: usize = 2000;

/// What a column for websites may hold instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Contact {
    Website(url::Url),
    Email(String),
    Phone(String),
}

/// The first website in the text, with a scheme; or the e-mail address or phone number that stands there instead.
pub(super) fn contact(text: &str) -> Option<Contact> {
    if is_phone(text) {
        return Some(Contact::Phone(text.to_owned()));
    }
    text.split([' ', ',', ';', '|']).map(|word| word.trim_matches(['/', '.', '(', ')', '<', '>', '"'])).find_map(|word| {
        if let Some(site) = website(word) {
            return Some(Contact::Website(site));
        }
        is_email(word).then(|| Contact::Email(word.to_owned()))
    })
}

fn website(word: &str) -> Option<url::Url> {
    let lower = word.to_ascii_lowercase();
    let secure = lower.starts_with("https");
    let scheme = ["https://", "http://", "https:/", "http:/", "https//", "http//", "https:", "http:"];
    let bare = scheme.iter().find(|s| lower.starts_with(**s)).map_or(word, |s| &word[s.len()..]).trim_start_matches('/');
    // Many small sites still answer on http alone; browsers try https first by themselves.
    let site = url::Url::parse(&format!("{}://{bare}", if secure { "https" } else { "http" })).ok()?;
    let host = site.host_str()?;
    let ending = host.rsplit('.').next().unwrap_or_default();
    let sound = host.contains('.')
        && ending.len() >= 2
        && ending.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c.is_ascii_digit());
    let lettered = ending.chars().any(|c| c.is_ascii_alphabetic());
    (sound && lettered && site.as_str().len() <= WEBSITE_LIMIT && site.username().is_empty() && site.password().is_none())
        .then_some(site)
}

/// Enough digits, and nothing that a phone number hasn't.
pub(super) fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (9..=15).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '(' | ')' | '-' | '.'))
}

/// One `@` between something and a domain.
pub(super) fn is_email(text: &str) -> bool {
    // The longest address that mail servers take.
    text.len() <= 254
        && text.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && !name.contains([':', '/', ' ', '<', '"', ','])
                && domain.contains('.')
                && !domain.contains(['@', '/', ' ', '>', '"', ','])
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        })
}

/// What came of a latitude and a longitude.
#[derive(Debug, PartialEq)]
pub(super) enum Located {
    Good(Point),
    /// They stood the wrong way round.
    Swapped(Point),
    /// There is no such place in these islands.
    Wrong,
    Unknown,
}

/// A point from two texts, the right way round.
pub(super) fn located(lat: Option<&str>, lon: Option<&str>) -> Located {
    let (Some(lat), Some(lon)) = (lat, lon) else { return Located::Unknown };
    let (Some(lat), Some(lon)) = (degrees(lat), degrees(lon)) else { return Located::Wrong };
    let here = |lat, lon| Point::new(lat, lon).filter(|point| point.in_britain() || in_the_isles(*point));
    match (here(lat, lon), here(lon, lat)) {
        (Some(point), _) => Located::Good(point),
        (None, Some(point)) => Located::Swapped(point),
        (None, None) => Located::Wrong,
    }
}

/// Ireland, Scilly and the Channel Islands too.
fn in_the_isles(point: Point) -> bool {
    (48.8..=61.0).contains(&point.lat) && (-11.0..=2.1).contains(&point.lon)
}

fn degrees(text: &str) -> Option<f64> {
    let text = if text.contains('.') { text.to_owned() } else { text.replace(',', ".") };
    text.trim_end_matches('°').parse().ok().filter(|number: &f64| number.is_finite())
}

/// The text without the postcode at its end, and that postcode.
pub(super) fn split_postcode(text: &str) -> (&str, Option<Postcode>) {
    let ends = text.rmatch_indices([' ', ',']).map(|(at, _)| at + 1).chain(std::iter::once(0)).take(2);
    for from in ends {
        if let Ok(postcode) = text[from..].trim().parse() {
            return (text[..from].trim_end_matches([' ', ',']), Some(postcode));
        }
    }
    (text, None)
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests may stop")]
mod tests {
    use super::*;

    fn site(text: &str) -> Option<String> {
        match contact(text)? {
            Contact::Website(site) => Some(site.to_string()),
            other => Some(format!("{other:?}")),
        }
    }

    #[test]
    fn a_website_needs_no_scheme_and_the_first_of_several_is_taken() {
        for (text, right) in [
            ("www.arbeit.org.uk / www.arebyte.com", "http://www.arbeit.org.uk/"),
            ("www.bowarts.org    www.artiststudiofinder.org", "http://www.bowarts.org/"),
            ("https://www.rnib.org.uk/who", "https://www.rnib.org.uk/who"),
            ("http:/kambala.org.uk", "http://kambala.org.uk/"),
            ("0207 639 6718", "Phone(\"0207 639 6718\")"),
            ("hall@example.org", "Email(\"hall@example.org\")"),
        ] {
            assert_eq!(site(text).as_deref(), Some(right), "{text}");
        }
        for text in ["no website", "javascript:alert(1)", "http://", "see notes.", "1.2.3.4", "http://user:pw@example.org"] {
            assert_eq!(site(text), None, "{text}");
        }
    }

    #[test]
    fn points_are_put_the_right_way_round_or_left_out() {
        let point = Point { lat: 51.5, lon: -0.1 };
        assert_eq!(located(Some("51.5"), Some("-0.1")), Located::Good(point));
        assert_eq!(located(Some("51,5"), Some("-0,1")), Located::Good(point));
        assert_eq!(located(Some("-0.1"), Some("51.5")), Located::Swapped(point));
        for (lat, lon) in [("100", "0"), ("0", "0"), ("inf", "0"), ("north", "1"), ("531806", "179082"), ("51.5", "91.0")] {
            assert_eq!(located(Some(lat), Some(lon)), Located::Wrong, "{lat} {lon}");
        }
        assert_eq!(located(None, Some("1")), Located::Unknown);
    }

    #[test]
    fn a_postcode_at_the_end_of_an_address_is_taken_off() {
        let split = |text| {
            let (rest, postcode) = split_postcode(text);
            (rest.to_owned(), postcode.map(|p| p.to_string()).unwrap_or_default())
        };
        assert_eq!(split("Brompton Road, SW7 2RP"), ("Brompton Road".to_owned(), "SW7 2RP".to_owned()));
        assert_eq!(split("12 High Street London E17AA"), ("12 High Street London".to_owned(), "E1 7AA".to_owned()));
        assert_eq!(split("N8 9BT"), (String::new(), "N8 9BT".to_owned()));
        assert_eq!(split("Unit 5"), ("Unit 5".to_owned(), String::new()));
    }
}

//! Small values that are parsed once, at the door, and trusted afterwards.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Mean radius of the Earth in metres (IUGG).
pub(crate) const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// Metres of one degree of latitude, or of longitude at the equator.
pub(crate) const METRES_A_DEGREE: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(/** A venue. UUIDv5 of where it came from, so that it survives a rebuild. */ VenueId);
id!(/** An offer of a venue. UUIDv5 of its venue and its own id or title. */ OfferId);
id!(/** One row of a publisher's file, as first seen. */ RowId);
id!(/** Whoever a key of the vault belongs to: a person or an account. Random, and says nothing about them. */ SubjectId);
id!(/** Someone's account. Random. */ AccountId);
id!(/** An organisation that has teams. Random. */ OrganisationId);
id!(/** A team. Random. */ TeamId);
id!(/** A letter in the outbox. Random. */ LetterId);
id!(/** A way of someone into the service. Random. */ ReferralId);
id!(/** Something someone wants from life. Random. */ AspirationId);
id!(/** What something that someone wants said before. Random. */ EarlierId);
id!(/** One entry of someone's timeline. Random. */ EntryId);
id!(/** Something to do for someone. Random. */ TaskId);
id!(/** Something someone agreed to. Random. */ ConsentId);

/// A place on the Earth in degrees, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Point {
    /// Latitude in degrees, -90 to 90.
    pub lat: f64,
    /// Longitude in degrees, -180 to 180.
    pub lon: f64,
}

impl Point {
    /// A point, if both numbers are finite and in range.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        let sound = lat.abs() <= 90.0 && lon.abs() <= 180.0;
        sound.then_some(Self { lat, lon })
    }

    /// Whether the point lies in the box around Great Britain and Northern Ireland.
    pub fn in_britain(self) -> bool {
        (49.8..=60.9).contains(&self.lat) && (-8.7..=1.8).contains(&self.lon)
    }

    /// Great-circle distance in metres (haversine).
    pub fn metres_to(self, other: Self) -> f64 {
        let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
        let h =
            half(self.lat, other.lat) + self.lat.to_radians().cos() * other.lat.to_radians().cos() * half(self.lon, other.lon);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }
}

/// A full British postcode in its usual spelling, such as `SE15 4QL`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Postcode(String);

/// The text is not a full British postcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a full postcode")]
pub struct NotAPostcode;

impl Postcode {
    /// The usual spelling, with one space.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the space, such as `SE15`.
    pub fn district(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// District and the first digit after the space, such as `SE15 4`.
    pub fn sector(&self) -> &str {
        &self.0[..self.0.len() - 2]
    }

    /// Without the space, as tables keep it.
    pub fn compact(&self) -> String {
        self.0.replace(' ', "")
    }
}

/// Whether the text has the shape of a postcode district: `E1`, `SE15`, `EC1A`.
pub fn is_district(text: &str) -> bool {
    let bytes = text.as_bytes();
    let letters = bytes.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let rest = &bytes[letters..];
    matches!(letters, 1 | 2)
        && matches!(rest.len(), 1 | 2)
        && rest[0].is_ascii_digit()
        && rest[1..].iter().all(u8::is_ascii_alphanumeric)
}

impl FromStr for Postcode {
    type Err = NotAPostcode;

    /// Takes any case and spacing.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        if !bare.is_ascii() || !(5..=7).contains(&bare.len()) {
            return Err(NotAPostcode);
        }
        let (district, inward) = bare.split_at(bare.len() - 3);
        let inward_bytes = inward.as_bytes();
        let sound =
            is_district(district) && inward_bytes[0].is_ascii_digit() && inward_bytes[1..].iter().all(u8::is_ascii_uppercase);
        if sound { Ok(Self(format!("{district} {inward}"))) } else { Err(NotAPostcode) }
    }
}

impl TryFrom<String> for Postcode {
    type Error = NotAPostcode;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Postcode> for String {
    fn from(postcode: Postcode) -> Self {
        postcode.0
    }
}

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A visitor's postcode may be their home, so only its district shows in logs.
impl fmt::Debug for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Postcode({} ...)", self.district())
    }
}

/// An e-mail address in small letters. It may be someone's own, so it shows in no log.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Most bytes of an address (RFC 5321).
const LONGEST_EMAIL: usize = 254;

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct NotAnEmail;

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    /// Takes what mail programs take, with a domain that has a dot in it.
    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim().to_lowercase();
        let address: lettre::Address = text.parse().map_err(|_| NotAnEmail)?;
        let sound = text.len() <= LONGEST_EMAIL && address.domain().contains('.');
        if sound { Ok(Self(text)) } else { Err(NotAnEmail) }
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

/// What someone wrote, of at most `MAX` characters, without blanks around it. It may be about anybody, so it shows in no log.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

/// The text has more than so many characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("longer than {0} characters")]
pub struct TooLong(pub usize);

impl<const MAX: usize> Text<MAX> {
    /// Most characters.
    pub const MAX: usize = MAX;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = TooLong;

    /// Control characters go, but for line breaks.
    fn from_str(text: &str) -> Result<Self, TooLong> {
        let text: String = text.trim().chars().filter(|c| !c.is_control() || *c == '\n').collect();
        if text.chars().count() <= MAX { Ok(Self(text)) } else { Err(TooLong(MAX)) }
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

/// Declares a small closed list with one spelling for files, URLs and the database, and one label for people.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[doc = $label] #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every choice, in the order people see them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The spelling in files, URLs and the database.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The words people see.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// The choice with this spelling.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.code() == code)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|choice| choice.code())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(crate) use choice;

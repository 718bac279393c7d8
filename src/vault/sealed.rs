//! Private text, sealed and opened, and the key of one person or account.

use std::fmt;

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use zeroize::{Zeroize, Zeroizing};

use super::cipher::{self, Secret};
use crate::{error::Failure, values::SubjectId};

/// Private text in plain: opened, or about to be sealed. It isn't shown in logs, and its memory is wiped.
#[derive(Clone)]
pub struct Private(Zeroizing<String>);

impl Private {
    /// Text that is to be private from here on.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for those who may read it.
    pub fn show(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(..)")
    }
}

/// Private text as the database keeps it: `1.` and the base64 of nonce and ciphertext.
#[derive(Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Sealed(String);

impl Sealed {
    /// What the database kept.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// As the database keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl<DB: Backend> ToSql<Text, DB> for Sealed
where
    String: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Sealed
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Self)
    }
}

/// Where a sealed value belongs; it opens nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's id.
    pub row: String,
}

impl Place {
    /// The column of a table in the row with this id.
    pub fn new(table: &'static str, column: &'static str, row: impl fmt::Display) -> Self {
        Self { table, column, row: row.to_string() }
    }

    fn bound(&self) -> [&str; 4] {
        ["footbridge value", self.table, self.column, &self.row]
    }
}

/// The key of one person or account.
#[derive(Clone)]
pub struct Key {
    subject: SubjectId,
    secret: Secret,
}

impl Key {
    pub(super) fn new(subject: SubjectId, secret: Secret) -> Self {
        Self { subject, secret }
    }

    /// Whose it is.
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    pub(super) fn secret(&self) -> &[u8] {
        &*self.secret
    }

    /// Seals text for this place.
    pub fn seal(&self, place: &Place, text: &str) -> Sealed {
        Sealed(cipher::seal(&self.secret, &place.bound(), text.as_bytes()))
    }

    /// Opens what was sealed with this key for this place; fails where it was sealed with another, or for another.
    pub fn open(&self, place: &Place, sealed: &Sealed) -> Result<Private, Failure> {
        let wrong = || Failure::internal(format!("a sealed value of {}.{} doesn't open", place.table, place.column));
        let mut bytes = cipher::open(&self.secret, &place.bound(), &sealed.0).ok_or_else(wrong)?;
        let text = String::from_utf8(std::mem::take(&mut bytes)).map_err(|cause| {
            cause.into_bytes().zeroize();
            wrong()
        })?;
        Ok(Private::new(text))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

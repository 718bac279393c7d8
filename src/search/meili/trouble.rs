//! What can go wrong with a server, in words that hold nothing anyone typed.

use std::error::Error as _;

use meilisearch_sdk::errors::Error;

/// Why Meilisearch did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It took too long.
    #[error("it did not answer in time")]
    Late,
    /// No connection, or one that broke.
    #[error("it can't be reached: {0}")]
    Unreachable(String),
    /// It answered with an error; the code says which.
    #[error("it refused: {0}")]
    Refused(String),
    /// It answered something that makes no sense.
    #[error("its answer can't be read")]
    Unreadable,
    /// The database that it is fed from did not answer.
    #[error("the database did not answer: {0}")]
    Database(String),
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopping,
}

impl Trouble {
    /// Whether it says that something isn't there.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Refused(code) if code.ends_with("_not_found"))
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            // The message may quote the question, so only the code is kept.
            Error::Meilisearch(told) => Self::Refused(code(&told.error_code)),
            Error::MeilisearchCommunication(told) => Self::Refused(format!("status {}", told.status_code)),
            Error::ParseError(_) => Self::Unreadable,
            Error::Timeout => Self::Late,
            Error::Other(cause) => match cause.downcast::<reqwest::Error>() {
                Ok(cause) if cause.is_timeout() => Self::Late,
                Ok(cause) => Self::Unreachable(root(&cause)),
                Err(cause) => Self::Unreachable(cause.to_string()),
            },
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl From<crate::error::Failure> for Trouble {
    fn from(failure: crate::error::Failure) -> Self {
        Self::Database(failure.to_string())
    }
}

/// An error's stable code.
pub(super) fn code(code: &meilisearch_sdk::errors::ErrorCode) -> String {
    serde_json::to_value(code).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_else(|| "unknown".to_owned())
}

/// The innermost cause: "connection refused" says more than "error sending request".
fn root(cause: &reqwest::Error) -> String {
    let mut innermost = cause.source();
    while let Some(next) = innermost.and_then(|inner| inner.source()) {
        innermost = Some(next);
    }
    innermost.map_or_else(|| cause.to_string(), ToString::to_string)
}

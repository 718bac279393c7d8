//! The few ways a request fails. The visitor gets a true status, a stable code and a next step; the log gets the cause.

use std::{error::Error, fmt, sync::Arc};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// What SQLite and PostgreSQL say when another holds what we need for too long.
const BUSY: [&str; 4] = ["database is locked", "lock timeout", "statement timeout", "deadlock detected"];

/// What was wrong with one field of what someone sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The field's name, as in the form or the query.
    pub field: String,
    /// What to do about it, in plain words.
    pub message: String,
}

impl Problem {
    /// A problem with `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Why a request can't be answered.
#[derive(Debug, Clone)]
pub enum Failure {
    /// There is no such thing, or nobody may see it.
    NotFound,
    /// What was sent can't be used; nothing was changed.
    Invalid(Vec<Problem>),
    /// The way it was asked can't be served: another method, too large, not readable. With status and code.
    Refused(StatusCode, &'static str),
    /// Too many requests from one address; try again after so many seconds.
    TooMany(u64),
    /// Something we need is away for a moment.
    Unavailable(Arc<dyn Error + Send + Sync>),
    /// Our own mistake.
    Internal(Arc<dyn Error + Send + Sync>),
}

impl Failure {
    /// Our own mistake, with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(cause.into()))
    }

    /// One field that can't be used.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(field, message)])
    }

    /// The stable code, for programs and for people who report it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Invalid(_) => "invalid-input",
            Self::Refused(_, code) => code,
            Self::TooMany(_) => "too-many-requests",
            Self::Unavailable(_) => "try-again-soon",
            Self::Internal(_) => "our-mistake",
        }
    }

    /// A short title in plain words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "We can’t find that page",
            Self::Invalid(_) => "Something needs to be put right",
            Self::Refused(..) => "We can’t do that",
            Self::TooMany(_) => "That was a lot at once",
            Self::Unavailable(_) => "We need a moment",
            Self::Internal(_) => "Sorry, something went wrong",
        }
    }

    /// What to do next, in plain words.
    pub fn next_step(&self) -> String {
        match self {
            Self::NotFound => "It may have moved, or the address may have a slip in it. Try a search.".to_owned(),
            Self::Invalid(problems) => problems.iter().map(|p| p.message.as_str()).collect::<Vec<_>>().join(" "),
            Self::Refused(..) => "Go back and try again another way.".to_owned(),
            Self::TooMany(seconds) => format!("Please wait {seconds} seconds and try again."),
            Self::Unavailable(_) => "A part of our service is busy. Please try again in a minute.".to_owned(),
            Self::Internal(_) => "It is our fault, not yours. We have made a note of it. Please try again.".to_owned(),
        }
    }

    /// Seconds after which it is worth trying again.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(5),
            _ => None,
        }
    }

    /// The cause, for the log.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync)> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(&**cause),
            _ => None,
        }
    }
}

/// RFC 9457 problem details.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// Names the sort of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do next.
    pub detail: String,
    /// A stable code.
    pub code: String,
    /// What was wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Problem>,
}

impl From<&Failure> for ProblemDetails {
    fn from(failure: &Failure) -> Self {
        let errors = if let Failure::Invalid(problems) = failure { problems.clone() } else { Vec::new() };
        Self {
            kind: format!("/api#problem-{}", failure.code()),
            title: failure.title().to_owned(),
            status: failure.status_code().as_u16(),
            detail: failure.next_step(),
            code: failure.code().to_owned(),
            errors,
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused(status, _) => *status,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after() {
            response.insert_header(("Retry-After", seconds.to_string()));
        }
        response
            .content_type("application/problem+json")
            .body(serde_json::to_vec(&ProblemDetails::from(self)).unwrap_or_default())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause() {
            Some(cause) => write!(f, "{}: {cause}", self.code()),
            None => f.write_str(self.code()),
        }
    }
}

impl Error for Failure {}

impl From<diesel::result::Error> for Failure {
    fn from(cause: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as E};
        match cause {
            E::DatabaseError(Kind::ClosedConnection, _) | E::BrokenTransactionManager => Self::Unavailable(Arc::new(cause)),
            E::DatabaseError(_, ref info) if BUSY.iter().any(|words| info.message().contains(words)) => {
                Self::Unavailable(Arc::new(cause))
            }
            other => Self::Internal(Arc::new(other)),
        }
    }
}

impl From<diesel::r2d2::PoolError> for Failure {
    fn from(cause: diesel::r2d2::PoolError) -> Self {
        Self::Unavailable(Arc::new(cause))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(cause: serde_json::Error) -> Self {
        Self::Internal(Arc::new(cause))
    }
}

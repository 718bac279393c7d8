//! What every request passes through: a name for the log, limits, the CSRF gate, security headers, errors as pages.

pub mod assets;
pub mod errors;
pub mod gate;
pub mod headers;
pub mod json;
pub mod limits;
pub mod openapi;
pub mod packed;
pub mod page;
pub mod plain;
pub mod trace;
pub mod views;

use actix_cors::Cors;

/// Any site may use the JSON interface; it reads no cookie.
pub fn cors() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods(["GET", "HEAD", "POST"])
        .allow_any_header()
        .expose_headers(["etag"])
        .max_age(86_400)
}

//! What every request passes through: a name for the log, limits, the CSRF gate, security headers, errors as pages.

pub mod asked;
pub mod assets;
pub mod errors;
pub mod form;
pub mod form_page;
pub mod gate;
pub mod headers;
pub mod json;
pub mod limits;
pub mod meanwhile;
pub mod openapi;
pub mod packed;
pub mod page;
pub mod plain;
pub mod trace;
pub mod views;

use actix_cors::Cors;
use actix_web::{HttpResponse, http::header};

/// On to another page, which is asked for anew.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to.to_owned()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// A path of this very site that someone may be sent back to, with the query that carries it; else nothing.
pub fn way_back(to: &str) -> &str {
    let ours = to.starts_with('/') && !to.starts_with("//") && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if ours && to.len() <= 200 { to } else { "" }
}

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

/// Has the browser forget the pages of ours that it kept, so that "back" shows none of them to whoever comes next.
pub fn forget_pages(mut answer: HttpResponse) -> HttpResponse {
    answer
        .headers_mut()
        .insert(header::HeaderName::from_static("clear-site-data"), header::HeaderValue::from_static("\"cache\""));
    answer
}

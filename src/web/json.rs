//! JSON answers that a reader can keep and ask about again.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ETag, EntityTag, Header, IfNoneMatch},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::Failure;

/// Room for a page of venues, so that it needn't grow while it is written.
const ROOM: usize = 48 * 1024;

/// A value as JSON.
pub fn body(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut body, value)?;
    Ok(body)
}

/// A value as a JSON answer with an entity tag; "not modified" where the asker holds the same already.
pub fn answer(request: &HttpRequest, value: &impl Serialize) -> Result<HttpResponse, Failure> {
    Ok(written(request, body(value)?))
}

/// The same for a value that was written already.
pub fn written(request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
    let digest = Sha256::digest(&body);
    let tag = EntityTag::new_weak(digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect());
    let held = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|held| held.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    if held { response.finish() } else { response.content_type("application/json").body(body) }
}

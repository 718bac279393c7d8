//! JSON answers that a reader can keep and ask about again.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ETag, EntityTag, Header, IfNoneMatch},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::Failure;

/// A JSON answer with an entity tag; "not modified" where the asker holds the same already.
pub fn answer(request: &HttpRequest, value: &impl Serialize) -> Result<HttpResponse, Failure> {
    let body = serde_json::to_vec(value)?;
    let digest = Sha256::digest(&body);
    let tag = EntityTag::new_weak(digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect());
    let held = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|held| held.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    Ok(if held { response.finish() } else { response.content_type("application/json").body(body) })
}

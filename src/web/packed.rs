//! Answers in fewer bytes, for who can unpack them: gzip, which is quick enough to be done each time.

use std::io::Write;

use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, AcceptEncoding, Encoding, Header, HeaderMap, HeaderValue},
    middleware::Next,
};
use flate2::{Compression, write::GzEncoder};

/// Bytes below which nothing is gained.
const LEAST: usize = 1_000;
/// A list of results shrinks to an eighth in a seventh of a millisecond; more trouble gains little.
const LEVEL: u32 = 3;

/// Packs the answer's body where that is worth it and the asker can unpack it.
pub async fn pack<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error> {
    let wanted = accepts(request.request(), Encoding::gzip());
    let mut response = next.call(request).await?.map_into_boxed_body();
    if !is_worth_it(response.headers()) {
        return Ok(response);
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !wanted {
        return Ok(response);
    }
    Ok(response.map_body(|head, body| match body.try_into_bytes() {
        Ok(bytes) => match gzip(&bytes) {
            Some(packed) => {
                head.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                BoxBody::new(packed)
            }
            None => BoxBody::new(bytes),
        },
        Err(body) => body,
    }))
}

/// Whether the asker can unpack this.
pub fn accepts(request: &HttpRequest, encoding: Encoding) -> bool {
    let choice = [encoding, Encoding::identity()];
    let accepted = AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(choice.iter()));
    accepted.is_some_and(|chosen| chosen == choice[0])
}

/// Text that isn't packed yet; pictures and fonts are packed in their own way.
fn is_worth_it(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = kind.starts_with("text/") || ["json", "javascript", "svg"].iter().any(|part| kind.contains(part));
    text && !headers.contains_key(header::CONTENT_ENCODING)
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < LEAST {
        return None;
    }
    let mut packed = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(LEVEL));
    packed.write_all(bytes).and_then(|()| packed.finish()).ok()
}

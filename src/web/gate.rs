//! The CSRF gate: an unsafe request that could carry a cookie must come from our own pages.

use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web::Data,
};
use url::Url;

use super::errors::refuse;
use crate::{app::App, error::Failure};

/// Stands before every page's route.
pub async fn guard<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error> {
    let verdict = match request.app_data::<Data<App>>() {
        Some(app) => pass(request.request(), &app.web.public_url()),
        None => Err(Failure::internal("no app")),
    };
    match verdict {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(failure) => Ok(refuse(request, failure)),
    }
}

/// Lets a request pass whose method is safe, or that the browser says comes from our own origin. `Sec-Fetch-Site` decides;
/// `Origin` where an old browser doesn't send it. A request with neither comes from no browser page, yet may hold a
/// stolen-along cookie, so it is refused as well.
pub fn pass(request: &HttpRequest, public_url: &Url) -> Result<(), Failure> {
    if request.method().is_safe() {
        return Ok(());
    }
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let ours = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => Url::parse(origin).is_ok_and(|origin| origin.origin() == public_url.origin()),
        (None, None) => false,
    };
    if ours { Ok(()) } else { Err(Failure::Refused(StatusCode::FORBIDDEN, "other-site")) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(headers: &[(&'static str, &'static str)]) -> bool {
        let Ok(public) = Url::parse("https://footbridge.example") else { return false };
        let request = headers.iter().fold(TestRequest::post().uri("/x"), |r, h| r.insert_header(*h)).to_http_request();
        pass(&request, &public).is_ok()
    }

    #[test]
    fn only_our_own_pages_may_post() {
        assert!(asked(&[("sec-fetch-site", "same-origin")]));
        assert!(asked(&[("origin", "https://footbridge.example")]));
        assert!(!asked(&[("sec-fetch-site", "cross-site"), ("origin", "https://footbridge.example")]));
        assert!(!asked(&[("sec-fetch-site", "same-site")]));
        assert!(!asked(&[("origin", "https://footbridge.example.evil.example")]));
        assert!(!asked(&[("origin", "null")]));
        assert!(!asked(&[]));
    }

    #[test]
    fn reading_needs_no_proof() {
        let Ok(public) = Url::parse("https://footbridge.example") else { panic!("not a URL") };
        let request = TestRequest::get().insert_header(("sec-fetch-site", "cross-site")).to_http_request();
        assert!(pass(&request, &public).is_ok());
    }
}

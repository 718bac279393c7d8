//! The page before every note, and the page after.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;

use crate::{app::App, error::Failure, web::page::Page};

/// What is said to whoever has sent a note: the same to all.
#[derive(Debug, Clone, Serialize)]
pub struct ThanksPage {}

impl Page for ThanksPage {
    const TEMPLATE: &'static str = "thanks.html";

    fn title(&self) -> String {
        "Thank you. We have your note".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// `GET /refer/thanks`
pub async fn thanks(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &ThanksPage {})
}

/// Who it is for.
#[derive(Debug, Clone, Serialize)]
pub struct WhoPage {}

impl Page for WhoPage {
    const TEMPLATE: &'static str = "refer.html";

    fn title(&self) -> String {
        "Who is it for?".to_owned()
    }

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// `GET /refer`
pub async fn who(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &WhoPage {})
}

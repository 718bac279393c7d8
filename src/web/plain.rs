//! Pages that say things: about, accessibility, privacy, cookies, the JSON interface, and what went wrong.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use serde_json::Value;

use super::{openapi, page::Page};
use crate::{
    app::App,
    error::{Failure, Problem},
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $template:literal, $title:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize)]
        pub struct $name {}

        impl Page for $name {
            const TEMPLATE: &'static str = $template;

            fn title(&self) -> String {
                $title.to_owned()
            }

            fn samples() -> Vec<Self> {
                vec![Self {}]
            }
        }
    };
}

words!(/** What this is, and for whom. */ About, "about.html", "About this guide");
words!(/** How accessible the pages are, and what to do where they aren't. */ Accessibility, "accessibility.html", "How easy this site is to use");
words!(/** What we know of visitors. */ Privacy, "privacy.html", "What we know about you");
words!(/** Which cookies we set, and when. */ Cookies, "cookies.html", "Cookies");

/// `GET /about`
pub async fn about(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &About {})
}

/// `GET /accessibility`
pub async fn accessibility(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &Accessibility {})
}

/// `GET /privacy`
pub async fn privacy(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &Privacy {})
}

/// `GET /cookies`
pub async fn cookies(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    app.page(&request, &Cookies {})
}

/// `GET /api`
pub async fn api(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let description = serde_json::to_value(openapi::description(&app))?;
    app.page(&request, &ApiPage::new(&description))
}

/// `GET /robots.txt`: places may be found by search engines; endless lists, someone's shortlist and made-up letters need not.
pub async fn robots() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("User-agent: *\nDisallow: /venues?\nDisallow: /venues/suggest\nDisallow: /shortlist\nDisallow: /demo/\n")
}

/// A request that failed, for people.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// The HTTP status.
    pub status: u16,
    /// A short title.
    pub heading: &'static str,
    /// What to do next.
    pub next_step: String,
    /// What was wrong, field by field.
    pub problems: Vec<Problem>,
    /// The stable code.
    pub code: &'static str,
    /// The request's name, for a report.
    pub id: String,
    /// Whether a search may help: the page is missing.
    pub missing: bool,
    /// Whether it is our fault, or ours to mend.
    pub ours: bool,
}

impl ErrorPage {
    /// The page for a failure; `id` names the request.
    pub fn new(failure: &Failure, id: &str) -> Self {
        use actix_web::ResponseError;
        let status = failure.status_code();
        Self {
            status: status.as_u16(),
            heading: failure.title(),
            next_step: failure.next_step(),
            problems: if let Failure::Invalid(problems) = failure { problems.clone() } else { Vec::new() },
            code: failure.code(),
            id: id.to_owned(),
            missing: matches!(failure, Failure::NotFound),
            ours: status.is_server_error(),
        }
    }
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn title(&self) -> String {
        self.heading.to_owned()
    }

    fn samples() -> Vec<Self> {
        let broken = || std::io::Error::other("sample");
        let failures = [
            Failure::NotFound,
            Failure::Invalid(vec![
                Problem::new("page", "Give a whole number from 1 to 500."),
                Problem::new("sort", "We don’t know “fast”. Choose one from the list."),
            ]),
            Failure::Refused(actix_web::http::StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Failure::TooMany(30),
            Failure::Unavailable(std::sync::Arc::new(broken())),
            Failure::internal(broken()),
        ];
        failures.iter().map(|failure| Self::new(failure, "0f3c9a7e2b")).collect()
    }
}

/// The JSON interface, to be read by people.
#[derive(Debug, Clone, Serialize)]
pub struct ApiPage {
    /// What it is for.
    pub about: String,
    /// Where it is.
    pub server: String,
    /// What can be asked.
    pub operations: Vec<Operation>,
}

/// Something that can be asked of the JSON interface.
#[derive(Debug, Clone, Serialize)]
pub struct Operation {
    /// An id for links on the page.
    pub id: String,
    /// "GET".
    pub method: String,
    /// "/api/v1/venues".
    pub path: String,
    /// What it does.
    pub summary: String,
    /// What it takes.
    pub parameters: Vec<Parameter>,
    /// What it answers: status and words.
    pub answers: Vec<(String, String)>,
}

/// One parameter.
#[derive(Debug, Clone, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// "text", "whole number", "one of: a, b".
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub about: String,
    /// An example.
    pub example: Option<String>,
}

impl ApiPage {
    /// The page for an OpenAPI description, given as JSON.
    pub fn new(description: &Value) -> Self {
        let mut operations = Vec::new();
        for (path, methods) in description["paths"].as_object().into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                operations.push(self::operation(path, method, operation, description));
            }
        }
        let server = description["servers"][0]["url"].as_str().unwrap_or_default();
        Self { about: text(&description["info"]["description"]), server: server.to_owned(), operations }
    }
}

fn operation(path: &str, method: &str, operation: &Value, whole: &Value) -> Operation {
    let about = [text(&operation["summary"]), text(&operation["description"])];
    let parameters = operation["parameters"].as_array().into_iter().flatten().map(|one| parameter(one, whole)).collect();
    let answers = operation["responses"].as_object().into_iter().flatten();
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: about.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
        parameters,
        answers: answers.map(|(status, answer)| (status.clone(), text(&answer["description"]))).collect(),
    }
}

fn parameter(parameter: &Value, whole: &Value) -> Parameter {
    let schema = &parameter["schema"];
    let example = [&parameter["example"], &schema["example"]].into_iter().find(|example| !example.is_null());
    Parameter {
        name: text(&parameter["name"]),
        kind: kind_of(schema, whole),
        required: parameter["required"].as_bool().unwrap_or(false),
        about: text(&parameter["description"]),
        example: example.map(text),
    }
}

/// A schema in words.
fn kind_of(schema: &Value, whole: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return kind_of(&whole["components"]["schemas"][name], whole);
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(one) = schema[several].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            return kind_of(one, whole);
        }
    }
    if let Some(choices) = schema["enum"].as_array() {
        return format!("one of {}", choices.iter().map(text).collect::<Vec<_>>().join(", "));
    }
    let types: Vec<String> = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).filter(|name| name != "null").collect(),
        other => vec![text(other)],
    };
    match types.first().map_or("", String::as_str) {
        "integer" => "whole number".to_owned(),
        "number" => "number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => format!("{}, may be repeated", kind_of(&schema["items"], whole)),
        _ => "text".to_owned(),
    }
}

fn text(value: &Value) -> String {
    match value {
        // Descriptions mark code with backticks, which mean nothing on a page.
        Value::String(text) => text.replace('`', ""),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

impl Page for ApiPage {
    const TEMPLATE: &'static str = "api.html";

    fn title(&self) -> String {
        "For programs".to_owned()
    }

    fn samples() -> Vec<Self> {
        let description = serde_json::json!({
            "info": {"description": "A directory of mainstream venues."},
            "servers": [{"url": "http://localhost:8080"}],
            "paths": {"/api/v1/venues": {"get": {
                "operationId": "searchVenues",
                "summary": "Searches the catalogue.",
                "parameters": [
                    {"name": "q", "in": "query", "description": "Words, in any order.", "example": "guitar", "schema": {"type": ["string", "null"]}},
                    {"name": "sort", "in": "query", "schema": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Sort"}]}},
                    {"name": "kind", "in": "query", "schema": {"type": ["array", "null"], "items": {"type": "string"}}},
                ],
                "responses": {"200": {"description": "One page of venues"}},
            }}},
            "components": {"schemas": {"Sort": {"type": "string", "enum": ["best", "nearest"]}}},
        });
        vec![Self::new(&description)]
    }
}

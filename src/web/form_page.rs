//! A page that is one form: a heading, a few words, fields, a button.

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::{
    form::{Choose, Field, Typed},
    meanwhile,
    page::Page,
};
use crate::{
    app::App,
    error::{Failure, Problem},
};

/// One part of a form.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Something to type.
    Field(Field),
    /// Something to choose.
    Choose(Choose),
    /// A heading between parts.
    Heading(&'static str),
    /// Words between parts.
    Words(String),
}

impl From<Field> for Part {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl From<Choose> for Part {
    fn from(choose: Choose) -> Self {
        Self::Choose(choose)
    }
}

/// A link below a form.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub label: &'static str,
}

impl Link {
    /// A link.
    pub fn new(href: impl Into<String>, label: &'static str) -> Self {
        Self { href: href.into(), label }
    }
}

/// A page that is one form.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FormPage {
    /// What the page is for.
    pub heading: String,
    /// "Step 3 of 8".
    pub step: Option<String>,
    /// A few words before the form, a paragraph each.
    pub lead: Vec<String>,
    /// Who can read what is typed here, where one sentence says it of all of it; blank where each field says so itself.
    pub read_by: &'static str,
    /// Something that happened.
    pub notice: Option<String>,
    /// Where the form is sent; blank for a page without one.
    pub action: String,
    /// What is sent along unseen: name and value.
    pub hidden: Vec<(&'static str, String)>,
    /// What can be filled in.
    pub parts: Vec<Part>,
    /// What the button says.
    pub button: &'static str,
    /// Where a passkey leads, where one is offered.
    pub passkey: Option<String>,
    /// Other ways on.
    pub below: Vec<Link>,
    /// What is wrong, field by field.
    pub problems: Vec<Problem>,
}

impl FormPage {
    /// A page with this heading whose form is sent there.
    pub fn new(heading: impl Into<String>, action: impl Into<String>, button: &'static str) -> Self {
        Self { heading: heading.into(), action: action.into(), button, ..Self::default() }
    }

    /// With a paragraph before the form.
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.lead.push(words.into());
        self
    }

    /// With who can read all that is typed here.
    pub fn read_by(self, words: &'static str) -> Self {
        Self { read_by: words, ..self }
    }

    /// With something to fill in.
    pub fn ask(mut self, part: impl Into<Part>) -> Self {
        self.parts.push(part.into());
        self
    }

    /// With something sent along unseen, unless it is blank.
    pub fn carry(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.hidden.push((name, value.to_owned()));
        }
        self
    }

    /// With another way on.
    pub fn or(mut self, href: impl Into<String>, label: &'static str) -> Self {
        self.below.push(Link::new(href, label));
        self
    }

    /// With marks of the values that it is shown with, so that what others change meanwhile isn't overwritten.
    pub fn shown_with(self, shown: &Typed) -> Self {
        self.carry(meanwhile::SHOWN, &meanwhile::marks(shown))
    }

    /// With a gentle question about what was typed; the next time it is sent, `meant` says that it was asked.
    pub fn asking(self, notice: String) -> Self {
        Self { notice: Some(notice), ..self }.carry("meant", "yes")
    }

    /// With what is wrong.
    pub fn wrong(self, problems: Vec<Problem>) -> Self {
        Self { problems, ..self }
    }

    /// The answer that shows the page.
    pub fn shown(&self, app: &App, request: &HttpRequest) -> Result<HttpResponse, Failure> {
        app.page(request, self)
    }
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "form.html";

    fn title(&self) -> String {
        let step = self.step.as_ref().map(|step| format!(" ({step})")).unwrap_or_default();
        format!("{}{step}", self.heading)
    }

    fn is_wrong(&self) -> bool {
        !self.problems.is_empty()
    }

    fn is_secret(&self) -> bool {
        // It shows what was typed.
        self.is_wrong() || self.notice.is_some()
    }

    fn samples() -> Vec<Self> {
        [
            crate::accounts::pages::samples(),
            crate::referrals::pages::samples(),
            crate::desks::samples(),
            crate::retention::pages::samples(),
        ]
        .concat()
    }
}

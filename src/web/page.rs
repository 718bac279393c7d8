//! Pages: typed contexts rendered through templates that are held in the binary.

use std::sync::Arc;

use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Filter, Kwargs, State, Tera, Value};

use super::assets::{Manifest, Urls};
use crate::error::Failure;

#[derive(RustEmbed)]
#[folder = "templates"]
struct Files;

/// The content type of every page.
pub const HTML: &str = "text/html; charset=utf-8";

/// What one template is given.
pub trait Page: Serialize + Sized {
    /// The template's name below `templates/`.
    const TEMPLATE: &'static str;

    /// The title in the browser's tab, without the name of the service.
    fn title(&self) -> String;

    /// Whether something on the page is to be put right. The title says so, and the answer's status.
    fn is_wrong(&self) -> bool {
        false
    }

    /// Whether it shows a secret that no browser may keep, also before anyone is signed in.
    fn is_secret(&self) -> bool {
        false
    }

    /// Made-up contexts that show the page in each of its states; a test renders them all.
    fn samples() -> Vec<Self>;
}

/// What stands around every page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Frame {
    /// The request's path, without the query: marks where one is in the navigation.
    pub path: String,
    /// Whether the catalogue is made up.
    pub demo: bool,
    /// Where whoever signed in begins: path and words; none where nobody did.
    pub home: Option<(&'static str, &'static str)>,
}

/// All templates, ready to render.
#[derive(Debug)]
pub struct Templates {
    tera: Tera,
    urls: Urls,
}

impl Templates {
    /// Reads the built-in templates. An error if one has a mistake or the front end was not built.
    pub fn load() -> Result<Self, Failure> {
        let manifest = Arc::new(Manifest::load()?);
        let mut tera = Tera::default();
        let icons = Arc::clone(&manifest);
        tera.register_filter("drawn", move |name: &str, _: Kwargs, _: &State| icons.drawn(name).to_owned());
        tera.register_filter("page_json", PageJson);
        let texts: Vec<(String, String)> = Files::iter()
            .filter(|name| is_page(name))
            .filter_map(|name| Some((name.to_string(), String::from_utf8_lossy(&Files::get(&name)?.data).into_owned())))
            .collect();
        tera.add_raw_templates(texts).map_err(told)?;
        Ok(Self { tera, urls: manifest.urls()? })
    }

    /// The page as HTML.
    pub fn render<P: Page>(&self, frame: &Frame, page: &P) -> Result<String, Failure> {
        let mut context = Context::from_serialize(page).map_err(told)?;
        let title = page.title();
        context.insert("title", &if page.is_wrong() { format!("Problem: {title}") } else { title });
        context.insert("frame", frame);
        context.insert("assets", &self.urls);
        self.tera.render(P::TEMPLATE, &context).map_err(told)
    }
}

/// Letters have templates of their own.
fn is_page(name: &str) -> bool {
    name.ends_with(".html") && !name.starts_with("mail/")
}

/// The whole of Tera's message: it names template and line.
#[allow(clippy::needless_pass_by_value, reason = "taken by map_err")]
fn told(cause: tera::Error) -> Failure {
    Failure::internal(cause.to_string())
}

/// Data for a page's script, safe inside `<script type="application/json">`: the only unescaped output.
struct PageJson;

impl Filter<Value, Value> for PageJson {
    fn call(&self, value: Value, _: Kwargs, _: &State) -> Value {
        let text = serde_json::to_string(&value).unwrap_or_default();
        Value::safe_string(&text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
    }

    fn is_safe(&self) -> bool {
        true
    }
}

#[cfg(test)]
pub(crate) mod reading_age;
#[cfg(test)]
mod tests;

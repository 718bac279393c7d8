//! Style, scripts, fonts and icons: built by `make assets`, held in the binary, named by their content.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, Encoding},
    web::Path,
};
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};

use super::packed::accepts;
use crate::error::Failure;

/// The icon shown in place of one that isn't drawn.
const GENERAL_ICON: &str = "map-pin";
/// How the names of files end that were packed with brotli when they were built.
const PACKED: &str = ".br";

#[derive(RustEmbed)]
#[folder = "assets/dist"]
struct Dist;

/// What `assets/build.mjs` says it made.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    files: BTreeMap<String, String>,
    icons: BTreeSet<String>,
}

/// Where pages find their files.
#[derive(Debug, Clone, Serialize)]
pub struct Urls {
    css: String,
    js: String,
    map_css: String,
    map_js: String,
    icons: String,
    font: String,
    badge: String,
}

impl Manifest {
    /// Reads the manifest. An error if the front end was not built.
    pub fn load() -> Result<Self, Failure> {
        let file = Dist::get("manifest.json").ok_or_else(|| Failure::internal("assets/dist is empty: run `make assets`"))?;
        Ok(serde_json::from_slice(&file.data)?)
    }

    /// The addresses of the files that pages name.
    pub fn urls(&self) -> Result<Urls, Failure> {
        Ok(Urls {
            css: self.url("app.css")?,
            js: self.url("app.js")?,
            map_css: self.url("map.css")?,
            map_js: self.url("map.js")?,
            icons: self.url("icons.svg")?,
            font: self.url("font.woff2")?,
            badge: self.url("badge.svg")?,
        })
    }

    /// The icon of that name, or the general one.
    pub fn drawn<'a>(&self, name: &'a str) -> &'a str {
        if self.icons.contains(name) { name } else { GENERAL_ICON }
    }

    fn url(&self, name: &str) -> Result<String, Failure> {
        let file =
            self.files.get(name).ok_or_else(|| Failure::internal(format!("assets/dist has no {name}: run `make assets`")))?;
        Ok(format!("/assets/{file}"))
    }
}

/// `GET /assets/{file}`: a built file, to be kept for a year, since its name changes with its content.
pub async fn serve(file: Path<String>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let name = file.into_inner();
    let shown = name != "manifest.json" && !name.ends_with(PACKED);
    let found = Dist::get(&name).filter(|_| shown).ok_or(Failure::NotFound)?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(found.metadata.mimetype())
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    let packed = if accepts(&request, Encoding::brotli()) { Dist::get(&format!("{name}{PACKED}")) } else { None };
    if packed.is_some() {
        response.insert_header((header::CONTENT_ENCODING, "br")).insert_header((header::VARY, "accept-encoding"));
    }
    let body = match packed.unwrap_or(found).data {
        Cow::Borrowed(bytes) => actix_web::web::Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Ok(response.body(body))
}

//! How requests reach Meilisearch: over one pool of connections, each with a deadline, none repeated in the log.

use std::time::Duration;

use async_trait::async_trait;
use futures_io::AsyncRead;
use futures_util::AsyncReadExt;
use meilisearch_sdk::{
    errors::{Error, MeilisearchCommunicationError, MeilisearchError},
    request::{HttpClient, Method},
};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::{Serialize, de::DeserializeOwned};

/// How long a server may take to let us in.
const CONNECT_WITHIN: Duration = Duration::from_millis(500);
/// Idle connections kept for later questions.
const MOST_IDLE: usize = 64;
/// The largest answer that is read, in bytes.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Connections to one server. The crate's own client has no deadline and sets aside 8 MiB for each request.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    client: reqwest::Client,
}

impl Transport {
    /// Opens no connection yet. Each request takes at most `deadline`, reading the answer included.
    pub(super) fn new(key: Option<&str>, deadline: Duration) -> Result<Self, reqwest::Error> {
        let mut headers = HeaderMap::new();
        if let Some(mut value) = key.and_then(|key| HeaderValue::from_str(&format!("Bearer {key}")).ok()) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT_WITHIN)
            .timeout(deadline)
            .pool_max_idle_per_host(MOST_IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { client })
    }

    async fn send<Answer: DeserializeOwned>(&self, request: reqwest::RequestBuilder, wanted: u16) -> Result<Answer, Error> {
        let mut response = request.send().await.map_err(other)?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(other)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MOST_BYTES {
                return Err(refused(status));
            }
        }
        if status != wanted {
            let told = serde_json::from_slice::<MeilisearchError>(&bytes);
            return Err(told.map_or_else(|_| refused(status), Error::Meilisearch));
        }
        let body: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        Ok(serde_json::from_slice(body)?)
    }
}

/// An error without its URL.
fn other(cause: reqwest::Error) -> Error {
    Error::Other(Box::new(cause.without_url()))
}

fn refused(status_code: u16) -> Error {
    Error::MeilisearchCommunication(MeilisearchCommunicationError { status_code, message: None, url: String::new() })
}

fn verb<Q, B>(method: &Method<Q, B>) -> reqwest::Method {
    match method {
        Method::Get { .. } => reqwest::Method::GET,
        Method::Post { .. } => reqwest::Method::POST,
        Method::Put { .. } => reqwest::Method::PUT,
        Method::Patch { .. } => reqwest::Method::PATCH,
        Method::Delete { .. } => reqwest::Method::DELETE,
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn request<Query, Body, Answer>(&self, url: &str, method: Method<Query, Body>, wanted: u16) -> Result<Answer, Error>
    where
        Query: Serialize + Send + Sync,
        Body: Serialize + Send + Sync,
        Answer: DeserializeOwned + 'static + Send,
    {
        let mut request = self.client.request(verb(&method), with_query(url, method.query())?);
        if let Some(body) = method.body() {
            request = request.header(CONTENT_TYPE, "application/json").body(serde_json::to_vec(body)?);
        }
        self.send(request, wanted).await
    }

    async fn stream_request<Query, Body, Answer>(
        &self,
        url: &str,
        method: Method<Query, Body>,
        content_type: &str,
        wanted: u16,
    ) -> Result<Answer, Error>
    where
        Query: Serialize + Send + Sync,
        Body: AsyncRead + Send + Sync + 'static,
        Answer: DeserializeOwned + 'static,
    {
        let mut request = self.client.request(verb(&method), with_query(url, method.query())?);
        if let Some(body) = method.into_body() {
            let mut bytes = Vec::new();
            let mut body = Box::pin(body);
            body.read_to_end(&mut bytes).await.map_err(|cause| Error::Other(Box::new(cause)))?;
            request = request.header(CONTENT_TYPE, content_type).body(bytes);
        }
        self.send(request, wanted).await
    }
}

/// The address with its parameters; the crate's parameters are flat, and none holds what someone typed.
fn with_query(url: &str, query: &impl Serialize) -> Result<String, Error> {
    let mut url = url::Url::parse(url).map_err(|cause| Error::Other(Box::new(cause)))?;
    if let serde_json::Value::Object(parameters) = serde_json::to_value(query)? {
        let mut pairs = url.query_pairs_mut();
        for (name, value) in parameters.iter().filter(|(_, value)| !value.is_null()) {
            pairs.append_pair(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str());
        }
    }
    Ok(url.into())
}

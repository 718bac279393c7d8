//! A stand-in for Meilisearch that keeps what it is sent, and fails in every way a server can.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, http::Method, web};
use serde_json::{Value, json};

/// How questions are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// With this status and Meilisearch's own kind of error.
    Failing(u16),
    /// With this status and a proxy's page.
    Proxy(u16),
    /// Not at all.
    Silent,
    /// With the beginning of an answer, and then the connection is closed.
    Half,
    /// With something else than was asked for.
    Nonsense,
    /// With fewer answers than questions.
    Short,
}

#[derive(Default)]
struct Kept {
    mood: Option<Mood>,
    /// Every request: method, path, key, body.
    requests: Vec<(String, String, String, Value)>,
    /// Documents by index and id.
    indexes: BTreeMap<String, BTreeMap<String, Value>>,
    made: BTreeMap<String, u64>,
    tasks: Vec<Option<Value>>,
    /// Batches that hold this text are refused.
    refused: Option<String>,
}

/// A stub that listens.
pub struct Stub {
    kept: Arc<Mutex<Kept>>,
    port: u16,
    handle: Option<ServerHandle>,
}

impl Stub {
    pub fn start() -> Self {
        let mut stub = Self { kept: Arc::default(), port: 0, handle: None };
        stub.listen();
        stub
    }

    /// Listens, on the same port as before.
    pub fn listen(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("a free port");
        self.port = listener.local_addr().expect("an address").port();
        let kept = web::Data::from(self.kept.clone());
        let server = HttpServer::new(move || {
            App::new().app_data(kept.clone()).app_data(web::PayloadConfig::new(1 << 26)).default_service(web::to(answer))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0).listen(listener).expect("it listens").run();
        self.handle = Some(server.handle());
        actix_web::rt::spawn(server);
    }

    /// Stops listening and breaks every connection.
    pub async fn stop(&mut self) {
        if let Some(handle) = self.handle.take() {
            handle.stop(false).await;
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn set(&self, mood: Mood) {
        self.kept.lock().unwrap().mood = Some(mood);
    }

    pub fn refuse(&self, text: &str) {
        self.kept.lock().unwrap().refused = Some(text.to_owned());
    }

    /// Everything that was sent to paths that end so, the latest last.
    pub fn sent(&self, ending: &str) -> Vec<Value> {
        let kept = self.kept.lock().unwrap();
        kept.requests.iter().filter(|(_, path, ..)| path.ends_with(ending)).map(|(.., body)| body.clone()).collect()
    }

    /// Every request: method, path, key, body.
    pub fn requests(&self) -> Vec<(String, String, String, Value)> {
        self.kept.lock().unwrap().requests.clone()
    }

    /// The documents of an index.
    pub fn documents(&self, index: &str) -> Vec<Value> {
        self.kept.lock().unwrap().indexes.get(index).into_iter().flat_map(|all| all.values().cloned()).collect()
    }

    pub fn forget_requests(&self) {
        self.kept.lock().unwrap().requests.clear();
    }
}

async fn answer(request: HttpRequest, body: web::Bytes, kept: web::Data<Mutex<Kept>>) -> HttpResponse {
    let path = request.path().to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let key = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let mood = {
        let mut kept = kept.lock().unwrap();
        kept.requests.push((request.method().to_string(), path.clone(), key, body.clone()));
        kept.mood.unwrap_or(Mood::Well)
    };
    match mood {
        Mood::Silent => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            HttpResponse::Ok().finish()
        }
        Mood::Failing(status) => problem(status, "internal"),
        Mood::Proxy(status) => response(status).content_type("text/html").body("<h1>Sorry</h1>"),
        _ if path == "/multi-search" => search(&body, mood, &kept.lock().unwrap()),
        _ => rest(request.method(), &path, &body, &mut kept.lock().unwrap()),
    }
}

fn response(status: u16) -> actix_web::HttpResponseBuilder {
    HttpResponse::build(actix_web::http::StatusCode::from_u16(status).expect("a status"))
}

fn problem(status: u16, code: &str) -> HttpResponse {
    response(status).json(json!({"message": "no", "code": code, "type": "internal", "link": ""}))
}

/// Every document is found, in the order of ids; each field asked for is counted.
fn search(body: &Value, mood: Mood, kept: &Kept) -> HttpResponse {
    let mut results = Vec::new();
    for query in body["queries"].as_array().expect("queries") {
        let Some(all) = kept.indexes.get(query["indexUid"].as_str().expect("an index")) else {
            return problem(404, "index_not_found");
        };
        let limit = usize::try_from(query["limit"].as_u64().unwrap_or(20)).expect("small");
        let hits: Vec<Value> = all.values().take(limit).cloned().collect();
        let fields = query["facets"].as_array().cloned().unwrap_or_default();
        let mut counts: serde_json::Map<String, Value> =
            fields.iter().map(|field| (field.as_str().expect("a field").to_owned(), json!({}))).collect();
        if counts.contains_key("every") {
            counts.insert("every".to_owned(), json!({"footbridge": all.len()}));
        }
        results.push(json!({"hits": hits, "query": "", "processingTimeMs": 0, "limit": limit, "offset": 0,
            "estimatedTotalHits": all.len(), "facetDistribution": counts, "facetStats": {}}));
    }
    let whole = match mood {
        Mood::Nonsense => json!({"results": "none"}),
        Mood::Short => json!({"results": results[..results.len() - 1]}),
        _ => json!({ "results": results }),
    };
    if mood == Mood::Half {
        let text = whole.to_string();
        let half = web::Bytes::from(text[..text.len() / 2].to_owned());
        let broken = futures_util::stream::iter([Ok(half), Err(std::io::Error::other("broken off"))]);
        return HttpResponse::Ok().content_type("application/json").streaming(broken);
    }
    HttpResponse::Ok().json(whole)
}

fn rest(method: &Method, path: &str, body: &Value, kept: &mut Kept) -> HttpResponse {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method, parts.as_slice()) {
        (&Method::GET, ["tasks", number]) => {
            let task = number.parse::<usize>().ok().and_then(|number| kept.tasks.get(number)).cloned();
            task.map_or_else(|| problem(404, "task_not_found"), |error| HttpResponse::Ok().json(told(number, error.as_ref())))
        }
        (&Method::GET, ["indexes", index, "documents", id]) => {
            let found = kept.indexes.get(*index).and_then(|all| all.get(*id));
            found.map_or_else(|| problem(404, "document_not_found"), |found| HttpResponse::Ok().json(found))
        }
        (&Method::GET, ["indexes", index, "stats"]) => {
            let count = kept.indexes.get(*index).map_or(0, BTreeMap::len);
            HttpResponse::Ok().json(json!({"numberOfDocuments": count, "isIndexing": false, "fieldDistribution": {},
                "rawDocumentDbSize": 0, "avgDocumentSize": 0, "numberOfEmbeddedDocuments": 0, "numberOfEmbeddings": 0}))
        }
        (&Method::GET, ["indexes", index]) => {
            HttpResponse::Ok().json(json!({"uid": index, "createdAt": format!("made {}", kept.made[*index])}))
        }
        (_, ["indexes", _, "documents", "fetch"]) => {
            HttpResponse::Ok().json(json!({"results": [], "offset": 0, "limit": 20, "total": 0}))
        }
        _ => {
            let error = change(method, &parts, body, kept);
            kept.tasks.push(error);
            let task = kept.tasks.len() - 1;
            response(202)
                .json(json!({"taskUid": task, "indexUid": null, "status": "enqueued", "type": "documentAdditionOrUpdate",
                "enqueuedAt": "2026-11-21T12:00:00Z", "details": null}))
        }
    }
}

/// Does what a task does; the error where it doesn't.
fn change(method: &Method, parts: &[&str], body: &Value, kept: &mut Kept) -> Option<Value> {
    let error = |code: &str| Some(json!({"message": "refused", "code": code, "type": "invalid_request", "link": ""}));
    match (method, parts) {
        (&Method::DELETE, ["indexes", index]) => {
            kept.indexes.remove(*index).is_none().then(|| error("index_not_found")).flatten()
        }
        (_, ["indexes"]) => {
            let name = body["uid"].as_str().expect("a name").to_owned();
            if kept.indexes.contains_key(&name) {
                return error("index_already_exists");
            }
            let number = kept.made.len() as u64 + kept.requests.len() as u64;
            kept.made.insert(name.clone(), number);
            kept.indexes.insert(name, BTreeMap::new());
            None
        }
        (_, ["indexes", index, "documents", "delete-batch"]) => {
            let all = kept.indexes.get_mut(*index).expect("the index");
            body.as_array().expect("ids").iter().for_each(|id| drop(all.remove(id.as_str().expect("an id"))));
            None
        }
        (_, ["indexes", index, "documents"]) => {
            if kept.refused.as_ref().is_some_and(|text| body.to_string().contains(text.as_str())) {
                return error("invalid_document_fields");
            }
            let all = kept.indexes.entry((*index).to_owned()).or_default();
            for document in body.as_array().expect("documents") {
                all.insert(document["id"].as_str().expect("an id").to_owned(), document.clone());
            }
            None
        }
        (_, ["swap-indexes"]) => {
            let names = body[0]["indexes"].as_array().expect("two names");
            let [a, b] = [0, 1].map(|at| names[at].as_str().expect("a name").to_owned());
            let (one, other) = (kept.indexes.remove(&a).expect("the first"), kept.indexes.remove(&b).expect("the second"));
            kept.indexes.extend([(a.clone(), other), (b.clone(), one)]);
            let (one, other) = (kept.made[&a], kept.made[&b]);
            kept.made.extend([(a, other), (b, one)]);
            None
        }
        _ => None,
    }
}

fn told(number: &str, error: Option<&Value>) -> Value {
    let status = if error.is_some() { "failed" } else { "succeeded" };
    json!({"uid": number.parse::<u32>().expect("a number"), "indexUid": "x", "status": status, "type": "documentDeletion",
        "canceledBy": null, "details": {"providedIds": 0, "deletedDocuments": 0, "originalFilter": null}, "error": error,
        "duration": "PT0.01S", "enqueuedAt": "2026-11-21T12:00:00Z", "startedAt": "2026-11-21T12:00:00Z",
        "finishedAt": "2026-11-21T12:00:00Z"})
}

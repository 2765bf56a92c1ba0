//! A target that answers as it was recorded: each request must fit one of the exchanges that are given to it, and is
//! answered with that one's answer.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// An exchange: `{"method", "path", "times", "status", "headers", "body"}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    pub method: String,
    /// The end of the path, or a part of path and query if it begins with `?`.
    pub path: String,
    /// It is answered so often, and after that the next one that fits; always if left out.
    #[serde(default)]
    pub times: Option<u64>,
    pub status: u16,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// JSON, or a text that is none; nothing if left out. `{{/operations/0/bulkId}}` in it stands for that place of the
    /// request's body.
    #[serde(default)]
    pub body: Option<Value>,
}

/// A request, as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub content_type: Option<String>,
    pub body: Option<Value>,
    /// Whether an exchange fitted.
    pub known: bool,
}

/// A running target; it ends when dropped.
#[derive(Debug)]
pub struct RecordedTarget {
    state: Arc<Mutex<State>>,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    exchanges: Vec<Recorded>,
    asked: Vec<Asked>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RecordedTarget {
    pub async fn start(exchanges: Vec<Recorded>) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State {
            exchanges,
            asked: Vec::new(),
        }));
        let serving = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self {
            state,
            address,
            serving,
        })
    }

    /// The address with a path behind it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.state).asked.clone()
    }

    /// Puts further exchanges before those that are there.
    pub fn record(&self, exchanges: Vec<Recorded>) {
        let mut state = lock(&self.state);
        let before = std::mem::replace(&mut state.exchanges, exchanges);
        state.exchanges.extend(before);
    }
}

impl Drop for RecordedTarget {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&state), request));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut state = lock(&state);
    let method = parts.method.to_string();
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let whole = format!("{path}?{query}");
    let found = state.exchanges.iter_mut().find(|one| {
        let fits = match one.path.strip_prefix('?') {
            Some(part) => whole.contains(part),
            None => path.ends_with(&one.path),
        };
        fits && one.method == method && one.times != Some(0)
    });
    let known = found.is_some();
    let response = match found {
        Some(one) => {
            one.times = one.times.map(|times| times - 1);
            spoken(one, &asked)
        }
        None => spoken(
            &Recorded {
                method: method.clone(),
                path: path.clone(),
                times: None,
                status: 404,
                headers: Vec::new(),
                body: Some(json!({"detail": "nothing of this was recorded"})),
            },
            &asked,
        ),
    };
    let content_type = parts.headers.get(http::header::CONTENT_TYPE);
    state.asked.push(Asked {
        method,
        path,
        query,
        content_type: content_type
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        body: Some(asked).filter(|body| !body.is_null()),
        known,
    });
    Ok(response)
}

fn spoken(exchange: &Recorded, asked: &Value) -> Response<Full<Bytes>> {
    let body = match &exchange.body {
        None => Bytes::new(),
        Some(Value::String(text)) => Bytes::from(text.clone()),
        Some(body) => Bytes::from(filled(&body.to_string(), asked)),
    };
    let mut response = Response::builder().status(exchange.status);
    for (name, value) in &exchange.headers {
        response = response.header(name, value);
    }
    response.body(Full::new(body)).unwrap_or_default()
}

/// What the places that a text names hold.
fn filled(text: &str, asked: &Value) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{/") {
        let Some((place, after)) = behind.split_once("}}") else {
            break;
        };
        whole.push_str(before);
        let value = asked.pointer(&format!("/{place}"));
        whole.push_str(value.and_then(Value::as_str).unwrap_or_default());
        rest = after;
    }
    whole + rest
}

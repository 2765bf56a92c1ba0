//! A server that answers what a test tells it to, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What a test asserts on.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `GET /api/v1/people?limit=100`
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: String,
}

#[derive(Default)]
struct Script {
    answers: HashMap<String, Vec<Answer>>,
    /// To lines of which nothing is said.
    otherwise: Option<Answer>,
    asked: Vec<Asked>,
}

type Shared = Arc<Mutex<Script>>;

pub(crate) struct Stub {
    url: String,
    script: Shared,
    runtime: Option<Runtime>,
}

impl Stub {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let script = Shared::default();
        let app = Router::new().fallback(answer).with_state(script.clone());
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self {
            url,
            script,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// `line` is answered with JSON. Several answers to one line are given in turn, the last one for good.
    pub(crate) fn json(&self, line: &str, status: u16, body: Value) -> &Self {
        let kind = if status < 400 {
            "application/json"
        } else {
            "application/problem+json"
        };
        self.raw(line, status, &[("content-type", kind)], &body.to_string())
    }

    /// Every line of which nothing is said is answered with this JSON.
    pub(crate) fn otherwise(&self, body: Value) -> &Self {
        let answer = Answer {
            status: StatusCode::OK,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        };
        lock(&self.script).otherwise = Some(answer);
        self
    }

    pub(crate) fn raw(&self, line: &str, status: u16, headers: &[(&'static str, &str)], body: &str) -> &Self {
        let answer = Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            body: body.to_owned(),
        };
        lock(&self.script)
            .answers
            .entry(line.to_owned())
            .or_default()
            .push(answer);
        self
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.script).asked.clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn lock(script: &Shared) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(script): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default();
    let line = format!("{} {target}", parts.method);
    let body = to_bytes(body, usize::MAX)
        .await
        .map(|bytes| bytes.to_vec())
        .unwrap_or_default();
    let mut script = lock(&script);
    script.asked.push(Asked {
        line: line.clone(),
        headers: parts.headers,
        body,
    });
    let otherwise = script.otherwise.clone();
    let Some(answers) = script.answers.get_mut(&line) else {
        if let Some(answer) = otherwise {
            return respond(answer);
        }
        return respond(Answer {
            status: StatusCode::NOT_IMPLEMENTED,
            headers: Vec::new(),
            body: format!("the test has no answer to {line}"),
        });
    };
    if answers.len() > 1 {
        return respond(answers.remove(0));
    }
    respond(answers[0].clone())
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).expect("a response")
}

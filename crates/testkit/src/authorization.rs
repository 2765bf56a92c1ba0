//! An OAuth 2 token endpoint (RFC 6749 §3.2) for tests: client credentials and refresh tokens, by Basic or in the body,
//! with rotation, lives and failures as the test wants them. `GET` answers like Webex's `tokenExpiry`.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// What the server demands and gives.
#[derive(Debug, Clone)]
pub struct Grants {
    pub client_id: String,
    pub client_secret: String,
    /// The scope that must be asked for; any if empty.
    pub scope: String,
    /// The refresh token that is good now.
    pub refresh_token: String,
    /// Each answer gives another refresh token, and the one before is good no more.
    pub rotates: bool,
    pub expires_in: Option<u64>,
    pub refresh_expires_in: Option<u64>,
    /// Every question is answered with this status.
    pub failure: Option<u16>,
    /// Such an answer repeats what it was sent.
    pub echoes: bool,
    /// What `GET` says of the token's expiry, in milliseconds since 1970.
    pub exp: u64,
}

impl Default for Grants {
    fn default() -> Self {
        Self {
            client_id: "instep".to_owned(),
            client_secret: "a secret: 100%".to_owned(),
            scope: String::new(),
            refresh_token: "refresh-0".to_owned(),
            rotates: false,
            expires_in: Some(3600),
            refresh_expires_in: None,
            failure: None,
            echoes: false,
            exp: 0,
        }
    }
}

/// A question, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub authorization: Option<String>,
    pub form: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct State {
    grants: Grants,
    asked: Vec<Asked>,
    given: u64,
}

/// A running token endpoint; it ends when dropped. The tokens are `access-1`, `access-2` and so on.
#[derive(Debug)]
pub struct TokenServer {
    state: Arc<Mutex<State>>,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl TokenServer {
    pub async fn start(grants: Grants) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State {
            grants,
            ..State::default()
        }));
        let serving = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self {
            state,
            address,
            serving,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    pub fn adjust(&self, change: impl FnOnce(&mut Grants)) {
        change(&mut lock(&self.state).grants);
    }

    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.state).asked.clone()
    }

    /// How many tokens were given.
    pub fn given(&self) -> u64 {
        lock(&self.state).given
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let state = Arc::clone(&state);
                connections.spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&state), request));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let mut state = lock(&state);
    if parts.method == Method::GET {
        return Ok(respond(200, &json!({"exp": state.grants.exp})));
    }
    let authorization = parts
        .headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let form = form(&String::from_utf8_lossy(&body));
    let asked = Asked { authorization, form };
    let (status, body) = state.judge(&asked);
    state.asked.push(asked);
    Ok(respond(status, &body))
}

impl State {
    fn judge(&mut self, asked: &Asked) -> (u16, Value) {
        let grants = &mut self.grants;
        if let Some(status) = grants.failure {
            let mut error = json!({"error": "temporarily_unavailable"});
            if grants.echoes {
                error["error_description"] = format!("{asked:?}").into();
            }
            return (status, error);
        }
        let of = |name: &str| asked.form.get(name).map(String::as_str).unwrap_or_default();
        let (id, secret) = match asked.authorization.as_deref() {
            Some(basic) => basic_pair(basic).unwrap_or_default(),
            None => (of("client_id").to_owned(), of("client_secret").to_owned()),
        };
        if id != grants.client_id || secret != grants.client_secret {
            return (401, json!({"error": "invalid_client"}));
        }
        if !grants.scope.is_empty() && of("scope") != grants.scope {
            return (400, json!({"error": "invalid_scope"}));
        }
        match of("grant_type") {
            "client_credentials" => {}
            "refresh_token" if of("refresh_token") == grants.refresh_token => {}
            "refresh_token" => {
                return (
                    400,
                    json!({"error": "invalid_grant", "error_description": "used or unknown"}),
                );
            }
            _ => return (400, json!({"error": "unsupported_grant_type"})),
        }
        self.given += 1;
        let mut given = json!({"access_token": format!("access-{}", self.given), "token_type": "Bearer"});
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                given[name] = value;
            }
        };
        put("expires_in", grants.expires_in.map(Value::from));
        put(
            "refresh_token_expires_in",
            grants.refresh_expires_in.map(Value::from),
        );
        if grants.rotates {
            grants.refresh_token = format!("refresh-{}", self.given);
            put("refresh_token", Some(grants.refresh_token.as_str().into()));
        }
        (200, given)
    }
}

fn respond(status: u16, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    response
}

fn form(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

/// RFC 7617, with both parts encoded as RFC 6749 §2.3.1 wants them.
fn basic_pair(header: &str) -> Option<(String, String)> {
    let text = base64_decoded(header.strip_prefix("Basic ")?)?;
    let (id, secret) = text.split_once(':')?;
    Some((decoded(id), decoded(secret)))
}

fn base64_decoded(text: &str) -> Option<String> {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

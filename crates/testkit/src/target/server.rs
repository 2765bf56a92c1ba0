//! The target on a socket: accepts connections, applies faults, drops connections without an answer.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::behaviour::{Options, Staleness};
use super::chaos::{Chaos, Dice};
use super::control;
use super::fault::{Armed, Fault, HookCall, LateClose, RetryAfter, Rule};
use super::journal::{Counts, Exchange};
use super::protocol::{Answer, Refusal, response};
use super::request::Request;
use super::state::State;

const PREFIX: &str = "/scim/v2";
const SCIM: &str = "application/scim+json";

/// A running target; it ends when dropped.
pub struct FakeTarget {
    state: Shared,
    address: SocketAddr,
    serving: Mutex<Option<JoinHandle<()>>>,
    /// Holds the port while the target is down.
    place: Mutex<Option<TcpSocket>>,
}

pub(super) type Shared = Arc<Mutex<State>>;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeTarget {
    /// Listens on a free port of the loopback interface.
    pub async fn start(options: Options) -> io::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), options).await
    }

    pub async fn start_at(address: SocketAddr, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::new(options)));
        let serving = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self {
            state,
            address,
            serving: Mutex::new(Some(serving)),
            place: Mutex::new(None),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The SCIM root, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}{PREFIX}", self.address)
    }

    pub fn token(&self) -> String {
        lock(&self.state).options.token.clone()
    }

    /// All users as they are now, in the order of creation, as a GET would show them.
    pub fn accounts(&self) -> Vec<Value> {
        lock(&self.state).users()
    }

    pub fn groups(&self) -> Vec<Value> {
        lock(&self.state).groups()
    }

    /// All requests so far, in the order of arrival.
    pub fn journal(&self) -> Vec<Exchange> {
        lock(&self.state).journal.clone()
    }

    pub fn counts(&self) -> Counts {
        lock(&self.state).counts
    }

    /// Counts from nought again; the journal stays.
    pub fn reset_counts(&self) {
        lock(&self.state).counts = Counts::default();
    }

    pub fn inject(&self, rule: Rule) {
        lock(&self.state).rules.push(Armed::new(rule));
    }

    /// Ends rules, chaos and staleness.
    pub fn heal(&self) {
        let mut state = lock(&self.state);
        state.rules.clear();
        state.dice = None;
        state.staleness = Staleness::default();
    }

    pub fn chaos(&self, chaos: Chaos) {
        lock(&self.state).dice = Some(Dice::new(chaos));
    }

    pub fn stale(&self, staleness: Staleness) {
        lock(&self.state).staleness = staleness;
    }

    /// Changes the target's manners while it runs.
    pub fn adjust(&self, change: impl FnOnce(&mut Options)) {
        change(&mut lock(&self.state).options);
    }

    /// Creates a user behind the engine's back; gives its id, or what is wrong with the document.
    pub fn plant(&self, user: &Value) -> Result<String, String> {
        let document = user.as_object().ok_or("expected an object")?;
        lock(&self.state).plant(document)
    }

    /// Creates a group behind the engine's back; gives its id, or what is wrong with the document.
    pub fn plant_group(&self, group: &Value) -> Result<String, String> {
        let document = group.as_object().ok_or("expected an object")?;
        lock(&self.state).plant_group(document)
    }

    /// Deletes a group behind the engine's back.
    pub fn uproot_group(&self, id: &str) {
        lock(&self.state).uproot_group(id);
    }

    /// Changes attributes of a user behind the engine's back; null takes one away. Says whether there is such a user.
    pub fn bend(&self, id: &str, changes: &Value) -> bool {
        let changes = changes.as_object().cloned().unwrap_or_default();
        lock(&self.state).bend(id, &changes)
    }

    /// Changes attributes of a group behind the engine's back; null takes one away. Says whether there is such a group.
    pub fn bend_group(&self, id: &str, changes: &Value) -> bool {
        let changes = changes.as_object().cloned().unwrap_or_default();
        lock(&self.state).bend_group(id, &changes)
    }

    /// Deletes a user behind the engine's back.
    pub fn uproot(&self, id: &str) {
        lock(&self.state).uproot(id);
    }

    /// Closes the port and all connections; the accounts stay.
    pub async fn go_down(&self) {
        let serving = lock(&self.serving).take();
        if let Some(serving) = serving {
            serving.abort();
            let _ = serving.await;
        }
        *lock(&self.place) = reserve(self.address).ok();
    }

    /// Listens again on the same port.
    pub async fn come_back(&self) -> io::Result<()> {
        lock(&self.place).take();
        let listener = TcpListener::bind(self.address).await?;
        *lock(&self.serving) = Some(tokio::spawn(serve(listener, Arc::clone(&self.state))));
        Ok(())
    }
}

impl Drop for FakeTarget {
    fn drop(&mut self) {
        if let Some(serving) = lock(&self.serving).take() {
            serving.abort();
        }
    }
}

impl fmt::Debug for FakeTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeTarget")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Keeps a port without listening on it: connections are refused, and no other target gets it meanwhile.
fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Ends with its connections when aborted.
async fn serve(listener: TcpListener, state: Shared) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(converse(stream, Arc::clone(&state)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, state: Shared) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(Arc::clone(&state), request));
    // A service that fails makes hyper close the connection without an answer: that is how one is dropped.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The connection is to be dropped.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

async fn answer(state: Shared, request: hyper::Request<Incoming>) -> Result<Response<Full<Bytes>>, Dropped> {
    let request = read(request).await?;
    if request.path.starts_with("/control") {
        return Ok(control::answer(&state, &request));
    }
    let (number, fault) = lock(&state).arrive(&request);
    let mut visit = Visit {
        state,
        number,
        answered: false,
    };
    let response = visit.spoil(&request, fault).await?;
    visit.answered = true;
    Ok(response)
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request, Dropped> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    Ok(Request {
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        host: header(&parts.headers, &http::header::HOST).unwrap_or_default(),
        authorization: header(&parts.headers, &http::header::AUTHORIZATION),
        if_match: header(&parts.headers, &http::header::IF_MATCH),
        method: parts.method,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// A request under way; it leaves when it is answered, dropped, or given up by the client.
struct Visit {
    state: Shared,
    number: u64,
    answered: bool,
}

impl Drop for Visit {
    fn drop(&mut self) {
        lock(&self.state).leave(self.number, self.answered);
    }
}

impl Visit {
    fn carry_out(&self, request: &Request) -> Answer {
        lock(&self.state).carry_out(self.number, request)
    }

    async fn spoil(&self, request: &Request, fault: Option<Fault>) -> Result<Response<Full<Bytes>>, Dropped> {
        match fault {
            None => Ok(plain(&self.carry_out(request))),
            Some(Fault::Status { status, retry_after }) => Ok(refusal(status, retry_after)),
            Some(Fault::StatusAndCommit {
                status,
                retry_after,
                millis,
            }) => {
                let (state, number, request) = (Arc::clone(&self.state), self.number, request.clone());
                tokio::spawn(async move {
                    sleep(Duration::from_millis(millis)).await;
                    lock(&state).carry_out(number, &request);
                });
                Ok(refusal(status, retry_after))
            }
            Some(Fault::Echo { status }) => {
                let sent = request.authorization.as_deref().unwrap_or_default();
                Ok(plain(&Answer::from(Refusal::plain(
                    status,
                    format!("I was sent {sent}"),
                ))))
            }
            Some(Fault::Delay { millis }) => {
                sleep(Duration::from_millis(millis)).await;
                Ok(plain(&self.carry_out(request)))
            }
            Some(Fault::SlowAnswer { millis }) => {
                let answer = self.carry_out(request);
                sleep(Duration::from_millis(millis)).await;
                Ok(plain(&answer))
            }
            Some(Fault::DropBeforeCommit) => Err(Dropped),
            Some(Fault::DropAfterCommit) => {
                self.carry_out(request);
                Err(Dropped)
            }
            Some(Fault::CommitThenCall { hook }) => {
                let answer = self.carry_out(request);
                let about = HookCall {
                    number: self.number,
                    method: request.method.clone(),
                    path: request.path.clone(),
                    body: serde_json::from_str(&request.body).ok(),
                };
                // On a task of its own: it must run to its end even if it ends the client.
                let _ = tokio::spawn(hook.call(about)).await;
                Ok(plain(&answer))
            }
            Some(Fault::LateCommit { millis, close }) => {
                let (state, number, request) = (Arc::clone(&self.state), self.number, request.clone());
                tokio::spawn(async move {
                    sleep(Duration::from_millis(millis)).await;
                    lock(&state).carry_out(number, &request);
                });
                match close {
                    LateClose::AtOnce => Err(Dropped),
                    LateClose::Never => std::future::pending().await,
                }
            }
            Some(Fault::Garbage) => {
                let answer = self.carry_out(request);
                Ok(response(
                    answer.status,
                    SCIM,
                    Bytes::from_static(b"{\"schemas\":[\"urn:ietf:par\0\xff"),
                ))
            }
            Some(Fault::Html { status }) => {
                let page =
                    "<!DOCTYPE html><html><head><title>Gateway</title></head><body>Try again.</body></html>";
                Ok(response(
                    status,
                    "text/html; charset=utf-8",
                    Bytes::from_static(page.as_bytes()),
                ))
            }
            Some(Fault::Empty) => {
                let answer = self.carry_out(request);
                Ok(response(answer.status, SCIM, Bytes::new()))
            }
        }
    }
}

fn refusal(status: u16, retry_after: Option<RetryAfter>) -> Response<Full<Bytes>> {
    let mut response = plain(&Answer::from(Refusal::plain(status, "refused on purpose")));
    if let Some(value) = retry_after.and_then(|after| retry_after_header(after).parse().ok()) {
        response.headers_mut().insert(http::header::RETRY_AFTER, value);
    }
    response
}

fn retry_after_header(after: RetryAfter) -> String {
    match after {
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::DateIn(seconds) => {
            let date = jiff::Timestamp::now()
                .checked_add(jiff::SignedDuration::from_secs(
                    i64::try_from(seconds).unwrap_or(0),
                ))
                .unwrap_or(jiff::Timestamp::MAX);
            date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
        }
    }
}

fn plain(answer: &Answer) -> Response<Full<Bytes>> {
    let body = answer
        .body
        .as_ref()
        .map(|body| Bytes::from(body.to_string()))
        .unwrap_or_default();
    let mut response = response(answer.status, SCIM, body);
    let headers = response.headers_mut();
    if answer.status == 401 {
        headers.insert(
            http::header::WWW_AUTHENTICATE,
            http::HeaderValue::from_static("Bearer"),
        );
    }
    let meta = answer.body.as_ref().map(|body| &body["meta"]);
    let text = |name: &str| meta?[name].as_str()?.parse().ok();
    if let Some(version) = text("version") {
        headers.insert(http::header::ETAG, version);
    }
    if let Some(location) = text("location").filter(|_| answer.status == 201) {
        headers.insert(http::header::LOCATION, location);
    }
    response
}

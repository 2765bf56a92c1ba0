//! `Idempotency-Key` (IETF draft "The Idempotency-Key HTTP Header Field"): a request of the admin API that would do something
//! more each time may be sent again, and does it once.
//!
//! What changes nothing, and what comes to the same however often it is sent, passes a key over. Answers are kept sealed, as
//! some hold secrets that are shown only once.

use access::{Repeat, RepeatKey};
use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse as _, Response};
use base::OrgId;
use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::context::Caller;
use super::errors;
use crate::api::{self, Problem, ProblemCode};
use crate::{Family, State};

/// The header, and what an answer that was given before has.
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A longer key is none.
const LONGEST_KEY: usize = 255;
/// A larger answer is not kept.
const LARGEST_ANSWER: usize = 64 * 1024;
/// What answers are sealed for.
const CONTEXT: &str = "answer";

/// Does a request of this method do something more, or answer otherwise, when it is sent again?
pub fn is_repeatable(method: &Method, is_to_change: bool) -> bool {
    is_to_change && [Method::POST, Method::DELETE].contains(method)
}

/// Is a key sent with such a request?
pub fn has_key(parts: &Parts, is_to_change: bool) -> bool {
    is_repeatable(&parts.method, is_to_change) && parts.headers.contains_key(HEADER)
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    content_type: Option<String>,
    no_store: bool,
    /// `None`: it was too large.
    body: Option<String>,
}

/// Has a request carried out if it is the first with its key, else says what came of it.
pub async fn once<H, T>(handler: H, caller: Caller, request: Request, state: State) -> Response
where
    H: Handler<T, State>,
    T: 'static,
{
    match carried_out(handler, caller, request, state).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn carried_out<H, T>(
    handler: H,
    caller: Caller,
    request: Request,
    state: State,
) -> Result<Response, Problem>
where
    H: Handler<T, State>,
    T: 'static,
{
    let (parts, body) = request.into_parts();
    let text = read_key(&parts.headers)?;
    if wants_lines(&parts.headers) {
        let detail =
            "An answer in lines is not kept: leave out the Idempotency-Key, or ask for application/json";
        return Err(Problem::bad_request("idempotency.lines", detail));
    }
    let most = api::largest_body(parts.uri.path());
    let body = crate::body::read(Request::from_parts(parts.clone(), body), most).await?;
    let (org, token) = (caller.principal.org, caller.principal.token);
    let key = RepeatKey::new(org, token, text);
    let address = parts.uri.path_and_query().map_or("", |shown| shown.as_str());
    let asked = [parts.method.as_str().as_bytes(), address.as_bytes(), &body];
    match state.access.begin_repeatable(&key, &asked).await? {
        Repeat::First => {}
        Repeat::Answered(sealed) => return replayed(&state, org, &sealed),
        full @ Repeat::Full(wait) => {
            let mut response = refusal(&full).into_response();
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(RETRY_AFTER, seconds);
            return Ok(response);
        }
        refused => return Err(refusal(&refused)),
    }
    // It goes on also if the client hangs up: that is when it will ask again.
    let carrying = tokio::spawn(async move {
        let request = Request::from_parts(parts, Body::from(body));
        let response = handler.call(request, state.clone()).await;
        noted(&state, org, key, response).await
    });
    Ok(carrying.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a handler panicked");
        errors::panicked(Family::Api)
    }))
}

/// A token or, as the draft has it, a text in quotes.
fn read_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let wrong = || {
        let detail =
            format!("An Idempotency-Key is 1 to {LONGEST_KEY} letters, digits and signs, and is sent once");
        Problem::bad_request("idempotency.key", detail)
    };
    let mut values = headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(wrong());
    };
    let text = value.to_str().map_err(|_| wrong())?.trim();
    let unquoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = unquoted.unwrap_or(text);
    let fits =
        !text.is_empty() && text.len() <= LONGEST_KEY && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(text).ok_or_else(wrong)
}

fn wants_lines(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/x-ndjson"))
}

fn refusal(repeat: &Repeat) -> Problem {
    match repeat {
        Repeat::Other => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency.other_request",
            "This Idempotency-Key was sent with another request: take a new one for each",
        ),
        Repeat::UnderWay => Problem::conflict(
            "idempotency.under_way",
            "The first request with this Idempotency-Key is still under way: ask again a little later",
        ),
        Repeat::Full(_) => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "idempotency.too_many",
            format!(
                "The organization has used {} Idempotency-Keys within a day, and no more are kept: leave it out",
                access::MOST_KEYS
            ),
        ),
        Repeat::First | Repeat::Answered(_) | Repeat::Unknown => Problem::conflict(
            "idempotency.unknown",
            "The first request with this Idempotency-Key was cut off, and nobody knows what came of it: look, and take a new \
             key if it is to be done",
        ),
    }
}

/// The answer that was given before.
fn replayed(state: &State, org: OrgId, sealed: &[u8]) -> Result<Response, Problem> {
    let sealed = std::str::from_utf8(sealed).unwrap_or_default();
    let opened = state.sealers.answers.open(org, CONTEXT, sealed).ok();
    let kept = opened.and_then(|kept| serde_json::from_slice::<Kept>(&kept).ok());
    let whole = kept.and_then(|kept| {
        Some((
            StatusCode::from_u16(kept.status).ok()?,
            kept.body?,
            kept.content_type,
            kept.no_store,
        ))
    });
    let Some((status, body, content_type, no_store)) = whole else {
        return Err(Problem::conflict(
            "idempotency.not_kept",
            "The first request with this Idempotency-Key was carried out, and its answer was not kept",
        ));
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    if let Some(content_type) = content_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(CONTENT_TYPE, content_type);
    }
    if no_store {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Notes an answer, and hands it on.
async fn noted(state: &State, org: OrgId, key: RepeatKey, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let noting = match (outcome(&parts), collected(body).await) {
        (Outcome::Unknown, collected) => return answered(parts, collected),
        (Outcome::Nothing, collected) => {
            let forgotten = state.access.forget_repeatable(key).await;
            (forgotten, collected)
        }
        (Outcome::Answer, collected) => {
            let kept = kept(&parts, collected.as_ref());
            let sealed = state.sealers.answers.seal(&state.ambient, org, CONTEXT, &kept);
            let noted = state.access.note_answer(key, sealed.into_bytes()).await;
            (noted, collected)
        }
    };
    let (result, collected) = noting;
    if let Err(error) = result {
        // The key then says that nobody knows, which is so.
        tracing::warn!(%error, "what came of a request with a key was not noted");
    }
    answered(parts, collected)
}

fn answered(parts: http::response::Parts, body: Option<Bytes>) -> Response {
    match body {
        Some(body) => Response::from_parts(parts, Body::from(body)),
        None => errors::panicked(Family::Api),
    }
}

async fn collected(body: Body) -> Option<Bytes> {
    use http_body_util::BodyExt as _;
    body.collect().await.ok().map(http_body_util::Collected::to_bytes)
}

/// What an answer says of what was done.
enum Outcome {
    /// It is what every further request is to be told.
    Answer,
    /// Nothing was done, and the same request may do it later.
    Nothing,
    /// That is not known.
    Unknown,
}

fn outcome(parts: &http::response::Parts) -> Outcome {
    let code = parts.extensions.get::<ProblemCode>();
    let unavailable = code.is_some_and(|code| code.0 == "unavailable");
    match parts.status {
        // The database may have gone away between the change and the word that it was made.
        StatusCode::SERVICE_UNAVAILABLE if unavailable => Outcome::Unknown,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Outcome::Nothing,
        status if status.is_server_error() => Outcome::Unknown,
        _ => Outcome::Answer,
    }
}

fn kept(parts: &http::response::Parts, body: Option<&Bytes>) -> Vec<u8> {
    let text = |name: HeaderName| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let body = body.filter(|body| body.len() <= LARGEST_ANSWER);
    let kept = Kept {
        status: parts.status.as_u16(),
        content_type: text(CONTENT_TYPE),
        no_store: text(CACHE_CONTROL).is_some_and(|value| value == "no-store"),
        body: body.and_then(|body| String::from_utf8(body.to_vec()).ok()),
    };
    serde_json::to_vec(&kept).unwrap_or_default()
}

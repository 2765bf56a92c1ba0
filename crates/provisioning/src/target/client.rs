//! The requests.

mod sending;

use std::sync::Arc;
use std::time::Duration;

use base::{Ambient, Message};
use outbound::{Method, Outbound, Response, Url, header};
use serde_json::Value;

use super::admission::Admission;
use super::answer;
use super::dialect::Dialect;
use super::exchange::{Exchange, Found, Resources};
use super::failure::{Failure, Kind};
use super::meter::Meter;
use super::quota::quota;
use super::retry_after::retry_after;
use super::url::BaseUrl;
use crate::account::{REDACTED, Secrets, TargetPath, mask_texts, same_key};
use crate::credentials::TokenSource;

const MEDIA_TYPE: &str = "application/scim+json";
/// Documents of groups are read up to this many bytes; they are not kept.
const LARGEST_GROUP: usize = 256 << 20;
/// Answers are kept in the log up to this many bytes.
const LONGEST_LOGGED: usize = 16 << 10;

pub(super) use sending::Extra;

/// One target.
#[derive(Debug, Clone)]
pub struct Target {
    outbound: Outbound,
    ambient: Ambient,
    pub(super) base: BaseUrl,
    pub(super) resources: Resources,
    token: TokenSource,
    timeout: Duration,
    /// What the log must not show.
    secrets: Secrets,
    meter: Arc<Meter>,
}

/// A successful answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: Option<Value>,
}

impl Answer {
    /// The resource of this id as it is now, if the target shows it.
    pub(crate) fn resource(&self, id: &str) -> Option<&scim::Object> {
        let shown = self.body.as_ref()?.as_object()?;
        (answer::id(shown).as_deref() == Some(id)).then_some(shown)
    }
}

impl Target {
    pub(crate) fn new(
        outbound: Outbound,
        ambient: Ambient,
        base_url: &str,
        token: TokenSource,
        timeout: Duration,
        secrets: Secrets,
        meter: Meter,
    ) -> Result<Self, Failure> {
        let base = BaseUrl::parse(base_url).map_err(|error| outbound::Error::Url(error.to_string()))?;
        Ok(Self {
            outbound,
            ambient,
            base,
            resources: Resources::Users,
            token,
            timeout,
            secrets,
            meter: Arc::new(meter),
        })
    }

    /// The same target's groups.
    pub(crate) fn groups(&self, secrets: Secrets) -> Self {
        Self {
            resources: Resources::Groups,
            secrets,
            ..self.clone()
        }
    }

    /// How it is spoken to.
    pub(crate) fn dialect(&self) -> Dialect {
        Dialect::of(&self.base)
    }

    /// How fast it is sent to.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// What an answer to a request sent then says of how fast it may be.
    fn note(&self, response: &Response, sent: base::Timestamp) {
        let now = self.ambient.now();
        if let Some(quota) = quota(&response.headers, now) {
            self.meter.note_quota(quota);
        }
        let status = response.status.as_u16();
        let wait = retry_after(&response.headers, now);
        if Kind::of(status, wait) == Kind::Throttled {
            self.meter.throttled(sent, now);
        } else if status < 500 {
            self.meter.answered(now);
        }
    }

    pub(crate) fn shared_meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }

    /// Time and randomness, as the target's client has them.
    pub(crate) fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// The accounts for which an attribute has this value, as the target's filter sees it. Those that do not have
    /// it after all are left out; if that leaves none of several, the target takes no notice of filters.
    pub(crate) async fn lookup(
        &self,
        admission: Option<Arc<dyn Admission>>,
        (path, value): (&TargetPath, &Value),
        log: &mut Vec<Exchange>,
    ) -> Result<Vec<Found>, Failure> {
        let url = self.base.search(self.resources, &format!("{path} eq {value}"));
        let sought = log.len();
        let extra = Extra {
            admission,
            ..Extra::default()
        };
        let answer = self.send_with((Method::GET, url), None, extra, log).await;
        if self.secrets.contains(path) {
            let hidden = self
                .base
                .search(self.resources, &format!("{path} eq \"{REDACTED}\""));
            for exchange in &mut log[sought..] {
                exchange.url = hidden.to_string();
            }
        }
        let answer = answer?;
        let status = answer.status;
        let (listed, total) = answer::list(status, answer.body)?;
        let shown = listed.len();
        let found: Vec<_> = listed
            .into_iter()
            .filter(|(_, resource)| {
                path.get(resource)
                    .is_some_and(|found| same_key(path, found, value))
            })
            .map(|(id, resource)| Found { id, resource })
            .collect();
        if shown > 0 && found.len() == shown && total.is_some_and(|total| total > shown as u64) {
            return Err(self.ambiguous(status, (path, value), total.unwrap_or_default()));
        }
        if shown > 0 && found.is_empty() {
            let message = Message::new("target.filter_ignored").with("attribute", path);
            return Err(Failure::garbage(status, message));
        }
        Ok(found)
    }

    /// There are more than it shows.
    fn ambiguous(&self, status: u16, (path, value): (&TargetPath, &Value), count: u64) -> Failure {
        let value = match value {
            _ if self.secrets.contains(path) => REDACTED.to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let message = Message::new("match.ambiguous").with("attribute", path);
        Failure {
            kind: Kind::Rejected,
            status: Some(status),
            message: message.with("value", value).with("count", count),
            retry_after: None,
        }
    }

    /// The account of that id; `None` when the target says that there is none.
    pub async fn get(&self, id: &str, log: &mut Vec<Exchange>) -> Result<Option<Found>, Failure> {
        match self
            .send(Method::GET, self.base.read(self.resources, id), None, log)
            .await
        {
            Ok(answer) => {
                let resource = answer::resource_of(answer.status, answer.body, id)?;
                let id = id.to_owned();
                Ok(Some(Found { id, resource }))
            }
            Err(failure) if failure.kind == Kind::NotFound => Ok(None),
            // Whoever may not read one account may read others.
            Err(failure) => Err(failure.of_one()),
        }
    }

    /// The same with everything that it has, a group with its members.
    pub(crate) async fn get_whole(
        &self,
        id: &str,
        log: &mut Vec<Exchange>,
    ) -> Result<Option<Found>, Failure> {
        let url = self.base.resource(self.resources.endpoint(), Some(id));
        match self.send(Method::GET, url, None, log).await {
            Ok(answer) => {
                let resource = answer::resource_of(answer.status, answer.body, id)?;
                let id = id.to_owned();
                Ok(Some(Found { id, resource }))
            }
            Err(failure) if failure.kind == Kind::NotFound => Ok(None),
            // Whoever may not read one account may read others.
            Err(failure) => Err(failure.of_one()),
        }
    }

    /// A document of discovery (RFC 7644 §4).
    pub(super) async fn document(&self, endpoint: &str) -> Result<Value, Failure> {
        let url = self.base.resource(endpoint, None);
        let answer = self.send(Method::GET, url, None, &mut Vec::new()).await?;
        answer
            .body
            .ok_or_else(|| Failure::garbage(answer.status, Message::new("target.not_scim")))
    }

    /// The users whose userName is this text, for a test of the connection.
    pub(super) async fn search(&self, filter: &str) -> Result<usize, Failure> {
        let url = self.base.search(self.resources, filter);
        let answer = self.send(Method::GET, url, None, &mut Vec::new()).await?;
        answer::list(answer.status, answer.body).map(|(found, _)| found.len())
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
        log: &mut Vec<Exchange>,
    ) -> Result<Answer, Failure> {
        self.send_with((method, url), body, Extra::default(), log).await
    }

    /// A body as the log keeps it, and what was taken out of it.
    pub(super) fn shown(&self, body: Option<Value>) -> (Option<Value>, Vec<String>) {
        let Some(mut body) = body else {
            return (None, Vec::new());
        };
        let taken = self.secrets.mask(&mut body);
        (Some(shortened(body)), taken)
    }

    /// Whether there may be another token once one is refused.
    pub(crate) fn renews_token(&self) -> bool {
        self.token.renews()
    }

    /// Makes sure that there is a token, so that a request need not wait for one.
    pub(crate) async fn authorize(&self) -> Result<(), Failure> {
        self.token.token().await.map(drop)
    }

    /// Asks at another address of the target.
    pub(crate) async fn ask(&self, url: Url) -> Result<Value, Failure> {
        let answer = self.send(Method::GET, url, None, &mut Vec::new()).await?;
        Ok(answer.body.unwrap_or_default())
    }

    /// An answer as the log keeps it. What was `taken` out of the request is taken out of it too.
    pub(super) fn logged(&self, body: Option<&Value>, raw: &str, taken: &mut Vec<String>) -> Option<Value> {
        let mut body = match body {
            Some(body) => body.clone(),
            None if raw.is_empty() => return None,
            None => Value::from(raw.chars().take(LONGEST_LOGGED).collect::<String>()),
        };
        taken.extend(self.secrets.mask(&mut body));
        mask_texts(&mut body, taken);
        Some(shortened(body))
    }

    pub(super) fn request_of(&self, method: Method, url: Url, body: Option<String>) -> outbound::Request {
        let media_type = header::HeaderValue::from_static(MEDIA_TYPE);
        let mut request = outbound::Request {
            timeout: self.timeout,
            ..outbound::Request::new(method, url)
        }
        .header(
            header::ACCEPT,
            header::HeaderValue::from_static("application/scim+json, application/json"),
        );
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, media_type);
            request.body = Some(body.into());
        }
        request
    }
}

pub(super) fn read_body(response: &Response) -> (Option<Value>, String) {
    match serde_json::from_slice(&response.body) {
        Ok(body) => (Some(body), String::new()),
        Err(_) => (None, String::from_utf8_lossy(&response.body).into_owned()),
    }
}

/// How many bytes a value takes as text, at most: a letter may be written as six.
fn longest_text(value: &Value) -> usize {
    let string = |text: &str| 6 * text.len() + 2;
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 32,
        Value::String(text) => string(text),
        Value::Array(values) => 2 + values.iter().map(|value| longest_text(value) + 1).sum::<usize>(),
        Value::Object(object) => {
            let entry = |(name, value): (&String, &Value)| string(name) + longest_text(value) + 2;
            2 + object.iter().map(entry).sum::<usize>()
        }
    }
}

/// A body as the log keeps it: of a long one the beginning, as text.
fn shortened(body: Value) -> Value {
    if longest_text(&body) <= LONGEST_LOGGED {
        return body;
    }
    let text = body.to_string();
    if text.len() <= LONGEST_LOGGED {
        return body;
    }
    let beginning: String = text.chars().take(LONGEST_LOGGED).collect();
    Value::from(format!("{beginning}… ({} bytes in all)", text.len()))
}

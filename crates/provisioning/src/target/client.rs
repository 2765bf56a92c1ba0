//! The requests.

use std::sync::Arc;
use std::time::Duration;

use base::{Ambient, Message, Secret};
use outbound::{Method, Opened, Outbound, Response, Url, header};
use serde_json::Value;

use super::admission::Admission;
use super::answer;
use super::dialect::{self, Dialect};
use super::exchange::{Exchange, Found, Resources};
use super::failure::{Failure, Kind};
use super::meter::Meter;
use super::quota::quota;
use super::retry_after::retry_after;
use super::scan::MemberScan;
use super::url::BaseUrl;
use crate::account::{REDACTED, Secrets, TargetPath, mask_text, mask_texts, same_key};
use crate::credentials::TokenSource;

const MEDIA_TYPE: &str = "application/scim+json";
/// Documents of groups are read up to this many bytes; they are not kept.
const LARGEST_GROUP: usize = 256 << 20;
/// Answers are kept in the log up to this many bytes.
const LONGEST_LOGGED: usize = 16 << 10;

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

/// What is special about a request.
#[derive(Default)]
pub(super) struct Extra<'a> {
    pub(super) header: Option<(header::HeaderName, header::HeaderValue)>,
    /// What the members of a successful answer go into, in place of its body.
    pub(super) members: Option<&'a mut MemberScan>,
    /// Who lets it out; `None`: it goes at once.
    pub(super) admission: Option<Arc<dyn Admission>>,
}

impl Extra<'_> {
    fn largest(&self, usual: usize) -> usize {
        if self.members.is_some() {
            LARGEST_GROUP
        } else {
            usual
        }
    }

    async fn read(&mut self, mut opened: Opened) -> Result<Response, outbound::Error> {
        match &mut self.members {
            Some(members) if opened.status.is_success() => {
                **members = MemberScan::default();
                while let Some(piece) = opened.chunk().await? {
                    members.push(&piece);
                }
            }
            _ => {}
        }
        opened.whole().await
    }
}

/// What came of a request that was let out.
struct Asked {
    result: Result<Response, outbound::Error>,
    started: base::Timestamp,
    ended: base::Timestamp,
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

    /// Sends what is not for the log of one person; once more with another token if the first is refused.
    pub(super) async fn transmit(&self, mut request: outbound::Request) -> Result<Response, Failure> {
        let started = self.ambient.now();
        let token = self.token.token().await?;
        let mut again = request.clone();
        request.bearer = Some(token.clone());
        let response = self.ask_once(request, &mut Extra::default()).await?.result?;
        self.note(&response, started);
        if response.status.as_u16() != 401 {
            return Ok(response);
        }
        let Some(other) = self.another(&token, started).await? else {
            return Ok(response);
        };
        again.timeout = self.left(started);
        again.bearer = Some(other);
        Ok(self.ask_once(again, &mut Extra::default()).await?.result?)
    }

    /// A body as the log keeps it, and what was taken out of it.
    pub(super) fn shown(&self, body: Option<Value>) -> (Option<Value>, Vec<String>) {
        let Some(mut body) = body else {
            return (None, Vec::new());
        };
        let taken = self.secrets.mask(&mut body);
        (Some(shortened(body)), taken)
    }

    pub(super) async fn send_with(
        &self,
        (method, url): (Method, Url),
        body: Option<Value>,
        mut extra: Extra<'_>,
        log: &mut Vec<Exchange>,
    ) -> Result<Answer, Failure> {
        let mut exchange = Exchange::new(&method, &url);
        let text = body.as_ref().map(Value::to_string);
        let (shown, taken) = self.shown(body);
        exchange.request = shown;
        let mut request = self.request_of(method, url, text);
        request.headers.extend(extra.header.take());
        request.largest_answer = extra.largest(request.largest_answer);
        let started = self.ambient.now();
        let token = self.token.token().await;
        let token = match token {
            Ok(token) => token,
            Err(failure) => {
                exchange.error = Some(failure.message.clone());
                log.push(exchange);
                return Err(failure);
            }
        };
        request.bearer = Some(token.clone());
        let again = self.token.renews().then(|| (request.clone(), exchange.clone()));
        let sent = self.send_once(request, (exchange, taken.clone()), &mut extra, log);
        match (sent.await, again) {
            (Err(failure), Some((mut request, exchange))) if failure.status == Some(401) => {
                let Some(other) = self.another(&token, started).await? else {
                    return Err(failure);
                };
                request.timeout = self.left(started);
                request.bearer = Some(other);
                self.send_once(request, (exchange, taken), &mut extra, log).await
            }
            (answer, _) => answer,
        }
    }

    /// What is left of the time for one request: whoever has waited for it waits no longer than for any other.
    fn left(&self, started: base::Timestamp) -> Duration {
        self.timeout.saturating_sub(self.ambient.now().since(started))
    }

    /// Another token, once the target has refused one, if there is time for it.
    async fn another(&self, token: &Secret, started: base::Timestamp) -> Result<Option<Secret>, Failure> {
        let renewed = tokio::time::timeout(self.left(started), self.token.another(token)).await;
        let renewed = renewed.unwrap_or(Ok(None))?;
        Ok(renewed.filter(|_| !self.left(started).is_zero()))
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

    /// Sends it, once it is let out. What the answer repeats of our credentials is taken out of it.
    async fn ask_once(&self, request: outbound::Request, extra: &mut Extra<'_>) -> Result<Asked, Failure> {
        let concealed = self.token.concealed(request.bearer.as_ref());
        let mut asked = match extra.members {
            Some(_) => self.ask_for_members(request, extra).await,
            None => self.ask_whole(request, extra.admission.clone()).await?,
        };
        if let Ok(response) = &mut asked.result {
            concealed.mask(response);
        }
        Ok(asked)
    }

    /// Everything until the answer is there happens where requests are sent: nobody's work holds up the next one.
    async fn ask_whole(
        &self,
        request: outbound::Request,
        admission: Option<Arc<dyn Admission>>,
    ) -> Result<Asked, Failure> {
        let (outbound, ambient) = (self.outbound.clone(), self.ambient.clone());
        let asked = self.outbound.run(async move {
            let _pass = match &admission {
                Some(admission) => Some(admission.wait().await?),
                None => None,
            };
            let started = ambient.now();
            let result = outbound.send(request).await;
            let ended = ambient.now();
            if let (Some(admission), Some(failure)) = (&admission, failure(&result, ended)) {
                admission.failed(&failure);
            }
            Ok(Asked {
                result,
                started,
                ended,
            })
        });
        asked.await?.map_err(Failure::unsent)
    }

    async fn ask_for_members(&self, request: outbound::Request, extra: &mut Extra<'_>) -> Asked {
        let started = self.ambient.now();
        let result = match self.outbound.open(request).await {
            Ok(opened) => extra.read(opened).await,
            Err(error) => Err(error),
        };
        Asked {
            result,
            started,
            ended: self.ambient.now(),
        }
    }

    async fn send_once(
        &self,
        request: outbound::Request,
        (mut exchange, mut taken): (Exchange, Vec<String>),
        extra: &mut Extra<'_>,
        log: &mut Vec<Exchange>,
    ) -> Result<Answer, Failure> {
        let asked = self.ask_once(request, extra).await?;
        let (started, now) = (asked.started, asked.ended);
        exchange.duration_ms = u64::try_from(now.since(started).as_millis()).unwrap_or(u64::MAX);
        let result = match asked.result {
            Ok(response) => {
                self.note(&response, started);
                exchange.status = Some(response.status.as_u16());
                let (body, raw) = read_body(&response);
                exchange.response = self.logged(body.as_ref(), &raw, &mut taken);
                judge(&response, body, &raw, now)
            }
            Err(error) => Err(Failure::from(error)),
        };
        let result = result.map_err(|mut failure| {
            for value in failure.message.params.values_mut() {
                mask_text(value, &taken);
            }
            failure
        });
        exchange.error = result.as_ref().err().map(|failure| failure.message.clone());
        log.push(exchange);
        result
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

/// What kind of a failure it is, if it is one.
fn failure(result: &Result<Response, outbound::Error>, now: base::Timestamp) -> Option<Failure> {
    match result {
        Ok(response) if response.status.is_success() => None,
        Ok(response) => {
            let wait = retry_after(&response.headers, now);
            Some(Failure::of_answer(response.status.as_u16(), None, "", wait))
        }
        Err(error) => Some(error.clone().into()),
    }
}

fn judge(
    response: &Response,
    body: Option<Value>,
    raw: &str,
    now: base::Timestamp,
) -> Result<Answer, Failure> {
    let status = response.status.as_u16();
    if !response.status.is_success() {
        let (scim_type, detail) = dialect::error(body.as_ref(), raw);
        return Err(Failure::of_answer(
            status,
            scim_type.as_deref(),
            &detail,
            retry_after(&response.headers, now),
        ));
    }
    if body.is_none() && !raw.trim().is_empty() {
        return Err(Failure::garbage(status, Message::new("target.not_scim")));
    }
    let location = response
        .headers
        .get(header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .map(str::to_owned);
    Ok(Answer {
        status,
        location,
        body,
    })
}

pub(super) fn read_body(response: &Response) -> (Option<Value>, String) {
    match serde_json::from_slice(&response.body) {
        Ok(body) => (Some(body), String::new()),
        Err(_) => (None, String::from_utf8_lossy(&response.body).into_owned()),
    }
}

/// A body as the log keeps it: of a long one the beginning, as text.
fn shortened(body: Value) -> Value {
    let text = body.to_string();
    if text.len() <= LONGEST_LOGGED {
        return body;
    }
    let beginning: String = text.chars().take(LONGEST_LOGGED).collect();
    Value::from(format!("{beginning}… ({} bytes in all)", text.len()))
}

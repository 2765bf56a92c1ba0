//! Bulk requests (RFC 7644 §3.7): changes of several accounts in one request, each judged by its own operation's status,
//! location and body as if it had been sent alone. An operation that the answer leaves out may have been carried out.
//!
//! Read as well: a status that is a number or, as drafts of the RFC had it, an object with `code`; `operations` in small
//! letters; operations in any order, told apart by bulkId, or by method and location where there is none.

use std::collections::HashMap;

use base::Message;
use outbound::Method;
use serde::Serialize;
use serde_json::Value;

use super::change::{Change, last_segment};
use super::client::{Answer, Target, read_body};
use super::dialect::{self, Dialect};
use super::exchange::Exchange;
use super::failure::{Failure, Kind};
use super::retry_after::retry_after;
use crate::account::{mask_text, member};

/// What is around the operations, in bytes.
pub(crate) const ENVELOPE: usize = 160;

/// A change as an operation of a bulk request.
#[derive(Debug)]
pub(crate) struct Part {
    id: String,
    pub(crate) change: Change,
    text: String,
}

/// An operation as it is sent (RFC 7644 §3.7).
#[derive(Serialize)]
struct Operation<'p> {
    method: &'p str,
    path: String,
    #[serde(rename = "bulkId")]
    bulk_id: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'p Value>,
}

impl Part {
    /// With a number that no other operation of its bulk request has.
    pub(crate) fn new(number: u64, change: Change) -> Self {
        let id = number.to_string();
        let operation = Operation {
            method: change.method.as_str(),
            path: change.path(),
            bulk_id: &id,
            version: change.version.as_deref(),
            data: change.body.as_ref(),
        };
        let text = serde_json::to_string(&operation).unwrap_or_default();
        Self { id, change, text }
    }

    /// In bytes, with what is between two of them.
    pub(crate) fn size(&self) -> usize {
        self.text.len() + 1
    }

    /// Whether an answer without a bulkId is this one's.
    fn is_at(&self, operation: &scim::Object) -> bool {
        let location = member(operation, "location").and_then(Value::as_str);
        location.is_some_and(|location| {
            self.change.id.is_some() && last_segment(location) == self.change.id && self.is_done_by(operation)
        })
    }

    fn is_done_by(&self, operation: &scim::Object) -> bool {
        member(operation, "method")
            .and_then(Value::as_str)
            .is_none_or(|method| method.eq_ignore_ascii_case(self.change.method.as_str()))
    }
}

/// What came of a bulk request.
#[derive(Debug)]
pub(crate) struct Bulked {
    pub(crate) millis: u64,
    pub(crate) result: BulkResult,
}

#[derive(Debug)]
pub(crate) enum BulkResult {
    /// What came of each operation, in order.
    Each(Vec<(Exchange, Result<Answer, Failure>)>, Sense),
    /// The target takes no bulk requests: nothing was carried out.
    Refused,
    /// It was too much at once: nothing was carried out.
    TooLarge,
}

/// What the answer says of bulk requests as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    Fine,
    /// There was none that could be read.
    Broken,
    /// Neither was there one, for it took too long or was too large.
    TooMuch,
    /// This target and bulk requests do not get on.
    Useless,
    /// It says nothing of them.
    Nothing,
}

impl Target {
    /// Sends several changes in one request.
    pub(crate) async fn send_bulk(&self, parts: &[Part]) -> Bulked {
        let url = self.base.resource("Bulk", None);
        let request = self.request_of(Method::POST, url, Some(envelope(self.dialect(), parts)));
        let started = self.ambient().now();
        let sent = self.transmit(request).await;
        let now = self.ambient().now();
        let millis = u64::try_from(now.since(started).as_millis()).unwrap_or(u64::MAX);
        let mut pages = self.pages(parts, millis);
        let result = match sent {
            Err(failure) => {
                let sense = match failure.message.code.as_str() {
                    "target.timeout" | "target.too_large" => Sense::TooMuch,
                    _ if failure.kind == Kind::NoAnswer => Sense::Broken,
                    _ => Sense::Nothing,
                };
                pages.all(None, None, &failure, sense)
            }
            Ok(response) => {
                let status = response.status.as_u16();
                let (body, raw) = read_body(&response);
                match status {
                    403..=405 | 410 | 415 | 501 => BulkResult::Refused,
                    413 => BulkResult::TooLarge,
                    200..300 if let Some(operations) = body.as_ref().and_then(operations) => {
                        pages.each(operations)
                    }
                    200..300 => {
                        let failure = Failure::garbage(status, Message::new("target.not_scim"));
                        let shown = self.logged(body.as_ref(), &raw, &mut pages.taken);
                        pages.all(Some(status), shown, &failure, Sense::Broken)
                    }
                    _ => {
                        let (scim_type, detail) = dialect::error(body.as_ref(), &raw);
                        let wait = retry_after(&response.headers, now);
                        let failure = Failure::of_answer(status, scim_type.as_deref(), &detail, wait);
                        let shown = self.logged(body.as_ref(), &raw, &mut pages.taken);
                        let (failure, sense) = judged(failure);
                        pages.all(Some(status), shown, &failure, sense)
                    }
                }
            }
        };
        Bulked { millis, result }
    }

    /// The log's pages, one for each part, not yet answered.
    fn pages<'p>(&'p self, parts: &'p [Part], millis: u64) -> Pages<'p> {
        let mut taken = Vec::new();
        let mut exchanges = Vec::with_capacity(parts.len());
        for part in parts {
            let url = self
                .base
                .resource(part.change.resources.endpoint(), part.change.id.as_deref());
            let (request, mine) = self.shown(part.change.body.clone());
            taken.extend(mine);
            exchanges.push(Exchange {
                request,
                duration_ms: millis,
                bulk: Some(parts.len() as u64),
                ..Exchange::new(&part.change.method, &url)
            });
        }
        Pages {
            target: self,
            parts,
            exchanges,
            taken,
        }
    }
}

/// What a bulk request was answered as a whole says of its operations, and of bulk requests.
fn judged(mut failure: Failure) -> (Failure, Sense) {
    if failure.is_everybodys() {
        return (failure, Sense::Nothing);
    }
    if failure.in_doubt() {
        return (failure, Sense::Broken);
    }
    // Refused as a whole, it should not have been begun. Whether it was, the accounts tell.
    failure.kind = Kind::Broken;
    (failure, Sense::Useless)
}

struct Pages<'p> {
    target: &'p Target,
    parts: &'p [Part],
    exchanges: Vec<Exchange>,
    /// What must not be shown of any of them.
    taken: Vec<String>,
}

impl Pages<'_> {
    /// The same for all.
    fn all(
        &mut self,
        status: Option<u16>,
        response: Option<Value>,
        failure: &Failure,
        sense: Sense,
    ) -> BulkResult {
        let failure = self.masked(failure.clone());
        let exchanges = std::mem::take(&mut self.exchanges);
        let each = exchanges.into_iter().map(|exchange| {
            let exchange = Exchange {
                status,
                response: response.clone(),
                error: Some(failure.message.clone()),
                ..exchange
            };
            (exchange, Err(failure.clone()))
        });
        BulkResult::Each(each.collect(), sense)
    }

    /// To each its own.
    fn each(&mut self, operations: &[Value]) -> BulkResult {
        let (named, nameless) = told_apart(operations);
        let exchanges = std::mem::take(&mut self.exchanges);
        let mut any = false;
        let mut each = Vec::with_capacity(exchanges.len());
        for (part, mut exchange) in self.parts.iter().zip(exchanges) {
            let by_name = named.get(&part.id).filter(|operation| part.is_done_by(operation));
            let mine = by_name.or_else(|| nameless.iter().find(|operation| part.is_at(operation)));
            any |= mine.is_some();
            let result = match mine {
                Some(operation) => self.one(operation, &mut exchange),
                None => Err(Failure::unanswered(Message::new("target.bulk_unanswered"))),
            };
            let result = result.map_err(|failure| self.masked(failure));
            exchange.error = result.as_ref().err().map(|failure| failure.message.clone());
            each.push((exchange, result));
        }
        BulkResult::Each(each, if any { Sense::Fine } else { Sense::Useless })
    }

    fn one(&mut self, operation: &scim::Object, exchange: &mut Exchange) -> Result<Answer, Failure> {
        let response = member(operation, "response").filter(|response| !response.is_null());
        exchange.response = self.target.logged(response, "", &mut self.taken);
        let Some(status) = status(operation, response) else {
            return Err(Failure::unanswered(Message::new("target.bulk_no_status")));
        };
        exchange.status = Some(status);
        if !(200..300).contains(&status) {
            let (scim_type, detail) = dialect::error(response, "");
            return Err(Failure::of_answer(status, scim_type.as_deref(), &detail, None));
        }
        let location = member(operation, "location").and_then(Value::as_str);
        Ok(Answer {
            status,
            location: location.map(str::to_owned),
            body: response.cloned(),
        })
    }

    fn masked(&self, mut failure: Failure) -> Failure {
        for value in failure.message.params.values_mut() {
            mask_text(value, &self.taken);
        }
        failure
    }
}

fn envelope(dialect: Dialect, parts: &[Part]) -> String {
    let operations: Vec<_> = parts.iter().map(|part| part.text.as_str()).collect();
    let limit = dialect
        .fail_on_errors(parts.len())
        .map(|errors| format!(r#""failOnErrors":{errors},"#))
        .unwrap_or_default();
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],{limit}"{}":[{}]}}"#,
        dialect.bulk_key(),
        operations.join(",")
    )
}

/// The operations of an answer.
fn operations(body: &Value) -> Option<&Vec<Value>> {
    member(body.as_object()?, "Operations")?.as_array()
}

type ByName<'a> = HashMap<String, &'a scim::Object>;

/// By bulkId, and those that have none.
fn told_apart(operations: &[Value]) -> (ByName<'_>, Vec<&scim::Object>) {
    let (mut named, mut nameless) = (HashMap::new(), Vec::new());
    for operation in operations.iter().filter_map(Value::as_object) {
        let id = match member(operation, "bulkId") {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            _ => {
                nameless.push(operation);
                continue;
            }
        };
        named.entry(id).or_insert(operation);
    }
    (named, nameless)
}

/// The status of an operation; where it is missing, that of the error that it was answered with.
fn status(operation: &scim::Object, response: Option<&Value>) -> Option<u16> {
    let own = member(operation, "status").and_then(number);
    own.or_else(|| {
        let error = response?.as_object()?;
        number(member(error, "status")?).filter(|status| *status >= 400)
    })
}

fn number(status: &Value) -> Option<u16> {
    let number = match status {
        Value::Number(number) => u16::try_from(number.as_u64()?).ok(),
        Value::String(text) => {
            let text = text.trim();
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            text[..end].parse().ok()
        }
        Value::Object(status) => number(member(status, "code")?),
        _ => None,
    };
    number.filter(|number| (100..600).contains(number))
}

#[cfg(test)]
impl Part {
    /// Some change of the account with this id, or a creation.
    pub(crate) fn example(number: u64, id: Option<&str>) -> Self {
        let change = Change {
            method: id.map_or(Method::POST, |_| Method::PATCH),
            resources: super::exchange::Resources::Users,
            id: id.map(str::to_owned),
            body: Some(serde_json::json!({"userName": "anna"})),
            version: id.map(|_| "W/\"3\"".to_owned()),
        };
        Self::new(number, change)
    }
}

#[cfg(test)]
mod tests;

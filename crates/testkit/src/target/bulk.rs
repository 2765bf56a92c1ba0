//! Bulk requests (RFC 7644 §3.7), and how a target may go wrong with them.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Object;
use super::fault::Fault;
use super::protocol::{Answer, Refusal};
use super::request::Request;

/// A target's manners with bulk requests. The default has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each set by its name"
)]
pub struct BulkManners {
    /// `ServiceProviderConfig` says that there are bulk requests.
    pub announced: bool,
    /// What a bulk request is answered by a target that does not take any.
    pub refused: Option<u16>,
    /// Above either of them it is 413.
    pub max_operations: usize,
    pub max_payload: usize,
    /// Says nothing of the two.
    pub hides_limits: bool,
    /// `operations` in small letters, in the request and in the answer.
    pub small_letters: bool,
    pub status: StatusForm,
    /// An operation that succeeds is answered with its resource.
    pub bodies: bool,
    /// Operations are answered with their location.
    pub locations: bool,
    /// Only creations are answered with their bulkId.
    pub forgets_bulk_ids: bool,
    /// Answers in the opposite order.
    pub reversed: bool,
    /// Carries nothing out behind the first failure, whether or not that was asked for.
    pub stops_at_failure: bool,
}

/// How the status of an operation is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusForm {
    /// `"201"`, as RFC 7644 has it.
    #[default]
    Text,
    /// `201`.
    Number,
    /// `{"code": "201"}`, as the drafts had it.
    Code,
    Missing,
}

impl Default for BulkManners {
    fn default() -> Self {
        Self {
            announced: false,
            refused: Some(404),
            max_operations: 100,
            max_payload: 1 << 20,
            hides_limits: false,
            small_letters: false,
            status: StatusForm::Text,
            bodies: false,
            locations: true,
            forgets_bulk_ids: false,
            reversed: false,
            stops_at_failure: false,
        }
    }
}

impl BulkManners {
    /// Bulk requests as RFC 7644 has them, announced.
    pub fn offered() -> Self {
        Self {
            announced: true,
            refused: None,
            ..Self::default()
        }
    }

    fn key(&self) -> &'static str {
        if self.small_letters {
            "operations"
        } else {
            "Operations"
        }
    }

    pub(super) fn config(&self) -> Value {
        if self.hides_limits {
            return json!({"supported": self.announced});
        }
        json!({
            "supported": self.announced,
            "maxOperations": self.max_operations,
            "maxPayloadSize": self.max_payload,
        })
    }

    /// The operations of a bulk request.
    pub(super) fn operations(&self, request: &Request) -> Result<Vec<Operation>, Refusal> {
        if let Some(status) = self.refused {
            return Err(Refusal::plain(status, "there are no bulk requests here"));
        }
        if request.body.len() > self.max_payload {
            return Err(Refusal::plain(
                413,
                format!("more than {} bytes", self.max_payload),
            ));
        }
        let body = request.json()?;
        let operations = body[self.key()]
            .as_array()
            .ok_or_else(|| Refusal::new(400, "invalidSyntax", format!("expected {}", self.key())))?;
        if operations.len() > self.max_operations {
            let detail = format!("more than {} operations", self.max_operations);
            return Err(Refusal::plain(413, detail));
        }
        operations.iter().map(Operation::read).collect()
    }

    /// What one operation is answered.
    pub(super) fn outcome(&self, operation: &Operation, (path, answer): (&str, &Answer)) -> Value {
        let mut outcome = Object::new();
        outcome.insert("method".to_owned(), operation.method.as_str().into());
        let is_create = operation.method == Method::POST;
        if let Some(id) = operation
            .bulk_id
            .as_ref()
            .filter(|_| is_create || !self.forgets_bulk_ids)
        {
            outcome.insert("bulkId".to_owned(), id.as_str().into());
        }
        let succeeded = (200..300).contains(&answer.status);
        let made = answer
            .body
            .as_ref()
            .and_then(|body| body["meta"]["location"].as_str());
        let location = match made {
            Some(made) => Some(made),
            None if is_create => None,
            None => Some(path),
        };
        if let Some(location) = location.filter(|_| self.locations) {
            outcome.insert("location".to_owned(), location.into());
        }
        let status = answer.status.to_string();
        match self.status {
            StatusForm::Text => drop(outcome.insert("status".to_owned(), status.into())),
            StatusForm::Number => drop(outcome.insert("status".to_owned(), answer.status.into())),
            StatusForm::Code => drop(outcome.insert("status".to_owned(), json!({"code": status}))),
            StatusForm::Missing => {}
        }
        if let Some(body) = answer.body.as_ref().filter(|_| self.bodies || !succeeded) {
            outcome.insert("response".to_owned(), body.clone());
        }
        Value::Object(outcome)
    }

    pub(super) fn answer(&self, mut outcomes: Vec<Value>) -> Value {
        if self.reversed {
            outcomes.reverse();
        }
        let mut answer = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]});
        answer[self.key()] = outcomes.into();
        answer
    }
}

/// One operation of a bulk request.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) version: Option<String>,
    pub(super) data: Option<Value>,
    bulk_id: Option<String>,
}

impl Operation {
    fn read(operation: &Value) -> Result<Self, Refusal> {
        let wrong = |what: &str| Refusal::new(400, "invalidSyntax", what);
        let text = |name: &str| operation[name].as_str().map(str::to_owned);
        let method = text("method").ok_or_else(|| wrong("an operation has no method"))?;
        let read = Self {
            method: method.parse().map_err(|_| wrong("that is no method"))?,
            path: text("path").ok_or_else(|| wrong("an operation has no path"))?,
            version: text("version"),
            data: operation.get("data").cloned(),
            bulk_id: text("bulkId"),
        };
        if read.method == Method::POST && read.bulk_id.is_none() {
            return Err(wrong("a POST needs a bulkId"));
        }
        Ok(read)
    }

    /// The same as a request of its own.
    pub(super) fn alone(&self, bulk: &Request, prefix: &str) -> Request {
        Request {
            method: self.method.clone(),
            path: format!("{prefix}{}", self.path),
            query: None,
            host: bulk.host.clone(),
            authorization: bulk.authorization.clone(),
            if_match: self.version.clone(),
            body: self.data.as_ref().map(Value::to_string).unwrap_or_default(),
        }
    }
}

/// What of a fault can happen to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Not carried out; answered with this status.
    Refused(u16),
    /// Not carried out, and not answered.
    Lost,
    /// Carried out, and not answered.
    Unanswered,
    /// Carried out; neither status nor location nor resource is answered.
    Bare,
}

impl Mishap {
    pub(super) fn of(fault: &Fault) -> Option<Self> {
        match fault {
            Fault::Status { status, .. } => Some(Self::Refused(*status)),
            Fault::DropBeforeCommit => Some(Self::Lost),
            Fault::DropAfterCommit => Some(Self::Unanswered),
            Fault::Garbage | Fault::Empty => Some(Self::Bare),
            _ => None,
        }
    }
}

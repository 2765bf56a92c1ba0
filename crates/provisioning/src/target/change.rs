//! A change of an account or a group: one request (RFC 7644 §3.3, §3.5.1, §3.5.2, §3.6), which travels alone or as an
//! operation of a bulk request.

use std::sync::Arc;

use base::Message;
use outbound::{Method, header};
use serde_json::Value;

use super::admission::Admission;
use super::answer;
use super::client::{Answer, Extra, Target};
use super::exchange::{Exchange, Resources};
use super::failure::Failure;
use super::url;
use crate::plan::Request;

/// A change, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(super) method: Method,
    pub(super) resources: Resources,
    /// `None`: it creates one.
    pub(super) id: Option<String>,
    pub(super) body: Option<Value>,
    /// Only in place of this version.
    pub(super) version: Option<String>,
}

impl Change {
    /// Below the target's base URL.
    pub(super) fn path(&self) -> String {
        let endpoint = self.resources.endpoint();
        match &self.id {
            Some(id) => format!("/{endpoint}/{}", url::encode(id)),
            None => format!("/{endpoint}"),
        }
    }

    pub(crate) fn is_replacement(&self) -> bool {
        self.method == Method::PUT
    }

    /// Whether both are about the same account.
    pub(crate) fn touches(&self, other: &Self) -> bool {
        self.id.is_some() && self.resources == other.resources && self.id == other.id
    }
}

impl Target {
    /// What is sent for a planned request. A replacement may be for one version only.
    pub(crate) fn change(&self, request: &Request, version: Option<&str>) -> Change {
        let (method, id) = match request {
            Request::Create { .. } => (Method::POST, None),
            Request::Patch { target, .. } => (Method::PATCH, Some(target)),
            Request::Put { target, .. } => (Method::PUT, Some(target)),
            Request::Delete { target } => (Method::DELETE, Some(target)),
        };
        Change {
            method,
            resources: self.resources,
            id: id.cloned(),
            body: request.body(),
            version: version.map(str::to_owned),
        }
    }

    /// Sends it alone, once it is let out.
    pub(crate) async fn send_change(
        &self,
        admission: Option<Arc<dyn Admission>>,
        change: &Change,
        log: &mut Vec<Exchange>,
    ) -> Result<Answer, Failure> {
        let version = change.version.as_deref();
        let condition = version.and_then(|version| header::HeaderValue::from_str(version).ok());
        let extra = Extra {
            header: condition.map(|version| (header::IF_MATCH, version)),
            members: None,
            admission,
        };
        let url = self
            .base
            .resource(change.resources.endpoint(), change.id.as_deref());
        self.send_with((change.method.clone(), url), change.body.clone(), extra, log)
            .await
    }
}

impl Answer {
    /// The id of what was created.
    pub(crate) fn created(&self) -> Result<String, Failure> {
        let body = self.body.as_ref().and_then(Value::as_object);
        body.and_then(answer::id)
            .or_else(|| self.location.as_deref().and_then(last_segment))
            .ok_or_else(|| Failure::garbage(self.status, Message::new("target.no_id")))
    }
}

/// The id at the end of a location.
pub(super) fn last_segment(location: &str) -> Option<String> {
    let path = location.split(['?', '#']).next()?;
    let segment = path.trim_end_matches('/').rsplit('/').next()?;
    let id = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
    (!matches!(&*id, "Users" | "Groups") && answer::is_segment(&id)).then(|| id.into_owned())
}

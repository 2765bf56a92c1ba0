//! What is asked of a target, and what comes of it.

use base::Message;
use outbound::{Method, Url};
use scim::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::member;

/// One request and its answer, for the log. Never holds the token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub method: String,
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// JSON if it is JSON, else its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Message>,
    pub duration_ms: u64,
    /// How many operations the bulk request had in which it travelled; `None`: it was sent alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk: Option<u64>,
    /// How many accounts were looked for in the request of which this is a part; `None`: it was sent alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_ups: Option<u64>,
}

impl Exchange {
    /// Whether it was a request of its own.
    pub(crate) fn is_alone(&self) -> bool {
        self.bulk.is_none() && self.look_ups.is_none()
    }
}

impl Exchange {
    /// Not yet answered.
    pub(super) fn new(method: &Method, url: &Url) -> Self {
        Self {
            method: method.to_string(),
            url: url.to_string(),
            request: None,
            status: None,
            response: None,
            error: None,
            duration_ms: 0,
            bulk: None,
            look_ups: None,
        }
    }
}

/// An account that was found or made.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub id: String,
    pub resource: Object,
}

impl Found {
    /// The version that the target says it has (`meta.version`, RFC 7644 §3.14).
    pub(crate) fn version(&self) -> Option<&str> {
        member(member(&self.resource, "meta")?.as_object()?, "version")?.as_str()
    }
}

/// Which resources of a target are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resources {
    Users,
    Groups,
}

impl Resources {
    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Groups => "Groups",
        }
    }

    /// What a reader need not be sent: a group may have a hundred thousand members.
    pub(super) fn excluded(self) -> Option<&'static str> {
        match self {
            Self::Users => None,
            Self::Groups => Some("members"),
        }
    }
}

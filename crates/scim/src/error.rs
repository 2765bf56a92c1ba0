//! The SCIM Error (RFC 7644 §3.12).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::message;
use crate::syntax::SyntaxError;

/// What was wrong with a request, as RFC 7644 §3.12 (table 9) and RFC 9865 §2.1 name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ScimType {
    InvalidFilter,
    TooMany,
    Uniqueness,
    Mutability,
    InvalidSyntax,
    InvalidPath,
    NoTarget,
    InvalidValue,
    InvalidVers,
    Sensitive,
    InvalidCursor,
    ExpiredCursor,
    InvalidCount,
}

impl ScimType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal, ready to be sent: the HTTP status, the kind where the RFC has one, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    pub status: u16,
    pub scim_type: Option<ScimType>,
    pub detail: String,
}

impl Error {
    /// A refusal for which the RFC has no `scimType`.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: None,
            detail: detail.into(),
        }
    }

    fn typed(status: u16, scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: Some(scim_type),
            detail: detail.into(),
        }
    }

    pub fn invalid_filter(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::InvalidFilter, detail)
    }

    pub fn invalid_path(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::InvalidPath, detail)
    }

    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::InvalidValue, detail)
    }

    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::InvalidSyntax, detail)
    }

    pub fn no_target(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::NoTarget, detail)
    }

    pub fn mutability(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::Mutability, detail)
    }

    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::TooMany, detail)
    }

    pub fn invalid_vers(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::InvalidVers, detail)
    }

    pub fn invalid_cursor(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::InvalidCursor, detail)
    }

    pub fn expired_cursor(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::ExpiredCursor, detail)
    }

    pub fn invalid_count(detail: impl Into<String>) -> Self {
        Self::typed(400, ScimType::InvalidCount, detail)
    }

    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self::typed(409, ScimType::Uniqueness, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, detail)
    }

    pub fn version_mismatch(detail: impl Into<String>) -> Self {
        Self::new(412, detail)
    }

    /// A filter that does not parse: the detail says where.
    pub fn filter_syntax(error: &SyntaxError) -> Self {
        Self::invalid_filter(format!("The filter is wrong {error}"))
    }

    /// A path that does not parse: the detail says where.
    pub fn path_syntax(path: &str, error: &SyntaxError) -> Self {
        Self::invalid_path(format!("The path {path:?} is wrong {error}"))
    }

    /// The error message body; `status` is a string there.
    pub fn to_json(&self) -> Value {
        let mut body = json!({
            "schemas": [message::ERROR],
            "status": self.status.to_string(),
        });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = scim_type.as_str().into();
        }
        body["detail"] = self.detail.as_str().into();
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_status_as_a_string() {
        let body = Error::uniqueness("userName is taken").to_json();
        assert_eq!(
            body,
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": "409",
                "scimType": "uniqueness",
                "detail": "userName is taken",
            })
        );
    }

    #[test]
    fn leaves_out_a_kind_that_the_rfc_does_not_have() {
        let body = Error::not_found("no such user").to_json();
        assert_eq!(body.get("scimType"), None);
        assert_eq!(body["status"], "404");
    }

    #[test]
    fn names_are_those_of_the_wire() {
        for kind in [ScimType::InvalidVers, ScimType::NoTarget, ScimType::ExpiredCursor] {
            assert_eq!(serde_json::to_value(kind).expect("a string"), kind.as_str());
        }
    }
}

//! What can come of an answer.

use base::{IdentityProviderId, SamlTraceId, Timestamp, UserId};
use saml::message::NameId;
use saml::webex_error::WebexError;
use serde::{Deserialize, Serialize};

use crate::Action;

/// Why somebody was not let in: as Webex numbers it, and in our words, for administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub error: WebexError,
    pub reason: String,
}

impl Fault {
    pub fn new(error: WebexError, reason: impl Into<String>) -> Self {
        Self {
            error,
            reason: reason.into(),
        }
    }
}

/// What an identity provider has said of somebody who may come in: kept with the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    pub provider: IdentityProviderId,
    pub name_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_id_format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_qualifier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sp_name_qualifier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_index: Option<String>,
    /// The class that the sign-in was of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// When the identity provider had it shown who that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticated: Option<Timestamp>,
    /// Whether the organization has attendees signed in so.
    #[serde(default)]
    pub attendee: bool,
}

impl Vouched {
    pub(super) fn name(&self) -> NameId {
        NameId {
            value: self.name_id.clone(),
            format: self.name_id_format.clone(),
            name_qualifier: self.name_qualifier.clone(),
            sp_name_qualifier: self.sp_name_qualifier.clone(),
            sp_provided_id: None,
        }
    }
}

/// Somebody who may come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    pub user: UserId,
    pub vouched: Vouched,
    /// When the person was authenticated.
    pub authenticated: Timestamp,
    /// Until when the identity provider's word holds.
    pub until: Option<Timestamp>,
    /// The identity provider is believed to have asked for a second factor.
    pub trusts_second_factor: bool,
    /// A hash of what the browser held that asked; none: nobody asked.
    pub browser: Option<Vec<u8>>,
    /// Where to, if it is a page that one can be sent to.
    pub target: Option<String>,
}

/// What shows that somebody is where he or she is by an identity provider's doing, and not by a form of anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    None,
    /// It is about a request of ours: this is a hash of what the browser held that asked.
    Asked(Vec<u8>),
    /// The identity provider has signed it.
    Signed,
}

/// Somebody is not let in, or a sign-out was not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub fault: Fault,
    /// The organization's own page for errors. Whether somebody is sent there follows from `proof`: else our name would be good
    /// for leading anybody anywhere.
    pub error_url: Option<String>,
    pub proof: Proof,
    pub trace: Option<SamlTraceId>,
    /// Of what: of a sign-in, a test, or a sign-out.
    pub action: Action,
}

/// A test went well: nobody is let in by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    pub provider: IdentityProviderId,
    pub trace: SamlTraceId,
    /// A hash of what the browser held that asked.
    pub browser: Option<Vec<u8>>,
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    Welcome(Box<Welcome>),
    Passed(Passed),
    Refused(Refused),
}

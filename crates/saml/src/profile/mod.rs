//! Judging what comes in and making what goes out, at either end (SAML profiles §4.1, §4.4).
//!
//! Whatever judges returns what it found, or why not, and beside it a trace: every check that was made, with its outcome.

pub mod identity_provider;
pub mod logout;
pub mod service_provider;

mod assertion;
mod trace;

pub(crate) use trace::Trace;
pub use trace::{AnswerTo, Check, CheckCode, Judgement, Outcome, Refusal};

use std::time::Duration;

use base::Timestamp;

use crate::names::ns;
use crate::xml::{Document, Error, Limits, Node};

/// When it is, and by how much another clock may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    pub now: Timestamp,
    pub skew: Duration,
}

impl Clock {
    /// Whether a time from which something holds has come.
    pub(crate) fn has_begun(self, not_before: Timestamp) -> bool {
        not_before <= self.now + self.skew
    }

    /// Whether a time until which something holds has not come yet.
    pub(crate) fn has_not_ended(self, not_on_or_after: Timestamp) -> bool {
        self.now < not_on_or_after + self.skew
    }
}

/// What a message says of itself, before anything is believed: to find out who must have sent it, and which request it
/// may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// `AuthnRequest`, `Response`, `LogoutRequest`, `LogoutResponse`, …
    pub message: String,
    pub id: Option<String>,
    pub issuer: Option<String>,
    pub in_response_to: Option<String>,
}

/// Reads the label of a message. Nothing of it is to be believed.
pub fn label(xml: &str) -> Result<Label, Error> {
    let document = Document::parse(xml, Limits::MESSAGE)?;
    let root = document.root();
    let issuer_of = |node: Node<'_>| -> Result<Option<String>, Error> {
        let issuer = node.child(ns::ASSERTION, "Issuer")?;
        issuer.map(Node::text).transpose()
    };
    let mut issuer = issuer_of(root)?;
    if issuer.is_none()
        && let Some(assertion) = root.children(ns::ASSERTION, "Assertion").next()
    {
        issuer = issuer_of(assertion)?;
    }
    Ok(Label {
        message: root.local_name().to_owned(),
        id: root.attr("ID").map(str::to_owned),
        issuer,
        in_response_to: root.attr("InResponseTo").map(str::to_owned),
    })
}

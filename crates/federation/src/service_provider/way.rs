//! What becomes known of an answer on its way, step by step, and why the way can end early.

use base::UserId;
use saml::profile::{Check, CheckCode, Outcome as Checked};
use saml::webex_error::WebexError;

use super::routes::Voucher;
use super::{Error, Fault, Proof, Provider};
use crate::{Action, End, NewTrace, Outcome, Peer, TracedCheck, TracedMessage};

/// What has become known on the way, for the trace.
#[derive(Default)]
pub(super) struct Way {
    pub provider: Option<Provider>,
    pub test: bool,
    pub user: Option<UserId>,
    pub subject: Option<String>,
    pub checks: Vec<TracedCheck>,
    pub messages: Vec<TracedMessage>,
    /// A signature of the identity provider has been verified.
    pub signed: bool,
    /// Of the request of ours that it is about: what the browser held that asked, hashed.
    pub browser: Option<Vec<u8>>,
}

impl Way {
    /// The trace of it, into which goes what has been seen.
    pub fn trace(&mut self, action: Action, outcome: Outcome) -> NewTrace {
        NewTrace {
            end: End::ServiceProvider,
            action,
            outcome,
            peer: self.provider.as_ref().map(|one| Peer::IdentityProvider(one.id)),
            user: self.user,
            subject: self.subject.clone(),
            code: None,
            message: None,
            messages: std::mem::take(&mut self.messages),
            checks: std::mem::take(&mut self.checks),
        }
    }

    /// The identity provider, as what is asked about it. One that is tested is not switched on yet.
    pub fn voucher(&self, provider: &Provider) -> Voucher {
        Voucher {
            provider: provider.id,
            tested: self.test,
        }
    }

    /// What the judge of a message has seen.
    pub fn judged(&mut self, checks: &[Check]) {
        let is_signature =
            |check: &&Check| matches!(check.code, CheckCode::Signature | CheckCode::InnerSignature);
        let mut signatures = checks.iter().filter(is_signature);
        self.signed |= signatures.any(|check| check.outcome == Checked::Passed);
        self.checks.extend(checks.iter().map(TracedCheck::from));
    }

    pub fn proof(&self) -> Proof {
        match &self.browser {
            _ if self.signed => Proof::Signed,
            Some(browser) => Proof::Asked(browser.clone()),
            None => Proof::None,
        }
    }

    pub fn note(&mut self, check: &str, passed: bool, detail: impl Into<String>) {
        self.checks.push(TracedCheck {
            check: check.to_owned(),
            outcome: if passed { "passed" } else { "failed" }.to_owned(),
            detail: detail.into(),
        });
    }

    /// A step that did not go well.
    pub fn fail(&mut self, check: &str, error: WebexError, reason: impl Into<String>) -> Stop {
        let reason = reason.into();
        self.note(check, false, reason.clone());
        Stop::Fault(Fault::new(error, reason))
    }
}

/// Why the way ends early.
pub(super) enum Stop {
    Fault(Fault),
    Error(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

//! What is kept of how a sign-in went.

use access::Visitor;
use base::{Cause, UserId};
use federation::{Action, Direction, End, NewTrace, Outcome, Peer, TracedCheck, TracedMessage};

use super::place::Place;
use crate::State;

/// A trace in the making.
pub(super) struct Traced<'t> {
    pub(super) user: Option<UserId>,
    pub(super) subject: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) messages: Vec<TracedMessage>,
    pub(super) checks: &'t [TracedCheck],
    pub(super) outcome: Outcome,
}

impl<'t> Traced<'t> {
    pub(super) fn new(outcome: Outcome, checks: &'t [TracedCheck]) -> Self {
        Self {
            user: None,
            subject: None,
            code: None,
            message: None,
            messages: Vec::new(),
            checks,
            outcome,
        }
    }

    pub(super) fn of(mut self, visitor: &Visitor) -> Self {
        self.user = Some(visitor.user);
        self
    }

    pub(super) fn because(mut self, code: &str, message: &str) -> Self {
        self.code = Some(code.to_owned());
        self.message = Some(message.to_owned());
        self
    }

    pub(super) fn with(
        mut self,
        direction: Direction,
        binding: &str,
        xml: Option<&str>,
        relay_state: Option<&str>,
    ) -> Self {
        self.messages.extend(xml.map(|xml| TracedMessage {
            direction,
            binding: binding.to_owned(),
            xml: xml.to_owned(),
            relay_state: relay_state.map(str::to_owned),
        }));
        self
    }

    /// Keeps it. Nobody is kept out because that fails.
    pub(super) async fn keep(self, state: &State, cause: &Cause, place: &Place, action: Action) {
        let trace = NewTrace {
            end: End::IdentityProvider,
            action,
            outcome: self.outcome,
            peer: Some(Peer::App(place.app.id)),
            user: self.user,
            subject: self.subject,
            code: self.code,
            message: self.message,
            messages: self.messages,
            checks: self.checks.to_vec(),
        };
        if let Err(error) = state.federation.keep_trace(cause, place.org, trace).await {
            tracing::warn!(%error, "how a sign-in went was not kept");
        }
    }
}

//! What is kept of how a sign-in went.

use access::Visitor;
use base::{Cause, SamlTraceId, UserId};
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
    /// That of when it was under way.
    pub(super) under_way: Option<SamlTraceId>,
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
            under_way: None,
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
        let (federation, org, under_way) = (&state.federation, place.org, self.under_way);
        let trace = self.finished(place, action);
        let kept = match under_way {
            Some(id) => federation.keep_trace_instead(cause, org, id, trace).await,
            None => federation.keep_trace(cause, org, trace).await,
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "how a sign-in went was not kept");
        }
    }

    /// Keeps it until it is known how it ends.
    pub(super) async fn begin(self, state: &State, cause: &Cause, place: &Place, id: SamlTraceId) {
        let trace = self.finished(place, Action::SignIn);
        let begun = state.federation.keep_under_way(cause, place.org, id, trace);
        if let Err(error) = begun.await {
            tracing::warn!(%error, "that a sign-in has begun was not kept");
        }
    }

    fn finished(self, place: &Place, action: Action) -> NewTrace {
        NewTrace {
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
        }
    }
}

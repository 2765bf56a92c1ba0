//! Single logout, at either end (SAML profiles §4.4): both ask, both answer.

use std::time::Duration;

use super::identity_provider::{is_signed, judge_destination, judge_issued};
use super::{CheckCode, Clock, Judgement, Trace};
use crate::binding::Incoming;
use crate::message::{Head, LogoutRequest, LogoutResponse};
use crate::security::{Algorithms, Certificate};
use crate::xml::{Document, Error, Limits, Node, format_time};

/// The other side, and what is demanded of it.
#[derive(Debug, Clone, Copy)]
pub struct Peer<'p> {
    pub clock: Clock,
    pub entity_id: &'p str,
    pub certificates: &'p [Certificate],
    pub algorithms: &'p Algorithms,
    /// The address that the message came in at.
    pub location: &'p str,
    /// Refuse what is not signed. The standard demands it; some products do not do it.
    pub signed: bool,
    pub longest_age: Duration,
}

/// Judges a request to end sessions. Whose those are is for the caller to find.
pub fn judge_request(incoming: &Incoming, peer: Peer<'_>) -> Judgement<LogoutRequest> {
    let mut trace = Trace::default();
    let found = judge(incoming, peer, &mut trace, LogoutRequest::read, |request| {
        &request.head
    });
    if let Some(request) = &found {
        match request.not_on_or_after {
            Some(time) => {
                trace.check(
                    CheckCode::NotOnOrAfter,
                    peer.clock.has_not_ended(time),
                    format_time(time),
                );
            }
            None => trace.skip(CheckCode::NotOnOrAfter, "none"),
        }
    }
    trace.end(found)
}

/// Which request of ours an answer names, before anything of it is judged.
pub fn answered_request(incoming: &Incoming) -> Option<String> {
    let document = Document::parse(&incoming.xml, Limits::MESSAGE).ok()?;
    LogoutResponse::read(document.root()).ok()?.in_response_to
}

/// Judges the answer to our request `request_id`. How it went stands in its status, which may well not be success.
pub fn judge_response(incoming: &Incoming, peer: Peer<'_>, request_id: &str) -> Judgement<LogoutResponse> {
    let mut trace = Trace::default();
    let found = judge(incoming, peer, &mut trace, LogoutResponse::read, |response| {
        &response.head
    });
    if let Some(response) = &found {
        let answered = response.in_response_to.as_deref();
        trace.check(
            CheckCode::InResponseTo,
            answered == Some(request_id),
            answered.unwrap_or("none"),
        );
    }
    trace.end(found)
}

fn judge<T>(
    incoming: &Incoming,
    peer: Peer<'_>,
    trace: &mut Trace,
    read: impl FnOnce(Node<'_>) -> Result<T, Error>,
    head: impl FnOnce(&T) -> &Head,
) -> Option<T> {
    let document = match Document::parse(&incoming.xml, Limits::MESSAGE) {
        Ok(document) => document,
        Err(error) => {
            trace.fail(CheckCode::Parse, Some(error.code()), error.to_string());
            return None;
        }
    };
    trace.check(CheckCode::Parse, true, format!("{} bytes", incoming.xml.len()));
    let root = document.root();
    let message = match read(root) {
        Ok(message) => message,
        Err(error) => {
            trace.fail(CheckCode::Form, Some(error.code()), error.to_string());
            return None;
        }
    };
    let head = head(&message);
    trace.check(
        CheckCode::Form,
        true,
        format!("{} {}", root.local_name(), head.id),
    );
    let issuer = head.issuer.as_deref().unwrap_or("none");
    if !trace.check(CheckCode::Issuer, issuer == peer.entity_id, issuer) {
        return None;
    }
    let was_signed = is_signed(
        incoming,
        root,
        &document,
        peer.certificates,
        peer.algorithms,
        trace,
    )?;
    if peer.signed {
        trace.check(
            CheckCode::MessageSigned,
            was_signed,
            if was_signed { "signed" } else { "not signed" },
        );
    } else {
        trace.skip(CheckCode::MessageSigned, "not asked for");
    }
    judge_destination(head.destination.as_deref(), peer.location, was_signed, trace);
    judge_issued(head.issued, peer.clock, peer.longest_age, trace);
    Some(message)
}

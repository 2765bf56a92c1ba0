//! What went wrong with a request, told apart by what is to be done about it.

use std::time::Duration;

use base::Message;
use outbound::Sent;

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 401, or 403 to a search: nothing else will work either.
    Refused,
    /// 409, or `uniqueness`: somebody has that key.
    Conflict,
    /// 404 (or 410).
    NotFound,
    /// 400 `invalidFilter`: the target cannot search by that.
    Filter,
    /// 405 or 501: the target does not have this method.
    Unsupported,
    /// 412: the resource is not what it was when it was read.
    Changed,
    /// 400 `noTarget`: the element that the path names is not there.
    NoTarget,
    /// 429, or 503 with `Retry-After`: later, and everything later.
    Throttled,
    /// Any other 4xx: this request will not work as it is.
    Rejected,
    /// 5xx, or 408: perhaps later.
    Broken,
    /// An answer that is no SCIM: the base URL is wrong, or the target is broken.
    Garbage,
    /// Nothing was sent: no route, no name, no TLS, refused by our own rules.
    Unreachable,
    /// It was sent, in part at least, and no answer came.
    NoAnswer,
    /// It was not let out.
    Unsent(Unsent),
}

/// Why a request was not let out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unsent {
    /// Nothing is sent to this target at the moment.
    Shut,
    /// The answer would come when nobody may do anything about it any more.
    TooLate,
}

/// A request that did not do what it was sent for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub kind: Kind,
    pub status: Option<u16>,
    pub message: Message,
    /// What the target asks for.
    pub retry_after: Option<Duration>,
}

impl Kind {
    /// What an answer with this status and `Retry-After` is, whatever its body says.
    pub(super) fn of(status: u16, retry_after: Option<Duration>) -> Self {
        kind_of(status, None, retry_after).0
    }
}

impl Failure {
    pub(super) fn of_answer(
        status: u16,
        scim_type: Option<&str>,
        detail: &str,
        retry_after: Option<Duration>,
    ) -> Self {
        let (kind, code) = kind_of(status, scim_type, retry_after);
        let mut message = Message::new(code).with("status", status);
        if !detail.is_empty() {
            message = message.with("detail", detail);
        }
        Self {
            kind,
            status: Some(status),
            message,
            retry_after,
        }
    }

    pub(super) fn garbage(status: u16, message: Message) -> Self {
        Self {
            kind: Kind::Garbage,
            status: Some(status),
            message: message.with("status", status),
            retry_after: None,
        }
    }

    /// Not let out.
    pub(super) fn unsent(why: Unsent) -> Self {
        Self {
            kind: Kind::Unsent(why),
            status: None,
            message: Message::new("target.unsent"),
            retry_after: None,
        }
    }

    /// Sent, and not answered in a way that says what came of it.
    pub(crate) fn unanswered(message: Message) -> Self {
        Self {
            kind: Kind::NoAnswer,
            status: None,
            message,
            retry_after: None,
        }
    }

    /// Whether the target may have carried the request out all the same. Whoever asks to be sent less may have, too; but
    /// not if it was never asked, for want of a token.
    pub fn in_doubt(&self) -> bool {
        match self.kind {
            Kind::NoAnswer | Kind::Garbage | Kind::Broken => true,
            Kind::Throttled => self.status.is_some(),
            _ => false,
        }
    }

    /// The same as the answer to a change, or to a question for one account: a 403 may concern this one account only.
    pub(crate) fn of_one(mut self) -> Self {
        if self.status == Some(403) {
            self.kind = Kind::Rejected;
            "target.forbidden".clone_into(&mut self.message.code);
        }
        self
    }

    /// Whether it would be the same for everybody at this target.
    pub(crate) fn is_everybodys(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Refused | Kind::Unreachable)
    }

    /// Whether trying again without any change may help.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.kind,
            Kind::Throttled
                | Kind::Broken
                | Kind::Garbage
                | Kind::Unreachable
                | Kind::NoAnswer
                | Kind::Changed
        )
    }
}

fn kind_of(status: u16, scim_type: Option<&str>, retry_after: Option<Duration>) -> (Kind, &'static str) {
    let is = |name: &str| scim_type.is_some_and(|given| given.eq_ignore_ascii_case(name));
    match status {
        401 | 403 => (Kind::Refused, "target.refused"),
        404 | 410 => (Kind::NotFound, "target.not_found"),
        409 => (Kind::Conflict, "target.conflict"),
        400 if is("uniqueness") => (Kind::Conflict, "target.conflict"),
        400 if is("noTarget") => (Kind::NoTarget, "target.no_target"),
        400 if is("invalidFilter") => (Kind::Filter, "target.filter_refused"),
        405 | 501 => (Kind::Unsupported, "target.unsupported"),
        412 => (Kind::Changed, "target.changed"),
        429 => (Kind::Throttled, "target.throttled"),
        503 | 423 if retry_after.is_some() => (Kind::Throttled, "target.throttled"),
        408 | 423 | 425 | 500.. => (Kind::Broken, "target.broken"),
        300..400 => (Kind::Garbage, "target.redirect"),
        100..300 => (Kind::Garbage, "target.unexpected"),
        _ => (Kind::Rejected, "target.rejected"),
    }
}

impl From<outbound::Error> for Failure {
    fn from(error: outbound::Error) -> Self {
        use outbound::Error;
        let code = match &error {
            Error::Url(_) => "target.url",
            Error::Refused { .. } => "target.address_refused",
            Error::Dns { .. } => "target.dns",
            Error::Connect { .. } => "target.down",
            Error::Tls { .. } => "target.tls",
            Error::Timeout { .. } => "target.timeout",
            Error::Lost { .. } => "target.lost",
            Error::TooLarge { .. } => "target.too_large",
            Error::Setup(_) => "target.client",
        };
        let kind = match error.sent() {
            Sent::No => Kind::Unreachable,
            Sent::Perhaps => Kind::NoAnswer,
        };
        Self {
            kind,
            status: None,
            message: Message::new(code).with("detail", error),
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_kind() {
        let wait = Some(Duration::from_secs(1));
        for (status, scim_type, retry_after, kind) in [
            (401, None, None, Kind::Refused),
            (403, None, None, Kind::Refused),
            (404, None, None, Kind::NotFound),
            (410, None, None, Kind::NotFound),
            (409, Some("uniqueness"), None, Kind::Conflict),
            (400, Some("uniqueness"), None, Kind::Conflict),
            (400, Some("noTarget"), None, Kind::NoTarget),
            (400, Some("invalidValue"), None, Kind::Rejected),
            (400, None, None, Kind::Rejected),
            (400, Some("invalidFilter"), None, Kind::Filter),
            (405, None, None, Kind::Unsupported),
            (501, None, None, Kind::Unsupported),
            (412, None, None, Kind::Changed),
            (408, None, None, Kind::Broken),
            (423, None, None, Kind::Broken),
            (423, None, wait, Kind::Throttled),
            (429, None, None, Kind::Throttled),
            (429, None, wait, Kind::Throttled),
            (500, None, wait, Kind::Broken),
            (502, None, None, Kind::Broken),
            (503, None, None, Kind::Broken),
            (503, None, wait, Kind::Throttled),
            (302, None, None, Kind::Garbage),
        ] {
            let failure = Failure::of_answer(status, scim_type, "why", retry_after);
            assert_eq!(failure.kind, kind, "{status} {scim_type:?} {retry_after:?}");
            assert_eq!(failure.message.params["detail"], "why");
        }
    }
}

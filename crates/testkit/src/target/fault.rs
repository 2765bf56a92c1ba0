//! Faults by rule: which request, what happens to it, how often.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a hook is told about the request that was just committed.
#[derive(Debug, Clone)]
pub struct HookCall {
    /// The request's number in the journal, from 1.
    pub number: u64,
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
}

type HookFn = dyn Fn(HookCall) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// Code of the test that runs between a commit and its answer.
#[derive(Clone)]
pub struct Hook(Arc<HookFn>);

impl Hook {
    pub fn new<F, R>(call: F) -> Self
    where
        F: Fn(HookCall) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move |about| Box::pin(call(about))))
    }

    pub(super) fn call(&self, about: HookCall) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        (self.0)(about)
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook(..)")
    }
}

/// The two forms of RFC 9110 §10.2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    Seconds(u64),
    /// Sent as an HTTP date this many seconds from now.
    DateIn(u64),
}

/// What becomes of the connection of a request that is committed late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateClose {
    /// It stays open and silent until the client gives up.
    #[default]
    Never,
    /// It is dropped at once.
    AtOnce,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Fault {
    /// Not committed; answered with this status and a SCIM error.
    Status {
        status: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
    },
    /// Answered with this status and a SCIM error at once, and committed all the same, after this long.
    StatusAndCommit {
        status: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
        millis: u64,
    },
    /// Not committed; answered with this status, and an error that repeats the credentials that were sent.
    Echo { status: u16 },
    /// Committed and answered, but only after this long.
    Delay { millis: u64 },
    /// Committed at once, answered after this long.
    SlowAnswer { millis: u64 },
    /// The connection is dropped and nothing is committed.
    DropBeforeCommit,
    /// Committed, and the connection is dropped without an answer.
    DropAfterCommit,
    /// Committed, then the hook runs to its end, then the answer goes out.
    #[serde(skip)]
    CommitThenCall { hook: Hook },
    /// No answer ever; committed after this long.
    LateCommit {
        millis: u64,
        #[serde(default)]
        close: LateClose,
    },
    /// Committed; the status is right, the body is not JSON.
    Garbage,
    /// Not committed; an HTML page such as a proxy sends.
    Html { status: u16 },
    /// Committed; the status is right, the body is empty.
    Empty,
}

impl Fault {
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            retry_after: None,
        }
    }

    pub fn throttled(seconds: u64) -> Self {
        Self::Status {
            status: 429,
            retry_after: Some(RetryAfter::Seconds(seconds)),
        }
    }

    pub fn late_commit(after: Duration) -> Self {
        Self::LateCommit {
            millis: u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
            close: LateClose::AtOnce,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::StatusAndCommit { .. } => "status_and_commit",
            Self::Echo { .. } => "echo",
            Self::Delay { .. } => "delay",
            Self::SlowAnswer { .. } => "slow_answer",
            Self::DropBeforeCommit => "drop_before_commit",
            Self::DropAfterCommit => "drop_after_commit",
            Self::CommitThenCall { .. } => "commit_then_call",
            Self::LateCommit { .. } => "late_commit",
            Self::Garbage => "garbage",
            Self::Html { .. } => "html",
            Self::Empty => "empty",
        }
    }
}

/// A fault and the requests that it hits. Every rule counts the requests that fit it; of several that are due, the
/// first one strikes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// `POST`, `PATCH`, …; any if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A part of path and query, as sent; any if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A part of the body's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Only this one of the requests that fit, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Every so many of the requests that fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// At most so often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    pub fault: Fault,
}

impl Rule {
    /// A rule for requests of this method whose path and query contain `path`; complete it with [`Rule::then`].
    pub fn on(method: &str, path: &str) -> Self {
        Self {
            method: Some(method.to_owned()),
            path: Some(path.to_owned()),
            body: None,
            nth: None,
            every: None,
            times: None,
            fault: Fault::status(503),
        }
    }

    /// A rule for all requests.
    pub fn always(fault: Fault) -> Self {
        Self {
            method: None,
            path: None,
            body: None,
            nth: None,
            every: None,
            times: None,
            fault,
        }
    }

    #[must_use]
    pub fn containing(mut self, text: &str) -> Self {
        self.body = Some(text.to_owned());
        self
    }

    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    #[must_use]
    pub fn every(mut self, every: u64) -> Self {
        self.every = Some(every);
        self
    }

    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    #[must_use]
    pub fn then(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }
}

/// A rule and how often it fitted and struck.
#[derive(Debug)]
pub(super) struct Armed {
    rule: Rule,
    fitted: u64,
    struck: u64,
}

impl Armed {
    pub(super) fn new(rule: Rule) -> Self {
        Self {
            rule,
            fitted: 0,
            struck: 0,
        }
    }

    /// Counts the request if it fits; whether the rule is to strike it.
    fn due(&mut self, method: &Method, target: &str, body: &str) -> bool {
        let rule = &self.rule;
        let fits = rule
            .method
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && rule.path.as_deref().is_none_or(|part| target.contains(part))
            && rule.body.as_deref().is_none_or(|part| body.contains(part));
        if !fits {
            return false;
        }
        self.fitted += 1;
        rule.nth.is_none_or(|nth| nth == self.fitted)
            && rule
                .every
                .is_none_or(|every| every != 0 && self.fitted.is_multiple_of(every))
            && rule.times.is_none_or(|times| self.struck < times)
    }
}

/// The fault of the first rule that is due; every rule that fits counts the request.
pub(super) fn strike(rules: &mut [Armed], method: &Method, target: &str, body: &str) -> Option<Fault> {
    let mut fault = None;
    for armed in rules {
        if armed.due(method, target, body) && fault.is_none() {
            armed.struck += 1;
            fault = Some(armed.rule.fault.clone());
        }
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(rule: Rule, requests: usize) -> Vec<usize> {
        let mut rules = [Armed::new(rule)];
        (1..=requests)
            .filter(|_| strike(&mut rules, &Method::POST, "/scim/Users", "{}").is_some())
            .collect()
    }

    #[test]
    fn a_rule_strikes_the_nth_every_nth_or_the_first_few() {
        let rule = || Rule::on("post", "/Users").then(Fault::DropBeforeCommit);
        assert_eq!(strikes(rule(), 3), [1, 2, 3]);
        assert_eq!(strikes(rule().nth(2), 5), [2]);
        assert_eq!(strikes(rule().every(2), 5), [2, 4]);
        assert_eq!(strikes(rule().times(2), 5), [1, 2]);
        assert_eq!(strikes(Rule::on("GET", "/Users"), 3), [0; 0]);
        assert_eq!(strikes(rule().containing("userName"), 3), [0; 0]);
    }

    #[test]
    fn a_rule_is_read_from_json() {
        let rule: Rule = serde_json::from_str(
            r#"{"method":"POST","nth":2,"fault":{"kind":"status","status":429,"retryAfter":{"date_in":3}}}"#,
        )
        .unwrap();
        assert_eq!(rule.nth, Some(2));
        assert!(matches!(
            rule.fault,
            Fault::Status {
                status: 429,
                retry_after: Some(RetryAfter::DateIn(3))
            }
        ));
    }
}

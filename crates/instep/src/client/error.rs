//! What can go wrong between the command line and the server, each in one sentence with a way out.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::time::Duration;

use reqwest::StatusCode;
use url::Url;

use super::problem::Problem;

/// A server that wants a longer one is told to whoever asked.
const LONGEST_PAUSE: Duration = Duration::from_secs(90);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("no server answers at {}: start one with `instep serve`, or set INSTEP_URL", bare(.0))]
    Refused(Url),

    #[error("{} did not answer in time: look at the server's log", bare(.0))]
    TooSlow(Url),

    #[error("cannot reach {}, as {cause}: set INSTEP_URL to a server's address", bare(.server))]
    Unreachable { server: Url, cause: String },

    #[error("the connection to {} broke, as {cause}: try again", bare(.server))]
    Broken { server: Url, cause: String },

    #[error("{} sends its visitors to {to}: set INSTEP_URL to where the server really is", bare(.server))]
    Moved { server: Url, to: String },

    #[error("{} answered {status}, but not as an Instep server does: check INSTEP_URL", bare(.server))]
    Strange { server: Url, status: StatusCode },

    #[error("{0:?} is no name: give an id or a name")]
    NoName(String),

    /// The server has said what is wrong.
    #[error("{}", problem.sentence(*status))]
    Problem { status: StatusCode, problem: Problem },

    #[error(
        "{} ended the import before it was through: import the file again, what went in already stays as it is",
        bare(.0)
    )]
    ImportCut(Url),
}

impl Error {
    /// How long to wait before another try, which does nothing twice; `None`: none is worth it. `ours`: if the server does
    /// not say.
    pub(super) fn pause(&self, ours: Duration) -> Option<Duration> {
        match self {
            Self::Broken { .. } | Self::TooSlow(_) => Some(ours),
            Self::Problem { status, problem } => {
                let passes = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS]
                    .contains(status)
                    || problem.is("idempotency.under_way");
                let pause = problem.wait.unwrap_or(ours);
                (passes && pause <= LONGEST_PAUSE).then_some(pause)
            }
            _ => None,
        }
    }

    /// Has the organization used up its keys, so that it goes on only without one?
    pub(super) fn is_without_keys(&self) -> bool {
        matches!(self, Self::Problem { problem, .. } if problem.is("idempotency.too_many"))
    }

    /// Has the server refused with this code?
    pub(crate) fn is_refusal(&self, code: &str) -> bool {
        matches!(self, Self::Problem { problem, .. } if problem.is(code))
    }

    pub(super) fn from_transport(server: &Url, cause: reqwest::Error) -> Self {
        let server = server.clone();
        let cause = cause.without_url();
        if cause.is_timeout() {
            return Self::TooSlow(server);
        }
        if is_refused(&cause) {
            return Self::Refused(server);
        }
        let root = root_cause(&cause);
        if cause.is_connect() {
            return Self::Unreachable { server, cause: root };
        }
        Self::Broken { server, cause: root }
    }
}

/// The address as one types it: without the slash at the end, and without a password.
fn bare(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.as_str().trim_end_matches('/').to_owned()
}

type Cause<'e> = &'e (dyn std::error::Error + 'static);

fn causes(error: &reqwest::Error) -> impl Iterator<Item = Cause<'_>> {
    fn next<'e>(cause: &Cause<'e>) -> Option<Cause<'e>> {
        let cause: Cause<'e> = *cause;
        cause.source()
    }
    std::iter::successors(error.source(), next)
}

fn is_refused(error: &reqwest::Error) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == ErrorKind::ConnectionRefused)
}

fn root_cause(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_as_typed_and_without_a_password() {
        let url: Url = "http://me:secret@127.0.0.1:8080/".parse().expect("a URL");
        let refused = Error::Refused(url).to_string();
        assert!(
            refused.starts_with("no server answers at http://127.0.0.1:8080: start one"),
            "{refused}"
        );
    }
}

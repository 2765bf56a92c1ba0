//! Requests that never reached a handler: not let in, no such route, no such method.

use std::net::IpAddr;
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode, Uri};

use crate::api::Problem;
use crate::scim::Failure;
use crate::{Family, insights, pages, webex};

/// What the log calls attempts that were refused.
pub use access::SECURITY;

/// Why a request was not let in.
#[derive(Debug)]
pub enum Refused {
    NoToken,
    Token(access::Error),
    /// The path names an organization that is not the token's, or none at all: the two are not told apart.
    OtherOrganization(String),
    Permission(access::Refusal),
    /// People come in by a directory connector, and not over SCIM.
    OtherSource,
    /// The token has sent too many; the next one is taken after this time.
    TooMany(Duration),
    /// What resources are in the organization could not be read.
    ResourceTypes(directory::Error),
}

impl From<access::Error> for Refused {
    fn from(error: access::Error) -> Self {
        Self::Token(error)
    }
}

impl From<directory::Error> for Refused {
    fn from(error: directory::Error) -> Self {
        Self::ResourceTypes(error)
    }
}

impl From<access::Refusal> for Refused {
    fn from(refusal: access::Refusal) -> Self {
        Self::Permission(refusal)
    }
}

impl Refused {
    /// Leaves a trace of whoever may not come in: of an attack, or of a client that was set up wrongly.
    pub fn noted(&self, uri: &Uri, client_ip: IpAddr) {
        let path = uri.path();
        match self {
            Self::NoToken | Self::Token(access::Error::ExpiredToken { .. } | access::Error::InvalidToken) => {
                let (_, code, _) = self.told();
                tracing::info!(target: SECURITY, %client_ip, path, code, "a request was refused");
            }
            Self::OtherOrganization(_) => {
                tracing::info!(target: SECURITY, %client_ip, path, "a request named another organization");
            }
            Self::Permission(refusal) => {
                tracing::info!(target: SECURITY, %client_ip, path, %refusal, "a request was refused");
            }
            // These are told as they are answered.
            Self::Token(_) | Self::ResourceTypes(_) | Self::TooMany(_) | Self::OtherSource => {}
        }
    }

    /// The answer in the endpoint's own form.
    pub fn into_response(self, family: Family) -> Response {
        let (status, code, detail) = self.told();
        let mut response = say(family, status, code, detail);
        if let Some(challenge) = self.challenge(status) {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if let Self::TooMany(wait) = self {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        response
    }

    /// RFC 6750 §3.
    fn challenge(&self, status: StatusCode) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("Bearer realm=\"instep\""),
            Self::Token(_) if status == StatusCode::UNAUTHORIZED => {
                Some("Bearer realm=\"instep\", error=\"invalid_token\"")
            }
            Self::Permission(access::Refusal::Scope { .. }) => {
                Some("Bearer realm=\"instep\", error=\"insufficient_scope\"")
            }
            _ => None,
        }
    }

    fn told(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "token.missing",
                "Send an access token in the header: Authorization: Bearer <token>".to_owned(),
            ),
            Self::Token(error @ access::Error::ExpiredToken { .. }) => {
                (StatusCode::UNAUTHORIZED, "token.expired", sentence(error))
            }
            Self::Token(error @ access::Error::InvalidToken) => {
                (StatusCode::UNAUTHORIZED, "token.invalid", sentence(error))
            }
            Self::Token(error) => {
                tracing::error!(%error, "a token could not be looked up");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The token could not be looked up just now; try again".to_owned(),
                )
            }
            Self::ResourceTypes(error) => {
                tracing::error!(%error, "an organization's schemas could not be read");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The organization's schemas could not be read just now; try again".to_owned(),
                )
            }
            Self::OtherOrganization(org) => (
                StatusCode::NOT_FOUND,
                "organization.unknown",
                format!(
                    "This token knows no organization {org}: check the organization ID in the URL, and for which one the token was made"
                ),
            ),
            Self::OtherSource => (
                StatusCode::FORBIDDEN,
                "source.connector",
                "A directory connector brings this organization's people and groups (its setting users.source is connector), so \
                 nothing is changed over SCIM: set users.source to none or scim to provision over SCIM"
                    .to_owned(),
            ),
            Self::TooMany(wait) => (
                StatusCode::TOO_MANY_REQUESTS,
                "token.too_many_requests",
                format!("This token has sent too many requests: wait {} s", seconds(*wait)),
            ),
            Self::Permission(refusal) => (StatusCode::FORBIDDEN, "forbidden", sentence(refusal)),
        }
    }
}

/// Whole seconds, so that after them the time has come.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + 1
}

/// An error's text with a capital first letter.
fn sentence(error: &impl ToString) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

fn say(family: Family, status: StatusCode, code: &str, detail: String) -> Response {
    match family {
        Family::Insights => insights::Failure::new(status, detail).into_response(),
        Family::Webex => webex::Failure::new(status, detail).into_response(),
        Family::Scim => Failure(::scim::Error::new(status.as_u16(), detail)).into_response(),
        Family::Page => pages::failure(status, &format!("{detail}.")),
        Family::Api | Family::Operation => Problem::new(status, code, detail).into_response(),
    }
}

/// The door of a path.
pub fn family(uri: &Uri) -> Family {
    let path = uri.path();
    let below = |base: &str| {
        let rest = path.strip_prefix(base);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if below("/v1/scim") || below("/identity/scim") {
        Family::Scim
    } else if pages::is_page(path) {
        Family::Page
    } else if webex::is_webex(path) {
        Family::Webex
    } else if path.starts_with("/insights/") {
        Family::Insights
    } else {
        Family::Api
    }
}

/// No such route.
pub async fn not_found(uri: Uri) -> Response {
    if let Some(version) = other_version(&uri) {
        let detail =
            format!("SCIM {version} is not spoken here: use 2.0, at the base URL as it was given out");
        return Failure(::scim::Error::invalid_vers(detail)).into_response();
    }
    let detail = format!("There is nothing at {}", uri.path());
    say(family(&uri), StatusCode::NOT_FOUND, "not_found", detail)
}

/// The version of the protocol that a path behind the organization asks for, if it is not ours (RFC 7644 §3.13).
fn other_version(uri: &Uri) -> Option<&str> {
    let path = uri.path();
    let below = path
        .strip_prefix("/v1/scim/")
        .or_else(|| path.strip_prefix("/identity/scim/"))?;
    let version = below.split('/').nth(1)?.strip_prefix('v')?;
    let is_number = version.starts_with(|letter: char| letter.is_ascii_digit());
    (is_number && !["2", "2.0"].contains(&version)).then_some(version)
}

/// A route, but not with this method; the router adds `Allow`.
pub async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let detail = format!("{method} is not possible at {}", uri.path());
    say(
        family(&uri),
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        detail,
    )
}

/// The address is longer than so many bytes.
pub fn address_too_long(family: Family, most: usize) -> Response {
    let detail = format!("The address is longer than {most} bytes; .search takes its parameters in a body");
    say(family, StatusCode::URI_TOO_LONG, "address_too_long", detail)
}

/// A handler panicked: a bug of ours.
pub fn panicked(family: Family) -> Response {
    let detail = "Something went wrong on our side; it has been logged".to_owned();
    say(family, StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
}

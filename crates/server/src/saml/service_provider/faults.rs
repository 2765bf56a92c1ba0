//! Telling somebody why he or she is not let in: by Webex's number and words, on a page of ours or of the organization's.

use askama::Template;
use axum::response::Response;
use base::{Cause, OrgId, SamlTraceId};
use federation::Action;
use federation::service_provider::{Fault, Provider, Refused};
use http::StatusCode;

use super::{arrival, troubled};
use crate::State;
use crate::middleware::strangers::{Came, marked};
use crate::pages::page as pages;

#[derive(Template)]
#[template(path = "sso_error.html")]
struct FaultPage<'a> {
    reason: &'a str,
    code: u8,
    sign_out: bool,
    trace: Option<String>,
}

/// The page, or the organization's own with the number; what came of a test is shown with its checks.
pub fn show(state: &State, org: OrgId, refused: Refused) -> Response {
    let Refused {
        fault,
        error_url,
        trace,
        action,
    } = refused;
    if let (Action::Test, Some(trace)) = (action, trace) {
        return arrival::tested(state, org, trace, None);
    }
    if let Some(url) = error_url {
        let elsewhere = pages::see_other(&with_code(&url, fault.error.code()));
        return marked(elsewhere, Came::Refused);
    }
    page(&fault, action, trace)
}

/// Our page for it.
fn page(fault: &Fault, action: Action, trace: Option<SamlTraceId>) -> Response {
    let template = FaultPage {
        reason: fault.error.text(),
        code: fault.error.code(),
        sign_out: action == Action::SignOut,
        trace: trace.map(|trace| trace.to_string()),
    };
    pages::page(StatusCode::FORBIDDEN, &template)
}

/// The same of a sign-in that ended before any answer was looked at.
pub async fn refuse(
    state: &State,
    cause: &Cause,
    org: OrgId,
    provider: Option<&Provider>,
    fault: Fault,
) -> Response {
    match state.federation.refuse_sign_in(cause, org, provider, fault).await {
        Ok(refused) => show(state, org, refused),
        Err(error) => troubled(error),
    }
}

/// The number at the end of an address that is made for it, else as the parameter `errorcode`.
fn with_code(url: &str, code: u8) -> String {
    if url.ends_with(['=', '/']) {
        return format!("{url}{code}");
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}errorcode={code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_appended() {
        for (url, with) in [
            ("https://a.example/error?code=", "https://a.example/error?code=13"),
            ("https://a.example/error/", "https://a.example/error/13"),
            ("https://a.example/error", "https://a.example/error?errorcode=13"),
            (
                "https://a.example/error?x=y",
                "https://a.example/error?x=y&errorcode=13",
            ),
        ] {
            assert_eq!(with_code(url, 13), with);
        }
    }
}

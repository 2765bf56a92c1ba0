//! Telling somebody why he or she is not let in: by Webex's number and words, on a page of ours or of the organization's.
//!
//! Anybody can send a browser here with a form of any kind. So nobody is sent on to the organization's page without a sign that
//! it was the identity provider who sent the browser, or that the browser was on its way to it: else each organization could have
//! our name lead people anywhere. Others see where it would lead.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use base::{Cause, OrgId, SamlTraceId};
use federation::Action;
use federation::service_provider::{Fault, Proof, Provider, Refused};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{arrival, organization, troubled};
use crate::State;
use crate::middleware::context::Params;
use crate::middleware::strangers::{Came, marked};
use crate::pages::{Browser, page as pages};

/// What somebody is told.
#[derive(Debug, Serialize, Deserialize, Template)]
#[template(path = "sso_error.html")]
pub struct Told {
    reason: String,
    code: u8,
    sign_out: bool,
    trace: Option<String>,
    /// The organization's own page, with the number.
    elsewhere: Option<String>,
}

/// The page, or the organization's own with the number; what came of a test is shown with its checks.
pub fn show(state: &State, org: OrgId, refused: Refused) -> Response {
    let Refused {
        fault,
        error_url,
        proof,
        trace,
        action,
    } = refused;
    if let (Action::Test, Some(trace)) = (action, trace) {
        return arrival::tested(state, org, trace, None);
    }
    let code = fault.error.code();
    let told = Told {
        reason: fault.error.text().to_owned(),
        code,
        sign_out: action == Action::SignOut,
        trace: trace.map(|trace: SamlTraceId| trace.to_string()),
        elsewhere: error_url.map(|url| with_code(&url, code)),
    };
    match (&told.elsewhere, proof) {
        (Some(url), Proof::Signed) => marked(pages::see_other(url), Came::Refused),
        (Some(_), Proof::Asked(browser)) => {
            marked(arrival::refused(state, org, told, browser), Came::Refused)
        }
        (None, _) | (_, Proof::None) => page(&told),
    }
}

/// Our page for it.
fn page(told: &Told) -> Response {
    pages::page(StatusCode::FORBIDDEN, told)
}

/// `GET /idb/saml2/{org}/refused?ticket=…`: on to the organization's own page, of the browser that was on its way to the identity
/// provider.
pub async fn refused(
    Extract(state): Extract<State>,
    browser: Browser,
    Path(org): Path<String>,
    params: Params,
) -> Response {
    let org = match organization(&state, &org).await {
        Ok((org, _)) => org,
        Err(unknown) => return *unknown,
    };
    let ticket = params
        .get("ticket")
        .and_then(|text| arrival::turned_away(&state, org, &browser, text));
    let Some(ticket) = ticket else {
        return pages::out_of_date();
    };
    let arrival::TurnedAway { told, browser: asked } = ticket.what;
    match &told.elsewhere {
        Some(url) if asked == browser.mark() => pages::see_other(url),
        _ => page(&told),
    }
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

//! `/idb/saml2/{org}/logout`: to the identity provider with somebody who has signed out here, and back.

use std::time::Duration;

use axum::extract::{Path, Request, State as Extract};
use axum::response::Response;
use base::{Cause, OrgId, Timestamp};
use federation::service_provider::{Addresses, Came, Fault, SignedOut, Unconfirmed, Vouched, WebexError};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};

use super::super::{post, posting};
use super::{faults, organization, troubled};
use crate::State;
use crate::middleware::context::{Params, RequestIds};
use crate::middleware::strangers::{self, marked};
use crate::pages::{Browser, page};

const PURPOSE: &str = "sso.logout";
/// A page that leads on by itself takes no longer.
const PATIENCE: Duration = Duration::from_mins(2);

/// Somebody who has signed out here.
#[derive(Serialize, Deserialize)]
struct Ticket {
    vouched: Vouched,
    at: Timestamp,
    /// The page of ours at which the way out goes on.
    back: Option<String>,
}

/// Where somebody is led who has signed out here, and may still be signed in at the identity provider; and from there back to
/// a page of ours, if it does not end there.
pub fn path(state: &State, org: OrgId, vouched: Vouched, back: Option<String>) -> String {
    let ticket = Ticket {
        vouched,
        back,
        at: state.ambient.now(),
    };
    let text = serde_json::to_vec(&ticket).unwrap_or_default();
    let sealed = state.sealers.pages.seal(&state.ambient, org, PURPOSE, &text);
    format!("/idb/saml2/{org}/logout?begin={sealed}")
}

/// `GET`: `begin`, a ticket; or a message of the identity provider.
pub async fn pass(
    Extract(state): Extract<State>,
    browser: Browser,
    ids: RequestIds,
    Path(org): Path<String>,
    params: Params,
    uri: Uri,
) -> Response {
    let (org, addresses) = match organization(&state, &org).await {
        Ok(found) => found,
        Err(unknown) => return *unknown,
    };
    let cause = state.federation.nobody(ids.origin());
    if let Some(ticket) = params.get("begin") {
        return begin(&state, &browser, &cause, (org, &addresses), ticket).await;
    }
    let query = uri.query().unwrap_or_default();
    take(&state, &cause, (org, &addresses), Came::Query(query)).await
}

/// `POST`: a message of the identity provider.
pub async fn receive(
    Extract(state): Extract<State>,
    ids: RequestIds,
    Path(org): Path<String>,
    request: Request,
) -> Response {
    let (org, addresses) = match organization(&state, &org).await {
        Ok(found) => found,
        Err(unknown) => return *unknown,
    };
    let fields = match post::fields(request).await {
        Ok(fields) => fields,
        Err(unread) => return unread,
    };
    let cause = state.federation.nobody(ids.origin());
    take(&state, &cause, (org, &addresses), Came::Form(&fields)).await
}

async fn begin(
    state: &State,
    browser: &Browser,
    cause: &Cause,
    (org, addresses): (OrgId, &Addresses),
    ticket: &str,
) -> Response {
    let opened = state.sealers.pages.open(org, PURPOSE, ticket).ok();
    let ticket = opened.and_then(|bytes| serde_json::from_slice::<Ticket>(&bytes).ok());
    let Some(ticket) = ticket.filter(|ticket| state.ambient.now().since(ticket.at) <= PATIENCE) else {
        return page::see_other("/signed-out");
    };
    let back = ticket.back.as_deref();
    let begun = state
        .federation
        .begin_logout(cause, org, addresses, &ticket.vouched, (&browser.mark(), back))
        .await;
    match begun {
        Ok(Some((name, outgoing))) => posting(&name, &outgoing),
        Ok(None) => page::see_other(back.unwrap_or("/signed-out")),
        Err(error) => {
            tracing::error!(%error, "no logout request could be made for an identity provider");
            let fault = Fault::new(WebexError::LogoutRequest, "no request could be made");
            let refused = state
                .federation
                .refuse_sign_out(cause, org, &ticket.vouched, fault)
                .await;
            match (refused, back) {
                (Ok(_), Some(back)) => page::see_other(&partially(back)),
                (Ok(refused), None) => faults::show(state, org, refused),
                (Err(error), _) => troubled(error),
            }
        }
    }
}

/// The page at which the way out goes on, of somebody who may still be signed in at the identity provider.
fn partially(back: &str) -> String {
    format!("{back}&partial=1")
}

async fn take(
    state: &State,
    cause: &Cause,
    (org, addresses): (OrgId, &Addresses),
    came: Came<'_>,
) -> Response {
    match state.federation.receive_logout(cause, org, addresses, came).await {
        Ok(Ok(SignedOut {
            back: Some(back),
            complete,
            ..
        })) => {
            let partially = partially(&back);
            page::see_other(if complete { &back } else { &partially })
        }
        Ok(Ok(SignedOut {
            provider,
            complete: true,
            ..
        })) => {
            let text = format!("You are signed out of this browser, and of {provider}.");
            let link = Some(("/account", "Sign in again"));
            page::message(StatusCode::OK, "Signed out", &text, link)
        }
        Ok(Ok(SignedOut { provider, .. })) => {
            let text = format!(
                "You are signed out here. {provider} says that you are not signed out of everything there: close the browser."
            );
            page::message(StatusCode::OK, "Signed out here", &text, None)
        }
        Ok(Err(Unconfirmed { back: Some(back), .. })) => {
            marked(page::see_other(&partially(&back)), strangers::Came::Refused)
        }
        Ok(Err(Unconfirmed { refused, .. })) => faults::show(state, org, refused),
        Err(error) => troubled(error),
    }
}

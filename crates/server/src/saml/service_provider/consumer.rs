//! `/idb/Consumer/metaAlias/{org}/sp`: where answers come in.

use axum::extract::{Path, Request, State as Extract};
use axum::response::Response;
use federation::service_provider::{Fault, Received, WebexError};

use super::{arrival, faults, organization, troubled};
use crate::State;
use crate::middleware::context::RequestIds;
use crate::middleware::strangers::{Came, marked};
use crate::saml::post;

/// `POST`: `SAMLResponse`, `RelayState`.
pub async fn consume(
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
    match state.federation.receive(&cause, org, &addresses, &fields).await {
        Ok(Received::Welcome(welcome)) => marked(arrival::welcome(&state, org, *welcome), Came::Believed),
        Ok(Received::Passed(passed)) => arrival::tested(&state, org, passed.trace, passed.browser),
        Ok(Received::Refused(refused)) => faults::show(&state, org, refused),
        Err(error) => troubled(error),
    }
}

/// `GET`: answers never travel in a query.
pub async fn only_post(Extract(state): Extract<State>, ids: RequestIds, Path(org): Path<String>) -> Response {
    let org = match organization(&state, &org).await {
        Ok((org, _)) => org,
        Err(unknown) => return *unknown,
    };
    let cause = state.federation.nobody(ids.origin());
    let fault = Fault::new(WebexError::OnlyPost, "a GET came to the consumer's address");
    faults::refuse(&state, &cause, org, None, fault).await
}

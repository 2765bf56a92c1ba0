//! `/idb/Consumer/metaAlias/{org}/sp`: where answers come in.

use axum::extract::{Path, Request, State as Extract};
use axum::response::Response;
use federation::service_provider::{Fault, Received, WebexError};
use http::StatusCode;

use super::{arrival, faults, organization, troubled};
use crate::State;
use crate::body;
use crate::middleware::context::RequestIds;
use crate::pages::page;

/// No answer is longer, in bytes.
const MOST: usize = 1 << 20;

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
    let Ok(bytes) = body::read(request, MOST).await else {
        let text = "The form is too large, or did not come whole.";
        return page::failure(StatusCode::BAD_REQUEST, text);
    };
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let cause = state.federation.nobody(ids.origin());
    match state.federation.receive(&cause, org, &addresses, &fields).await {
        Ok(Received::Welcome(welcome)) => arrival::welcome(&state, org, *welcome),
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

//! `GET /idb/saml2/{org}/metadata`: who we are, for identity providers.

use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

use super::{organization, troubled};
use crate::State;

pub async fn show(Extract(state): Extract<State>, Path(org): Path<String>) -> Response {
    let (org, addresses) = match organization(&state, &org).await {
        Ok(found) => found,
        Err(unknown) => return *unknown,
    };
    match state.federation.sp_metadata(org, &addresses).await {
        Ok(xml) => answer(xml),
        Err(error) => troubled(error),
    }
}

/// As SAML metadata §4.1.1 has it.
fn answer(xml: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/samlmetadata+xml"),
        (CONTENT_DISPOSITION, "inline; filename=\"instep-metadata.xml\""),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, xml).into_response()
}

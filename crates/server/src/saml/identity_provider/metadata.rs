//! What services are told of us, one document for each application.

use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

use super::place::{Place, troubled};
use crate::State;
use crate::middleware::context::RequestIds;

/// SAML metadata, appendix A.
pub const MEDIA_TYPE: &str = "application/samlmetadata+xml";

/// `GET /saml2/{slug}/metadata`.
pub async fn read(Extract(state): Extract<State>, Path(slug): Path<String>, ids: RequestIds) -> Response {
    let place = match Place::find(&state, &slug, ids).await {
        Ok(place) => place,
        Err(nowhere) => return nowhere,
    };
    match state
        .federation
        .sso_metadata(place.org, &place.sso, &place.saml)
        .await
    {
        Ok(xml) => {
            let headers = [
                (CONTENT_TYPE, MEDIA_TYPE),
                (CACHE_CONTROL, "no-cache"),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (StatusCode::OK, headers, xml).into_response()
        }
        Err(error) => troubled(&error),
    }
}

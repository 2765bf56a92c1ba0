//! Is it alive, and can it work?

use axum::extract::State as Extract;
use http::StatusCode;

use crate::State;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers too; 503 if not.
pub async fn readyz(Extract(state): Extract<State>) -> (StatusCode, &'static str) {
    match state.directory.ready().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

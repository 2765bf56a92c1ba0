//! The stylesheet, the icon, and the scripts.

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

/// `GET /assets/instep.css`.
pub async fn stylesheet() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../assets/instep.css"))
}

/// `GET /assets/passkeys.js`.
pub async fn passkeys() -> Response {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("../../assets/passkeys.js"),
    )
}

/// `GET /assets/read-file.js`.
pub async fn read_file() -> Response {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("../../assets/read-file.js"),
    )
}

/// `GET /assets/saml-post.js`.
pub async fn saml_post() -> Response {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("../../assets/saml-post.js"),
    )
}

/// `GET /assets/instep.svg`.
pub async fn icon() -> Response {
    asset(
        "image/svg+xml; charset=utf-8",
        include_str!("../../assets/instep.svg"),
    )
}

fn asset(media_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "public, max-age=300"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

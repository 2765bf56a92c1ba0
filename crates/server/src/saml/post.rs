//! HTTP-POST (SAML bindings §3.5): reading the form that comes, and the page that hands a message on, a form that a script of
//! ours sends at once, with a button for who has none.

use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, StatusCode};

use crate::body::{self, Unreadable};
use crate::pages::page;

/// No form is longer, in bytes.
const MOST: usize = 1 << 20;

/// As on other pages; the form goes to another site, and whoever takes it may send the browser on to a third, which browsers
/// hold to the same rule.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' https: http:; base-uri 'none'; \
                      frame-ancestors 'none'; script-src 'self'";

#[derive(Template)]
#[template(path = "saml_post.html")]
struct PostPage<'a> {
    name: &'a str,
    location: &'a str,
    fields: &'a [(&'static str, String)],
}

/// Hands fields on to `location`, which people know by this name.
pub fn hand_on(name: &str, location: &str, fields: &[(&'static str, String)]) -> Response {
    let template = PostPage {
        name,
        location,
        fields,
    };
    let mut response = page::page(StatusCode::OK, &template);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// The fields of a form, or the page that says why there are none.
pub async fn fields(request: Request) -> Result<Vec<(String, String)>, Response> {
    let (status, text) = match body::read(request, MOST).await {
        Ok(bytes) => return Ok(url::form_urlencoded::parse(&bytes).into_owned().collect()),
        Err(Unreadable::TooLarge(_)) => (StatusCode::PAYLOAD_TOO_LARGE, "The message is too large."),
        Err(Unreadable::Slow) => (StatusCode::REQUEST_TIMEOUT, "The message did not come in time."),
        Err(Unreadable::Broken(_)) => (StatusCode::BAD_REQUEST, "The message could not be read."),
    };
    Err(page::failure(status, text))
}

//! Sending a browser to another site, with a message or without.

use askama::Template;
use axum::response::Response;
use federation::saml::binding::Outgoing;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::pages::page;

#[derive(Template)]
#[template(path = "saml_post.html")]
struct PostPage<'a> {
    location: &'a str,
    fields: &'a [(&'static str, String)],
}

#[derive(Template)]
#[template(path = "leaving.html")]
struct LeavingPage<'a> {
    to: &'a str,
    title: &'a str,
    text: &'a str,
}

/// Sends a browser that asked by GET on.
pub fn posting(outgoing: &Outgoing) -> Response {
    match outgoing {
        Outgoing::Redirect(address) => page::see_other(address),
        Outgoing::Post { location, fields } => form(location, fields),
    }
}

/// A page that leads on by itself to a place of ours, from where it goes to another site: browsers hold a form, and whatever
/// it is redirected to, to the policy of the page that it was on.
pub fn leave(to: &str, title: &str, text: &str) -> Response {
    page::page(StatusCode::OK, &LeavingPage { to, title, text })
}

/// A form that sends itself, or waits for somebody to press its button where scripts do not run.
fn form(location: &str, fields: &[(&'static str, String)]) -> Response {
    let mut response = page::page(StatusCode::OK, &PostPage { location, fields });
    // Where the other side leads on to is its own business, and held to this policy too.
    let policy = page::POLICY.replace("form-action 'self'", "form-action https: http:");
    let policy = format!("{policy}; script-src 'self'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

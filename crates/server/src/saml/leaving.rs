//! Sending a browser to another site, with a message or without.

use askama::Template;
use axum::response::Response;
use federation::saml::binding::Outgoing;
use http::StatusCode;

use super::post::hand_on;
use crate::pages::page;

#[derive(Template)]
#[template(path = "leaving.html")]
struct LeavingPage<'a> {
    to: &'a str,
    title: &'a str,
    text: &'a str,
}

/// Sends a browser that asked by GET on, to whom people know by this name.
pub fn posting(name: &str, outgoing: &Outgoing) -> Response {
    match outgoing {
        Outgoing::Redirect(address) => page::see_other(address),
        Outgoing::Post { location, fields } => hand_on(name, location, fields),
    }
}

/// A page that leads on by itself to a place of ours, from where it goes to another site: browsers hold a form, and whatever
/// it is redirected to, to the policy of the page that it was on.
pub fn leave(to: &str, title: &str, text: &str) -> Response {
    page::page(StatusCode::OK, &LeavingPage { to, title, text })
}

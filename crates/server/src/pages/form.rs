//! What a form of ours has been filled in with.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use base::Secret;
use http::StatusCode;

use super::browser::{self, Browser};
use super::page;
use crate::State;
use crate::body::{self, Unreadable};
use crate::console;
use crate::saml::service_provider as saml;

/// A form of ours is never larger, in bytes; but for the one that brings metadata along.
const MOST: usize = 64 * 1024;
const MOST_WITH_METADATA: usize = 1 << 20;
/// Nor has it more fields than this.
const MOST_FIELDS: usize = 4_000;

/// A form that this very browser was given; any other is refused with a page.
#[derive(Debug)]
pub struct Filled {
    pub browser: Browser,
    fields: Fields,
    /// Whether it was given before somebody has signed in anew: nothing is done by it, and what was filled in is shown again.
    /// Only forms of the console come so.
    pub is_stale: bool,
}

/// What stands in the fields of a form, whoever has sent it.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, Secret)>);

impl Fields {
    /// From `application/x-www-form-urlencoded`.
    pub fn parse(bytes: &[u8]) -> Self {
        let fields = url::form_urlencoded::parse(bytes);
        let fields = fields.map(|(name, value)| (name.into_owned(), Secret::new(value)));
        Self(fields.collect())
    }

    /// A field's text; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.expose())
    }

    /// Is the field there, be it empty?
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    pub fn secret(&self, name: &str) -> Secret {
        Secret::new(self.text(name))
    }
}

impl std::ops::Deref for Filled {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

impl FromRequest<State> for Filled {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let browser = Browser::of(&parts, state);
        let path = parts.uri.path();
        let may_be_shown_again = console::is_console(path) && browser::says_own_site(&parts.headers);
        let most = if saml::takes_metadata(path) || console::is_console(path) {
            MOST_WITH_METADATA
        } else {
            MOST
        };
        let read = body::read(Request::from_parts(parts, body), most).await;
        let bytes = read.map_err(|unreadable| match unreadable {
            Unreadable::TooLarge(_) => page::failure(StatusCode::PAYLOAD_TOO_LARGE, "The form is too large."),
            Unreadable::Slow => page::failure(StatusCode::REQUEST_TIMEOUT, "The form did not come in time."),
            Unreadable::Broken(_) => page::failure(StatusCode::BAD_REQUEST, "The form could not be read."),
        })?;
        if bytes.split(|byte| *byte == b'&').count() > MOST_FIELDS {
            return Err(page::failure(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The form is too large.",
            ));
        }
        let filled = Self {
            browser,
            fields: Fields::parse(&bytes),
            is_stale: false,
        };
        if filled.browser.is_form_token(filled.text("form")) {
            Ok(filled)
        } else if may_be_shown_again {
            Ok(Self {
                is_stale: true,
                ..filled
            })
        } else {
            filled.browser.visit.note("a form came without its token");
            Err(page::out_of_date())
        }
    }
}

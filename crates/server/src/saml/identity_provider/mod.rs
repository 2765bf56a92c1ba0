//! The identity provider's doors: one address for each application (SAML profiles §4.1, §4.4).
//!
//! A request is judged when it comes in. What of it is needed later, once somebody has signed in, is carried by the browser,
//! sealed: a form of another site comes without our cookies, and whoever is not signed in comes back from another page.

mod answer;
mod arrive;
mod metadata;
mod pending;
mod place;
mod sign_out;
mod trace;
mod vouching;
mod way;

use http::Method;

pub use pending::wants_anew;
pub use place::{failed, troubled};
pub use way::still_signed_in;

use crate::doors::Doors;

pub fn open(doors: &mut Doors) {
    doors.message(Method::GET, "/saml2/{slug}", arrive::by_query);
    doors.message(Method::POST, "/saml2/{slug}", arrive::by_form);
    doors.page(Method::GET, "/saml2/{slug}/continue", answer::go_on);
    doors.page(Method::GET, "/saml2/{slug}/metadata", metadata::read);
    doors.message(Method::GET, "/saml2/{slug}/logout", sign_out::by_query);
    doors.message(Method::POST, "/saml2/{slug}/logout", sign_out::by_form);
    doors.page(Method::GET, "/saml2/{slug}/sign-out", sign_out::begin);
}

/// Is this a place where somebody goes on who had to sign in first?
pub fn is_place(path: &str) -> bool {
    let slug = path
        .strip_prefix("/saml2/")
        .and_then(|rest| rest.strip_suffix("/continue"));
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    slug.is_some_and(|slug| !slug.is_empty() && slug.bytes().all(is_plain))
}

//! The console: what administrators see and set in a browser. So far single sign-on, at both ends.
//!
//! `/console/{org}/…`: the path names the organization, as a partner administers several. Pages are read with the right to
//! read, and change something with the very permission that the API asks for; what is filled in goes the way of the API's
//! bodies. A form is sent to the page that it is on, and says in `do` what is wanted.

mod apps;
mod certificates;
mod entry;
mod form;
mod keys;
mod overview;
mod said;
mod sso;
mod told;
mod traces;

use http::Method;

pub use entry::{Console, is_for};
pub use said::Said;

use crate::doors::Doors;

/// Where the pages are.
pub const CONSOLE: &str = "/console";

pub fn open(doors: &mut Doors) {
    let at = |rest: &str| format!("{CONSOLE}/{{org}}{rest}");
    doors.page_of_signed_in(Method::GET, CONSOLE, overview::choose);
    doors.page_of_signed_in(Method::GET, &at(""), overview::show);

    doors.page_of_signed_in(Method::GET, &at("/sso"), sso::organization::show);
    doors.page_of_signed_in(Method::POST, &at("/sso"), sso::organization::change);
    doors.page_of_signed_in(Method::GET, &at("/sso/new-provider"), sso::new_provider::ask);
    doors.page_of_signed_in(Method::POST, &at("/sso/new-provider"), sso::new_provider::add);
    let provider = at("/sso/providers/{provider}");
    doors.page_of_signed_in(Method::GET, &provider, sso::provider::show);
    doors.page_of_signed_in(Method::POST, &provider, sso::provider::change);
    doors.page_of_signed_in(Method::GET, &at("/sso/routes"), sso::routes::show);
    doors.page_of_signed_in(Method::POST, &at("/sso/routes"), sso::routes::change);
    doors.page_of_signed_in(Method::GET, &at("/sso/keys"), sso::keys::show);
    doors.page_of_signed_in(Method::POST, &at("/sso/keys"), sso::keys::change);
    doors.page_of_signed_in(Method::GET, &at("/sso/subjects"), sso::subjects::show);
    doors.page_of_signed_in(Method::POST, &at("/sso/subjects"), sso::subjects::unlink);

    doors.page_of_signed_in(Method::GET, &at("/apps"), apps::list::show);
    doors.page_of_signed_in(Method::POST, &at("/apps"), apps::list::add);
    let app = at("/apps/{app}/sso");
    doors.page_of_signed_in(Method::GET, &app, apps::sign_on::show);
    doors.page_of_signed_in(Method::POST, &app, apps::sign_on::change);
    let keys = at("/apps/{app}/sso/keys");
    doors.page_of_signed_in(Method::GET, &keys, apps::keys::show);
    doors.page_of_signed_in(Method::POST, &keys, apps::keys::change);

    doors.page_of_signed_in(Method::GET, &at("/saml-traces"), traces::list);
    doors.page_of_signed_in(Method::POST, &at("/saml-traces"), traces::keep);
    doors.page_of_signed_in(Method::GET, &at("/saml-traces/{trace}"), traces::show);
}

/// Is it the path of one of these pages?
pub fn is_console(path: &str) -> bool {
    path.strip_prefix(CONSOLE)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Is it such a path, and a plain one, that somebody can be sent on to?
pub fn is_place(path: &str) -> bool {
    let is_plain = |part: &str| {
        let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        !part.is_empty() && part.chars().all(letters)
    };
    is_console(path) && path.split('/').skip(1).all(is_plain)
}

//! Pages for browsers: signing in and out, one's account. They need no script, but for passkeys.
//!
//! Every form carries a token that belongs to the browser's cookies, and a form that comes from another site is refused
//! before its handler sees it ([`crate::middleware::guard`]).

mod account;
pub mod acting;
mod assets;
mod browser;
pub mod carried;
pub mod confirm;
mod device;
mod enrolment;
mod factors;
mod form;
mod invitation;
pub mod page;
mod partners;
pub mod passkeys;
mod portal;
mod qr;
pub mod second_factor;
mod sign_in;
pub mod target;
mod tokens;
pub mod underway;
pub mod words;

use axum::response::Response;
use http::request::Parts;
use http::{Method, StatusCode};

pub use browser::{Browser, Peer, Proxy};
pub use confirm::vouched;
pub use form::{Fields, Filled};
pub use page::failure;

use crate::doors::{AUTHORIZE, AUTHORIZE_WRAPPED, Doors};
use crate::middleware::context::SignedIn;
use crate::{Guard, State};

/// Adds every page.
pub fn open(doors: &mut Doors) {
    doors.page(Method::GET, "/sign-in", sign_in::show);
    doors.page(Method::POST, "/sign-in", sign_in::enter);
    doors.page(Method::POST, "/sign-in/organization", sign_in::choose);
    doors.page(Method::POST, "/sign-in/password", sign_in::choose_password);
    doors.page(Method::POST, "/sign-in/factor", second_factor::show);
    doors.page(Method::POST, "/sign-in/passkey", passkeys::sign_in);
    doors.page(Method::POST, "/sign-in/authenticator", enrolment::set_up);
    doors.page(Method::GET, "/signed-out", sign_in::signed_out);
    doors.page(Method::GET, "/invitation", invitation::show);
    doors.page(Method::POST, "/invitation", invitation::answer);

    doors.page_of_signed_in(Method::GET, "/account", account::show);
    doors.page_of_signed_in(Method::POST, "/account/password", account::change_password);
    doors.page_of_signed_in(Method::POST, "/account/sessions", account::end_session);
    doors.page_of_signed_in(Method::GET, "/account/confirm", confirm::ask);
    doors.page_of_signed_in(Method::POST, "/account/confirm", confirm::show);
    doors.page_of_signed_in(Method::GET, factors::AUTHENTICATOR, factors::ask);
    doors.page_of_signed_in(Method::POST, factors::AUTHENTICATOR, factors::set_up);
    doors.page_of_signed_in(Method::POST, "/account/authenticator/remove", factors::remove);
    doors.page_of_signed_in(Method::POST, "/account/confirm/passkey", passkeys::confirm);
    doors.page_of_signed_in(Method::GET, passkeys::PASSKEY, passkeys::ask);
    doors.page_of_signed_in(Method::POST, passkeys::PASSKEY, passkeys::make);
    doors.page_of_signed_in(Method::POST, "/account/passkey/remove", passkeys::remove);
    doors.page_of_signed_in(Method::POST, "/account/recovery-codes", factors::renew);
    doors.page_of_signed_in(Method::POST, "/account/grants", account::end_grant);
    doors.page_of_signed_in(Method::POST, "/account/tokens", account::end_token);
    doors.page_of_signed_in(Method::POST, "/account/tokens/replace", tokens::replace);
    doors.page_of_signed_in(Method::POST, partners::PARTNERS, partners::decide);
    doors.page_of_signed_in(Method::GET, "/account/token", tokens::ask);
    doors.page_of_signed_in(Method::POST, "/account/token", tokens::make);
    doors.page_of_signed_in(Method::GET, "/portal", portal::show);
    doors.page_of_signed_in(Method::GET, "/sign-out", account::ask_to_sign_out);
    doors.page_of_signed_in(Method::POST, "/sign-out", account::sign_out);

    doors.page(Method::GET, "/assets/instep.css", assets::stylesheet);
    doors.page(Method::GET, "/assets/passkeys.js", assets::passkeys);
    doors.page(Method::GET, "/assets/read-file.js", assets::read_file);
    doors.page(Method::GET, "/assets/saml-post.js", assets::saml_post);
    doors.page(Method::GET, "/assets/instep.svg", assets::icon);
}

/// Lets a browser in to a page: with a form only from a page of ours, and where somebody must be signed in, with who it is.
pub async fn admit(parts: &mut Parts, state: &State, guard: Guard) -> Result<(), Box<Response>> {
    let is_form = parts.method == Method::POST;
    if is_form && !browser::is_own_site(&parts.headers, &state.config.public_url) {
        Browser::of(parts, state)
            .visit
            .note("a form came from a page of another site");
        let text = "The form was sent from a page of another site. Nothing has been changed.";
        return Err(Box::new(failure(StatusCode::FORBIDDEN, text)));
    }
    if guard != Guard::SignedIn {
        return Ok(());
    }
    let browser = Browser::of(parts, state);
    let visitor = match browser.session() {
        Some(session) => state.access.visitor(session).await,
        None => Ok(None),
    };
    match visitor {
        Ok(Some(visitor)) => {
            parts.extensions.insert(SignedIn(visitor));
            Ok(())
        }
        Ok(None) if is_form => Err(Box::new(page::out_of_date())),
        Ok(None) => {
            let to = parts.uri.path_and_query().map_or("/account", |to| to.as_str());
            Err(Box::new(page::see_other(&target::sign_in(to))))
        }
        Err(error) => Err(Box::new(page::troubled(&error))),
    }
}

/// Is this the path of a page?
pub fn is_page(path: &str) -> bool {
    let bare = path.trim_end_matches('/');
    let of_the_broker = bare == AUTHORIZE_WRAPPED || AUTHORIZE.contains(&bare);
    of_the_broker
        || [
            "/sign-in",
            "/signed-out",
            "/sign-out",
            "/invitation",
            "/account",
            "/assets",
            "/idb/saml2",
            "/idb/Consumer",
            "/saml2",
            "/portal",
            "/console",
        ]
        .iter()
        .any(|base| {
            path.strip_prefix(base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

//! One's own second factors.

use access::{Enrolled, Error};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use base::Secret;
use http::StatusCode;

use super::browser::Browser;
use super::enrolment::{AuthenticatorPage, NOT_THIS, carried_back, carry, grouped};
use super::form::Filled;
use super::{confirm, page, qr};
use crate::State;
use crate::middleware::context::SignedIn;

/// Where an authenticator app is set up.
pub const AUTHENTICATOR: &str = "/account/authenticator";
const SECRET: &str = "account.authenticator.secret";

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct RecoveryCodesPage<'a> {
    codes: Vec<&'a str>,
    to: &'a str,
    onwards: &'static str,
}

/// New recovery codes, on this page and nowhere else ever.
pub fn recovery_codes(codes: &[Secret], to: &str, onwards: &'static str) -> Response {
    let template = RecoveryCodesPage {
        codes: codes.iter().map(Secret::expose).collect(),
        to,
        onwards,
    };
    page::page(StatusCode::OK, &template)
}

/// `GET /account/authenticator`.
pub async fn ask(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    mut browser: Browser,
) -> Response {
    if visitor.require_proof(state.ambient.now()).is_err() {
        return confirm::lead(AUTHENTICATOR);
    }
    let had = match state.access.factors(visitor.org, visitor.user).await {
        Ok(factors) => factors.authenticator.is_some(),
        Err(error) => return page::troubled(&error),
    };
    let cookie = browser.introduce(&state);
    let new = state.access.new_authenticator();
    let shown = authenticator(&state, &browser, &visitor.user_name, had, &new, None);
    page::with_cookies(shown, [cookie])
}

fn authenticator(
    state: &State,
    browser: &Browser,
    account: &str,
    replaces: bool,
    new: &access::NewAuthenticator,
    error: Option<String>,
) -> Response {
    let status = match error {
        Some(_) => StatusCode::FORBIDDEN,
        None => StatusCode::OK,
    };
    let template = AuthenticatorPage {
        form: browser.form_token(),
        carried: String::new(),
        secret_carried: carry(state, browser, SECRET, new),
        action: AUTHENTICATOR,
        demanded_by: None,
        replaces,
        secret: grouped(new.secret().expose()),
        account,
        qr: qr::draw(new.address(account).expose()),
        error,
    };
    page::page(status, &template)
}

/// `POST /account/authenticator`: `code`, which the app shows.
pub async fn set_up(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let Some(new) = carried_back(&state, &filled, SECRET) else {
        return page::out_of_date();
    };
    let browser = &filled.browser;
    let added = state
        .access
        .add_authenticator(&browser.visit, &visitor, &new, filled.text("code"))
        .await;
    match added {
        Ok(Enrolled {
            recovery_codes: Some(codes),
        }) => recovery_codes(&codes, page::BACK.0, page::BACK.1),
        Ok(Enrolled { recovery_codes: None }) => {
            let text =
                "From now on only the codes of the new app let you in. Your recovery codes stay as they are.";
            page::own_message(StatusCode::OK, "The app is replaced", text)
        }
        Err(Error::WrongCode) => {
            let error = Some(NOT_THIS.to_owned());
            authenticator(&state, browser, &visitor.user_name, false, &new, error)
        }
        Err(Error::NotProved) => confirm::lead(AUTHENTICATOR),
        Err(error) => page::troubled(&error),
    }
}

/// `POST /account/authenticator/remove`.
pub async fn remove(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let settings = match state.directory.settings(visitor.org).await {
        Ok(settings) => settings,
        Err(error) => return page::troubled(&error.into()),
    };
    let removed = state
        .access
        .remove_authenticator(&filled.browser.visit, &visitor, &settings)
        .await;
    match removed {
        Ok(()) => {
            let text = "Its codes let nobody in any more.";
            page::own_message(StatusCode::OK, "The app is removed", text)
        }
        Err(Error::FactorDemanded) => demanded(),
        Err(Error::NotProved) => confirm::lead("/account"),
        Err(error) => page::troubled(&error),
    }
}

/// The last factor stays where one is demanded.
pub fn demanded() -> Response {
    let text =
        "Your organization demands a second factor of you. Set up another one first, or replace this one.";
    page::own_message(StatusCode::CONFLICT, "It cannot go", text)
}

/// `POST /account/recovery-codes`: new ones.
pub async fn renew(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let visit = &filled.browser.visit;
    match state.access.renew_recovery_codes(visit, &visitor).await {
        Ok(codes) => recovery_codes(&codes, page::BACK.0, page::BACK.1),
        Err(Error::NotProved) => confirm::lead("/account"),
        Err(Error::NoFactor) => {
            let text = "Recovery codes come with a second factor, and you have none.";
            page::own_message(StatusCode::CONFLICT, "That did not work", text)
        }
        Err(error) => page::troubled(&error),
    }
}

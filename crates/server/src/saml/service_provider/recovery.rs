//! `/idb/saml2/{org}/recover`: for an administrator whom a broken identity provider keeps out.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use federation::service_provider::Error;
use http::StatusCode;
use tokio::time::Instant;

use super::{organization, troubled};
use crate::State;
use crate::middleware::context::RequestIds;
use crate::pages::{Browser, Filled, page};

/// No answer comes sooner.
const ANSWER: Duration = Duration::from_millis(400);

#[derive(Template)]
#[template(path = "sso_recovery.html")]
struct RecoveryPage<'a> {
    form: String,
    action: String,
    /// To whom a code was sent, if there is such an administrator.
    address: Option<&'a str>,
    error: Option<&'a str>,
}

/// `GET`.
pub async fn show(Extract(state): Extract<State>, mut browser: Browser, Path(org): Path<String>) -> Response {
    let org = match organization(&state, &org).await {
        Ok((org, _)) => org,
        Err(unknown) => return *unknown,
    };
    let cookie = browser.introduce(&state);
    let template = RecoveryPage {
        form: browser.form_token(),
        action: format!("/idb/saml2/{org}/recover"),
        address: None,
        error: None,
    };
    page::with_cookies(page::page(StatusCode::OK, &template), [cookie])
}

/// `POST`: `address`; and `code`, once it has come.
pub async fn recover(
    Extract(state): Extract<State>,
    Path(org): Path<String>,
    ids: RequestIds,
    filled: Filled,
) -> Response {
    let org = match organization(&state, &org).await {
        Ok((org, _)) => org,
        Err(unknown) => return *unknown,
    };
    let address = filled.text("address").trim();
    let (federation, origin) = (&state.federation, ids.origin());
    let again = |status, error| {
        let template = RecoveryPage {
            form: filled.browser.form_token(),
            action: format!("/idb/saml2/{org}/recover"),
            address: Some(address),
            error,
        };
        page::page(status, &template)
    };
    if filled.text("code").is_empty() {
        let began = Instant::now();
        let sent = federation.send_recovery_code(origin, org, address).await;
        // Whether there was a mail to write is not to be read off a clock.
        tokio::time::sleep_until(began + ANSWER).await;
        return match sent {
            Ok(()) => again(StatusCode::OK, None),
            Err(error) => troubled(error),
        };
    }
    match federation
        .recover(origin, org, address, &filled.secret("code"))
        .await
    {
        Ok(()) => {
            let text = "Single sign-on is off: everybody of your organization signs in with a password until it is switched on \
                        again.";
            let link = Some(("/sign-in", "Sign in"));
            page::message(StatusCode::OK, "Single sign-on is off", text, link)
        }
        Err(Error::WrongCode) => {
            let text =
                "The code is wrong, was used, or has expired. After five wrong ones another is needed.";
            again(StatusCode::FORBIDDEN, Some(text))
        }
        Err(error) => troubled(error),
    }
}

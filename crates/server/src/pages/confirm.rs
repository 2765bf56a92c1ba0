//! Is it still whoever has signed in? Asked before what weighs much, unless it was shown lately: by a code where there is a
//! second factor, else by the password.

use access::{Error, Visitor};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use federation::service_provider::Vouched;
use http::StatusCode;

use super::browser::Browser;
use super::form::Filled;
use super::page;
use super::passkeys::{self, Asked};
use super::second_factor::{said, waiting};
use super::underway::wanted;
use crate::State;
use crate::middleware::context::{Params, SignedIn};
use crate::saml::service_provider as saml;

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    form: String,
    to: &'a str,
    user_name: &'a str,
    has_factor: bool,
    has_app: bool,
    passkey: Option<Asked>,
    error: Option<String>,
}

/// What an identity provider has said of somebody.
pub fn vouched(visitor: &Visitor) -> Option<Vouched> {
    serde_json::from_str(visitor.vouched.as_deref()?).ok()
}

/// Leads there, and then on to where somebody wanted to go.
pub fn lead(to: &str) -> Response {
    page::see_other(&place(to))
}

/// Where it is asked, and leads on.
pub fn place(to: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("to", to)
        .finish();
    format!("/account/confirm?{query}")
}

/// `GET /account/confirm?to=…`.
pub async fn ask(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    mut browser: Browser,
    params: Params,
) -> Response {
    let cookie = browser.introduce(&state);
    let to = wanted(params.get("to"));
    let asked = render(&state, &visitor, &browser, to, StatusCode::OK, None).await;
    page::with_cookies(asked, [cookie])
}

/// `POST /account/confirm`: `shown`, a code or the password, and `to`.
pub async fn show(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let to = wanted(Some(filled.text("to")));
    let browser = &filled.browser;
    let shown = filled.secret("shown");
    match state.access.prove_again(&browser.visit, &visitor, &shown).await {
        Ok(()) => page::see_other(to),
        Err(error) => refused(&state, &visitor, browser, to, &error).await,
    }
}

/// Asks again, or says why there is no more to ask.
pub async fn refused(
    state: &State,
    visitor: &Visitor,
    browser: &Browser,
    to: &str,
    error: &Error,
) -> Response {
    match said(state, error) {
        Some((status, error, wait)) => {
            let page = render(state, visitor, browser, to, status, Some(error)).await;
            waiting(page, wait)
        }
        None => page::troubled(error),
    }
}

async fn render(
    state: &State,
    visitor: &Visitor,
    browser: &Browser,
    to: &str,
    status: StatusCode,
    error: Option<String>,
) -> Response {
    let factors = state.access.factors(visitor.org, visitor.user).await;
    let passkey = passkeys::ask_for(state, browser, visitor.org, visitor.user).await;
    let (factors, passkey) = match (factors, passkey) {
        (Ok(factors), Ok(passkey)) => (factors, passkey),
        (Err(error), _) | (_, Err(error)) => return page::troubled(&error),
    };
    // Whoever has shown no password here shows anew there who it is.
    if !factors.any()
        && let Some(vouched) = vouched(visitor)
    {
        let place = saml::login_path(visitor.org, vouched.provider, Some(to));
        let text =
            "You have been signed in for a while. You are led to your organization's sign-in once more.";
        return crate::saml::leave(&format!("{place}&again=true"), "Is it still you?", text);
    }
    let has_script = passkey.is_some();
    let template = ConfirmPage {
        form: browser.form_token(),
        to,
        user_name: &visitor.user_name,
        has_factor: factors.any(),
        has_app: factors.authenticator.is_some(),
        passkey,
        error,
    };
    let page = page::page(status, &template);
    if has_script { page::scripted(page) } else { page }
}

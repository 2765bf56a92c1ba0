//! What the link of an invitation leads to. Looking at the page answers nothing: mail programs follow links by themselves.

use access::{Answerable, Asked, Error};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use http::StatusCode;

use super::browser::Browser;
use super::form::Filled;
use super::underway::{self, ACCOUNT};
use super::{page, sign_in};
use crate::State;
use crate::middleware::context::Params;
use crate::saml::service_provider as saml;

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    form: String,
    token: &'a str,
    invitation: &'a Answerable,
    is_to_choose: bool,
    shortest: usize,
    error: Option<String>,
}

/// `GET /invitation?token=…`.
pub async fn show(Extract(state): Extract<State>, mut browser: Browser, params: Params) -> Response {
    let token = params.get("token").unwrap_or_default();
    match state.access.invitation(token).await {
        Ok(invitation) => {
            let cookie = browser.introduce(&state);
            let page = render(&browser, token, &invitation, None);
            page::with_cookies(page, [cookie])
        }
        Err(error) => refused(&error),
    }
}

/// `POST /invitation`: `token`, and of whoever has no password `new` and, the same, `again`.
pub async fn answer(Extract(state): Extract<State>, filled: Filled) -> Response {
    let (browser, token) = (&filled.browser, filled.text("token"));
    let invitation = match state.access.invitation(token).await {
        Ok(invitation) => invitation,
        Err(error) => return refused(&error),
    };
    if invitation.asked == Asked::Confirmation {
        return match state.access.confirm_address(&browser.visit, token).await {
            Ok(()) => {
                let text = format!("The address {} is confirmed.", invitation.address);
                page::message(StatusCode::OK, "Thank you", &text, Some((ACCOUNT, "Go on")))
            }
            Err(error) => refused(&error),
        };
    }
    let again = |error: String| render(browser, token, &invitation, Some(error));
    if filled.text("new") != filled.text("again") {
        return again("The two passwords are not the same.".to_owned());
    }
    let new = filled.secret("new");
    match state
        .access
        .choose_first_password(&browser.visit, token, &new)
        .await
    {
        // Whoever is to sign in elsewhere does so from the first time on.
        Ok(candidate) => match state
            .federation
            .route_of_person(candidate.org, candidate.user)
            .await
        {
            Ok(Some(provider)) => sign_in::leave(candidate.org, &provider, None),
            Ok(None) => underway::proceed(&state, browser, &candidate, ACCOUNT).await,
            Err(error) => saml::troubled(error),
        },
        Err(Error::Weak(weakness)) => again(format!("{weakness}.")),
        Err(error) => refused(&error),
    }
}

fn render(browser: &Browser, token: &str, invitation: &Answerable, error: Option<String>) -> Response {
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let template = InvitationPage {
        form: browser.form_token(),
        token,
        invitation,
        is_to_choose: invitation.asked == Asked::Password,
        shortest: access::SHORTEST,
        error,
    };
    page::page(status, &template)
}

fn refused(error: &Error) -> Response {
    let Error::InvitationOver = error else {
        return page::troubled(error);
    };
    let text = "This link is good no more: it was used, it is too old, or you have got another one since. If you have a \
                password, sign in with it. If not, ask your administrator for another invitation.";
    let link = Some(("/sign-in", "Sign in"));
    page::message(StatusCode::NOT_FOUND, "This invitation is over", text, link)
}

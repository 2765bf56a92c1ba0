//! The second factor behind the password.

use access::{Candidate, Error};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use http::StatusCode;

use super::browser::Browser;
use super::form::Filled;
use super::passkeys::{self, Asked};
use super::sign_in::seconds_to;
use super::underway::{self, Underway};
use super::{carried, page as pages};
use crate::State;

pub const PURPOSE: &str = "sign-in.factor";
const WRONG: &str = "The code is wrong, or it was used before. Your app shows a new one every half minute.";

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage<'a> {
    form: String,
    carried: String,
    user_name: &'a str,
    organization: &'a str,
    has_app: bool,
    passkey: Option<Asked>,
    error: Option<String>,
}

/// Asks somebody whose password was right for the second factor.
pub async fn page(state: &State, browser: &Browser, candidate: &Candidate, to: &str) -> Response {
    render(state, browser, candidate, to, StatusCode::OK, None).await
}

/// Asks again, or says why there is no more to ask.
pub async fn refused(
    state: &State,
    browser: &Browser,
    candidate: &Candidate,
    to: &str,
    error: &Error,
) -> Response {
    match said(state, error) {
        Some((status, error, wait)) => {
            let page = render(state, browser, candidate, to, status, Some(error)).await;
            waiting(page, wait)
        }
        None => pages::troubled(error),
    }
}

/// `POST /sign-in/factor`: `code`, of the app or a recovery code.
pub async fn show(Extract(state): Extract<State>, filled: Filled) -> Response {
    let (candidate, to) = match underway::one(&state, &filled, PURPOSE).await {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let (access, browser) = (&state.access, &filled.browser);
    let code = filled.secret("code");
    match access.show_factor(&browser.visit, candidate.clone(), &code).await {
        Ok(candidate) => underway::proceed(&state, browser, &candidate, &to).await,
        Err(error) => refused(&state, browser, &candidate, &to, &error).await,
    }
}

/// What is said of a wrong code: with which status, and how long one has to wait.
pub fn said(state: &State, error: &Error) -> Option<(StatusCode, String, Option<u64>)> {
    match error {
        Error::WrongCode => Some((StatusCode::FORBIDDEN, WRONG.to_owned(), None)),
        Error::WrongPassword => {
            let text = "The password is wrong.".to_owned();
            Some((StatusCode::FORBIDDEN, text, None))
        }
        Error::TooManyAttempts { until } => {
            let seconds = seconds_to(state, *until);
            let text = pages::wait_sentence(seconds);
            Some((StatusCode::TOO_MANY_REQUESTS, text, Some(seconds)))
        }
        error => passkeys::said(error),
    }
}

/// A page with the header for who has to wait.
pub fn waiting(page: Response, wait: Option<u64>) -> Response {
    match wait {
        Some(seconds) => pages::retry_after(page, seconds),
        None => page,
    }
}

async fn render(
    state: &State,
    browser: &Browser,
    candidate: &Candidate,
    to: &str,
    status: StatusCode,
    error: Option<String>,
) -> Response {
    let passkey = match passkeys::ask_for(state, browser, candidate.org, candidate.user).await {
        Ok(passkey) => passkey,
        Err(error) => return pages::troubled(&error),
    };
    let has_script = passkey.is_some();
    let template = SecondFactorPage {
        form: browser.form_token(),
        carried: carried::seal(state, browser, PURPOSE, Underway::one(candidate, to)),
        user_name: &candidate.user_name,
        organization: &candidate.org_name,
        has_app: candidate.factors.authenticator.is_some(),
        passkey,
        error,
    };
    let page = pages::page(status, &template);
    if has_script { pages::scripted(page) } else { page }
}

//! The second factor behind the password.

use access::{Candidate, Error};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use http::StatusCode;

use super::browser::Browser;
use super::form::Filled;
use super::sign_in::seconds_to;
use super::underway::{self, Underway};
use super::{carried, page as pages};
use crate::State;

const PURPOSE: &str = "sign-in.factor";
const WRONG: &str = "The code is wrong, or it was used before. Your app shows a new one every half minute.";

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage<'a> {
    form: String,
    carried: String,
    user_name: &'a str,
    organization: &'a str,
    error: Option<String>,
}

/// Asks somebody whose password was right for the second factor.
pub fn page(state: &State, browser: &Browser, candidate: &Candidate, to: &str) -> Response {
    render(state, browser, candidate, to, StatusCode::OK, None)
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
        Err(error) => match said(&state, &error) {
            Some((status, error, wait)) => {
                let page = render(&state, browser, &candidate, &to, status, Some(error));
                waiting(page, wait)
            }
            None => pages::troubled(&error),
        },
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
        _ => None,
    }
}

/// A page with the header for who has to wait.
pub fn waiting(page: Response, wait: Option<u64>) -> Response {
    match wait {
        Some(seconds) => pages::retry_after(page, seconds),
        None => page,
    }
}

fn render(
    state: &State,
    browser: &Browser,
    candidate: &Candidate,
    to: &str,
    status: StatusCode,
    error: Option<String>,
) -> Response {
    let template = SecondFactorPage {
        form: browser.form_token(),
        carried: carried::seal(state, browser, PURPOSE, Underway::one(candidate, to)),
        user_name: &candidate.user_name,
        organization: &candidate.org_name,
        error,
    };
    pages::page(status, &template)
}

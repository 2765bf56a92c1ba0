//! The first second factor, on the way in, where the organization demands one of whoever has none.

use access::{Candidate, Error, NewAuthenticator};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::form::Filled;
use super::qr::{self, Qr};
use super::underway::{self, Underway};
use super::{carried, factors, page as pages};
use crate::State;

const PURPOSE: &str = "sign-in.authenticator";
const SECRET: &str = "sign-in.authenticator.secret";

/// What to put into an authenticator app, and the code that it then shows.
#[derive(Template)]
#[template(path = "authenticator.html")]
pub struct AuthenticatorPage<'a> {
    pub form: String,
    pub carried: String,
    pub secret_carried: String,
    pub action: &'static str,
    /// Who demands it, where it is demanded.
    pub demanded_by: Option<&'a str>,
    pub replaces: bool,
    pub secret: String,
    pub account: &'a str,
    pub qr: Option<Qr>,
    pub error: Option<String>,
}

/// What an app is to know, carried by the form until it has shown that it does.
#[derive(Serialize, Deserialize)]
struct Carried(String);

/// Seals what an app is to know into its form.
pub fn carry(state: &State, browser: &Browser, purpose: &str, new: &NewAuthenticator) -> String {
    let text = Carried(new.secret().expose().to_owned());
    carried::seal(state, browser, purpose, text)
}

pub fn carried_back(state: &State, filled: &Filled, purpose: &str) -> Option<NewAuthenticator> {
    let text: Carried = carried::open(state, &filled.browser, purpose, filled.text("secret"))?;
    NewAuthenticator::read(&text.0)
}

/// Asks somebody who must have a factor to set one up.
pub fn page(
    state: &State,
    browser: &Browser,
    candidate: &Candidate,
    to: &str,
    new: &NewAuthenticator,
    error: Option<String>,
) -> Response {
    let status = match error {
        Some(_) => StatusCode::FORBIDDEN,
        None => StatusCode::OK,
    };
    let template = AuthenticatorPage {
        form: browser.form_token(),
        carried: carried::seal(state, browser, PURPOSE, Underway::one(candidate, to)),
        secret_carried: carry(state, browser, SECRET, new),
        action: "/sign-in/authenticator",
        demanded_by: Some(&candidate.org_name),
        replaces: false,
        secret: grouped(new.secret().expose()),
        account: &candidate.user_name,
        qr: qr::draw(new.address(&candidate.user_name).expose()),
        error,
    };
    pages::page(status, &template)
}

/// `POST /sign-in/authenticator`: `code`, which the app shows.
pub async fn set_up(Extract(state): Extract<State>, filled: Filled) -> Response {
    let (candidate, to) = match underway::one(&state, &filled, PURPOSE).await {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let Some(new) = carried_back(&state, &filled, SECRET) else {
        return pages::out_of_date();
    };
    let (access, browser) = (&state.access, &filled.browser);
    let added = access
        .add_first_authenticator(&browser.visit, &candidate, &new, filled.text("code"))
        .await;
    let (enrolled, candidate) = match added {
        Ok(added) => added,
        Err(Error::WrongCode) => {
            let error = Some(NOT_THIS.to_owned());
            return page(&state, browser, &candidate, &to, &new, error);
        }
        Err(error) => return pages::troubled(&error),
    };
    match underway::begin(&state, browser, &candidate).await {
        Ok(session) => {
            let codes = enrolled.recovery_codes.unwrap_or_default();
            let shown = factors::recovery_codes(&codes, &to, "Go on");
            pages::with_cookies(shown, underway::cookies(&state, browser, &candidate, &session))
        }
        Err(error) => pages::troubled(&error),
    }
}

/// What is said where the app shows something else.
pub const NOT_THIS: &str =
    "That is not the code. Does the clock of your device go right? Type the one that the app shows now.";

/// In groups of four, to be typed in.
pub fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
    groups.join(" ")
}

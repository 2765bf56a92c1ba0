//! Passkeys: made, shown behind the password, shown again. These pages run our one script; without it there are the other ways.

use access::{Ceremony, Enrolled, Error, Origin};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use base::{OrgId, UserId};
use http::StatusCode;

use super::browser::Browser;
use super::form::Filled;
use super::underway::wanted;
use super::{carried, confirm, factors, page, second_factor, underway};
use crate::State;
use crate::middleware::context::SignedIn;

/// Where a passkey is made.
pub const PASSKEY: &str = "/account/passkey";
const NEW: &str = "account.passkey";
const SHOWN: &str = "passkey";
const NOT_TAKEN: &str = "This passkey was not taken. Try it again, or another way.";

/// What a page needs to ask a device.
pub struct Asked {
    /// JSON for the script.
    pub options: String,
    /// Sealed.
    pub state: String,
}

#[derive(Template)]
#[template(path = "new_passkey.html")]
struct NewPasskeyPage {
    form: String,
    options: String,
    state: String,
    error: Option<&'static str>,
}

fn seal(state: &State, browser: &Browser, purpose: &str, ceremony: Ceremony) -> Asked {
    Asked {
        state: carried::seal(state, browser, purpose, ceremony.state),
        options: ceremony.options,
    }
}

/// For one of somebody's passkeys, if there are any and this server can ask for them.
pub async fn ask_for(
    state: &State,
    browser: &Browser,
    org: OrgId,
    user: UserId,
) -> Result<Option<Asked>, Error> {
    let Some(origin) = &state.passkeys else {
        return Ok(None);
    };
    let ceremony = state.access.ask_for_passkey(origin, org, user).await?;
    Ok(ceremony.map(|ceremony| seal(state, browser, SHOWN, ceremony)))
}

/// The ceremony that a form of one purpose answers.
fn answered<'s>(state: &'s State, filled: &Filled, purpose: &str) -> Option<(&'s Origin, String)> {
    let carried = carried::open(state, &filled.browser, purpose, filled.text("state"))?;
    Some((state.passkeys.as_ref()?, carried))
}

/// `POST /sign-in/passkey`: `answer`, of the device.
pub async fn sign_in(Extract(state): Extract<State>, filled: Filled) -> Response {
    let (candidate, to) = match underway::one(&state, &filled, second_factor::PURPOSE).await {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let Some((origin, ceremony)) = answered(&state, &filled, SHOWN) else {
        return page::out_of_date();
    };
    let (access, visit) = (&state.access, &filled.browser.visit);
    let answer = filled.text("answer");
    let shown = access
        .show_passkey(visit, candidate.clone(), (origin, &ceremony), answer)
        .await;
    match shown {
        Ok(candidate) => underway::proceed(&state, &filled.browser, &candidate, &to).await,
        Err(error) => second_factor::refused(&state, &filled.browser, &candidate, &to, &error).await,
    }
}

/// `POST /account/confirm/passkey`: `answer`, of the device, and `to`.
pub async fn confirm(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    filled: Filled,
) -> Response {
    let Some((origin, ceremony)) = answered(&state, &filled, SHOWN) else {
        return page::out_of_date();
    };
    let to = wanted(Some(filled.text("to")));
    let visit = &filled.browser.visit;
    let answer = filled.text("answer");
    let shown = state
        .access
        .prove_again_by_passkey(visit, &visitor, (origin, &ceremony), answer)
        .await;
    match shown {
        Ok(()) => page::see_other(to),
        Err(error) => confirm::refused(&state, &visitor, &filled.browser, to, &error).await,
    }
}

/// Takes one of somebody's where there is neither a sign-in nor a session; nothing of a form that is out of date.
pub async fn take(state: &State, filled: &Filled, whose: (OrgId, UserId, &str)) -> Option<Result<(), Error>> {
    let (origin, ceremony) = answered(state, filled, SHOWN)?;
    let (access, visit) = (&state.access, &filled.browser.visit);
    let answer = filled.text("answer");
    Some(
        access
            .prove_by_passkey(visit, whose, (origin, &ceremony), answer)
            .await,
    )
}

/// `GET /account/passkey`.
pub async fn ask(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    mut browser: Browser,
) -> Response {
    let Some(origin) = &state.passkeys else {
        let text =
            "This server is known by an address only. Passkeys are made for names, such as id.example.com.";
        return page::own_message(StatusCode::CONFLICT, "No passkeys here", text);
    };
    let cookie = browser.introduce(&state);
    match state.access.ask_for_new_passkey(origin, &visitor).await {
        Ok(ceremony) => {
            let shown = new_passkey(&state, &browser, StatusCode::OK, ceremony, None);
            page::with_cookies(shown, [cookie])
        }
        Err(error) => failed(&error),
    }
}

fn new_passkey(
    state: &State,
    browser: &Browser,
    status: StatusCode,
    ceremony: Ceremony,
    error: Option<&'static str>,
) -> Response {
    let asked = seal(state, browser, NEW, ceremony);
    let template = NewPasskeyPage {
        form: browser.form_token(),
        options: asked.options,
        state: asked.state,
        error,
    };
    page::scripted(page::page(status, &template))
}

/// `POST /account/passkey`: `answer`, of the device.
pub async fn make(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let Some((origin, ceremony)) = answered(&state, &filled, NEW) else {
        return page::out_of_date();
    };
    let browser = &filled.browser;
    let added = state
        .access
        .add_passkey(
            &browser.visit,
            &visitor,
            (origin, &ceremony),
            filled.text("answer"),
        )
        .await;
    match added {
        Ok(Enrolled {
            recovery_codes: Some(codes),
        }) => factors::recovery_codes(&codes, page::BACK.0, page::BACK.1),
        Ok(Enrolled { recovery_codes: None }) => page::see_other("/account"),
        Err(Error::WrongPasskey) => match state.access.ask_for_new_passkey(origin, &visitor).await {
            Ok(ceremony) => new_passkey(&state, browser, StatusCode::FORBIDDEN, ceremony, Some(NOT_TAKEN)),
            Err(error) => failed(&error),
        },
        Err(error) => failed(&error),
    }
}

/// `POST /account/passkey/remove`: `passkey`, the credential's id.
pub async fn remove(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let settings = match state.directory.settings(visitor.org).await {
        Ok(settings) => settings,
        Err(error) => return page::troubled(&error.into()),
    };
    let visit = &filled.browser.visit;
    let removed = state
        .access
        .remove_passkey(visit, &visitor, &settings, filled.text("passkey"))
        .await;
    match removed {
        Ok(()) => page::see_other("/account"),
        Err(error) => failed(&error),
    }
}

fn failed(error: &Error) -> Response {
    match error {
        Error::NotProved => confirm::lead(PASSKEY),
        Error::FactorDemanded => factors::demanded(),
        Error::TooManyPasskeys => {
            let text = "You have as many passkeys as one can have. Remove one that you no longer use.";
            page::own_message(StatusCode::CONFLICT, "That is enough", text)
        }
        error => page::troubled(error),
    }
}

/// What is said of a passkey that was not good.
pub fn said(error: &Error) -> Option<(StatusCode, String, Option<u64>)> {
    matches!(error, Error::WrongPasskey).then(|| (StatusCode::FORBIDDEN, NOT_TAKEN.to_owned(), None))
}

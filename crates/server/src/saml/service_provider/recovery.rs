//! `/idb/saml2/{org}/recover`: for an administrator whom a broken identity provider keeps out.
//!
//! First an address, to which a code is sent; then the code, and a second factor of whoever has one: mail that somebody else reads
//! is not enough to put an identity provider in another's place; then what is to be done. What the browser may do is known by what
//! it holds, so that the page can be left for a test and come back to.

use std::time::Duration;

use access::of_network;
use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use base::{IdentityProviderId, OrgId, Timestamp, UserId};
use federation::service_provider::{Asking, Error, Remedy};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{organization, test_address, troubled};
use crate::State;
use crate::middleware::context::RequestIds;
use crate::pages::passkeys::{self, Asked};
use crate::pages::{Browser, Filled, page, second_factor};

/// No answer that depends on who is an administrator comes sooner.
const ANSWER: Duration = Duration::from_millis(400);
const PURPOSE: &str = "sso.recovery";
/// How long a second factor that was shown counts here.
const SHOWN_FOR: Duration = Duration::from_mins(30);

/// A second factor was shown; forms of the page carry it, sealed.
#[derive(Serialize, Deserialize)]
struct Shown {
    browser: Vec<u8>,
    user: UserId,
    at: Timestamp,
}

/// How far somebody is who is at the page.
enum Stage {
    /// The code has not come.
    Asking,
    /// The second factor has not been shown.
    Owing { user: UserId, name: String },
    /// With what forms carry of it.
    Acting(String),
}

#[derive(Template)]
#[template(path = "sso_recovery.html")]
struct RecoveryPage<'a> {
    form: String,
    action: String,
    /// To whom a code was sent, if there is such an administrator.
    address: Option<&'a str>,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "sso_recovery_factor.html")]
struct FactorPage {
    form: String,
    action: String,
    has_app: bool,
    passkey: Option<Asked>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "sso_repair.html")]
struct RepairPage<'a> {
    form: String,
    shown: String,
    action: String,
    providers: Vec<Choice>,
    /// Some are switched off, and can be tested.
    any_off: bool,
    done: Option<String>,
    error: Option<String>,
    /// What was pasted and is not taken.
    metadata: &'a str,
}

struct Choice {
    id: IdentityProviderId,
    name: String,
    active: bool,
    tested: bool,
    test_address: String,
    chosen: bool,
}

/// What came of what was asked for.
#[derive(Default)]
struct Outcome<'a> {
    done: Option<String>,
    error: Option<String>,
    metadata: &'a str,
    provider: Option<IdentityProviderId>,
}

/// `GET`.
pub async fn show(Extract(state): Extract<State>, mut browser: Browser, Path(org): Path<String>) -> Response {
    let org = match organization(&state, &org).await {
        Ok((org, _)) => org,
        Err(unknown) => return *unknown,
    };
    let cookie = browser.introduce(&state);
    let page = go_on(&state, &browser, org).await;
    page::with_cookies(page, [cookie])
}

/// `POST`: `address`; and `code`, once it has come; behind the right code `factor`, or a passkey's `answer`, of whoever has one; and
/// then `do`: `switch_off`,
/// `metadata` with `provider` and `metadata`, or `activate` with `provider`.
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
    if filled.has("do") {
        return act(&state, org, &ids, &filled).await;
    }
    if filled.has("factor") || filled.has("answer") {
        return show_factor(&state, org, &filled).await;
    }
    let began = Instant::now();
    let answer = prove(&state, org, &ids, &filled).await;
    // Neither whether there was a mail to write nor whether there is a code is to be read off a clock.
    tokio::time::sleep_until(began + ANSWER).await;
    answer
}

/// Sends a code, or takes one.
async fn prove(state: &State, org: OrgId, ids: &RequestIds, filled: &Filled) -> Response {
    let (federation, browser) = (&state.federation, &filled.browser);
    let (address, mark) = (filled.text("address").trim(), browser.mark());
    if filled.text("code").is_empty() {
        let asking = Asking {
            browser: &mark,
            network: &of_network(ids.client_ip),
        };
        let sent = federation
            .send_recovery_code(ids.origin(), org, asking, address)
            .await;
        return match sent {
            Ok(()) => ask(browser, org, StatusCode::OK, Some(address), None),
            Err(error) => troubled(error),
        };
    }
    let code = filled.secret("code");
    match federation
        .take_recovery_code(ids.origin(), org, &mark, &code)
        .await
    {
        Ok(()) => go_on(state, browser, org).await,
        Err(Error::WrongCode) => {
            let text = "The code is wrong, was used, has expired, or was sent for another browser. After five wrong ones \
                        another is needed.";
            ask(browser, org, StatusCode::FORBIDDEN, Some(address), Some(text))
        }
        Err(error) => troubled(error),
    }
}

/// How far somebody is, who brings what a form carried, if that is known.
async fn stage(state: &State, browser: &Browser, org: OrgId, carried: &str) -> Result<Stage, Response> {
    let mark = browser.mark();
    let found = state.federation.recovering(org, &mark).await.map_err(troubled)?;
    let Some((user, name)) = found else {
        return Ok(Stage::Asking);
    };
    let factors = state.access.factors(org, user).await;
    if !factors.map_err(|error| page::troubled(&error))?.any() {
        return Ok(Stage::Acting(String::new()));
    }
    let opened = state.sealers.pages.open(org, PURPOSE, carried).ok();
    let shown = opened.and_then(|bytes| serde_json::from_slice::<Shown>(&bytes).ok());
    let counts = shown.is_some_and(|shown| {
        shown.browser == mark && shown.user == user && state.ambient.now().since(shown.at) <= SHOWN_FOR
    });
    Ok(if counts {
        Stage::Acting(carried.to_owned())
    } else {
        Stage::Owing { user, name }
    })
}

/// The page for whoever comes to it, however far they are.
async fn go_on(state: &State, browser: &Browser, org: OrgId) -> Response {
    match stage(state, browser, org, "").await {
        Ok(Stage::Asking) => ask(browser, org, StatusCode::OK, None, None),
        Ok(Stage::Owing { user, .. }) => ask_factor(state, browser, (org, user), StatusCode::OK, None).await,
        Ok(Stage::Acting(shown)) => {
            repair(state, browser, (org, shown), StatusCode::OK, Outcome::default()).await
        }
        Err(failed) => failed,
    }
}

/// Takes a second factor.
async fn show_factor(state: &State, org: OrgId, filled: &Filled) -> Response {
    let browser = &filled.browser;
    let (user, name) = match stage(state, browser, org, "").await {
        Ok(Stage::Owing { user, name }) => (user, name),
        Ok(_) => return go_on(state, browser, org).await,
        Err(failed) => return failed,
    };
    let whose = (org, user, name.as_str());
    let taken = if filled.has("answer") {
        let Some(taken) = passkeys::take(state, filled, whose).await else {
            return page::out_of_date();
        };
        taken
    } else {
        let code = filled.secret("factor");
        state.access.show_code(&browser.visit, whose, &code).await
    };
    if let Err(error) = taken {
        let Some((status, text, wait)) = second_factor::said(state, &error) else {
            return page::troubled(&error);
        };
        let asked = ask_factor(state, browser, (org, user), status, Some(text)).await;
        return second_factor::waiting(asked, wait);
    }
    let shown = Shown {
        browser: browser.mark(),
        user,
        at: state.ambient.now(),
    };
    let Ok(payload) = serde_json::to_vec(&shown) else {
        return page::out_of_date();
    };
    let shown = state.sealers.pages.seal(&state.ambient, org, PURPOSE, &payload);
    repair(state, browser, (org, shown), StatusCode::OK, Outcome::default()).await
}

/// Does what was chosen behind the right code.
async fn act(state: &State, org: OrgId, ids: &RequestIds, filled: &Filled) -> Response {
    let shown = match stage(state, &filled.browser, org, filled.text("shown")).await {
        Ok(Stage::Acting(shown)) => shown,
        Ok(Stage::Owing { user, .. }) => {
            let text = Some("Show your second factor first.".to_owned());
            return ask_factor(state, &filled.browser, (org, user), StatusCode::FORBIDDEN, text).await;
        }
        Ok(Stage::Asking) => return over(&filled.browser, org),
        Err(failed) => return failed,
    };
    let provider = filled.text("provider").parse().ok();
    let xml = filled.text("metadata");
    let remedy = match (filled.text("do"), provider) {
        ("switch_off", _) => Remedy::SwitchOff,
        ("metadata", Some(provider)) => Remedy::Metadata { provider, xml },
        ("activate", Some(provider)) => Remedy::Activate { provider },
        _ => return page::failure(StatusCode::BAD_REQUEST, "Choose one of the identity providers."),
    };
    let browser = &filled.browser;
    let is_metadata = matches!(remedy, Remedy::Metadata { .. });
    let done = state
        .federation
        .recover(ids.origin(), org, &browser.mark(), remedy)
        .await;
    match done {
        Ok(Some(provider)) if is_metadata => {
            let outcome = Outcome {
                done: Some(format!(
                    "The metadata of {} are saved. It is switched off until a test has gone well.",
                    provider.name
                )),
                ..Outcome::default()
            };
            repair(state, browser, (org, shown), StatusCode::OK, outcome).await
        }
        Ok(Some(provider)) => {
            let text = format!("People are led to {} again.", provider.name);
            let link = Some(("/sign-in", "Sign in"));
            page::message(StatusCode::OK, "Single sign-on is repaired", &text, link)
        }
        Ok(None) => {
            let text = "Single sign-on is off: everybody of your organization signs in with a password until it is switched on \
                        again.";
            let link = Some(("/sign-in", "Sign in"));
            page::message(StatusCode::OK, "Single sign-on is off", text, link)
        }
        Err(Error::RecoveryOver) => over(browser, org),
        Err(error @ (Error::Store(_) | Error::Directory(_))) => troubled(error),
        Err(error) => {
            let outcome = Outcome {
                error: Some(format!("{error}.")),
                metadata: xml,
                provider,
                ..Outcome::default()
            };
            repair(state, browser, (org, shown), StatusCode::BAD_REQUEST, outcome).await
        }
    }
}

fn over(browser: &Browser, org: OrgId) -> Response {
    let text = "The time for this is over, or it was done already. Ask for another code.";
    ask(browser, org, StatusCode::FORBIDDEN, None, Some(text))
}

async fn ask_factor(
    state: &State,
    browser: &Browser,
    (org, user): (OrgId, UserId),
    status: StatusCode,
    error: Option<String>,
) -> Response {
    let factors = state.access.factors(org, user).await;
    let passkey = passkeys::ask_for(state, browser, org, user).await;
    let (factors, passkey) = match (factors, passkey) {
        (Ok(factors), Ok(passkey)) => (factors, passkey),
        (Err(error), _) | (_, Err(error)) => return page::troubled(&error),
    };
    let has_script = passkey.is_some();
    let template = FactorPage {
        form: browser.form_token(),
        action: action(org),
        has_app: factors.authenticator.is_some(),
        passkey,
        error,
    };
    let page = page::page(status, &template);
    if has_script { page::scripted(page) } else { page }
}

fn ask(
    browser: &Browser,
    org: OrgId,
    status: StatusCode,
    address: Option<&str>,
    error: Option<&str>,
) -> Response {
    let template = RecoveryPage {
        form: browser.form_token(),
        action: action(org),
        address,
        error,
    };
    page::page(status, &template)
}

/// What can be done: shown to nobody but whoever has brought the code.
async fn repair(
    state: &State,
    browser: &Browser,
    (org, shown): (OrgId, String),
    status: StatusCode,
    outcome: Outcome<'_>,
) -> Response {
    let providers = match state.federation.providers(org).await {
        Ok(providers) => providers,
        Err(error) => return troubled(error),
    };
    let providers: Vec<_> = providers
        .into_iter()
        .map(|one| Choice {
            test_address: test_address(state, org, one.id),
            id: one.id,
            active: one.active,
            tested: one.tested.is_some(),
            chosen: outcome.provider == Some(one.id),
            name: one.name,
        })
        .collect();
    let template = RepairPage {
        form: browser.form_token(),
        shown,
        action: action(org),
        any_off: providers.iter().any(|one| !one.active),
        providers,
        done: outcome.done,
        error: outcome.error,
        metadata: outcome.metadata,
    };
    page::scripted(page::page(status, &template))
}

fn action(org: OrgId) -> String {
    format!("/idb/saml2/{org}/recover")
}

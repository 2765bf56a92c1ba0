//! `/idb/saml2/{org}/recover`: for an administrator whom a broken identity provider keeps out.
//!
//! First an address, to which a code is sent; then the code; then what is to be done. What the browser may do is known by what it
//! holds, so that the page can be left for a test and come back to.

use std::time::Duration;

use access::of_network;
use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use base::{IdentityProviderId, OrgId};
use federation::service_provider::{Asking, Error, Remedy};
use http::StatusCode;
use tokio::time::Instant;

use super::{organization, test_address, troubled};
use crate::State;
use crate::middleware::context::RequestIds;
use crate::pages::{Browser, Filled, page};

/// No answer that depends on who is an administrator comes sooner.
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

#[derive(Template)]
#[template(path = "sso_repair.html")]
struct RepairPage<'a> {
    form: String,
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
    let page = match state.federation.is_recovering(org, &browser.mark()).await {
        Ok(true) => repair(&state, &browser, org, StatusCode::OK, Outcome::default()).await,
        Ok(false) => ask(&browser, org, StatusCode::OK, None, None),
        Err(error) => troubled(error),
    };
    page::with_cookies(page, [cookie])
}

/// `POST`: `address`; and `code`, once it has come; and behind the right code `do`: `switch_off`, `metadata` with `provider` and
/// `metadata`, or `activate` with `provider`.
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
        Ok(()) => repair(state, browser, org, StatusCode::OK, Outcome::default()).await,
        Err(Error::WrongCode) => {
            let text = "The code is wrong, was used, has expired, or was sent for another browser. After five wrong ones \
                        another is needed.";
            ask(browser, org, StatusCode::FORBIDDEN, Some(address), Some(text))
        }
        Err(error) => troubled(error),
    }
}

/// Does what was chosen behind the right code.
async fn act(state: &State, org: OrgId, ids: &RequestIds, filled: &Filled) -> Response {
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
            repair(state, browser, org, StatusCode::OK, outcome).await
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
        Err(Error::RecoveryOver) => {
            let text = "The time for this is over, or it was done already. Ask for another code.";
            ask(browser, org, StatusCode::FORBIDDEN, None, Some(text))
        }
        Err(error @ (Error::Store(_) | Error::Directory(_))) => troubled(error),
        Err(error) => {
            let outcome = Outcome {
                error: Some(format!("{error}.")),
                metadata: xml,
                provider,
                ..Outcome::default()
            };
            repair(state, browser, org, StatusCode::BAD_REQUEST, outcome).await
        }
    }
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
    org: OrgId,
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

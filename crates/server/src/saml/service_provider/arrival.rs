//! From where an answer came in to a page of ours that sees the browser's cookies: a ticket in the address, good once, for a
//! moment, and only with a cookie that goes with it.

use std::time::Duration;

use axum::response::Response;
use base::{CorrelationId, OrgId, SamlTraceId, Timestamp};
use federation::service_provider::{Vouched, Welcome};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::faults::Told;
use crate::State;
use crate::pages::{Browser, page};
use crate::saml::failed;

const LANDING: &str = "sso.landing";
const TESTED: &str = "sso.tested";
const REFUSED: &str = "sso.refused";
/// A redirect takes no longer.
const PATIENCE: Duration = Duration::from_mins(2);

/// A browser on its way.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ticket<T> {
    at: Timestamp,
    pub id: CorrelationId,
    /// A hash of the cookie.
    cookie: String,
    pub what: T,
}

/// Somebody who may come in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Arrived {
    pub user: base::UserId,
    pub vouched: Vouched,
    pub authenticated: Timestamp,
    pub until: Option<Timestamp>,
    pub trusts_second_factor: bool,
    pub browser: Option<Vec<u8>>,
    pub target: Option<String>,
}

/// A test that is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tested {
    pub trace: SamlTraceId,
    pub browser: Option<Vec<u8>>,
}

/// Somebody who is not let in, and may be sent on to a page of the organization's.
#[derive(Debug, Serialize, Deserialize)]
pub struct TurnedAway {
    pub told: Told,
    /// A hash of what the browser held that asked.
    pub browser: Vec<u8>,
}

/// Leads somebody who may come in to the landing.
pub fn welcome(state: &State, org: OrgId, welcome: Welcome) -> Response {
    let Welcome {
        user,
        vouched,
        authenticated,
        until,
        trusts_second_factor,
        browser,
        target,
    } = welcome;
    let arrived = Arrived {
        user,
        vouched,
        authenticated,
        until,
        trusts_second_factor,
        browser,
        target,
    };
    lead(state, org, LANDING, "landing", arrived)
}

/// Leads whoever has run a test to what came of it.
pub fn tested(state: &State, org: OrgId, trace: SamlTraceId, browser: Option<Vec<u8>>) -> Response {
    lead(state, org, TESTED, "tested", Tested { trace, browser })
}

/// Leads whoever is not let in to where it is seen whether this browser has asked.
pub fn refused(state: &State, org: OrgId, told: Told, browser: Vec<u8>) -> Response {
    lead(state, org, REFUSED, "refused", TurnedAway { told, browser })
}

fn lead<T: Serialize>(state: &State, org: OrgId, purpose: &str, place: &str, what: T) -> Response {
    let (value, cookie) = Browser::landing_cookie(state);
    let ticket = Ticket {
        at: state.ambient.now(),
        id: state.ambient.id(),
        cookie: access::form_token(&value),
        what,
    };
    let text = match serde_json::to_vec(&ticket) {
        Ok(text) => text,
        Err(error) => return failed(&error),
    };
    let sealed = state.sealers.pages.seal(&state.ambient, org, purpose, &text);
    let to = format!("/idb/saml2/{org}/{place}?ticket={sealed}");
    page::with_cookies(page::see_other(&to), [cookie])
}

/// The ticket of somebody who has landed; whether it was used before is for the caller.
pub fn arrived(state: &State, org: OrgId, browser: &Browser, text: &str) -> Option<Ticket<Arrived>> {
    open(state, org, browser, LANDING, text)
}

pub fn test_over(state: &State, org: OrgId, browser: &Browser, text: &str) -> Option<Ticket<Tested>> {
    open(state, org, browser, TESTED, text)
}

pub fn turned_away(state: &State, org: OrgId, browser: &Browser, text: &str) -> Option<Ticket<TurnedAway>> {
    open(state, org, browser, REFUSED, text)
}

fn open<T: DeserializeOwned>(
    state: &State,
    org: OrgId,
    browser: &Browser,
    purpose: &str,
    text: &str,
) -> Option<Ticket<T>> {
    let bytes = state.sealers.pages.open(org, purpose, text).ok()?;
    let ticket: Ticket<T> = serde_json::from_slice(&bytes).ok()?;
    let fresh = state.ambient.now().since(ticket.at) <= PATIENCE;
    let own = access::is_form_token(browser.landing()?, &ticket.cookie);
    (fresh && own).then_some(ticket)
}

//! The organizations of others that somebody administers, or is asked to: taking up, declining, giving up.

use access::{Customer, Error};
use axum::extract::State as Extract;
use axum::response::Response;
use http::StatusCode;

use super::account::{Said, account};
use super::form::Filled;
use super::{confirm, page, words};
use crate::State;
use crate::middleware::context::SignedIn;

pub const PARTNERS: &str = "/account/partners";

const OVER: &str = "This offer is good no more: it was withdrawn, or it has lapsed.";

/// A customer as the account's page shows it.
pub struct Shown {
    pub id: String,
    pub organization: String,
    pub role: &'static str,
    /// Since when, if it is taken up.
    pub since: Option<String>,
    pub until: String,
}

impl From<Customer> for Shown {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.partner.to_string(),
            organization: customer.name,
            role: customer.role.title(),
            since: customer.taken_up.map(words::day),
            until: words::day(customer.lapses),
        }
    }
}

/// `POST /account/partners`: `partner`, and `decision`: `take_up`, or `give_up` of an offer or of what was taken up.
pub async fn decide(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let browser = &filled.browser;
    let takes_up = match filled.text("decision") {
        "take_up" => true,
        "give_up" => false,
        _ => return page::failure(StatusCode::BAD_REQUEST, "Choose what is to be done."),
    };
    if takes_up && visitor.require_proof(state.ambient.now()).is_err() {
        return confirm::lead("/account");
    }
    let done = match filled.text("partner").parse() {
        Ok(partner) if takes_up => state.access.take_up(&browser.visit, &visitor, partner).await,
        Ok(partner) => state.access.give_up(&browser.visit, &visitor, partner).await,
        Err(_) => Err(Error::UnknownPartner),
    };
    let said = match done {
        Ok(()) if takes_up => Said::Done("You administer this organization from now on."),
        Ok(()) => Said::Done("You do not administer this organization, and no token of yours opens it."),
        Err(Error::UnknownPartner) => Said::Error(StatusCode::NOT_FOUND, OVER.to_owned()),
        Err(error) => return page::troubled(&error),
    };
    account(&state, &visitor, browser, said).await
}

//! Behind the password: what is still to be shown or chosen before somebody is in, in this order. A second factor, if there
//! is one; another password, if this one was made up; a first factor, if the organization demands one.
//!
//! Until then nobody has a session: who is on the way is carried by the forms, for one browser and a few minutes.

use access::{Candidate, Error, Evidence, Federated};
use axum::response::Response;
use base::{OrgId, Secret, Timestamp, UserId};
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::form::Filled;
use super::{carried, device, enrolment, page, second_factor, sign_in, target};
use crate::State;

/// Where one goes who wanted nowhere else.
pub const ACCOUNT: &str = "/account";

/// Somebody whose password was right, as forms carry it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Known {
    org: OrgId,
    user: UserId,
    password_set: Timestamp,
    /// What was typed.
    address: String,
    /// What was shown.
    evidence: Evidence,
    /// Who vouches for the person in the place of a password.
    federated: Option<Federated>,
}

impl From<&Candidate> for Known {
    fn from(candidate: &Candidate) -> Self {
        Self {
            org: candidate.org,
            user: candidate.user,
            password_set: candidate.password_set,
            address: candidate.address.clone(),
            evidence: candidate.evidence,
            federated: candidate.federated.clone(),
        }
    }
}

/// What the forms behind the password carry.
#[derive(Debug, Serialize, Deserialize)]
pub struct Underway {
    pub people: Vec<Known>,
    pub to: String,
}

impl Underway {
    pub fn one(candidate: &Candidate, to: &str) -> Self {
        Self {
            people: vec![candidate.into()],
            to: to.to_owned(),
        }
    }
}

/// The one whom a form for one purpose carries, as of now, and where he or she wants to go.
pub async fn one(state: &State, filled: &Filled, purpose: &str) -> Result<(Candidate, String), Response> {
    let opened = carried::open::<Underway>(state, &filled.browser, purpose, filled.text("carried"));
    let Some(underway) = opened else {
        return Err(page::out_of_date());
    };
    let Some(known) = underway.people.first() else {
        return Err(page::out_of_date());
    };
    match again(state, known).await {
        Ok(candidate) => Ok((candidate, wanted(Some(&underway.to)).to_owned())),
        Err(error) => Err(page::troubled(&error)),
    }
}

pub async fn again(state: &State, known: &Known) -> Result<Candidate, Error> {
    let Known {
        org,
        user,
        password_set,
        ref address,
        evidence,
        ref federated,
    } = *known;
    let access = &state.access;
    let again = match federated {
        None => access.candidate_again(org, user, password_set).await?,
        Some(federated) => access.federated_candidate(org, user, federated.clone()).await?,
    };
    let candidate = Candidate {
        address: address.clone(),
        ..again
    };
    Ok(candidate.having_shown(evidence))
}

/// What comes next.
pub async fn proceed(state: &State, browser: &Browser, candidate: &Candidate, to: &str) -> Response {
    if candidate.owes_factor() {
        return second_factor::page(state, browser, candidate, to).await;
    }
    if candidate.must_change {
        return sign_in::new_password(state, browser, candidate, to, None);
    }
    let settings = match state.directory.settings(candidate.org).await {
        Ok(settings) => settings,
        Err(error) => return page::troubled(&error.into()),
    };
    let has_factor = candidate.factors.any() || candidate.is_trusted();
    if !has_factor && access::demands_factor(&settings, candidate.role) {
        let new = state.access.new_authenticator();
        return enrolment::page(state, browser, candidate, to, &new, None);
    }
    match begin(state, browser, candidate).await {
        Ok(session) => {
            let cookies = cookies(state, browser, candidate, &session);
            page::with_cookies(page::see_other(to), cookies)
        }
        Err(error) => page::troubled(&error),
    }
}

/// The cookies of somebody who is in from now on, at a browser that is known from now on.
pub fn cookies(
    state: &State,
    browser: &Browser,
    candidate: &Candidate,
    session: &Secret,
) -> impl Iterator<Item = Option<HeaderValue>> {
    let device = device::cookie(state, browser, &candidate.address);
    browser
        .signed_in(state, session.expose())
        .into_iter()
        .chain([device])
}

/// Begins the session; gives what the cookie is to hold.
pub async fn begin(state: &State, browser: &Browser, candidate: &Candidate) -> Result<Secret, Error> {
    // Whoever was signed in here before no longer is.
    if let Some(session) = browser.session()
        && let Some(visitor) = state.access.visitor(session).await?
    {
        state.access.sign_out(&browser.visit, &visitor).await?;
    }
    state.access.begin_session(&browser.visit, candidate).await
}

/// Where somebody goes, whether he or she wanted to go anywhere or not.
pub fn wanted(to: Option<&str>) -> &str {
    to.and_then(target::place).unwrap_or(ACCOUNT)
}

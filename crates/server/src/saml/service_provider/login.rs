//! `GET /idb/saml2/{org}/login`: to an identity provider.

use std::time::Duration;

use axum::extract::{Path, State as Extract};
use axum::response::Response;
use base::{IdentityProviderId, OrgId, Timestamp};
use federation::service_provider::{Fault, Provider, Purpose, Sso, Wanted, WebexError, pages};
use serde::{Deserialize, Serialize};

use super::super::{posting, wants_anew};
use super::{faults, organization, troubled};
use crate::State;
use crate::middleware::context::{Params, RequestIds};
use crate::middleware::strangers::{Came, marked};
use crate::pages::{Browser, page, target};

/// How long a test can be begun.
const TESTABLE: Duration = Duration::from_hours(1);
const PURPOSE: &str = "sso.test";

/// Lets somebody run a test, in whichever browser.
#[derive(Debug, Serialize, Deserialize)]
struct TestTicket {
    provider: IdentityProviderId,
    at: Timestamp,
}

/// The address that begins the test of an identity provider.
pub fn test_address(state: &State, org: OrgId, provider: IdentityProviderId) -> String {
    let ticket = TestTicket {
        provider,
        at: state.ambient.now(),
    };
    let text = serde_json::to_vec(&ticket).unwrap_or_default();
    let sealed = state.sealers.pages.seal(&state.ambient, org, PURPOSE, &text);
    let public_url = &state.config.public_url;
    format!("{public_url}/idb/saml2/{org}/login?test={sealed}")
}

impl TestTicket {
    fn open(state: &State, org: OrgId, text: &str) -> Option<Self> {
        let bytes = state.sealers.pages.open(org, PURPOSE, text).ok()?;
        let ticket: Self = serde_json::from_slice(&bytes).ok()?;
        let fresh = state.ambient.now().since(ticket.at) <= TESTABLE;
        fresh.then_some(ticket)
    }
}

/// The way to an identity provider, and on from there.
pub fn login_path(org: OrgId, provider: IdentityProviderId, to: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("provider", &provider.to_string());
    if let Some(to) = to {
        query.append_pair("to", to);
    }
    format!("/idb/saml2/{org}/login?{}", query.finish())
}

/// Parameters: `provider`, its id or name, else the first that is switched on; `to`, where one goes afterwards; `again`, for
/// somebody who has to show anew who it is; `test`, a ticket.
pub async fn begin(
    Extract(state): Extract<State>,
    mut browser: Browser,
    ids: RequestIds,
    Path(org): Path<String>,
    params: Params,
) -> Response {
    let (org, addresses) = match organization(&state, &org).await {
        Ok(found) => found,
        Err(unknown) => return *unknown,
    };
    let federation = &state.federation;
    let test = params
        .get("test")
        .and_then(|ticket| TestTicket::open(&state, org, ticket));
    if params.get("test").is_some() && test.is_none() {
        return page::out_of_date();
    }
    let sso = match federation.sso(org).await {
        Ok(sso) => sso,
        Err(error) => return troubled(error),
    };
    let found = match &test {
        Some(test) => federation.provider_by_id(org, test.provider).await,
        None => chosen(&state, org, params.get("provider")).await,
    };
    let provider = match found {
        Ok(provider) => provider,
        Err(error) => return troubled(error),
    };
    let is_on = test.is_some() || sso.active && provider.as_ref().is_some_and(|one| one.active);
    let cause = federation.nobody(ids.origin());
    let Some(provider) = provider.filter(|_| is_on) else {
        let fault = Fault::new(WebexError::NotAllowed, "single sign-on is switched off");
        return faults::refuse(&state, &cause, org, None, fault).await;
    };
    let to = params
        .get("to")
        .filter(|to| is_allowed(&sso, to))
        .or(provider.settings.default_target_page.as_deref())
        .unwrap_or(pages::ACCOUNT);
    let cookie = browser.introduce(&state);
    let wanted = Wanted {
        purpose: if test.is_some() {
            Purpose::Test
        } else {
            Purpose::SignIn
        },
        browser: &browser.mark(),
        target: to,
        again: params.get("again").is_some() || wants_anew(to),
    };
    match federation.begin_sign_in(org, &addresses, &provider, wanted).await {
        Ok(outgoing) => {
            let answer = page::with_cookies(posting(&provider.name, &outgoing), [cookie]);
            marked(answer, Came::Begun)
        }
        Err(error) => {
            tracing::error!(%error, "no request could be made for an identity provider");
            let fault = Fault::new(WebexError::AuthnRequest, "no request could be made");
            faults::refuse(&state, &cause, org, Some(&provider), fault).await
        }
    }
}

/// The one that is named, else the first that is switched on.
async fn chosen(
    state: &State,
    org: OrgId,
    name: Option<&str>,
) -> Result<Option<Provider>, federation::service_provider::Error> {
    use federation::service_provider::Error;
    let Some(name) = name else {
        let providers = state.federation.providers(org).await?;
        return Ok(providers.into_iter().find(|one| one.active));
    };
    match state.federation.provider(org, name).await {
        Ok(provider) => Ok(Some(provider)),
        Err(Error::UnknownProvider { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A page of ours that one can be sent on to, or one of others that the organization has allowed.
pub fn is_allowed(sso: &Sso, to: &str) -> bool {
    target::place(to).is_some() || pages::is_allowed(to, &sso.settings.target_pages)
}

//! Domain management under the addresses and names of Webex's own API: `POST /identity/organizations/{orgId}/actions/…`. The
//! record is ours, and so are the errors: problem details.

use access::Permission::ManageDomains;
use axum::Json;
use axum::extract::State as Extract;
use directory::domains::{Domain, DomainState, record};
use directory::{DomainError, Error};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Problem, body};
use crate::State;
use crate::doors::Doors;
use crate::middleware::context::Caller;

/// Adds them.
pub fn open(doors: &mut Doors) {
    let at = |action: &str| format!("/identity/organizations/{{org}}/actions/{action}");
    let post = Method::POST;
    doors.api_at(
        post.clone(),
        &at("getDomainVerificationToken"),
        ManageDomains,
        token,
    );
    doors.api_at(post.clone(), &at("verifyDomain"), ManageDomains, verify);
    doors.api_at(post.clone(), &at("claimDomain"), ManageDomains, claim);
    doors.api_at(post.clone(), &at("unclaimDomain"), ManageDomains, unclaim);
    doors.api_at(post, &at("unverifyDomain"), ManageDomains, unverify);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    domain: String,
}

/// `getDomainVerificationToken`: the same until another one is made.
async fn token(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Named>,
) -> Result<Json<Value>, Problem> {
    let (directory, org) = (&state.directory, caller.principal.org);
    if directory.is_domain_claimed_elsewhere(org, &wanted.domain).await? {
        let name = wanted.domain;
        return Err(Error::Domain(DomainError::Taken { name }).into());
    }
    let domain = match directory.add_domain(caller.cause(), org, &wanted.domain).await {
        Err(Error::Domain(DomainError::Exists { name })) => directory.domain(org, &name).await?,
        other => other?,
    };
    Ok(Json(json!({
        "domain": domain.name,
        "token": domain.token,
        "verificationMethod": "DNS_TXT",
        "record": record(&domain),
    })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Verified {
    domain: String,
    #[serde(default)]
    claim_domain: bool,
    #[serde(default)]
    reserve_domain: bool,
}

/// `verifyDomain`, and claims it if that is said.
async fn verify(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Verified>,
) -> Result<Json<Value>, Problem> {
    if wanted.reserve_domain {
        let detail = "reserveDomain is of Webex for Government only: domains are not reserved here";
        return Err(Problem::bad_request("domain.reserve", detail));
    }
    let (directory, org) = (&state.directory, caller.principal.org);
    let verified = directory.verify_domain(caller.cause(), org, &wanted.domain).await;
    verified.map_err(|error| match error {
        Error::Domain(DomainError::Unknown { .. }) => Problem::bad_request(
            "domain.no_token",
            "No token was asked for yet: send getDomainVerificationToken first",
        ),
        other => other.into(),
    })?;
    if wanted.claim_domain {
        directory
            .claim_domain(caller.cause(), org, &wanted.domain)
            .await?;
    }
    standing(&state, &caller).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Claimed {
    data: Vec<Named>,
    force_domain_claim: Option<bool>,
    /// A claim never is about more than the domain here.
    #[serde(default, rename = "claimDomainOnly")]
    _claim_domain_only: bool,
}

/// `claimDomain`: one after the other, up to the first that cannot be claimed.
async fn claim(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Claimed>,
) -> Result<Json<Value>, Problem> {
    let (directory, org) = (&state.directory, caller.principal.org);
    for Named { domain } in &wanted.data {
        if wanted.force_domain_claim == Some(false) {
            let known = directory.domain(org, domain).await?;
            let people = directory.inhabitants(org, &known).await?.elsewhere;
            if let Some(people) = people.filter(|people| *people > 0) {
                let detail = format!(
                    "Other organizations have people with addresses of {domain}, and forceDomainClaim is false"
                );
                return Err(Problem::conflict("domain.inhabited", detail).param("people", people));
            }
        }
        directory.claim_domain(caller.cause(), org, domain).await?;
    }
    standing(&state, &caller).await
}

/// `unclaimDomain`: it stays verified.
async fn unclaim(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Named>,
) -> Result<Json<Value>, Problem> {
    state
        .directory
        .release_domain(caller.cause(), caller.principal.org, &wanted.domain)
        .await?;
    standing(&state, &caller).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Unverified {
    domain: String,
    #[serde(default)]
    remove_pending: bool,
}

/// `unverifyDomain`: removes it; one that is only asked for, if that is said.
async fn unverify(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Unverified>,
) -> Result<Json<Value>, Problem> {
    let (directory, org) = (&state.directory, caller.principal.org);
    let domain = directory.domain(org, &wanted.domain).await?;
    if DomainState::of(&domain) == DomainState::Pending && !wanted.remove_pending {
        let detail = format!(
            "The domain {} is not verified: say removePending to remove it",
            domain.name
        );
        return Err(Problem::bad_request("domain.not_verified", detail));
    }
    let removed = directory.remove_domain(caller.cause(), org, &domain.name).await;
    removed.map_err(|error| match error {
        Error::Domain(DomainError::Claimed { .. }) => {
            Problem::bad_request("domain.claimed", error.to_string())
        }
        other => other.into(),
    })?;
    standing(&state, &caller).await
}

/// Which domains are verified now, and which claimed.
async fn standing(state: &State, caller: &Caller) -> Result<Json<Value>, Problem> {
    let domains = state.directory.domains(caller.principal.org).await?;
    let named = |is_one: fn(&Domain) -> bool| -> Vec<_> {
        let some = domains.iter().filter(|domain| is_one(domain));
        some.map(|domain| domain.name.as_str()).collect()
    };
    Ok(Json(json!({
        "verifiedDomains": named(|domain| domain.verified.is_some()),
        "claimedDomains": named(|domain| domain.claimed.is_some()),
    })))
}

//! `/api/v1/domains`: which e-mail domains are the organization's, and which of them it has for itself.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use directory::domains::{Domain, DomainState, lapses, record, shown_domain};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Problem, body, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/domains`: all of them, in the order of their names.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let domains = state.directory.domains(caller.principal.org).await?;
    let items: Vec<_> = domains.iter().map(render).collect();
    Ok(Json(
        json!({ "items": items, "next": null, "total": domains.len() }),
    ))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDomain)]
pub struct Wanted {
    domain: String,
}

/// `POST /api/v1/domains`: asks for one; the answer says which record it is to have.
pub async fn add(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let added = state
        .directory
        .add_domain(caller.cause(), caller.principal.org, &wanted.domain)
        .await?;
    Ok((StatusCode::CREATED, Json(render(&added))).into_response())
}

/// `GET /api/v1/domains/{domain}`: with how many people have addresses of it.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(domain): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let domain = state.directory.domain(org, &domain).await?;
    whole(&state, &caller, &domain).await
}

/// `DELETE /api/v1/domains/{domain}`: only when it is not claimed.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(domain): Path<String>,
) -> Result<StatusCode, Problem> {
    state
        .directory
        .remove_domain(caller.cause(), caller.principal.org, &domain)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/domains/{domain}/token`: another record.
pub async fn renew(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(domain): Path<String>,
) -> Result<Json<Value>, Problem> {
    let renewed = state
        .directory
        .renew_domain_token(caller.cause(), caller.principal.org, &domain)
        .await?;
    Ok(Json(render(&renewed)))
}

/// `POST /api/v1/domains/{domain}/verify`: asks the DNS for the record.
pub async fn verify(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(domain): Path<String>,
) -> Result<Json<Value>, Problem> {
    let verified = state
        .directory
        .verify_domain(caller.cause(), caller.principal.org, &domain)
        .await?;
    whole(&state, &caller, &verified).await
}

/// `POST /api/v1/domains/{domain}/claim`.
pub async fn claim(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(domain): Path<String>,
) -> Result<Json<Value>, Problem> {
    let claimed = state
        .directory
        .claim_domain(caller.cause(), caller.principal.org, &domain)
        .await?;
    whole(&state, &caller, &claimed).await
}

/// `DELETE /api/v1/domains/{domain}/claim`: it stays verified.
pub async fn release(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(domain): Path<String>,
) -> Result<StatusCode, Problem> {
    state
        .directory
        .release_domain(caller.cause(), caller.principal.org, &domain)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/claimed-people`: people of the organization whose addresses are in domains that others have claimed.
pub async fn claimed_people(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page::limit(&params)?, page::after(&params)?);
    let people = state
        .directory
        .people_claimed_elsewhere(caller.principal.org, after, limit)
        .await?;
    let cursor = people.last().map(|one| one.user.to_string());
    let items = people
        .iter()
        .map(|one| json!({ "id": one.user, "user_name": one.user_name, "domain": one.domain }))
        .collect();
    Ok(Json(page::page(items, limit, cursor)))
}

async fn whole(state: &State, caller: &Caller, domain: &Domain) -> Result<Json<Value>, Problem> {
    let people = state.directory.inhabitants(caller.principal.org, domain).await?;
    let mut answer = render(domain);
    answer["people"] = json!({ "here": people.here, "elsewhere": people.elsewhere });
    Ok(Json(answer))
}

fn render(domain: &Domain) -> Value {
    json!({
        "domain": domain.name,
        "shown": shown_domain(&domain.name),
        "state": DomainState::of(domain).as_str(),
        "claimed": domain.claimed.is_some(),
        "record": { "type": "TXT", "name": domain.name, "value": record(domain) },
        "problem": domain.problem,
        "created_at": domain.created,
        "token_created_at": domain.token_created,
        "verified_at": domain.verified,
        "claimed_at": domain.claimed,
        "lapsed_at": domain.lapsed,
        "checked_at": domain.checked,
        "record_missing_since": domain.missing,
        "lapses_at": domain.missing.map(lapses),
    })
}

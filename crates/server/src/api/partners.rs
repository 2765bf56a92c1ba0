//! `/api/v1/partners`: people of other organizations who administer this one, and offers of that.

use access::PartnerView;
use axum::Json;
use axum::extract::{Path, State as Extract};
use base::{OrgId, PartnerId};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/partners`: the oldest first, also offers that have lapsed.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page::limit(&params)?, page::after(&params)?);
    let partners = state.access.partners(caller.principal.org, after, limit).await?;
    let cursor = partners.last().map(|partner| partner.id.to_string());
    let items = partners.iter().map(render).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// `GET /api/v1/partners/{partner}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(partner): Path<String>,
) -> Result<Json<Value>, Problem> {
    let partner = state
        .access
        .partner(caller.principal.org, named(&partner)?)
        .await?;
    Ok(Json(render(&partner)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPartner)]
pub struct Wanted {
    /// Of the organization that the person belongs to.
    #[schema(schema_with = given::organization_id)]
    organization_id: String,
    user_name: String,
}

/// `POST /api/v1/partners`: the same answer whether there are such an organization and such a person or not.
pub async fn offer(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Ok(home) = wanted.organization_id.parse::<OrgId>() else {
        let detail = format!("{:?} is not an organization's id", wanted.organization_id);
        return Err(Problem::bad_request("partner.organization", detail));
    };
    let org = caller.principal.org;
    let offered = state
        .access
        .offer(caller.cause(), org, home, &wanted.user_name)
        .await?;
    Ok((StatusCode::CREATED, Json(render(&offered))))
}

/// `DELETE /api/v1/partners/{partner}`: takes it back; the person's tokens open nothing here from now on, for good.
pub async fn withdraw(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(partner): Path<String>,
) -> Result<StatusCode, Problem> {
    let partner = named(&partner)?;
    let org = caller.principal.org;
    state
        .access
        .withdraw_partner(caller.cause(), org, partner)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(text: &str) -> Result<PartnerId, Problem> {
    text.parse().map_err(|_| access::Error::UnknownPartner.into())
}

fn render(partner: &PartnerView) -> Value {
    json!({
        "id": partner.id,
        "organization": { "id": partner.home, "name": partner.home_name },
        "user_name": partner.user_name,
        "user_id": partner.user,
        "role": partner.role.name(),
        "state": partner.standing.as_str(),
        "offered_at": partner.offered,
        "lapses_at": partner.lapses,
        "taken_up_at": partner.taken_up,
    })
}

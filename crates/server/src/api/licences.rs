//! `/api/v1/licences`: what licences there are, how many of each, and who has them.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use directory::licences::{LicenceType, NewLicence, State as Standing, Total};
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/licences`: all of them, the oldest first.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let licences = state.directory.licences(caller.principal.org).await?;
    let items: Vec<_> = licences.iter().map(render).collect();
    Ok(Json(
        json!({ "items": items, "next": null, "total": licences.len() }),
    ))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewLicence)]
pub struct Wanted {
    name: String,
    #[schema(schema_with = given::total)]
    total: Option<u32>,
}

/// `POST /api/v1/licences`.
pub async fn add(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let new = NewLicence {
        name: wanted.name,
        total: total(wanted.total),
    };
    let added = state
        .directory
        .add_licence(caller.cause(), caller.principal.org, new)
        .await?;
    Ok((StatusCode::CREATED, Json(render(&added))).into_response())
}

/// `GET /api/v1/licences/{licence}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(licence): Path<String>,
) -> Result<Json<Value>, Problem> {
    let licence = state.directory.licence(caller.principal.org, &licence).await?;
    Ok(Json(render(&licence)))
}

/// What is left out stays; a `total` of `null` is as many as one likes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LicenceChange)]
pub struct Update {
    name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schema(schema_with = given::total)]
    total: Option<Total>,
}

fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Total>, D::Error> {
    Option::deserialize(deserializer).map(|said| Some(total(said)))
}

/// `PATCH /api/v1/licences/{licence}`.
pub async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(licence): Path<String>,
    body::Json(update): body::Json<Update>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let licence = state.directory.licence(org, &licence).await?;
    let wanted = (update.name, update.total);
    let changed = state
        .directory
        .change_licence(caller.cause(), org, licence.id, wanted)
        .await?;
    Ok(Json(render(&changed)))
}

/// `DELETE /api/v1/licences/{licence}`: only if nobody has it or waits for it, and no template gives it.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(licence): Path<String>,
) -> Result<StatusCode, Problem> {
    let org = caller.principal.org;
    let licence = state.directory.licence(org, &licence).await?;
    state
        .directory
        .remove_licence(caller.cause(), org, licence.id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/licences/{licence}/people?state=`: who has it, in the order of getting it; or who waits, the first in line
/// first.
pub async fn people(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(licence): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page::limit(&params)?, page::after(&params)?);
    let standing = page::one_of(&params, "state", &["given", "waiting", "taken"])?;
    let standing = standing.and_then(|word| Standing::parse(&word));
    let org = caller.principal.org;
    let licence = state.directory.licence(org, &licence).await?;
    let of = (licence.id, standing.unwrap_or(Standing::Given));
    let holders = state.directory.licence_holders(org, of, after, limit).await?;
    let cursor = holders.last().map(|(one, _)| one.ticket.to_string());
    let items = holders
        .iter()
        .map(|(one, user_name)| {
            json!({
                "id": one.user,
                "user_name": user_name,
                "state": one.state.as_str(),
                "since": one.modified,
            })
        })
        .collect();
    Ok(Json(page::page(items, limit, cursor)))
}

fn total(total: Option<u32>) -> Total {
    total.map_or(Total::Unlimited, Total::Of)
}

fn render(licence: &LicenceType) -> Value {
    json!({
        "id": licence.id,
        "name": licence.name,
        "total": licence.total,
        "consumed": licence.consumed,
        "available": licence.available,
        "waiting": licence.waiting,
        "created_at": licence.created,
        "modified_at": licence.modified,
        "version": licence.version,
    })
}

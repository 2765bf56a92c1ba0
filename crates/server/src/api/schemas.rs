//! `/api/v1/schemas`: the extensions that the organization adds to its resource types.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use directory::{Kind, NewSchema, OwnSchema, Put};
use http::StatusCode;
use scim::schema::{DefinitionError, definition};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body};
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/schemas`: the oldest first.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let own = state.directory.schemas(caller.principal.org).await?;
    let items: Vec<_> = own.iter().map(summary).collect();
    Ok(Json(json!({ "items": items, "next": null, "total": own.len() })))
}

/// `GET /api/v1/schemas/{urn}`: with its definition.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(urn): Path<String>,
) -> Result<Json<Value>, Problem> {
    let own = state.directory.schema(caller.principal.org, &urn).await?;
    Ok(Json(whole(&own)))
}

/// What is put.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SchemaGiven)]
pub struct Upload {
    #[schema(schema_with = given::resource_type)]
    resource_type: ResourceType,
    #[serde(default)]
    required: bool,
    #[schema(schema_with = given::definition)]
    schema: Value,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum ResourceType {
    User,
    Group,
}

/// `PUT /api/v1/schemas/{urn}`: 201 for a new one, 200 for one that is there.
pub async fn put(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(urn): Path<String>,
    body::Json(upload): body::Json<Upload>,
) -> Result<Response, Problem> {
    let definition = definition::read(&upload.schema).map_err(|error| invalid(&error))?;
    if !definition.id.eq_ignore_ascii_case(&urn) {
        let detail = format!("The path names {urn}, the definition {}", definition.id);
        return Err(Problem::bad_request("schema.invalid", detail).param("pointer", "/schema/id"));
    }
    let new = NewSchema {
        kind: match upload.resource_type {
            ResourceType::User => Kind::User,
            ResourceType::Group => Kind::Group,
        },
        required: upload.required,
        definition,
    };
    let (own, put) = state
        .directory
        .put_schema(caller.cause(), caller.principal.org, new)
        .await?;
    let status = match put {
        Put::Created => StatusCode::CREATED,
        Put::Changed | Put::Unchanged => StatusCode::OK,
    };
    Ok((status, Json(whole(&own))).into_response())
}

/// `DELETE /api/v1/schemas/{urn}`: only when no resource has values of it.
pub async fn delete(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(urn): Path<String>,
) -> Result<StatusCode, Problem> {
    state
        .directory
        .remove_schema(caller.cause(), caller.principal.org, &urn)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn invalid(error: &DefinitionError) -> Problem {
    let pointer = format!("/schema{}", error.pointer);
    Problem::bad_request("schema.invalid", format!("{} (at {pointer})", error.detail))
        .param("pointer", pointer)
}

fn summary(own: &OwnSchema) -> Value {
    json!({
        "urn": own.definition.id,
        "name": own.definition.name,
        "resource_type": match own.kind { Kind::User => "User", Kind::Group => "Group" },
        "required": own.required,
        "attributes": own.definition.attributes.len(),
        "resources": own.resources,
        "created_at": own.created,
        "modified_at": own.modified,
        "version": own.version,
    })
}

fn whole(own: &OwnSchema) -> Value {
    let mut answer = summary(own);
    answer["schema"] = json!(own.definition);
    answer
}

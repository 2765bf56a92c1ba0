//! `/api/v1/apps/{app}/assignments`: who is to have an account.

use axum::Json;
use axum::extract::{Path, State as Extract};
use provisioning::Subject;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Problem, body, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/apps/{app}/assignments`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let app = resolve::app(&state, org, &app).await?;
    let assignments = state
        .provisioning
        .assignments(org, app.id, page::after(&params)?, limit)
        .await?;
    let cursor = assignments.last().map(|one| one.id.to_string());
    let item = |one: &provisioning::AssignmentView| json!({ "kind": one.kind.as_str(), "id": one.id, "name": one.name, "role": one.role, "created_at": one.created });
    Ok(Json(page::page(
        assignments.iter().map(item).collect(),
        limit,
        cursor,
    )))
}

/// A person or a group, by id or name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    User(String),
    Group(String),
}

/// Who comes and who goes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignments {
    #[serde(default)]
    add: Vec<Named>,
    #[serde(default)]
    remove: Vec<Named>,
}

/// `POST /api/v1/apps/{app}/assignments`.
pub async fn change(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(assignments): body::Json<Assignments>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let add = subjects(&state, &caller, &assignments.add).await?;
    let remove = subjects(&state, &caller, &assignments.remove).await?;
    let added = state
        .provisioning
        .assign(org, app.id, &add, &caller.cause)
        .await?;
    let removed = state
        .provisioning
        .unassign(org, app.id, &remove, &caller.cause)
        .await?;
    Ok(Json(json!({ "added": added, "removed": removed })))
}

async fn subjects(state: &State, caller: &Caller, named: &[Named]) -> Result<Vec<Subject>, Problem> {
    let org = caller.principal.org;
    let mut subjects = Vec::with_capacity(named.len());
    for one in named {
        subjects.push(match one {
            Named::User(name) => Subject::User(resolve::person(state, org, name).await?.id),
            Named::Group(name) => Subject::Group(resolve::group(state, org, name).await?.id),
        });
    }
    Ok(subjects)
}

//! `/api/v1/apps/{app}/assignments`: who is to have an account.

use axum::Json;
use axum::extract::{Path, State as Extract};
use provisioning::{Assignee, Subject, Tried};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::refusals::noted;
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

/// The same, and the role that goes with it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WithRole {
    user: Option<String>,
    group: Option<String>,
    /// An empty one takes the role away.
    role: Option<String>,
}

/// Who loses a role loses it with the assignment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WithoutRole {
    user: Option<String>,
    group: Option<String>,
}

/// Who comes and who goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssignmentChange)]
pub struct Assignments {
    #[serde(default)]
    #[schema(schema_with = given::assignments)]
    add: Vec<WithRole>,
    #[serde(default)]
    #[schema(schema_with = given::unassignments)]
    remove: Vec<WithoutRole>,
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
    let named = named(&state, &caller, assignments).await;
    let (add, remove) = noted((&state, &caller), (Some(app.id), Tried::Update), named).await?;
    let added = state
        .provisioning
        .assign_with_roles(org, app.id, &add, caller.cause())
        .await?;
    let removed = state
        .provisioning
        .unassign(org, app.id, &remove, caller.cause())
        .await?;
    Ok(Json(json!({ "added": added, "removed": removed })))
}

async fn subject(
    state: &State,
    caller: &Caller,
    user: Option<String>,
    group: Option<String>,
) -> Result<Subject, Problem> {
    let org = caller.principal.org;
    match (user, group) {
        (Some(name), None) => Ok(Subject::User(resolve::person(state, org, &name).await?.id)),
        (None, Some(name)) => Ok(Subject::Group(resolve::group(state, org, &name).await?.id)),
        _ => Err(Problem::bad_request(
            "body.invalid",
            "Each entry names either a user or a group",
        )),
    }
}

async fn named(
    state: &State,
    caller: &Caller,
    assignments: Assignments,
) -> Result<(Vec<Assignee>, Vec<Subject>), Problem> {
    let add = assignees(state, caller, assignments.add).await?;
    let mut remove = Vec::with_capacity(assignments.remove.len());
    for WithoutRole { user, group } in assignments.remove {
        remove.push(subject(state, caller, user, group).await?);
    }
    Ok((add, remove))
}

async fn assignees(state: &State, caller: &Caller, wanted: Vec<WithRole>) -> Result<Vec<Assignee>, Problem> {
    let mut assignees = Vec::with_capacity(wanted.len());
    for WithRole { user, group, role } in wanted {
        let subject = subject(state, caller, user, group).await?;
        assignees.push(Assignee { subject, role });
    }
    Ok(assignees)
}

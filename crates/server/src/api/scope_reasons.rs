//! `GET /api/v1/apps/{app}/why/{person}`: why somebody is in scope, or is not; with `kind=group` the same of a group.

use axum::Json;
use axum::extract::{Path, State as Extract};
use provisioning::Way;
use serde_json::{Value, json};

use super::{Problem, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/apps/{app}/why/{person}?kind=user|group`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, name)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let kind = page::one_of(&params, "kind", &["user", "group"])?;
    let app = resolve::app(&state, org, &app).await?;
    let why = if kind.as_deref() == Some("group") {
        let group = resolve::group(&state, org, &name).await?;
        state
            .provisioning
            .why_group_in_scope(org, app.id, group.id)
            .await?
    } else {
        let person = resolve::person(&state, org, &name).await?;
        state.provisioning.why_in_scope(org, app.id, person.id).await?
    };
    let way = |way: &Way| match way {
        Way::InPerson => json!({ "kind": "user" }),
        Way::Through { group, nested } => {
            json!({ "kind": "group", "id": group.id, "name": group.name, "nested": nested })
        }
    };
    let reasons = why.reasons.iter().map(
        |reason| json!({ "code": reason.code, "params": reason.params, "text": provisioning::text(reason) }),
    );
    Ok(Json(json!({
        "subject": why.subject,
        "in_scope": why.in_scope,
        "active": why.active,
        "assignments": why.assignments.iter().map(way).collect::<Vec<_>>(),
        "filter": why.filter,
        "reasons": reasons.collect::<Vec<_>>(),
    })))
}

//! `/api/v1/licence-templates`: which licences newcomers get by themselves.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use base::OrgId;
use directory::licences::{Existing, Inheritance, LicenceTemplate, Scope};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, licence_runs, page, person_licences, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/licence-templates`: the organization's first, if it has one.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let templates = state.directory.licence_templates(caller.principal.org).await?;
    let items: Vec<_> = templates.iter().map(render).collect();
    Ok(Json(
        json!({ "items": items, "next": null, "total": templates.len() }),
    ))
}

/// `GET /api/v1/licence-templates/organization`.
pub async fn read_of_organization(
    Extract(state): Extract<State>,
    caller: Caller,
) -> Result<Json<Value>, Problem> {
    read(&state, caller.principal.org, Scope::Organization).await
}

/// `GET /api/v1/licence-templates/groups/{group}`.
pub async fn read_of_group(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(group): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let scope = group_scope(&state, org, &group).await?;
    read(&state, org, scope).await
}

/// What a template is to give, and what becomes of people who are there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LicenceTemplateWanted)]
pub struct Wanted {
    licences: Vec<String>,
    #[serde(default)]
    #[schema(schema_with = given::existing_users)]
    existing_users: ExistingUsers,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExistingUsers {
    #[default]
    Untouched,
    Preserve,
    TakeAway,
}

impl From<ExistingUsers> for Existing {
    fn from(users: ExistingUsers) -> Self {
        match users {
            ExistingUsers::Untouched => Self::Untouched,
            ExistingUsers::Preserve => Self::Preserve,
            ExistingUsers::TakeAway => Self::TakeAway,
        }
    }
}

/// `PUT /api/v1/licence-templates/organization`.
pub async fn put_of_organization(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    put(&state, &caller, Scope::Organization, wanted).await
}

/// `PUT /api/v1/licence-templates/groups/{group}`.
pub async fn put_of_group(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(group): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let scope = group_scope(&state, caller.principal.org, &group).await?;
    put(&state, &caller, scope, wanted).await
}

/// `DELETE /api/v1/licence-templates/organization?existing_users=`.
pub async fn remove_of_organization(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Response, Problem> {
    remove(&state, &caller, Scope::Organization, &params).await
}

/// `DELETE /api/v1/licence-templates/groups/{group}?existing_users=`.
pub async fn remove_of_group(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(group): Path<String>,
    params: Params,
) -> Result<Response, Problem> {
    let scope = group_scope(&state, caller.principal.org, &group).await?;
    remove(&state, &caller, scope, &params).await
}

async fn group_scope(state: &State, org: OrgId, group: &str) -> Result<Scope, Problem> {
    Ok(Scope::Group(resolve::group(state, org, group).await?.id))
}

async fn read(state: &State, org: OrgId, scope: Scope) -> Result<Json<Value>, Problem> {
    let template = state.directory.licence_template(org, scope).await?;
    Ok(Json(render(&template)))
}

async fn put(state: &State, caller: &Caller, scope: Scope, wanted: Wanted) -> Result<Response, Problem> {
    let org = caller.principal.org;
    let licences = person_licences::named(state, org, &wanted.licences).await?;
    let run = state
        .directory
        .put_licence_template(
            caller.cause(),
            org,
            (scope, licences),
            wanted.existing_users.into(),
        )
        .await?;
    let template = state.directory.licence_template(org, scope).await?;
    let mut answer = render(&template);
    let status = match &run {
        Some(_) => StatusCode::ACCEPTED,
        None => StatusCode::OK,
    };
    answer["run"] = licence_runs::render_new(run.as_ref());
    Ok((status, Json(answer)).into_response())
}

async fn remove(state: &State, caller: &Caller, scope: Scope, params: &Params) -> Result<Response, Problem> {
    let inheritance = match page::one_of(params, "existing_users", &["preserve", "take_away"])?.as_deref() {
        Some("take_away") => Inheritance::TakeAway,
        _ => Inheritance::Preserve,
    };
    let run = state
        .directory
        .remove_licence_template(caller.cause(), caller.principal.org, scope, inheritance)
        .await?;
    Ok(match run {
        None => StatusCode::NO_CONTENT.into_response(),
        run => {
            let answer = json!({ "run": licence_runs::render_new(run.as_ref()) });
            (StatusCode::ACCEPTED, Json(answer)).into_response()
        }
    })
}

fn render(one: &LicenceTemplate) -> Value {
    let licences = one.licences.iter();
    let licences: Vec<_> = licences
        .map(|(id, name)| json!({ "id": id, "name": name }))
        .collect();
    let (kind, group) = match one.template.scope {
        Scope::Organization => ("organization", Value::Null),
        Scope::Group(id) => ("group", json!({ "id": id, "display_name": one.group_name })),
    };
    json!({
        "scope": kind,
        "group": group,
        "licences": licences,
        "created_at": one.template.created,
        "modified_at": one.template.modified,
        "version": one.template.version,
    })
}

//! `/api/v1/apps/{app}/mappings`: which attribute becomes which, of people or, with `?kind=group`, of groups.

use axum::Json;
use axum::extract::{Path, State as Extract};
use http::StatusCode;
use mapping::{AttributeMapping, MappingSet, WhenEmpty};
use provisioning::{MappingEdit, SubjectKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::openapi::shape::Shape;
use super::{Problem, body, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/apps/{app}/mappings`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let set = match kind(&params)? {
        SubjectKind::User => state.provisioning.mappings(org, app.id).await?,
        SubjectKind::Group => state.provisioning.group_mappings(org, app.id).await?,
    };
    Ok(Json(render(&set)))
}

/// Whose table it is: `kind=user`, which may be left out, or `kind=group`.
fn kind(params: &Params) -> Result<SubjectKind, Problem> {
    let kind = page::one_of(params, "kind", &["user", "group"])?;
    Ok(match kind.as_deref() {
        Some("group") => SubjectKind::Group,
        _ => SubjectKind::User,
    })
}

/// All mappings of an app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MappingsGiven)]
pub struct Mappings {
    #[schema(schema_with = given::mappings)]
    mappings: Vec<AttributeMapping>,
}

/// `PUT /api/v1/apps/{app}/mappings`: everybody is looked at anew afterwards; links stay.
pub async fn replace(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
    body::Json(wanted): body::Json<Mappings>,
) -> Result<Json<Value>, Problem> {
    edit(
        &state,
        &caller,
        (&app, kind(&params)?),
        MappingEdit::Replace(wanted.mappings),
    )
    .await
}

/// One more mapping, and which row it becomes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MappingAdded)]
pub struct Added {
    #[schema(schema_with = given::mapping)]
    mapping: AttributeMapping,
    /// Counted from 1.
    #[schema(schema_with = given::row)]
    row: Option<u32>,
}

/// `POST /api/v1/apps/{app}/mappings`.
pub async fn add(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
    body::Json(added): body::Json<Added>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let add = MappingEdit::Add {
        row: added.mapping,
        number: added.row.map(|row| row as usize),
    };
    Ok((
        StatusCode::CREATED,
        edit(&state, &caller, (&app, kind(&params)?), add).await?,
    ))
}

/// What a change of a mapping looks like.
pub fn changes() -> Shape {
    given::mapping_changes()
}

/// `PATCH /api/v1/apps/{app}/mappings/{target}`: what is left out stays, null takes a member back to its default.
pub async fn change(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, target)): Path<(String, String)>,
    params: Params,
    body::Json(members): body::Json<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    edit(
        &state,
        &caller,
        (&app, kind(&params)?),
        MappingEdit::Change { target, members },
    )
    .await
}

/// `DELETE /api/v1/apps/{app}/mappings/{target}`.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, target)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    edit(
        &state,
        &caller,
        (&app, kind(&params)?),
        MappingEdit::Remove { target },
    )
    .await
}

/// Which rows an app is to have again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MappingsRestored)]
pub struct Restored {
    preset: Option<String>,
    #[schema(schema_with = given::when_empty)]
    when_empty: Option<WhenEmpty>,
}

/// `POST /api/v1/apps/{app}/restore-mappings`.
pub async fn restore(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
    body::Json(restored): body::Json<Restored>,
) -> Result<Json<Value>, Problem> {
    let restore = MappingEdit::Restore {
        preset: restored.preset,
        when_empty: restored.when_empty,
    };
    edit(&state, &caller, (&app, kind(&params)?), restore).await
}

async fn edit(
    state: &State,
    caller: &Caller,
    (app, kind): (&str, SubjectKind),
    edit: MappingEdit,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(state, org, app).await?;
    let (provisioning, types, cause) = (&state.provisioning, &caller.types, caller.cause());
    let set = provisioning
        .edit_mappings(org, (app.id, kind), &edit, types, cause)
        .await?;
    Ok(Json(render(&set)))
}

fn render(set: &MappingSet) -> Value {
    json!({ "mappings": set.rows().collect::<Vec<_>>() })
}

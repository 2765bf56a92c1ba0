//! `/api/v1/groups`.

use std::fmt;
use std::str::FromStr;

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::{IdError, OrgId};
use directory::{Change, Concurrency, MemberChange, Source, member_type};
use http::StatusCode;
use provisioning::App;
use scim::Object;
use scim::patch::{Operation, PatchOptions, PatchRequest};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Start;
use store::groups::Group;
use store::members::{Member, MemberId, MemberRef};
use utoipa::ToSchema;

use super::assignments::Named;
use super::openapi::given;
use super::wish::Wish;
use super::{Problem, body, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

fn change(caller: &Caller) -> Change<'_> {
    Change {
        cause: caller.cause(),
        source: Source::Api,
        types: &caller.types,
        settings: caller.settings,
    }
}

/// `GET /api/v1/groups`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let limit = page::limit(&params)?;
    let org = caller.principal.org;
    let groups = state
        .directory
        .groups_after(org, page::after(&params)?, limit)
        .await?;
    let mut items = Vec::with_capacity(groups.items.len());
    for group in &groups.items {
        items.push(summary(&state, org, group).await?);
    }
    let next = groups.rest.map(|last| last.to_string());
    Ok(Json(json!({ "items": items, "next": next })))
}

/// A group to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGroup)]
pub struct New {
    display_name: String,
    external_id: Option<String>,
}

/// `POST /api/v1/groups`.
pub async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(new): body::Json<New>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if new.display_name.trim().is_empty() {
        return Err(Problem::bad_request(
            "group.display_name",
            "A group needs a display_name",
        ));
    }
    let mut resource = json!({ "schemas": [caller.types.group.core_urn()], "displayName": new.display_name });
    if let Some(external_id) = new.external_id {
        resource["externalId"] = external_id.into();
    }
    let resource = scim::resource::read(resource, &caller.types.group, scim::resource::Mode::Create)
        .map_err(|error| Problem::bad_request("group.invalid", error.detail))?;
    let group = state
        .directory
        .create_group(&change(&caller), caller.principal.org, resource, Vec::new())
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(summary(&state, caller.principal.org, &group).await?),
    ))
}

/// `GET /api/v1/groups/{group}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(group): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let group = resolve::group(&state, org, &group).await?;
    let mut shown = summary(&state, org, &group).await?;
    let apps = state.provisioning.apps_of_group(org, group.id).await?;
    let app = |app: &App| json!({ "id": app.id, "name": app.name });
    shown["apps"] = apps.iter().map(app).collect();
    Ok(Json(shown))
}

/// What is to change of a group; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GroupChange)]
pub struct Update {
    #[schema(schema_with = given::maybe_name)]
    display_name: Option<String>,
    #[serde(default)]
    #[schema(schema_with = given::maybe_name)]
    external_id: Wish,
}

/// `PATCH /api/v1/groups/{group}`: another name; its members stay.
pub async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(group): Path<String>,
    body::Json(update): body::Json<Update>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let group = resolve::group(&state, org, &group).await?;
    let empty = |text: &str| text.trim().is_empty();
    if update.display_name.as_deref().is_some_and(empty) {
        let detail = "A group needs a display_name";
        return Err(Problem::bad_request("group.display_name", detail));
    }
    let request = renaming(&update)?;
    let edit = |object: &mut Object| {
        scim::patch::apply(object, &request, &caller.types.group, PatchOptions::default()).map(drop)
    };
    let (change, how) = (change(&caller), Concurrency::Retry);
    let edited = state
        .directory
        .edit_group(&change, org, group, how, edit, Vec::new());
    let (group, _) = edited.await.map_err(|error| match error {
        directory::Error::Scim(error) if error.status < 500 => {
            Problem::bad_request("group.invalid", error.detail)
        }
        other => other.into(),
    })?;
    Ok(Json(summary(&state, org, &group).await?))
}

/// The same as over SCIM.
fn renaming(update: &Update) -> Result<PatchRequest, Problem> {
    let path = |name: &str| {
        let path = name.parse();
        path.map_err(|_| Problem::bad_request("group.invalid", format!("{name} is no attribute")))
    };
    let mut operations = Vec::new();
    if let Some(name) = &update.display_name {
        operations.push(Operation::replace(path("displayName")?, name.as_str()));
    }
    match &update.external_id {
        Wish::Left => {}
        Wish::Cleared => operations.push(Operation::remove(path("externalId")?)),
        Wish::Written(id) => operations.push(Operation::replace(path("externalId")?, id.as_str())),
    }
    Ok(PatchRequest { operations })
}

/// `DELETE /api/v1/groups/{group}`.
pub async fn delete(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(group): Path<String>,
) -> Result<StatusCode, Problem> {
    let group = resolve::group(&state, caller.principal.org, &group).await?;
    let org = caller.principal.org;
    state
        .directory
        .delete_group(&change(&caller), org, &group, Concurrency::Retry)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/groups/{group}/members`.
pub async fn members(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(group): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let limit = page::limit(&params)?;
    let group = resolve::group(&state, caller.principal.org, &group).await?;
    let after = page::after::<Place>(&params)?;
    let start = after.map_or(Start::FIRST, |place| Start::After(place.0));
    let members = state
        .directory
        .members_page(caller.principal.org, group.id, None, start, limit)
        .await?;
    let cursor = members.last().map(|member| Place(member.id).to_string());
    let item = |member: &Member| {
        json!({
            "id": member.id.subject(),
            "type": member_type(member.id),
            "user_name": member.user_name,
            "display_name": member.display_name,
        })
    };
    Ok(Json(page::page(
        members.iter().map(item).collect(),
        limit,
        cursor,
    )))
}

/// Where a page of members ends: `user:…` or `group:…`.
struct Place(MemberId);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0.kind().as_str(), self.0.subject())
    }
}

impl FromStr for Place {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let member = match text.split_once(':') {
            Some(("user", id)) => MemberId::User(id.parse()?),
            Some(("group", id)) => MemberId::Group(id.parse()?),
            _ => return Err(IdError),
        };
        Ok(Self(member))
    }
}

/// Who comes and who goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberChange)]
pub struct Members {
    #[serde(default)]
    #[schema(schema_with = given::members)]
    add: Vec<Who>,
    #[serde(default)]
    #[schema(schema_with = given::members)]
    remove: Vec<Who>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a member is a person's userName, an id, {\"user\": PERSON} or {\"group\": GROUP}"
)]
enum Who {
    /// The id of either, or a userName.
    Text(String),
    Named(Named),
}

/// `POST /api/v1/groups/{group}/members`.
pub async fn change_members(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(group): Path<String>,
    body::Json(members): body::Json<Members>,
) -> Result<Json<Value>, Problem> {
    let group = resolve::group(&state, caller.principal.org, &group).await?;
    let add = references(&state, &caller, &members.add).await?;
    let remove = references(&state, &caller, &members.remove).await?;
    let steps = vec![MemberChange::Add(add), MemberChange::Remove(remove)];
    let (org, how) = (caller.principal.org, Concurrency::Retry);
    let (_, moved) = state
        .directory
        .edit_group(&change(&caller), org, group, how, |_| Ok(()), steps)
        .await?;
    Ok(Json(json!({ "added": moved.added, "removed": moved.removed })))
}

async fn references(state: &State, caller: &Caller, members: &[Who]) -> Result<Vec<MemberRef>, Problem> {
    let org = caller.principal.org;
    let mut found = Vec::with_capacity(members.len());
    for member in members {
        found.push(match member {
            Who::Text(name) => match name.parse() {
                Ok(id) => MemberRef { id, kind: None },
                Err(_) => resolve::person(state, org, name).await?.id.into(),
            },
            Who::Named(Named::User(name)) => resolve::person(state, org, name).await?.id.into(),
            Who::Named(Named::Group(name)) => resolve::group(state, org, name).await?.id.into(),
        });
    }
    Ok(found)
}

async fn summary(state: &State, org: OrgId, group: &Group) -> Result<Value, Problem> {
    Ok(json!({
        "id": group.id,
        "display_name": group.display_name,
        "external_id": directory::group_document(group).map_err(Problem::from)?.get("externalId"),
        "created_at": group.created,
        "modified_at": group.modified,
        "version": group.version,
        "members": state.directory.count_members(org, group.id, None).await?,
    }))
}

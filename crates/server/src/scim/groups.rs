//! `/Groups` (RFC 7644 §3.3–3.6). Members are rows of their own: no write reads them all.

use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use base::{GroupId, OrgId};
use directory::{Groups, Kind, MemberChange, PatchResponse, Terms, member_type};
use http::StatusCode;
use http::header::{CONTENT_LOCATION, CONTENT_TYPE, ETAG, LOCATION};
use scim::patch::{PatchOptions, PatchRequest};
use scim::projection::Projection;
use scim::resource::Mode;
use scim::{Object, ResourceTypes};
use serde_json::Value;
use store::groups::Group;
use store::members::{MemberId, MemberRef};

use super::body::Body;
use super::failure::{Failure, MEDIA_TYPE};
use super::list::{self, Query};
use super::location::{self, Base};
use super::member_changes::{self, references};
use super::members::{self, Which};
use super::users::{asks_for_a_body, change, missing_target, terms, unchanged};
use super::version::{Preconditions, etag, etag_header};
use crate::State;
use crate::middleware::context::{Caller, Params};
use crate::middleware::form::Manner;

/// The path's places below an organization's base URL.
#[derive(Debug, serde::Deserialize)]
pub struct One {
    id: String,
}

impl One {
    pub fn of(id: impl ToString) -> Self {
        Self { id: id.to_string() }
    }

    pub fn group(&self) -> Result<GroupId, Failure> {
        self.id
            .parse()
            .map_err(|_| Failure(scim::Error::not_found(format!("Group {} not found", self.id))))
    }
}

fn projection(params: &Params) -> Result<Projection, Failure> {
    Ok(Projection::parse(
        params.get("attributes"),
        params.get("excludedAttributes"),
    )?)
}

/// `GET /Groups`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
) -> Result<Response, Failure> {
    let query = Query::of_params(&params, &caller.types, &base, &[Kind::Group])?;
    list::answer(&state, &caller, &base, &query).await
}

/// `POST /Groups`.
pub async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    Body(body): Body,
) -> Result<Response, Failure> {
    let projection = list::answering(projection(&params)?, &body, &caller.types.group);
    let (resource, members) = read_new(&caller.types, body)?;
    let group = state
        .directory
        .create_group(&change(&caller), caller.principal.org, resource, members)
        .await?;
    answer(&state, &caller, StatusCode::CREATED, &group, &base, &projection).await
}

/// `GET /Groups/{id}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
    Path(one): Path<One>,
) -> Result<Response, Failure> {
    let projection = projection(&params)?;
    let group = state.directory.group(caller.principal.org, one.group()?).await?;
    preconditions.check_read(group.version)?;
    if preconditions.not_modified(group.version) {
        return Ok(unchanged(&group.version.to_string(), &base.group(group.id)));
    }
    answer(&state, &caller, StatusCode::OK, &group, &base, &projection).await
}

/// `PUT /Groups/{id}`: also the members are those of the body, none if it names none.
pub async fn replace(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
    Path(one): Path<One>,
    Body(body): Body,
) -> Result<Response, Failure> {
    let projection = list::answering(projection(&params)?, &body, &caller.types.group);
    let group = put(&state, &caller, one.group()?, &preconditions, body).await?;
    answer(&state, &caller, StatusCode::OK, &group, &base, &projection).await
}

/// `PATCH /Groups/{id}`.
pub async fn patch(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
    Path(one): Path<One>,
    Body(body): Body,
) -> Result<Response, Failure> {
    let projection = list::answering(projection(&params)?, &body, &caller.types.group);
    let group = change_by_patch(&state, &caller, &base, one.group()?, &preconditions, body).await?;
    let has_body = match (caller.settings.patch_response, base.manner) {
        (PatchResponse::Body, _) | (PatchResponse::Auto, Manner::Webex) => true,
        (PatchResponse::Auto, Manner::Rfc) | (PatchResponse::None, _) => asks_for_a_body(&params),
    };
    if !has_body {
        return Ok((StatusCode::NO_CONTENT, [(ETAG, etag_header(group.version))]).into_response());
    }
    let members = match base.manner {
        Manner::Webex => Which::First,
        Manner::Rfc => Which::All,
    };
    let body = render(&state, &caller, &group, &base, &projection, members).await?;
    Ok(whole(StatusCode::OK, &group, &base, body))
}

/// `DELETE /Groups/{id}`.
pub async fn delete(
    Extract(state): Extract<State>,
    caller: Caller,
    preconditions: Preconditions,
    Path(one): Path<One>,
) -> Result<Response, Failure> {
    remove(&state, &caller, one.group()?, &preconditions).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A new group of a body, and its members.
pub fn read_new(types: &ResourceTypes, mut body: Value) -> Result<(Object, Vec<MemberRef>), Failure> {
    let members = scim::resource::take_members(&mut body)?.unwrap_or_default();
    let resource = scim::resource::read(body, &types.group, Mode::Create)?;
    scim::resource::refuse_members(&resource)?;
    Ok((resource, references(&members)?))
}

/// What a PUT does.
pub async fn put(
    state: &State,
    caller: &Caller,
    id: GroupId,
    preconditions: &Preconditions,
    mut body: Value,
) -> Result<Group, Failure> {
    let terms = terms(preconditions, &body, &caller.types.group, Groups::Unasked);
    let members = scim::resource::take_members(&mut body)?.unwrap_or_default();
    let resource = scim::resource::read(body, &caller.types.group, Mode::Replace)?;
    scim::resource::refuse_members(&resource)?;
    let members = vec![MemberChange::Replace(references(&members)?)];
    let current = current(state, caller, id, preconditions).await?;
    edit(state, caller, current, (members, terms), |object| {
        *object = scim::resource::replace(object, resource.clone(), &caller.types.group)?;
        Ok(())
    })
    .await
}

/// What a PATCH does.
pub async fn change_by_patch(
    state: &State,
    caller: &Caller,
    base: &Base,
    id: GroupId,
    preconditions: &Preconditions,
    body: Value,
) -> Result<Group, Failure> {
    let terms = terms(preconditions, &body, &caller.types.group, Groups::Unasked);
    let mut request = PatchRequest::parse(body)?;
    let members = scim::patch::split_members(&mut request)?;
    let current = current(state, caller, id, preconditions).await?;
    let members = member_changes::of(state, caller.principal.org, &current, base, &members).await?;
    let options = PatchOptions {
        missing_target: missing_target(caller.settings.patch_missing_target),
    };
    edit(state, caller, current, (members, terms), |object| {
        scim::patch::apply(object, &request, &caller.types.group, options)?;
        scim::resource::refuse_members(object)
    })
    .await
}

/// What a DELETE does.
pub async fn remove(
    state: &State,
    caller: &Caller,
    id: GroupId,
    preconditions: &Preconditions,
) -> Result<(), Failure> {
    let group = current(state, caller, id, preconditions).await?;
    let (org, how) = (caller.principal.org, preconditions.concurrency());
    state
        .directory
        .delete_group(&change(caller), org, &group, how)
        .await?;
    Ok(())
}

async fn edit(
    state: &State,
    caller: &Caller,
    current: Group,
    (members, how): (Vec<MemberChange>, Terms),
    edit: impl Fn(&mut Object) -> Result<(), scim::Error> + Send + Sync,
) -> Result<Group, Failure> {
    let org = caller.principal.org;
    let (group, _) = state
        .directory
        .edit_group(&change(caller), org, current, how, edit, members)
        .await?;
    Ok(group)
}

async fn current(
    state: &State,
    caller: &Caller,
    id: GroupId,
    preconditions: &Preconditions,
) -> Result<Group, Failure> {
    let group = state.directory.group(caller.principal.org, id).await?;
    preconditions.check(group.version)?;
    Ok(group)
}

/// The resource as it leaves: the stored rendering with id, members and meta put in.
pub async fn render(
    state: &State,
    caller: &Caller,
    group: &Group,
    base: &Base,
    projection: &Projection,
    which: Which,
) -> Result<String, Failure> {
    let members = if projection.wants("members") {
        Some(members_of(state, caller.principal.org, group, base, which).await?)
    } else {
        None
    };
    let meta = scim::resource::Meta {
        resource_type: "Group",
        created: group.created,
        last_modified: group.modified,
        location: base.group(group.id),
        version: etag(group.version),
    };
    let extra: Vec<(&str, &str)> = members
        .iter()
        .map(|members| ("members", members.as_str()))
        .collect();
    let whole = scim::resource::splice(&group.doc, &group.id.to_string(), &meta, &extra);
    let whole = base.shown(whole, &caller.types.group, directory::group_source(group));
    list::project(whole, projection, &caller.types.group)
}

async fn members_of(
    state: &State,
    org: OrgId,
    group: &Group,
    base: &Base,
    which: Which,
) -> Result<String, Failure> {
    let members = members::shown(state, org, group.id, which).await?;
    let values: Vec<_> = members
        .iter()
        .map(|member| {
            let address = match member.id {
                MemberId::User(id) => base.user(id),
                MemberId::Group(id) => base.group(id),
            };
            serde_json::json!({
                "value": member.id.subject(),
                "$ref": address,
                "display": member.name(),
                "type": member_type(member.id),
            })
        })
        .collect();
    Ok(Value::from(values).to_string())
}

async fn answer(
    state: &State,
    caller: &Caller,
    status: StatusCode,
    group: &Group,
    base: &Base,
    projection: &Projection,
) -> Result<Response, Failure> {
    let body = render(state, caller, group, base, projection, Which::All).await?;
    Ok(whole(status, group, base, body))
}

fn whole(status: StatusCode, group: &Group, base: &Base, body: String) -> Response {
    let mut response = (status, [(ETAG, etag_header(group.version))], body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, MEDIA_TYPE);
    let address = base.group(group.id);
    location::say(headers, CONTENT_LOCATION, &address);
    if status == StatusCode::CREATED {
        location::say(headers, LOCATION, &address);
    }
    response
}

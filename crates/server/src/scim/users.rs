//! `/Users` (RFC 7644 §3.3–3.6).

use std::collections::BTreeMap;

use access::Person;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State as Extract};
use axum::response::{IntoResponse, Response};
use base::{OrgId, UserId};
use directory::{Change, Edited, Groups, Kind, PatchResponse, Source, Terms};
use http::StatusCode;
use http::header::{CONTENT_LOCATION, CONTENT_TYPE, ETAG, LOCATION};
use http::request::Parts;
use scim::patch::{PatchOptions, PatchRequest};
use scim::projection::{Projection, Sent};
use scim::{Object, ResourceType, ResourceTypes};
use serde_json::{Value, json};
use store::members::Membership;
use store::users::User;

use super::body::Body;
use super::failure::{Failure, MEDIA_TYPE};
use super::list::{self, Query};
use super::location::{self, Base};
use super::version::{Preconditions, etag, etag_header, with_groups};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// Whom a path names, and what was read of them already.
#[derive(Debug)]
pub struct One {
    id: String,
    person: Person,
}

impl One {
    pub fn of(id: impl ToString) -> Self {
        Self {
            id: id.to_string(),
            person: Person::NotAsked,
        }
    }

    /// The person as of some moment since the request came. An id that is none names nobody: 404, as for one that is not
    /// there.
    pub async fn user(self, state: &State, org: OrgId) -> Result<User, Failure> {
        let unknown = || Failure(scim::Error::not_found(format!("User {} not found", self.id)));
        let id: UserId = self.id.parse().map_err(|_| unknown())?;
        match self.person {
            Person::Found(user) => Ok(*user),
            Person::Unknown => Err(directory::Error::UnknownUser { id }.into()),
            Person::NotAsked => Ok(state.directory.user(org, id).await?),
        }
    }
}

impl FromRequestParts<State> for One {
    type Rejection = PathRejection;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, PathRejection> {
        #[derive(serde::Deserialize)]
        struct Place {
            id: String,
        }
        let Path(Place { id }) = Path::from_request_parts(parts, state).await?;
        let person = parts.extensions.remove().unwrap_or(Person::NotAsked);
        Ok(Self { id, person })
    }
}

pub fn change(caller: &Caller) -> Change<'_> {
    Change {
        cause: caller.cause(),
        source: Source::Scim,
        types: &caller.types,
        settings: caller.settings,
    }
}

fn projection(params: &Params) -> Result<Projection, Failure> {
    Ok(Projection::parse(
        params.get("attributes"),
        params.get("excludedAttributes"),
    )?)
}

/// `GET /Users`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
) -> Result<Response, Failure> {
    let query = Query::of_params(&params, &caller.types, &base, &[Kind::User])?;
    list::answer(&state, &caller, &base, &query).await
}

/// `POST /Users`.
pub async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    Body(body): Body,
) -> Result<Response, Failure> {
    let projection = list::answering(projection(&params)?, &body, &caller.types.user);
    let resource = scim::resource::read(body, &caller.types.user, scim::resource::Mode::Create)?;
    let user = state
        .directory
        .create_user(&change(&caller), caller.principal.org, resource)
        .await?;
    let shown = Shown::of(&state, caller.principal.org, &user, &projection).await?;
    shown.answer(&caller, StatusCode::CREATED, &base, &projection)
}

/// `GET /Users/{id}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
    one: One,
) -> Result<Response, Failure> {
    let projection = projection(&params)?;
    let user = one.user(&state, caller.principal.org).await?;
    preconditions.check_read(user.version)?;
    let shown = Shown::of(&state, caller.principal.org, &user, &projection).await?;
    if preconditions.not_modified(&shown.version) {
        return Ok(unchanged(&shown.version, &base.user(user.id)));
    }
    shown.answer(&caller, StatusCode::OK, &base, &projection)
}

/// `PUT /Users/{id}`: read-write attributes that are left out are cleared; `active` and the password stay.
pub async fn replace(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
    one: One,
    Body(body): Body,
) -> Result<Response, Failure> {
    let projection = list::answering(projection(&params)?, &body, &caller.types.user);
    let groups = groups_in(&projection);
    let edited = put(&state, &caller, one, &preconditions, body, groups).await?;
    let shown = Shown::of_edited(&state, caller.principal.org, &edited, &projection).await?;
    shown.answer(&caller, StatusCode::OK, &base, &projection)
}

/// `PATCH /Users/{id}`.
pub async fn patch(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
    one: One,
    Body(body): Body,
) -> Result<Response, Failure> {
    let projection = list::answering(projection(&params)?, &body, &caller.types.user);
    let groups = groups_in(&projection);
    let edited = change_by_patch(&state, &caller, one, &preconditions, body, groups).await?;
    let shown = Shown::of_edited(&state, caller.principal.org, &edited, &projection).await?;
    if caller.settings.patch_response == PatchResponse::None && !asks_for_a_body(&params) {
        return Ok((StatusCode::NO_CONTENT, [(ETAG, etag_header(shown.version))]).into_response());
    }
    shown.answer(&caller, StatusCode::OK, &base, &projection)
}

/// Whoever says which attributes a PATCH is to be answered with is answered with them, whatever the setting (§3.5.2).
pub fn asks_for_a_body(params: &Params) -> bool {
    params.get("attributes").is_some()
}

/// `DELETE /Users/{id}`.
pub async fn delete(
    Extract(state): Extract<State>,
    caller: Caller,
    preconditions: Preconditions,
    one: One,
) -> Result<Response, Failure> {
    remove(&state, &caller, one, &preconditions).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a PUT does.
pub async fn put(
    state: &State,
    caller: &Caller,
    one: One,
    preconditions: &Preconditions,
    body: Value,
    groups: Groups,
) -> Result<Edited, Failure> {
    let terms = terms(preconditions, &body, &caller.types.user, groups);
    let resource = scim::resource::read(body, &caller.types.user, scim::resource::Mode::Replace)?;
    edit(state, caller, one, (preconditions, terms), |current| {
        *current = scim::resource::replace(current, resource.clone(), &caller.types.user)?;
        Ok(())
    })
    .await
}

/// What a PATCH does.
pub async fn change_by_patch(
    state: &State,
    caller: &Caller,
    one: One,
    preconditions: &Preconditions,
    body: Value,
    groups: Groups,
) -> Result<Edited, Failure> {
    let terms = terms(preconditions, &body, &caller.types.user, groups);
    let request = PatchRequest::parse(body)?;
    let options = PatchOptions {
        missing_target: missing_target(caller.settings.patch_missing_target),
    };
    edit(state, caller, one, (preconditions, terms), |current| {
        scim::patch::apply(current, &request, &caller.types.user, options).map(|_| ())
    })
    .await
}

/// What a DELETE does.
pub async fn remove(
    state: &State,
    caller: &Caller,
    one: One,
    preconditions: &Preconditions,
) -> Result<(), Failure> {
    let org = caller.principal.org;
    let user = one.user(state, org).await?;
    preconditions.check(user.version)?;
    state
        .directory
        .delete_user(&change(caller), org, &user, preconditions.concurrency())
        .await?;
    Ok(())
}

pub fn missing_target(setting: directory::MissingTarget) -> scim::patch::MissingTarget {
    match setting {
        directory::MissingTarget::Create => scim::patch::MissingTarget::Create,
        directory::MissingTarget::Error => scim::patch::MissingTarget::Error,
    }
}

async fn edit(
    state: &State,
    caller: &Caller,
    one: One,
    (preconditions, terms): (&Preconditions, Terms),
    edit: impl Fn(&mut Object) -> Result<(), scim::Error> + Send + Sync,
) -> Result<Edited, Failure> {
    let org = caller.principal.org;
    let current = one.user(state, org).await?;
    preconditions.check(current.version)?;
    Ok(state
        .directory
        .edit_user_on_terms(&change(caller), org, current, &terms, edit)
        .await?)
}

/// How a change with this body is to be made.
pub fn terms(preconditions: &Preconditions, body: &Value, kind: &ResourceType, groups: Groups) -> Terms {
    let rewritten = if kind.withholds {
        Sent::of_body(body, kind).hidden(kind)
    } else {
        Vec::new()
    };
    Terms {
        concurrency: preconditions.concurrency(),
        rewritten,
        groups,
    }
}

/// Whether an answer needs the groups: those as of the change.
fn groups_in(projection: &Projection) -> Groups {
    if projection.wants("groups") {
        Groups::Asked
    } else {
        Groups::Unasked
    }
}

/// The groups that people are in, if they are wanted at all.
pub async fn groups_of(
    state: &State,
    org: OrgId,
    people: impl Iterator<Item = &User>,
    projection: &Projection,
) -> Result<BTreeMap<UserId, Vec<Membership>>, Failure> {
    if !projection.wants("groups") {
        return Ok(BTreeMap::new());
    }
    let members: Vec<UserId> = people.filter(|user| user.in_groups).map(|user| user.id).collect();
    if members.is_empty() {
        return Ok(BTreeMap::new());
    }
    Ok(state.directory.groups_of(org, &members).await?)
}

/// 304 for a client that has this version: with the headers that 200 would have (RFC 9110 §15.4.5).
pub fn unchanged(version: &str, address: &str) -> Response {
    let mut response = (StatusCode::NOT_MODIFIED, [(ETAG, etag_header(version))]).into_response();
    location::say(response.headers_mut(), CONTENT_LOCATION, address);
    response
}

/// The resource as it leaves: the stored rendering with id, groups and meta put in.
pub fn render(
    types: &ResourceTypes,
    user: &User,
    groups: &[Membership],
    base: &Base,
    projection: &Projection,
) -> Result<String, Failure> {
    let version = with_groups(user.version, groups);
    let groups = groups_json(groups, base);
    let meta = scim::resource::Meta {
        resource_type: "User",
        created: user.created,
        last_modified: user.modified,
        location: base.user(user.id),
        version: etag(version),
    };
    let extra: Vec<(&str, &str)> = groups.iter().map(|groups| ("groups", groups.as_str())).collect();
    let whole = scim::resource::splice(&user.doc, &user.id.to_string(), &meta, &extra);
    let whole = base.shown(whole, &types.user, directory::user_source(user));
    list::project(whole, projection, &types.user)
}

/// The `groups` of a person; nothing for somebody who is in none.
fn groups_json(groups: &[Membership], base: &Base) -> Option<String> {
    if groups.is_empty() {
        return None;
    }
    let value = |group: &Membership| {
        json!({
            "value": group.group,
            "$ref": base.group(group.group),
            "display": group.display_name,
            "type": group.nesting.as_str(),
        })
    };
    Some(groups.iter().map(value).collect::<Value>().to_string())
}

/// A person as an answer shows it.
struct Shown<'u> {
    user: &'u User,
    groups: Vec<Membership>,
    version: String,
}

impl<'u> Shown<'u> {
    async fn of(state: &State, org: OrgId, user: &'u User, projection: &Projection) -> Result<Self, Failure> {
        let mut groups = groups_of(state, org, std::iter::once(user), projection).await?;
        Ok(Self::with(user, groups.remove(&user.id).unwrap_or_default()))
    }

    async fn of_edited(
        state: &State,
        org: OrgId,
        edited: &'u Edited,
        projection: &Projection,
    ) -> Result<Self, Failure> {
        match &edited.groups {
            Some(groups) => Ok(Self::with(&edited.user, groups.clone())),
            None => Self::of(state, org, &edited.user, projection).await,
        }
    }

    fn with(user: &'u User, groups: Vec<Membership>) -> Self {
        Self {
            user,
            version: with_groups(user.version, &groups),
            groups,
        }
    }

    fn answer(
        &self,
        caller: &Caller,
        status: StatusCode,
        base: &Base,
        projection: &Projection,
    ) -> Result<Response, Failure> {
        let body = render(&caller.types, self.user, &self.groups, base, projection)?;
        let mut response = (status, [(ETAG, etag_header(&self.version))], body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, MEDIA_TYPE);
        let address = base.user(self.user.id);
        location::say(headers, CONTENT_LOCATION, &address);
        if status == StatusCode::CREATED {
            location::say(headers, LOCATION, &address);
        }
        Ok(response)
    }
}

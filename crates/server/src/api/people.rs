//! `/api/v1/people`.

use access::Role;
use axum::Json;
use axum::extract::{Path, State as Extract};
use base::UserId;
use directory::{Change, Concurrency, Facts, HeldRole, PersonState, Source};
use http::StatusCode;
use scim::projection::Projection;
use serde_json::{Value, json};
use store::users::User;

use super::person_attributes::{self, Attributes, Edit};
use super::{Problem, body, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// Whichever role somebody has.
pub const ANY_ROLE: &str = "any";

fn change(caller: &Caller) -> Change<'_> {
    Change {
        cause: caller.cause(),
        source: Source::Api,
        types: &caller.types,
        settings: caller.settings,
    }
}

/// `GET /api/v1/people`: in the order of their ids, which is that of their coming.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let limit = page::limit(&params)?;
    let after = page::after(&params)?;
    let filter = params
        .get("filter")
        .map(scim::filter::parse)
        .transpose()
        .map_err(|error| {
            Problem::bad_request("filter", format!("The filter is not valid: {error}"))
                .param("position", error.position)
        })?;
    if let Some(filter) = &filter {
        scim::filter::check(filter, &caller.types.user)
            .map_err(|error| Problem::bad_request("filter", error.detail))?;
    }
    let org = caller.principal.org;
    let filter = filter.as_ref();
    let in_state = params.get("state").map(wanted_state).transpose()?;
    let with_role = params.get("role").map(wanted_role).transpose()?;
    let (directory, matching) = (&state.directory, (&caller.types, filter));
    let (people, next) = match (with_role, in_state) {
        (None, None) => {
            let people = directory.people_after(org, &caller.types, filter, after, limit);
            people.await?
        }
        (None, Some(wanted)) => {
            let people = directory.people_in_state(org, matching, wanted, after, limit);
            people.await?
        }
        (Some(role), in_state) => {
            let people = directory.people_with_role(org, matching, (role, in_state), after, limit);
            people.await?
        }
    };
    let facts = directory.facts(org, &people).await?;
    let ids: Vec<UserId> = people.iter().map(|user| user.id).collect();
    let roles = state.access.roles_of(org, &ids).await?;
    let items = people.iter().zip(&facts).zip(roles);
    let items = items
        .map(|((user, facts), role)| summary(user, facts, role))
        .collect::<Result<Vec<Value>, _>>()?;
    let mut answer = json!({ "items": items, "next": next });
    if filter.is_none() && in_state.is_none() && with_role.is_none() {
        answer["total"] = json!(state.directory.count_users(org).await?);
    }
    Ok(Json(answer))
}

/// `GET /api/v1/people/{person}`: everything about one.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let user = resolve::person(&state, org, &person).await?;
    Ok(Json(whole(&state, &caller, &user).await?))
}

/// `POST /api/v1/people`: somebody new.
pub async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(attributes): body::Json<Attributes>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let edit = Edit::new(&state, &caller, attributes).await?;
    let resource = edit.create(&caller.types.user)?;
    let user = state
        .directory
        .create_user(&change(&caller), caller.principal.org, resource)
        .await?;
    Ok((StatusCode::CREATED, Json(whole(&state, &caller, &user).await?)))
}

/// `PATCH /api/v1/people/{person}`: what is not named stays.
pub async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(person): Path<String>,
    body::Json(attributes): body::Json<Attributes>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let user = resolve::person(&state, org, &person).await?;
    let edit = Edit::new(&state, &caller, attributes).await?;
    let user = state
        .directory
        .edit_user(&change(&caller), org, user, Concurrency::Retry, |object| {
            edit.apply(object, &caller.types.user)
        })
        .await?;
    Ok(Json(whole(&state, &caller, &user).await?))
}

/// `DELETE /api/v1/people/{person}`: for good.
pub async fn delete(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<StatusCode, Problem> {
    let org = caller.principal.org;
    let user = resolve::person(&state, org, &person).await?;
    state
        .directory
        .delete_user(&change(&caller), org, &user, Concurrency::Retry)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn wanted_state(name: &str) -> Result<PersonState, Problem> {
    PersonState::find(name).ok_or_else(|| {
        let known = PersonState::ALL.map(PersonState::as_str).join(", ");
        Problem::bad_request("state", format!("There is no state {name:?}; there are: {known}"))
    })
}

/// A role's name, or `any`.
fn wanted_role(name: &str) -> Result<HeldRole, Problem> {
    if name == ANY_ROLE {
        return Ok(HeldRole::Any);
    }
    let found = name.parse::<Role>().ok().filter(|role| *role != Role::None);
    let role = found.ok_or_else(|| {
        let known = administrators().map(Role::name).collect::<Vec<_>>().join(", ");
        let detail = format!("There is no role {name:?} to look for; there are: {known}, {ANY_ROLE}");
        Problem::bad_request("role.unknown", detail)
    })?;
    Ok(HeldRole::One(role.name()))
}

/// The roles that somebody can be asked for by.
pub fn administrators() -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().filter(|role| *role != Role::None)
}

fn summary(user: &User, facts: &Facts, role: Role) -> Result<Value, Problem> {
    let object = directory::document(user).map_err(Problem::from)?;
    let text = |name: &str| object.get(name).cloned().unwrap_or(Value::Null);
    Ok(json!({
        "id": user.id,
        "user_name": user.user_name,
        "display_name": text("displayName"),
        "active": user.active,
        "state": PersonState::of(user.active, facts).as_str(),
        "role": role.name(),
        "email": directory::email(&object),
        "title": text("title"),
        "external_id": text("externalId"),
        "created_at": user.created,
        "modified_at": user.modified,
        "version": user.version,
    }))
}

async fn whole(state: &State, caller: &Caller, user: &User) -> Result<Value, Problem> {
    let org = caller.principal.org;
    let facts = state.directory.facts(org, std::slice::from_ref(user)).await?;
    let facts = facts.first().copied().unwrap_or_default();
    let role = state.access.role_of(org, user.id).await?;
    let mut answer = summary(user, &facts, role)?;
    answer["invited_at"] = json!(facts.invited);
    answer["verified_at"] = json!(facts.verified);
    answer["first_sign_in_at"] = json!(facts.first_sign_in);
    answer["last_sign_in_at"] = json!(facts.last_sign_in);
    answer["invitation_expires_at"] = json!(state.directory.invited_until(org, user.id).await?);
    answer["inactive_since"] = json!(facts.inactive);
    let resource = directory::document(user).map_err(Problem::from)?;
    answer["attributes"] = person_attributes::of(&resource);
    let visible = resource.into_iter().filter_map(|(name, value)| {
        let value = Projection::visible(&name, &value, &caller.types.user)?.into_owned();
        Some((name, value))
    });
    answer["resource"] = Value::Object(visible.collect());
    let groups = state.directory.groups_of(org, &[user.id]).await?;
    let groups = groups.values().flatten();
    answer["groups"] = groups
        .map(|group| json!({ "id": group.group, "display_name": group.display_name }))
        .collect();
    answer["licences"] = super::person_licences::of(state, org, user).await?.into();
    answer["accounts"] = super::apps::accounts_of(state, org, user).await?;
    Ok(answer)
}

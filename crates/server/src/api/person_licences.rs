//! `/api/v1/people/{person}/licences`: what one person has, and giving and taking it by hand.

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::{LicenceId, OrgId};
use directory::licences::{Ground, PersonLicence, State as Standing};
use serde::Deserialize;
use serde_json::{Value, json};
use store::users::User;
use utoipa::ToSchema;

use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/people/{person}/licences`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let user = resolve::person(&state, org, &person).await?;
    Ok(Json(answer(of(&state, org, &user).await?)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PersonLicencesWanted)]
pub struct Wanted {
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

/// `POST /api/v1/people/{person}/licences`: gives some and takes others away, all or none.
pub async fn change(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(person): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let user = resolve::person(&state, org, &person).await?;
    let (add, remove) = (
        named(&state, org, &wanted.add).await?,
        named(&state, org, &wanted.remove).await?,
    );
    state
        .directory
        .change_licences_of(caller.cause(), org, user.id, (&add, &remove))
        .await?;
    Ok(Json(answer(of(&state, org, &user).await?)))
}

/// Licences by their ids or names.
pub async fn named(state: &State, org: OrgId, names: &[String]) -> Result<Vec<LicenceId>, Problem> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        found.push(state.directory.licence(org, name).await?.id);
    }
    Ok(found)
}

/// All that is to be said of somebody's licences.
pub async fn of(state: &State, org: OrgId, user: &User) -> Result<Vec<Value>, Problem> {
    let licences = state.directory.licences_of(org, user.id).await?;
    Ok(licences.iter().map(render).collect())
}

fn answer(items: Vec<Value>) -> Value {
    let total = items.len();
    json!({ "items": items, "next": null, "total": total })
}

fn render(one: &PersonLicence) -> Value {
    let text = match (one.state, &one.taken) {
        (Standing::Given, _) => None,
        (Standing::Waiting, _) => Some(format!(
            "the licence {} was not given: none is left; the next that comes free is for whoever has waited longest",
            one.name
        )),
        (Standing::Taken, taken) => {
            let why = taken.as_ref().map_or("it was taken away", |taken| taken.text());
            Some(format!("the licence {} was taken away: {why}", one.name))
        }
    };
    let code = match (one.state, &one.taken) {
        (Standing::Given, _) => None,
        (Standing::Waiting, _) => Some("none_left"),
        (Standing::Taken, taken) => taken.as_ref().map(|taken| taken.0.as_str()),
    };
    let sources: Vec<_> = one.grounds.iter().map(source).collect();
    json!({
        "id": one.licence,
        "name": one.name,
        "state": one.state.as_str(),
        "code": code,
        "text": text,
        "sources": sources,
        "since": one.since,
    })
}

fn source((ground, name): &(Ground, Option<String>)) -> Value {
    match ground {
        Ground::Direct => json!({ "kind": "direct" }),
        Ground::Organization => json!({ "kind": "organization" }),
        Ground::Group(group) => json!({ "kind": "group", "id": group, "display_name": name }),
    }
}

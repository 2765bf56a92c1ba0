//! Who somebody is to identity providers.

use axum::Json;
use axum::extract::{Path, State as Extract};
use federation::service_provider::Linked;
use http::StatusCode;
use serde_json::{Value, json};

use crate::State;
use crate::api::{Problem, resolve};
use crate::middleware::context::Caller;

/// `GET /api/v1/people/{person}/sso-subjects`: the name that each identity provider has vouched by.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let user = resolve::person(&state, org, &person).await?;
    let found = state.federation.subjects(org, user.id).await?;
    let items: Vec<_> = found.iter().map(render).collect();
    Ok(Json(json!({ "items": items, "next": null })))
}

/// `DELETE /api/v1/people/{person}/sso-subjects/{provider}`: the next name that comes is the person's.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((person, provider)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (org, federation) = (caller.principal.org, &state.federation);
    let user = resolve::person(&state, org, &person).await?;
    let provider = federation.provider(org, &provider).await?;
    federation
        .unlink_subject(caller.cause(), org, (user.id, &user.user_name), provider.id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn render(one: &Linked) -> Value {
    json!({
        "provider": { "id": one.provider, "name": one.provider_name },
        "name_id": one.name,
        "format": one.format,
        "finds": one.finds,
        "linked_at": one.linked,
    })
}

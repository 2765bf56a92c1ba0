//! `/api/v1/licence-report`: who has no licence, and why.

use axum::Json;
use axum::extract::State as Extract;
use directory::licences::Unlicensed;
use serde_json::{Value, json};

use super::{Problem, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/licence-report`: in the order of people's ids.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page::limit(&params)?, page::after(&params)?);
    let people = state
        .directory
        .unlicensed(caller.principal.org, caller.settings, after, limit)
        .await?;
    let cursor = people.last().map(|one| one.user.to_string());
    let items = people.iter().map(render).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

fn render(one: &Unlicensed) -> Value {
    let reasons: Vec<_> = one
        .reasons
        .iter()
        .map(|reason| json!({ "code": reason.code(), "text": reason.text() }))
        .collect();
    json!({
        "id": one.user,
        "user_name": one.user_name,
        "display_name": one.display_name,
        "active": one.active,
        "reasons": reasons,
    })
}

//! `/api/v1/events`: the event trail.

use axum::Json;
use axum::extract::State as Extract;
use serde_json::{Value, json};
use store::events::Filter;

use super::{Problem, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/events?type&from&until&after&limit&order`: the latest first, unless `order=asc`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let limit = page::limit(&params)?;
    let filter = Filter {
        from: page::time(&params, "from")?,
        until: page::time(&params, "until")?,
        event_type: page::text(&params, "type")?,
        after: page::after(&params)?,
        order: page::order(&params)?,
    };
    let events = state
        .directory
        .events(caller.principal.org, &filter, limit)
        .await?;
    let cursor = events.last().map(|event| event.id.to_string());
    let item = |event: &store::events::Event| {
        let resource_id = event
            .resource_id
            .and_then(|id| base::SubjectId::from_bytes(&id).ok());
        json!({
            "id": event.id,
            "at": event.at,
            "type": event.event_type,
            "success": event.outcome == store::events::Outcome::Succeeded,
            "resource": { "kind": event.resource_kind, "id": resource_id },
            "actor": event.actor,
            "correlation_id": event.correlation,
            "client_ip": event.client_ip,
            "detail": serde_json::from_str::<Value>(&event.doc).unwrap_or_default(),
        })
    };
    Ok(Json(page::page(events.iter().map(item).collect(), limit, cursor)))
}

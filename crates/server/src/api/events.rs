//! `/api/v1/events`: the event trail.

use axum::Json;
use axum::extract::State as Extract;
use serde_json::{Value, json};

use super::page::Order;
use super::{Problem, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/events?after&limit&order`: the latest first, unless `order=asc`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let limit = page::limit(&params)?;
    let (org, after) = (caller.principal.org, page::after(&params)?);
    let events = match page::order(&params)? {
        Order::NewestFirst => state.directory.events(org, after, limit).await?,
        Order::OldestFirst => state.directory.events_since(org, after, limit).await?,
    };
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
            "detail": serde_json::from_str::<Value>(&event.doc).unwrap_or_default(),
        })
    };
    Ok(Json(page::page(events.iter().map(item).collect(), limit, cursor)))
}

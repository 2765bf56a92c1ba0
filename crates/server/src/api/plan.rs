//! `POST /api/v1/apps/{app}/plan`: what a cycle would do now. Reads from the target, writes nothing.

use axum::Json;
use axum::extract::{Path, State as Extract};
use provisioning::{PlanItem, PlanItems};
use serde_json::{Value, json};

use super::{Problem, message, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `POST /api/v1/apps/{app}/plan?all=false`: with `all`, also those with whom nothing is to be done.
pub async fn plan(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let items = match params.get("all") {
        None | Some("false") => PlanItems::Touched,
        Some("true") => PlanItems::All,
        Some(other) => {
            return Err(Problem::bad_request(
                "all",
                format!("all is true or false, not {other:?}"),
            ));
        }
    };
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let plan = state.provisioning.plan(org, app.id, items).await?;
    let items: Vec<_> = plan.items.iter().map(render).collect();
    let warnings = state.provisioning.activation_warnings(org, &app).await?;
    Ok(Json(
        json!({ "counts": plan.counts, "items": items, "warnings": message::all(&warnings) }),
    ))
}

fn render(item: &PlanItem) -> Value {
    json!({
        "subject": item.subject,
        "action": item.action.map_or("error", provisioning::plan::Action::as_str),
        "reason": provisioning::text(&item.reason),
        "code": item.reason.code,
        "changes": item.changes,
        "requests": item.requests,
    })
}

//! `/api/v1/apps/{app}/plans`: plans that are kept, approved or discarded.

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::{AppId, OrgId, PlanId};
use http::StatusCode;
use provisioning::{KeptItem, KeptPlan, PlanItemFilter, PlanItemState};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, message, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

pub const ACTIONS: [&str; 7] = ["create", "link", "update", "enable", "disable", "delete", "error"];

/// `GET /api/v1/apps/{app}/plans`: the newest first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let before = page::after(&params)?;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let plans = state.provisioning.kept_plans(org, app.id, before, limit).await?;
    let cursor = plans.last().map(|plan| plan.id.to_string());
    Ok(Json(page::page(
        plans.iter().map(render).collect(),
        limit,
        cursor,
    )))
}

/// `POST /api/v1/apps/{app}/plans`: plans now, and keeps the plan. Reads from the target.
pub async fn save(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let plan = state.provisioning.save_plan(org, app.id, caller.cause()).await?;
    let status = match plan {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::OK,
    };
    Ok((status, Json(json!({ "plan": plan.as_ref().map(render) }))))
}

/// `GET /api/v1/apps/{app}/plans/{plan}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, plan)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let (app, plan) = named(&state, org, &app, &plan).await?;
    Ok(Json(render(&state.provisioning.kept_plan(org, app, plan).await?)))
}

/// `GET /api/v1/apps/{app}/plans/{plan}/items?action&state&after&limit`: in the order of the people's ids.
pub async fn items(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, plan)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let after = page::after(&params)?;
    let filter = PlanItemFilter {
        action: page::one_of(&params, "action", &ACTIONS)?,
        state: params.get_even_empty("state").map(item_state).transpose()?,
    };
    let (app, plan) = named(&state, org, &app, &plan).await?;
    let provisioning = &state.provisioning;
    provisioning.kept_plan(org, app, plan).await?;
    let items = provisioning
        .kept_items(org, app, plan, &filter, after, limit)
        .await?;
    let cursor = items.last().map(|item| item.subject.id.to_string());
    Ok(Json(page::page(
        items.iter().map(render_item).collect(),
        limit,
        cursor,
    )))
}

/// What is approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanApproval)]
pub struct Approval {
    /// The revision that was looked at.
    #[schema(schema_with = given::revision)]
    revision: i64,
}

/// `POST /api/v1/apps/{app}/plans/{plan}/approve`.
pub async fn approve(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, plan)): Path<(String, String)>,
    body::Json(Approval { revision }): body::Json<Approval>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let (app, plan) = named(&state, org, &app, &plan).await?;
    let plan = state
        .provisioning
        .approve_plan(org, app, plan, revision, caller.cause())
        .await?;
    Ok(Json(render(&plan)))
}

/// `POST /api/v1/apps/{app}/plans/{plan}/discard`.
pub async fn discard(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, plan)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let (app, plan) = named(&state, org, &app, &plan).await?;
    let plan = state
        .provisioning
        .discard_plan(org, app, plan, caller.cause())
        .await?;
    Ok(Json(render(&plan)))
}

/// The app and the plan that a path names; `latest` is the newest plan.
async fn named(state: &State, org: OrgId, app: &str, plan: &str) -> Result<(AppId, PlanId), Problem> {
    let app = resolve::provisioned_app(state, org, app).await?.id;
    if plan == "latest" {
        let latest = state.provisioning.kept_plans(org, app, None, 1).await?;
        return match latest.first() {
            Some(latest) => Ok((app, latest.id)),
            None => Err(Problem::not_found("plan.unknown", "This app has no plan")),
        };
    }
    let unknown = |_| Problem::not_found("plan.unknown", format!("This app has no plan {plan:?}"));
    Ok((app, plan.parse().map_err(unknown)?))
}

fn item_state(text: &str) -> Result<PlanItemState, Problem> {
    PlanItemState::parse(text).ok_or_else(|| {
        Problem::bad_request(
            "state",
            format!("state is one of open, approved, applied, failed, stale, not {text:?}"),
        )
    })
}

/// A plan as the API shows it.
pub fn render(plan: &KeptPlan) -> Value {
    json!({
        "id": plan.id,
        "state": plan.state.as_str(),
        "origin": plan.origin.as_str(),
        "reason": message::render(&plan.reason),
        "revision": plan.revision,
        "counts": plan.counts,
        "destructive": plan.destructive,
        "items": plan.items,
        "created_at": plan.created,
        "expires_at": plan.expires,
        "decided_at": plan.decided,
        "finished_at": plan.finished,
        "cycle_id": plan.cycle,
        "actor": plan.actor,
        "decided_by": plan.decided_by,
    })
}

fn render_item(item: &KeptItem) -> Value {
    json!({
        "subject": item.subject,
        "action": item.action.map_or("error", provisioning::plan::Action::as_str),
        "destructive": item.destructive,
        "state": item.state.as_str(),
        "reason": provisioning::text(&item.reason),
        "code": item.reason.code,
        "changes": item.changes,
        "requests": item.request.iter().collect::<Vec<_>>(),
        "outcome": item.error.as_ref().map(message::render),
        "modified_at": item.modified,
    })
}

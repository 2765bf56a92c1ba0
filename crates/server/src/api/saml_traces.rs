//! `/api/v1/saml-traces`: how sign-ins and sign-outs by SAML went, at either end.

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::{OrgId, SamlTraceId, SubjectId};
use federation::{Trace, TraceFilter};
use serde_json::{Value, json};
use store::StoredId as _;

use super::{Problem, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

pub const ROLES: [&str; 2] = ["identity_provider", "service_provider"];
pub const OUTCOMES: [&str; 3] = ["succeeded", "failed", "under_way"];

/// `GET /api/v1/saml-traces`: the newest first, without their messages.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let filter = filter(&state, org, &params).await?;
    let traces = state.federation.traces(org, &filter, limit).await?;
    let cursor = traces.last().map(|trace| trace.id.to_string());
    let items = traces
        .iter()
        .map(|trace| {
            let mut rendered = render(trace);
            if let Value::Object(members) = &mut rendered {
                members.remove("messages");
                members.remove("checks");
            }
            rendered
        })
        .collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// Which ones are meant by the parameters of an address.
pub async fn filter(state: &State, org: OrgId, params: &Params) -> Result<TraceFilter, Problem> {
    let peer = match params.get("app") {
        None => None,
        Some(app) => {
            let app = resolve::app(state, org, app).await?;
            Some(SubjectId::from_stored(&app.id.stored()).map_err(|_| no_such("app"))?)
        }
    };
    let user = match params.get("user") {
        None => None,
        Some(user) => Some(resolve::person(state, org, user).await?.id),
    };
    Ok(TraceFilter {
        role: page::one_of(params, "role", &ROLES)?,
        outcome: page::one_of(params, "outcome", &OUTCOMES)?,
        peer,
        user,
        from: page::time(params, "from")?,
        until: page::time(params, "until")?,
        after: page::after(params)?,
    })
}

/// `GET /api/v1/saml-traces/{trace}`: with every message and every check.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(trace): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(render(
        &self::trace(&state, caller.principal.org, &trace).await?,
    )))
}

/// The trace of an id.
pub async fn trace(state: &State, org: OrgId, id: &str) -> Result<Trace, Problem> {
    let id: SamlTraceId = id.parse().map_err(|_| no_such("trace"))?;
    let found = state.federation.trace(org, id).await?;
    found.ok_or_else(|| no_such("trace"))
}

fn no_such(what: &str) -> Problem {
    let detail = format!("There is no such {what}, or it is older than what is kept");
    Problem::not_found("saml_trace.unknown", detail)
}

fn render(trace: &Trace) -> Value {
    json!({
        "id": trace.id,
        "at": trace.at,
        "role": trace.role,
        "action": trace.action,
        "outcome": trace.outcome,
        "peer": trace.peer,
        "user": trace.user,
        "subject": trace.subject,
        "code": trace.code,
        "message": trace.message,
        "client_ip": trace.client_ip,
        "correlation": trace.correlation,
        "checks": trace.checks,
        "messages": trace.messages,
    })
}

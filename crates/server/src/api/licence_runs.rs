//! `/api/v1/licence-runs`: templates that are applied to people who were there before.

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::{LicenceId, LicenceRunId, OrgId, UserId};
use directory::licences::{Item, LicenceError, Outcome, Run, Scope};
use serde_json::{Map, Value, json};

use super::{Problem, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/licence-runs`: the latest first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page::limit(&params)?, page::after(&params)?);
    let org = caller.principal.org;
    let runs = state.directory.licence_runs(org, after, limit).await?;
    let cursor = runs.last().map(|run| run.id.to_string());
    let mut items = Vec::with_capacity(runs.len());
    for run in &runs {
        items.push(counted(&state, org, run).await?);
    }
    Ok(Json(page::page(items, limit, cursor)))
}

/// `GET /api/v1/licence-runs/{run}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(run): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let run = state.directory.licence_run(org, named(&run)?).await?;
    Ok(Json(counted(&state, org, &run).await?))
}

/// `GET /api/v1/licence-runs/{run}/items?state=`: in the order of people.
pub async fn items(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(run): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let limit = page::limit(&params)?;
    let after = page::after::<Place>(&params)?.map(|place| (place.0, place.1));
    let words = Outcome::ALL.map(Outcome::as_str);
    let wanted = page::one_of(&params, "state", &words)?;
    let of = Outcome::ALL
        .into_iter()
        .find(|one| Some(one.as_str()) == wanted.as_deref());
    let org = caller.principal.org;
    let run = state.directory.licence_run(org, named(&run)?).await?;
    let items = state
        .directory
        .licence_run_items(org, run.id, of, after, limit)
        .await?;
    let cursor = items.last().map(|item| format!("{}:{}", item.user, item.licence));
    let items = items.iter().map(render_item).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// The last of a page: a person and a licence.
struct Place(UserId, LicenceId);

impl std::str::FromStr for Place {
    type Err = base::IdError;

    fn from_str(text: &str) -> Result<Self, base::IdError> {
        let (user, licence) = text.split_once(':').ok_or(base::IdError)?;
        Ok(Self(user.parse()?, licence.parse()?))
    }
}

fn named(text: &str) -> Result<LicenceRunId, Problem> {
    let unknown = |_| {
        let name = text.to_owned();
        directory::Error::from(LicenceError::UnknownRun { name }).into()
    };
    text.parse().map_err(unknown)
}

async fn counted(state: &State, org: OrgId, run: &Run) -> Result<Value, Problem> {
    let counts = state.directory.licence_run_counts(org, run.id).await?;
    Ok(render(run, &counts))
}

/// A run that has just been begun; nothing where there is none.
pub fn render_new(run: Option<&Run>) -> Value {
    run.map_or(Value::Null, |run| render(run, &[]))
}

fn render(run: &Run, counts: &[(Outcome, u64)]) -> Value {
    let count = |outcome| {
        let found = counts.iter().find(|(one, _)| *one == outcome);
        found.map_or(0, |(_, count)| *count)
    };
    let counts: Map<_, _> = Outcome::ALL
        .into_iter()
        .map(|outcome| (outcome.as_str().to_owned(), count(outcome).into()))
        .collect();
    let (scope, group) = match run.scope {
        Scope::Organization => ("organization", Value::Null),
        Scope::Group(id) => ("group", json!({ "id": id, "display_name": run.name })),
    };
    let standing = match (run.finished, &run.error) {
        (None, _) => "running",
        (Some(_), None) => "done",
        (Some(_), Some(_)) => "failed",
    };
    json!({
        "id": run.id,
        "state": standing,
        "mode": run.mode.as_str(),
        "scope": scope,
        "group": group,
        "progress": { "done": run.done, "total": run.total.max(run.done) },
        "counts": counts,
        "error": run.error,
        "next_attempt": run.due.filter(|_| run.error.is_some()),
        "started_at": run.started,
        "finished_at": run.finished,
        "actor": run.actor,
    })
}

fn render_item(item: &Item) -> Value {
    json!({
        "person": { "id": item.user, "user_name": item.user_name },
        "licence": { "id": item.licence, "name": item.licence_name },
        "state": item.outcome.as_str(),
    })
}

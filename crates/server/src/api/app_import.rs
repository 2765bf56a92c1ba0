//! `/api/v1/apps/{app}/import`: accounts of the target, and people made of them.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::{AppId, JobId, OrgId};
use http::StatusCode;
use provisioning::{
    AccountFilter, Chosen, ImportItem, ImportRequest, ImportState, ImportView, JobState, LARGE_IMPORT,
    ListedAccount, Standing,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::shape::{Shape, words};
use super::{Problem, body, message, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// How long the result of a small import is waited for, and between two looks.
const WAIT: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);

/// `GET /api/v1/apps/{app}/import/accounts?new_only=`: asks the target, page by page.
pub async fn accounts(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let filter = match page::one_of(&params, "new_only", &["true", "false"])?.as_deref() {
        Some("true") => AccountFilter::New,
        _ => AccountFilter::All,
    };
    let after = page::text(&params, "after")?;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let page = state
        .provisioning
        .accounts_at(org, app.id, filter, after.as_deref())
        .await?;
    let items: Vec<_> = page.accounts.iter().map(account).collect();
    Ok(Json(
        json!({ "items": items, "next": page.next, "at_target": page.total }),
    ))
}

/// What is to be imported: `accounts`, or `all`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportWanted)]
pub struct Wanted {
    /// Ids at the target, or userNames there.
    accounts: Option<Vec<String>>,
    #[serde(default)]
    all: bool,
    /// Of all, only those of which people are made.
    #[serde(default)]
    new_only: bool,
}

/// `POST /api/v1/apps/{app}/import`: 200 with the result where that comes soon, else 202.
pub async fn import(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let said = json!({ "accounts": wanted.accounts.as_ref().map(Vec::len), "all": wanted.all, "new_only": wanted.new_only });
    let (provisioning, cause) = (&state.provisioning, caller.cause());
    provisioning
        .note_request(org, app.id, ("import", said), cause)
        .await?;
    let chosen = match (wanted.accounts, wanted.all, wanted.new_only) {
        (Some(names), false, false) => Chosen::Named(names),
        (None, true, true) => Chosen::New,
        (None, true, false) => Chosen::All,
        _ => {
            return Err(Problem::bad_request(
                "import.chosen",
                "Say which accounts are to be imported: \"accounts\", or \"all\", with \"new_only\" if only people who \
                 are not here are to come",
            ));
        }
    };
    let request = ImportRequest {
        chosen,
        tell: address(&state, &caller).await?,
    };
    let begun = state
        .provisioning
        .import(org, app.id, request, caller.cause())
        .await?;
    let view = soon(&state, org, app.id, begun.id).await?;
    if view.state == JobState::Running || view.counts.total >= LARGE_IMPORT {
        return Ok((StatusCode::ACCEPTED, Json(json!({ "import": render(&view) }))));
    }
    let items = state
        .provisioning
        .import_items(org, app.id, view.id, None, None, u32::MAX)
        .await?;
    let items: Vec<_> = items.iter().map(item).collect();
    Ok((
        StatusCode::OK,
        Json(json!({ "import": render(&view), "items": items })),
    ))
}

/// The address of the person to whom the token belongs, if there is one.
async fn address(state: &State, caller: &Caller) -> Result<Option<String>, Problem> {
    let Some(owner) = caller.principal.owner else {
        return Ok(None);
    };
    let home = caller.principal.home.unwrap_or(caller.principal.org);
    let user = state.directory.user(home, owner).await?;
    let document = directory::document(&user)?;
    Ok(directory::email(&document).map(str::to_owned))
}

/// The import once it is over, or known to be a large one, or has been waited for long enough.
async fn soon(state: &State, org: OrgId, app: AppId, job: JobId) -> Result<ImportView, Problem> {
    let deadline = tokio::time::Instant::now() + WAIT;
    loop {
        let view = state.provisioning.import_job(org, app, job).await?;
        let over = view.state != JobState::Running || view.counts.total >= LARGE_IMPORT;
        if over || tokio::time::Instant::now() >= deadline {
            return Ok(view);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// `GET /api/v1/apps/{app}/import`: the latest first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let after = page::after(&params)?;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let imports = state.provisioning.imports(org, app.id, after, limit).await?;
    let cursor = imports.last().map(|import| import.id.to_string());
    Ok(Json(page::page(
        imports.iter().map(render).collect(),
        limit,
        cursor,
    )))
}

/// `GET /api/v1/apps/{app}/import/{job}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, job)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let job = id(&job)?;
    Ok(Json(render(
        &state.provisioning.import_job(org, app.id, job).await?,
    )))
}

/// `GET /api/v1/apps/{app}/import/{job}/items?state=`.
pub async fn items(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, job)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let after = page::text(&params, "after")?;
    let words = ImportState::ALL.map(ImportState::as_str);
    let of = page::one_of(&params, "state", &words)?;
    let of = of.as_deref().and_then(ImportState::read);
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let job = state.provisioning.import_job(org, app.id, id(&job)?).await?.id;
    let found = state
        .provisioning
        .import_items(org, app.id, job, of, after.as_deref(), limit)
        .await?;
    let cursor = found.last().map(|item| item.remote_id.clone());
    Ok(Json(page::page(found.iter().map(item).collect(), limit, cursor)))
}

/// What can have become of an account.
pub fn item_states() -> Shape {
    words(ImportState::ALL.map(ImportState::as_str))
}

fn id(text: &str) -> Result<JobId, Problem> {
    text.parse()
        .map_err(|_| Problem::not_found("job.unknown", format!("This app has no import {text}")))
}

fn account(account: &ListedAccount) -> Value {
    let person = match &account.standing {
        Standing::Matches(person) | Standing::Imported(person) => {
            json!({ "id": person.id, "name": person.name })
        }
        Standing::New | Standing::Ambiguous => Value::Null,
    };
    json!({
        "remote_id": account.remote_id,
        "user_name": account.user_name,
        "display_name": account.display_name,
        "active": account.active,
        "state": account.standing.as_str(),
        "person": person,
    })
}

fn render(view: &ImportView) -> Value {
    json!({
        "id": view.id,
        "state": view.state.as_str(),
        "started_at": view.started,
        "finished_at": view.finished,
        "listed": view.listed,
        "all_listed": view.complete,
        "counts": view.counts,
        "error": view.error.as_ref().map(message::render),
    })
}

fn item(item: &ImportItem) -> Value {
    json!({
        "remote_id": item.remote_id,
        "name": item.name,
        "state": item.state.as_str(),
        "person": item.subject,
        "error": item.error.as_ref().map(message::render),
    })
}

//! `/api/v1/apps`.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse as _, Response};
use base::{Message, OrgId, Secret, Timestamp};
use http::StatusCode;
use mapping::WhenEmpty;
use provisioning::target::Verdict;
use provisioning::{
    AccountFate, Activate, App, AppChange, GroupFate, NewApp, NewOAuth, Offer, Removal, SettingsChange,
    State as AppState, Template, Tried,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::users::User;
use utoipa::ToSchema;

use super::openapi::given;
use super::refusals::noted;
use super::{Problem, body, message, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/apps`.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let apps = state.provisioning.apps(org).await?;
    let mut items = Vec::with_capacity(apps.len());
    for app in &apps {
        items.push(render(&state, org, app).await?);
    }
    Ok(Json(json!({ "items": items, "next": null })))
}

/// What an app is made of, and what can be changed of it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AppGiven)]
pub struct Wanted {
    #[schema(schema_with = given::template)]
    template: Option<Template>,
    name: Option<String>,
    base_url: Option<String>,
    org_id: Option<String>,
    #[schema(schema_with = given::offer)]
    offer: Option<Offer>,
    #[schema(schema_with = given::secret)]
    token: Option<Secret>,
    #[schema(schema_with = given::maybe_time)]
    token_expires_at: Option<Timestamp>,
    #[schema(schema_with = given::oauth)]
    oauth: Option<NewOAuth>,
    preset: Option<String>,
    #[schema(schema_with = given::app_scope)]
    scope: Option<provisioning::AppScope>,
    activate: Option<bool>,
    #[schema(schema_with = given::when_empty)]
    when_empty: Option<WhenEmpty>,
    #[serde(default)]
    #[schema(schema_with = given::settings)]
    settings: SettingsChange,
}

/// `POST /api/v1/apps`.
pub async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Some(template) = wanted.template else {
        return Err(Problem::bad_request(
            "app.template",
            "Say which template the app is made from: webex, scim, saml or bookmark",
        ));
    };
    let name = wanted.name.as_deref().unwrap_or(template.title());
    let tried = (None, Tried::Add { name });
    noted(
        (&state, &caller),
        tried,
        checked_filter(&caller, &wanted.settings),
    )
    .await?;
    let new = NewApp {
        name: wanted.name,
        base_url: wanted.base_url,
        org_id: wanted.org_id,
        offer: wanted.offer.unwrap_or_default(),
        token: wanted.token,
        token_expires: wanted.token_expires_at,
        oauth: wanted.oauth,
        preset: wanted.preset,
        when_empty: wanted.when_empty,
        activate: if wanted.activate == Some(false) {
            Activate::Later
        } else {
            Activate::Now
        },
        change: SettingsChange {
            scope: wanted.scope.or(wanted.settings.scope),
            ..wanted.settings
        },
        ..NewApp::new(template)
    };
    let org = caller.principal.org;
    let app = state.provisioning.add_app(org, new, caller.cause()).await?;
    let rendered = match app.state {
        AppState::Active => activated(&state, &caller, &app).await?,
        _ => render_with(&app, &state.provisioning.activation_warnings(org, &app).await?),
    };
    Ok((StatusCode::CREATED, Json(rendered)))
}

/// `GET /api/v1/apps/{app}`: the app, and what is known of how its target works.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let mut rendered = render(&state, org, &app).await?;
    rendered["ways"] = json!(state.provisioning.ways(org, app.id).await?);
    Ok(Json(rendered))
}

/// `PATCH /api/v1/apps/{app}`.
pub async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let tried = (Some(app.id), Tried::Update);
    noted((&state, &caller), tried, changeable(&wanted)).await?;
    noted(
        (&state, &caller),
        tried,
        checked_filter(&caller, &wanted.settings),
    )
    .await?;
    let settings = SettingsChange {
        base_url: wanted.base_url.or(wanted.settings.base_url),
        scope: wanted.scope.or(wanted.settings.scope),
        ..wanted.settings
    };
    let change = AppChange {
        name: wanted.name,
        settings,
        token: wanted.token,
        token_expires: wanted.token_expires_at,
        oauth: wanted.oauth,
    };
    let changed = state
        .provisioning
        .update_app(org, app.id, change, caller.cause())
        .await?;
    let app = match wanted.activate {
        None => changed,
        Some(true) => {
            let app = state.provisioning.resume(org, app.id, caller.cause()).await?;
            return Ok(Json(activated(&state, &caller, &app).await?));
        }
        Some(false) => state.provisioning.pause(org, app.id, caller.cause()).await?,
    };
    Ok(Json(render(&state, org, &app).await?))
}

/// Refuses what is given when an app is added, and only then.
fn changeable(wanted: &Wanted) -> Result<(), Problem> {
    let fixed = [
        ("template", wanted.template.is_some()),
        ("preset", wanted.preset.is_some()),
        ("when_empty", wanted.when_empty.is_some()),
        ("org_id", wanted.org_id.is_some()),
        ("offer", wanted.offer.is_some()),
    ];
    match fixed.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => {
            let detail = format!("{name} is given when an app is added and cannot be changed here");
            Err(Problem::bad_request("app.fixed", detail).param("name", name))
        }
    }
}

fn checked_filter(caller: &Caller, settings: &SettingsChange) -> Result<(), Problem> {
    match &settings.filter {
        Some(filter) => Ok(provisioning::check_filter(filter, &caller.types)?),
        None => Ok(()),
    }
}

/// `DELETE /api/v1/apps/{app}?confirm=NAME`, with `count`, and with `accounts=keep|disable|delete` and for the latter two
/// `groups=keep|delete`: 204 once it is gone, 202 if its accounts go first.
pub async fn delete(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Response, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let tried = (Some(app.id), Tried::Remove);
    let (removal, count) = noted((&state, &caller), tried, going(&params)).await?;
    let confirm = params.get("confirm").unwrap_or_default();
    let (provisioning, cause) = (&state.provisioning, caller.cause());
    let begun = match (removal, count) {
        (Some(removal), count) => {
            let asked = (confirm, removal, count.unwrap_or_default());
            provisioning
                .remove_with_accounts(org, app.id, asked, cause)
                .await?
        }
        (None, Some(count)) => {
            let asked = (confirm, count);
            provisioning.remove_leaving(org, app.id, asked, cause).await?;
            None
        }
        (None, None) => {
            provisioning.remove_app(org, app.id, confirm, cause).await?;
            None
        }
    };
    Ok(match begun {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(cycle) => {
            let body = json!({ "cycle": super::cycles::render(&cycle) });
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
    })
}

/// What becomes of accounts and groups, `None` if they stay, and how many that are; it must be said of those that go.
fn going(params: &Params) -> Result<(Option<Removal>, Option<u64>), Problem> {
    let removal = removal(params)?;
    let count = match params.get_even_empty("count").map(str::parse) {
        None => None,
        Some(Ok(count)) => Some(count),
        Some(Err(_)) => return Err(Problem::bad_request("count", "count is a number")),
    };
    if removal.is_some() && count.is_none() {
        let detail = "Say in count how many accounts and groups are to go: the app's status has their number";
        return Err(Problem::bad_request("count", detail));
    }
    Ok((removal, count))
}

/// `accounts` and `groups` of a query: `None` if both stay.
pub fn removal(params: &Params) -> Result<Option<Removal>, Problem> {
    let fate = page::one_of(params, "accounts", &["keep", "disable", "delete"])?;
    let groups = page::one_of(params, "groups", &["keep", "delete"])?;
    let groups = groups.as_deref().and_then(GroupFate::read);
    let Some(fate) = fate.as_deref().and_then(AccountFate::read) else {
        if groups == Some(GroupFate::Delete) {
            let detail = "Groups go with accounts that go: say in accounts what becomes of these";
            return Err(Problem::bad_request("groups", detail));
        }
        return Ok(None);
    };
    let removal = Removal::of(fate);
    Ok(Some(Removal {
        groups: groups.unwrap_or(removal.groups),
        ..removal
    }))
}

/// `POST /api/v1/apps/{app}/deactivate`.
pub async fn deactivate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let app = state.provisioning.deactivate(org, app.id, caller.cause()).await?;
    Ok(Json(render(&state, org, &app).await?))
}

/// `POST /api/v1/apps/{app}/pause`.
pub async fn pause(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let app = state.provisioning.pause(org, app.id, caller.cause()).await?;
    Ok(Json(render(&state, org, &app).await?))
}

/// `POST /api/v1/apps/{app}/resume`.
pub async fn resume(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let app = state.provisioning.resume(org, app.id, caller.cause()).await?;
    Ok(Json(render(&state, org, &app).await?))
}

/// `POST /api/v1/apps/{app}/activate`, the opposite of either, deactivating and pausing: the app, and whether its target can
/// be worked with. It is active either way.
pub async fn activate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let app = state.provisioning.resume(org, app.id, caller.cause()).await?;
    Ok(Json(activated(&state, &caller, &app).await?))
}

/// An app that was activated just now.
async fn activated(state: &State, caller: &Caller, app: &App) -> Result<Value, Problem> {
    let org = caller.principal.org;
    let verdict = state.provisioning.verify_activation(org, app.id, caller.cause());
    let verdict = verdict.await?;
    let mut rendered = render_with(app, &state.provisioning.activation_warnings(org, app).await?);
    rendered["verified"] = render_verdict(&verdict);
    Ok(rendered)
}

fn render_verdict(verdict: &Verdict) -> Value {
    json!({
        "ok": verdict.ok,
        "code": verdict.message.code,
        "params": verdict.message.params,
        "text": provisioning::text(&verdict.message),
    })
}

/// `POST /api/v1/apps/{app}/test`: asks the target for somebody who cannot exist.
pub async fn test(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let verdict = state.provisioning.test_connection(org, app.id).await?;
    Ok(Json(render_verdict(&verdict)))
}

/// `GET /api/v1/apps/{app}/status`.
pub async fn status(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let status = state.provisioning.status(org, app.id).await?;
    let failing: Vec<_> = status
        .failing
        .iter()
        .map(|one| {
            json!({
                "subject": one.subject,
                "error": message::render(&one.error),
                "attempts": one.attempts,
                "next_attempt": one.next_attempt,
            })
        })
        .collect();
    let hold = status.hold.as_ref().map(|hold| {
        json!({ "until": hold.until, "code": hold.reason.code, "text": provisioning::text(&hold.reason) })
    });
    let quarantine = status.quarantine.as_ref().map(|quarantine| {
        json!({
            "since": quarantine.since,
            "code": quarantine.reason.code,
            "text": provisioning::text(&quarantine.reason),
            "disabled_at": quarantine.disabled_at,
        })
    });
    Ok(Json(json!({
        "state": status.app.state.as_str(),
        "started": status.app.started,
        "hold": hold,
        "quarantine": quarantine,
        "plan": status.plan.as_ref().map(super::plans::render),
        "cycle": status.cycle.as_ref().map(super::cycles::render),
        "progress": status.cycle.as_ref().map(|cycle| json!({ "done": cycle.done, "total": cycle.total })),
        "in_step": status.in_step,
        "waiting": status.waiting,
        "failing": failing,
        "failing_total": status.failing_total,
        "warnings": message::all(&state.provisioning.standing_warnings(org, &status.app).await?),
        "refused_members": status.refused,
        "refused_members_total": status.refused_total,
        "linked": status.linked,
        "accounts": status.accounts,
        "removal": status.app.removal.map(|removal| removal.accounts),
        "removal_groups": status.app.removal.map(|removal| removal.groups),
        "concurrency": status.concurrency,
        "rate": status.rate,
        "drift": super::drift::render(&status.drift),
    })))
}

/// Somebody's accounts at every app.
pub async fn accounts_of(state: &State, org: OrgId, user: &User) -> Result<Value, Problem> {
    let accounts = state.provisioning.accounts_of(org, user.id).await?;
    let account = |account: &provisioning::AccountView| {
        json!({
            "app": account.app_name,
            "app_id": account.app,
            "state": account.state,
            "remote_id": account.remote_id,
            "error": account.error.as_ref().map(provisioning::text),
            "next_attempt": account.next_attempt,
        })
    };
    Ok(accounts.iter().map(account).collect())
}

/// The app, and what does not work as it is set.
async fn render(state: &State, org: OrgId, app: &App) -> Result<Value, Problem> {
    Ok(render_with(app, &state.provisioning.warnings(org, app).await?))
}

fn render_with(app: &App, warnings: &[Message]) -> Value {
    json!({
        "id": app.id,
        "name": app.name,
        "template": app.template,
        "preset": app.settings.preset,
        "state": app.state.as_str(),
        "removal": app.removal.map(|removal| removal.accounts),
        "removal_groups": app.removal.map(|removal| removal.groups),
        "started": app.started,
        "base_url": app.settings.base_url,
        "scope": app.settings.scope,
        "settings": app.settings,
        "has_token": app.has_token,
        "token_expires_at": app.token_expires,
        "created_at": app.created,
        "modified_at": app.modified,
        "warnings": message::all(warnings),
    })
}

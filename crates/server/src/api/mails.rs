//! `/api/v1/mails`: what was to be sent by mail, and what came of it.

use axum::Json;
use axum::extract::State as Extract;
use directory::Mail;
use serde_json::{Value, json};

use super::{Problem, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/mails`: the latest first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let limit = page::limit(&params)?;
    let after = page::after(&params)?;
    let mails = state.directory.mails(caller.principal.org, after, limit).await?;
    let cursor = mails.last().map(|mail| mail.id.to_string());
    Ok(Json(page::page(
        mails.iter().map(render).collect(),
        limit,
        cursor,
    )))
}

fn render(mail: &Mail) -> Value {
    json!({
        "id": mail.id,
        "to": mail.recipient,
        "subject": mail.subject,
        "state": mail.state().as_str(),
        "created_at": mail.created,
        "sent_at": mail.sent,
        "given_up_at": mail.given_up,
        "attempts": mail.attempts,
        "next_attempt": mail.due,
        "error": mail.error,
    })
}

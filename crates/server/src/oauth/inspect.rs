//! What becomes of tokens that clients show: revocation (RFC 7009) and introspection (RFC 7662).

use access::ClientKind;
use axum::Json;
use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde_json::{Value, json};

use super::failure::Failure;
use super::form::Form;
use crate::State;

/// `POST /idb/oauth2/v1/revoke`: 200 whether there was such a token or not.
pub async fn revoke(Extract(state): Extract<State>, request: Request) -> Response {
    let revoked = async {
        let form = Form::read(&state, request).await?;
        let token = form.needed("token")?;
        Ok::<_, Failure>(
            state
                .access
                .revoke_shown(form.origin, &form.client, token)
                .await?,
        )
    };
    match revoked.await {
        Ok(()) => (StatusCode::OK, [(CACHE_CONTROL, "no-store")]).into_response(),
        Err(failure) => failure.into_response(),
    }
}

/// `POST /idb/oauth2/v1/introspect`, for confidential clients.
pub async fn introspect(Extract(state): Extract<State>, request: Request) -> Response {
    match inspected(&state, request).await {
        Ok(body) => ([(CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(failure) => failure.into_response(),
    }
}

async fn inspected(state: &State, request: Request) -> Result<Value, Failure> {
    let form = Form::read(state, request).await?;
    if form.client.kind() == ClientKind::Public {
        return Err(Failure::client("a public client cannot ask about tokens"));
    }
    let Some(found) = state.access.inspect(&form.client, form.needed("token")?).await? else {
        return Ok(json!({ "active": false }));
    };
    let mut body = json!({
        "active": true,
        "scope": found.scopes,
        "token_type": "Bearer",
        "iat": found.issued.as_micros() / 1_000_000,
        "iss": state.config.public_url,
    });
    let told = [
        ("client_id", found.client_id.map(Value::from)),
        ("username", found.user_name.map(Value::from)),
        ("sub", found.subject.map(Value::from)),
        ("exp", found.expires.map(|at| (at.as_micros() / 1_000_000).into())),
    ];
    for (name, value) in told {
        if let Some(value) = value {
            body[name] = value;
        }
    }
    Ok(body)
}

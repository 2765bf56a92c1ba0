//! `GET /.well-known/oauth-authorization-server` (RFC 8414): what there is, and no more.

use access::GUIDE_CLIENT;
use axum::Json;
use axum::extract::State as Extract;
use serde_json::{Value, json};

use crate::State;
use crate::doors::AUTHORIZE;

pub async fn metadata(Extract(state): Extract<State>) -> Json<Value> {
    let issuer = &state.config.public_url;
    let scopes: Vec<_> = GUIDE_CLIENT.scopes.iter().map(|scope| scope.name()).collect();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}{}", AUTHORIZE[0]),
        "response_types_supported": ["token"],
        "response_modes_supported": ["fragment"],
        "grant_types_supported": ["implicit"],
        "scopes_supported": scopes,
    }))
}

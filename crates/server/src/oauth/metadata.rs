//! `GET /.well-known/oauth-authorization-server` (RFC 8414): what there is, and no more.

use access::Scope;
use axum::Json;
use axum::extract::State as Extract;
use serde_json::{Value, json};

use crate::State;
use crate::doors::{ACCESS_TOKEN, AUTHORIZE, INTROSPECT, REVOKE};

pub async fn metadata(Extract(state): Extract<State>) -> Json<Value> {
    let issuer = &state.config.public_url;
    let confidential = ["client_secret_basic", "client_secret_post"];
    let every = ["client_secret_basic", "client_secret_post", "none"];
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}{}", AUTHORIZE[0]),
        "token_endpoint": format!("{issuer}{}", ACCESS_TOKEN[0]),
        "revocation_endpoint": format!("{issuer}{REVOKE}"),
        "introspection_endpoint": format!("{issuer}{INTROSPECT}"),
        "response_types_supported": ["code", "token"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", "implicit"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": every,
        "revocation_endpoint_auth_methods_supported": every,
        "introspection_endpoint_auth_methods_supported": confidential,
        "authorization_response_iss_parameter_supported": true,
        "scopes_supported": Scope::ALL.map(Scope::name),
    }))
}

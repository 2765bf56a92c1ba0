//! The token endpoint (RFC 6749 §3.2).

use access::{Issued, Presented, Scopes};
use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use serde_json::json;

use super::failure::Failure;
use super::form::Form;
use crate::State;

/// `POST /idb/oauth2/v1/access_token`, `POST /v1/access_token`.
pub async fn issue(Extract(state): Extract<State>, request: Request) -> Response {
    match answer(&state, request).await {
        Ok(issued) => render(&issued),
        Err(failure) => failure.into_response(),
    }
}

async fn answer(state: &State, request: Request) -> Result<Issued, Failure> {
    let form = Form::read(state, request).await?;
    let (access, client) = (&state.access, &form.client);
    let scopes = scopes(&form)?;
    let presented = match form.needed("grant_type")?.expose() {
        "authorization_code" => {
            if scopes.is_some() {
                return Err(Failure::request("scope belongs into the authorization request"));
            }
            let verifier = form.needed("code_verifier")?;
            if !is_verifier(verifier.expose()) {
                return Err(Failure::request(
                    "code_verifier is 43 to 128 letters, digits or -._~",
                ));
            }
            Presented::Code {
                code: form.needed("code")?.clone(),
                redirect: form
                    .one("redirect_uri")?
                    .map(|redirect| redirect.expose().to_owned()),
                verifier: verifier.clone(),
            }
        }
        "refresh_token" => Presented::RefreshToken(form.needed("refresh_token")?.clone()),
        "client_credentials" => {
            return Ok(access.client_credentials(form.origin, client, scopes).await?);
        }
        _ => {
            let text = "grant_type is authorization_code, refresh_token or client_credentials";
            return Err(Failure::new("unsupported_grant_type", text));
        }
    };
    Ok(access.redeem(form.origin, client, presented, scopes).await?)
}

fn scopes(form: &Form) -> Result<Option<Scopes>, Failure> {
    let Some(text) = form.one("scope")? else {
        return Ok(None);
    };
    let scopes: Scopes = text
        .expose()
        .parse()
        .map_err(|_| Failure::new("invalid_scope", "there is no such scope"))?;
    Ok(Some(scopes).filter(|scopes| scopes.iter().next().is_some()))
}

/// RFC 7636 §4.1.
fn is_verifier(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(plain)
}

fn render(issued: &Issued) -> Response {
    let mut body = json!({
        "access_token": issued.access_token.expose(),
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scopes,
    });
    if let Some((token, seconds)) = &issued.refresh_token {
        body["refresh_token"] = token.expose().into();
        body["refresh_token_expires_in"] = (*seconds).into();
    }
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
        (PRAGMA, "no-cache"),
    ];
    (StatusCode::OK, headers, body.to_string()).into_response()
}

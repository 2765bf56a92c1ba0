//! Searches: `POST …/.search` (RFC 7644 §3.4.3), and queries at the root, over all types (§3.4.2.1).

use access::Permission;
use axum::extract::State as Extract;
use axum::response::Response;
use directory::Kind;

use super::Failure;
use super::body::Body;
use super::list::{self, Query};
use super::location::Base;
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `POST /Users/.search`.
pub async fn users(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    Body(body): Body,
) -> Result<Response, Failure> {
    let query = Query::of_body(&body, &caller.types, &base, &[Kind::User])?;
    list::answer(&state, &caller, &base, &query).await
}

/// `POST /Groups/.search`.
pub async fn groups(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    Body(body): Body,
) -> Result<Response, Failure> {
    let query = Query::of_body(&body, &caller.types, &base, &[Kind::Group])?;
    list::answer(&state, &caller, &base, &query).await
}

/// `POST /.search`.
pub async fn everything(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    Body(body): Body,
) -> Result<Response, Failure> {
    let query = Query::of_body(&body, &caller.types, &base, readable(&caller))?;
    list::answer(&state, &caller, &base, &query).await
}

/// `GET` of the base URL itself.
pub async fn root(
    Extract(state): Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
) -> Result<Response, Failure> {
    let query = Query::of_params(&params, &caller.types, &base, readable(&caller))?;
    list::answer(&state, &caller, &base, &query).await
}

/// What the caller may see: people, or no request comes here, and groups if the token is also for them.
fn readable(caller: &Caller) -> &'static [Kind] {
    match caller.principal.may(Permission::ScimReadGroups) {
        Ok(()) => &[Kind::User, Kind::Group],
        Err(_) => &[Kind::User],
    }
}

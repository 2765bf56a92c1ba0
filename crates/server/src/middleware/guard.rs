//! Nobody comes in without a token that allows it.

use std::sync::Arc;

use access::{Permission, Principal};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;
use http::header::AUTHORIZATION;
use scim::ResourceTypes;

use super::context::{Caller, RequestIds};
use super::errors::{self, Refused};
use crate::{Family, State};

/// What one endpoint asks of its callers.
#[derive(Clone)]
pub struct Guarding {
    pub state: State,
    pub family: Family,
    pub needs: Permission,
}

/// Lets the request through with a [`Caller`], or answers 401, 403 or 404.
pub async fn guard(
    Extract(guarding): Extract<Guarding>,
    ids: RequestIds,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    // A path that is no text names nothing.
    let Ok(params) = params else {
        return errors::not_found(request).await;
    };
    let token = bearer(&request);
    let org = params
        .iter()
        .find(|(name, _)| *name == "org")
        .map(|(_, value)| value);
    match admit(&guarding, token, org).await {
        Ok((principal, types)) => {
            let cause = ids.cause(&principal);
            let caller = Caller {
                principal,
                cause,
                types,
            };
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refused) => refused.into_response(guarding.family),
    }
}

async fn admit(
    guarding: &Guarding,
    token: Option<&str>,
    org: Option<&str>,
) -> Result<(Principal, Arc<ResourceTypes>), Refused> {
    let token = token.ok_or(Refused::NoToken)?;
    let principal = guarding.state.access.authenticate(token).await?;
    if let Some(org) = org
        && !org.parse().is_ok_and(|org: base::OrgId| org == principal.org)
    {
        return Err(Refused::OtherOrganization(org.to_owned()));
    }
    principal.may(guarding.needs)?;
    let types = guarding.state.directory.resource_types(principal.org).await?;
    Ok((principal, types))
}

fn bearer(request: &Request) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

//! Nobody comes in without a token that allows it.

use std::pin::Pin;
use std::sync::Arc;

use access::{Permission, Principal};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::handler::Handler;
use axum::response::{IntoResponse as _, Response};
use directory::Settings;
use http::header::AUTHORIZATION;
use http::request::Parts;
use scim::ResourceTypes;

use super::context::{Caller, RequestIds};
use super::errors::{self, Refused};
use crate::{Family, Guard, State};

/// A handler behind its guard: a request gets to it with a [`Caller`], or is answered 401, 403 or 404. Without one it
/// gets there only if nobody need show a token, and none is shown.
#[derive(Clone)]
pub struct Guarded<H> {
    pub handler: H,
    pub family: Family,
    pub guard: Guard,
}

impl<H, T> Handler<T, State> for Guarded<H>
where
    H: Handler<T, State>,
    T: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: State) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            // A path that is no text names nothing.
            let Ok(params) = path_params(&mut parts, &state).await else {
                return errors::not_found(parts.uri).await;
            };
            let ids = match RequestIds::from_request_parts(&mut parts, &state).await {
                Ok(ids) => ids,
                Err(status) => return status.into_response(),
            };
            let needs = match self.guard {
                Guard::Needs(needs) => Some(needs),
                Guard::NeedsOfHolders(needs) => parts.headers.contains_key(AUTHORIZATION).then_some(needs),
                Guard::Open => None,
            };
            let Some(needs) = needs else {
                return self.handler.call(Request::from_parts(parts, body), state).await;
            };
            let org = params
                .iter()
                .find(|(name, _)| *name == "org")
                .map(|(_, value)| value);
            let token = match self.family {
                Family::Insights => bearer(&parts).or_else(|| api_key(&parts)),
                _ => bearer(&parts),
            };
            match admit(&state, needs, token, org).await {
                Ok(admitted) => {
                    parts.extensions.insert(admitted.caller(&ids));
                    self.handler.call(Request::from_parts(parts, body), state).await
                }
                Err(refused) => refused.into_response(self.family),
            }
        })
    }
}

async fn path_params(parts: &mut Parts, state: &State) -> Result<RawPathParams, RawPathParamsRejection> {
    RawPathParams::from_request_parts(parts, state).await
}

/// Who was let in, and what holds in their organization.
struct Admitted {
    principal: Principal,
    types: Arc<ResourceTypes>,
    settings: Settings,
}

impl Admitted {
    fn caller(self, ids: &RequestIds) -> Caller {
        Caller {
            cause: ids.cause(&self.principal),
            principal: self.principal,
            types: self.types,
            settings: self.settings,
        }
    }
}

async fn admit(
    state: &State,
    needs: Permission,
    token: Option<&str>,
    org: Option<&str>,
) -> Result<Admitted, Refused> {
    let token = token.ok_or(Refused::NoToken)?;
    let principal = state.access.authenticate(token).await?;
    if let Some(org) = org
        && !org.parse().is_ok_and(|org: base::OrgId| org == principal.org)
    {
        return Err(Refused::OtherOrganization(org.to_owned()));
    }
    principal.may(needs)?;
    let types = state
        .directory
        .resource_types(principal.org, principal.schemas_revision)
        .await?;
    let settings = state
        .directory
        .settings_since(principal.org, principal.settings_revision)
        .await?;
    Ok(Admitted {
        principal,
        types,
        settings,
    })
}

fn bearer(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// How Directory Insights is asked.
fn api_key(parts: &Parts) -> Option<&str> {
    let key = parts.headers.get("x-api-key")?.to_str().ok()?.trim();
    (!key.is_empty()).then_some(key)
}

//! Nobody comes in without a token that allows it.

use std::pin::Pin;
use std::sync::Arc;

use access::{Authenticated, Permission, Person, Principal};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::handler::Handler;
use axum::response::{IntoResponse as _, Response};
use base::{OrgId, Origin};
use directory::{PeopleSource, Settings};
use http::header::AUTHORIZATION;
use http::request::Parts;
use scim::ResourceTypes;

use super::context::{Caller, RequestIds};
use super::errors::{self, Refused};
use super::{repeat, strangers};
use crate::api::parameters::refuse_others;
use crate::{Family, Guard, State, pages};

/// A handler behind its guard: a request gets to it with a [`Caller`], or is answered 401, 403 or 404. Without one it
/// gets there only if nobody need show a token, and none is shown.
#[derive(Clone)]
pub struct Guarded<H> {
    pub handler: H,
    pub family: Family,
    pub guard: Guard,
    pub about: About,
    /// The only parameters that the address may have; `None`: any.
    pub parameters: Option<&'static [&'static str]>,
}

/// What the `{id}` in an endpoint's path names: what it is about is read together with who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Whatever it is, the endpoint reads it by itself.
    Anything,
    User,
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
            if self.guard == Guard::Message {
                let from = ids.client_ip;
                if let Err(time) = state.strangers.judge(from, state.ambient.now()) {
                    return strangers::wait(time);
                }
                let request = Request::from_parts(parts, body);
                let answer = self.handler.call(request, state.clone()).await;
                state.strangers.count(from, &answer, state.ambient.now());
                return answer;
            }
            if self.family == Family::Page {
                return match pages::admit(&mut parts, &state, self.guard).await {
                    Ok(()) => self.handler.call(Request::from_parts(parts, body), state).await,
                    Err(refused) => *refused,
                };
            }
            let needs = match self.guard {
                Guard::Needs(needs) => Some(needs),
                Guard::NeedsOfHolders(needs) => parts.headers.contains_key(AUTHORIZATION).then_some(needs),
                Guard::Open | Guard::Client | Guard::Browser | Guard::Message | Guard::SignedIn => None,
            };
            let Some(needs) = needs else {
                if let Some(refused) = self.parameters.and_then(|known| refuse_others(&parts.uri, known)) {
                    return refused;
                }
                return self.handler.call(Request::from_parts(parts, body), state).await;
            };
            let place = |wanted: &str| {
                let found = params.iter().find(|(name, _)| *name == wanted);
                found.map(|(_, value)| value)
            };
            let about = match self.about {
                About::Anything => None,
                About::User => place("id"),
            };
            let token = match self.family {
                Family::Insights => bearer(&parts).or_else(|| api_key(&parts)),
                _ => bearer(&parts),
            };
            match admit(&state, needs, token, (place("org"), about)).await {
                Ok((admitted, person)) => {
                    let refused = self.parameters.and_then(|known| refuse_others(&parts.uri, known));
                    if let Some(refused) = refused {
                        return refused;
                    }
                    let caller = admitted.caller(ids.origin());
                    let is_repeatable =
                        self.family == Family::Api && repeat::has_key(&parts, needs.is_to_change());
                    parts.extensions.insert(caller.clone());
                    parts.extensions.insert(person);
                    let request = Request::from_parts(parts, body);
                    if is_repeatable {
                        return repeat::once(self.handler, caller, request, state).await;
                    }
                    self.handler.call(request, state).await
                }
                Err(refused) => {
                    refused.noted(&parts.uri, ids.client_ip);
                    refused.into_response(self.family)
                }
            }
        })
    }
}

async fn path_params(parts: &mut Parts, state: &State) -> Result<RawPathParams, RawPathParamsRejection> {
    RawPathParams::from_request_parts(parts, state).await
}

/// Who was let in, and what holds in their organization.
struct Admitted {
    principal: Arc<Principal>,
    types: Arc<ResourceTypes>,
    settings: Settings,
}

impl Admitted {
    fn caller(self, origin: Origin) -> Caller {
        Caller::new(self.principal, origin, self.types, self.settings)
    }
}

async fn admit(
    state: &State,
    needs: Permission,
    token: Option<&str>,
    (org, user): (Option<&str>, Option<&str>),
) -> Result<(Admitted, Person), Refused> {
    let token = token.ok_or(Refused::NoToken)?;
    let of: Option<OrgId> = org.and_then(|org| org.parse().ok());
    let about = of.zip(user.and_then(|user| user.parse().ok()));
    let Authenticated {
        principal,
        revisions,
        person,
    } = state.access.authenticate(token, about).await?;
    state.rate.judge(principal.token).map_err(Refused::TooMany)?;
    if let Some(org) = org
        && of != Some(principal.org)
    {
        return Err(Refused::OtherOrganization(org.to_owned()));
    }
    principal.may(needs)?;
    let (directory, org) = (&state.directory, principal.org);
    let types = directory.resource_types(org, revisions.schemas).await?;
    let settings = directory.settings_since(org, revisions.settings).await?;
    let provisions = matches!(needs, Permission::ScimWriteUsers | Permission::ScimWriteGroups);
    if provisions && settings.source == PeopleSource::Connector {
        return Err(Refused::OtherSource);
    }
    let admitted = Admitted {
        principal,
        types,
        settings,
    };
    Ok((admitted, person))
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

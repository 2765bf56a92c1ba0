//! Whom each identity provider vouches for.

use axum::Json;
use axum::extract::State as Extract;
use base::OrgId;
use federation::service_provider::{Route, RouteTo};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::State;
use crate::api::{Problem, body, resolve};
use crate::middleware::context::Caller;

/// `GET /api/v1/sso/routes`: in their order.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(render(&state, caller.principal.org).await?))
}

/// All routes: they come in the place of those before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SsoRoutes)]
pub struct Routes {
    routes: Vec<One>,
}

/// People with addresses of a domain, or people of a group, and where they sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SsoRoute)]
pub struct One {
    domain: Option<String>,
    /// By its id or name.
    group: Option<String>,
    /// By its id or name.
    provider: String,
}

impl Routes {
    /// With ids in the place of names.
    pub async fn resolve(self, state: &State, org: OrgId) -> Result<Vec<Route>, Problem> {
        let mut routes = Vec::new();
        for one in self.routes {
            let to = match (one.domain, one.group) {
                (Some(domain), None) => RouteTo::Domain(domain),
                (None, Some(group)) => RouteTo::Group(resolve::group(state, org, &group).await?.id),
                _ => {
                    let detail = "A route has either a domain or a group";
                    return Err(Problem::bad_request("sso.route", detail));
                }
            };
            let provider = state.federation.provider(org, &one.provider).await?.id;
            routes.push(Route { to, provider });
        }
        Ok(routes)
    }
}

/// `PUT /api/v1/sso/routes`.
pub async fn replace(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Routes>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let routes = wanted.resolve(&state, org).await?;
    state.federation.set_routes(caller.cause(), org, routes).await?;
    Ok(Json(render(&state, org).await?))
}

async fn render(state: &State, org: OrgId) -> Result<Value, Problem> {
    let providers = state.federation.providers(org).await?;
    let mut items = Vec::new();
    for route in state.federation.routes(org).await? {
        let provider = providers.iter().find(|one| one.id == route.provider);
        let (domain, group) = match &route.to {
            RouteTo::Domain(name) => (json!(name), Value::Null),
            RouteTo::Group(id) => {
                let group = state.directory.group(org, *id).await.ok();
                let name = group.map(|group| group.display_name);
                (Value::Null, json!({ "id": id, "display_name": name }))
            }
        };
        items.push(json!({
            "domain": domain,
            "group": group,
            "provider": { "id": route.provider, "name": provider.map(|one| one.name.as_str()) },
        }));
    }
    Ok(json!({ "items": items, "next": null }))
}

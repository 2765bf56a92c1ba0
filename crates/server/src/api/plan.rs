//! `POST /api/v1/apps/{app}/plan`: what a cycle would do now. Reads from the target, writes nothing.

use axum::Json;
use axum::extract::{Path, State as Extract};
use mapping::AttributeMapping;
use mapping::scope::ScopingFilter;
use provisioning::{PlanItem, PlanItems, Proposal};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, apps, body, message, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// What is supposed of the app: other mappings of people or of groups, another scoping filter. Nothing of it is saved.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanSupposed)]
pub struct Supposed {
    #[schema(schema_with = given::maybe_mappings)]
    pub mappings: Option<Vec<AttributeMapping>>,
    #[schema(schema_with = given::maybe_mappings)]
    pub group_mappings: Option<Vec<AttributeMapping>>,
    #[schema(schema_with = given::maybe_filter)]
    pub filter: Option<ScopingFilter>,
}

impl Supposed {
    fn is_some(&self) -> bool {
        self.mappings.is_some() || self.group_mappings.is_some() || self.filter.is_some()
    }

    pub fn proposal(self) -> Proposal {
        if !self.is_some() {
            return Proposal::Nothing;
        }
        Proposal::Change {
            mappings: self.mappings,
            group_mappings: self.group_mappings,
            filter: self.filter,
        }
    }
}

/// `POST /api/v1/apps/{app}/plan?all=false`: with `all`, also those with whom nothing is to be done; with `accounts` and `groups`,
/// what removing the app with them would do.
pub async fn plan(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
    body::Json(wanted): body::Json<Supposed>,
) -> Result<Json<Value>, Problem> {
    let items = match params.get_even_empty("all") {
        None | Some("false") => PlanItems::Touched,
        Some("true") => PlanItems::All,
        Some(other) => {
            return Err(Problem::bad_request(
                "all",
                format!("all is true or false, not {other:?}"),
            ));
        }
    };
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let proposal = match apps::removal(&params)? {
        Some(_) if wanted.is_some() => {
            let detail = "A plan supposes either a change or a removal";
            return Err(Problem::bad_request("plan.supposed", detail));
        }
        Some(removal) => Proposal::Removal(removal),
        None => wanted.proposal(),
    };
    let supposed = (&proposal, &*caller.types);
    let plan = state
        .provisioning
        .plan_supposing(org, app.id, items, supposed)
        .await?;
    let items: Vec<_> = plan.items.iter().map(render).collect();
    let warnings = state.provisioning.activation_warnings(org, &app).await?;
    Ok(Json(
        json!({ "counts": plan.counts, "items": items, "warnings": message::all(&warnings) }),
    ))
}

fn render(item: &PlanItem) -> Value {
    json!({
        "subject": item.subject,
        "action": item.action.map_or("error", provisioning::plan::Action::as_str),
        "reason": provisioning::text(&item.reason),
        "code": item.reason.code,
        "changes": item.changes,
        "requests": item.requests,
    })
}

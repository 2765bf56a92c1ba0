//! `POST /api/v1/apps/{app}/preview`: what would become of one person's account, attribute by attribute. Reads from the
//! target, writes nothing.

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::OrgId;
use mapping::AttributeMapping;
use mapping::scope::ScopingFilter;
use provisioning::{AttributePreview, PersonPreview, Sending, Subject};
use serde::Deserialize;
use serde_json::{Value, json};

use super::plan::Supposed;
use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// Who is meant: a person by id or userName, or a group by id or displayName.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    person: Option<String>,
    group: Option<String>,
}

impl Wanted {
    /// One of the two.
    pub async fn subject(&self, state: &State, org: OrgId) -> Result<Subject, Problem> {
        match (&self.person, &self.group) {
            (Some(person), None) => Ok(Subject::User(resolve::person(state, org, person).await?.id)),
            (None, Some(group)) => Ok(Subject::Group(resolve::group(state, org, group).await?.id)),
            _ => Err(Problem::bad_request("body.invalid", "name a person or a group")),
        }
    }
}

/// The same, and what is supposed of the app.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previewed {
    person: Option<String>,
    group: Option<String>,
    mappings: Option<Vec<AttributeMapping>>,
    filter: Option<ScopingFilter>,
}

/// `POST /api/v1/apps/{app}/preview`.
pub async fn preview(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(previewed): body::Json<Previewed>,
) -> Result<Json<Value>, Problem> {
    let Previewed {
        person,
        group,
        mappings,
        filter,
    } = previewed;
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let subject = Wanted { person, group }.subject(&state, org).await?;
    let (mappings, group_mappings) = match subject {
        Subject::User(_) => (mappings, None),
        Subject::Group(_) => (None, mappings),
    };
    let supposed = Supposed {
        mappings,
        group_mappings,
        filter,
    };
    let proposal = supposed.proposal();
    let supposed = (&proposal, &*caller.types);
    let preview = state
        .provisioning
        .preview_supposing(org, app.id, subject, supposed)
        .await?;
    Ok(Json(render(&preview)))
}

pub fn render(preview: &PersonPreview) -> Value {
    let explanation = &preview.explanation;
    let scope = &explanation.scope;
    json!({
        "subject": preview.subject,
        "action": preview.action.map_or("error", provisioning::plan::Action::as_str),
        "reason": provisioning::text(&preview.reason),
        "code": preview.reason.code,
        "source": explanation.source,
        "scope": { "in_scope": explanation.in_scope, "code": scope.code, "text": provisioning::text(scope) },
        "match": { "result": explanation.found, "remote_id": preview.remote_id },
        "attributes": preview.attributes.iter().map(attribute).collect::<Vec<_>>(),
        "request": preview.request,
    })
}

fn attribute(one: &AttributePreview) -> Value {
    let mut line = json!({
        "target": one.mapping.target,
        "row": one.row,
        "mapping": one.mapping,
        "sources": one.sources,
        "value": one.value,
        "held": one.held,
    });
    match &one.sending {
        Sending::Sent(value) => {
            line["sent"] = json!(true);
            line["new"] = value.clone();
        }
        Sending::Kept(why) => {
            line["sent"] = json!(false);
            line["code"] = json!(why.code);
            line["why"] = json!(provisioning::text(why));
        }
    }
    line
}

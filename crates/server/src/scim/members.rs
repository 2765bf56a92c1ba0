//! `GET /Groups/{id}/Members`: Webex's own way to page through the members of a group.

use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use base::{GroupId, OrgId};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use store::Start;
use store::members::{Member, SubjectKind};

use super::failure::{Failure, MEDIA_TYPE};
use super::groups::One;
use super::list;
use crate::State;
use crate::middleware::context::{Caller, Params};

const SCHEMA: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:GroupMembers";

/// Members on a page at most, and when the client does not say; also in Webex's answer to a PATCH.
const MAX_COUNT: u32 = 500;

/// Which members are shown: those of the parameter `memberType`, or the first ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    Only(SubjectKind),
    /// As many as stand on the first page of `/Members`.
    First,
    /// Machines, of which there are none.
    Nobody,
}

impl Which {
    pub fn of(params: &Params) -> Result<Self, Failure> {
        let Some(text) = params.get("memberType") else {
            return Ok(Self::All);
        };
        match text.to_ascii_lowercase().as_str() {
            "user" => Ok(Self::Only(SubjectKind::User)),
            "group" => Ok(Self::Only(SubjectKind::Group)),
            "machine" => Ok(Self::Nobody),
            _ => {
                let detail = format!("memberType is user, group or machine, not {text:?}");
                Err(Failure(scim::Error::invalid_value(detail)))
            }
        }
    }
}

/// The members that are to be shown, groups before people.
pub async fn shown(state: &State, org: OrgId, group: GroupId, which: Which) -> Result<Vec<Member>, Failure> {
    let directory = &state.directory;
    Ok(match which {
        Which::All => directory.members(org, group, None).await?,
        Which::Only(kind) => directory.members(org, group, Some(kind)).await?,
        Which::First => {
            directory
                .members_page(org, group, None, Start::FIRST, MAX_COUNT)
                .await?
        }
        Which::Nobody => Vec::new(),
    })
}

/// `GET /Groups/{id}/Members`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
    Path(one): Path<One>,
) -> Result<Response, Failure> {
    let org = caller.principal.org;
    let which = Which::of(&params)?;
    let start = list::start_index(&params)?;
    let count = list::count(&params, MAX_COUNT, MAX_COUNT)?;
    let group = state.directory.group(org, one.group()?).await?;
    let kind = match which {
        Which::All | Which::First => None,
        Which::Only(kind) => Some(kind),
        Which::Nobody => return Ok(answer(&group.display_name, 0, start, &[])),
    };
    let size = state.directory.count_members(org, group.id, kind).await?;
    let from = Start::Offset(start - 1);
    let members = state
        .directory
        .members_page(org, group.id, kind, from, count)
        .await?;
    Ok(answer(&group.display_name, size, start, &members))
}

fn answer(display_name: &str, size: u64, start: u64, members: &[Member]) -> Response {
    let member = |member: &Member| {
        json!({
            "value": member.id.subject(),
            "type": member.id.kind().as_str(),
            "display": member.name(),
        })
    };
    let body = json!({
        "schemas": [SCHEMA],
        "displayName": display_name,
        "memberSize": size,
        "itemsPerPage": members.len(),
        "startIndex": start,
        "members": members.iter().map(member).collect::<Value>(),
    });
    (StatusCode::OK, [(CONTENT_TYPE, MEDIA_TYPE)], body.to_string()).into_response()
}

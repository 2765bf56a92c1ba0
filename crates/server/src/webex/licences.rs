//! `/v1/licenses`: which licences there are, who has one, and giving them to one person.

use axum::Json;
use axum::extract::{Path, Request, State as Extract};
use axum::response::{IntoResponse, Response};
use base::{LicenceId, OrgId, UserId};
use directory::licences::{LicenceType, State as Standing};
use http::header::LINK;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use store::users::User;

use super::{Failure, ids};
use crate::State;
use crate::body::{self, Unreadable};
use crate::middleware::context::{Caller, Params};
use crate::scim::MAX_BODY;

/// So many people are on a page at most, and if nobody says how many.
const MOST: u32 = 300;
/// So many licences are changed at once.
const MOST_CHANGES: usize = 100;
/// What stands where there are as many as one likes.
const UNLIMITED: i64 = -1;

/// Webex's numbers for what can be wrong with an assignment.
const NOT_RECOGNIZED: u32 = 400_000;
const NO_SITE: u32 = 400_216;
const NO_LOCATION: u32 = 400;

/// `GET /v1/licenses?orgId=`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Failure> {
    let org = caller.principal.org;
    own(org, params.get("orgId"))?;
    let licences = state.directory.licences(org).await?;
    let items: Vec<_> = licences.iter().map(|licence| render(org, licence)).collect();
    Ok(Json(json!({ "items": items })))
}

/// `GET /v1/licenses/{licence}?includeAssignedTo=user&limit=&next=`: with `user` also a page of those who have one, and in
/// `Link` the address of the next page (RFC 8288).
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(licence): Path<String>,
    params: Params,
) -> Result<Response, Failure> {
    let org = caller.principal.org;
    let unknown = || Failure::not_found(format!("There is no license {licence:?}"));
    let id = ids::read_licence(org, &licence).ok_or_else(unknown)?;
    let found = state.directory.licence(org, &id.to_string()).await?;
    let mut body = render(org, &found);
    match params.get("includeAssignedTo") {
        None => return Ok(Json(body).into_response()),
        Some("user") => {}
        Some(other) => {
            let message = format!("includeAssignedTo is user, not {other:?}");
            return Err(Failure::bad_request(message));
        }
    }
    let limit = limit(&params)?;
    let after = params.get("next").map(str::parse).transpose();
    let after = after.map_err(|_| Failure::bad_request("next is not one that was given out here"))?;
    let of = (found.id, Standing::Given);
    let holders = state.directory.licence_holders(org, of, after, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let (shown, more) = holders.split_at(holders.len().min(page));
    let people: Vec<UserId> = shown.iter().map(|(one, _)| one.user).collect();
    let people = state.directory.users_by_ids(org, &people).await?;
    let users = shown.iter().map(|(one, _)| {
        let person = people.iter().find(|person| person.id == one.user);
        holder(one.user, person)
    });
    body["users"] = users.collect::<Result<_, _>>()?;
    let mut response = Json(body).into_response();
    if let (Some((last, _)), false) = (shown.last(), more.is_empty()) {
        let next = format!(
            "<{}/v1/licenses/{}?includeAssignedTo=user&limit={limit}&next={}>; rel=\"next\"",
            state.config.public_url,
            ids::licence(org, found.id),
            last.ticket
        );
        if let Ok(next) = HeaderValue::from_str(&next) {
            response.headers_mut().insert(LINK, next);
        }
    }
    Ok(response)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    email: Option<String>,
    person_id: Option<String>,
    org_id: Option<String>,
    #[serde(default)]
    licenses: Vec<Change>,
    #[serde(default)]
    site_urls: Vec<Site>,
}

#[derive(Debug, Deserialize)]
struct Change {
    id: String,
    #[serde(default)]
    operation: Operation,
    properties: Option<Properties>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operation {
    #[default]
    Add,
    Remove,
}

/// Numbers and extensions are for Webex Calling, and are the directory's here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    location_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Site {
    site_url: Option<String>,
}

/// `PATCH /v1/licenses/users`: 200 with all that the person has then; 206 if some could not be given; 400 if none could.
pub async fn assign(
    Extract(state): Extract<State>,
    caller: Caller,
    request: Request,
) -> Result<Response, Failure> {
    let wanted = read_body(request).await?;
    let org = caller.principal.org;
    own(org, wanted.org_id.as_deref())?;
    if !wanted.site_urls.is_empty() {
        let sites: Vec<_> = wanted
            .site_urls
            .iter()
            .filter_map(|site| site.site_url.as_deref())
            .collect();
        let message = format!("Request contains invalid attendee siteUrls: {}", sites.join(", "));
        return Err(Failure::bad_request(message).numbered(NO_SITE));
    }
    if wanted.licenses.is_empty() || wanted.licenses.len() > MOST_CHANGES {
        let message = format!("licenses must name 1 to {MOST_CHANGES} licenses");
        return Err(Failure::bad_request(message));
    }
    let person = person(&state, org, &wanted).await?;
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for change in &wanted.licenses {
        if change
            .properties
            .as_ref()
            .is_some_and(|properties| properties.location_id.is_some())
        {
            return Err(Failure::bad_request("Unable to find location.").numbered(NO_LOCATION));
        }
        let id = recognized(&state, org, &change.id).await?;
        match change.operation {
            Operation::Add => add.push(id),
            Operation::Remove => remove.push(id),
        }
    }
    let status = carry_out(&state, &caller, person.id, (&add, &remove)).await?;
    let licences = state.directory.licences_of(org, person.id).await?;
    let given = licences.iter().filter(|one| one.state == Standing::Given);
    let given: Vec<_> = given.map(|one| ids::licence(org, one.licence)).collect();
    let body = json!({
        "orgId": ids::organization(org),
        "personId": ids::person(person.id),
        "email": email(&person)?,
        "licenses": given,
        "siteUrls": [],
    });
    Ok((status, Json(body)).into_response())
}

/// All at once; where that cannot be, what is to be taken away at once and the others one by one.
async fn carry_out(
    state: &State,
    caller: &Caller,
    user: UserId,
    (add, remove): (&[LicenceId], &[LicenceId]),
) -> Result<StatusCode, Failure> {
    use directory::licences::LicenceError::NoneLeft;
    let org = caller.principal.org;
    let directory = &state.directory;
    let change = async |add: &[LicenceId], remove: &[LicenceId]| {
        directory
            .change_licences_of(caller.cause(), org, user, (add, remove))
            .await
    };
    let refused = match change(add, remove).await {
        Ok(()) => return Ok(StatusCode::OK),
        Err(directory::Error::Licence(error @ NoneLeft { .. })) => directory::Error::Licence(error),
        Err(error) => return Err(error.into()),
    };
    let mut some = !remove.is_empty();
    if some {
        change(&[], remove).await?;
    }
    for licence in add {
        match change(&[*licence], &[]).await {
            Ok(()) => some = true,
            Err(directory::Error::Licence(NoneLeft { .. })) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if some {
        Ok(StatusCode::PARTIAL_CONTENT)
    } else {
        Err(refused.into())
    }
}

async fn read_body(request: Request) -> Result<Wanted, Failure> {
    let bytes = body::read(request, MAX_BODY)
        .await
        .map_err(|unreadable| match unreadable {
            Unreadable::TooLarge(most) => Failure::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The body is larger than {most} bytes"),
            ),
            Unreadable::Slow => Failure::new(StatusCode::REQUEST_TIMEOUT, "The body did not come in time"),
            Unreadable::Broken(why) => Failure::bad_request(format!("The body could not be read: {why}")),
        })?;
    let body = scim::message::parse(&bytes).map_err(|error| Failure::bad_request(error.detail))?;
    serde_json::from_value(body).map_err(|error| Failure::bad_request(format!("The body: {error}")))
}

/// Of another organization nothing is told, there or not.
fn own(org: OrgId, wanted: Option<&str>) -> Result<(), Failure> {
    match wanted {
        Some(wanted) if ids::read_organization(wanted) != Some(org) => {
            let message = format!("This token knows no organization {wanted:?}");
            Err(Failure::not_found(message))
        }
        _ => Ok(()),
    }
}

async fn person(state: &State, org: OrgId, wanted: &Wanted) -> Result<User, Failure> {
    let unknown = || Failure::not_found("There is no such person in the organization");
    if let Some(id) = &wanted.person_id {
        let id = ids::read_person(id).ok_or_else(unknown)?;
        return Ok(state.directory.user(org, id).await?);
    }
    let Some(email) = &wanted.email else {
        return Err(Failure::bad_request("One of email and personId is needed"));
    };
    if base::canonical::refuse_nul(email).is_err() {
        return Err(unknown());
    }
    if let Some(found) = state.directory.user_by_name(org, email).await? {
        return Ok(found);
    }
    state
        .directory
        .user_by_email(org, email)
        .await?
        .ok_or_else(unknown)
}

async fn recognized(state: &State, org: OrgId, text: &str) -> Result<LicenceId, Failure> {
    let unknown = || Failure::bad_request(format!("License not recognized {text}")).numbered(NOT_RECOGNIZED);
    let id = ids::read_licence(org, text).ok_or_else(unknown)?;
    match state.directory.licence(org, &id.to_string()).await {
        Ok(licence) => Ok(licence.id),
        Err(directory::Error::Licence(_)) => Err(unknown()),
        Err(error) => Err(error.into()),
    }
}

fn limit(params: &Params) -> Result<u32, Failure> {
    let Some(text) = params.get("limit") else {
        return Ok(MOST);
    };
    let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| Failure::bad_request(format!("limit is a number from 1 to {MOST}")))
}

fn render(org: OrgId, licence: &LicenceType) -> Value {
    json!({
        "id": ids::licence(org, licence.id),
        "name": licence.name,
        "totalUnits": licence.total.unwrap_or(UNLIMITED),
        "consumedUnits": licence.consumed,
        "consumedByUsers": licence.consumed,
        "consumedByWorkspaces": 0,
    })
}

/// Somebody who has one; of whoever was removed meanwhile the id alone.
fn holder(id: UserId, person: Option<&User>) -> Result<Value, Failure> {
    let mut shown = json!({ "id": ids::person(id), "type": "INTERNAL" });
    if let Some(person) = person {
        shown["displayName"] = directory::document(person)?["displayName"].clone();
        shown["email"] = email(person)?.into();
    }
    Ok(shown)
}

/// The address that mail would go to, or the userName.
fn email(person: &User) -> Result<String, Failure> {
    let document = directory::document(person)?;
    let email = directory::email(&document).map(str::to_owned);
    Ok(email.unwrap_or_else(|| person.user_name.clone()))
}

//! `/console/{org}/sso/subjects`: who somebody is to identity providers.

use access::Permission::ManageOrganization;
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use federation::service_provider::Linked;

use crate::State;
use crate::api::{Problem, resolve};
use crate::console::said::Refused;
use crate::console::{Console, Said};
use crate::middleware::context::Params;
use crate::pages::{Filled, words};

#[derive(Template)]
#[template(path = "console/subjects.html")]
struct SubjectsPage<'a> {
    console: &'a Console,
    said: &'a Said,
    person: &'a str,
    /// None: nobody is asked for.
    names: Option<Vec<Row>>,
}

struct Row {
    provider: String,
    provider_name: String,
    name: String,
    format: String,
    finds: bool,
    linked: String,
}

/// `GET /console/{org}/sso/subjects?person=…`.
pub async fn show(Extract(state): Extract<State>, console: Console, params: Params) -> Response {
    let person = params.get("person").unwrap_or_default();
    render(&state, &console, person, Said::default()).await
}

/// `POST /console/{org}/sso/subjects`: `person` and `provider`.
pub async fn unlink(Extract(state): Extract<State>, console: Console, filled: Filled) -> Response {
    let said = unlinked(&state, &console, &filled).await.into();
    render(&state, &console, filled.text("person"), said).await
}

async fn unlinked(state: &State, console: &Console, filled: &Filled) -> Result<String, Refused> {
    console.require(state, ManageOrganization, filled)?;
    let org = console.org;
    let user = resolve::person(state, org, filled.text("person")).await?;
    let provider = state.federation.provider(org, filled.text("provider")).await?;
    state
        .federation
        .unlink_subject(&console.cause(), org, (user.id, &user.user_name), provider.id)
        .await?;
    Ok(format!(
        "The next name that {} vouches by is {}'s.",
        provider.name, user.user_name
    ))
}

async fn render(state: &State, console: &Console, person: &str, said: Said) -> Response {
    let person = person.trim();
    let (names, said) = match names(state, console, person).await {
        Ok(names) => (names, said),
        // What is not there is told where it is asked for.
        Err(problem) if problem.status().is_client_error() => (None, problem.into()),
        Err(problem) => return console.failure(problem),
    };
    let page = SubjectsPage {
        console,
        said: &said,
        person,
        names,
    };
    console.page(&said, &page)
}

async fn names(state: &State, console: &Console, person: &str) -> Result<Option<Vec<Row>>, Problem> {
    if person.is_empty() {
        return Ok(None);
    }
    let user = resolve::person(state, console.org, person).await?;
    let found = state.federation.subjects(console.org, user.id).await?;
    Ok(Some(found.iter().map(row).collect()))
}

fn row(one: &Linked) -> Row {
    Row {
        provider: one.provider.to_string(),
        provider_name: one.provider_name.clone(),
        name: one.name.clone(),
        format: one.format.clone(),
        finds: one.finds,
        linked: words::time(one.linked),
    }
}

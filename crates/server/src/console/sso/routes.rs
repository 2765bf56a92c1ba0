//! `/console/{org}/sso/routes`: whom each identity provider vouches for.

use access::Permission::ManageOrganization;
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use federation::service_provider::{Provider, RouteTo};
use serde::Serialize;
use serde_json::{Value, json};

use crate::State;
use crate::api::sso::Routes;
use crate::api::{Problem, body};
use crate::console::said::Refused;
use crate::console::{Console, Said};
use crate::pages::Filled;

/// So many empty rows invite to fill in more.
const EMPTY_ROWS: usize = 3;
/// More are not read.
const MOST_ROWS: usize = 250;

#[derive(Template)]
#[template(path = "console/routes.html")]
struct RoutesPage<'a> {
    console: &'a Console,
    said: &'a Said,
    providers: Vec<(String, String)>,
    rows: Vec<Row>,
    /// The routes that there are, so that nobody's are replaced unseen.
    was: String,
}

/// A route as it is filled in.
#[derive(Default, Serialize)]
struct Row {
    is_group: bool,
    whom: String,
    provider: String,
}

/// `GET /console/{org}/sso/routes`.
pub async fn show(Extract(state): Extract<State>, console: Console) -> Response {
    render(&state, &console, &Said::default(), None).await
}

/// `POST /console/{org}/sso/routes`: `{n}.kind`, `{n}.whom` and `{n}.provider`, in the place of those before.
pub async fn change(Extract(state): Extract<State>, console: Console, filled: Filled) -> Response {
    let rows = read(&filled);
    let said = saved(&state, &console, &filled, &rows).await.into();
    render(&state, &console, &said, Some(rows)).await
}

async fn saved(state: &State, console: &Console, filled: &Filled, rows: &[Row]) -> Result<String, Refused> {
    console.require(state, ManageOrganization, filled)?;
    if filled.text("was") != shown(&stored(state, console).await?) {
        let detail = "Somebody else has changed the routes since this page was opened. Yours stand here still: save once more, and \
                      they come in the place of the others";
        return Err(Problem::conflict("sso.routes_changed", detail).into());
    }
    let routes: Vec<Value> = rows
        .iter()
        .map(|row| {
            let kind = if row.is_group { "group" } else { "domain" };
            json!({ kind: row.whom, "provider": row.provider })
        })
        .collect();
    let wanted: Routes = body::read(json!({ "routes": routes }))?;
    let routes = wanted.resolve(state, console.org).await?;
    state
        .federation
        .set_routes(&console.cause(), console.org, routes)
        .await?;
    Ok("The routes are saved.".to_owned())
}

fn read(filled: &Filled) -> Vec<Row> {
    let rows = (0..MOST_ROWS).take_while(|row| filled.has(&format!("{row}.whom")));
    let rows = rows.map(|row| Row {
        is_group: filled.text(&format!("{row}.kind")) == "group",
        whom: filled.text(&format!("{row}.whom")).trim().to_owned(),
        provider: filled.text(&format!("{row}.provider")).to_owned(),
    });
    rows.filter(|row| !row.whom.is_empty()).collect()
}

async fn render(state: &State, console: &Console, said: &Said, filled: Option<Vec<Row>>) -> Response {
    let providers = match state.federation.providers(console.org).await {
        Ok(providers) => providers,
        Err(error) => return console.failure(error),
    };
    let stored = match stored(state, console).await {
        Ok(stored) => stored,
        Err(problem) => return console.failure(problem),
    };
    let was = shown(&stored);
    let mut rows = match filled {
        Some(rows) if said.is_refused() => rows,
        _ => stored,
    };
    rows.extend((0..EMPTY_ROWS).map(|_| Row::default()));
    let named = |one: &Provider| (one.id.to_string(), one.name.clone());
    let page = RoutesPage {
        console,
        said,
        providers: providers.iter().map(named).collect(),
        rows,
        was,
    };
    console.page(said, &page)
}

/// What a form brings along of the routes that it was made of.
fn shown(rows: &[Row]) -> String {
    json!(rows).to_string()
}

async fn stored(state: &State, console: &Console) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for route in state.federation.routes(console.org).await? {
        let (is_group, whom) = match route.to {
            RouteTo::Domain(name) => (false, name),
            RouteTo::Group(id) => (true, super::provider::group_name(state, console, id).await),
        };
        let provider = route.provider.to_string();
        rows.push(Row {
            is_group,
            whom,
            provider,
        });
    }
    Ok(rows)
}

//! `/console/{org}/apps`: the apps, and how people sign in to each of them.

use access::Permission::ManageApps;
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use federation::identity_provider::Sso;
use provisioning::{App, NewApp, State as AppState, Template as AppTemplate};

use crate::State;
use crate::api::Problem;
use crate::console::said::Refused;
use crate::console::{Console, Said};
use crate::pages::{Fields, Filled, page};

#[derive(Template)]
#[template(path = "console/apps.html")]
struct AppsPage<'a> {
    console: &'a Console,
    said: &'a Said,
    rows: Vec<Row>,
    /// What was filled in, and could not be taken.
    filled: &'a Fields,
}

struct Row {
    address: String,
    name: String,
    template: &'static str,
    /// `None`: nothing is set.
    active: Option<bool>,
    /// Whether the app is taken away at the moment.
    removing: bool,
    /// Where people sign in, or where the link leads.
    about: String,
}

/// `GET /console/{org}/apps`.
pub async fn show(Extract(state): Extract<State>, console: Console) -> Response {
    render(&state, &console, &Said::default(), &Fields::default()).await
}

/// `POST /console/{org}/apps`: `name` and `template`, `saml` or `bookmark`: an app that people only sign in to.
pub async fn add(Extract(state): Extract<State>, console: Console, filled: Filled) -> Response {
    match added(&state, &console, &filled).await {
        Ok(app) => page::see_other(&console.place(&format!("/apps/{}/sso", app.id))),
        Err(refused) => render(&state, &console, &Err(refused).into(), &filled).await,
    }
}

async fn added(state: &State, console: &Console, filled: &Filled) -> Result<App, Refused> {
    console.require(state, ManageApps, filled)?;
    let template = match filled.text("template") {
        "saml" => AppTemplate::Saml,
        "bookmark" => AppTemplate::Bookmark,
        _ => return Err(Problem::bad_request("app.template", "Choose what kind of app it is").into()),
    };
    let new = NewApp {
        name: Some(filled.text("name").trim().to_owned()),
        ..NewApp::new(template)
    };
    let cause = console.cause();
    Ok(state.provisioning.add_app(console.org, new, &cause).await?)
}

async fn render(state: &State, console: &Console, said: &Said, filled: &Fields) -> Response {
    let apps = match state.provisioning.apps(console.org).await {
        Ok(apps) => apps,
        Err(error) => return console.failure(error),
    };
    let base = &state.config.public_url;
    let all = match state.federation.all_sso(base, console.org).await {
        Ok(all) => all,
        Err(error) => return console.failure(error),
    };
    let row = |app: &App| row(console, app, all.iter().find(|sso| sso.app == app.id));
    let page = AppsPage {
        console,
        said,
        rows: apps.iter().map(row).collect(),
        filled,
    };
    console.page(said, &page)
}

fn row(console: &Console, app: &App, sso: Option<&Sso>) -> Row {
    Row {
        address: console.place(&format!("/apps/{}/sso", app.id)),
        name: app.name.clone(),
        template: match app.template {
            AppTemplate::Bookmark => "Bookmark",
            other => other.title(),
        },
        active: sso.map(|sso| sso.active),
        removing: app.state == AppState::Removing,
        about: sso.map(|sso| sso.address.clone()).unwrap_or_default(),
    }
}

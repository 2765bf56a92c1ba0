//! `/console/{org}/apps/{app}/sso`: how people sign in to an app, with all that can be set for it.

use access::Permission::ManageApps;
use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use federation::identity_provider::{Kind, Sso};
use provisioning::{App, Template as AppTemplate};
use serde_json::{Map, Value, json};

use super::fields::{BOOKMARK, SAML};
use super::found;
use crate::State;
use crate::api::app_sso::{self, Described, Wanted, confirmed};
use crate::api::{Problem, body};
use crate::console::form::{Section, Sheet, changes};
use crate::console::said::Refused;
use crate::console::sso::provider::{described, some, taken};
use crate::console::{Console, Said};
use crate::middleware::context::Params;
use crate::pages::{Fields, Filled};

#[derive(Template)]
#[template(path = "console/app.html")]
struct AppPage<'a> {
    console: &'a Console,
    said: &'a Said,
    name: &'a str,
    is_webex: bool,
    is_bookmark: bool,
    /// `None`: nothing is set yet.
    active: Option<bool>,
    /// What the service is to be told.
    facts: Vec<(&'static str, String)>,
    metadata: Option<String>,
    keys: Option<String>,
    person: &'a str,
    preview: Option<Preview>,
    sheets: Vec<Sheet>,
    filled: &'a Fields,
}

/// What a service would be told of somebody.
struct Preview {
    user: String,
    let_in: bool,
    problem: Option<String>,
    name_id: String,
    format: String,
    attributes: Vec<(String, String)>,
}

/// `GET /console/{org}/apps/{app}/sso?person=…`: with what the service would be told of that person.
pub async fn show(
    Extract(state): Extract<State>,
    console: Console,
    Path((_, app)): Path<(String, String)>,
    params: Params,
) -> Response {
    let (app, sso) = match found(&state, &console, &app).await {
        Ok(found) => found,
        Err(problem) => return console.failure(problem),
    };
    let person = params.get("person").unwrap_or_default().trim();
    let (preview, said) = if person.is_empty() || !console.may_probe() {
        (None, Said::default())
    } else {
        match app_sso::previewed(&state, (console.org, &app), person).await {
            Ok(told) => (Some(preview(&told)), Said::default()),
            Err(problem) => (None, problem.into()),
        }
    };
    render(&console, &app, sso.as_ref(), &said, (person, preview), None)
}

/// `POST /console/{org}/apps/{app}/sso`: `do` says what.
pub async fn change(
    Extract(state): Extract<State>,
    console: Console,
    Path((_, app)): Path<(String, String)>,
    filled: Filled,
) -> Response {
    let (app, sso) = match found(&state, &console, &app).await {
        Ok(found) => found,
        Err(problem) => return console.failure(problem),
    };
    let said = Said::from(done(&state, &console, &app, sso.as_ref(), &filled).await).of(sections(&app));
    match found(&state, &console, &app.id.to_string()).await {
        Ok((app, sso)) => render(&console, &app, sso.as_ref(), &said, ("", None), Some(&filled)),
        Err(problem) => console.failure(problem),
    }
}

async fn done(
    state: &State,
    console: &Console,
    app: &App,
    sso: Option<&Sso>,
    filled: &Filled,
) -> Result<String, Refused> {
    console.require(state, ManageApps, filled)?;
    let (cause, at) = (console.cause(), (console.org, app));
    let (federation, base) = (&state.federation, &state.config.public_url);
    let text = |name: &str| filled.text(name).trim();
    match filled.text("do") {
        "set_up" => {
            let wanted: Wanted = body::read(json!({ "slug": some(text("slug")) }))?;
            wanted.set(state, &cause, at, false).await?;
            Ok("The app has its address.".to_owned())
        }
        "webex" => {
            let wanted: Wanted = body::read(json!({
                "slug": some(text("slug")),
                "webex_org_id": some(text("webex_org_id")),
                "webex_subdomain": some(text("webex_subdomain")),
                "webex_government": filled.has("webex_government"),
            }))?;
            if sso.is_some() {
                wanted.change_of(state, &cause, at).await?;
            } else {
                wanted.set(state, &cause, at, false).await?;
            }
            Ok("What Webex is called and where answers go is filled in.".to_owned())
        }
        "metadata" => {
            let mut given = described(text("metadata"), text("metadata_url"))?;
            if let Value::Object(given) = &mut given {
                let url = given.remove("metadata_url").unwrap_or_default();
                given.insert("url".to_owned(), url);
                given.insert("entity_id".to_owned(), json!(some(text("entity_id"))));
                given.insert("slug".to_owned(), json!(some(text("slug"))));
            }
            let given: Described = body::read(given)?;
            let (_, _, found) = given.import(state, &cause, at).await?;
            Ok(taken("The metadata are taken over.", &found.left_out))
        }
        "save" => save(state, console, (app, sso), filled).await,
        "activate" => {
            federation
                .activate_app_sso(&cause, base, (console.org, app.id), true)
                .await?;
            Ok("It is on: whoever is assigned gets in.".to_owned())
        }
        "deactivate" => {
            confirmed("sign-in to the app", &app.name, Some(text("confirm")))?;
            federation
                .activate_app_sso(&cause, base, (console.org, app.id), false)
                .await?;
            Ok("It is off: nobody gets in. What is set stays.".to_owned())
        }
        _ => Err(Problem::no_action().into()),
    }
}

async fn save(
    state: &State,
    console: &Console,
    (app, sso): (&App, Option<&Sso>),
    filled: &Filled,
) -> Result<String, Refused> {
    let Some((section, mut settings)) = changes(sections(app), filled) else {
        return Err(Problem::no_action().into());
    };
    if settings.is_empty() {
        return Ok("Nothing was to be changed.".to_owned());
    }
    number_consumers(&mut settings);
    let wanted: Wanted = body::read(json!({ "settings": settings }))?;
    let (cause, at) = (console.cause(), (console.org, app));
    if sso.is_some() {
        wanted.change_of(state, &cause, at).await?;
    } else {
        wanted.set(state, &cause, at, false).await?;
    }
    Ok(format!("Saved: {}.", section.title))
}

/// Gives those without an index the next that is free.
fn number_consumers(settings: &mut Map<String, Value>) {
    let Some(Value::Array(consumers)) = settings.get_mut("consumers") else {
        return;
    };
    let mut taken: Vec<u64> = consumers.iter().filter_map(|one| one["index"].as_u64()).collect();
    for one in consumers.iter_mut().filter(|one| one["index"] == "") {
        let free = (0..=u64::from(u16::MAX)).find(|index| !taken.contains(index));
        taken.extend(free);
        one["index"] = json!(free);
    }
}

fn sections(app: &App) -> &'static [Section] {
    match app.template {
        AppTemplate::Bookmark => BOOKMARK,
        AppTemplate::Webex | AppTemplate::Scim | AppTemplate::Saml => SAML,
    }
}

fn preview(told: &Value) -> Preview {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let attributes = told["attributes"].as_array().into_iter().flatten();
    Preview {
        user: text(&told["user"]["name"]),
        let_in: told["let_in"] == true,
        problem: told["problem"]["text"].as_str().map(str::to_owned),
        name_id: match told["name_id"]["value"].as_str() {
            Some(value) => value.to_owned(),
            None => "made up when somebody signs in".to_owned(),
        },
        format: text(&told["name_id"]["format"]),
        attributes: attributes
            .map(|one| {
                let values: Vec<_> = one["values"].as_array().into_iter().flatten().map(text).collect();
                let values = if one["left_out"] == true {
                    "left out".to_owned()
                } else {
                    values.join(", ")
                };
                (text(&one["name"]), values)
            })
            .collect(),
    }
}

fn render(
    console: &Console,
    app: &App,
    sso: Option<&Sso>,
    said: &Said,
    (person, preview): (&str, Option<Preview>),
    filled: Option<&Filled>,
) -> Response {
    let is_bookmark = app.template == AppTemplate::Bookmark;
    let by_saml = sso.filter(|sso| sso.kind() == Kind::Saml);
    let facts = by_saml.map_or_else(Vec::new, |sso| {
        vec![
            ("Entity ID (issuer)", sso.issuer.clone()),
            ("Sign-in URL (SSO)", sso.address.clone()),
            ("Sign-out URL (SLO)", sso.logout_address()),
        ]
    });
    // A bookmark needs no address: its settings can be saved at once.
    let shows_settings = sso.is_some() || is_bookmark;
    let values = match sso {
        Some(sso) => app_sso::settings(sso),
        None => json!({ "shown": true }),
    };
    let nothing = Fields::default();
    let page = AppPage {
        console,
        said,
        name: &app.name,
        is_webex: app.template == AppTemplate::Webex,
        is_bookmark,
        active: sso.map(|sso| sso.active),
        facts,
        metadata: by_saml.map(|sso| format!("{}/metadata", sso.address)),
        keys: by_saml.map(|_| console.place(&format!("/apps/{}/sso/keys", app.id))),
        person,
        preview,
        sheets: if shows_settings {
            let sections = sections(app).iter();
            sections
                .map(|section| Sheet::after(section, &values, said, filled))
                .collect()
        } else {
            Vec::new()
        },
        filled: said.kept(filled, &nothing),
    };
    console.page_with_files(said, &page)
}

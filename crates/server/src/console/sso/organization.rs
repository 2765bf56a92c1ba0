//! `/console/{org}/sso`: how single sign-on stands, the identity providers, and what holds for all of them.

use access::Permission::ManageOrganization;
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use federation::service_provider::Provider;
use federation::service_provider::settings::to_map;
use serde_json::Value;

use super::addresses;
use super::fields::ORGANIZATION;
use crate::State;
use crate::api::Problem;
use crate::api::app_sso::confirmed;
use crate::console::certificates::warning;
use crate::console::form::{Sheet, changes};
use crate::console::said::Refused;
use crate::console::{Console, Said};
use crate::pages::Filled;

#[derive(Template)]
#[template(path = "console/sso.html")]
struct SsoPage<'a> {
    console: &'a Console,
    said: &'a Said,
    active: bool,
    providers: Vec<Row>,
    /// What the identity provider is to be told.
    facts: Vec<(&'static str, String)>,
    metadata: String,
    recovery: String,
    sheet: Sheet,
}

struct Row {
    address: String,
    name: String,
    entity_id: String,
    active: bool,
    tested: bool,
    warning: Option<String>,
}

/// `GET /console/{org}/sso`.
pub async fn show(Extract(state): Extract<State>, console: Console) -> Response {
    render(&state, &console, &Said::default(), None).await
}

/// `POST /console/{org}/sso`: `do` is `save`, `activate`, or `deactivate` with the organization's name as `confirm`.
pub async fn change(Extract(state): Extract<State>, console: Console, filled: Filled) -> Response {
    let said = Said::from(done(&state, &console, &filled).await).of(ORGANIZATION);
    render(&state, &console, &said, Some(&filled)).await
}

async fn done(state: &State, console: &Console, filled: &Filled) -> Result<String, Refused> {
    console.require(state, ManageOrganization, filled)?;
    let (federation, cause, org) = (&state.federation, console.cause(), console.org);
    match filled.text("do") {
        "activate" => {
            federation.activate_sso(&cause, org).await?;
            Ok("Single sign-on is on.".to_owned())
        }
        "deactivate" => {
            let said = Some(filled.text("confirm").trim());
            confirmed("single sign-on of the organization", &console.organization, said)?;
            federation.deactivate_sso(&cause, org).await?;
            Ok("Single sign-on is off: people sign in with their passwords.".to_owned())
        }
        "save" => {
            let Some((_, changed)) = changes(ORGANIZATION, filled) else {
                return Err(Problem::no_action().into());
            };
            if changed.is_empty() {
                return Ok("Nothing was to be changed.".to_owned());
            }
            federation.change_sso(&cause, org, &changed).await?;
            Ok("The settings are saved.".to_owned())
        }
        _ => Err(Problem::no_action().into()),
    }
}

async fn render(state: &State, console: &Console, said: &Said, filled: Option<&Filled>) -> Response {
    let sso = state.federation.sso(console.org).await;
    let providers = state.federation.providers(console.org).await;
    let (sso, providers) = match (sso, providers) {
        (Ok(sso), Ok(providers)) => (sso, providers),
        (Err(error), _) | (_, Err(error)) => return console.failure(error),
    };
    let addresses = addresses(state, console);
    let page = SsoPage {
        console,
        said,
        active: sso.active,
        providers: providers.iter().map(|one| row(state, console, one)).collect(),
        facts: vec![
            ("Entity ID (SP ID)", addresses.entity_id(&sso.settings)),
            ("Assertion consumer (ACS) URL", addresses.consumer()),
            ("Single logout URL", addresses.logout()),
            ("Sign-in URL", addresses.login()),
        ],
        metadata: addresses.metadata(),
        recovery: format!("/idb/saml2/{}/recover", console.org),
        sheet: Sheet::after(
            &ORGANIZATION[0],
            &Value::Object(to_map(&sso.settings)),
            said,
            filled,
        ),
    };
    console.page(said, &page)
}

fn row(state: &State, console: &Console, provider: &Provider) -> Row {
    Row {
        address: console.place(&format!("/sso/providers/{}", provider.id)),
        name: provider.name.clone(),
        entity_id: provider.entity_id.clone(),
        active: provider.active,
        tested: provider.tested.is_some(),
        // Another one that lasts longer is there to take its place.
        warning: provider
            .certificates
            .first()
            .and_then(|longest| warning(longest.not_after(), state.ambient.now())),
    }
}

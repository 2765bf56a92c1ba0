//! `/console/{org}/sso/new-provider`: an identity provider, by its metadata or by hand.

use access::Permission::ManageOrganization;
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use federation::service_provider::Provider;
use serde_json::json;

use super::addresses;
use super::provider::some;
use crate::State;
use crate::api::body;
use crate::api::sso::NewProvider;
use crate::console::said::Refused;
use crate::console::{Console, Said};
use crate::pages::{Fields, Filled, page};

#[derive(Template)]
#[template(path = "console/new_provider.html")]
struct NewProviderPage<'a> {
    console: &'a Console,
    said: &'a Said,
    filled: &'a Fields,
    /// Where our own metadata are.
    metadata: String,
}

/// `GET /console/{org}/sso/new-provider`.
pub async fn ask(Extract(state): Extract<State>, console: Console) -> Response {
    render(&state, &console, &Said::default(), &Fields::default())
}

/// `POST /console/{org}/sso/new-provider`: `name`, and `metadata` or `metadata_url`, or `entity_id`, `login_url` and
/// `certificate`.
pub async fn add(Extract(state): Extract<State>, console: Console, filled: Filled) -> Response {
    match added(&state, &console, &filled).await {
        Ok(provider) => page::see_other(&console.place(&format!("/sso/providers/{}", provider.id))),
        Err(refused) => render(&state, &console, &Err(refused).into(), &filled),
    }
}

async fn added(state: &State, console: &Console, filled: &Filled) -> Result<Provider, Refused> {
    console.require(state, ManageOrganization, filled)?;
    let text = |name: &str| some(filled.text(name).trim());
    let mut settings = json!({});
    if let Some(login_url) = text("login_url") {
        settings["login_url"] = json!(login_url);
    }
    let certificates: Vec<_> = text("certificate").into_iter().collect();
    let wanted: NewProvider = body::read(json!({
        "name": text("name"),
        "metadata": text("metadata"),
        "metadata_url": text("metadata_url"),
        "entity_id": text("entity_id"),
        "settings": settings,
        "certificates": certificates,
    }))?;
    let (provider, _) = wanted.add(state, &console.cause(), console.org).await?;
    Ok(provider)
}

fn render(state: &State, console: &Console, said: &Said, filled: &Fields) -> Response {
    let page = NewProviderPage {
        console,
        said,
        filled,
        metadata: addresses(state, console).metadata(),
    };
    console.page_with_files(said, &page)
}

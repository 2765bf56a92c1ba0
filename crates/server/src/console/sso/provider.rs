//! `/console/{org}/sso/providers/{provider}`: one identity provider, with all that can be set for it.

use access::Permission::ManageOrganization;
use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use base::GroupId;
use federation::Federation;
use federation::saml::security::Certificate;
use federation::service_provider::settings::to_map;
use federation::service_provider::{self as sp, Provider};
use serde_json::{Map, Value, json};

use super::fields::PROVIDER;
use crate::State;
use crate::api::sso::{ConfigurationImport, ProviderChange};
use crate::api::{Problem, body, resolve};
use crate::console::certificates::Shown;
use crate::console::form::{Sheet, changes};
use crate::console::said::Refused;
use crate::console::{Console, Said};
use crate::pages::{Fields, Filled, page, words};
use crate::saml::service_provider::test_address;

#[derive(Template)]
#[template(path = "console/provider.html")]
struct ProviderPage<'a> {
    console: &'a Console,
    said: &'a Said,
    filled: &'a Fields,
    name: String,
    entity_id: String,
    /// Name, issuer and place in the order, as they are or as they were filled in.
    identity: Identity,
    active: bool,
    tested: Option<String>,
    test: Option<String>,
    certificates: Vec<Shown>,
    /// What an SSO page would export, and what was filled in to be imported.
    configuration: Vec<(&'static str, &'static str, String, String)>,
    sheets: Vec<Sheet>,
}

struct Identity {
    name: String,
    entity_id: String,
    /// Counted from 1, as people do.
    position: String,
    /// What the form has shown: only what was changed is set.
    was: String,
}

impl Identity {
    fn new(provider: &Provider, filled: &Fields) -> Self {
        if filled.text("do") == "identity" {
            let text = |name: &str| filled.text(name).to_owned();
            return Self {
                name: text("name"),
                entity_id: text("entity_id"),
                position: text("position"),
                was: text("was"),
            };
        }
        Self {
            name: provider.name.clone(),
            entity_id: provider.entity_id.clone(),
            position: (provider.position + 1).to_string(),
            was: json!({
                "name": provider.name, "entity_id": provider.entity_id, "position": provider.position,
            })
            .to_string(),
        }
    }
}

/// `GET /console/{org}/sso/providers/{provider}`.
pub async fn show(
    Extract(state): Extract<State>,
    console: Console,
    Path((_, provider)): Path<(String, String)>,
) -> Response {
    match state.federation.provider(console.org, &provider).await {
        Ok(provider) => render(&state, &console, provider, &Said::default(), None).await,
        Err(error) => console.failure(error),
    }
}

/// `POST /console/{org}/sso/providers/{provider}`: `do` says what.
pub async fn change(
    Extract(state): Extract<State>,
    console: Console,
    Path((_, provider)): Path<(String, String)>,
    filled: Filled,
) -> Response {
    let provider = match state.federation.provider(console.org, &provider).await {
        Ok(provider) => provider,
        Err(error) => return console.failure(error),
    };
    let said = Said::from(done(&state, &console, &provider, &filled).await).of(PROVIDER);
    let by_id = provider.id.to_string();
    match state.federation.provider(console.org, &by_id).await {
        Ok(provider) => render(&state, &console, provider, &said, Some(&filled)).await,
        // It is not there any more, as was wished.
        Err(_) if !said.is_refused() => page::see_other(&console.place("/sso")),
        Err(error) => console.failure(error),
    }
}

async fn done(
    state: &State,
    console: &Console,
    provider: &Provider,
    filled: &Filled,
) -> Result<String, Refused> {
    console.require(state, ManageOrganization, filled)?;
    let (federation, cause, org) = (&state.federation, console.cause(), console.org);
    let text = |name: &str| filled.text(name).trim();
    match filled.text("do") {
        "save" => save(state, console, provider, filled).await,
        "identity" => {
            let position = text("position")
                .parse::<u32>()
                .ok()
                .and_then(|from_one| from_one.checked_sub(1));
            let position = position.ok_or_else(|| {
                Problem::bad_request("position", "The position is a whole number: 1 for the first one")
            })?;
            let mut wanted =
                json!({ "name": text("name"), "entity_id": text("entity_id"), "position": position });
            let was: Value = serde_json::from_str(filled.text("was")).unwrap_or_default();
            if let Value::Object(wanted) = &mut wanted {
                wanted.retain(|name, value| was[name.as_str()] != *value);
            }
            let change: ProviderChange = body::read(wanted)?;
            change.make(state, &cause, (org, provider.id)).await?;
            Ok("Saved.".to_owned())
        }
        "metadata" => {
            let change: ProviderChange = body::read(described(text("metadata"), text("metadata_url"))?)?;
            let (_, left_out) = change.make(state, &cause, (org, provider.id)).await?;
            Ok(taken("The metadata are taken over.", &left_out))
        }
        "configuration" => {
            let members = CONFIGURATION.map(|(name, _)| (name.to_owned(), json!(some(text(name)))));
            let wanted: ConfigurationImport = body::read(Value::Object(members.into_iter().collect()))?;
            federation
                .import_configuration(&cause, org, provider, wanted.into())
                .await?;
            Ok("The configuration is taken over.".to_owned())
        }
        "add_certificate" => {
            let certificate = Certificate::from_text(text("pem")).map_err(sp::Error::from)?;
            federation
                .add_provider_certificate(&cause, org, provider.id, certificate)
                .await?;
            Ok("The certificate is added.".to_owned())
        }
        "remove_certificate" => {
            federation
                .remove_provider_certificate(&cause, org, provider.id, text("certificate"))
                .await?;
            Ok("The certificate is removed.".to_owned())
        }
        "activate" => {
            let untested = filled.has("untested");
            federation
                .activate_provider(&cause, org, provider.id, untested)
                .await?;
            Ok("It is on: people are led there.".to_owned())
        }
        "deactivate" => {
            federation.deactivate_provider(&cause, org, provider.id).await?;
            Ok("It is off: nobody is led there.".to_owned())
        }
        "remove" if text("confirm") == provider.name => {
            federation.remove_provider(&cause, org, provider.id).await?;
            Ok("It is removed.".to_owned())
        }
        "remove" => {
            let detail = format!("To remove it, type its name, {:?}", provider.name);
            Err(Problem::bad_request("not_confirmed", detail).into())
        }
        _ => Err(Problem::no_action().into()),
    }
}

async fn save(
    state: &State,
    console: &Console,
    provider: &Provider,
    filled: &Filled,
) -> Result<String, Refused> {
    let Some((section, mut settings)) = changes(PROVIDER, filled) else {
        return Err(Problem::no_action().into());
    };
    if settings.is_empty() {
        return Ok("Nothing was to be changed.".to_owned());
    }
    if let Some(groups) = settings.get_mut("joinable_groups") {
        *groups = ids(state, console, groups).await?;
    }
    let change: ProviderChange = body::read(json!({ "settings": settings }))?;
    let at = (console.org, provider.id);
    change.make(state, &console.cause(), at).await?;
    Ok(format!("Saved: {}.", section.title))
}

/// What a form has of metadata: the text, or where it is.
pub fn described(metadata: &str, url: &str) -> Result<Value, Problem> {
    if metadata.is_empty() && url.is_empty() {
        let detail = "Paste the metadata, or say where they are";
        return Err(Problem::bad_request("sso.metadata", detail));
    }
    Ok(json!({ "metadata": some(metadata), "metadata_url": some(url) }))
}

pub fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// The same with what was left out.
pub fn taken(what: &str, left_out: &[String]) -> String {
    if left_out.is_empty() {
        return what.to_owned();
    }
    format!("{what} Left out: {}.", left_out.join("; "))
}

async fn ids(state: &State, console: &Console, names: &Value) -> Result<Value, Problem> {
    let mut ids = Vec::new();
    for name in names.as_array().into_iter().flatten().filter_map(Value::as_str) {
        let group = resolve::group(state, console.org, name).await;
        ids.push(
            group
                .map_err(|problem| problem.param("setting", "joinable_groups"))?
                .id,
        );
    }
    Ok(json!(ids))
}

/// By its name, where that is one group's.
pub async fn group_name(state: &State, console: &Console, id: GroupId) -> String {
    let org = console.org;
    // One that a line of a form would change is called by its id.
    let is_plain = |name: &str| name == name.trim() && !name.chars().any(char::is_control);
    if let Ok(group) = state.directory.group(org, id).await
        && is_plain(&group.display_name)
        && let Ok(found) = resolve::group(state, org, &group.display_name).await
        && found.id == id
    {
        return group.display_name;
    }
    id.to_string()
}

/// As an SSO page names them.
const CONFIGURATION: [(&str, &str); 3] = [
    (
        "authn_request_signed_destination",
        "AuthnRequestSigned Destination",
    ),
    ("idp_issuer", "Issuer for SAML (IdP ID)"),
    ("login_url", "Customer SSO service login URL"),
];

async fn render(
    state: &State,
    console: &Console,
    provider: Provider,
    said: &Said,
    filled: Option<&Filled>,
) -> Response {
    let mut values: Map<String, Value> = to_map(&provider.settings);
    let mut groups = Vec::new();
    for id in &provider.settings.joinable_groups {
        groups.push(group_name(state, console, *id).await);
    }
    values.insert("joinable_groups".to_owned(), json!(groups));
    let values = Value::Object(values);
    let configuration = json!(Federation::configuration(&provider));
    let test = console
        .may_probe()
        .then(|| test_address(state, console.org, provider.id));
    let nothing = Fields::default();
    let refused = said.kept(filled, &nothing);
    let page = ProviderPage {
        console,
        said,
        filled: refused,
        identity: Identity::new(&provider, refused),
        active: provider.active,
        tested: provider.tested.map(words::time),
        test,
        certificates: provider
            .certificates
            .iter()
            .map(|one| Shown::new(one, state))
            .collect(),
        configuration: CONFIGURATION
            .map(|(name, label)| {
                let value = configuration[name].as_str().unwrap_or_default();
                let typed = match refused.text("do") {
                    "configuration" => refused.text(name),
                    _ => "",
                };
                (name, label, value.to_owned(), typed.to_owned())
            })
            .to_vec(),
        sheets: PROVIDER
            .iter()
            .map(|section| Sheet::after(section, &values, said, filled))
            .collect(),
        name: provider.name,
        entity_id: provider.entity_id,
    };
    console.page_with_files(said, &page)
}

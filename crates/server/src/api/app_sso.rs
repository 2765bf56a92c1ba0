//! `/api/v1/apps/{app}/sso`: how people sign in to an app.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse as _, Response};
use base::{Cause, OrgId};
use federation::identity_provider::{Change, Kind, NewSso, SignOn, SignatureChoice, Sso, Taken, TakenFrom};
use http::StatusCode;
use provisioning::{App, Template};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/apps/{app}/sso`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let sso = found(&state, org, &app).await?;
    Ok(Json(render(&state, &sso)))
}

/// How the sign-in is to be.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SsoGiven)]
pub struct Wanted {
    /// The app's part of its address; fixed from then on.
    slug: Option<String>,
    /// An organization's ID at Webex, which says what Webex is called there and where answers go.
    webex_org_id: Option<String>,
    /// The same of a site: what stands in front of `.webex.com`.
    webex_subdomain: Option<String>,
    /// Webex for Government: what it is told; its addresses come with its metadata, or by hand.
    #[serde(default)]
    webex_government: bool,
    #[serde(default)]
    #[schema(schema_with = given::sso_settings)]
    settings: Change,
}

impl Wanted {
    /// What is said, on top of what Webex's placeholders say.
    fn change(self) -> Result<Change, Problem> {
        let webex = match (self.webex_org_id, self.webex_subdomain, self.webex_government) {
            (Some(id), None, false) => Change::webex_organization(&id),
            (None, Some(site), false) => Change::webex_site(&site),
            (None, None, true) => Ok(Change::webex_government()),
            (None, None, false) => return Ok(self.settings),
            _ => {
                let detail = "Webex is an organization of Control Hub, a site, or Webex for Government: say one of \
                              webex_org_id, webex_subdomain and webex_government";
                return Err(Problem::bad_request("sso.setting", detail));
            }
        };
        let webex = webex.map_err(federation::Error::from)?;
        Ok(webex.with(self.settings))
    }

    /// Sets it all, in the place of what was set if that may be, and says whether nothing was.
    pub async fn set(
        self,
        state: &State,
        cause: &Cause,
        (org, app): (OrgId, &App),
        replaces: bool,
    ) -> Result<(Sso, bool), Problem> {
        let new = NewSso {
            kind: kind(app),
            slug: self.slug.clone(),
            change: self.change()?,
            replaces,
        };
        let base = &state.config.public_url;
        Ok(state.federation.set_sso(cause, base, (org, app.id), new).await?)
    }

    /// Sets what is said, and leaves the rest.
    pub async fn change_of(
        self,
        state: &State,
        cause: &Cause,
        (org, app): (OrgId, &App),
    ) -> Result<Sso, Problem> {
        let present = found(state, org, app).await?;
        if let (Some(wanted), Some(slug)) = (&self.slug, present.slug)
            && *wanted != slug
        {
            return Err(
                federation::Error::from(federation::identity_provider::SsoError::SlugFixed { slug }).into(),
            );
        }
        let (base, change) = (&state.config.public_url, self.change()?);
        Ok(state
            .federation
            .change_app_sso(cause, base, (org, app.id), change)
            .await?)
    }
}

/// `PUT /api/v1/apps/{app}/sso`: what is left out is as at the beginning.
pub async fn put(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let (sso, is_new) = wanted.set(&state, caller.cause(), (org, &app), true).await?;
    Ok((made(is_new), Json(render(&state, &sso))).into_response())
}

fn made(is_new: bool) -> StatusCode {
    if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}

/// `PATCH /api/v1/apps/{app}/sso`: what is left out stays.
pub async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let changed = wanted.change_of(&state, caller.cause(), (org, &app)).await?;
    Ok(Json(render(&state, &changed)))
}

/// `POST /api/v1/apps/{app}/sso/activate`.
pub async fn activate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let app = resolve::app(&state, caller.principal.org, &app).await?;
    switch(&state, &caller, &app, true).await
}

/// `POST /api/v1/apps/{app}/sso/deactivate?confirm=NAME`: nobody is let in any more; what is set stays.
pub async fn deactivate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let app = resolve::app(&state, caller.principal.org, &app).await?;
    confirmed("sign-in to the app", &app.name, params.get("confirm"))?;
    switch(&state, &caller, &app, false).await
}

/// Whoever switches something off by which people get in says its name.
pub fn confirmed(what: &str, name: &str, said: Option<&str>) -> Result<(), Problem> {
    if said == Some(name) {
        return Ok(());
    }
    let detail = format!("to switch the {what} off, confirm with its name, {name:?}");
    Err(Problem::bad_request("sso.not_confirmed", detail))
}

async fn switch(state: &State, caller: &Caller, app: &App, active: bool) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let base = &state.config.public_url;
    let sso = state
        .federation
        .activate_app_sso(caller.cause(), base, (org, app.id), active)
        .await?;
    Ok(Json(render(state, &sso)))
}

/// A service's metadata.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SsoMetadataGiven)]
pub struct Described {
    /// The metadata themselves,
    metadata: Option<String>,
    /// or where they are.
    url: Option<String>,
    /// Which service, where there are several.
    entity_id: Option<String>,
    /// The app's part of its address, if it has none yet.
    slug: Option<String>,
}

/// `POST /api/v1/apps/{app}/sso/import`: takes what a service's metadata say, and leaves the rest.
pub async fn import(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(given): body::Json<Described>,
) -> Result<Response, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let (sso, is_new, taken) = given.import(&state, caller.cause(), (org, &app)).await?;
    let mut rendered = render(&state, &sso);
    rendered["taken"] = json!(taken.change.said());
    rendered["left_out"] = json!(taken.left_out);
    Ok((made(is_new), Json(rendered)).into_response())
}

impl Described {
    /// Takes over what the metadata say; also says whether nothing was set before, and what was taken.
    pub async fn import(
        self,
        state: &State,
        cause: &Cause,
        (org, app): (OrgId, &App),
    ) -> Result<(Sso, bool, Taken), Problem> {
        let from = match (self.metadata, self.url) {
            (Some(text), None) => TakenFrom::Text(text),
            (None, Some(url)) => TakenFrom::Url(url),
            _ => {
                let error = federation::identity_provider::SsoError::OneSource;
                return Err(federation::Error::from(error).into());
            }
        };
        let (federation, base) = (&state.federation, &state.config.public_url);
        let taken = federation
            .service_metadata(&from, self.entity_id.as_deref())
            .await?;
        let (at, change) = ((org, app.id), taken.change.clone());
        let (sso, is_new) = if federation.app_sso(base, org, app.id).await.is_ok() {
            let changed = federation.change_app_sso(cause, base, at, change);
            (changed.await?, false)
        } else {
            let new = NewSso {
                kind: kind(app),
                slug: self.slug,
                change,
                replaces: false,
            };
            federation.set_sso(cause, base, at, new).await?
        };
        Ok((sso, is_new, taken))
    }
}

/// `GET /api/v1/apps/{app}/sso/metadata`: what the service is to be told of us.
pub async fn metadata(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let sso = found(&state, org, &app).await?;
    let saml = sso.saml().ok_or_else(no_saml)?;
    let xml = state.federation.sso_metadata(org, &sso, saml).await?;
    Ok(Json(json!({
        "metadata": xml,
        "metadata_url": format!("{}/metadata", sso.address),
        "entity_id": sso.issuer,
        "login_url": sso.address,
        "logout_url": sso.logout_address(),
    })))
}

/// Whom the service would be told of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SsoPreviewGiven)]
pub struct Previewed {
    /// A person, by id or userName.
    person: String,
}

/// `POST /api/v1/apps/{app}/sso/preview`: what the service would be told of somebody. Nothing is changed.
pub async fn preview(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(given): body::Json<Previewed>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    Ok(Json(previewed(&state, (org, &app), &given.person).await?))
}

/// What the service would be told of somebody.
pub async fn previewed(state: &State, (org, app): (OrgId, &App), person: &str) -> Result<Value, Problem> {
    let sso = found(state, org, app).await?;
    let saml = sso.saml().ok_or_else(no_saml)?;
    let user = resolve::person(state, org, person).await?;
    let lets_in = state.provisioning.lets_in(org, app, user.id).await?;
    let domain = &app.settings.default_domain;
    let told = state
        .federation
        .preview_statement(org, (&sso, saml), &user, domain)
        .await?;
    let problem = told
        .as_ref()
        .err()
        .map(|why| json!({ "code": why.code(), "text": why.to_string() }));
    let name_id = told.as_ref().ok().map(|statement| {
        json!({
            "format": statement.name_id.format(),
            "value": Some(&statement.name_id.value).filter(|value| !value.is_empty()),
        })
    });
    let attributes: Vec<_> = told.iter().flat_map(|statement| &statement.attributes).collect();
    let attributes: Vec<_> = attributes
        .into_iter()
        .zip(&saml.attributes)
        .map(|(shown, set)| {
            let values: Vec<_> = shown.values.iter().map(|(text, _)| text.as_str()).collect();
            json!({
                "name": shown.name,
                "source": set.source,
                "values": if shown.is_secret { vec!["[Redact]"] } else { values },
                "left_out": shown.left_out,
            })
        })
        .collect();
    Ok(json!({
        "user": { "id": user.id, "name": user.user_name },
        "let_in": lets_in && user.active && sso.active,
        "assigned": lets_in,
        "name_id": name_id,
        "attributes": attributes,
        "problem": problem,
    }))
}

pub async fn found(state: &State, org: OrgId, app: &App) -> Result<Sso, Problem> {
    Ok(state
        .federation
        .app_sso(&state.config.public_url, org, app.id)
        .await?)
}

pub fn no_saml() -> Problem {
    let error = federation::identity_provider::SsoError::OfBookmark {
        setting: "metadata or keys",
    };
    federation::Error::from(error).into()
}

/// What an app of a template is for whoever signs in.
fn kind(app: &App) -> Kind {
    match app.template {
        Template::Bookmark => Kind::Bookmark,
        Template::Webex | Template::Scim | Template::Saml => Kind::Saml,
    }
}

fn render(state: &State, sso: &Sso) -> Value {
    let mut rendered = json!({
        "kind": sso.kind(),
        "active": sso.active,
        "slug": sso.slug,
        "settings": settings(sso),
        "created_at": sso.created,
        "modified_at": sso.modified,
    });
    if sso.saml().is_some() {
        rendered["entity_id"] = json!(sso.issuer);
        rendered["login_url"] = json!(sso.address);
        rendered["logout_url"] = json!(sso.logout_address());
        rendered["metadata_url"] = json!(format!("{}/metadata", sso.address));
        rendered["portal_url"] = json!(format!("{}/portal", state.config.public_url));
        rendered["signature_algorithms"] = algorithms();
    }
    rendered
}

/// All at one level, as they are given.
pub fn settings(sso: &Sso) -> Value {
    let mut flat = json!(sso.settings.tile);
    let more = match &sso.settings.sign_on {
        SignOn::Saml(saml) => json!(saml),
        SignOn::Bookmark(url) => json!({ "url": url }),
    };
    if let (Value::Object(flat), Value::Object(more)) = (&mut flat, more) {
        flat.extend(more);
    }
    flat
}

/// Which can be chosen, and why not the others.
fn algorithms() -> Value {
    let mut all: Vec<_> = SignatureChoice::ALL
        .into_iter()
        .map(|choice| json!({ "name": choice, "usable": true, "reason": null }))
        .collect();
    all.push(json!({
        "name": "rsa_sha1",
        "usable": false,
        "reason": "SHA-1 is broken, and the cryptography that this server is built on signs nothing with it. It only verifies \
                   requests, where sha1_requests allows it.",
    }));
    Value::Array(all)
}

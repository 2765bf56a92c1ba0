//! The portal: the apps that somebody may sign in to, and bookmarks.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use federation::identity_provider::{SignOn, Sso};
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, StatusCode};
use provisioning::State as AppState;

use super::page;
use crate::State;
use crate::middleware::context::SignedIn;

/// As on other pages; pictures come with the page itself.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "portal.html")]
struct PortalPage<'a> {
    user_name: &'a str,
    organization: &'a str,
    tiles: Vec<Tile>,
}

struct Tile {
    label: String,
    description: String,
    logo: Option<String>,
    /// In place of a picture.
    letter: String,
    address: String,
    is_elsewhere: bool,
}

impl Tile {
    /// None where one cannot begin here.
    fn of(sso: &Sso) -> Option<Self> {
        let (address, is_elsewhere) = match &sso.settings.sign_on {
            SignOn::Bookmark(url) => (url.clone(), true),
            SignOn::Saml(saml) if saml.idp_initiated => (format!("/saml2/{}", sso.slug.as_ref()?), false),
            SignOn::Saml(_) => return None,
        };
        let label = sso.label().to_owned();
        let first = label.chars().find(|letter| letter.is_alphanumeric());
        Some(Self {
            letter: first.map_or_else(|| "•".to_owned(), |letter| letter.to_uppercase().collect()),
            label,
            description: sso.settings.tile.description.clone(),
            logo: Some(sso.settings.tile.logo.clone()).filter(|logo| !logo.is_empty()),
            address,
            is_elsewhere,
        })
    }
}

/// `GET /portal`.
pub async fn show(Extract(state): Extract<State>, SignedIn(visitor): SignedIn) -> Response {
    let organization = match state.directory.organization(visitor.org).await {
        Ok(organization) => organization.name,
        Err(error) => return page::troubled(&error.into()),
    };
    let base = &state.config.public_url;
    let all = match state.federation.all_sso(base, visitor.org).await {
        Ok(all) => all,
        Err(error) => return crate::saml::troubled(&error),
    };
    let mut tiles = Vec::new();
    for sso in all.iter().filter(|sso| sso.active && sso.settings.tile.shown) {
        let lets_in = match state.provisioning.app(visitor.org, sso.app).await {
            Ok(app) if app.state == AppState::Removing => Ok(false),
            Ok(app) => state.provisioning.lets_in(visitor.org, &app, visitor.user).await,
            Err(error) => Err(error),
        };
        match lets_in {
            Ok(true) => tiles.extend(Tile::of(sso)),
            // Or it has just been removed.
            Ok(false) | Err(provisioning::Error::UnknownApp) => {}
            Err(error) => return crate::saml::failed(&error),
        }
    }
    tiles.sort_by_cached_key(|tile| tile.label.to_lowercase());
    let template = PortalPage {
        user_name: &visitor.user_name,
        organization: &organization,
        tiles,
    };
    let mut response = page::page(StatusCode::OK, &template);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

//! A token for an identity provider that is to write here: made, and shown once with all else that its form asks for.

use access::{NewToken, Owner, Permission, Scope, Scopes, Visitor};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use base::OrgId;
use http::StatusCode;

use super::browser::Browser;
use super::form::Filled;
use super::{confirm, page, words};
use crate::State;
use crate::middleware::context::SignedIn;

const PLACE: &str = "/account/token";

/// Where the token goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    EntraId,
    Okta,
    JumpCloud,
    /// Whichever other program speaks SCIM.
    Other,
}

impl Provider {
    const ALL: [Self; 4] = [Self::EntraId, Self::Okta, Self::JumpCloud, Self::Other];

    fn key(self) -> &'static str {
        match self {
            Self::EntraId => "entra-id",
            Self::Okta => "okta",
            Self::JumpCloud => "jumpcloud",
            Self::Other => "other",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::EntraId => "Entra ID",
            Self::Okta => "Okta",
            Self::JumpCloud => "JumpCloud",
            Self::Other => "SCIM client",
        }
    }

    /// Where its form asks for the address and the token.
    fn place(self) -> &'static str {
        match self {
            Self::EntraId => "Enterprise applications → your application → Provisioning",
            Self::Okta => "Applications → your application → Provisioning",
            Self::JumpCloud => "SSO Applications → your application → Identity Management",
            Self::Other => "Any other program that speaks SCIM 2.0",
        }
    }

    /// What its form calls the address, and the address.
    fn address(self, public_url: &str, org: OrgId) -> (&'static str, String) {
        match self {
            // With the flag Entra ID keeps to the RFC.
            Self::EntraId => (
                "Tenant URL",
                format!("{public_url}/v1/scim/{org}?aadOptscim062020"),
            ),
            Self::Okta => (
                "SCIM connector base URL",
                format!("{public_url}/identity/scim/{org}/v2"),
            ),
            Self::JumpCloud | Self::Other => ("Base URL", format!("{public_url}/v1/scim/{org}")),
        }
    }

    /// What its form calls the token.
    fn token(self) -> &'static str {
        match self {
            Self::EntraId => "Secret token",
            Self::Okta => "Token (HTTP Header)",
            Self::JumpCloud => "Token Key",
            Self::Other => "Bearer token",
        }
    }
}

#[derive(Template)]
#[template(path = "new_token.html")]
struct NewTokenPage {
    form: String,
    organization: String,
    providers: Vec<(&'static str, &'static str, &'static str)>,
    days: u32,
}

#[derive(Template)]
#[template(path = "token.html")]
struct TokenPage<'a> {
    provider: &'static str,
    place: &'static str,
    address: (&'static str, String),
    token: (&'static str, &'a str),
    organization: String,
    org: OrgId,
    until: String,
}

/// May somebody make tokens at all? What the token may do is judged when it is used.
pub fn may_make(visitor: &Visitor) -> bool {
    let everything = Scopes::new(Scope::ALL);
    Permission::ManageTokens.judge(visitor.role, &everything).is_ok()
}

/// `GET /account/token`: for which identity provider?
pub async fn ask(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    mut browser: Browser,
) -> Response {
    if !may_make(&visitor) {
        return refused();
    }
    if visitor.require_proof(state.ambient.now()).is_err() {
        return confirm::lead(PLACE);
    }
    let organization = state.directory.organization(visitor.org).await;
    let settings = state.directory.settings(visitor.org).await;
    let (organization, settings) = match (organization, settings) {
        (Ok(organization), Ok(settings)) => (organization, settings),
        (Err(error), _) | (_, Err(error)) => return page::troubled(&error.into()),
    };
    let cookie = browser.introduce(&state);
    let template = NewTokenPage {
        form: browser.form_token(),
        organization: organization.name,
        providers: Provider::ALL
            .map(|provider| (provider.key(), provider.name(), provider.place()))
            .to_vec(),
        days: settings.token_lifetime.0,
    };
    page::with_cookies(page::page(StatusCode::OK, &template), [cookie])
}

/// `POST /account/token`: `for`, the key of an identity provider. The token is on this page, and nowhere else ever.
pub async fn make(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    if !may_make(&visitor) {
        return refused();
    }
    if visitor.require_proof(state.ambient.now()).is_err() {
        return confirm::lead(PLACE);
    }
    let wanted = filled.text("for");
    let Some(provider) = Provider::ALL.into_iter().find(|one| one.key() == wanted) else {
        return page::failure(StatusCode::BAD_REQUEST, "Choose what the token is for.");
    };
    let organization = state.directory.organization(visitor.org).await;
    let settings = state.directory.settings(visitor.org).await;
    let (organization, settings) = match (organization, settings) {
        (Ok(organization), Ok(settings)) => (organization, settings),
        (Err(error), _) | (_, Err(error)) => return page::troubled(&error.into()),
    };
    let new = NewToken {
        org: visitor.org,
        name: provider.name().to_owned(),
        owner: Owner::User(visitor.user),
        scopes: Scopes::for_provisioning(),
        days: settings.token_lifetime.0,
    };
    let visit = &filled.browser.visit;
    let issued = match state.access.create_token_in_session(visit, &visitor, new).await {
        Ok(issued) => issued,
        Err(error) => return page::troubled(&error),
    };
    let template = TokenPage {
        provider: provider.name(),
        place: provider.place(),
        address: provider.address(&state.config.public_url, visitor.org),
        token: (provider.token(), issued.token.expose()),
        organization: organization.name,
        org: visitor.org,
        until: words::day(issued.expires),
    };
    page::page(StatusCode::OK, &template)
}

fn refused() -> Response {
    let text = "Your role does not let you make tokens: full administrators do.";
    let link = Some(("/account", "Back to your account"));
    page::message(StatusCode::FORBIDDEN, "Not for your role", text, link)
}

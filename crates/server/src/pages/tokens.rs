//! A token for an identity provider that is to write here, or for the command line: made, and shown once with all else
//! that its form or its environment asks for.

use access::{Error, NewToken, Permission, Replacement, Role, Scope, Scopes, Visitor};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use base::OrgId;
use http::StatusCode;

use super::acting::{self, Acting};
use super::browser::Browser;
use super::form::Filled;
use super::{confirm, page, words};
use crate::State;
use crate::middleware::context::{Params, SignedIn};

const PLACE: &str = "/account/token";

/// How long a token lives at most that may do all that its maker may: it lies on somebody's own machine.
const COMMAND_LINE_DAYS: u32 = 90;

/// What the token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    EntraId,
    Okta,
    JumpCloud,
    /// Whichever other program speaks SCIM.
    Other,
    /// `instep`, and whatever else speaks to the admin API.
    CommandLine,
}

impl Purpose {
    /// Those that write people here.
    const PROVIDERS: [Self; 4] = [Self::EntraId, Self::Okta, Self::JumpCloud, Self::Other];

    fn find(key: &str) -> Option<Self> {
        let mut all = Self::PROVIDERS.into_iter().chain([Self::CommandLine]);
        all.find(|one| one.key() == key)
    }

    fn key(self) -> &'static str {
        match self {
            Self::EntraId => "entra-id",
            Self::Okta => "okta",
            Self::JumpCloud => "jumpcloud",
            Self::Other => "other",
            Self::CommandLine => "command-line",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::EntraId => "Entra ID",
            Self::Okta => "Okta",
            Self::JumpCloud => "JumpCloud",
            Self::Other => "SCIM client",
            Self::CommandLine => "Command line / admin API",
        }
    }

    /// The same behind "for".
    fn title(self) -> &'static str {
        match self {
            Self::CommandLine => "the command line",
            other => other.name(),
        }
    }

    /// Where the address and the token go.
    fn place(self) -> &'static str {
        match self {
            Self::EntraId => "Enterprise applications → your application → Provisioning",
            Self::Okta => "Applications → your application → Provisioning",
            Self::JumpCloud => "SSO Applications → your application → Identity Management",
            Self::Other => "Any other program that speaks SCIM 2.0",
            Self::CommandLine => "The environment of instep, or of programs of your own",
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
            Self::CommandLine => ("INSTEP_URL", public_url.to_owned()),
        }
    }

    /// What its form calls the token.
    fn token(self) -> &'static str {
        match self {
            Self::EntraId => "Secret token",
            Self::Okta => "Token (HTTP Header)",
            Self::JumpCloud => "Token Key",
            Self::Other => "Bearer token",
            Self::CommandLine => "INSTEP_TOKEN",
        }
    }

    fn scopes(self) -> Scopes {
        match self {
            Self::CommandLine => Scopes::new([Scope::InstepAdmin]),
            Self::EntraId | Self::Okta | Self::JumpCloud | Self::Other => Scopes::for_provisioning(),
        }
    }

    /// How many days it lives, in an organization whose tokens live as long as given.
    fn days(self, usual: u32) -> u32 {
        match self {
            Self::CommandLine => usual.min(COMMAND_LINE_DAYS),
            Self::EntraId | Self::Okta | Self::JumpCloud | Self::Other => usual,
        }
    }

    fn choice(self) -> Choice {
        Choice {
            key: self.key(),
            name: self.name(),
            place: self.place(),
        }
    }
}

/// `1 day`, `90 days`
fn lives(days: u32) -> String {
    match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[derive(Template)]
#[template(path = "new_token.html")]
struct NewTokenPage {
    form: String,
    org: OrgId,
    organization: String,
    providers: [Choice; 4],
    command_line: Choice,
    lives: String,
    command_line_lives: String,
}

struct Choice {
    key: &'static str,
    name: &'static str,
    place: &'static str,
}

#[derive(Template)]
#[template(path = "token.html")]
struct TokenPage<'a> {
    title: &'static str,
    place: &'static str,
    address: (&'static str, String),
    token: (&'static str, &'a str),
    organization: String,
    org: OrgId,
    until: String,
    is_for_the_command_line: bool,
}

#[derive(Template)]
#[template(path = "replaced_token.html")]
struct ReplacedPage<'a> {
    name: &'a str,
    token: &'a str,
    organization: String,
    org: OrgId,
    until: String,
    former_until: String,
}

/// May somebody make tokens at all, in the own organization? What the token may do is judged when it is used.
pub fn may_make(visitor: &Visitor) -> bool {
    makes_tokens(visitor.role)
}

pub fn makes_tokens(role: Role) -> bool {
    let everything = Scopes::new(Scope::ALL);
    Permission::ManageTokens.judge(role, &everything).is_ok()
}

/// `GET /account/token?organization`: for what? Whoever administers organizations of others is asked first
/// which one is meant.
pub async fn ask(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    mut browser: Browser,
    params: Params,
) -> Response {
    let Some(wanted) = params.get("organization") else {
        let text = "Which organization is the token to open?";
        return match acting::choose(
            &state,
            &visitor,
            text,
            may_make(&visitor),
            &acting::with_organization(PLACE),
        )
        .await
        {
            Ok(Some(choice)) => choice,
            Ok(None) => ask_for(&state, &visitor, &mut browser, visitor.org).await,
            Err(error) => page::troubled(&error),
        };
    };
    match wanted.parse() {
        Ok(org) => ask_for(&state, &visitor, &mut browser, org).await,
        Err(_) => acting::no_organization(),
    }
}

async fn ask_for(state: &State, visitor: &Visitor, browser: &mut Browser, org: OrgId) -> Response {
    let acting = match admitted(state, visitor, org).await {
        Ok(acting) => acting,
        Err(refused) => return refused,
    };
    let usual = acting.settings.token_lifetime.0;
    let cookie = browser.introduce(state);
    let template = NewTokenPage {
        form: browser.form_token(),
        org,
        organization: acting.organization,
        providers: Purpose::PROVIDERS.map(Purpose::choice),
        command_line: Purpose::CommandLine.choice(),
        lives: lives(Purpose::Other.days(usual)),
        command_line_lives: lives(Purpose::CommandLine.days(usual)),
    };
    page::with_cookies(page::page(StatusCode::OK, &template), [cookie])
}

/// Whoever may make tokens there, and has shown lately who it is.
async fn admitted(state: &State, visitor: &Visitor, org: OrgId) -> Result<Acting, Response> {
    let acting = allowed(state, visitor, org).await?;
    if visitor.require_proof(state.ambient.now()).is_err() {
        let place = if acting.is_partner() {
            format!("{PLACE}?organization={org}")
        } else {
            PLACE.to_owned()
        };
        return Err(confirm::lead(&place));
    }
    Ok(acting)
}

async fn allowed(state: &State, visitor: &Visitor, org: OrgId) -> Result<Acting, Response> {
    let acting = acting::act(state, visitor, org).await?;
    if !makes_tokens(acting.role) {
        return Err(refused());
    }
    Ok(acting)
}

/// `POST /account/token`: `for`, the key of what it is for, and `organization`. The token is on this page, and nowhere
/// else ever.
pub async fn make(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let Ok(org) = filled.text("organization").parse() else {
        return acting::no_organization();
    };
    let acting = match admitted(&state, &visitor, org).await {
        Ok(acting) => acting,
        Err(refused) => return refused,
    };
    let Some(purpose) = Purpose::find(filled.text("for")) else {
        return page::failure(StatusCode::BAD_REQUEST, "Choose what the token is for.");
    };
    let new = NewToken {
        org,
        name: purpose.name().to_owned(),
        owner: acting.owner,
        scopes: purpose.scopes(),
        days: purpose.days(acting.settings.token_lifetime.0),
    };
    let visit = &filled.browser.visit;
    let issued = match state.access.create_token_in_session(visit, &visitor, new).await {
        Ok(issued) => issued,
        Err(error) => return page::troubled(&error),
    };
    let template = TokenPage {
        title: purpose.title(),
        place: purpose.place(),
        address: purpose.address(&state.config.public_url, org),
        token: (purpose.token(), issued.token.expose()),
        organization: acting.organization,
        org,
        until: words::day(issued.expires),
        is_for_the_command_line: purpose == Purpose::CommandLine,
    };
    page::page(StatusCode::OK, &template)
}

/// `POST /account/tokens/replace`: `token`, one's own that gets a successor, and `organization`. The new one is on this page, and
/// nowhere else ever.
pub async fn replace(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    filled: Filled,
) -> Response {
    let Ok(org) = filled.text("organization").parse() else {
        return acting::no_organization();
    };
    let acting = match allowed(&state, &visitor, org).await {
        Ok(acting) => acting,
        Err(refused) => return refused,
    };
    if visitor.require_proof(state.ambient.now()).is_err() {
        return confirm::lead("/account");
    }
    let Ok(token) = filled.text("token").parse() else {
        return no_token();
    };
    let former = match state.access.token(org, token).await {
        Ok(former) => former,
        Err(Error::UnknownToken) => return no_token(),
        Err(error) => return page::troubled(&error),
    };
    let administers = former
        .scopes
        .iter()
        .any(|scope| *scope == Scope::InstepAdmin.name());
    let purpose = if administers {
        Purpose::CommandLine
    } else {
        Purpose::Other
    };
    let wanted = Replacement {
        org,
        token,
        owner: acting.owner,
        overlap_hours: access::USUAL_OVERLAP_HOURS,
        days: purpose.days(acting.settings.token_lifetime.0),
    };
    let visit = &filled.browser.visit;
    let replaced = match state
        .access
        .replace_token_in_session(visit, &visitor, wanted)
        .await
    {
        Ok(replaced) => replaced,
        // Somebody else's is as one that is not there.
        Err(Error::UnknownToken | Error::OthersToken | Error::ClientsToken | Error::TokenOver) => {
            return no_token();
        }
        Err(error) => return page::troubled(&error),
    };
    let template = ReplacedPage {
        name: &replaced.name,
        token: replaced.issued.token.expose(),
        organization: acting.organization,
        org,
        until: words::day(replaced.issued.expires),
        former_until: words::time(replaced.former_expires),
    };
    page::page(StatusCode::OK, &template)
}

fn no_token() -> Response {
    let text = "You have no such token, or it opens nothing any more.";
    page::own_message(StatusCode::NOT_FOUND, "Nothing to replace", text)
}

fn refused() -> Response {
    let text = "Your role does not let you make tokens: full administrators do.";
    page::own_message(StatusCode::FORBIDDEN, "Not for your role", text)
}

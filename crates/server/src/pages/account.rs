//! One's account: who one is, where one is signed in, one's password.

use access::{Error, Kept, Scope, Visitor};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use base::OrgId;
use http::StatusCode;

use super::browser::Browser;
use super::form::Filled;
use super::sign_in::seconds_to;
use super::{confirm, page, partners, words};
use crate::State;
use crate::console;
use crate::middleware::context::SignedIn;
use crate::saml::service_provider as saml;

/// So many sessions are shown.
const SHOWN: u32 = 50;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    form: String,
    user_name: String,
    organization: String,
    role: &'static str,
    makes_tokens: bool,
    /// Where the person administers this organization, or another one.
    console: Option<&'static str>,
    /// Since when there is an authenticator app.
    authenticator: Option<String>,
    passkeys: Vec<ShownPasskey>,
    /// Whether passkeys can be made here.
    makes_passkeys: bool,
    recovery_codes: u32,
    factor_demanded: bool,
    sessions: Vec<Shown>,
    grants: Vec<ShownGrant>,
    tokens: Vec<ShownToken>,
    /// What others have offered.
    offers: Vec<partners::Shown>,
    /// The organizations of others that the person administers.
    customers: Vec<partners::Shown>,
    shortest: usize,
    error: Option<String>,
    done: Option<&'static str>,
}

struct Shown {
    id: String,
    is_this: bool,
    browser: String,
    network_address: String,
    began: String,
    used: String,
}

struct ShownPasskey {
    id: String,
    name: String,
    since: String,
    used: Option<String>,
}

struct ShownGrant {
    id: String,
    /// Whose, if it is another's.
    organization: Option<String>,
    client: String,
    scopes: String,
    since: String,
    until: String,
}

struct ShownToken {
    id: String,
    org: OrgId,
    /// Whether whoever is signed in may make another one there.
    is_replaced_here: bool,
    /// Which it opens, if it is another's.
    organization: Option<String>,
    name: String,
    made: String,
    until: Option<String>,
    /// Within what time it ends, if that is soon.
    warning: Option<String>,
    used: Option<String>,
}

/// `GET /account`.
pub async fn show(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    mut browser: Browser,
) -> Response {
    let cookie = browser.introduce(&state);
    let shown = account(&state, &visitor, &browser, Said::Nothing).await;
    page::with_cookies(shown, [cookie])
}

/// `POST /account/password`: `current`, `new` and, the same, `again`; `keep` if tokens and clients are to go on.
pub async fn change_password(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    filled: Filled,
) -> Response {
    let browser = &filled.browser;
    if filled.text("new") != filled.text("again") {
        let error = "The two new passwords are not the same.".to_owned();
        return account(
            &state,
            &visitor,
            browser,
            Said::Error(StatusCode::BAD_REQUEST, error),
        )
        .await;
    }
    let (current, new) = (filled.secret("current"), filled.secret("new"));
    let kept = if filled.text("keep").is_empty() {
        Kept::Nothing
    } else {
        Kept::GivenAway
    };
    let changed = state
        .access
        .change_password(&browser.visit, &visitor, &current, &new, kept)
        .await;
    let candidate = match changed {
        Ok(candidate) => candidate,
        Err(Error::WrongPassword) => {
            let error = "The present password is wrong.".to_owned();
            return account(
                &state,
                &visitor,
                browser,
                Said::Error(StatusCode::FORBIDDEN, error),
            )
            .await;
        }
        Err(Error::Weak(weakness)) => {
            let said = Said::Error(StatusCode::BAD_REQUEST, format!("{weakness}."));
            return account(&state, &visitor, browser, said).await;
        }
        Err(Error::TooManyAttempts { until }) => {
            let seconds = seconds_to(&state, until);
            let said = Said::Error(StatusCode::TOO_MANY_REQUESTS, page::wait_sentence(seconds));
            let shown = account(&state, &visitor, browser, said).await;
            return page::retry_after(shown, seconds);
        }
        Err(error) => return page::troubled(&error),
    };
    match state.access.begin_session(&browser.visit, &candidate).await {
        Ok(session) => {
            let text = match kept {
                Kept::Nothing => {
                    "You are signed out everywhere else. Tokens that you have made and apps that you have let in open nothing any more."
                }
                Kept::GivenAway => {
                    "You are signed out everywhere else. Your tokens and the apps that you have let in go on."
                }
            };
            let done = page::own_message(StatusCode::OK, "Your password is changed", text);
            page::with_cookies(done, browser.signed_in(&state, session.expose()))
        }
        Err(error) => page::troubled(&error),
    }
}

/// `POST /account/sessions`: `session`, one's own one that is to end. Who it is must have been shown lately: whoever finds a
/// browser open shuts nobody out.
pub async fn end_session(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    filled: Filled,
) -> Response {
    if visitor.require_proof(state.ambient.now()).is_err() {
        return confirm::lead("/account");
    }
    let browser = &filled.browser;
    let own = state
        .access
        .sessions(visitor.org, Some(visitor.user), None, SHOWN)
        .await;
    let own = match own {
        Ok(own) => own,
        Err(error) => return page::troubled(&error),
    };
    // Somebody else's is as one that is over.
    if let Some(session) = own
        .iter()
        .find(|one| one.id.to_string() == filled.text("session"))
    {
        let cause = browser.visit.cause(visitor.user, &visitor.user_name);
        let ended = state.access.end_session(&cause, visitor.org, session.id).await;
        if let Err(error) = ended
            && !matches!(error, Error::UnknownSession)
        {
            return page::troubled(&error);
        }
    }
    account(&state, &visitor, browser, Said::Done("The session has ended.")).await
}

/// `POST /account/grants`: `grant`, which ends.
pub async fn end_grant(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    filled: Filled,
) -> Response {
    let browser = &filled.browser;
    let ended = match filled.text("grant").parse() {
        Ok(grant) => state.access.end_own_grant(&browser.visit, &visitor, grant).await,
        Err(_) => Err(Error::UnknownGrant),
    };
    match ended {
        Ok(()) | Err(Error::UnknownGrant) => {
            account(&state, &visitor, browser, Said::Done("It is let in no more.")).await
        }
        Err(error) => page::troubled(&error),
    }
}

/// `POST /account/tokens`: `token`, which ends.
pub async fn end_token(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    filled: Filled,
) -> Response {
    let browser = &filled.browser;
    let ended = match filled.text("token").parse() {
        Ok(token) => state.access.end_own_token(&browser.visit, &visitor, token).await,
        Err(_) => Err(Error::UnknownToken),
    };
    match ended {
        Ok(()) | Err(Error::UnknownToken) => {
            account(
                &state,
                &visitor,
                browser,
                Said::Done("The token opens nothing any more."),
            )
            .await
        }
        Err(error) => page::troubled(&error),
    }
}

#[derive(Template)]
#[template(path = "sign_out.html")]
struct SignOutPage<'a> {
    form: String,
    user_name: &'a str,
}

/// `GET /sign-out`: where the pages lead that have no form for it.
pub async fn ask_to_sign_out(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    mut browser: Browser,
) -> Response {
    let cookie = browser.introduce(&state);
    let template = SignOutPage {
        form: browser.form_token(),
        user_name: &visitor.user_name,
    };
    page::with_cookies(page::page(StatusCode::OK, &template), [cookie])
}

/// `POST /sign-out`.
pub async fn sign_out(
    Extract(state): Extract<State>,
    SignedIn(visitor): SignedIn,
    filled: Filled,
) -> Response {
    let browser = &filled.browser;
    if let Err(error) = state.access.sign_out(&browser.visit, &visitor).await {
        return page::troubled(&error);
    }
    let vouched = confirm::vouched(&visitor);
    let still = crate::saml::still_signed_in(&state, visitor.org, visitor.session, vouched).await;
    let still = match still {
        Ok(still) => still,
        Err(response) => return response,
    };
    let gone = match still {
        None => signed_out(&state, &visitor).await,
        Some((apps, to)) => {
            let text = format!(
                "You are signed out of this browser here. Where you were signed in from here, you may still be: {}.",
                apps.join(", ")
            );
            let link = Some((to.as_str(), "Sign out there, too"));
            page::message(StatusCode::OK, "Signed out", &text, link)
        }
    };
    let gone = page::clearing(gone);
    page::with_cookies(gone, browser.signed_out(&state))
}

/// Where somebody goes who has signed out: on to the identity provider, if that has vouched and takes logouts.
async fn signed_out(state: &State, visitor: &Visitor) -> Response {
    if let Some(vouched) = confirm::vouched(visitor) {
        let found = state
            .federation
            .provider_by_id(visitor.org, vouched.provider)
            .await;
        match found {
            Ok(Some(provider)) if provider.settings.logout_url.is_some() => {
                let to = saml::logout_path(state, visitor.org, vouched, None);
                let text = format!(
                    "You are signed out here. You are led to {} to be signed out there.",
                    provider.name
                );
                return crate::saml::leave(&to, "Signed out here", &text);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "an identity provider could not be told of a sign-out"),
        }
    }
    page::see_other("/signed-out")
}

pub enum Said {
    Nothing,
    Error(StatusCode, String),
    Done(&'static str),
}

pub async fn account(state: &State, visitor: &Visitor, browser: &Browser, said: Said) -> Response {
    let organization = state.directory.organization(visitor.org).await;
    let sessions = state
        .access
        .sessions(visitor.org, Some(visitor.user), None, SHOWN)
        .await;
    let settings = state.directory.settings(visitor.org).await;
    let factors = state.access.factors(visitor.org, visitor.user).await;
    let (organization, settings) = match (organization, settings) {
        (Ok(organization), Ok(settings)) => (organization, settings),
        (Err(error), _) | (_, Err(error)) => return page::troubled(&error.into()),
    };
    let (sessions, factors) = match (sessions, factors) {
        (Ok(sessions), Ok(factors)) => (sessions, factors),
        (Err(error), _) | (_, Err(error)) => return page::troubled(&error),
    };
    let passkeys = match state.access.passkeys(visitor.org, visitor.user).await {
        Ok(passkeys) => passkeys,
        Err(error) => return page::troubled(&error),
    };
    let passkeys = passkeys.into_iter().map(|passkey| ShownPasskey {
        id: passkey.id,
        name: words::browser(&passkey.name),
        since: words::day(passkey.created),
        used: passkey.last_used.map(words::time),
    });
    let given = match given(state, visitor).await {
        Ok(given) => given,
        Err(error) => return page::troubled(&error),
    };
    let sessions = sessions.iter().rev().map(|session| Shown {
        id: session.id.to_string(),
        is_this: session.id == visitor.session,
        browser: words::browser(&session.user_agent),
        network_address: session.network_address.clone(),
        began: words::time(session.created),
        used: words::time(session.last_used),
    });
    let (status, error, done) = match said {
        Said::Nothing => (StatusCode::OK, None, None),
        Said::Error(status, error) => (status, Some(error), None),
        Said::Done(done) => (StatusCode::OK, None, Some(done)),
    };
    let template = AccountPage {
        form: browser.form_token(),
        user_name: visitor.user_name.clone(),
        organization: organization.name,
        role: visitor.role.title(),
        makes_tokens: super::tokens::may_make(visitor) || !given.customers.is_empty(),
        console: (console::is_for(visitor.role) || !given.customers.is_empty()).then_some(console::CONSOLE),
        authenticator: factors.authenticator.map(words::day),
        passkeys: passkeys.collect(),
        makes_passkeys: state.passkeys.is_some(),
        recovery_codes: factors.recovery_codes,
        factor_demanded: access::demands_factor(&settings, visitor.role),
        sessions: sessions.collect(),
        grants: given.grants,
        tokens: given.tokens,
        offers: given.offers,
        customers: given.customers,
        shortest: access::SHORTEST,
        error,
        done,
    };
    page::page(status, &template)
}

/// What somebody has given away, here and at customers, and what customers have given.
#[derive(Default)]
struct Given {
    grants: Vec<ShownGrant>,
    tokens: Vec<ShownToken>,
    offers: Vec<partners::Shown>,
    customers: Vec<partners::Shown>,
}

async fn given(state: &State, visitor: &Visitor) -> Result<Given, Error> {
    let mut given = Given::default();
    let customers = state.access.customers(visitor).await?;
    let administered = customers.iter().filter(|customer| customer.taken_up.is_some());
    let elsewhere = administered.map(|customer| (customer.org, customer.role, Some(customer.name.clone())));
    let own = (visitor.org, visitor.role, None);
    for (org, role, organization) in [own].into_iter().chain(elsewhere) {
        let is_replaced_here = super::tokens::makes_tokens(role);
        let grants = state.access.grants_of(org, visitor.user).await?;
        let tokens = state.access.tokens_of(org, visitor.user).await?;
        given.grants.extend(grants.into_iter().map(|grant| ShownGrant {
            id: grant.id.to_string(),
            organization: organization.clone(),
            client: grant.client_name,
            scopes: scope_titles(&grant.scopes),
            since: words::day(grant.created),
            until: words::day(grant.expires),
        }));
        given.tokens.extend(tokens.into_iter().map(|token| ShownToken {
            id: token.id.to_string(),
            org,
            is_replaced_here,
            organization: organization.clone(),
            name: token.name,
            made: words::day(token.created),
            until: token.expires.map(words::day),
            warning: token.warning.map(|days| words::several(days.into(), "day")),
            used: token.last_used.map(words::time),
        }));
    }
    for customer in customers {
        let list = match customer.taken_up {
            Some(_) => &mut given.customers,
            None => &mut given.offers,
        };
        list.push(customer.into());
    }
    Ok(given)
}

/// What scopes are for, in one line.
fn scope_titles(scopes: &[String]) -> String {
    let titles = scopes.iter().map(|name| match name.parse::<Scope>() {
        Ok(scope) => scope.title().to_owned(),
        Err(_) => name.clone(),
    });
    titles.collect::<Vec<_>>().join(", ")
}

//! The authorization endpoint: who asks for a token, what for, and does whoever is signed in want that?

use std::time::Duration;

use access::{GUIDE_CLIENT, NewToken, Owner, Permission, Scopes, Visitor};
use askama::Template;
use axum::extract::{RawQuery, State as Extract};
use axum::response::Response;
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};

use super::fragment;
use super::request::{self, Refused, Request};
use crate::State;
use crate::middleware::context::SignedIn;
use crate::pages::{Browser, Filled, carried, page, target, words};

const PURPOSE: &str = "oauth.consent";
const SWITCHED_OFF: &str = "This organization does not let tokens be made in this way. An administrator switches it on with the \
                            setting oauth.guide_client.";

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    form: String,
    carried: String,
    client: &'a str,
    user_name: &'a str,
    organization: String,
    role: &'static str,
    opens_nothing: bool,
    changes_nothing: bool,
    scopes: Vec<(&'static str, &'static str)>,
    until: String,
    days: u32,
    redirect: &'a str,
    other: String,
}

/// What is carried by the form: the request, and who was asked.
#[derive(Serialize, Deserialize)]
struct Asked {
    request: Request,
    session: base::SessionId,
}

/// `GET /idb/oauth2/v1/authorize`, `GET /v1/authorize`.
pub async fn ask(
    Extract(state): Extract<State>,
    RawQuery(query): RawQuery,
    uri: Uri,
    mut browser: Browser,
) -> Response {
    let request = match request::read(query.as_deref().unwrap_or_default()) {
        Ok(request) => request,
        Err(Refused::Page(text)) => return page::failure(StatusCode::BAD_REQUEST, text),
        Err(Refused::Client {
            redirect,
            state,
            error,
            description,
        }) => return refuse(&redirect, error, &description, state.as_deref()),
    };
    let here = uri.path_and_query().map_or("", |here| here.as_str());
    let visitor = match browser.session() {
        Some(session) => state.access.visitor(session).await,
        None => Ok(None),
    };
    match visitor {
        Ok(Some(visitor)) => {
            let cookie = browser.introduce(&state);
            let asked = consent(&state, &browser, &visitor, request, here).await;
            page::with_cookies(asked, [cookie])
        }
        Ok(None) => page::see_other(&target::sign_in(here)),
        Err(error) => page::troubled(&error),
    }
}

/// `POST /idb/oauth2/v1/authorize`: `decision`, `allow` or anything else.
pub async fn decide(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let asked = carried::open::<Asked>(&state, &filled.browser, PURPOSE, filled.text("carried"));
    let Some(asked) = asked.filter(|asked| asked.session == visitor.session) else {
        return page::out_of_date();
    };
    let request = asked.request;
    if filled.text("decision") != "allow" {
        let description = "whoever is signed in has said no";
        return refuse(
            &request.redirect,
            "access_denied",
            description,
            request.state.as_deref(),
        );
    }
    let settings = match state.directory.settings(visitor.org).await {
        Ok(settings) => settings,
        Err(error) => return page::troubled(&error.into()),
    };
    if !settings.guide_client {
        return page::failure(StatusCode::FORBIDDEN, SWITCHED_OFF);
    }
    let Ok(scopes) = request.scopes.parse::<Scopes>() else {
        return page::out_of_date();
    };
    let new = NewToken {
        org: visitor.org,
        name: GUIDE_CLIENT.name.to_owned(),
        owner: Owner::User(visitor.user),
        scopes,
        days: settings.token_lifetime.0,
    };
    let cause = filled.browser.visit.cause(visitor.user, &visitor.user_name);
    match state.access.create_token(&cause, new).await {
        Ok(issued) => {
            let seconds = issued.expires.since(state.ambient.now()).as_secs().to_string();
            let members = [
                ("access_token", issued.token.expose()),
                ("token_type", "Bearer"),
                ("expires_in", &seconds),
            ];
            page::see_other(&fragment::redirect(
                &request.redirect,
                &members,
                request.state.as_deref(),
            ))
        }
        Err(error) => page::troubled(&error),
    }
}

async fn consent(
    state: &State,
    browser: &Browser,
    visitor: &Visitor,
    request: Request,
    here: &str,
) -> Response {
    let organization = state.directory.organization(visitor.org).await;
    let settings = state.directory.settings(visitor.org).await;
    let (organization, settings) = match (organization, settings) {
        (Ok(organization), Ok(settings)) => (organization, settings),
        (Err(error), _) | (_, Err(error)) => return page::troubled(&error.into()),
    };
    let other = target::sign_in(here);
    if !settings.guide_client {
        let text = format!("{}: {SWITCHED_OFF}", organization.name);
        let link = Some((other.as_str(), "Sign in as somebody else"));
        return page::message(StatusCode::FORBIDDEN, "Switched off", &text, link);
    }
    let days = settings.token_lifetime.0;
    let until = state.ambient.now() + Duration::from_hours(24 * u64::from(days));
    let redirect = request.redirect.clone();
    let scopes = request
        .scopes
        .parse::<Scopes>()
        .unwrap_or_else(|_| Scopes::new([]));
    let asked = Asked {
        request,
        session: visitor.session,
    };
    let may = |permission: Permission| permission.judge(visitor.role, &scopes).is_ok();
    let opens_something = may(Permission::ScimDiscovery);
    let template = ConsentPage {
        form: browser.form_token(),
        carried: carried::seal(state, browser, PURPOSE, asked),
        client: GUIDE_CLIENT.name,
        user_name: &visitor.user_name,
        organization: organization.name,
        role: visitor.role.title(),
        opens_nothing: !opens_something,
        changes_nothing: opens_something && !may(Permission::ScimWriteUsers),
        scopes: scopes.iter().map(|scope| (scope.title(), scope.name())).collect(),
        until: words::day(until),
        days,
        redirect: &redirect,
        other,
    };
    // Browsers judge by the page where a form's redirect may go.
    page::leading_to(page::page(StatusCode::OK, &template), &redirect)
}

/// The client is told, in the fragment (RFC 6749 §4.2.2.1).
fn refuse(redirect: &str, error: &str, description: &str, state: Option<&str>) -> Response {
    let members = [("error", error), ("error_description", description)];
    page::see_other(&fragment::redirect(redirect, &members, state))
}

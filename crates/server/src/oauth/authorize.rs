//! The authorization endpoint: who asks for a token, what for, and does whoever is signed in want that?

use std::time::Duration;

use access::{Allowed, GrantType, NewToken, Reach, RegisteredClient, Scopes, Visitor};
use askama::Template;
use axum::extract::{RawQuery, State as Extract};
use axum::response::Response;
use base::OrgId;
use directory::Settings;
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};

use super::answer;
use super::client::{self, Client, Flow};
use super::request::{self, Params, Refused, Request};
use crate::State;
use crate::middleware::context::SignedIn;
use crate::pages::acting::{self, Acting};
use crate::pages::{Browser, Filled, carried, page, target, words};

const PURPOSE: &str = "oauth.consent";
/// The parameter by which an address says for which organization.
const ORGANIZATION: &str = "organization";
const SWITCHED_OFF: &str = "This organization does not let tokens be made in this way. An administrator switches it on with the \
                            setting oauth.guide_client.";

const SIGN_IN_INSTEAD: &str = "Sign in as somebody else";
const USED: &str = "This form has been sent already, and what came of it has gone to the one that asked. To agree again, begin \
                    there again.";
const ANOTHERS: &str = "This client belongs to another organization than the one that you are signed in to.";

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    form: String,
    carried: String,
    client: &'a str,
    user_name: &'a str,
    /// Acts as a partner.
    is_partner: bool,
    /// Where another organization can be chosen.
    elsewhere: Option<&'a str>,
    organization: String,
    role: &'static str,
    opens_nothing: bool,
    changes_nothing: bool,
    scopes: Vec<(&'static str, &'static str)>,
    /// Of a single token: until when it is valid, and for how many days.
    until: Option<(String, u32)>,
    /// Of what goes on: for how long.
    lasts: String,
    redirect: &'a str,
    other: String,
}

/// What is carried by the form: the request, and who was asked.
#[derive(Serialize, Deserialize)]
struct Asked {
    request: Request,
    session: base::SessionId,
    /// In which organization.
    org: OrgId,
    /// By which the form is known: one is agreed to once.
    id: base::CorrelationId,
}

/// `GET /idb/oauth2/v1/authorize`, `GET /v1/authorize`.
///
/// Nobody is sent to a client before it is known who asks, and that the client is of the same organization: else whoever can
/// register a client could send everybody to any place with our name on the link (RFC 9700 §4.11.2).
pub async fn ask(
    Extract(state): Extract<State>,
    RawQuery(query): RawQuery,
    uri: Uri,
    mut browser: Browser,
) -> Response {
    let params = Params::read(query.as_deref().unwrap_or_default());
    let client = match request::client_id(&params) {
        Ok(id) => client::find(&state, id).await,
        Err(refused) => return refuse(&state, refused),
    };
    let client = match client {
        Ok(Some(client)) => client,
        Ok(None) => return page::failure(StatusCode::BAD_REQUEST, request::NO_CLIENT),
        Err(error) => return page::troubled(&error),
    };
    let read = request::read(&params, &client);
    if let Err(Refused::Page(text)) = read {
        return page::failure(StatusCode::BAD_REQUEST, text);
    }
    let here = uri.path_and_query().map_or("", |here| here.as_str());
    let visitor = match browser.session() {
        Some(session) => state.access.visitor(session).await,
        None => Ok(None),
    };
    let visitor = match visitor {
        Ok(Some(visitor)) => visitor,
        Ok(None) => return page::see_other(&target::sign_in(here)),
        Err(error) => return page::troubled(&error),
    };
    let org = match chosen(&state, &visitor, &client, &params, here).await {
        Ok(org) => org,
        Err(answer) => return answer,
    };
    let request = match read {
        Ok(request) => request,
        Err(refused) => return refuse(&state, refused),
    };
    let acting = match acting::act(&state, &visitor, org).await {
        Ok(acting) => acting,
        Err(refused) => return refused,
    };
    let cookie = browser.introduce(&state);
    let asked = consent(&state, &browser, &visitor, acting, (&client, request), here);
    page::with_cookies(asked, [cookie])
}

/// The organization for which somebody is asked: that of the client, if it is of one; the one that the address names as
/// `organization`; else whoever administers several chooses first.
async fn chosen(
    state: &State,
    visitor: &Visitor,
    client: &Client,
    params: &Params,
    here: &str,
) -> Result<OrgId, Response> {
    if let Some(org) = client.org() {
        if org == visitor.org {
            return Ok(org);
        }
        let administered = state.access.administered(visitor).await;
        let administered = administered.map_err(|error| page::troubled(&error))?;
        if administered.iter().any(|customer| customer.org == org) {
            return Ok(org);
        }
        let other = target::sign_in(here);
        return Err(anothers(Some((other.as_str(), SIGN_IN_INSTEAD))));
    }
    if let Some(wanted) = params.one(ORGANIZATION).unwrap_or(Some("")) {
        return wanted.parse().map_err(|_| acting::no_organization());
    }
    let text = format!(
        "The {} asks for a token. Which organization is it to open?",
        client.name()
    );
    match acting::choose(state, visitor, &text, true, &acting::with_organization(here)).await {
        Ok(Some(choice)) => Err(choice),
        Ok(None) => Ok(visitor.org),
        Err(error) => Err(page::troubled(&error)),
    }
}

/// An address without the organization that it names.
fn undecided(here: &str) -> Option<String> {
    let (path, query) = here.split_once('?')?;
    let begin = format!("{ORGANIZATION}=");
    let others: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.starts_with(&begin))
        .collect();
    let others = others.join("&");
    (others.len() < query.len()).then(|| format!("{path}?{others}"))
}

fn anothers(link: Option<(&str, &str)>) -> Response {
    page::message(StatusCode::FORBIDDEN, "Another organization's", ANOTHERS, link)
}

/// `POST /idb/oauth2/v1/authorize`: `decision`, `allow` or anything else.
pub async fn decide(Extract(state): Extract<State>, SignedIn(visitor): SignedIn, filled: Filled) -> Response {
    let asked = carried::open::<Asked>(&state, &filled.browser, PURPOSE, filled.text("carried"));
    let Some(asked) = asked.filter(|asked| asked.session == visitor.session) else {
        return page::out_of_date();
    };
    let request = asked.request;
    let client = match client::find(&state, &request.client_id).await {
        Ok(Some(client)) => client,
        Ok(None) => return page::failure(StatusCode::BAD_REQUEST, request::NO_CLIENT),
        Err(error) => return page::troubled(&error),
    };
    // An address that was taken off the client meanwhile is told nothing any more.
    if !client.redirects().contains(&request.redirect.as_str()) {
        return page::out_of_date();
    }
    let flow = client.flow();
    if filled.text("decision") != "allow" {
        return refuse(
            &state,
            Refused::Client {
                flow,
                redirect: request.redirect,
                state: request.state,
                error: "access_denied",
                description: "whoever is signed in has said no".to_owned(),
            },
        );
    }
    let Ok(scopes) = request.scopes.parse::<Scopes>() else {
        return page::out_of_date();
    };
    match state.access.use_form(visitor.org, asked.id).await {
        Ok(true) => {}
        Ok(false) => return page::message(StatusCode::FORBIDDEN, "Already answered", USED, None),
        Err(error) => return page::troubled(&error),
    }
    let acting = match acting::act(&state, &visitor, asked.org).await {
        Ok(acting) => acting,
        Err(refused) => return refused,
    };
    let asker = (&visitor, &acting);
    match &client {
        Client::Guide => give_token(&state, asker, &filled, &client, &request, scopes).await,
        Client::Registered(registered) => {
            give_code(&state, asker, &filled, registered, &request, scopes).await
        }
    }
}

/// The token itself goes with the browser (RFC 6749 §4.2.2).
async fn give_token(
    state: &State,
    (visitor, acting): (&Visitor, &Acting),
    filled: &Filled,
    client: &Client,
    request: &Request,
    scopes: Scopes,
) -> Response {
    if !acting.settings.guide_client {
        return page::failure(StatusCode::FORBIDDEN, SWITCHED_OFF);
    }
    let new = NewToken {
        org: acting.org,
        name: client.name().to_owned(),
        owner: acting.owner,
        scopes,
        days: acting.settings.token_lifetime.0,
    };
    let visit = &filled.browser.visit;
    match state.access.create_token_in_session(visit, visitor, new).await {
        Ok(issued) => {
            let seconds = issued.expires.since(state.ambient.now()).as_secs().to_string();
            let members = [
                ("access_token", issued.token.expose()),
                ("token_type", "Bearer"),
                ("expires_in", &seconds),
            ];
            let there = answer::redirect(
                Flow::Implicit,
                &request.redirect,
                &members,
                request.state.as_deref(),
            );
            page::see_other(&there)
        }
        Err(error) => page::troubled(&error),
    }
}

/// A code that the client exchanges (RFC 6749 §4.1.2), and from whom it is (RFC 9207).
async fn give_code(
    state: &State,
    (visitor, acting): (&Visitor, &Acting),
    filled: &Filled,
    client: &RegisteredClient,
    request: &Request,
    scopes: Scopes,
) -> Response {
    if client.org != acting.org {
        return anothers(None);
    }
    let allowed = Allowed {
        redirect: request.named_redirect.clone(),
        challenge: request.challenge.clone(),
        scopes,
    };
    let visit = &filled.browser.visit;
    match state.access.issue_code(visit, visitor, client, allowed).await {
        Ok(code) => {
            let members = [("code", code.expose()), ("iss", &state.config.public_url)];
            let there = answer::redirect(Flow::Code, &request.redirect, &members, request.state.as_deref());
            page::see_other(&there)
        }
        Err(error) => page::troubled(&error),
    }
}

fn consent(
    state: &State,
    browser: &Browser,
    visitor: &Visitor,
    acting: Acting,
    (client, request): (&Client, Request),
    here: &str,
) -> Response {
    let other = target::sign_in(here);
    let elsewhere = undecided(here);
    let link = match &elsewhere {
        Some(elsewhere) => Some((elsewhere.as_str(), "Choose another organization")),
        None => Some((other.as_str(), SIGN_IN_INSTEAD)),
    };
    let until = match client {
        Client::Guide if !acting.settings.guide_client => {
            let text = format!("{}: {SWITCHED_OFF}", acting.organization);
            return page::message(StatusCode::FORBIDDEN, "Switched off", &text, link);
        }
        Client::Guide => {
            let days = acting.settings.token_lifetime.0;
            let until = state.ambient.now() + Duration::from_hours(24 * u64::from(days));
            Some((words::day(until), days))
        }
        Client::Registered(_) => None,
    };
    let redirect = request.redirect.clone();
    let scopes = request
        .scopes
        .parse::<Scopes>()
        .unwrap_or_else(|_| Scopes::new([]));
    let asked = Asked {
        request,
        session: visitor.session,
        org: acting.org,
        id: state.ambient.id(),
    };
    let reach = Reach::of(acting.role, &scopes);
    let template = ConsentPage {
        form: browser.form_token(),
        carried: carried::seal(state, browser, PURPOSE, asked),
        client: client.name(),
        user_name: &visitor.user_name,
        is_partner: acting.is_partner(),
        elsewhere: elsewhere.as_deref(),
        organization: acting.organization,
        role: acting.role.title(),
        opens_nothing: reach == Reach::Nothing,
        changes_nothing: reach == Reach::Reads,
        scopes: scopes.iter().map(|scope| (scope.title(), scope.name())).collect(),
        until,
        lasts: lasts(client, &acting.settings),
        redirect: &redirect,
        other,
    };
    // Browsers judge by the page where a form's redirect may go.
    page::leading_to(page::page(StatusCode::OK, &template), &redirect)
}

/// For how long a client is let in.
fn lasts(client: &Client, settings: &Settings) -> String {
    let refreshes = match client {
        Client::Guide => false,
        Client::Registered(client) => client.grant_types.contains(GrantType::RefreshToken),
    };
    if refreshes {
        let days = words::several(settings.refresh_token_days.into(), "day");
        return format!("For a year; sooner if it does not come for {days}, or an administrator ends it");
    }
    let minutes = u64::from(settings.access_token_minutes);
    let time = match minutes {
        _ if minutes.is_multiple_of(24 * 60) => words::several(minutes / (24 * 60), "day"),
        _ if minutes.is_multiple_of(60) => words::several(minutes / 60, "hour"),
        _ => words::several(minutes, "minute"),
    };
    format!("For {time}; sooner if an administrator ends it")
}

/// The client is told, in the fragment (RFC 6749 §4.2.2.1) or the query (§4.1.2.1); where it cannot be, whoever asks.
fn refuse(state: &State, refused: Refused) -> Response {
    let (flow, redirect, given, error, description) = match refused {
        Refused::Page(text) => return page::failure(StatusCode::BAD_REQUEST, text),
        Refused::Client {
            flow,
            redirect,
            state,
            error,
            description,
        } => (flow, redirect, state, error, description),
    };
    let mut members = vec![("error", error), ("error_description", description.as_str())];
    if flow == Flow::Code {
        members.push(("iss", &state.config.public_url));
    }
    page::see_other(&answer::redirect(flow, &redirect, &members, given.as_deref()))
}

//! Pages of ours behind the answer: coming in, what came of a test, and on to a page of others.

use access::{Error, Federated};
use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use federation::service_provider::pages;
use http::StatusCode;

use super::{arrival, organization, troubled};
use crate::State;
use crate::middleware::context::Params;
use crate::pages::{Browser, page, target as targets, underway};
use crate::saml::failed;

const ELSEWHERE: &str = "This sign-in was begun in another browser, or you have signed in or out in the meantime. Nobody has been \
                         let in.";

/// `GET /idb/saml2/{org}/landing?ticket=…`: begins the session, in the browser that asked and no other.
pub async fn land(
    Extract(state): Extract<State>,
    browser: Browser,
    Path(org): Path<String>,
    params: Params,
) -> Response {
    let org = match organization(&state, &org).await {
        Ok((org, _)) => org,
        Err(unknown) => return *unknown,
    };
    let ticket = params
        .get("ticket")
        .and_then(|text| arrival::arrived(&state, org, &browser, text));
    let Some(ticket) = ticket else {
        return page::out_of_date();
    };
    let arrived = ticket.what;
    if arrived.browser.is_some_and(|mark| mark != browser.mark()) {
        browser
            .visit
            .note("an answer of an identity provider came to another browser than had asked");
        let link = Some((pages::ACCOUNT, "Begin again"));
        return page::message(
            StatusCode::FORBIDDEN,
            "This sign-in is out of date",
            ELSEWHERE,
            link,
        );
    }
    match state.access.use_form(org, ticket.id).await {
        Ok(true) => {}
        Ok(false) => return page::out_of_date(),
        Err(error) => return page::troubled(&error),
    }
    let vouched = match serde_json::to_string(&arrived.vouched) {
        Ok(vouched) => vouched,
        Err(error) => return failed(&error),
    };
    let federated = Federated {
        vouched,
        authenticated: arrived.authenticated,
        until: arrived.until,
        trusts_second_factor: arrived.trusts_second_factor,
    };
    let to = match arrived.target.as_deref() {
        Some(to) if targets::place(to).is_some() => to.to_owned(),
        // Of others: it passes by the list once more, whatever comes in between.
        Some(to) if pages::read(to).is_some() => targets::outside(org, to),
        _ => pages::ACCOUNT.to_owned(),
    };
    match state
        .access
        .federated_candidate(org, arrived.user, federated)
        .await
    {
        Ok(candidate) => underway::proceed(&state, &browser, &candidate, &to).await,
        Err(Error::SignInOver) => page::out_of_date(),
        Err(error) => page::troubled(&error),
    }
}

#[derive(Template)]
#[template(path = "sso_tested.html")]
struct TestedPage {
    passed: bool,
    reason: String,
    checks: Vec<federation::TracedCheck>,
}

/// `GET /idb/saml2/{org}/tested?ticket=…`: every check of a test, for whoever has run it.
pub async fn tested(
    Extract(state): Extract<State>,
    browser: Browser,
    Path(org): Path<String>,
    params: Params,
) -> Response {
    let org = match organization(&state, &org).await {
        Ok((org, _)) => org,
        Err(unknown) => return *unknown,
    };
    let ticket = params
        .get("ticket")
        .and_then(|text| arrival::test_over(&state, org, &browser, text));
    let Some(ticket) = ticket else {
        return page::out_of_date();
    };
    let is_own = ticket.what.browser.is_none_or(|mark| mark == browser.mark());
    let trace = match state.federation.trace(org, ticket.what.trace).await {
        Ok(Some(trace)) if is_own => trace,
        Ok(_) => return page::out_of_date(),
        Err(error) => return troubled(error.into()),
    };
    let template = TestedPage {
        passed: trace.outcome == "succeeded",
        reason: trace.message.unwrap_or_default(),
        checks: trace.checks,
    };
    page::page(StatusCode::OK, &template)
}

/// `GET /idb/saml2/{org}/target?to=…`: on to a page of others, if it is on the organization's list. At once only for whoever has
/// signed in there: a list is an organization's own, and the name of the server is everybody's.
pub async fn target(
    Extract(state): Extract<State>,
    browser: Browser,
    Path(org): Path<String>,
    params: Params,
) -> Response {
    let org = match organization(&state, &org).await {
        Ok((org, _)) => org,
        Err(unknown) => return *unknown,
    };
    let sso = match state.federation.sso(org).await {
        Ok(sso) => sso,
        Err(error) => return troubled(error),
    };
    let providers = match state.federation.providers(org).await {
        Ok(providers) => providers,
        Err(error) => return troubled(error),
    };
    let to = params.get("to").unwrap_or_default();
    let is_default = providers
        .iter()
        .any(|one| one.settings.default_target_page.as_deref() == Some(to));
    if is_default || pages::is_allowed(to, &sso.settings.target_pages) {
        let visitor = match browser.session() {
            Some(session) => match state.access.visitor(session).await {
                Ok(visitor) => visitor,
                Err(error) => return page::troubled(&error),
            },
            None => None,
        };
        if visitor.is_some_and(|visitor| visitor.org == org) {
            return page::see_other(to);
        }
        let text = format!("You are not signed in here. This link leads away, to {to}");
        return page::message(
            StatusCode::OK,
            "On to another page",
            &text,
            Some((to, "Go there")),
        );
    }
    let text = "This page is not on your organization's list of pages that you can be sent on to.";
    let link = Some((pages::ACCOUNT, "To your account"));
    page::message(StatusCode::FORBIDDEN, "You are signed in", text, link)
}

//! Single logout (SAML profiles §4.4): a service asks us to end somebody's session, or somebody signs out here. Either way the
//! browser is sent from one service to the next, and in the end back to whoever began. What is still to be done is kept here;
//! the name of it is our request's ID, which answers bring back twice.

use axum::extract::{Path, Request, State as Extract};
use axum::response::Response;
use base::SessionId;
use federation::saml::binding::{BindingError, Incoming, Kind, brought_back, post, redirect};
use federation::saml::profile::logout::answered_request;
use federation::service_provider::Vouched;
use federation::{Action, Direction, Outcome, TracedCheck};
use http::StatusCode;

use super::arrive::beginning;
use super::place::{Place, troubled};
use super::trace::Traced;
use super::vouching;
use super::way::{MOST, Meant, SIGNED_OUT, Way, lead};
use crate::State;
use crate::middleware::context::{Params, RequestIds};
use crate::pages::{Browser, page};
use crate::saml::post::fields;

/// `GET /saml2/{slug}/logout`: a request or an answer by HTTP-Redirect.
pub async fn by_query(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    ids: RequestIds,
    browser: Browser,
    request: Request,
) -> Response {
    let place = match Place::find(&state, &slug, ids).await {
        Ok(place) => place,
        Err(nowhere) => return nowhere,
    };
    let query = request.uri().query().unwrap_or_default();
    let fields: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let came = Came {
        incoming: redirect::decode(query),
        carried: brought_back(fields.iter().map(|(name, value)| (&**name, &**value))),
        binding: "redirect",
    };
    come(&state, &browser, &place, came).await
}

/// `POST /saml2/{slug}/logout`: the same by HTTP-POST, without our cookies.
pub async fn by_form(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    ids: RequestIds,
    browser: Browser,
    request: Request,
) -> Response {
    let place = match Place::find(&state, &slug, ids).await {
        Ok(place) => place,
        Err(nowhere) => return nowhere,
    };
    let fields = match fields(request).await {
        Ok(fields) => fields,
        Err(unread) => return unread,
    };
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let came = Came {
        incoming: post::decode(fields.clone()),
        carried: brought_back(fields),
        binding: "post",
    };
    come(&state, &browser, &place, came).await
}

/// What a browser has brought.
struct Came<'c> {
    incoming: Result<Incoming, BindingError>,
    /// The RelayState of an answer, of which nothing else may be readable.
    carried: Option<&'c str>,
    binding: &'static str,
}

async fn come(state: &State, browser: &Browser, place: &Place, came: Came<'_>) -> Response {
    match came.incoming {
        Ok(incoming) if incoming.kind == Kind::Request => {
            asked(state, browser, place, &incoming, came.binding).await
        }
        Ok(incoming) => answered(state, place, &incoming, came.binding).await,
        Err(error) => {
            let cause = place.nobodys_cause();
            Traced::new(Outcome::Failed, &[])
                .because(error.code(), &error.to_string())
                .keep(state, &cause, place, Action::SignOut)
                .await;
            // Whoever has begun waits to be told, whatever has come of one service.
            match waited_for(state, place, [came.carried, None]).await {
                Ok(Some((way, _))) => return lead(state, place, Way { partial: true, ..way }).await,
                Ok(None) => {}
                Err(troubled) => return troubled,
            }
            let text = format!(
                "What {} has sent is not a request to sign out: {error}.",
                place.sso.label()
            );
            page::failure(StatusCode::BAD_REQUEST, &text)
        }
    }
}

/// A service asks us.
async fn asked(
    state: &State,
    browser: &Browser,
    place: &Place,
    incoming: &Incoming,
    binding: &str,
) -> Response {
    let judged = state
        .federation
        .judge_logout_request(&place.sso, &place.saml, incoming);
    let checks: Vec<TracedCheck> = judged.checks.iter().map(TracedCheck::from).collect();
    let relay_state = incoming.relay_state.as_deref();
    let cause = place.nobodys_cause();
    let received = |outcome| {
        Traced::new(outcome, &checks).with(Direction::Received, binding, Some(&incoming.xml), relay_state)
    };
    let request = match judged.result {
        Ok(request) => request,
        Err(refusal) => {
            received(Outcome::Failed)
                .because(refusal.code.as_str(), &refusal.to_string())
                .keep(state, &cause, place, Action::SignOut)
                .await;
            let text = format!(
                "{} has sent a request to sign out that cannot be believed. You are still signed in here.",
                place.sso.label()
            );
            return page::message(
                StatusCode::BAD_REQUEST,
                "That did not work",
                &text,
                Some(page::BACK),
            );
        }
    };
    let is_signed = !place.saml.request_certificates.is_empty();
    if is_signed {
        // Of what is not signed anybody may make another one.
        let used = state
            .federation
            .use_logout_request(place.org, place.app.id, &request);
        match used.await {
            Ok(true) => {}
            Ok(false) => return replayed(state, place, received(Outcome::Failed)).await,
            Err(error) => return troubled(&error),
        }
    }
    let way = Way {
        at: state.ambient.now(),
        meant: Some(Meant {
            name: request.name_id.value.clone(),
            indexes: request.session_indexes.clone(),
            binding: binding.to_owned(),
            xml: beginning(&incoming.xml).to_owned(),
            relay_state: incoming.relay_state.clone(),
            checks: checks.clone(),
        }),
        left: Vec::new(),
        partial: false,
        asked: None,
        answer: Some((place.slug.clone(), request.head.id, incoming.relay_state.clone())),
        vouched: None,
    };
    if is_signed || binding == "redirect" {
        return go_on(state, browser, place, way).await;
    }
    // Nothing but the browser says whose session it is, and with a form of another site it sends no cookies.
    match way.keep(state, place.org).await {
        Ok(name) => page::see_other(&Way::page(&place.slug, &name)),
        Err(troubled) => troubled,
    }
}

/// A request is good once: whoever has seen one is not to end sessions by it.
async fn replayed(state: &State, place: &Place, traced: Traced<'_>) -> Response {
    let why = "the request was used before";
    let cause = place.nobodys_cause();
    traced
        .because("sso.sign_out_once", why)
        .keep(state, &cause, place, Action::SignOut)
        .await;
    let text = format!(
        "{} has sent the same request to sign out once more. Nothing was ended by it.",
        place.sso.label()
    );
    page::message(
        StatusCode::BAD_REQUEST,
        "That did not work",
        &text,
        Some(page::BACK),
    )
}

/// Ends what a service means, and goes on with the others.
async fn end_meant(
    state: &State,
    browser: &Browser,
    place: &Place,
    (mut way, meant): (Way, Meant),
) -> Response {
    let ended = match end(state, browser, place, &meant).await {
        Ok(ended) => ended,
        Err(response) => return response,
    };
    // What was not signed has to have ended something: else its sender would believe what is not so.
    let in_vain = ended.user.is_none() && place.saml.request_certificates.is_empty();
    let outcome = if in_vain {
        Outcome::Failed
    } else {
        Outcome::Succeeded
    };
    let relay_state = meant.relay_state.as_deref();
    let mut traced = Traced::new(outcome, &meant.checks).with(
        Direction::Received,
        &meant.binding,
        Some(&meant.xml),
        relay_state,
    );
    if in_vain {
        let why = "the request is not signed, and this browser has no session that it means";
        traced = traced.because("sso.sign_out_not_own", why);
    }
    traced.subject = Some(meant.name.clone());
    traced.user = ended.user;
    let cause = place.nobodys_cause();
    traced.keep(state, &cause, place, Action::SignOut).await;
    way.left = ended.others;
    way.partial = in_vain;
    way.vouched = ended.vouched;
    let response = lead(state, place, way).await;
    if ended.was_here {
        return page::with_cookies(response, browser.signed_out(state));
    }
    response
}

/// What has ended at a service's request.
#[derive(Default)]
struct Ended {
    user: Option<base::UserId>,
    /// Sessions at other services that were begun from the same ones of ours.
    others: Vec<String>,
    /// Whether this browser was signed in by one of them.
    was_here: bool,
    /// The identity provider by which the person came: of this browser's own session, else of the first.
    vouched: Option<Vouched>,
}

/// Ends what a request means: the session at the service, and ours that it was begun from. Without a signature only what is
/// this browser's own.
async fn end(state: &State, browser: &Browser, place: &Place, request: &Meant) -> Result<Ended, Response> {
    let (federation, org) = (&state.federation, place.org);
    let of = (request.name.as_str(), request.indexes.as_slice());
    let meant = federation.sessions_of_request(org, place.app.id, of).await;
    let mut meant = meant.map_err(|error| troubled(&error))?;
    let visitor = match browser.session() {
        Some(session) => state
            .access
            .visitor(session)
            .await
            .map_err(|error| page::troubled(&error))?,
        None => None,
    };
    let own = visitor
        .filter(|visitor| visitor.org == org)
        .map(|visitor| visitor.session);
    if place.saml.request_certificates.is_empty() {
        meant.retain(|session| Some(session.session) == own);
    }
    let mut ended = Ended::default();
    let mut sessions: Vec<SessionId> = Vec::new();
    for session in &meant {
        ended.user = Some(session.user);
        if !sessions.contains(&session.session) {
            sessions.push(session.session);
        }
        let forgotten = federation.forget_app_session(org, &session.id).await;
        forgotten.map_err(|error| troubled(&error))?;
    }
    for session in sessions {
        let vouched = vouching::of_session(state, org, session).await?;
        ended.vouched = if own == Some(session) {
            vouched
        } else {
            ended.vouched.or(vouched)
        };
        ended.was_here |= own == Some(session);
        let others = federation.app_sessions(org, session).await;
        for other in others.map_err(|error| troubled(&error))? {
            if other.app == place.app.id {
                // Whoever asks need not be asked, under whichever other name.
                let forgotten = federation.forget_app_session(org, &other.id).await;
                forgotten.map_err(|error| troubled(&error))?;
            } else {
                ended.others.push(other.id);
            }
        }
        match state
            .access
            .end_session(&place.nobodys_cause(), org, session)
            .await
        {
            // It may have ended before.
            Ok(()) | Err(access::Error::UnknownSession) => {}
            Err(error) => return Err(page::troubled(&error)),
        }
    }
    ended.others.truncate(MOST);
    Ok(ended)
}

/// The way that goes on behind a service's answer, by what it has brought back or else by what it says itself, and what that one was asked: its session, and our request.
async fn waited_for(
    state: &State,
    place: &Place,
    names: [Option<&str>; 2],
) -> Result<Option<(Way, (String, String))>, Response> {
    for name in names.into_iter().flatten() {
        let way = Way::find(state, place, name).await?;
        let waited = way.and_then(|mut way| {
            let asked = way.asked.take()?;
            Some((way, asked))
        });
        if waited.is_some() {
            return Ok(waited);
        }
    }
    Ok(None)
}

/// A service answers us. What cannot be believed ends nothing there, and the way goes on without it: what is kept of the way
/// stays as it was, so that a true answer, should one come behind it, still counts.
async fn answered(state: &State, place: &Place, incoming: &Incoming, binding: &str) -> Response {
    let named = answered_request(incoming);
    let names = [incoming.relay_state.as_deref(), named.as_deref()];
    let (mut way, (index, request_id)) = match waited_for(state, place, names).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            let text = "You are signed out there. What was to be done after that was begun too long ago, or not here.";
            return page::message(StatusCode::OK, "Signed out", text, Some(page::BACK));
        }
        Err(troubled) => return troubled,
    };
    let judged = state
        .federation
        .judge_logout_response(&place.sso, &place.saml, incoming, &request_id);
    let checks: Vec<TracedCheck> = judged.checks.iter().map(TracedCheck::from).collect();
    let asked = match state.federation.app_session(place.org, &index).await {
        Ok(session) => session.map(|session| session.app),
        Err(error) => return troubled(&error),
    };
    let (outcome, why) = match &judged.result {
        // Each service speaks of its own session.
        Ok(_) if asked.is_some_and(|app| app != place.app.id) => {
            let why = "another service was asked".to_owned();
            (Outcome::Failed, Some(("sso.sign_out_not_asked".to_owned(), why)))
        }
        Ok(response) if response.status.is_success() => (Outcome::Succeeded, None),
        Ok(response) => (
            Outcome::Failed,
            Some(("sso.sign_out_status".to_owned(), response.status.codes.join(" "))),
        ),
        Err(refusal) => (
            Outcome::Failed,
            Some((refusal.code.as_str().to_owned(), refusal.to_string())),
        ),
    };
    way.partial |= outcome == Outcome::Failed;
    if outcome == Outcome::Succeeded
        && let Err(error) = state.federation.forget_app_session(place.org, &index).await
    {
        return troubled(&error);
    }
    let mut traced =
        Traced::new(outcome, &checks).with(Direction::Received, binding, Some(&incoming.xml), None);
    if let Some((code, message)) = why {
        traced = traced.because(&code, &message);
    }
    let cause = place.nobodys_cause();
    traced.keep(state, &cause, place, Action::SignOut).await;
    lead(state, place, way).await
}

/// `GET /saml2/{slug}/sign-out?state=…`: from the page of somebody who has signed out here, or with a service's request that
/// came by a form.
pub async fn begin(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    ids: RequestIds,
    browser: Browser,
    params: Params,
) -> Response {
    let place = match Place::find(&state, &slug, ids).await {
        Ok(place) => place,
        Err(nowhere) => return nowhere,
    };
    match Way::find(&state, &place, params.get("state").unwrap_or_default()).await {
        Ok(Some(mut way)) => {
            way.partial |= params.get("partial").is_some();
            go_on(&state, &browser, &place, way).await
        }
        Ok(None) => page::see_other(SIGNED_OUT),
        Err(troubled) => troubled,
    }
}

async fn go_on(state: &State, browser: &Browser, place: &Place, mut way: Way) -> Response {
    match way.meant.take() {
        Some(meant) => end_meant(state, browser, place, (way, meant)).await,
        None => lead(state, place, way).await,
    }
}

//! Single logout (SAML profiles §4.4): a service asks us to end somebody's session, or somebody signs out here. Either way the
//! browser is sent from one service to the next, and in the end back to whoever began. What is still to be done is carried by
//! the RelayState, sealed.

use std::time::Duration;

use axum::extract::{Path, Request, State as Extract};
use axum::response::Response;
use base::{OrgId, SessionId, Timestamp};
use federation::saml::binding::{BindingError, Incoming, Kind, Outgoing, post, redirect};
use federation::saml::message::{LogoutRequest, Status};
use federation::saml::names::status_code;
use federation::{Action, Direction, Outcome, TracedCheck};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::place::{Place, failed, troubled};
use super::trace::Traced;
use crate::State;
use crate::middleware::context::{Params, RequestIds};
use crate::pages::{Browser, page};
use crate::saml::post::{fields, hand_on};

const PURPOSE: &str = "saml.sign_out";
/// How long the whole way may take.
const PATIENCE: Duration = Duration::from_mins(10);
/// So many services are asked at most.
const MOST: usize = 20;
pub const SIGNED_OUT: &str = "/signed-out";

/// What is still to be done of a sign-out.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Way {
    org: OrgId,
    at: Timestamp,
    /// Sessions at services that are still to be ended, by their indexes.
    left: Vec<String>,
    /// Whether one could not be.
    partial: bool,
    /// The service that is being asked: its session, and our request.
    asked: Option<(String, String)>,
    /// Whom to answer in the end: the app's part of its address, the request, the RelayState.
    answer: Option<(String, String, Option<String>)>,
}

impl Way {
    fn seal(&self, state: &State) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        state.sealers.pages.seal(&state.ambient, self.org, PURPOSE, &text)
    }

    fn open(state: &State, place: &Place, text: &str) -> Option<Self> {
        let bytes = state.sealers.pages.open(place.org, PURPOSE, text).ok()?;
        let way: Self = serde_json::from_slice(&bytes).ok()?;
        (state.ambient.now().since(way.at) <= PATIENCE).then_some(way)
    }
}

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
    let incoming = redirect::decode(request.uri().query().unwrap_or_default());
    come(&state, &browser, &place, incoming, "redirect").await
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
    come(&state, &browser, &place, post::decode(fields), "post").await
}

async fn come(
    state: &State,
    browser: &Browser,
    place: &Place,
    incoming: Result<Incoming, BindingError>,
    binding: &str,
) -> Response {
    match incoming {
        Ok(incoming) if incoming.kind == Kind::Request => {
            asked(state, browser, place, &incoming, binding).await
        }
        Ok(incoming) => answered(state, place, &incoming, binding).await,
        Err(error) => {
            let cause = place.nobodys_cause();
            Traced::new(Outcome::Failed, &[])
                .because(error.code(), &error.to_string())
                .keep(state, &cause, place, Action::SignOut)
                .await;
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
    let ended = match end(state, browser, place, &request).await {
        Ok(ended) => ended,
        Err(response) => return response,
    };
    let mut traced = received(Outcome::Succeeded);
    traced.subject = Some(request.name_id.value.clone());
    traced.user = ended.user;
    traced.keep(state, &cause, place, Action::SignOut).await;
    let way = Way {
        org: place.org,
        at: state.ambient.now(),
        left: ended.others,
        partial: false,
        asked: None,
        answer: Some((place.slug.clone(), request.head.id, incoming.relay_state.clone())),
    };
    let response = go_on(state, place, way).await;
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
}

/// Ends what a request means: the session at the service, and ours that it was begun from. Without a signature only what is
/// this browser's own.
async fn end(
    state: &State,
    browser: &Browser,
    place: &Place,
    request: &LogoutRequest,
) -> Result<Ended, Response> {
    let (federation, org) = (&state.federation, place.org);
    let meant = federation.sessions_of_request(org, place.app.id, request).await;
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

/// A service answers us.
async fn answered(state: &State, place: &Place, incoming: &Incoming, binding: &str) -> Response {
    let carried = incoming.relay_state.as_deref().unwrap_or_default();
    let way = Way::open(state, place, carried);
    let Some((mut way, (index, request_id))) = way.and_then(|mut way| {
        let asked = way.asked.take()?;
        Some((way, asked))
    }) else {
        let text =
            "You are signed out there. What was to be done after that was begun too long ago, or not here.";
        return page::message(StatusCode::OK, "Signed out", text, Some(page::BACK));
    };
    let judged = state
        .federation
        .judge_logout_response(&place.sso, &place.saml, incoming, &request_id);
    let checks: Vec<TracedCheck> = judged.checks.iter().map(TracedCheck::from).collect();
    let (outcome, why) = match &judged.result {
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
    go_on(state, place, way).await
}

/// `GET /saml2/{slug}/sign-out?state=…`: from the page of somebody who has signed out here.
pub async fn begin(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    ids: RequestIds,
    params: Params,
) -> Response {
    let place = match Place::find(&state, &slug, ids).await {
        Ok(place) => place,
        Err(nowhere) => return nowhere,
    };
    match Way::open(&state, &place, params.get("state").unwrap_or_default()) {
        Some(way) => go_on(&state, &place, way).await,
        None => page::see_other(SIGNED_OUT),
    }
}

/// Sends the browser to the next service; when there is none left, back.
async fn go_on(state: &State, from: &Place, mut way: Way) -> Response {
    while let Some(index) = way.left.pop() {
        match next(state, from, &mut way, &index).await {
            Ok(None) => {}
            Ok(Some(response)) | Err(response) => return response,
        }
    }
    let Some((slug, request_id, relay_state)) = &way.answer else {
        let query = if way.partial { "?partial=1" } else { "" };
        return page::see_other(&format!("{SIGNED_OUT}{query}"));
    };
    let place = match Place::find(state, slug, from.ids.clone()).await {
        Ok(place) if place.org == way.org => place,
        Ok(_) => return page::see_other(SIGNED_OUT),
        Err(nowhere) => return nowhere,
    };
    let status = if way.partial {
        let why = status_code::PARTIAL_LOGOUT;
        Status {
            codes: vec![status_code::SUCCESS.to_owned(), why.to_owned()],
            message: Some("not every service has confirmed that the session ended".to_owned()),
        }
    } else {
        Status::success()
    };
    let relay_state = relay_state.as_deref();
    let (federation, sso) = (&state.federation, (&place.sso, &place.saml));
    let sent = federation
        .logout_response(place.org, sso, (request_id, status), relay_state)
        .await;
    match sent {
        Ok(Some(outgoing)) => hand_over(&place, outgoing),
        // It cannot be told.
        Ok(None) => page::see_other(SIGNED_OUT),
        Err(error) => troubled(&error),
    }
}

/// Asks a service to end a session; nothing if it cannot be asked, or need not be.
async fn next(state: &State, from: &Place, way: &mut Way, index: &str) -> Result<Option<Response>, Response> {
    let (federation, org) = (&state.federation, way.org);
    let session = federation.app_session(org, index).await;
    let Some(session) = session.map_err(|error| troubled(&error))? else {
        return Ok(None);
    };
    let base = &state.config.public_url;
    let place = match federation.app_sso(base, org, session.app).await {
        Ok(sso) => match sso.slug {
            Some(slug) => Place::find(state, &slug, from.ids.clone()).await?,
            None => return Ok(None),
        },
        // It has been removed.
        Err(federation::Error::Sso(_)) => return Ok(None),
        Err(error) => return Err(troubled(&error)),
    };
    let mut carried = way.clone();
    let sso = (&place.sso, &place.saml);
    let sent = federation
        .logout_request(org, sso, &session, |id| {
            carried.asked = Some((session.id.clone(), id.to_owned()));
            carried.seal(state)
        })
        .await;
    let Some((_, outgoing)) = sent.map_err(|error| troubled(&error))? else {
        // It is not told of sign-outs, and its session goes on.
        way.partial = true;
        return Ok(None);
    };
    let cause = place.nobodys_cause();
    let mut traced = Traced::new(Outcome::UnderWay, &[]);
    traced.user = Some(session.user);
    traced.subject = Some(session.name.clone());
    traced.keep(state, &cause, &place, Action::SignOut).await;
    Ok(Some(hand_over(&place, outgoing)))
}

fn hand_over(place: &Place, outgoing: Outgoing) -> Response {
    match outgoing {
        Outgoing::Redirect(to) => page::see_other(&to),
        Outgoing::Post { location, fields } => hand_on(place.sso.label(), &location, &fields),
    }
}

/// The services where somebody is still signed in who signs out here, and where to go to end that: for whoever has ended a
/// session of ours. Only those that can be told.
pub async fn still_signed_in(
    state: &State,
    org: OrgId,
    session: SessionId,
) -> Result<Option<(Vec<String>, String)>, Response> {
    let found = state.federation.app_sessions(org, session).await;
    let found = found.map_err(|error| troubled(&error))?;
    let (mut names, mut left, mut first) = (Vec::new(), Vec::new(), None);
    for one in found.into_iter().rev().take(MOST) {
        let sso = match state
            .federation
            .app_sso(&state.config.public_url, org, one.app)
            .await
        {
            Ok(sso) => sso,
            Err(federation::Error::Sso(_)) => continue,
            Err(error) => return Err(failed(&error)),
        };
        let can_be_told = sso.saml().is_some_and(|saml| saml.logout.is_some());
        if !can_be_told {
            continue;
        }
        let label = sso.label().to_owned();
        if !names.contains(&label) {
            names.push(label);
        }
        first = first.or(sso.slug);
        left.push(one.id);
    }
    let Some(slug) = first else { return Ok(None) };
    let way = Way {
        org,
        at: state.ambient.now(),
        left,
        partial: false,
        asked: None,
        answer: None,
    };
    Ok(Some((
        names,
        format!("/saml2/{slug}/sign-out?state={}", way.seal(state)),
    )))
}

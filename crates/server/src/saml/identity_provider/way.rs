//! The way of a browser from one service to the next, each of which is asked to end a session, and back to whoever began.

use axum::response::Response;
use base::{OrgId, SessionId, Timestamp};
use federation::identity_provider::Sent;
use federation::saml::message::Status;
use federation::saml::names::status_code;
use federation::service_provider::Vouched;
use federation::{Action, Direction, Outcome, TracedCheck};
use serde::{Deserialize, Serialize};

use super::place::{Place, failed, troubled};
use super::trace::Traced;
use super::vouching;
use crate::State;
use crate::pages::page;
use crate::saml::posting;

/// So many services are asked at most.
pub(super) const MOST: usize = 20;
pub(super) const SIGNED_OUT: &str = "/signed-out";

/// What is still to be done of a sign-out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Way {
    pub(super) at: Timestamp,
    /// What a service means that has asked, until it is known whose browser it is.
    pub(super) meant: Option<Meant>,
    /// Sessions at services that are still to be ended, by their indexes.
    pub(super) left: Vec<String>,
    /// Whether one could not be.
    pub(super) partial: bool,
    /// The service that is being asked: its session, and our request.
    pub(super) asked: Option<(String, String)>,
    /// Whom to answer in the end: the app's part of its address, the request, the RelayState.
    pub(super) answer: Option<(String, String, Option<String>)>,
    /// The identity provider by which the person came, which is told when the services are.
    pub(super) vouched: Option<Vouched>,
}

/// A service's request that was in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Meant {
    pub(super) name: String,
    pub(super) indexes: Vec<String>,
    /// The message, for the trace.
    pub(super) binding: String,
    pub(super) xml: String,
    pub(super) relay_state: Option<String>,
    pub(super) checks: Vec<TracedCheck>,
}

impl Way {
    /// Keeps it; gives the name by which it is found.
    pub(super) async fn keep(&self, state: &State, org: OrgId) -> Result<String, Response> {
        let name = state.federation.message_id();
        self.keep_as(state, org, &name).await?;
        Ok(name)
    }

    /// Keeps it by the id of a request, which an answer names twice: services that forget its RelayState are answered for, too.
    async fn keep_as(&self, state: &State, org: OrgId, id: &str) -> Result<(), Response> {
        let federation = &state.federation;
        let kept = federation.keep_sign_out(org, id.to_owned(), self.at, self).await;
        kept.map_err(|error| troubled(&error))
    }

    pub(super) async fn find(state: &State, place: &Place, name: &str) -> Result<Option<Self>, Response> {
        let found = state.federation.sign_out(place.org, name).await;
        found.map_err(|error| troubled(&error))
    }

    /// The page of ours at which it goes on.
    pub(super) fn page(slug: &str, name: &str) -> String {
        format!("/saml2/{slug}/sign-out?state={name}")
    }
}

/// Sends the browser to the next service; when there is none left, back.
pub(super) async fn lead(state: &State, from: &Place, mut way: Way) -> Response {
    while let Some(index) = way.left.pop() {
        match next(state, from, &mut way, &index).await {
            Ok(None) => {}
            Ok(Some(response)) | Err(response) => return response,
        }
    }
    if let Some(vouched) = way.vouched.take() {
        let is_over = way.answer.is_none() && !way.partial;
        let back = if is_over {
            None
        } else {
            match way.keep(state, from.org).await {
                Ok(name) => Some(Way::page(&from.slug, &name)),
                Err(troubled) => return troubled,
            }
        };
        return vouching::lead(state, from.org, vouched, back);
    }
    let Some((slug, request_id, relay_state)) = &way.answer else {
        let query = if way.partial { "?partial=1" } else { "" };
        return page::see_other(&format!("{SIGNED_OUT}{query}"));
    };
    let place = match Place::find(state, slug, from.ids.clone()).await {
        Ok(place) if place.org == from.org => place,
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
        Ok(Some(sent)) => {
            let outcome = if way.partial {
                Outcome::Failed
            } else {
                Outcome::Succeeded
            };
            let mut traced =
                Traced::new(outcome, &[]).with(Direction::Sent, sent.binding, Some(&sent.xml), relay_state);
            if way.partial {
                traced = traced.because("sso.sign_out_partial", "not every session has ended");
            }
            let cause = place.nobodys_cause();
            traced.keep(state, &cause, &place, Action::SignOut).await;
            hand_over(&place, &sent)
        }
        // It cannot be told.
        Ok(None) => page::see_other(SIGNED_OUT),
        Err(error) => troubled(&error),
    }
}

/// Asks a service to end a session; nothing if it cannot be asked, or need not be.
async fn next(state: &State, from: &Place, way: &mut Way, index: &str) -> Result<Option<Response>, Response> {
    let (federation, org) = (&state.federation, from.org);
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
    if place.saml.logout.is_none() {
        // It is not told of sign-outs, and its session goes on.
        way.partial = true;
        return Ok(None);
    }
    let id = federation.message_id();
    let carried = Way {
        asked: Some((session.id.clone(), id.clone())),
        ..way.clone()
    };
    carried.keep_as(state, org, &id).await?;
    let sso = (&place.sso, &place.saml);
    let sent = federation.logout_request(org, sso, (&session, &id)).await;
    let Some(sent) = sent.map_err(|error| troubled(&error))? else {
        return Ok(None);
    };
    let cause = place.nobodys_cause();
    let mut traced =
        Traced::new(Outcome::UnderWay, &[]).with(Direction::Sent, sent.binding, Some(&sent.xml), Some(&id));
    traced.user = Some(session.user);
    traced.subject = Some(session.name.clone());
    traced.keep(state, &cause, &place, Action::SignOut).await;
    Ok(Some(hand_over(&place, &sent)))
}

fn hand_over(place: &Place, sent: &Sent) -> Response {
    posting(place.sso.label(), &sent.outgoing)
}

/// The services where somebody is still signed in who signs out here, and where to go to end that: for whoever has ended a
/// session of ours. Only those that can be told.
pub async fn still_signed_in(
    state: &State,
    org: OrgId,
    session: SessionId,
    vouched: Option<Vouched>,
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
    names.extend(vouching::name(state, org, vouched.as_ref()).await?);
    let way = Way {
        at: state.ambient.now(),
        meant: None,
        left,
        partial: false,
        asked: None,
        answer: None,
        vouched,
    };
    let name = way.keep(state, org).await?;
    Ok(Some((names, Way::page(&slug, &name))))
}

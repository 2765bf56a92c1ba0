//! Somebody comes from a service, with its request or without, or from the portal.

use axum::extract::{Path, Request, State as Extract};
use axum::response::Response;
use federation::identity_provider::Asked;
use federation::saml::binding::{BindingError, Incoming, Kind, post, redirect};
use federation::{Action, Direction, Outcome, TracedCheck};
use http::StatusCode;

use super::answer;
use super::pending::Pending;
use super::place::{Place, troubled};
use super::trace::Traced;
use crate::State;
use crate::middleware::context::{Params, RequestIds};
use crate::pages::{Browser, page};
use crate::saml::post::{fields, hand_on};

/// So much is kept of a request that was refused, in bytes.
const KEPT: usize = 16 * 1024;

/// `GET /saml2/{slug}`: with a request by HTTP-Redirect; without one somebody begins here, maybe with a `RelayState`.
pub async fn by_query(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    ids: RequestIds,
    browser: Browser,
    params: Params,
    request: Request,
) -> Response {
    let place = match Place::find(&state, &slug, ids).await {
        Ok(place) => place,
        Err(nowhere) => return nowhere,
    };
    let pending = match redirect::decode(request.uri().query().unwrap_or_default()) {
        Ok(incoming) => match take(&state, &place, &incoming, "redirect").await {
            Ok(pending) => pending,
            Err(refused) => return refused,
        },
        Err(BindingError::NoMessage) => match begin(&state, &place, params.get("RelayState")) {
            Ok(pending) => pending,
            Err(refused) => return *refused,
        },
        Err(error) => return unreadable(&state, &place, &error).await,
    };
    answer::answer(&state, &browser, &place, pending).await
}

/// `POST /saml2/{slug}`: with a request by HTTP-POST. The browser sends no cookies along with another site's form, so it is sent
/// on to where it does.
pub async fn by_form(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    ids: RequestIds,
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
    match post::decode(fields) {
        Ok(incoming) => match take(&state, &place, &incoming, "post").await {
            Ok(pending) => {
                let pending = Pending {
                    trace: Some(state.federation.new_trace_id()),
                    ..pending
                };
                page::see_other(&pending.address(&state, &place))
            }
            Err(refused) => refused,
        },
        Err(error) => unreadable(&state, &place, &error).await,
    }
}

/// Judges a request; what is refused is answered at once.
async fn take(state: &State, place: &Place, incoming: &Incoming, binding: &str) -> Result<Pending, Response> {
    if incoming.kind != Kind::Request {
        return Err(unreadable(state, place, &BindingError::NoMessage).await);
    }
    refuse_unless_open(state, place).await?;
    let judged = state
        .federation
        .judge_request(place.org, &place.saml, incoming, &place.sso.address)
        .await
        .map_err(|error| troubled(&error))?;
    let checks: Vec<TracedCheck> = judged.checks.iter().map(TracedCheck::from).collect();
    let refusal = match judged.result {
        Ok(accepted) => {
            return Ok(Pending {
                relay_state: incoming.relay_state.clone(),
                force: accepted.request.force_authn,
                passive: accepted.request.is_passive,
                xml: Some(incoming.xml.clone()),
                checks,
                ..Pending::new(state.ambient.now(), binding, &Asked::from(&accepted))
            });
        }
        Err(refusal) => refusal,
    };
    let relay_state = incoming.relay_state.as_deref();
    let mut traced = Traced::new(Outcome::Failed, &checks)
        .because(refusal.code.as_str(), &refusal.to_string())
        .with(
            Direction::Received,
            binding,
            Some(beginning(&incoming.xml)),
            relay_state,
        );
    let response = if let Some(to) = &refusal.answer_to {
        let sso = (&place.sso, &place.saml);
        match state
            .federation
            .refuse(place.org, sso, to, refusal.status())
            .await
        {
            Ok(xml) => {
                traced = traced.with(Direction::Sent, "post", Some(&xml), relay_state);
                let fields = post::encode(Kind::Response, &xml, relay_state);
                hand_on(place.sso.label(), &to.consumer, &fields)
            }
            Err(error) => troubled(&error),
        }
    } else {
        let text = format!(
            "{} has sent a request that cannot be answered. An administrator finds what is wrong with it in the trace of this \
             sign-in.",
            place.sso.label()
        );
        page::failure(StatusCode::BAD_REQUEST, &text)
    };
    let cause = place.nobodys_cause();
    traced.keep(state, &cause, place, Action::SignIn).await;
    Err(response)
}

/// Of what anybody may have sent no more is kept than a request needs.
pub(super) fn beginning(xml: &str) -> &str {
    &xml[..xml.floor_char_boundary(KEPT)]
}

/// Nobody at the service has asked.
fn begin(state: &State, place: &Place, relay_state: Option<&str>) -> Result<Pending, Box<Response>> {
    let saml = &place.saml;
    if !saml.idp_initiated {
        let text = format!(
            "One signs in to {} from there, and not from here.",
            place.sso.label()
        );
        return Err(Box::new(page::failure(StatusCode::FORBIDDEN, &text)));
    }
    if let Some(state) = relay_state
        && !saml.allows_relay_state(state)
    {
        let text = "The link names a place at the app that is not on the list of those that are allowed.";
        return Err(Box::new(page::failure(StatusCode::FORBIDDEN, text)));
    }
    let role = saml.role();
    let Some(consumer) = role.default_consumer() else {
        return Err(Box::new(closed(place)));
    };
    let asked = Asked {
        request_id: None,
        consumer: consumer.endpoint.location.clone(),
        name_id_format: None,
        may_create: true,
        subject: None,
        context: None,
    };
    let default = Some(saml.default_relay_state.as_str()).filter(|state| !state.is_empty());
    Ok(Pending {
        relay_state: relay_state.or(default).map(str::to_owned),
        ..Pending::new(state.ambient.now(), "redirect", &asked)
    })
}

/// What came is no message.
async fn unreadable(state: &State, place: &Place, error: &BindingError) -> Response {
    let cause = place.nobodys_cause();
    Traced::new(Outcome::Failed, &[])
        .because(error.code(), &error.to_string())
        .keep(state, &cause, place, Action::SignIn)
        .await;
    let text = format!(
        "What {} has sent is not a request to sign in: {error}.",
        place.sso.label()
    );
    page::failure(StatusCode::BAD_REQUEST, &text)
}

pub(super) async fn refuse_unless_open(state: &State, place: &Place) -> Result<(), Response> {
    if place.is_open() {
        return Ok(());
    }
    let cause = place.nobodys_cause();
    Traced::new(Outcome::Failed, &[])
        .because("sso.inactive", "signing in to the app is switched off")
        .keep(state, &cause, place, Action::SignIn)
        .await;
    Err(closed(place))
}

fn closed(place: &Place) -> Response {
    let text = format!(
        "Nobody can sign in to {} at present: an administrator has switched it off, or not set it up yet.",
        place.sso.label()
    );
    page::failure(StatusCode::FORBIDDEN, &text)
}

//! Answering, once it is known who somebody is.

use access::{Evidence, Visitor};
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use base::Timestamp;
use federation::identity_provider::{Method, Outside, SKEW, SignedInPerson, Unanswerable};
use federation::saml::binding::{Kind, post};
use federation::saml::message::Status;
use federation::saml::names::status_code;
use federation::saml::profile::AnswerTo;
use federation::{Action, Direction, Outcome};
use http::StatusCode;

use super::arrive::refuse_unless_open;
use super::pending::{Opened, Pending};
use super::place::{Place, failed, troubled};
use super::trace::Traced;
use crate::State;
use crate::middleware::context::{Params, RequestIds};
use crate::pages::{Browser, page, target, vouched};
use crate::saml::post::hand_on;

/// `GET /saml2/{slug}/continue?state=…`.
pub async fn go_on(
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
    let carried = params.get("state").unwrap_or_default();
    let pending = match Pending::open(&state, &place, carried) {
        Some(Opened::InTime(pending)) => pending,
        late => {
            if let Some(Opened::TooLate(pending)) = late {
                let cause = place.nobodys_cause();
                received(Outcome::Failed, &pending)
                    .because("sso.too_late", "nobody went on with the sign-in in time")
                    .keep(&state, &cause, &place, Action::SignIn)
                    .await;
            }
            return begun_too_long_ago(&place);
        }
    };
    answer(&state, &browser, &place, pending).await
}

fn begun_too_long_ago(place: &Place) -> Response {
    let text = format!(
        "This sign-in to {} was begun too long ago. Begin again there.",
        place.sso.label()
    );
    page::message(StatusCode::FORBIDDEN, "Begin again", &text, None)
}

/// Vouches for whoever is signed in, or has them sign in first.
pub(super) async fn answer(state: &State, browser: &Browser, place: &Place, pending: Pending) -> Response {
    if let Err(closed) = refuse_unless_open(state, place).await {
        return closed;
    }
    let visitor = match browser.session() {
        Some(session) => state.access.visitor(session).await,
        None => Ok(None),
    };
    let visitor = match visitor {
        Ok(visitor) => visitor,
        Err(error) => return page::troubled(&error),
    };
    let is_elsewhere = visitor.as_ref().is_some_and(|visitor| visitor.org != place.org);
    let fitting =
        visitor.filter(|visitor| visitor.org == place.org && (!pending.force || visitor.began >= pending.at));
    match fitting {
        Some(visitor) if pending.force && !is_anew(&visitor, &pending) => {
            unanswered(
                state,
                browser,
                place,
                &pending,
                (&visitor, &Unanswerable::NotAnew),
            )
            .await
        }
        Some(visitor) => vouch(state, browser, place, &pending, &visitor).await,
        None if pending.passive => not_passively(state, place, &pending).await,
        None if is_elsewhere => another_organization(state, place, &pending).await,
        None => sign_in_first(state, place, pending).await,
    }
}

/// Leads to the sign-in page. What an app has asked is kept meanwhile: most whom an administrator looks for have turned back there.
async fn sign_in_first(state: &State, place: &Place, mut pending: Pending) -> Response {
    if pending.request_id.is_some() {
        let id = *pending
            .trace
            .get_or_insert_with(|| state.federation.new_trace_id());
        let cause = place.nobodys_cause();
        Traced {
            message: Some("led to the sign-in page, and not back yet".to_owned()),
            ..received(Outcome::UnderWay, &pending)
        }
        .begin(state, &cause, place, id)
        .await;
    }
    page::see_other(&target::sign_in(&pending.address(state, place)))
}

/// Has somebody who was to sign in anew done so outside, too? Clocks there may be slow.
fn is_anew(visitor: &Visitor, pending: &Pending) -> bool {
    authenticated(visitor) + SKEW >= pending.at
}

/// When it was asked who somebody is: an identity provider outside may have asked long before it sent the browser here.
fn authenticated(visitor: &Visitor) -> Timestamp {
    if visitor.vouched.is_none() {
        return visitor.began;
    }
    let there = vouched(visitor).and_then(|vouched| vouched.authenticated);
    there.unwrap_or(visitor.proved).min(visitor.began)
}

async fn vouch(
    state: &State,
    browser: &Browser,
    place: &Place,
    pending: &Pending,
    visitor: &Visitor,
) -> Response {
    let cause = browser.visit.cause(visitor.user, &visitor.user_name);
    let (federation, org) = (&state.federation, place.org);
    match state.provisioning.lets_in(org, &place.app, visitor.user).await {
        Ok(true) => {}
        Ok(false) => return not_assigned(state, browser, place, pending, visitor).await,
        Err(error) => return failed(&error),
    }
    let person = SignedInPerson {
        user: visitor.user,
        session: visitor.session,
        authenticated: authenticated(visitor),
        expires: visitor.expires,
        method: match visitor.method {
            Evidence::Password => Method::Password,
            Evidence::Code => Method::Code,
            Evidence::Passkey => Method::Passkey,
        },
        outside: visitor.vouched.is_some().then(|| Outside {
            context: vouched(visitor).and_then(|vouched| vouched.context),
        }),
    };
    let asked = pending.asked();
    let domain = &place.app.settings.default_domain;
    let sso = (&place.sso, &place.saml);
    let answered = federation
        .answer(&cause, org, sso, (&asked, &person), domain)
        .await;
    let relay_state = pending.relay_state.as_deref();
    match answered {
        Ok(Ok(answered)) => {
            let mut traced = received(Outcome::Succeeded, pending).of(visitor).with(
                Direction::Sent,
                "post",
                Some(&answered.shown),
                relay_state,
            );
            traced.subject = Some(answered.name_id.value.clone());
            traced.keep(state, &cause, place, Action::SignIn).await;
            let fields = post::encode(Kind::Response, &answered.xml, relay_state);
            hand_on(place.sso.label(), &answered.consumer, &fields)
        }
        Ok(Err(why)) => unanswered(state, browser, place, pending, (visitor, &why)).await,
        Err(error) => troubled(&error),
    }
}

/// What came in, as far as it is still known.
fn received(outcome: Outcome, pending: &Pending) -> Traced<'_> {
    let (xml, relay_state) = (pending.xml.as_deref(), pending.relay_state.as_deref());
    let traced = Traced::new(outcome, &pending.checks);
    Traced {
        under_way: pending.trace,
        ..traced.with(Direction::Received, &pending.binding, xml, relay_state)
    }
}

/// Nobody is let in who is not assigned.
async fn not_assigned(
    state: &State,
    browser: &Browser,
    place: &Place,
    pending: &Pending,
    visitor: &Visitor,
) -> Response {
    let why = "not assigned to the app";
    let told = (visitor, "sso.not_assigned", why);
    note(state, browser, place, pending, told, None).await;
    let organization = match state.directory.organization(place.org).await {
        Ok(organization) => organization.name,
        Err(error) => return page::troubled(&error.into()),
    };
    let label = place.sso.label();
    let text = format!(
        "You are signed in as {}, and {label} is not assigned to you. Ask an administrator of {organization} to assign it to \
         you, or to a group that you are in.",
        visitor.user_name
    );
    let title = format!("You have no access to {label}");
    page::message(StatusCode::FORBIDDEN, &title, &text, Some(page::BACK))
}

/// Tells of somebody who was not let in, in the trail and in a trace.
async fn note(
    state: &State,
    browser: &Browser,
    place: &Place,
    pending: &Pending,
    (visitor, code, why): (&Visitor, &str, &str),
    sent: Option<&str>,
) {
    let cause = browser.visit.cause(visitor.user, &visitor.user_name);
    let told = state
        .federation
        .note_app_refusal(
            &cause,
            place.org,
            &place.sso,
            (visitor.user, &visitor.user_name),
            (&pending.asked(), why),
        )
        .await;
    if let Err(error) = told {
        tracing::warn!(%error, "that somebody was not let in was not noted");
    }
    received(Outcome::Failed, pending)
        .of(visitor)
        .because(code, why)
        .with(Direction::Sent, "post", sent, pending.relay_state.as_deref())
        .keep(state, &cause, place, Action::SignIn)
        .await;
}

/// Somebody cannot be vouched for.
async fn unanswered(
    state: &State,
    browser: &Browser,
    place: &Place,
    pending: &Pending,
    (visitor, why): (&Visitor, &Unanswerable),
) -> Response {
    use Unanswerable::{Context, NoIdentifier, NotAnew, OtherPerson};
    let answer = match why {
        Context | OtherPerson | NotAnew | NoIdentifier => {
            status_response(state, place, pending, why.status()).await
        }
        _ => None,
    };
    let message = why.to_string();
    let told = (visitor, why.code(), message.as_str());
    let sent = answer.as_ref().and_then(|answer| answer.xml.as_deref());
    note(state, browser, place, pending, told, sent).await;
    if let Some(answer) = answer {
        return answer.page;
    }
    let text = format!(
        "{} cannot be told who you are: {why}. An administrator can put that right.",
        place.sso.label()
    );
    page::message(StatusCode::CONFLICT, "That did not work", &text, Some(page::BACK))
}

/// The service wants nobody to be asked, and there is nobody to vouch for (SAML core §3.4.1).
async fn not_passively(state: &State, place: &Place, pending: &Pending) -> Response {
    let status = Status::failure(
        status_code::RESPONDER,
        status_code::NO_PASSIVE,
        "nobody is signed in, or has to sign in anew",
    );
    let answer = status_response(state, place, pending, status).await;
    let sent = answer.as_ref().and_then(|answer| answer.xml.as_deref());
    let cause = place.nobodys_cause();
    received(Outcome::Failed, pending)
        .because("sso.passive", "nobody is signed in, and nobody may be asked")
        .with(Direction::Sent, "post", sent, pending.relay_state.as_deref())
        .keep(state, &cause, place, Action::SignIn)
        .await;
    match answer {
        Some(answer) => answer.page,
        None => page::see_other(&target::sign_in(&pending.address(state, place))),
    }
}

/// What a service is answered that has asked in vain.
struct StatusAnswer {
    /// None, if it could not be made.
    xml: Option<String>,
    page: Response,
}

/// Answers the service's request with a status that is no success; nothing if it has not asked.
async fn status_response(
    state: &State,
    place: &Place,
    pending: &Pending,
    status: Status,
) -> Option<StatusAnswer> {
    let asked = pending.asked();
    let to = AnswerTo {
        consumer: asked.consumer,
        request_id: asked.request_id?,
    };
    let sso = (&place.sso, &place.saml);
    Some(match state.federation.refuse(place.org, sso, &to, status).await {
        Ok(xml) => {
            let fields = post::encode(Kind::Response, &xml, pending.relay_state.as_deref());
            StatusAnswer {
                xml: Some(xml),
                page: hand_on(place.sso.label(), &to.consumer, &fields),
            }
        }
        Err(error) => StatusAnswer {
            xml: None,
            page: troubled(&error),
        },
    })
}

async fn another_organization(state: &State, place: &Place, pending: &Pending) -> Response {
    let cause = place.nobodys_cause();
    received(Outcome::Failed, pending)
        .because("sso.other_organization", "somebody of another organization came")
        .keep(state, &cause, place, Action::SignIn)
        .await;
    let text = format!(
        "You are signed in to another organization than {} belongs to.",
        place.sso.label()
    );
    let to = target::sign_in(&pending.address(state, place));
    let link = Some((to.as_str(), "Sign in with another account"));
    page::message(StatusCode::FORBIDDEN, "Another account is needed", &text, link)
}

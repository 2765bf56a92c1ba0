//! `/Me`: the person to whom the token belongs (RFC 7644 §3.11), and Webex's own address for the same.

use axum::extract::State as Extract;
use axum::response::Response;
use base::UserId;
use http::header::LOCATION;

use super::Failure;
use super::body::Body;
use super::location::{self, Base};
use super::users::{self, One};
use super::version::Preconditions;
use crate::State;
use crate::middleware::context::{Caller, Params};
use crate::middleware::form::Manner;

/// `GET /Me`.
pub async fn read(
    state: Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
) -> Result<Response, Failure> {
    let me = me(&caller)?;
    let place = base.user(me);
    let answer = users::read(state, caller, base, params, preconditions, One::of(me));
    Ok(at(&place, answer.await?))
}

/// `GET /identity/scim/v2/Users/me`: the organization is the token's.
pub async fn read_without_organization(
    state: Extract<State>,
    caller: Caller,
    manner: Manner,
    params: Params,
    preconditions: Preconditions,
) -> Result<Response, Failure> {
    let base = Base::identity(&state, caller.principal.org, manner);
    read(state, caller, base, params, preconditions).await
}

/// `PUT /Me`.
pub async fn replace(
    state: Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
    body: Body,
) -> Result<Response, Failure> {
    let me = me(&caller)?;
    let (place, one) = (base.user(me), One::of(me));
    let answer = users::replace(state, caller, base, params, preconditions, one, body);
    Ok(at(&place, answer.await?))
}

/// `PATCH /Me`.
pub async fn patch(
    state: Extract<State>,
    caller: Caller,
    base: Base,
    params: Params,
    preconditions: Preconditions,
    body: Body,
) -> Result<Response, Failure> {
    let me = me(&caller)?;
    let (place, one) = (base.user(me), One::of(me));
    let answer = users::patch(state, caller, base, params, preconditions, one, body);
    Ok(at(&place, answer.await?))
}

fn me(caller: &Caller) -> Result<UserId, Failure> {
    let own = caller.principal.owner.filter(|_| caller.principal.home.is_none());
    own.ok_or_else(|| {
        let detail = "This token belongs to the organization's operator account or to a partner, who are no users of it: \
                      /Me answers tokens that belong to one";
        Failure(scim::Error::not_found(detail))
    })
}

/// The resource's own address goes with every answer.
fn at(place: &str, mut answer: Response) -> Response {
    location::say(answer.headers_mut(), LOCATION, place);
    answer
}

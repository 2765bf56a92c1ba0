//! Who signs out here may have come by an identity provider outside, which is told once the apps are.

use axum::response::Response;
use base::{OrgId, SessionId};
use federation::service_provider::Vouched;

use crate::State;
use crate::pages::page;
use crate::saml::service_provider::{logout_path, troubled};

/// What the identity provider has said of whoever has a session here, if one has.
pub(super) async fn of_session(
    state: &State,
    org: OrgId,
    session: SessionId,
) -> Result<Option<Vouched>, Response> {
    let said = state.access.vouched(org, session).await;
    let said = said.map_err(|error| page::troubled(&error))?;
    let read = said.map(|said| serde_json::from_str(&said)).transpose();
    read.map_err(|error| {
        let why = format!("what was said of the session {session}: {error}");
        page::troubled(&store::Error::internal(why).into())
    })
}

/// What people know the identity provider by, if it takes sign-outs.
pub(super) async fn name(
    state: &State,
    org: OrgId,
    vouched: Option<&Vouched>,
) -> Result<Option<String>, Response> {
    let Some(vouched) = vouched else {
        return Ok(None);
    };
    let found = state.federation.provider_by_id(org, vouched.provider).await;
    let takes = found
        .map_err(troubled)?
        .filter(|provider| provider.settings.logout_url.is_some());
    Ok(takes.map(|provider| provider.name))
}

/// Leads on to the identity provider, and from there back.
pub(super) fn lead(state: &State, org: OrgId, vouched: Vouched, back: Option<String>) -> Response {
    page::see_other(&logout_path(state, org, vouched, back))
}

//! The application at an address.

use axum::response::Response;
use base::{Actor, Cause, OrgId};
use federation::identity_provider::{Saml, Sso};
use http::StatusCode;
use provisioning::{App, State as AppState};

use crate::State;
use crate::middleware::context::RequestIds;
use crate::pages::page;

/// An application that people sign in to.
pub(super) struct Place {
    pub(super) org: OrgId,
    pub(super) app: App,
    pub(super) sso: Sso,
    pub(super) saml: Saml,
    pub(super) slug: String,
    pub(super) ids: RequestIds,
}

impl Place {
    /// The one at an address, or a page that there is none.
    pub(super) async fn find(state: &State, slug: &str, ids: RequestIds) -> Result<Self, Response> {
        let nowhere = || {
            let text = "There is no app at this address. It may have been removed.";
            page::failure(StatusCode::NOT_FOUND, text)
        };
        let found = state.federation.sso_at(slug).await;
        let Some((org, id)) = found.map_err(|error| troubled(&error))? else {
            return Err(nowhere());
        };
        let base = &state.config.public_url;
        let sso = match state.federation.app_sso(base, org, id).await {
            Ok(sso) => sso,
            Err(federation::Error::Sso(_)) => return Err(nowhere()),
            Err(error) => return Err(troubled(&error)),
        };
        let Some(saml) = sso.saml().cloned() else {
            return Err(nowhere());
        };
        let app = match state.provisioning.app(org, id).await {
            Ok(app) => app,
            Err(error) => return Err(failed(&error)),
        };
        Ok(Self {
            org,
            app,
            sso,
            saml,
            slug: slug.to_owned(),
            ids,
        })
    }

    /// Is anybody let in at all?
    pub(super) fn is_open(&self) -> bool {
        self.sso.active && self.app.state != AppState::Removing
    }

    /// Whom what happens before anybody is known is put down to.
    pub(super) fn nobodys_cause(&self) -> Cause {
        Cause::of(Actor::system(), self.ids.origin())
    }
}

/// A page about what went wrong on our side; the cause goes to the log.
pub fn troubled(error: &federation::Error) -> Response {
    if let federation::Error::Store(store::Error::Busy | store::Error::Unavailable(_)) = error {
        tracing::warn!(%error, "a sign-in could not be served");
        let text = "The server is busy just now. Try again in a moment.";
        return page::failure(StatusCode::SERVICE_UNAVAILABLE, text);
    }
    failed(error)
}

/// The same of whatever else failed.
pub fn failed(error: &dyn std::fmt::Display) -> Response {
    tracing::error!(%error, "a sign-in failed on our side");
    let text = "Something went wrong on our side. It has been logged.";
    page::failure(StatusCode::INTERNAL_SERVER_ERROR, text)
}

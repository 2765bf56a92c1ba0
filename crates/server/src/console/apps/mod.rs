//! The apps that people sign in to.

mod fields;
pub mod keys;
pub mod list;
pub mod sign_on;

use federation::identity_provider::{Sso, SsoError};
use provisioning::App;

use super::Console;
use crate::State;
use crate::api::{Problem, resolve};

/// An app, and what is set for signing in to it, if anything is.
async fn found(state: &State, console: &Console, app: &str) -> Result<(App, Option<Sso>), Problem> {
    let app = resolve::app(state, console.org, app).await?;
    let base = &state.config.public_url;
    match state.federation.app_sso(base, console.org, app.id).await {
        Ok(sso) => Ok((app, Some(sso))),
        Err(federation::Error::Sso(SsoError::Unset)) => Ok((app, None)),
        Err(error) => Err(error.into()),
    }
}

//! `/console/{org}/apps/{app}/sso/keys`: the keys by which an app's messages are signed.

use access::Permission::ManageApps;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use federation::KeyOwner;

use super::found;
use crate::State;
use crate::api::{Problem, app_sso};
use crate::console::keys::{self, Owner};
use crate::console::{Console, Said};
use crate::pages::Filled;

/// `GET /console/{org}/apps/{app}/sso/keys`.
pub async fn show(
    Extract(state): Extract<State>,
    console: Console,
    Path((_, app)): Path<(String, String)>,
) -> Response {
    let owner = owner(&state, &console, &app).await;
    keys::render(&state, &console, owner, &Said::default(), None).await
}

/// `POST /console/{org}/apps/{app}/sso/keys`: `do` is `add`, `promote` or `remove`.
pub async fn change(
    Extract(state): Extract<State>,
    console: Console,
    Path((_, app)): Path<(String, String)>,
    filled: Filled,
) -> Response {
    let owner = owner(&state, &console, &app).await;
    keys::change(&state, &console, owner, &filled).await
}

async fn owner(state: &State, console: &Console, app: &str) -> Result<Owner, Problem> {
    let (app, sso) = found(state, console, app).await?;
    if sso.and_then(|sso| sso.slug).is_none() {
        return Err(app_sso::no_saml());
    }
    Ok(Owner {
        keys_of: KeyOwner::App(app.id),
        permission: ManageApps,
        title: format!("Keys of {}", app.name),
        about: "They sign what the service is told. Give it the next one's certificate before that signs.",
        back: (console.place(&format!("/apps/{}/sso", app.id)), app.name.clone()),
        certificate_for: app.name,
    })
}

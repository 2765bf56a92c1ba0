//! `/console/{org}/sso/keys`: what signs requests and opens encrypted assertions.

use access::Permission::ManageOrganization;
use axum::extract::State as Extract;
use axum::response::Response;
use federation::KeyOwner;

use super::addresses;
use crate::State;
use crate::console::keys::{self, Owner};
use crate::console::{Console, Said};
use crate::pages::Filled;

/// `GET /console/{org}/sso/keys`.
pub async fn show(Extract(state): Extract<State>, console: Console) -> Response {
    let owner = owner(&state, &console).await;
    keys::render(&state, &console, owner, &Said::default(), None).await
}

/// `POST /console/{org}/sso/keys`: `do` is `add`, `promote` or `remove`.
pub async fn change(Extract(state): Extract<State>, console: Console, filled: Filled) -> Response {
    let owner = owner(&state, &console).await;
    keys::change(&state, &console, owner, &filled).await
}

async fn owner(state: &State, console: &Console) -> Result<Owner, federation::service_provider::Error> {
    let settings = state.federation.sso(console.org).await?.settings;
    Ok(Owner {
        keys_of: KeyOwner::ServiceProvider,
        permission: ManageOrganization,
        certificate_for: addresses(state, console).entity_id(&settings),
        title: "Our own keys".to_owned(),
        about: "They sign our requests to identity providers, and open what is encrypted for us.",
        back: (console.place("/sso"), "Single sign-on".to_owned()),
    })
}

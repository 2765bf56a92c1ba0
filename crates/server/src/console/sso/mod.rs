//! Single sign-on of the organization: identity providers outside vouch for its people.

pub mod fields;
pub mod keys;
pub mod new_provider;
pub mod organization;
pub mod provider;
pub mod routes;
pub mod subjects;

use federation::service_provider::Addresses;

use super::Console;
use crate::State;

fn addresses(state: &State, console: &Console) -> Addresses {
    Addresses::new(&state.config.public_url, console.org)
}

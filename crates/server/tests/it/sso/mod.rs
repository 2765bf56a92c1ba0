//! Signing in to apps by SAML, as a service and a browser see it.

mod algorithms;
mod both_ends;
mod demands;
mod effects;
mod federated;
mod portal;
pub(crate) mod service;
mod set_up;
mod settings;
mod sign_in;
mod sign_out;
mod sign_out_answers;
mod sign_out_way;
mod traces;
mod turned_back;
mod way_on;
mod who_is_let_in;

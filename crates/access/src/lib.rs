//! Who is it, and may they: bearer tokens, roles, scopes and the one authorisation table.
//!
//! A [`Principal`] is what a valid token turns into. What it may do is its owner's role *and* its scopes,
//! judged anew at each request by [`Principal::may`]; nothing is copied into the token when it is made.

mod error;
mod expiry;
mod password;
mod permission;
mod principal;
mod role;
mod scope;
mod token;
mod tokens;
mod vouched;

pub use error::Error;
pub use password::{generate_password, hash_password};
pub use permission::{Permission, Refusal};
pub use principal::Principal;
pub use role::Role;
pub use scope::{Scope, Scopes, UnknownScope};
pub use token::{Access, Authenticated, IssuedToken, NewToken, Owner, Person};
pub use tokens::{Standing, TokenView};

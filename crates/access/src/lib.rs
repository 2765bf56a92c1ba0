//! Who is it, and may they: sign-in, sessions, bearer tokens, roles, scopes and the one authorisation table.
//!
//! A [`Principal`] is what a valid token turns into. What it may do is its owner's role *and* its scopes,
//! judged anew at each request by [`Principal::may`]; nothing is copied into the token when it is made.
//! A [`Visitor`] is what a valid session turns into, likewise judged anew.

mod client_changes;
mod client_credentials;
mod clients;
mod common;
mod error;
mod expiry;
mod factors;
mod federated;
mod fresh;
mod given;
mod grant_types;
mod inspect;
mod invitations;
mod issue;
mod lifetimes;
mod limits;
mod once;
mod partners;
mod passkeys;
mod password;
mod passwords;
mod permission;
mod principal;
mod recovery_code;
mod registered;
mod repeats;
mod role;
mod scope;
mod second_factor;
mod sessions;
mod sign_in;
mod successor;
mod token;
mod tokens;
mod totp;
mod visit;
mod vouched;

pub use client_changes::{ClientChange, MOST_OVERLAP_HOURS};
pub use clients::{GUIDE_CLIENT, PublicClient};
pub use error::Error;
pub use factors::{Enrolled, Factors, NewAuthenticator, demands_factor};
pub use federated::Federated;
pub use given::GrantView;
pub use grant_types::{GrantType, GrantTypes};
pub use inspect::Inspected;
pub use invitations::{Answerable, Asked};
pub use issue::{Allowed, GrantError, Issued, Presented};
pub use limits::of_network;
pub use partners::{Customer, PartnerStanding, PartnerView};
pub use passkeys::{Ceremony, Origin, PasskeyView};
pub use password::{SHORTEST, Weakness, generate_password, hash_password};
pub use passwords::{Kept, Reset};
pub use permission::{Permission, Reach, Refusal};
pub use principal::Principal;
pub use registered::{ClientKind, NewClient, RegisteredClient, Registration};
pub use repeats::{MOST_KEYS, Repeat, RepeatKey};
pub use role::Role;
pub use scope::{Scope, Scopes, UnknownScope};
pub use second_factor::Evidence;
pub use sessions::{SessionView, Visitor, form_token, is_form_token};
pub use sign_in::Candidate;
pub use successor::{Replaced, Replacement, USUAL_OVERLAP_HOURS};
pub use token::{Access, Authenticated, IssuedToken, NewToken, Owner, Person};
pub use tokens::{Standing, TokenView};
pub use visit::{SECURITY, Visit};

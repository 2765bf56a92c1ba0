//! Every table, on SQLite and PostgreSQL.
//!
//! The upper floors open a [`Store`], ask through [`Query`] and change through [`Write`]. There is one module per
//! resource; its functions are composed inside a `Write`, so that a change, its feed entry and its event are one
//! transaction. A function that changes people, groups or members appends to the change feed by itself.
//!
//! Every statement is bound to one organization, but for organizations themselves, and the look-ups of a token's hash, of an address that
//! somebody signs in by, of who has verified a domain, and of the application that is reached at an address.

pub mod apps;
pub mod assignments;
pub mod changes;
mod conditions;
pub mod credentials;
pub mod cycles;
pub mod domains;
pub mod drift;
mod error;
pub mod events;
pub mod factors;
pub mod facts;
pub mod failures;
pub mod grants;
pub mod groups;
pub mod idempotency;
pub mod import_items;
pub mod invitations;
pub mod jobs;
pub mod judging;
mod keys;
pub mod lanes;
pub mod licences;
pub mod links;
pub mod log;
mod lookup;
pub mod mappings;
pub mod members;
pub mod memberships;
mod migrations;
pub mod notices;
pub mod oauth_clients;
pub mod organizations;
pub mod outbox;
pub mod partners;
pub mod passkeys;
pub mod plan_items;
pub mod plans;
mod portion;
mod postgres;
pub mod references;
mod rehearsal;
mod resources;
pub mod revisions;
pub mod roles;
mod row;
pub mod saml_keys;
pub mod saml_once;
pub mod saml_traces;
pub mod schemas;
pub mod sealed;
pub mod sessions;
pub mod settings;
pub mod sign_ins;
mod signal;
mod sorted;
mod sql;
mod sqlite;
pub mod sso;
pub mod sso_app_sessions;
pub mod sso_apps;
pub mod sso_name_ids;
pub mod sso_sign_outs;
mod stats;
mod store;
pub mod target_tokens;
pub mod tokens;
pub mod tombstones;
mod tx;
pub mod unique_values;
pub mod used_forms;
pub mod users;
mod value;
mod watcher;
pub mod ways;

pub use conditions::Order;
pub use error::{BoxError, Error};
pub use keys::{Attribute, Key};
pub use lookup::{Lookup, Match, Start};
pub use portion::{Amount, Portion};
pub use row::Row;
pub use sorted::{Direction, SortBy, Spot};
pub use sqlite::ServeLock;
pub use stats::{Asked, Stats};
pub use store::{Database, Reader, Store};
pub use tx::{Durability, Lock, Query, Tx, Write};
pub use value::{StoredId, Value};
pub use watcher::{Changed, Watcher};

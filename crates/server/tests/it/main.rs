//! The doors, through HTTP on a real server, on SQLite and on PostgreSQL; the modules mirror the routes.

mod administrators;
mod api;
mod asvs;
mod client;
mod console;
mod document;
mod endpoints;
mod health;
mod insights;
mod isolation;
mod oauth;
mod oauth_client_changes;
mod oauth_clients;
mod oauth_grants;
mod oauth_lifetimes;
mod oauth_registration;
mod odd_requests;
mod pages;
mod partners;
mod rate_limits;
mod record;
mod saml;
mod scim;
mod secrets;
mod serving;
mod settings;
mod sso;
mod unauthorized;
mod webex_licences;
mod world;

/// Makes two tests of each function: on a fresh world on SQLite, and on one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::world::World::sqlite().await).await;
            }
        )+ }

        mod on_postgres { $(
            #[cfg_attr(not(feature = "postgres-tests"), ignore = "needs PostgreSQL: cargo xtask test runs it")]
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::world::World::postgres().await).await;
            }
        )+ }
    };
}
pub(crate) use on_both;

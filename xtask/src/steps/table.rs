//! Which steps there are, in their order.

use super::{Step, alone, beside, cargo, programs};
use crate::scenarios;

/// Of those that run beside each other the longest begin.
pub(crate) const TEST: &[Step] = &[
    alone("fmt", "the code is formatted", cargo::fmt),
    alone("clippy", "no warning from the compiler and Clippy", cargo::clippy),
    alone("deny", "dependencies: bans, licences, sources", cargo::deny),
    alone("test", "all crates, on SQLite and PostgreSQL", cargo::test),
    beside(
        "schemathesis",
        "schemathesis against the admin API, by its OpenAPI document",
        scenarios::schemathesis,
    ),
    beside(
        "kills-postgres",
        "the engine's process is killed 20 times in an initial cycle, PostgreSQL",
        scenarios::kills_postgres,
    ),
    beside(
        "answers",
        "every SCIM answer of the server's tests, judged by scim2-models",
        programs::answers,
    ),
    beside("demo", "the demo with 2,000 people", programs::demo),
    beside(
        "in-step-sqlite",
        "hub and directory compared from outside, changes in bulk, SQLite",
        scenarios::in_step_sqlite,
    ),
    beside(
        "in-step-postgres",
        "the same on PostgreSQL",
        scenarios::in_step_postgres,
    ),
    beside(
        "in-step-alone",
        "the same with each change sent by itself, SQLite",
        scenarios::in_step_alone,
    ),
    beside(
        "kills-sqlite",
        "the same as kills-postgres, SQLite",
        scenarios::kills_sqlite,
    ),
    beside(
        "licence-kills",
        "the process is killed in the middle of a licence run, SQLite",
        scenarios::licence_kills_sqlite,
    ),
    beside(
        "licence-kills-postgres",
        "the same on PostgreSQL",
        scenarios::licence_kills_postgres,
    ),
    beside(
        "two-nodes",
        "two servers on one PostgreSQL, each killed once in an initial cycle",
        scenarios::two_nodes,
    ),
    beside(
        "soak-sqlite",
        "64 clients, and the server killed in the middle of their writes, SQLite",
        scenarios::soak_sqlite,
    ),
    beside(
        "soak-postgres",
        "the same on PostgreSQL",
        scenarios::soak_postgres,
    ),
    beside(
        "bad-input",
        "bad input is a clear error at each door",
        scenarios::bad_input,
    ),
    beside(
        "foreign-target",
        "the engine keeps scim2-server in step, people and groups",
        scenarios::foreign_target,
    ),
    beside(
        "foreign-target-node",
        "the engine keeps scimmy-routers in step, people and groups",
        scenarios::foreign_target_node,
    ),
    beside(
        "foreign-client",
        "scim2-tester against the service, SQLite",
        scenarios::foreign_client_sqlite,
    ),
    beside(
        "foreign-client-postgres",
        "the same on PostgreSQL",
        scenarios::foreign_client_postgres,
    ),
    beside(
        "post",
        "mail arrives at a sink by another author",
        scenarios::post,
    ),
    beside(
        "post-postgres",
        "the same on PostgreSQL",
        scenarios::post_postgres,
    ),
    beside(
        "domains",
        "a domain is verified by a DNS server of our own, and claimed",
        scenarios::domains,
    ),
    beside(
        "post-tls",
        "mail under TLS arrives there, and at nobody else",
        scenarios::post_tls,
    ),
    beside(
        "ritual",
        "Chromium gets a token as the Webex guides say, and provisions with it",
        scenarios::ritual,
    ),
    beside(
        "console",
        "Chromium sets single sign-on up in the consoles of a directory and a hub, and somebody signs in",
        scenarios::console,
    ),
    beside(
        "oauth-client",
        "requests-oauthlib as a client of the authorization server, every grant",
        scenarios::oauth_client,
    ),
    beside(
        "saml-idp",
        "pysaml2 as an identity provider: sign-ins of every kind, accounts, logout, judged by schemas and xmlsec1",
        scenarios::saml_idp,
    ),
    beside(
        "saml-both-ends",
        "our identity provider signs people in at our service provider, in two installations, over HTTP alone",
        scenarios::saml_both_ends,
    ),
    beside(
        "saml-pysaml2",
        "pysaml2 as the service of an app: signed and encrypted in every way, by passkey in Chromium; judged by schemas and xmlsec1",
        scenarios::saml_pysaml2,
    ),
    beside(
        "saml-node",
        "node-saml as the service of an app, sign-in and sign-out",
        scenarios::saml_node,
    ),
    beside(
        "saml-mellon",
        "Chromium signs in to an Apache with mod_auth_mellon, and out",
        scenarios::saml_mellon,
    ),
    beside(
        "webex-client",
        "wxc_sdk against the service, SQLite",
        scenarios::webex_client_sqlite,
    ),
    beside(
        "webex-client-postgres",
        "the same on PostgreSQL",
        scenarios::webex_client_postgres,
    ),
];

pub(crate) const SOAK: &[Step] = &[
    alone("soak", "the tests named soak_…, built for release", cargo::soak),
    alone(
        "soak-sqlite",
        "64 clients for 60 s, and the server killed in the middle of their writes, SQLite",
        scenarios::soak_sqlite_long,
    ),
    alone(
        "soak-postgres",
        "the same on PostgreSQL",
        scenarios::soak_postgres_long,
    ),
    alone(
        "in-step-long",
        "hub and directory compared from outside, 5,000 people",
        scenarios::in_step_long,
    ),
    alone(
        "foreign-target-long",
        "scim2-server, 2,000 people",
        scenarios::foreign_target_long,
    ),
];

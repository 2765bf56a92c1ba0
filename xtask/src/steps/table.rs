//! Which steps there are, in their order.

use super::{Step, cargo, programs};
use crate::scenarios;

pub(crate) const TEST: &[Step] = &[
    Step {
        name: "fmt",
        what: "the code is formatted",
        run: cargo::fmt,
    },
    Step {
        name: "clippy",
        what: "no warning from the compiler and Clippy",
        run: cargo::clippy,
    },
    Step {
        name: "deny",
        what: "dependencies: bans, licences, sources",
        run: cargo::deny,
    },
    Step {
        name: "test",
        what: "all crates, on SQLite and PostgreSQL",
        run: cargo::test,
    },
    Step {
        name: "saml",
        what: "SAML's signatures and encryption against xmlsec1, messages by the schemas of OASIS",
        run: cargo::saml,
    },
    Step {
        name: "answers",
        what: "every SCIM answer of the server's tests, judged by scim2-models",
        run: programs::answers,
    },
    Step {
        name: "demo",
        what: "the demo with 2,000 people",
        run: programs::demo,
    },
    Step {
        name: "in-step-sqlite",
        what: "hub and directory compared from outside, changes in bulk, SQLite",
        run: scenarios::in_step_sqlite,
    },
    Step {
        name: "in-step-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::in_step_postgres,
    },
    Step {
        name: "in-step-alone",
        what: "the same with each change sent by itself, SQLite",
        run: scenarios::in_step_alone,
    },
    Step {
        name: "kills-sqlite",
        what: "the engine's process is killed 20 times in an initial cycle, SQLite",
        run: scenarios::kills_sqlite,
    },
    Step {
        name: "kills-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::kills_postgres,
    },
    Step {
        name: "licence-kills",
        what: "the process is killed in the middle of a licence run, SQLite",
        run: scenarios::licence_kills_sqlite,
    },
    Step {
        name: "licence-kills-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::licence_kills_postgres,
    },
    Step {
        name: "two-nodes",
        what: "two servers on one PostgreSQL, each killed once in an initial cycle",
        run: scenarios::two_nodes,
    },
    Step {
        name: "soak-sqlite",
        what: "64 clients, and the server killed in the middle of their writes, SQLite",
        run: scenarios::soak_sqlite,
    },
    Step {
        name: "soak-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::soak_postgres,
    },
    Step {
        name: "bad-input",
        what: "bad input is a clear error at each door",
        run: scenarios::bad_input,
    },
    Step {
        name: "foreign-target",
        what: "the engine keeps scim2-server in step, people and groups",
        run: scenarios::foreign_target,
    },
    Step {
        name: "foreign-target-node",
        what: "the engine keeps scimmy-routers in step, people and groups",
        run: scenarios::foreign_target_node,
    },
    Step {
        name: "foreign-client",
        what: "scim2-tester against the service, SQLite",
        run: scenarios::foreign_client_sqlite,
    },
    Step {
        name: "foreign-client-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::foreign_client_postgres,
    },
    Step {
        name: "post",
        what: "mail arrives at a sink by another author",
        run: scenarios::post,
    },
    Step {
        name: "post-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::post_postgres,
    },
    Step {
        name: "domains",
        what: "a domain is verified by a DNS server of our own, and claimed",
        run: scenarios::domains,
    },
    Step {
        name: "post-tls",
        what: "mail under TLS arrives there, and at nobody else",
        run: scenarios::post_tls,
    },
    Step {
        name: "ritual",
        what: "Chromium gets a token as the Webex guides say, and provisions with it",
        run: scenarios::ritual,
    },
    Step {
        name: "console",
        what: "Chromium sets single sign-on up in the consoles of a directory and a hub, and somebody signs in",
        run: scenarios::console,
    },
    Step {
        name: "oauth-client",
        what: "requests-oauthlib as a client of the authorization server, every grant",
        run: scenarios::oauth_client,
    },
    Step {
        name: "saml-idp",
        what: "pysaml2 as an identity provider: sign-ins of every kind, accounts, logout, judged by schemas and xmlsec1",
        run: scenarios::saml_idp,
    },
    Step {
        name: "saml-both-ends",
        what: "our identity provider signs people in at our service provider, in two installations, over HTTP alone",
        run: scenarios::saml_both_ends,
    },
    Step {
        name: "saml-pysaml2",
        what: "pysaml2 as the service of an app: signed and encrypted in every way, by passkey in Chromium; judged by schemas and xmlsec1",
        run: scenarios::saml_pysaml2,
    },
    Step {
        name: "saml-node",
        what: "node-saml as the service of an app, sign-in and sign-out",
        run: scenarios::saml_node,
    },
    Step {
        name: "saml-mellon",
        what: "Chromium signs in to an Apache with mod_auth_mellon, and out",
        run: scenarios::saml_mellon,
    },
    Step {
        name: "schemathesis",
        what: "schemathesis against the admin API, by its OpenAPI document",
        run: scenarios::schemathesis,
    },
    Step {
        name: "webex-client",
        what: "wxc_sdk against the service, SQLite",
        run: scenarios::webex_client_sqlite,
    },
    Step {
        name: "webex-client-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::webex_client_postgres,
    },
];

pub(crate) const SOAK: &[Step] = &[
    Step {
        name: "soak",
        what: "the tests named soak_…, built for release",
        run: cargo::soak,
    },
    Step {
        name: "soak-sqlite",
        what: "64 clients for 60 s, and the server killed in the middle of their writes, SQLite",
        run: scenarios::soak_sqlite_long,
    },
    Step {
        name: "soak-postgres",
        what: "the same on PostgreSQL",
        run: scenarios::soak_postgres_long,
    },
    Step {
        name: "in-step-long",
        what: "hub and directory compared from outside, 5,000 people",
        run: scenarios::in_step_long,
    },
    Step {
        name: "foreign-target-long",
        what: "scim2-server, 2,000 people",
        run: scenarios::foreign_target_long,
    },
];

//! An example of a request for every endpoint there is, with who may send it: a written list, apart from the
//! service's own register. An endpoint that is missing here fails a test.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use server::Guard;

use crate::world::Organization;

/// What an endpoint asks of its callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// Only of those who show a token.
    OpenDiscovery,
    Discovery,
    ReadUsers,
    WriteUsers,
    ReadGroups,
    WriteGroups,
    ReadLicences,
    AssignLicences,
    QueryEvents,
    Read,
    ReadEvents,
    ManagePeople,
    ManageGroups,
    ManageApps,
    ProbeApps,
    ManageLicences,
    ManageSchemas,
    ManageDomains,
    ManageOrganization,
    ManageTokens,
    ManageRoles,
    ManagePartners,
    OwnToken,
    /// A client of the authorization server says who it is.
    Client,
    /// A page for every browser.
    Browser,
    /// An address to which other sites send browsers with a message.
    Message,
    /// A page for whoever is signed in.
    SignedIn,
}

impl Needs {
    /// The scopes of which a token must have one.
    pub(crate) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Nothing | Self::Client | Self::Browser | Self::Message | Self::SignedIn => &[],
            Self::Discovery | Self::OpenDiscovery => &[
                "Identity:SCIM",
                "spark:people_read",
                "spark:people_write",
                "identity:people_read",
                "identity:people_rw",
                "identity:groups_read",
                "identity:groups_rw",
            ],
            Self::ReadUsers => &[
                "Identity:SCIM",
                "spark:people_read",
                "identity:people_read",
                "identity:people_rw",
            ],
            Self::WriteUsers => &["Identity:SCIM", "spark:people_write", "identity:people_rw"],
            Self::ReadGroups => &["Identity:SCIM", "identity:groups_read", "identity:groups_rw"],
            Self::WriteGroups => &["Identity:SCIM", "identity:groups_rw"],
            Self::ReadLicences => &["spark-admin:licenses_read", "instep:read", "instep:admin"],
            Self::AssignLicences => &["spark-admin:people_write", "instep:admin"],
            Self::OwnToken => &[
                "Identity:SCIM",
                "spark:people_read",
                "spark:people_write",
                "identity:people_read",
                "identity:people_rw",
                "identity:groups_read",
                "identity:groups_rw",
                "identity:organizations_rw",
                "spark-admin:licenses_read",
                "spark-admin:people_write",
                "audit:events_read",
                "instep:read",
                "instep:admin",
            ],
            Self::QueryEvents => &["audit:events_read"],
            Self::Read | Self::ReadEvents => &["instep:read", "instep:admin"],
            Self::ManagePeople
            | Self::ManageGroups
            | Self::ManageApps
            | Self::ProbeApps
            | Self::ManageLicences
            | Self::ManageSchemas
            | Self::ManageOrganization
            | Self::ManageTokens
            | Self::ManageRoles
            | Self::ManagePartners => &["instep:admin"],
            Self::ManageDomains => &["identity:organizations_rw", "instep:admin"],
        }
    }

    /// The roles of which a token's owner must have one.
    pub(crate) fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Nothing | Self::Client | Self::Browser | Self::Message | Self::SignedIn => &[
                "id_full_admin",
                "id_user_admin",
                "id_group_admin",
                "id_support_admin",
                "id_readonly_admin",
                "id_compliance_officer",
                "none",
            ],
            Self::QueryEvents | Self::ReadEvents | Self::OwnToken => &[
                "id_full_admin",
                "id_user_admin",
                "id_group_admin",
                "id_support_admin",
                "id_readonly_admin",
                "id_compliance_officer",
            ],
            Self::OpenDiscovery
            | Self::Discovery
            | Self::ReadUsers
            | Self::ReadGroups
            | Self::ReadLicences
            | Self::Read => &[
                "id_full_admin",
                "id_user_admin",
                "id_group_admin",
                "id_support_admin",
                "id_readonly_admin",
            ],
            Self::WriteUsers | Self::AssignLicences | Self::ManagePeople => {
                &["id_full_admin", "id_user_admin"]
            }
            Self::WriteGroups | Self::ManageGroups => &["id_full_admin", "id_group_admin"],
            Self::ProbeApps => &["id_full_admin", "id_support_admin"],
            Self::ManageApps
            | Self::ManageLicences
            | Self::ManageSchemas
            | Self::ManageDomains
            | Self::ManageOrganization
            | Self::ManageTokens
            | Self::ManageRoles
            | Self::ManagePartners => &["id_full_admin"],
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    pub(crate) method: Method,
    /// As it is registered: `/v1/scim/{org}/Users/{id}`.
    pub(crate) template: String,
    pub(crate) needs: Needs,
    pub(crate) body: Option<Value>,
}

/// What stands in the places of a template.
pub(crate) struct Places<'a> {
    pub(crate) org: &'a Organization,
    pub(crate) user: &'a str,
    pub(crate) group: &'a str,
    pub(crate) app: &'a str,
    /// Or plan.
    pub(crate) cycle: &'a str,
}

/// An id of nothing.
pub(crate) const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

impl<'a> Places<'a> {
    /// Nothing that is there.
    pub(crate) fn nowhere(org: &'a Organization) -> Self {
        Self {
            org,
            user: NOBODY,
            group: NOBODY,
            app: NOBODY,
            cycle: NOBODY,
        }
    }
}

impl Example {
    pub(crate) fn is_scim(&self) -> bool {
        self.template.contains("/scim/")
    }

    /// Does it ask for a token?
    pub(crate) fn is_guarded(&self) -> bool {
        !self.is_page() && ![Needs::Nothing, Needs::Client].contains(&self.needs)
    }

    pub(crate) fn is_page(&self) -> bool {
        [Needs::Browser, Needs::Message, Needs::SignedIn].contains(&self.needs)
    }

    /// Is it one of Webex's REST APIs?
    pub(crate) fn is_webex(&self) -> bool {
        self.template.starts_with("/v1/licenses")
    }

    pub(crate) fn is_insights(&self) -> bool {
        self.template.starts_with("/insights/")
    }

    /// In which media type the endpoint speaks of errors.
    pub(crate) fn error_type(&self) -> &'static str {
        if self.is_scim() {
            "application/scim+json"
        } else if self.is_insights() || self.is_webex() {
            "application/json"
        } else {
            "application/problem+json"
        }
    }

    /// Does the path name something of the organization's own?
    pub(crate) fn names_something(&self) -> bool {
        ["{id}", "{person}", "{group}", "{app}", "{domain}"]
            .iter()
            .any(|place| self.template.contains(place))
    }

    pub(crate) fn path(&self, places: &Places<'_>) -> String {
        let one = if self.template.contains("/Groups") {
            places.group
        } else {
            places.user
        };
        self.template
            .replace("{org}", &places.org.id.to_string())
            .replace("{id}", one)
            .replace("{person}", places.user)
            .replace("{group}", places.group)
            .replace("{app}", places.app)
            .replace("{cycle}", places.cycle)
            .replace("{entry}", NOBODY)
            .replace("{plan}", places.cycle)
            .replace("{job}", places.cycle)
            .replace("{target}", "title")
            .replace("{token}", NOBODY)
            .replace("{client}", NOBODY)
            .replace("{partner}", NOBODY)
            .replace("{session}", NOBODY)
            .replace("{licence}", NOBODY)
            .replace("{license}", NOBODY)
            .replace("{run}", NOBODY)
            .replace("{domain}", "nowhere.example")
            .replace("{grant}", NOBODY)
            .replace("{key}", NOBODY)
            .replace("{sso_key}", NOBODY)
            .replace("{trace}", NOBODY)
            .replace("{slug}", "nowhere")
            .replace("{preset}", "scim")
            .replace("{name}", "User")
            .replace("{urn}", "urn:ietf:params:scim:schemas:core:2.0:User")
    }
}

pub(crate) fn examples() -> Vec<Example> {
    let mut all = Vec::new();
    for base in ["/v1/scim/{org}", "/identity/scim/{org}/v2"] {
        all.extend(scim().into_iter().map(|example| under(base, example)));
    }
    all.extend(api().into_iter().map(|example| under("/api/v1", example)));
    let me = (Method::GET, "/identity/scim/v2/Users/me", Needs::ReadUsers, None);
    all.push(under("", me));
    let expiry = (
        Method::GET,
        "/v1/authorizations/tokenExpiry",
        Needs::OwnToken,
        None,
    );
    all.push(under("", expiry));
    let assign = json!({ "email": "nobody@example.com", "licenses": [{ "id": NOBODY }] });
    all.extend(
        [
            (Method::GET, "/v1/licenses", Needs::ReadLicences, None),
            (Method::GET, "/v1/licenses/{license}", Needs::ReadLicences, None),
            (
                Method::PATCH,
                "/v1/licenses/users",
                Needs::AssignLicences,
                Some(assign),
            ),
        ]
        .map(|example| under("", example)),
    );
    let events = json!({ "service": ["all"], "start_time": "2020-01-01T00:00:00Z" });
    all.push(under(
        "",
        (
            Method::POST,
            "/insights/directory/v1/events",
            Needs::QueryEvents,
            Some(events),
        ),
    ));
    all.extend(domain_actions().into_iter().map(|example| under("", example)));
    all.extend(open().into_iter().map(|example| under("", example)));
    all
}

type Row = (Method, &'static str, Needs, Option<Value>);

fn under(base: &str, (method, path, needs, body): Row) -> Example {
    Example {
        method,
        template: format!("{base}{path}"),
        needs,
        body,
    }
}

/// Everything that is open to nobody in particular.
fn open() -> Vec<Row> {
    vec![
        (Method::GET, "/healthz", Needs::Nothing, None),
        (Method::GET, "/readyz", Needs::Nothing, None),
        (
            Method::GET,
            "/.well-known/oauth-authorization-server",
            Needs::Nothing,
            None,
        ),
        (Method::GET, "/idb/oauth2/v1/authorize", Needs::Browser, None),
        (Method::GET, "/v1/authorize", Needs::Browser, None),
        (Method::GET, "/idb/saml2/jsp/doSSO.jsp", Needs::Browser, None),
        (Method::POST, "/idb/oauth2/v1/authorize", Needs::SignedIn, None),
        (Method::POST, "/idb/oauth2/v1/access_token", Needs::Client, None),
        (Method::POST, "/v1/access_token", Needs::Client, None),
        (Method::POST, "/idb/oauth2/v1/revoke", Needs::Client, None),
        (Method::POST, "/idb/oauth2/v1/introspect", Needs::Client, None),
        (Method::GET, "/sign-in", Needs::Browser, None),
        (Method::POST, "/sign-in", Needs::Browser, None),
        (Method::POST, "/sign-in/organization", Needs::Browser, None),
        (Method::POST, "/sign-in/password", Needs::Browser, None),
        (Method::POST, "/sign-in/factor", Needs::Browser, None),
        (Method::POST, "/sign-in/passkey", Needs::Browser, None),
        (Method::POST, "/sign-in/authenticator", Needs::Browser, None),
        (Method::GET, "/signed-out", Needs::Browser, None),
        (Method::GET, "/invitation", Needs::Browser, None),
        (Method::POST, "/invitation", Needs::Browser, None),
        (Method::GET, "/assets/instep.css", Needs::Browser, None),
        (Method::GET, "/assets/instep.svg", Needs::Browser, None),
        (Method::GET, "/assets/passkeys.js", Needs::Browser, None),
        (Method::GET, "/assets/saml-post.js", Needs::Browser, None),
        (Method::GET, "/assets/read-file.js", Needs::Browser, None),
        (
            Method::POST,
            "/idb/Consumer/metaAlias/{org}/sp",
            Needs::Message,
            None,
        ),
        (
            Method::GET,
            "/idb/Consumer/metaAlias/{org}/sp",
            Needs::Message,
            None,
        ),
        (Method::GET, "/idb/saml2/{org}/login", Needs::Message, None),
        (Method::GET, "/idb/saml2/{org}/landing", Needs::Message, None),
        (Method::GET, "/idb/saml2/{org}/tested", Needs::Message, None),
        (Method::GET, "/idb/saml2/{org}/refused", Needs::Message, None),
        (Method::GET, "/idb/saml2/{org}/target", Needs::Message, None),
        (Method::GET, "/idb/saml2/{org}/logout", Needs::Message, None),
        (Method::POST, "/idb/saml2/{org}/logout", Needs::Message, None),
        (Method::GET, "/idb/saml2/{org}/recover", Needs::Browser, None),
        (Method::POST, "/idb/saml2/{org}/recover", Needs::Browser, None),
        (Method::GET, "/idb/saml2/{org}/metadata", Needs::Message, None),
        (Method::GET, "/saml2/{slug}", Needs::Message, None),
        (Method::POST, "/saml2/{slug}", Needs::Message, None),
        (Method::GET, "/saml2/{slug}/continue", Needs::Browser, None),
        (Method::GET, "/saml2/{slug}/metadata", Needs::Browser, None),
        (Method::GET, "/saml2/{slug}/logout", Needs::Message, None),
        (Method::POST, "/saml2/{slug}/logout", Needs::Message, None),
        (Method::GET, "/saml2/{slug}/sign-out", Needs::Browser, None),
        (Method::GET, "/account", Needs::SignedIn, None),
        (Method::GET, "/account/confirm", Needs::SignedIn, None),
        (Method::POST, "/account/confirm", Needs::SignedIn, None),
        (Method::GET, "/account/authenticator", Needs::SignedIn, None),
        (Method::POST, "/account/authenticator", Needs::SignedIn, None),
        (
            Method::POST,
            "/account/authenticator/remove",
            Needs::SignedIn,
            None,
        ),
        (Method::POST, "/account/recovery-codes", Needs::SignedIn, None),
        (Method::POST, "/account/confirm/passkey", Needs::SignedIn, None),
        (Method::GET, "/account/passkey", Needs::SignedIn, None),
        (Method::POST, "/account/passkey", Needs::SignedIn, None),
        (Method::POST, "/account/passkey/remove", Needs::SignedIn, None),
        (Method::POST, "/account/grants", Needs::SignedIn, None),
        (Method::POST, "/account/tokens", Needs::SignedIn, None),
        (Method::POST, "/account/tokens/replace", Needs::SignedIn, None),
        (Method::POST, "/account/partners", Needs::SignedIn, None),
        (Method::GET, "/account/token", Needs::SignedIn, None),
        (Method::POST, "/account/token", Needs::SignedIn, None),
        (Method::POST, "/account/password", Needs::SignedIn, None),
        (Method::POST, "/account/sessions", Needs::SignedIn, None),
        (Method::GET, "/portal", Needs::SignedIn, None),
        (Method::GET, "/console", Needs::SignedIn, None),
        (Method::GET, "/console/{org}", Needs::SignedIn, None),
        (Method::GET, "/console/{org}/sso", Needs::SignedIn, None),
        (Method::POST, "/console/{org}/sso", Needs::SignedIn, None),
        (
            Method::GET,
            "/console/{org}/sso/new-provider",
            Needs::SignedIn,
            None,
        ),
        (
            Method::POST,
            "/console/{org}/sso/new-provider",
            Needs::SignedIn,
            None,
        ),
        (
            Method::GET,
            "/console/{org}/sso/providers/{provider}",
            Needs::SignedIn,
            None,
        ),
        (
            Method::POST,
            "/console/{org}/sso/providers/{provider}",
            Needs::SignedIn,
            None,
        ),
        (Method::GET, "/console/{org}/sso/routes", Needs::SignedIn, None),
        (Method::POST, "/console/{org}/sso/routes", Needs::SignedIn, None),
        (Method::GET, "/console/{org}/sso/keys", Needs::SignedIn, None),
        (Method::POST, "/console/{org}/sso/keys", Needs::SignedIn, None),
        (Method::GET, "/console/{org}/sso/subjects", Needs::SignedIn, None),
        (Method::POST, "/console/{org}/sso/subjects", Needs::SignedIn, None),
        (Method::GET, "/console/{org}/apps", Needs::SignedIn, None),
        (Method::POST, "/console/{org}/apps", Needs::SignedIn, None),
        (
            Method::GET,
            "/console/{org}/apps/{app}/sso",
            Needs::SignedIn,
            None,
        ),
        (
            Method::POST,
            "/console/{org}/apps/{app}/sso",
            Needs::SignedIn,
            None,
        ),
        (
            Method::GET,
            "/console/{org}/apps/{app}/sso/keys",
            Needs::SignedIn,
            None,
        ),
        (
            Method::POST,
            "/console/{org}/apps/{app}/sso/keys",
            Needs::SignedIn,
            None,
        ),
        (Method::GET, "/console/{org}/saml-traces", Needs::SignedIn, None),
        (Method::POST, "/console/{org}/saml-traces", Needs::SignedIn, None),
        (
            Method::GET,
            "/console/{org}/saml-traces/{trace}",
            Needs::SignedIn,
            None,
        ),
        (Method::GET, "/sign-out", Needs::SignedIn, None),
        (Method::POST, "/sign-out", Needs::SignedIn, None),
    ]
}

/// Webex's own addresses. What is named is no domain.
fn domain_actions() -> Vec<Row> {
    let row = |path, body| (Method::POST, path, Needs::ManageDomains, Some(body));
    let named = || json!({ "domain": "" });
    vec![
        row(
            "/identity/organizations/{org}/actions/getDomainVerificationToken",
            named(),
        ),
        row("/identity/organizations/{org}/actions/verifyDomain", named()),
        row(
            "/identity/organizations/{org}/actions/claimDomain",
            json!({ "data": [named()] }),
        ),
        row("/identity/organizations/{org}/actions/unclaimDomain", named()),
        row("/identity/organizations/{org}/actions/unverifyDomain", named()),
    ]
}

fn scim() -> Vec<Row> {
    use Needs::{Discovery, OpenDiscovery, ReadGroups, ReadUsers, WriteGroups, WriteUsers};
    let user = || Some(json!({ "userName": "example@example.com" }));
    let group = || Some(json!({ "displayName": "Example" }));
    let patch =
        || Some(json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": "Changed" }] }));
    let search = || Some(json!({ "filter": "userName pr" }));
    let bulk = || Some(json!({ "Operations": [] }));
    vec![
        (Method::GET, "/Users", ReadUsers, None),
        (Method::POST, "/Users", WriteUsers, user()),
        (Method::GET, "/Users/{id}", ReadUsers, None),
        (Method::PUT, "/Users/{id}", WriteUsers, user()),
        (Method::PATCH, "/Users/{id}", WriteUsers, patch()),
        (Method::DELETE, "/Users/{id}", WriteUsers, None),
        (Method::GET, "/Groups", ReadGroups, None),
        (Method::POST, "/Groups", WriteGroups, group()),
        (Method::GET, "/Groups/{id}", ReadGroups, None),
        (Method::GET, "/Groups/{id}/Members", ReadGroups, None),
        (Method::PUT, "/Groups/{id}", WriteGroups, group()),
        (Method::PATCH, "/Groups/{id}", WriteGroups, patch()),
        (Method::DELETE, "/Groups/{id}", WriteGroups, None),
        (Method::GET, "/ServiceProviderConfig", OpenDiscovery, None),
        (Method::GET, "/ResourceTypes", Discovery, None),
        (Method::GET, "/ResourceTypes/{name}", Discovery, None),
        (Method::GET, "/Schemas", Discovery, None),
        (Method::GET, "/Schemas/{urn}", Discovery, None),
        (Method::POST, "/Bulk", WriteUsers, bulk()),
        (Method::GET, "/Me", ReadUsers, None),
        (Method::PUT, "/Me", WriteUsers, user()),
        (Method::PATCH, "/Me", WriteUsers, patch()),
        (Method::GET, "", ReadUsers, None),
        (Method::POST, "/.search", ReadUsers, search()),
        (Method::POST, "/Users/.search", ReadUsers, search()),
        (Method::POST, "/Groups/.search", ReadGroups, search()),
    ]
}

fn api() -> Vec<Row> {
    use Needs::{
        ManageApps, ManageDomains, ManageGroups, ManageLicences, ManageOrganization, ManagePartners,
        ManagePeople, ManageRoles, ManageSchemas, ManageTokens, ProbeApps, Read, ReadEvents,
    };
    let nothing = || Some(json!({}));
    vec![
        (Method::GET, "/organization", Read, None),
        (
            Method::PATCH,
            "/organization",
            ManageOrganization,
            Some(json!({ "settings": {} })),
        ),
        (Method::GET, "/people", Read, None),
        (
            Method::POST,
            "/people",
            ManagePeople,
            Some(json!({ "user_name": "example@example.com" })),
        ),
        (
            Method::POST,
            "/people/import",
            ManagePeople,
            Some(json!("no staff file")),
        ),
        (Method::GET, "/people/{person}", Read, None),
        (
            Method::PATCH,
            "/people/{person}",
            ManagePeople,
            Some(json!({ "active": false })),
        ),
        (Method::DELETE, "/people/{person}", ManagePeople, None),
        (Method::GET, "/groups", Read, None),
        (
            Method::POST,
            "/groups",
            ManageGroups,
            Some(json!({ "display_name": "Example" })),
        ),
        (Method::GET, "/groups/{group}", Read, None),
        (
            Method::PATCH,
            "/groups/{group}",
            ManageGroups,
            Some(json!({ "display_name": "Example" })),
        ),
        (Method::DELETE, "/groups/{group}", ManageGroups, None),
        (Method::GET, "/groups/{group}/members", Read, None),
        (
            Method::POST,
            "/groups/{group}/members",
            ManageGroups,
            Some(json!({ "remove": [] })),
        ),
        (Method::GET, "/apps", Read, None),
        (
            Method::POST,
            "/apps",
            ManageApps,
            Some(json!({ "template": "webex" })),
        ),
        (Method::GET, "/apps/{app}", Read, None),
        (
            Method::PATCH,
            "/apps/{app}",
            ManageApps,
            Some(json!({ "name": "Changed" })),
        ),
        (Method::DELETE, "/apps/{app}", ManageApps, None),
        (Method::POST, "/apps/{app}/pause", ManageApps, nothing()),
        (Method::POST, "/apps/{app}/resume", ManageApps, nothing()),
        (Method::POST, "/apps/{app}/deactivate", ManageApps, nothing()),
        (Method::POST, "/apps/{app}/activate", ManageApps, nothing()),
        (Method::POST, "/apps/{app}/test", ProbeApps, nothing()),
        (Method::GET, "/apps/{app}/status", Read, None),
        (Method::POST, "/apps/{app}/plan", ProbeApps, nothing()),
        (
            Method::POST,
            "/apps/{app}/preview",
            ProbeApps,
            Some(json!({ "person": NOBODY })),
        ),
        (Method::GET, "/apps/{app}/why/{person}", Read, None),
        (
            Method::POST,
            "/apps/{app}/provision-on-demand",
            ManageApps,
            Some(json!({ "person": NOBODY })),
        ),
        (Method::GET, "/apps/{app}/plans", Read, None),
        (Method::POST, "/apps/{app}/plans", ManageApps, nothing()),
        (Method::GET, "/apps/{app}/plans/{plan}", Read, None),
        (Method::GET, "/apps/{app}/plans/{plan}/items", Read, None),
        (
            Method::POST,
            "/apps/{app}/plans/{plan}/approve",
            ManageApps,
            Some(json!({ "revision": 1 })),
        ),
        (
            Method::POST,
            "/apps/{app}/plans/{plan}/discard",
            ManageApps,
            nothing(),
        ),
        (Method::POST, "/apps/{app}/retry", ManageApps, nothing()),
        (Method::POST, "/apps/{app}/sync", ManageApps, nothing()),
        (Method::POST, "/apps/{app}/reconcile", ManageApps, nothing()),
        (Method::GET, "/apps/{app}/drift", Read, None),
        (Method::GET, "/apps/{app}/import/accounts", ManageApps, None),
        (Method::POST, "/apps/{app}/import", ManageApps, nothing()),
        (Method::GET, "/apps/{app}/import", Read, None),
        (Method::GET, "/apps/{app}/import/{job}", Read, None),
        (Method::GET, "/apps/{app}/import/{job}/items", Read, None),
        (Method::GET, "/apps/{app}/cycles", Read, None),
        (Method::GET, "/apps/{app}/cycles/{cycle}", Read, None),
        (Method::GET, "/apps/{app}/filter", Read, None),
        (
            Method::PUT,
            "/apps/{app}/filter",
            ManageApps,
            Some(json!({ "groups": [] })),
        ),
        (Method::GET, "/apps/{app}/mappings", Read, None),
        (
            Method::PUT,
            "/apps/{app}/mappings",
            ManageApps,
            Some(json!({ "mappings": [] })),
        ),
        (
            Method::POST,
            "/apps/{app}/mappings",
            ManageApps,
            Some(json!({ "mapping": { "source": "none", "target": "title" } })),
        ),
        (
            Method::PATCH,
            "/apps/{app}/mappings/{target}",
            ManageApps,
            Some(json!({ "apply": "always" })),
        ),
        (Method::DELETE, "/apps/{app}/mappings/{target}", ManageApps, None),
        (
            Method::POST,
            "/apps/{app}/restore-mappings",
            ManageApps,
            nothing(),
        ),
        (Method::GET, "/apps/{app}/synchronization-schema", Read, None),
        (
            Method::POST,
            "/apps/{app}/synchronization-schema",
            ManageApps,
            Some(json!({ "schema": {} })),
        ),
        (Method::GET, "/apps/{app}/attributes", Read, None),
        (
            Method::PUT,
            "/apps/{app}/attributes",
            ManageApps,
            Some(json!({ "custom": [] })),
        ),
        (Method::GET, "/presets", Read, None),
        (Method::GET, "/presets/{preset}", Read, None),
        (Method::GET, "/apps/{app}/assignments", Read, None),
        (Method::POST, "/apps/{app}/assignments", ManageApps, nothing()),
        (Method::GET, "/apps/{app}/sso", Read, None),
        (Method::PUT, "/apps/{app}/sso", ManageApps, nothing()),
        (Method::PATCH, "/apps/{app}/sso", ManageApps, nothing()),
        (Method::POST, "/apps/{app}/sso/activate", ManageApps, None),
        (Method::POST, "/apps/{app}/sso/deactivate", ManageApps, None),
        (
            Method::POST,
            "/apps/{app}/sso/import",
            ManageApps,
            Some(json!({ "metadata": "" })),
        ),
        (Method::GET, "/apps/{app}/sso/metadata", Read, None),
        (
            Method::POST,
            "/apps/{app}/sso/preview",
            ProbeApps,
            Some(json!({ "person": NOBODY })),
        ),
        (Method::GET, "/apps/{app}/sso/keys", Read, None),
        (Method::POST, "/apps/{app}/sso/keys", ManageApps, nothing()),
        (
            Method::POST,
            "/apps/{app}/sso/keys/{key}/promote",
            ManageApps,
            nothing(),
        ),
        (Method::DELETE, "/apps/{app}/sso/keys/{key}", ManageApps, None),
        (Method::GET, "/saml-traces", Read, None),
        (Method::GET, "/saml-traces/{trace}", Read, None),
        (Method::GET, "/openapi.json", Needs::Nothing, None),
        (Method::GET, "/schemas", Read, None),
        (Method::GET, "/schemas/{urn}", Read, None),
        (
            Method::PUT,
            "/schemas/{urn}",
            ManageSchemas,
            Some(json!({ "resource_type": "User", "schema": {} })),
        ),
        (Method::DELETE, "/schemas/{urn}", ManageSchemas, None),
        (Method::GET, "/tokens", Read, None),
        (
            Method::POST,
            "/tokens",
            ManageTokens,
            Some(json!({ "name": "Example" })),
        ),
        (Method::GET, "/tokens/{token}", Read, None),
        (Method::DELETE, "/tokens/{token}", ManageTokens, None),
        (
            Method::POST,
            "/tokens/{token}/successor",
            ManageTokens,
            Some(json!({ "overlap_hours": 0 })),
        ),
        (
            Method::PUT,
            "/people/{person}/role",
            ManageRoles,
            Some(json!({ "role": "none" })),
        ),
        (Method::POST, "/people/{person}/invitation", ManagePeople, None),
        (Method::GET, "/people/{person}/sso-subjects", Read, None),
        (
            Method::DELETE,
            "/people/{person}/sso-subjects/{provider}",
            ManageOrganization,
            None,
        ),
        (Method::GET, "/people/{person}/licences", Read, None),
        (Method::POST, "/people/{person}/licences", ManagePeople, nothing()),
        (Method::GET, "/domains", Read, None),
        (
            Method::POST,
            "/domains",
            ManageDomains,
            Some(json!({ "domain": "" })),
        ),
        (Method::GET, "/domains/{domain}", Read, None),
        (Method::DELETE, "/domains/{domain}", ManageDomains, None),
        (Method::POST, "/domains/{domain}/token", ManageDomains, None),
        (Method::POST, "/domains/{domain}/verify", ManageDomains, None),
        (Method::POST, "/domains/{domain}/claim", ManageDomains, None),
        (Method::DELETE, "/domains/{domain}/claim", ManageDomains, None),
        (Method::GET, "/claimed-people", Read, None),
        (Method::GET, "/sso", Read, None),
        (
            Method::PATCH,
            "/sso",
            ManageOrganization,
            Some(json!({ "settings": {} })),
        ),
        (Method::POST, "/sso/activate", ManageOrganization, None),
        (Method::POST, "/sso/deactivate", ManageOrganization, None),
        (Method::GET, "/sso/metadata", Read, None),
        (Method::GET, "/sso/providers", Read, None),
        (
            Method::POST,
            "/sso/providers",
            ManageOrganization,
            Some(json!({ "name": "" })),
        ),
        (Method::GET, "/sso/providers/{provider}", Read, None),
        (
            Method::PATCH,
            "/sso/providers/{provider}",
            ManageOrganization,
            Some(json!({ "settings": { "auto_create": true } })),
        ),
        (
            Method::DELETE,
            "/sso/providers/{provider}",
            ManageOrganization,
            None,
        ),
        (Method::POST, "/sso/providers/{provider}/test", ProbeApps, None),
        (
            Method::POST,
            "/sso/providers/{provider}/activate",
            ManageOrganization,
            Some(json!({ "untested": true })),
        ),
        (
            Method::POST,
            "/sso/providers/{provider}/deactivate",
            ManageOrganization,
            None,
        ),
        (Method::GET, "/sso/providers/{provider}/configuration", Read, None),
        (
            Method::PUT,
            "/sso/providers/{provider}/configuration",
            ManageOrganization,
            Some(json!({ "login_url": "https://far.example/sso" })),
        ),
        (
            Method::POST,
            "/sso/providers/{provider}/certificates",
            ManageOrganization,
            Some(json!({ "certificate": "x" })),
        ),
        (
            Method::DELETE,
            "/sso/providers/{provider}/certificates/{certificate}",
            ManageOrganization,
            None,
        ),
        (Method::GET, "/sso/routes", Read, None),
        (
            Method::PUT,
            "/sso/routes",
            ManageOrganization,
            Some(json!({ "routes": [] })),
        ),
        (Method::GET, "/sso/keys", Read, None),
        (
            Method::POST,
            "/sso/keys",
            ManageOrganization,
            Some(json!({ "kind": "p256" })),
        ),
        (
            Method::POST,
            "/sso/keys/{sso_key}/promote",
            ManageOrganization,
            None,
        ),
        (Method::DELETE, "/sso/keys/{sso_key}", ManageOrganization, None),
        (Method::GET, "/licences", Read, None),
        (
            Method::POST,
            "/licences",
            ManageLicences,
            Some(json!({ "name": "" })),
        ),
        (Method::GET, "/licences/{licence}", Read, None),
        (
            Method::PATCH,
            "/licences/{licence}",
            ManageLicences,
            Some(json!({ "total": 1 })),
        ),
        (Method::DELETE, "/licences/{licence}", ManageLicences, None),
        (Method::GET, "/licences/{licence}/people", Read, None),
        (Method::GET, "/licence-templates", Read, None),
        (Method::GET, "/licence-templates/organization", Read, None),
        (
            Method::PUT,
            "/licence-templates/organization",
            ManageLicences,
            Some(json!({ "licences": [] })),
        ),
        (
            Method::DELETE,
            "/licence-templates/organization",
            ManageLicences,
            None,
        ),
        (Method::GET, "/licence-templates/groups/{group}", Read, None),
        (
            Method::PUT,
            "/licence-templates/groups/{group}",
            ManageLicences,
            Some(json!({ "licences": [] })),
        ),
        (
            Method::DELETE,
            "/licence-templates/groups/{group}",
            ManageLicences,
            None,
        ),
        (Method::GET, "/licence-report", Read, None),
        (Method::GET, "/licence-runs", Read, None),
        (Method::GET, "/licence-runs/{run}", Read, None),
        (Method::GET, "/licence-runs/{run}/items", Read, None),
        (Method::GET, "/clients", Read, None),
        (
            Method::POST,
            "/clients",
            ManageTokens,
            Some(json!({ "name": "" })),
        ),
        (Method::GET, "/clients/{client}", Read, None),
        (
            Method::PATCH,
            "/clients/{client}",
            ManageTokens,
            Some(json!({ "grant_types": [] })),
        ),
        (
            Method::POST,
            "/clients/{client}/secret",
            ManageTokens,
            Some(json!({ "overlap_hours": 0 })),
        ),
        (Method::DELETE, "/clients/{client}", ManageTokens, None),
        (Method::GET, "/partners", Read, None),
        (
            Method::POST,
            "/partners",
            ManagePartners,
            Some(json!({ "organization_id": "0193c2b0-7a1e-7000-8000-5f2d9c1b4e6a", "user_name": "anna" })),
        ),
        (Method::GET, "/partners/{partner}", Read, None),
        (Method::DELETE, "/partners/{partner}", ManagePartners, None),
        (Method::GET, "/sessions", Read, None),
        (Method::DELETE, "/sessions/{session}", ManagePeople, None),
        (Method::GET, "/grants", Read, None),
        (Method::DELETE, "/grants/{grant}", ManageTokens, None),
        (Method::GET, "/log", Read, None),
        (Method::GET, "/log/{entry}", Read, None),
        (Method::GET, "/events", ReadEvents, None),
        (Method::GET, "/mails", Read, None),
    ]
}

#[test]
fn the_list_is_complete() {
    let written: BTreeSet<_> = examples()
        .into_iter()
        .map(|example| {
            (
                example.template,
                example.method.to_string(),
                match example.needs {
                    Needs::Nothing => "open",
                    Needs::Client => "client",
                    Needs::Browser => "browser",
                    Needs::Message => "message",
                    Needs::SignedIn => "signed in",
                    Needs::OpenDiscovery => "holders",
                    _ => "guarded",
                },
            )
        })
        .collect();
    let registered: BTreeSet<_> = server::endpoints()
        .into_iter()
        .map(|endpoint| {
            (
                endpoint.path,
                endpoint.method.to_string(),
                match endpoint.guard {
                    Guard::Open => "open",
                    Guard::Client => "client",
                    Guard::Browser => "browser",
                    Guard::Message => "message",
                    Guard::SignedIn => "signed in",
                    Guard::NeedsOfHolders(_) => "holders",
                    Guard::Needs(_) => "guarded",
                },
            )
        })
        .collect();
    let missing: Vec<_> = registered.difference(&written).collect();
    let superfluous: Vec<_> = written.difference(&registered).collect();
    assert!(
        missing.is_empty(),
        "endpoints without an example here: {missing:?}"
    );
    assert!(
        superfluous.is_empty(),
        "examples of endpoints that are not there: {superfluous:?}"
    );
}

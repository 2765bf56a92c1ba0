//! The admin API, `/api/v1`: what the command line speaks. JSON in, JSON out, problem details for errors.
//!
//! A token belongs to one organization, so no path names one. `{person}`, `{group}` and `{app}` take an id or a name.

mod app_import;
pub mod app_sso;
mod app_sso_keys;
mod apps;
mod assignments;
mod attributes;
pub mod body;
mod clients;
mod cycles;
mod domain_actions;
mod domains;
mod drift;
mod events;
mod failure;
mod filter;
mod grants;
mod groups;
mod import;
mod invitations;
mod licence_report;
mod licence_runs;
mod licence_templates;
mod licences;
mod log;
mod mails;
mod mappings;
mod message;
mod on_demand;
mod openapi;
mod organization;
mod page;
pub mod parameters;
mod partners;
mod people;
mod person_attributes;
mod person_licences;
mod person_preview;
mod plan;
mod plans;
mod presets;
mod problem;
mod refusals;
pub mod resolve;
mod retry;
mod roles;
pub mod saml_keys;
pub mod saml_traces;
mod schemas;
mod scope_reasons;
mod sessions;
pub mod sso;
mod strict;
mod synchronization_schema;
mod tokens;
mod wish;

use access::Permission::{
    ManageApps, ManageDomains, ManageGroups, ManageLicences, ManageOrganization, ManagePartners,
    ManagePeople, ManageRoles, ManageSchemas, ManageTokens, ProbeApps, ReadAll, ReadEvents,
};
use http::Method;
pub use openapi::text as openapi;
pub use problem::{Problem, ProblemCode};

use crate::doors::Doors;

/// How large a body may be that is sent to an address.
pub fn largest_body(path: &str) -> usize {
    if path.trim_end_matches('/').ends_with("/people/import") {
        import::MAX_FILE
    } else {
        crate::scim::MAX_BODY
    }
}

/// Adds every endpoint of the admin API.
pub fn open(doors: &mut Doors) {
    doors.api_for_everybody(Method::GET, "/openapi.json", openapi::read);
    doors.api(Method::GET, "/organization", ReadAll, organization::read);
    doors.api(
        Method::PATCH,
        "/organization",
        ManageOrganization,
        organization::update,
    );

    doors.api(Method::GET, "/people", ReadAll, people::list);
    doors.api(Method::POST, "/people", ManagePeople, people::create);
    doors.api(Method::POST, "/people/import", ManagePeople, import::import);
    doors.api(Method::GET, "/people/{person}", ReadAll, people::read);
    doors.api(Method::PATCH, "/people/{person}", ManagePeople, people::update);
    doors.api(Method::DELETE, "/people/{person}", ManagePeople, people::delete);
    doors.api(Method::PUT, "/people/{person}/role", ManageRoles, roles::give);
    doors.api(
        Method::POST,
        "/people/{person}/invitation",
        ManagePeople,
        invitations::send,
    );
    doors.api(
        Method::GET,
        "/people/{person}/licences",
        ReadAll,
        person_licences::list,
    );
    doors.api(
        Method::POST,
        "/people/{person}/licences",
        ManagePeople,
        person_licences::change,
    );

    doors.api(Method::GET, "/licences", ReadAll, licences::list);
    doors.api(Method::POST, "/licences", ManageLicences, licences::add);
    doors.api(Method::GET, "/licences/{licence}", ReadAll, licences::read);
    doors.api(
        Method::PATCH,
        "/licences/{licence}",
        ManageLicences,
        licences::update,
    );
    doors.api(
        Method::DELETE,
        "/licences/{licence}",
        ManageLicences,
        licences::remove,
    );
    doors.api(
        Method::GET,
        "/licences/{licence}/people",
        ReadAll,
        licences::people,
    );
    doors.api(
        Method::GET,
        "/licence-templates",
        ReadAll,
        licence_templates::list,
    );
    let (organization, group) = (
        "/licence-templates/organization",
        "/licence-templates/groups/{group}",
    );
    doors.api(
        Method::GET,
        organization,
        ReadAll,
        licence_templates::read_of_organization,
    );
    doors.api(
        Method::PUT,
        organization,
        ManageLicences,
        licence_templates::put_of_organization,
    );
    doors.api(
        Method::DELETE,
        organization,
        ManageLicences,
        licence_templates::remove_of_organization,
    );
    doors.api(Method::GET, group, ReadAll, licence_templates::read_of_group);
    doors.api(
        Method::PUT,
        group,
        ManageLicences,
        licence_templates::put_of_group,
    );
    doors.api(
        Method::DELETE,
        group,
        ManageLicences,
        licence_templates::remove_of_group,
    );
    doors.api(Method::GET, "/licence-report", ReadAll, licence_report::list);
    doors.api(Method::GET, "/licence-runs", ReadAll, licence_runs::list);
    doors.api(Method::GET, "/licence-runs/{run}", ReadAll, licence_runs::read);
    doors.api(
        Method::GET,
        "/licence-runs/{run}/items",
        ReadAll,
        licence_runs::items,
    );

    doors.api(Method::GET, "/domains", ReadAll, domains::list);
    doors.api(Method::POST, "/domains", ManageDomains, domains::add);
    doors.api(Method::GET, "/domains/{domain}", ReadAll, domains::read);
    doors.api(
        Method::DELETE,
        "/domains/{domain}",
        ManageDomains,
        domains::remove,
    );
    doors.api(
        Method::POST,
        "/domains/{domain}/token",
        ManageDomains,
        domains::renew,
    );
    doors.api(
        Method::POST,
        "/domains/{domain}/verify",
        ManageDomains,
        domains::verify,
    );
    doors.api(
        Method::POST,
        "/domains/{domain}/claim",
        ManageDomains,
        domains::claim,
    );
    doors.api(
        Method::DELETE,
        "/domains/{domain}/claim",
        ManageDomains,
        domains::release,
    );
    doors.api(Method::GET, "/claimed-people", ReadAll, domains::claimed_people);
    domain_actions::open(doors);
    sso::open(doors);

    doors.api(Method::GET, "/grants", ReadAll, grants::list);
    doors.api(Method::DELETE, "/grants/{grant}", ManageTokens, grants::end);
    doors.api(Method::GET, "/sessions", ReadAll, sessions::list);
    doors.api(Method::DELETE, "/sessions/{session}", ManagePeople, sessions::end);

    doors.api(Method::GET, "/groups", ReadAll, groups::list);
    doors.api(Method::POST, "/groups", ManageGroups, groups::create);
    doors.api(Method::GET, "/groups/{group}", ReadAll, groups::read);
    doors.api(Method::PATCH, "/groups/{group}", ManageGroups, groups::update);
    doors.api(Method::DELETE, "/groups/{group}", ManageGroups, groups::delete);
    doors.api(Method::GET, "/groups/{group}/members", ReadAll, groups::members);
    doors.api(
        Method::POST,
        "/groups/{group}/members",
        ManageGroups,
        groups::change_members,
    );

    doors.api(Method::GET, "/apps", ReadAll, apps::list);
    doors.api(Method::POST, "/apps", ManageApps, apps::create);
    doors.api(Method::GET, "/apps/{app}", ReadAll, apps::read);
    doors.api(Method::PATCH, "/apps/{app}", ManageApps, apps::update);
    doors.api(Method::DELETE, "/apps/{app}", ManageApps, apps::delete);
    doors.api(Method::POST, "/apps/{app}/pause", ManageApps, apps::pause);
    doors.api(Method::POST, "/apps/{app}/resume", ManageApps, apps::resume);
    doors.api(
        Method::POST,
        "/apps/{app}/deactivate",
        ManageApps,
        apps::deactivate,
    );
    doors.api(Method::POST, "/apps/{app}/activate", ManageApps, apps::activate);
    doors.api(Method::POST, "/apps/{app}/test", ProbeApps, apps::test);
    doors.api(Method::GET, "/apps/{app}/status", ReadAll, apps::status);
    doors.api(Method::POST, "/apps/{app}/plan", ProbeApps, plan::plan);
    doors.api(
        Method::POST,
        "/apps/{app}/preview",
        ProbeApps,
        person_preview::preview,
    );
    doors.api(
        Method::GET,
        "/apps/{app}/why/{person}",
        ReadAll,
        scope_reasons::read,
    );
    doors.api(
        Method::POST,
        "/apps/{app}/provision-on-demand",
        ManageApps,
        on_demand::provision,
    );
    doors.api(Method::GET, "/apps/{app}/plans", ReadAll, plans::list);
    doors.api(Method::POST, "/apps/{app}/plans", ManageApps, plans::save);
    doors.api(Method::GET, "/apps/{app}/plans/{plan}", ReadAll, plans::read);
    doors.api(
        Method::GET,
        "/apps/{app}/plans/{plan}/items",
        ReadAll,
        plans::items,
    );
    doors.api(
        Method::POST,
        "/apps/{app}/plans/{plan}/approve",
        ManageApps,
        plans::approve,
    );
    doors.api(
        Method::POST,
        "/apps/{app}/plans/{plan}/discard",
        ManageApps,
        plans::discard,
    );
    doors.api(Method::POST, "/apps/{app}/retry", ManageApps, retry::retry);
    doors.api(Method::POST, "/apps/{app}/sync", ManageApps, cycles::sync);
    doors.api(
        Method::POST,
        "/apps/{app}/reconcile",
        ManageApps,
        drift::reconcile,
    );
    doors.api(Method::GET, "/apps/{app}/drift", ReadAll, drift::list);
    doors.api(
        Method::GET,
        "/apps/{app}/import/accounts",
        ManageApps,
        app_import::accounts,
    );
    doors.api(Method::POST, "/apps/{app}/import", ManageApps, app_import::import);
    doors.api(Method::GET, "/apps/{app}/import", ReadAll, app_import::list);
    doors.api(Method::GET, "/apps/{app}/import/{job}", ReadAll, app_import::read);
    doors.api(
        Method::GET,
        "/apps/{app}/import/{job}/items",
        ReadAll,
        app_import::items,
    );
    doors.api(Method::GET, "/apps/{app}/cycles", ReadAll, cycles::list);
    doors.api(Method::GET, "/apps/{app}/cycles/{cycle}", ReadAll, cycles::read);
    doors.api(Method::GET, "/apps/{app}/mappings", ReadAll, mappings::read);
    doors.api(Method::PUT, "/apps/{app}/mappings", ManageApps, mappings::replace);
    doors.api(Method::POST, "/apps/{app}/mappings", ManageApps, mappings::add);
    doors.api(
        Method::PATCH,
        "/apps/{app}/mappings/{target}",
        ManageApps,
        mappings::change,
    );
    doors.api(
        Method::DELETE,
        "/apps/{app}/mappings/{target}",
        ManageApps,
        mappings::remove,
    );
    doors.api(
        Method::POST,
        "/apps/{app}/restore-mappings",
        ManageApps,
        mappings::restore,
    );
    doors.api(Method::GET, "/apps/{app}/attributes", ReadAll, attributes::read);
    doors.api(
        Method::PUT,
        "/apps/{app}/attributes",
        ManageApps,
        attributes::replace,
    );
    doors.api(
        Method::GET,
        "/apps/{app}/synchronization-schema",
        ReadAll,
        synchronization_schema::read,
    );
    doors.api(
        Method::POST,
        "/apps/{app}/synchronization-schema",
        ManageApps,
        synchronization_schema::import,
    );
    doors.api(Method::GET, "/apps/{app}/filter", ReadAll, filter::read);
    doors.api(Method::PUT, "/apps/{app}/filter", ManageApps, filter::replace);
    doors.api(Method::GET, "/apps/{app}/assignments", ReadAll, assignments::list);
    doors.api(
        Method::POST,
        "/apps/{app}/assignments",
        ManageApps,
        assignments::change,
    );

    sso(doors);

    doors.api(Method::GET, "/presets", ReadAll, presets::list);
    doors.api(Method::GET, "/presets/{preset}", ReadAll, presets::read);

    doors.api(Method::GET, "/schemas", ReadAll, schemas::list);
    doors.api(Method::GET, "/schemas/{urn}", ReadAll, schemas::read);
    doors.api(Method::PUT, "/schemas/{urn}", ManageSchemas, schemas::put);
    doors.api(Method::DELETE, "/schemas/{urn}", ManageSchemas, schemas::delete);

    doors.api(Method::GET, "/clients", ReadAll, clients::list);
    doors.api(Method::POST, "/clients", ManageTokens, clients::register);
    doors.api(Method::GET, "/clients/{client}", ReadAll, clients::read);
    doors.api(Method::PATCH, "/clients/{client}", ManageTokens, clients::change);
    doors.api(
        Method::POST,
        "/clients/{client}/secret",
        ManageTokens,
        clients::rotate,
    );
    doors.api(Method::DELETE, "/clients/{client}", ManageTokens, clients::remove);

    doors.api(Method::GET, "/tokens", ReadAll, tokens::list);
    doors.api(Method::POST, "/tokens", ManageTokens, tokens::create);
    doors.api(Method::GET, "/tokens/{token}", ReadAll, tokens::read);
    doors.api(Method::DELETE, "/tokens/{token}", ManageTokens, tokens::revoke);
    doors.api(
        Method::POST,
        "/tokens/{token}/successor",
        ManageTokens,
        tokens::replace,
    );

    doors.api(Method::GET, "/partners", ReadAll, partners::list);
    doors.api(Method::POST, "/partners", ManagePartners, partners::offer);
    doors.api(Method::GET, "/partners/{partner}", ReadAll, partners::read);
    doors.api(
        Method::DELETE,
        "/partners/{partner}",
        ManagePartners,
        partners::withdraw,
    );

    doors.api(Method::GET, "/log", ReadAll, log::list);
    doors.api(Method::GET, "/log/{entry}", ReadAll, log::read);
    doors.api(Method::GET, "/events", ReadEvents, events::list);
    doors.api(Method::GET, "/mails", ReadAll, mails::list);
    doors.api(Method::GET, "/saml-traces", ReadAll, saml_traces::list);
    doors.api(Method::GET, "/saml-traces/{trace}", ReadAll, saml_traces::read);
}

/// Signing in to apps.
fn sso(doors: &mut Doors) {
    doors.api(Method::GET, "/apps/{app}/sso", ReadAll, app_sso::read);
    doors.api(Method::PUT, "/apps/{app}/sso", ManageApps, app_sso::put);
    doors.api(Method::PATCH, "/apps/{app}/sso", ManageApps, app_sso::update);
    let (activate, deactivate) = ("/apps/{app}/sso/activate", "/apps/{app}/sso/deactivate");
    doors.api(Method::POST, activate, ManageApps, app_sso::activate);
    doors.api(Method::POST, deactivate, ManageApps, app_sso::deactivate);
    doors.api(
        Method::POST,
        "/apps/{app}/sso/import",
        ManageApps,
        app_sso::import,
    );
    doors.api(
        Method::GET,
        "/apps/{app}/sso/metadata",
        ReadAll,
        app_sso::metadata,
    );
    doors.api(
        Method::POST,
        "/apps/{app}/sso/preview",
        ProbeApps,
        app_sso::preview,
    );
    doors.api(Method::GET, "/apps/{app}/sso/keys", ReadAll, app_sso_keys::list);
    doors.api(
        Method::POST,
        "/apps/{app}/sso/keys",
        ManageApps,
        app_sso_keys::add,
    );
    let key = "/apps/{app}/sso/keys/{key}";
    doors.api(Method::DELETE, key, ManageApps, app_sso_keys::remove);
    let promote = "/apps/{app}/sso/keys/{key}/promote";
    doors.api(Method::POST, promote, ManageApps, app_sso_keys::promote);
}

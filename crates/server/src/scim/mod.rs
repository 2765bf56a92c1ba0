//! The SCIM service (RFC 7644), on both base paths.

mod body;
mod bulk;
mod cursor;
mod discovery;
mod failure;
mod groups;
mod list;
mod location;
mod me;
mod member_changes;
mod members;
mod search;
mod users;
mod version;

use access::Permission::{ScimDiscovery, ScimReadGroups, ScimReadUsers, ScimWriteGroups, ScimWriteUsers};
pub use body::MAX_BODY;
pub use failure::{Failure, MEDIA_TYPE};
use http::Method;

use crate::doors::Doors;

/// Adds every SCIM endpoint.
pub fn open(doors: &mut Doors) {
    doors.scim(Method::GET, "/Users", ScimReadUsers, users::list);
    doors.scim(Method::POST, "/Users", ScimWriteUsers, users::create);
    doors.scim_of_user(Method::GET, "/Users/{id}", ScimReadUsers, users::read);
    doors.scim_of_user(Method::PUT, "/Users/{id}", ScimWriteUsers, users::replace);
    doors.scim_of_user(Method::PATCH, "/Users/{id}", ScimWriteUsers, users::patch);
    doors.scim_of_user(Method::DELETE, "/Users/{id}", ScimWriteUsers, users::delete);

    doors.scim(Method::GET, "/Groups", ScimReadGroups, groups::list);
    doors.scim(Method::POST, "/Groups", ScimWriteGroups, groups::create);
    doors.scim(Method::GET, "/Groups/{id}", ScimReadGroups, groups::read);
    doors.scim(Method::GET, "/Groups/{id}/Members", ScimReadGroups, members::list);
    doors.scim(Method::PUT, "/Groups/{id}", ScimWriteGroups, groups::replace);
    doors.scim(Method::PATCH, "/Groups/{id}", ScimWriteGroups, groups::patch);
    doors.scim(Method::DELETE, "/Groups/{id}", ScimWriteGroups, groups::delete);

    doors.scim_also_without_token(
        Method::GET,
        "/ServiceProviderConfig",
        ScimDiscovery,
        discovery::service_provider_config,
    );
    doors.scim(
        Method::GET,
        "/ResourceTypes",
        ScimDiscovery,
        discovery::resource_types,
    );
    doors.scim(
        Method::GET,
        "/ResourceTypes/{name}",
        ScimDiscovery,
        discovery::resource_type,
    );
    doors.scim(Method::GET, "/Schemas", ScimDiscovery, discovery::schemas);
    doors.scim(Method::GET, "/Schemas/{urn}", ScimDiscovery, discovery::schema);

    doors.scim(Method::POST, "/Bulk", ScimWriteUsers, bulk::bulk);
    doors.scim(Method::GET, "/Me", ScimReadUsers, me::read);
    doors.scim(Method::PUT, "/Me", ScimWriteUsers, me::replace);
    doors.scim(Method::PATCH, "/Me", ScimWriteUsers, me::patch);
    doors.scim_at(
        Method::GET,
        "/identity/scim/v2/Users/me",
        ScimReadUsers,
        me::read_without_organization,
    );
    doors.scim(Method::GET, "", ScimReadUsers, search::root);
    doors.scim(Method::POST, "/.search", ScimReadUsers, search::everything);
    doors.scim(Method::POST, "/Users/.search", ScimReadUsers, search::users);
    doors.scim(Method::POST, "/Groups/.search", ScimReadGroups, search::groups);
}

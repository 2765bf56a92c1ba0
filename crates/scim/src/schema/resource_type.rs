//! Resource types (RFC 7643 §6): a core schema, its extensions, and how names are found in them.

use std::sync::LazyLock;

use super::{Attribute, ResourceTypes, Returned, Schema};
use crate::path::AttributePath;

/// A kind of resource that is served at one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceType {
    /// `User` or `Group`.
    pub id: String,
    /// Relative to the base URL, such as `/Users`.
    pub endpoint: String,
    pub description: String,
    pub core: Schema,
    pub extensions: Vec<Extension>,
    /// Is something of a stored resource kept from those who do not ask for it by name, or from everybody?
    pub withholds: bool,
}

/// A schema that adds attributes to those of the core schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub schema: Schema,
    /// Must every resource of the type have it?
    pub required: bool,
    pub origin: Origin,
}

/// Where an extension comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is part of the program.
    BuiltIn,
    /// The organization has added it.
    Organization,
}

/// What a path leads to: a whole schema, or an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'s> {
    Schema(&'s Schema),
    Attribute(AttributeTarget<'s>),
}

/// An attribute or a sub-attribute of it, with the extension that defines it (`None`: core or common).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeTarget<'s> {
    pub extension: Option<&'s Schema>,
    pub attribute: &'s Attribute,
    pub sub: Option<&'s Attribute>,
}

impl<'s> AttributeTarget<'s> {
    /// What is read or written in the end.
    pub fn leaf(&self) -> &'s Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// Whether nobody may learn the value: see [`Attribute::is_hidden`].
    pub fn is_hidden(&self) -> bool {
        self.attribute.is_hidden() || self.sub.is_some_and(Attribute::is_hidden)
    }
}

static COMMON: LazyLock<Schema> = LazyLock::new(|| built_in(include_str!("../../schemas/common.json")));

/// The files are part of the program, and a test reads them all.
fn built_in(text: &str) -> Schema {
    serde_json::from_str(text).expect("a schema in RFC 7643 section 7's form")
}

fn optional(text: &str) -> Extension {
    Extension {
        schema: built_in(text),
        required: false,
        origin: Origin::BuiltIn,
    }
}

/// The types without an organization's own extensions.
pub(super) fn built_in_types() -> (ResourceType, ResourceType) {
    let user = ResourceType {
        id: "User".into(),
        endpoint: "/Users".into(),
        description: "The accounts of people".into(),
        core: built_in(include_str!("../../schemas/user.json")),
        extensions: vec![
            optional(include_str!("../../schemas/enterprise-user.json")),
            optional(include_str!("../../schemas/webex-user.json")),
        ],
        // A password is not stored with the rest.
        withholds: false,
    };
    let group = ResourceType {
        id: "Group".into(),
        endpoint: "/Groups".into(),
        description: "Groups of people and of groups".into(),
        core: built_in(include_str!("../../schemas/group.json")),
        extensions: vec![optional(include_str!("../../schemas/webex-group.json"))],
        withholds: false,
    };
    (user, group)
}

impl ResourceType {
    /// People as they are everywhere: core User, Enterprise and Webex. An organization's are in its [`ResourceTypes`].
    pub fn user() -> &'static Self {
        &ResourceTypes::built_in().user
    }

    /// Groups as they are everywhere: core Group and Webex.
    pub fn group() -> &'static Self {
        &ResourceTypes::built_in().group
    }

    /// The types that are served.
    pub fn all() -> [&'static Self; 2] {
        ResourceTypes::built_in().all()
    }

    /// The attributes that every resource has: `schemas`, `id`, `externalId`, `meta`.
    pub fn common() -> &'static Schema {
        &COMMON
    }

    /// Is there such a place in a resource of this type that is stored? No schema means the core one.
    pub fn stores(&self, schema: Option<&str>, attribute: &str, sub: Option<&str>) -> bool {
        let found = match schema {
            None if attribute.eq_ignore_ascii_case("externalId") => return sub.is_none(),
            None => self.core.attribute(attribute),
            Some(urn) => self.schema(urn).and_then(|schema| schema.attribute(attribute)),
        };
        let stored = found
            .filter(|attribute| !attribute.is_hidden() && !attribute.name.eq_ignore_ascii_case("groups"));
        stored.is_some_and(|attribute| sub.is_none_or(|sub| attribute.sub_attribute(sub).is_some()))
    }

    /// The paths of its attributes.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = vec!["externalId".to_owned()];
        for schema in self.schemas() {
            let prefix = if schema.id == self.core.id {
                String::new()
            } else {
                format!("{}:", schema.id)
            };
            for attribute in &schema.attributes {
                paths.push(format!("{prefix}{}", attribute.name));
                let subs = attribute.sub_attributes.iter();
                paths.extend(subs.map(|sub| format!("{prefix}{}.{}", attribute.name, sub.name)));
            }
        }
        paths
    }

    /// The URN of the core schema.
    pub fn core_urn(&self) -> &str {
        &self.core.id
    }

    /// The core schema or the extension of that URN, in any case.
    pub fn schema(&self, urn: &str) -> Option<&Schema> {
        self.schemas().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The core schema, then the extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        std::iter::once(&self.core).chain(self.extension_schemas())
    }

    /// The schemas of the extensions.
    pub fn extension_schemas(&self) -> impl Iterator<Item = &Schema> {
        self.extensions.iter().map(|extension| &extension.schema)
    }

    /// The type with more extensions behind those that it has.
    #[must_use]
    pub fn extended(&self, more: impl IntoIterator<Item = Extension>) -> Self {
        let mut extended = self.clone();
        for extension in more {
            extended.withholds |= extension.schema.attributes.iter().any(is_withheld);
            extended.extensions.push(extension);
        }
        extended
    }

    /// The extension of that URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extension_schemas()
            .find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The attributes at a resource's top level: common ones first, then the core schema's.
    pub fn top_level(&self) -> impl Iterator<Item = &Attribute> {
        Self::common().attributes.iter().chain(&self.core.attributes)
    }

    fn top_level_attribute(&self, name: &str) -> Option<&Attribute> {
        Self::common()
            .attribute(name)
            .or_else(|| self.core.attribute(name))
    }

    /// An attribute by its plain name. A name that only an extension has is found there: Entra ID says `manager`. But a
    /// plain `emails` or `members` means what it means everywhere, and no attribute that an organization calls so.
    fn unqualified(&self, name: &str) -> Option<(Option<&Schema>, &Attribute)> {
        if let Some(attribute) = self.top_level_attribute(name) {
            return Some((None, attribute));
        }
        let is_core = || Self::all().iter().any(|kind| kind.core.attribute(name).is_some());
        self.extensions.iter().find_map(|extension| {
            let attribute = extension.schema.attribute(name)?;
            let found = extension.origin == Origin::BuiltIn || !is_core();
            found.then_some((Some(&extension.schema), attribute))
        })
    }

    fn qualified(&self, schema: &str, name: &str) -> Option<(Option<&Schema>, &Attribute)> {
        if self.core.id.eq_ignore_ascii_case(schema) {
            return Some((None, self.top_level_attribute(name)?));
        }
        let extension = self.extension(schema)?;
        Some((Some(extension), extension.attribute(name)?))
    }

    /// What the parts of a path stand for; `None` if this resource type does not know it.
    ///
    /// `URN:attribute`, `URN.attribute` (a dot where the RFC has a colon) and the URN alone are all understood.
    pub fn resolve(&self, schema: Option<&str>, attribute: &str, sub: Option<&str>) -> Option<Target<'_>> {
        let found = match schema {
            None => self.unqualified(attribute),
            Some(urn) => self.qualified(urn, attribute),
        };
        if let Some((extension, attribute)) = found {
            return with_sub(extension, attribute, sub);
        }
        let whole = format!("{}:{attribute}", schema?);
        let schema = self.schema(&whole)?;
        match sub {
            None => Some(Target::Schema(schema)),
            Some(name) => {
                let (extension, attribute) = self.qualified(&whole, name)?;
                with_sub(extension, attribute, None)
            }
        }
    }

    /// What a path stands for, its value filter left aside.
    pub fn resolve_path(&self, path: &AttributePath) -> Option<Target<'_>> {
        self.resolve(path.schema.as_deref(), &path.attribute, path.sub.as_deref())
    }
}

fn is_withheld(attribute: &Attribute) -> bool {
    attribute.is_hidden()
        || attribute.returned == Returned::Request
        || attribute.sub_attributes.iter().any(is_withheld)
}

fn with_sub<'s>(
    extension: Option<&'s Schema>,
    attribute: &'s Attribute,
    sub: Option<&str>,
) -> Option<Target<'s>> {
    let sub = match sub {
        None => None,
        Some(name) if attribute.is_complex() => Some(attribute.sub_attribute(name)?),
        // The values of a simple multi-valued attribute may be called `value` (RFC 7643 §2.4).
        Some(name) if attribute.multi_valued && name.eq_ignore_ascii_case("value") => None,
        Some(_) => return None,
    };
    Some(Target::Attribute(AttributeTarget {
        extension,
        attribute,
        sub,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{ENTERPRISE_USER, GROUP, Kind, Mutability, USER, WEBEX_GROUP, WEBEX_USER};
    use super::*;

    fn resolve(text: &str) -> Option<String> {
        let path = crate::path::parse(text).expect("a path");
        Some(match ResourceType::user().resolve_path(&path)? {
            Target::Schema(schema) => schema.name.clone(),
            Target::Attribute(target) => format!(
                "{}{}{}",
                target
                    .extension
                    .map_or(String::new(), |schema| format!("{}/", schema.name)),
                target.attribute.name,
                target.sub.map_or(String::new(), |sub| format!(".{}", sub.name)),
            ),
        })
    }

    #[test]
    fn every_built_in_schema_reads() {
        assert_eq!(ResourceType::user().core.id, USER);
        assert_eq!(ResourceType::group().core.id, GROUP);
        let urns: Vec<_> = ResourceType::user()
            .extension_schemas()
            .map(|schema| &schema.id)
            .collect();
        assert_eq!(urns, [ENTERPRISE_USER, WEBEX_USER]);
        assert_eq!(ResourceType::group().extensions[0].schema.id, WEBEX_GROUP);
        for schema in ResourceType::all().into_iter().flat_map(ResourceType::schemas) {
            for attribute in &schema.attributes {
                assert_eq!(
                    attribute.is_complex(),
                    !attribute.sub_attributes.is_empty(),
                    "{}",
                    attribute.name
                );
                assert!(!attribute.description.is_empty(), "{}", attribute.name);
            }
        }
    }

    #[test]
    fn characteristics_are_those_of_the_rfc() {
        let password = ResourceType::user().core.attribute("PASSWORD").expect("password");
        assert_eq!(
            (password.mutability, password.returned),
            (Mutability::WriteOnly, Returned::Never)
        );
        let groups = ResourceType::user().core.attribute("groups").expect("groups");
        assert_eq!(groups.mutability, Mutability::ReadOnly);
        let active = ResourceType::user().core.attribute("active").expect("active");
        assert_eq!(active.kind, Kind::Boolean);
    }

    #[test]
    fn names_are_found_in_every_spelling() {
        for (path, expected) in [
            ("username", "userName"),
            ("NAME.FAMILYNAME", "name.familyName"),
            ("meta.lastModified", "meta.lastModified"),
            ("manager", "EnterpriseUser/manager"),
            ("accountStatus.value", "WebexUser/accountStatus"),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:emails.value",
                "emails.value",
            ),
            ("URN:IETF:params:scim:schemas:core:2.0:user:ID", "id"),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                "EnterpriseUser/manager.value",
            ),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department",
                "EnterpriseUser/department",
            ),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.value",
                "EnterpriseUser/manager.value",
            ),
            (
                "urn:scim:schemas:extension:cisco:webexidentity:2.0:User",
                "WebexUser",
            ),
            (
                "urn:scim:schemas:extension:cisco:webexidentity:2.0:User:meta.organizationId",
                "WebexUser/meta.organizationId",
            ),
        ] {
            assert_eq!(resolve(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_plain_core_name_means_no_attribute_of_an_organization() {
        let schema = serde_json::json!({ "id": "urn:example:x:Group", "name": "X", "attributes": [
            { "name": "emails", "type": "string" }, { "name": "cost", "type": "string" }] });
        let own = Extension {
            schema: serde_json::from_value(schema).expect("a schema"),
            required: false,
            origin: Origin::Organization,
        };
        let groups = ResourceType::group().extended([own]);
        assert!(groups.resolve(None, "cost", None).is_some());
        assert!(groups.resolve(None, "emails", None).is_none());
        assert!(
            groups
                .resolve(Some("urn:example:x:Group"), "emails", None)
                .is_some()
        );
    }

    #[test]
    fn unknown_names_are_not_found() {
        for path in [
            "shoeSize",
            "userName.value",
            "name.nick",
            "urn:x:y:emails",
            "urn:ietf:params:scim:schemas:core:2.0:User:department",
        ] {
            assert_eq!(resolve(path), None, "{path}");
        }
    }
}

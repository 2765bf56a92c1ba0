//! Schemas as data (RFC 7643 §7): what the attributes of a resource are and may do.
//!
//! The definitions are the JSON files under `schemas/`, in the form in which `/Schemas` serves them.

mod clash;
mod compatible;
pub mod definition;
mod place;
mod resource_type;
mod resource_types;

use serde::{Deserialize, Serialize};

pub use clash::clash;
pub use compatible::refuse_incompatible;
pub use place::DefinitionError;
pub use resource_type::{AttributeTarget, Extension, Origin, ResourceType, Target};
pub use resource_types::ResourceTypes;

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const WEBEX_USER: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User";
pub const WEBEX_GROUP: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group";
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// A schema: a URN and the attributes it defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The URN.
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute of that name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}

/// An attribute or sub-attribute with its characteristics (RFC 7643 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Kind,
    #[serde(default)]
    pub multi_valued: bool,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub case_exact: bool,
    #[serde(default)]
    pub mutability: Mutability,
    #[serde(default)]
    pub returned: Returned,
    #[serde(default)]
    pub uniqueness: Uniqueness,
    /// Suggested values; others are taken too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute of that name, in any case.
    pub fn sub_attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }

    /// Is "a" another value than "A"? Of references and binaries it always is (RFC 7643 §2.3.6, §2.3.7).
    pub fn is_case_exact(&self) -> bool {
        self.case_exact || matches!(self.kind, Kind::Reference | Kind::Binary)
    }

    pub fn is_complex(&self) -> bool {
        self.kind == Kind::Complex
    }

    pub fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }

    /// Whether nobody may learn its value: not by reading, nor by a filter or an order.
    pub fn is_hidden(&self) -> bool {
        self.returned == Returned::Never || self.mutability == Mutability::WriteOnly
    }
}

fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

macro_rules! characteristic {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[serde(rename_all = "camelCase")]
        pub enum $name { $($(#[$note])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

characteristic! {
    /// The data type of an attribute (RFC 7643 §2.3).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    Kind {
        String,
        Boolean,
        Decimal,
        Integer,
        DateTime,
        Reference,
        Binary,
        Complex,
    }
}

characteristic! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    Mutability {
        ReadOnly,
        #[default]
        ReadWrite,
        /// Set once, when it has no value yet.
        Immutable,
        WriteOnly,
    }
}

characteristic! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    Returned {
        Always,
        Never,
        #[default]
        Default,
        /// Only when asked for by name.
        Request,
    }
}

characteristic! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    Uniqueness {
        #[default]
        None,
        Server,
        Global,
    }
}

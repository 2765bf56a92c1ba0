//! A configuration in the form of Microsoft Graph's `synchronizationSchema`, in which Entra ID keeps its own: directories
//! with their attributes, rules, object mappings, attribute mappings with their sources as trees, scoping filters.
//! (Microsoft Graph v1.0, "synchronizationSchema resource type" and the resources below it.)
//!
//! What Graph has no word for stands in instance annotations, whose names begin with `@instep.`; members that are not
//! known are passed over.

mod export;
mod import;
mod shape;
mod tree;

pub use export::export;
pub use import::{ImportError, Imported, import};

use serde::{Deserialize, Serialize};

use crate::AttributeMapping;
use crate::preset::Switches;
use crate::scope::ScopingFilter;

/// What of an app goes into such a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    pub rows: Vec<AttributeMapping>,
    pub filter: ScopingFilter,
    pub switches: Switches,
    /// Attributes that the target has beside those of its schemas.
    pub custom: Vec<Definition>,
    /// The table of groups; `None`: the schema says nothing of them.
    pub groups: Option<Groups>,
}

/// The table of groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    pub rows: Vec<AttributeMapping>,
    /// Whether groups are provisioned.
    pub enabled: bool,
}

/// An attribute that is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    pub name: String,
    pub kind: AttributeType,
    pub multi_valued: bool,
}

/// Graph's types of attributes; `Decimal` is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum AttributeType {
    #[default]
    String,
    Integer,
    Reference,
    Binary,
    Boolean,
    DateTime,
    Decimal,
}

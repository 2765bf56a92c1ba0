//! Attribute mappings and the expression language, pure.
//!
//! A [`MappingSet`] says what each attribute of a target must be, given a person: anything that answers to
//! [`Attributes`], such as [`person::Person`]. Rows are data; [`MappingSet::check`] refuses what cannot work
//! when it is saved, so that evaluation has little left to fail on.

mod ambient;
mod attribute_mapping;
mod date;
mod error;
pub mod expression;
mod function;
pub mod graph;
mod known_sources;
mod likeness;
mod mapping_set;
mod okta;
pub mod person;
pub mod preset;
mod regular_expression;
mod scim_path;
pub mod scope;
mod source;
mod value;

pub use ambient::{Ambient, Still};
pub use attribute_mapping::{Apply, AttributeMapping, WhenEmpty};
pub use error::{EvalError, MappingError};
pub use expression::{Evaluated, Expression, Language, ParseError};
pub use known_sources::{UnknownSource, UserSchema};
pub use likeness::nearest;
pub use mapping_set::{Flow, Mapped, MappingSet};
pub use person::{Around, Group, Needs, Person};
pub use preset::Preset;
pub use scim_path::same_target;
pub use source::{Source, Written};
pub use value::{Attributes, Decimal, Value};

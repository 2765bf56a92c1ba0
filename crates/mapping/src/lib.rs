//! Attribute mappings and the expression language, pure.
//!
//! A [`MappingSet`] says what each attribute of a target must be, given a person: anything that answers to
//! [`Attributes`], such as [`person::Person`]. Rows are data; [`MappingSet::check`] refuses what cannot work
//! when it is saved, so that evaluation has little left to fail on.

mod attribute_mapping;
mod error;
pub mod expression;
mod function;
mod mapping_set;
pub mod person;
pub mod preset;
mod scim_path;
mod value;

pub use attribute_mapping::{Apply, AttributeMapping, Source, WhenEmpty};
pub use error::{EvalError, MappingError};
pub use expression::{Expression, ParseError};
pub use mapping_set::{Mapped, MappingSet};
pub use person::Person;
pub use preset::Preset;
pub use value::{Attributes, Value};

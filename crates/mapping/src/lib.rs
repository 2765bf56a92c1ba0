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
mod likeness;
mod mapping_set;
pub mod person;
pub mod preset;
mod regular_expression;
mod scim_path;
pub mod scope;
mod value;

pub use ambient::{Ambient, Still};
pub use attribute_mapping::{Apply, AttributeMapping, Source, WhenEmpty};
pub use error::{EvalError, MappingError};
pub use expression::{Evaluated, Expression, ParseError};
pub use mapping_set::{Flow, Mapped, MappingSet};
pub use person::Person;
pub use preset::Preset;
pub use value::{Attributes, Decimal, Value};

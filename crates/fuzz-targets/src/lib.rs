//! What must hold for any bytes that come in by a door, as plain functions: one that finds it does not hold panics.
//!
//! The tests of this crate feed them with the corpus under `fuzz/corpus` and with mutations of it, the same at every
//! run. `cargo xtask fuzz TARGET` has libFuzzer feed them, guided by what the code does with it.

mod bulk;
mod expression;
mod filter;
mod patch;
mod path;
mod query;
mod resource;
mod saml;
mod sample;
mod schema;
mod staff_file;

pub use bulk::bulk;
pub use expression::expression;
pub use filter::filter;
pub use patch::patch;
pub use path::path;
pub use query::query;
pub use resource::resource;
pub use saml::{saml_message, saml_query, saml_signed};
pub use schema::schema;
pub use staff_file::staff_file;

/// A function and its name, which is that of its corpus.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
}

pub const TARGETS: &[Target] = &[
    Target {
        name: "bulk",
        run: bulk,
    },
    Target {
        name: "expression",
        run: expression,
    },
    Target {
        name: "filter",
        run: filter,
    },
    Target {
        name: "patch",
        run: patch,
    },
    Target {
        name: "path",
        run: path,
    },
    Target {
        name: "query",
        run: query,
    },
    Target {
        name: "resource",
        run: resource,
    },
    Target {
        name: "saml_message",
        run: saml_message,
    },
    Target {
        name: "saml_query",
        run: saml_query,
    },
    Target {
        name: "saml_signed",
        run: saml_signed,
    },
    Target {
        name: "schema",
        run: schema,
    },
    Target {
        name: "staff_file",
        run: staff_file,
    },
];

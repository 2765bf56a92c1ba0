//! Mappings through the public interface.

mod documented;
mod expressions;
mod flips;
mod graph;
mod okta;
mod presets;
mod properties;
mod scoping;
mod tables;

//! Mappings through the public interface.

mod documented;
mod expressions;
mod flips;
mod okta;
mod presets;
mod properties;
mod scoping;
mod tables;

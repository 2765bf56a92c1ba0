//! Mappings through the public interface.

mod documented;
mod expressions;
mod flips;
mod presets;
mod properties;
mod scoping;
mod tables;

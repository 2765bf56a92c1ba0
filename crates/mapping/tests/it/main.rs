//! Mappings through the public interface.

mod expressions;
mod presets;
mod properties;
mod tables;

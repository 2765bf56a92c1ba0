//! Attribute mappings and the expression language, pure.

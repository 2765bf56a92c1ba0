//! The rules on organizations, people and groups.

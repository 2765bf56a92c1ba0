//! What both databases must do alike.

pub(crate) mod apps;
pub(crate) mod domains;
pub(crate) mod feed;
pub(crate) mod groups;
pub(crate) mod judging;
pub(crate) mod lanes;
pub(crate) mod licences;
pub(crate) mod lookups;
pub(crate) mod nesting;
pub(crate) mod outbox;
pub(crate) mod partners;
pub(crate) mod records;
pub(crate) mod schemas;
pub(crate) mod sealed;
pub(crate) mod ties;
pub(crate) mod users;
pub(crate) mod writes;

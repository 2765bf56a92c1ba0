//! The SCIM paths that names stand for, taken apart once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{entra, jumpcloud, okta};
use crate::scim_path::ScimPath;

static KNOWN: LazyLock<HashMap<&'static str, ScimPath>> = LazyLock::new(|| {
    let places = entra::places().chain(okta::places()).chain(jumpcloud::places());
    places
        .filter_map(|text| Some((text, ScimPath::parse(text).ok()?)))
        .collect()
});

/// A path, if it is one that some name stands for.
pub(super) fn known(text: &str) -> Option<&'static ScimPath> {
    KNOWN.get(text)
}

//! The vendors' tables, ready made. Each is a data file under `presets/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{AttributeMapping, MappingError, MappingSet, WhenEmpty};

/// A ready-made mapping table, with the switches that go with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Preset {
    /// By which it is asked for, such as `webex-entra`.
    pub name: String,
    /// By which an admin knows it.
    pub title: String,
    pub switches: Switches,
    /// Whether the vendor keeps groups out of it. Where it does not, they are still off until chosen.
    pub users_only: bool,
    /// Why no other attribute of the target can be mapped, where the vendor's integration sends these only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_no_others: Option<String>,
    /// Where the target is, by its offer; `{org_id}` stands for the organization there. Left out: as the app's template
    /// has it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub base_urls: BTreeMap<String, String>,
    pub mappings: Vec<AttributeMapping>,
}

/// What an application may do at its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four switches that an admin sets one by one"
)]
pub struct Switches {
    pub create: bool,
    pub update: bool,
    pub deactivate: bool,
    /// Only people who are removed for good are deleted.
    pub delete: bool,
}

impl Preset {
    /// The table, checked.
    pub fn mapping_set(&self) -> Result<MappingSet, MappingError> {
        MappingSet::check(self.mappings.clone())
    }

    /// The same preset with another answer to empty sources in every row.
    #[must_use]
    pub fn with_when_empty(mut self, when_empty: WhenEmpty) -> Self {
        for mapping in &mut self.mappings {
            mapping.when_empty = when_empty;
        }
        self
    }
}

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    [
        include_str!("../presets/webex-entra.json"),
        include_str!("../presets/webex-okta.json"),
        include_str!("../presets/webex-jumpcloud.json"),
        include_str!("../presets/webex-v2.json"),
        include_str!("../presets/scim.json"),
    ]
    .into_iter()
    .map(|text| serde_json::from_str(text).expect("the bundled presets are read in a test"))
    .collect()
});

static GROUPS: LazyLock<Vec<AttributeMapping>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../presets/groups.json"))
        .expect("the bundled presets are read in a test")
});

/// The rows of groups that every preset begins with: those of Entra ID for any SCIM app.
pub fn groups() -> &'static [AttributeMapping] {
    &GROUPS
}

/// Every preset.
pub fn all() -> &'static [Preset] {
    &PRESETS
}

/// The preset of that name.
pub fn find(name: &str) -> Option<&'static Preset> {
    all().iter().find(|preset| preset.name.eq_ignore_ascii_case(name))
}

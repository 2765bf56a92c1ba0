//! How admins have a target spoken to, whatever is known of its ways.

use serde::{Deserialize, Serialize};

/// What admins set; `auto` is what the target announces and its answers show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaySettings {
    /// How an account is changed.
    pub update: Update,
    /// Whether a replacement names the version that it is made on (`If-Match`).
    pub etag: Switch,
    /// Whether a filter that the target did not take is asked again.
    pub filters: Filters,
    /// Whether lists go by cursor.
    pub cursor: Switch,
    /// Whether accounts that are looked for at the same time are looked for in one request, by `or`.
    pub look_ups: Switch,
    /// Whether changes that wait at the same time travel in one bulk request.
    pub bulk: Switch,
    /// So many operations in one of them at most, whatever the target announces.
    pub bulk_operations: u32,
    /// So many accounts are asked for at a time, in a list; nought: as many as the target announces and its kind is known for.
    pub page_size: u32,
    /// How a value comes into an element that the account does not have.
    pub missing_element: MissingElement,
}

impl Default for WaySettings {
    fn default() -> Self {
        Self {
            update: Update::default(),
            etag: Switch::default(),
            filters: Filters::default(),
            cursor: Switch::default(),
            look_ups: Switch::default(),
            bulk: Switch::default(),
            bulk_operations: 100,
            page_size: 0,
            missing_element: MissingElement::default(),
        }
    }
}

/// The same, to be changed; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaysChange {
    pub update: Option<Update>,
    pub etag: Option<Switch>,
    pub filters: Option<Filters>,
    pub cursor: Option<Switch>,
    pub look_ups: Option<Switch>,
    pub bulk: Option<Switch>,
    pub bulk_operations: Option<u32>,
    pub page_size: Option<u32>,
    pub missing_element: Option<MissingElement>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// PATCH, unless the target does not take it.
    #[default]
    Auto,
    Patch,
    /// The whole account is sent.
    Put,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    #[default]
    Auto,
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filters {
    /// What was refused or ignored is not asked while another matching attribute may answer.
    #[default]
    Auto,
    /// Every matching attribute is asked.
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingElement {
    /// The element is added whole, which every target takes.
    #[default]
    Add,
    /// The value is added by its own path, such as `phoneNumbers[type eq "work"].value`, as Entra ID does.
    Path,
}

impl WaysChange {
    pub(crate) fn apply(&self, settings: &mut WaySettings) {
        settings.update = self.update.unwrap_or(settings.update);
        settings.etag = self.etag.unwrap_or(settings.etag);
        settings.filters = self.filters.unwrap_or(settings.filters);
        settings.cursor = self.cursor.unwrap_or(settings.cursor);
        settings.look_ups = self.look_ups.unwrap_or(settings.look_ups);
        settings.bulk = self.bulk.unwrap_or(settings.bulk);
        settings.bulk_operations = self.bulk_operations.unwrap_or(settings.bulk_operations);
        settings.page_size = self.page_size.unwrap_or(settings.page_size);
        settings.missing_element = self.missing_element.unwrap_or(settings.missing_element);
    }
}

//! One row of a mapping table.

use serde::{Deserialize, Serialize};

use crate::Source;

/// One row: where a value comes from, which attribute of the target it goes to, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct AttributeMapping {
    pub source: Source,
    /// A SCIM attribute path of the target, such as `name.familyName` or `phoneNumbers[type eq "work"].value`.
    pub target: String,
    /// Precedence among the attributes by which an account that exists is found: 1 is tried first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<u8>,
    #[serde(default)]
    pub apply: Apply,
    /// What a new account gets when the source has no value; an account that exists gets it too with
    /// [`WhenEmpty::Default`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_value: Option<String>,
    #[serde(default)]
    pub when_empty: WhenEmpty,
}

/// When a mapping counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apply {
    #[default]
    Always,
    OnlyOnCreate,
}

impl Apply {
    pub const ALL: [Self; 2] = [Self::Always, Self::OnlyOnCreate];
}

/// What a source without a value does to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenEmpty {
    /// The target keeps what it has: Entra ID's way.
    Leave,
    /// The target loses its value: the way of mappings that are written here.
    #[default]
    Clear,
    /// The target gets the default value.
    Default,
}

impl WhenEmpty {
    pub const ALL: [Self; 3] = [Self::Leave, Self::Clear, Self::Default];
}

impl AttributeMapping {
    /// A direct mapping with the defaults of everything else.
    pub fn direct(attribute: impl Into<String>, target: impl Into<String>) -> Self {
        Self::new(Source::Attribute(attribute.into()), target)
    }

    /// A mapping with the defaults of everything else: always, not matching, an empty source clears.
    pub fn new(source: Source, target: impl Into<String>) -> Self {
        Self {
            source,
            target: target.into(),
            matching: None,
            apply: Apply::default(),
            default_value: None,
            when_empty: WhenEmpty::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_form() {
        let text = r#"{"source":{"attribute":"surname"},"target":"name.familyName","matching":1,"apply":"only_on_create","default_value":"-","when_empty":"leave"}"#;
        let row: AttributeMapping = serde_json::from_str(text).expect("a row");
        assert_eq!(row.source, Source::Attribute("surname".into()));
        assert_eq!(serde_json::to_string(&row).expect("JSON"), text);
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let row: AttributeMapping =
            serde_json::from_str(r#"{"source":{"constant":"x"},"target":"title"}"#).expect("a row");
        assert_eq!(row, AttributeMapping::new(Source::Constant("x".into()), "title"));
        assert_eq!((row.apply, row.when_empty), (Apply::Always, WhenEmpty::Clear));
    }

    #[test]
    fn misspelt_keys_are_refused() {
        let text = r#"{"source":{"constant":"x"},"target":"title","whenempty":"leave"}"#;
        assert!(serde_json::from_str::<AttributeMapping>(text).is_err());
    }
}

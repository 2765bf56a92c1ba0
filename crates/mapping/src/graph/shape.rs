//! Graph's resources, as far as they are read and written. Names are Graph's.

use serde::{Deserialize, Deserializer, Serialize};

use super::AttributeType;
use crate::{Language, WhenEmpty};

/// Null is the default, as Graph writes what is not there.
fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schema {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) directories: Vec<Directory>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) synchronization_rules: Vec<Rule>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Directory {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) objects: Vec<ObjectDefinition>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ObjectDefinition {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) attributes: Vec<AttributeDefinition>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttributeDefinition {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(default, rename = "type", deserialize_with = "kind")]
    pub(super) kind: AttributeType,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) multivalued: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) flow_null_values: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) metadata: Vec<Pair>,
}

/// In any case: Graph's own examples have `string` as well as `String`.
fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AttributeType, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    Ok(match text.to_lowercase().as_str() {
        "integer" => AttributeType::Integer,
        "reference" => AttributeType::Reference,
        "binary" => AttributeType::Binary,
        "boolean" => AttributeType::Boolean,
        "datetime" => AttributeType::DateTime,
        "decimal" => AttributeType::Decimal,
        _ => AttributeType::String,
    })
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pair {
    pub(super) key: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) value: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(default = "yes")]
    pub(super) editable: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) priority: i64,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) source_directory_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) target_directory_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) object_mappings: Vec<ObjectMapping>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObjectMapping {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    /// `Add, Update, Delete`.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) flow_types: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) source_object_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) target_object_name: String,
    #[serde(default)]
    pub(super) scope: Option<Filter>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) attribute_mappings: Vec<Mapping>,
    /// Whether accounts are disabled and enabled, where that is not as `Update` says.
    #[serde(
        default,
        rename = "@instep.deactivate",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) deactivate: Option<bool>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mapping {
    #[serde(default)]
    pub(super) default_value: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) export_missing_references: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) flow_behavior: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) flow_type: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) matching_priority: i64,
    #[serde(default)]
    pub(super) source: Option<MappingSource>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) target_attribute_name: String,
    /// What an empty source does, where `flowNullValues` of the target's attribute does not say it.
    #[serde(
        default,
        rename = "@instep.whenEmpty",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) when_empty: Option<WhenEmpty>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MappingSource {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) expression: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    pub(super) kind: SourceType,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) parameters: Vec<Parameter>,
    /// The language of `expression`, where it is not Entra ID's.
    #[serde(default, rename = "@instep.language", skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<Language>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SourceType {
    #[default]
    Attribute,
    Constant,
    Function,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parameter {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) key: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) value: MappingSource,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Filter {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) groups: Vec<FilterGroup>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) input_filter_groups: Vec<FilterGroup>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) category_filter_groups: Vec<FilterGroup>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct FilterGroup {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) clauses: Vec<FilterClause>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FilterClause {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) operator_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) source_operand_name: String,
    #[serde(default)]
    pub(super) target_operand: Option<Operand>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Operand {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) values: Vec<String>,
}

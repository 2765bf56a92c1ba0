//! Where an account differs from what it should be. Values are compared exactly.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::{Known, TargetPath, same};
use crate::desired::Want;

/// One place that is to change.
#[derive(Debug, Clone)]
pub struct Difference<'a> {
    pub path: &'a TargetPath,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

/// The same, for people and for the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeChange {
    /// The path, as the mapping spells it.
    pub attribute: String,
    pub old: Option<Value>,
    pub new: Option<Value>,
    /// Who must have an account before the value is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

impl From<&Difference<'_>> for AttributeChange {
    fn from(difference: &Difference<'_>) -> Self {
        Self {
            attribute: difference.path.as_str().to_owned(),
            old: difference.old.clone(),
            new: difference.new.clone(),
            waits_for: None,
        }
    }
}

/// What differs between an account and what it should be, in the mappings' order.
pub fn difference<'a>(known: &Known, wants: &[Want<'a>]) -> Vec<Difference<'a>> {
    wants
        .iter()
        .filter(|want| want.counts_on_update(known) && !known.is_callings(want.path))
        .filter(|want| want.value.is_some() || !known.is_kept(want.path))
        .filter(|want| !same(want.path, known.get(want.path), want.value.as_ref()))
        .map(|want| Difference {
            path: want.path,
            old: known.get(want.path).cloned(),
            new: want.value.clone(),
        })
        .collect()
}

//! Differences as PATCH operations (RFC 7644 §3.5.2), in the form that strict targets take: lower-case `op`,
//! typed values, `replace` only where there is a value, `add` where there is none, `remove` for what must go.
//!
//! An element that the target does not have is added whole, for a path with a filter that matches nothing is
//! an error (`noTarget`) in most of them, unless it is set that values go by their own paths as from Entra ID; an element of which nothing of ours is left is removed whole.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::difference::Difference;
use crate::account::{Foreign, Known, TargetPath};
use crate::target::MissingElement;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    Add,
    Replace,
    Remove,
}

/// One operation of a PATCH request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub op: Op,
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// The PATCH request's body.
pub(crate) fn body(operations: &[Operation]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}

/// The operations that carry out the differences, and what is known of the account afterwards. `paths` are all
/// places that the mappings name.
pub fn operations(
    known: &Known,
    differences: &[Difference<'_>],
    paths: &[TargetPath],
    missing: MissingElement,
) -> (Vec<Operation>, Known) {
    let mut after = known.clone();
    for difference in differences {
        after.set(difference.path, difference.new.clone());
    }
    let mut operations = Vec::with_capacity(differences.len());
    let mut done = Vec::new();
    for difference in differences {
        if !difference.path.in_element() {
            operations.push(single(difference));
            continue;
        }
        let element = difference.path.element_path();
        if done.contains(&element) {
            continue;
        }
        let group: Vec<_> = differences
            .iter()
            .filter(|other| other.path.element_path() == element)
            .collect();
        match known.element(difference.path) {
            None if missing == MissingElement::Add => operations.push(whole_element(&group)),
            Some(Foreign::Nothing) if is_empty(&after, &element, paths) => {
                operations.push(Operation {
                    op: Op::Remove,
                    path: element.clone(),
                    value: None,
                });
                after.remove_element(difference.path);
            }
            // Values first: an element that is left with its type only may go by itself.
            _ => {
                let (kept, gone): (Vec<_>, Vec<_>) =
                    group.into_iter().partition(|change| change.new.is_some());
                operations.extend(kept.into_iter().chain(gone).map(single));
            }
        }
        done.push(element);
    }
    (operations, after)
}

fn single(difference: &Difference<'_>) -> Operation {
    let op = match (&difference.old, &difference.new) {
        (_, None) => Op::Remove,
        (None, Some(_)) => Op::Add,
        (Some(_), Some(_)) => Op::Replace,
    };
    if difference.path.is_reference() && difference.path.sub.is_some() {
        return whole_reference(op, difference);
    }
    Operation {
        op,
        path: difference.path.written(),
        value: difference.new.clone(),
    }
}

/// Whoever else it named before is not to stay beside the new id: a display name, an address.
fn whole_reference(op: Op, difference: &Difference<'_>) -> Operation {
    let mut value = Map::new();
    fill(&mut value, difference.path, difference.new.as_ref());
    Operation {
        op,
        path: difference.path.attribute_path(),
        value: difference.new.as_ref().map(|_| Value::Object(value)),
    }
}

fn whole_element(group: &[&Difference<'_>]) -> Operation {
    let mut element = Map::new();
    for difference in group {
        fill(&mut element, difference.path, difference.new.as_ref());
    }
    Operation {
        op: Op::Add,
        path: group[0].path.attribute_path(),
        value: Some(json!([element])),
    }
}

/// Puts a value and the labels of its element into the element.
pub(super) fn fill(element: &mut Map<String, Value>, path: &TargetPath, value: Option<&Value>) {
    for (label, literal) in &path.element {
        element.entry(label.clone()).or_insert_with(|| literal.clone());
    }
    if let (Some(sub), Some(value)) = (&path.sub, value) {
        element.insert(sub.clone(), value.clone());
    }
}

fn is_empty(known: &Known, element: &str, paths: &[TargetPath]) -> bool {
    paths
        .iter()
        .filter(|path| path.in_element() && path.element_path() == element)
        .all(|path| known.get(path).is_none())
}

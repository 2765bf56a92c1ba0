//! What may change in a schema that resources hold values of: nothing that would make one of these values wrong, or
//! show what was given on the word that it stays hidden.

use super::place::DefinitionError;
use super::{Attribute, Schema, Uniqueness};

/// Refuses a new definition that stored values may contradict; the error points into the new one.
pub fn refuse_incompatible(old: &Schema, new: &Schema) -> Result<(), DefinitionError> {
    refuse_level(&old.attributes, &new.attributes, "/attributes")
}

fn refuse_level(old: &[Attribute], new: &[Attribute], pointer: &str) -> Result<(), DefinitionError> {
    if let Some(gone) = old.iter().find(|old| !new.iter().any(|new| new.name == old.name)) {
        let detail = format!("{} is there no longer, or is written in another case", gone.name);
        return Err(DefinitionError::new(pointer, detail));
    }
    for (index, new) in new.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        match old.iter().find(|old| old.name == new.name) {
            Some(old) => refuse_attribute(old, new, &pointer)?,
            None if new.required => {
                let detail = format!("{} is new and required: no resource has it yet", new.name);
                return Err(DefinitionError::new(format!("{pointer}/required"), detail));
            }
            None => {}
        }
    }
    Ok(())
}

fn refuse_attribute(old: &Attribute, new: &Attribute, pointer: &str) -> Result<(), DefinitionError> {
    let refused = |characteristic: &str, detail: &str| {
        Err(DefinitionError::new(
            format!("{pointer}/{characteristic}"),
            format!("{}: {detail}", new.name),
        ))
    };
    if old.kind != new.kind {
        return refused("type", "stored values are of the type that it had");
    }
    if old.multi_valued != new.multi_valued {
        return refused("multiValued", "stored values are as it was");
    }
    if new.required && !old.required {
        return refused("required", "there may be resources without a value");
    }
    if new.uniqueness != Uniqueness::None {
        if old.uniqueness == Uniqueness::None {
            return refused("uniqueness", "there may be resources that share a value");
        }
        if old.case_exact != new.case_exact {
            return refused(
                "caseExact",
                "stored values are unique as they were compared before",
            );
        }
    }
    if old.is_hidden() && !new.is_hidden() {
        return refused("returned", "stored values were given as hidden ones");
    }
    if !old.reference_types.is_empty()
        && !new.reference_types.is_empty()
        && !old
            .reference_types
            .iter()
            .all(|kind| new.reference_types.contains(kind))
    {
        return refused(
            "referenceTypes",
            "stored values may be of a type that is there no longer",
        );
    }
    if old.reference_types.is_empty() && !new.reference_types.is_empty() {
        return refused("referenceTypes", "stored values may be of any type");
    }
    let pointer = format!("{pointer}/subAttributes");
    refuse_level(&old.sub_attributes, &new.sub_attributes, &pointer)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn schema(attribute: &Value) -> Schema {
        let definition =
            json!({ "id": "urn:example:a:1.0:User", "attributes": [attribute, { "name": "other" }] });
        super::super::definition::read(&definition).expect("a schema")
    }

    #[test]
    fn what_stored_values_bear_and_what_not() {
        let reference = |kinds: &[&str]| json!({ "name": "a", "type": "reference", "referenceTypes": kinds });
        let complex = |subs: Value| json!({ "name": "a", "type": "complex", "subAttributes": subs });
        for (old, new, refused) in [
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "description": "d" }),
                None,
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "canonicalValues": ["x"] }),
                None,
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "mutability": "immutable" }),
                None,
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "returned": "never" }),
                None,
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "caseExact": true }),
                None,
            ),
            (
                json!({ "name": "a", "required": true }),
                json!({ "name": "a" }),
                None,
            ),
            (
                json!({ "name": "a", "uniqueness": "server" }),
                json!({ "name": "a" }),
                None,
            ),
            (
                json!({ "name": "a", "uniqueness": "server" }),
                json!({ "name": "a", "uniqueness": "global" }),
                None,
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "b" }),
                Some("/attributes"),
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "A" }),
                Some("/attributes"),
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "type": "integer" }),
                Some("/attributes/0/type"),
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "multiValued": true }),
                Some("/attributes/0/multiValued"),
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "required": true }),
                Some("/attributes/0/required"),
            ),
            (
                json!({ "name": "a" }),
                json!({ "name": "a", "uniqueness": "server" }),
                Some("/attributes/0/uniqueness"),
            ),
            (
                json!({ "name": "a", "uniqueness": "server" }),
                json!({ "name": "a", "uniqueness": "server", "caseExact": true }),
                Some("/attributes/0/caseExact"),
            ),
            (
                json!({ "name": "a", "mutability": "writeOnly" }),
                json!({ "name": "a" }),
                Some("/attributes/0/returned"),
            ),
            (reference(&["User"]), reference(&["User", "Group"]), None),
            (reference(&["User"]), reference(&[]), None),
            (
                reference(&["User"]),
                reference(&["Group"]),
                Some("/attributes/0/referenceTypes"),
            ),
            (
                reference(&[]),
                reference(&["User"]),
                Some("/attributes/0/referenceTypes"),
            ),
            (
                complex(json!([{ "name": "x" }])),
                complex(json!([{ "name": "y" }, { "name": "x", "description": "d" }])),
                None,
            ),
            (
                complex(json!([{ "name": "x" }])),
                complex(json!([{ "name": "x" }, { "name": "y", "required": true }])),
                Some("/attributes/0/subAttributes/1/required"),
            ),
            (
                complex(json!([{ "name": "x" }, { "name": "y" }])),
                complex(json!([{ "name": "x" }])),
                Some("/attributes/0/subAttributes"),
            ),
        ] {
            let outcome = refuse_incompatible(&schema(&old), &schema(&new));
            assert_eq!(
                outcome.err().map(|error| error.pointer).as_deref(),
                refused,
                "{old} {new}"
            );
        }
    }
}

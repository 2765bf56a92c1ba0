//! Changes of attributes, as a reviewer would read them: `title: Engineer → Senior Engineer`.

use serde::Deserialize;
use serde_json::Value;

use crate::plain::plain;

/// One attribute's change; no value stands for none.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Change {
    pub(crate) attribute: String,
    #[serde(default)]
    pub(crate) old: Value,
    #[serde(default)]
    pub(crate) new: Value,
    /// Who must have an account before anything is sent.
    #[serde(default)]
    pub(crate) waits_for: Option<String>,
}

/// `title: Engineer → Senior Engineer`
pub(crate) fn change(change: &Change) -> String {
    if let Some(waits) = waits(change) {
        return waits;
    }
    format!(
        "{}: {} → {}",
        plain(&change.attribute),
        shown(&change.old),
        shown(&change.new)
    )
}

/// `title: Engineer`, for what was not there before.
pub(crate) fn addition(change: &Change) -> String {
    if let Some(waits) = waits(change) {
        return waits;
    }
    format!("{}: {}", plain(&change.attribute), shown(&change.new))
}

/// `manager: waits for Bo to have an account`
fn waits(change: &Change) -> Option<String> {
    let name = change.waits_for.as_deref()?;
    Some(format!(
        "{}: waits for {} to have an account",
        plain(&change.attribute),
        plain(name)
    ))
}

/// `title: A → B; active: true → false`
pub(crate) fn changes(all: &[Change]) -> String {
    all.iter().map(change).collect::<Vec<_>>().join("; ")
}

/// A value without quotes; nothing, an empty text and an empty list look the same, as they are.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(empty)".to_owned(),
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => plain(text).into_owned(),
        Value::Array(values) if values.is_empty() => "(empty)".to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => plain(&other.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_as_a_person_would_write_them() {
        let cases = [
            (json!(null), "(empty)"),
            (json!(""), "(empty)"),
            (json!([]), "(empty)"),
            (json!("Engineer"), "Engineer"),
            (json!("two\nlines"), "two\\nlines"),
            (json!(true), "true"),
            (json!(["a", "b"]), "a, b"),
            (json!({"country": "SE"}), r#"{"country":"SE"}"#),
        ];
        for (value, expected) in cases {
            assert_eq!(shown(&value), expected, "{value}");
        }
    }

    #[test]
    fn a_change_names_both_sides() {
        let title = Change {
            attribute: "title".to_owned(),
            old: json!("Engineer"),
            new: json!(null),
            waits_for: None,
        };
        assert_eq!(change(&title), "title: Engineer → (empty)");
        let manager = Change {
            attribute: "manager".to_owned(),
            old: json!(null),
            new: json!(null),
            waits_for: Some("Bo".to_owned()),
        };
        assert_eq!(change(&manager), "manager: waits for Bo to have an account");
    }
}

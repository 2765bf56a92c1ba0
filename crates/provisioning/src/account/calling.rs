//! Telephone numbers that belong to Webex Calling: whoever gets it there loses the number of type `work` and has a
//! `work_extension` from then on, whatever SCIM says. Sent again, they would go again, for ever.

use scim::Object;
use serde_json::Value;

use super::path::{TargetPath, member};

const PHONES: &str = "phoneNumbers";
const NUMBER: &str = "work";
const EXTENSION: &str = "work_extension";
pub(super) const NUMBER_VALUE: &str = r#"phoneNumbers[type eq "work"].value"#;
pub(super) const EXTENSION_VALUE: &str = r#"phoneNumbers[type eq "work_extension"].value"#;

/// Whether an account looks as Webex Calling leaves it.
pub(super) fn has_been_at(resource: &Object) -> bool {
    let Some(Value::Array(phones)) = member(resource, PHONES) else {
        return false;
    };
    let has = |kind: &str| {
        let is = |phone: &Value| {
            let given = phone
                .as_object()
                .and_then(|phone| member(phone, "type")?.as_str());
            given.is_some_and(|given| given.eq_ignore_ascii_case(kind))
        };
        phones.iter().any(is)
    };
    has(EXTENSION) && !has(NUMBER)
}

/// Whether a place is one of those that it fills or empties.
pub(super) fn fills(path: &TargetPath) -> bool {
    let is_type = |(label, value): &(String, Value)| {
        label.eq_ignore_ascii_case("type")
            && value
                .as_str()
                .is_some_and(|kind| kind.eq_ignore_ascii_case(NUMBER) || kind.eq_ignore_ascii_case(EXTENSION))
    };
    path.schema.is_none() && path.attribute.eq_ignore_ascii_case(PHONES) && path.element.iter().any(is_type)
}

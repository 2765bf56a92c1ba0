//! `AppRoleAssignmentsComplex([appRoleAssignments])`

use serde_json::{Map, Value as Json};

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "AppRoleAssignmentsComplex",
    &[Parameter::required("appRoleAssignments").of(Kind::Attribute)],
    Kind::Complex,
    evaluate,
);

fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(elements(arguments, "displayName"))
}

/// The elements of `roles`, one for each of the person's roles at the app. `name` is what its name is called in them.
pub(super) fn elements(arguments: &Arguments<'_>, name: &str) -> Value {
    let roles: Vec<_> = arguments
        .value(0)
        .items()
        .iter()
        .map(|role| element(role, name))
        .collect();
    if roles.is_empty() {
        Value::Null
    } else {
        Value::Complex(roles)
    }
}

fn element(role: &str, name: &str) -> Map<String, Json> {
    [
        ("primary", Json::from(false)),
        ("type", "WindowsAzureActiveDirectoryRole".into()),
        (name, role.into()),
        ("value", role.into()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::Value;
    use crate::function::testing::{evaluate, evaluate_list};

    #[test]
    fn published_elements() {
        for (function, name) in [
            ("AppRoleAssignmentsComplex", "displayName"),
            ("AssertiveAppRoleAssignmentsComplex", "display"),
        ] {
            let value = evaluate_list(&format!("{function}([list])"), &["Admin", "User"]);
            assert_eq!(
                value.to_json(),
                json!([
                    {"primary": false, "type": "WindowsAzureActiveDirectoryRole", name: "Admin", "value": "Admin"},
                    {"primary": false, "type": "WindowsAzureActiveDirectoryRole", name: "User", "value": "User"},
                ])
            );
            assert_eq!(evaluate(&format!("{function}([absent])"), &[]), Value::Null);
        }
    }
}

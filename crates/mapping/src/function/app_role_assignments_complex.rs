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

/// The elements of `roles`, one for each of the person's roles at the app.
pub(super) fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let roles: Vec<_> = arguments
        .value(0)
        .items()
        .iter()
        .map(|role| element(role))
        .collect();
    Ok(if roles.is_empty() {
        Value::Null
    } else {
        Value::Complex(roles)
    })
}

fn element(role: &str) -> Map<String, Json> {
    [
        ("primary", Json::from(false)),
        ("type", "WindowsAzureActiveDirectoryRole".into()),
        ("display", role.into()),
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
        for name in ["AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex"] {
            let value = evaluate_list(&format!("{name}([list])"), &["Admin", "User"]);
            assert_eq!(
                value.to_json(),
                json!([
                    {"primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "Admin", "value": "Admin"},
                    {"primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "User", "value": "User"},
                ])
            );
            assert_eq!(evaluate(&format!("{name}([absent])"), &[]), Value::Null);
        }
    }
}

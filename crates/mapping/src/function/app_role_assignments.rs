//! `AppRoleAssignments([appRoleAssignments])`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "AppRoleAssignments",
    &[Parameter::required("source").of(Kind::Attribute)],
    Kind::List,
    evaluate,
);

/// All of the person's roles at the app.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let roles: Vec<_> = arguments
        .value(0)
        .items()
        .iter()
        .map(|role| role.as_ref().to_owned())
        .collect();
    Ok(if roles.is_empty() {
        Value::Null
    } else {
        Value::List(roles)
    })
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, evaluate_list, refusal};

    #[test]
    fn all_roles_in_their_order() {
        let roles = evaluate_list("AppRoleAssignments([list])", &["Admin", "User"]);
        assert_eq!(roles, Value::List(vec!["Admin".into(), "User".into()]));
        assert_eq!(evaluate("AppRoleAssignments([absent])", &[]), Value::Null);
        let one = evaluate("AppRoleAssignments([role])", &[("role", "Admin")]);
        assert_eq!(one.as_text().as_deref(), Some("Admin"));
        assert_eq!(refusal(r#"AppRoleAssignments("Admin")"#).0, 19);
    }
}

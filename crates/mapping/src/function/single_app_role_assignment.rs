//! `SingleAppRoleAssignment([appRoleAssignments])`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "SingleAppRoleAssignment",
    &[Parameter::required("appRoleAssignments").of(Kind::Attribute)],
    Kind::Text,
    evaluate,
);

/// The person's one role at the app. Several are an error for that person: which of them was meant is not known.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let roles = arguments.value(0).items();
    match roles.as_slice() {
        [] => Ok(Value::Null),
        [role] => Ok(Value::text(role.as_ref())),
        several => Err(format!(
            "the person has {} roles, {}; assign one only, or use AppRoleAssignmentsComplex",
            several.len(),
            several.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, evaluate_list, evaluated, refusal};

    #[test]
    fn one_role_none_and_several() {
        assert_eq!(
            evaluate_list("SingleAppRoleAssignment([list])", &["Admin"]),
            "Admin".into()
        );
        assert_eq!(
            evaluate("SingleAppRoleAssignment([appRoleAssignments])", &[]),
            Value::Null
        );
        let two = Value::List(vec!["Admin".into(), "User".into()]);
        let error = evaluated(
            "SingleAppRoleAssignment([appRoleAssignments])",
            &[("appRoleAssignments", two)],
            crate::Still::default(),
        );
        assert!(
            error
                .expect_err("several")
                .message
                .contains("2 roles, Admin, User")
        );
        assert_eq!(refusal(r#"SingleAppRoleAssignment("Admin")"#).0, 24);
    }
}

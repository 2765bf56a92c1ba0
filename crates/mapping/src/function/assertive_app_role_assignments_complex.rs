//! `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`

use super::app_role_assignments_complex::elements;
use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

/// The same elements, with RFC 7643's `display`. Entra ID also tells the two apart in how it patches; here the list is
/// always the whole truth.
pub(super) static FUNCTION: Function = Function::new(
    "AssertiveAppRoleAssignmentsComplex",
    &[Parameter::required("appRoleAssignments").of(Kind::Attribute)],
    Kind::Complex,
    evaluate,
);

fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(elements(arguments, "display"))
}

//! `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`

use super::app_role_assignments_complex::evaluate;
use super::{Function, Kind, Parameter};

/// The same elements. Entra ID tells the two apart in how it patches; here the list is always the whole truth.
pub(super) static FUNCTION: Function = Function::new(
    "AssertiveAppRoleAssignmentsComplex",
    &[Parameter::required("appRoleAssignments").of(Kind::Attribute)],
    Kind::Complex,
    evaluate,
);

//! Functions of other sources of the same person. There is neither an Active Directory nor a Workday behind this
//! directory, so that expressions take the branch for people who have none.

use crate::Value;
use crate::function::{Arguments, Function, Kind};

pub(super) static ALL: &[&Function] = &[
    &Function::new("findDirectoryUser", &[], Kind::Anything, nobody),
    &Function::new("findWorkdayUser", &[], Kind::Anything, nobody),
    &Function::new("hasDirectoryUser", &[], Kind::Boolean, none),
    &Function::new("hasWorkdayUser", &[], Kind::Boolean, none),
];

fn none(_: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(false))
}

fn nobody(_: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Null)
}

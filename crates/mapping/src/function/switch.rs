//! `Switch(source, defaultValue, key1, value1, key2, value2, …)`

use super::{Branches, Function, Kind, Parameter};
use crate::{EvalError, Value};

pub(super) static FUNCTION: Function = Function::lazy(
    "Switch",
    &[
        Parameter::required("source"),
        Parameter::blank("defaultValue"),
        Parameter::required("key"),
        Parameter::blank("value"),
    ],
    Kind::Anything,
    choose,
)
.repeating(2)
.conditional();

const DEFAULT: usize = 1;
const FIRST_KEY: usize = 2;

/// Keys are compared with regard to case; the key `""` is for a source without a value. Without a match it is the
/// default, and null if that was left out. Values that are not chosen are not worked out.
fn choose(branches: &Branches<'_>) -> Result<Value, EvalError> {
    let source = branches.value(0)?;
    let source = source.as_text().unwrap_or_default();
    for key in (FIRST_KEY..branches.len()).step_by(2) {
        if branches.value(key)?.as_text().unwrap_or_default() == source {
            return branches.value(key + 1);
        }
    }
    branches.value(DEFAULT)
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_examples() {
        let zones = r#"Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney","QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")"#;
        for (state, zone) in [
            ("QLD", "Australia/Brisbane"),
            ("NSW", "Australia/Sydney"),
            ("VIC", "Australia/Sydney"),
            ("qld", "Australia/Sydney"),
        ] {
            assert_eq!(evaluate(zones, &[("state", state)]), zone.into());
        }
        let flag = r#"Switch([statusFlag], "Default Value", "true", "1", "", "0")"#;
        assert_eq!(evaluate(flag, &[]), "0".into());
        assert_eq!(evaluate(flag, &[("statusFlag", "")]), "0".into());
        assert_eq!(evaluate(flag, &[("statusFlag", "true")]), "1".into());
        assert_eq!(evaluate(flag, &[("statusFlag", "else")]), "Default Value".into());
        let lower = r#"Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")"#;
        assert_eq!(evaluate(lower, &[("statusFlag", "TRUE")]), "1".into());
        let other = r#"Switch([country],[country],"","Other")"#;
        assert_eq!(evaluate(other, &[]), "Other".into());
        assert_eq!(evaluate(other, &[("country", "FR")]), "FR".into());
    }

    #[test]
    fn the_default_of_active() {
        let active = r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#;
        assert_eq!(evaluate(active, &[("IsSoftDeleted", "False")]), "True".into());
        assert_eq!(evaluate(active, &[("IsSoftDeleted", "True")]), "False".into());
        assert_eq!(evaluate(active, &[("IsSoftDeleted", "?")]), Value::Null);
    }
}

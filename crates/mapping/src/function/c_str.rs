//! `CStr(value)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function =
    Function::new("CStr", &[Parameter::required("value")], Kind::Text, evaluate);

/// Booleans are `True` and `False`, a list is joined with commas.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(arguments
        .text(0)
        .map_or(Value::Null, |text| Value::Text(text.into_owned())))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, evaluate_list};

    #[test]
    fn published_example() {
        let dn = "cn=Joe,dc=contoso,dc=com";
        assert_eq!(evaluate("CStr([dn])", &[("dn", dn)]), dn.into());
    }

    #[test]
    fn every_kind() {
        assert_eq!(evaluate("CStr(12)", &[]), "12".into());
        assert_eq!(evaluate("CStr(True)", &[]), "True".into());
        assert_eq!(evaluate_list("CStr([list])", &["a", "b"]), "a,b".into());
        assert_eq!(evaluate("CStr([absent])", &[]), Value::Null);
    }
}

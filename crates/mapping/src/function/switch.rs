//! `Switch(source, defaultValue, key1, value1, key2, value2, …)`

use super::{Arguments, Function, Parameter, nothing};
use crate::Value;

pub(super) static FUNCTION: Function = Function {
    name: "Switch",
    parameters: &[
        Parameter::required("source"),
        Parameter::blank("defaultValue"),
        Parameter::required("key"),
        Parameter::blank("value"),
    ],
    repeats: 2,
    prepare: nothing,
    evaluate,
};

/// Keys are compared with regard to case; the key `""` is for a source without a value. Without a match it is the
/// default, and null if that was left out.
#[allow(clippy::unnecessary_wraps, reason = "the shape of `Function::evaluate`")]
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let source = arguments.text(0).unwrap_or_default();
    let values: Vec<&Value> = arguments.all().skip(2).collect();
    let matched = values
        .chunks_exact(2)
        .find(|pair| pair[0].as_text().unwrap_or_default() == source)
        .map(|pair| pair[1]);
    Ok(matched.unwrap_or(arguments.value(1)).clone())
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

//! `DateFromNum(value)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;
use crate::date::DateTime;

pub(super) static FUNCTION: Function = Function::new(
    "DateFromNum",
    &[Parameter::required("value").of(Kind::Number)],
    Kind::Date,
    evaluate,
);

/// Active Directory counts 100 nanoseconds since 1601.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(count) = arguments.optional_number(0, "value")? else {
        return Ok(Value::Null);
    };
    Ok(Value::Text(DateTime::of_filetime(count)?.to_string()))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_example() {
        let result: Value = "1/1/2012 11:00:00 PM".into();
        assert_eq!(evaluate("DateFromNum(129699324000000000)", &[]), result);
        let attributes = [("lastLogonTimestamp", "129699324000000000")];
        assert_eq!(evaluate("DateFromNum([lastLogonTimestamp])", &attributes), result);
        assert_eq!(evaluate("DateFromNum([lastLogonTimestamp])", &[]), Value::Null);
    }

    #[test]
    fn from_one_end_to_the_other() {
        assert_eq!(evaluate("DateFromNum(0)", &[]), "1/1/1601 12:00:00 AM".into());
        for number in [i64::MIN, i64::MAX] {
            let _ = crate::function::testing::try_evaluate("DateFromNum([n])", &[("n", &number.to_string())]);
        }
    }
}

//! `CDate(expression)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "CDate",
    &[Parameter::required("expression").of(Kind::Date)],
    Kind::Date,
    evaluate,
);

/// The time in UTC, as `M/d/yyyy h:mm:ss tt`. Nothing stays nothing.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(arguments
        .date(0)?
        .map_or(Value::Null, |date| Value::Text(date.to_string())))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, refusal, try_evaluate};

    #[test]
    fn published_examples() {
        for (date, result) in [
            ("2020-03-16-07:00", "3/16/2020 7:00:00 AM"),
            ("2021-06-30+08:00", "6/29/2021 4:00:00 PM"),
            ("2009-06-15T01:45:30-07:00", "6/15/2009 8:45:30 AM"),
        ] {
            assert_eq!(
                evaluate("CDate([StatusHireDate])", &[("StatusHireDate", date)]),
                result.into()
            );
        }
    }

    #[test]
    fn what_is_no_date() {
        assert_eq!(evaluate("CDate([absent])", &[]), Value::Null);
        assert!(try_evaluate("CDate([x])", &[("x", "soon")]).is_err());
        let (position, message) = refusal("CDate(\"soon\")");
        assert_eq!(position, 6);
        assert!(message.contains("must be a date"), "{message}");
        assert_eq!(refusal("CDate(12)").0, 6);
        assert_eq!(refusal("CDate(Not([a]))").0, 6);
    }
}

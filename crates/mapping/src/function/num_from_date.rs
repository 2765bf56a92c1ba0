//! `NumFromDate(value)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "NumFromDate",
    &[Parameter::required("value").of(Kind::Date)],
    Kind::Number,
    evaluate,
);

/// As Active Directory counts: 100 nanoseconds since 1601.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    match arguments.date(0)? {
        None => Ok(Value::Null),
        Some(date) => date.filetime().map(Value::Number),
    }
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    /// The inputs are those that the documentation describes; the numbers are reckoned by hand.
    #[test]
    fn published_examples() {
        let workday = r#"NumFromDate(Join("", FormatDateTime([ContractEndDate], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))"#;
        assert_eq!(
            evaluate(workday, &[("ContractEndDate", "2020-12-31-08:00")]),
            Value::Number(132_539_615_990_000_000)
        );
        let success_factors = r#"NumFromDate(Join("",FormatDateTime([endDate], ,"M/d/yyyy hh:mm:ss tt","yyyy-MM-dd")," 23:59:59-08:00"))"#;
        assert_eq!(
            evaluate(success_factors, &[("endDate", "12/31/2020 12:00:00 AM")]),
            Value::Number(132_539_615_990_000_000)
        );
    }

    #[test]
    fn there_and_back() {
        assert_eq!(
            evaluate("NumFromDate(DateFromNum(129699324000000000))", &[]),
            Value::Number(129_699_324_000_000_000)
        );
        assert_eq!(evaluate("NumFromDate([absent])", &[]), Value::Null);
    }
}

//! `DateDiff(interval, date1, date2)`

use super::date_add::interval;
use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "DateDiff",
    &[
        Parameter::required("interval").of(Kind::Interval),
        Parameter::required("date1").of(Kind::Date),
        Parameter::required("date2").of(Kind::Date),
    ],
    Kind::Number,
    evaluate,
);

/// How much later the second is; negative if it is earlier. Nothing if either has no value.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let interval = interval(arguments)?;
    let dates = arguments.date(1)?.zip(arguments.date(2)?);
    Ok(dates.map_or(Value::Null, |(from, to)| {
        Value::Number(interval.between(from, to))
    }))
}

#[cfg(test)]
mod tests {
    use base::Timestamp;

    use crate::function::testing::{evaluate, evaluated};
    use crate::{Still, Value};

    #[test]
    fn published_examples() {
        for (interval, from, to, result) in [
            ("d", "2021-08-18+08:00", "2021-08-31+08:00", 13),
            ("d", "8/25/2021 5:41:18 PM", "2012-03-16-07:00", -3449),
            ("ww", "8/25/2021 5:41:18 PM", "2012-03-16-07:00", -493),
            ("m", "8/25/2021 5:41:18 PM", "2012-03-16-07:00", -113),
            ("yyyy", "8/25/2021 5:41:18 PM", "2012-03-16-07:00", -9),
            ("d", "2021-08-31+08:00", "2021-08-31+08:00", 0),
            ("h", "2021-08-24", "2021-08-25", 24),
            ("n", "2021-08-24", "2021-08-25", 1440),
            ("s", "2021-08-24", "2021-08-25", 86400),
        ] {
            let text = format!(r#"DateDiff("{interval}", CDate([a]), CDate([b]))"#);
            assert_eq!(
                evaluate(&text, &[("a", from), ("b", to)]),
                Value::Number(result),
                "{text} {from} {to}"
            );
        }
    }

    /// The published condition: active only if hired within the next five days.
    #[test]
    fn published_condition() {
        let text = r#"Switch([Active], ,
            "1", IIF(DateDiff("d", Now(), CDate([StatusHireDate])) > 5, "False", "True"),
            "0", "False")"#;
        let still = Still {
            now: "2026-11-21T09:30:00Z".parse::<Timestamp>().expect("a time"),
            seed: 0,
        };
        for (active, hired, result) in [
            ("1", "2026-11-28", "False"),
            ("1", "2026-11-26", "True"),
            ("1", "2020-01-01", "True"),
            ("0", "2020-01-01", "False"),
        ] {
            let attributes = [("Active", active.into()), ("StatusHireDate", hired.into())];
            let value = evaluated(text, &attributes, still).expect("a value").value;
            assert_eq!(value, result.into(), "{active} {hired}");
        }
    }

    #[test]
    fn nothing_is_no_distance() {
        assert_eq!(
            evaluate(r#"DateDiff("d", [absent], "2021-08-25")"#, &[]),
            Value::Null
        );
    }
}

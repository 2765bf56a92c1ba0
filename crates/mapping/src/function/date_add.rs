//! `DateAdd(interval, value, dateTime)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;
use crate::date::Interval;

pub(super) static FUNCTION: Function = Function::new(
    "DateAdd",
    &[
        Parameter::required("interval").of(Kind::Interval),
        Parameter::required("value").of(Kind::Number),
        Parameter::required("dateTime").of(Kind::Date),
    ],
    Kind::Date,
    evaluate,
);

/// Nothing if there is no date.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let interval = interval(arguments)?;
    let count = arguments.number(1, "value")?;
    let Some(date) = arguments.date(2)? else {
        return Ok(Value::Null);
    };
    Ok(Value::Text(interval.add(count, date)?.to_string()))
}

/// The first argument of the functions that count in intervals.
pub(super) fn interval(arguments: &Arguments<'_>) -> Result<Interval, String> {
    let text = arguments.text(0).unwrap_or_default();
    Interval::find(&text).ok_or_else(|| {
        format!(
            "interval is one of {}, not {text:?}",
            Interval::symbols().join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, refusal, try_evaluate};

    #[test]
    fn published_examples() {
        for (interval, value, result) in [
            ("d", 7, "3/23/2012 7:00:00 AM"),
            ("d", -10, "3/6/2012 7:00:00 AM"),
            ("ww", 2, "3/30/2012 7:00:00 AM"),
            ("m", 10, "1/16/2013 7:00:00 AM"),
            ("yyyy", 2, "3/16/2014 7:00:00 AM"),
        ] {
            let text = format!(r#"DateAdd("{interval}", {value}, CDate([StatusHireDate]))"#);
            assert_eq!(
                evaluate(&text, &[("StatusHireDate", "2012-03-16-07:00")]),
                result.into(),
                "{text}"
            );
        }
    }

    #[test]
    fn the_end_of_a_month_and_the_smaller_intervals() {
        for (text, result) in [
            (r#"DateAdd("m", 1, "2024-01-31")"#, "2/29/2024 12:00:00 AM"),
            (r#"DateAdd("yyyy", -1, "2024-02-29")"#, "2/28/2023 12:00:00 AM"),
            (r#"DateAdd("h", 25, "2024-01-31")"#, "2/1/2024 1:00:00 AM"),
            (r#"DateAdd("n", -1, "2024-01-31")"#, "1/30/2024 11:59:00 PM"),
            (r#"DateAdd("S", 61, "2024-01-31")"#, "1/31/2024 12:01:01 AM"),
        ] {
            assert_eq!(evaluate(text, &[]), result.into(), "{text}");
        }
        assert_eq!(evaluate(r#"DateAdd("d", 1, [absent])"#, &[]), Value::Null);
        assert!(try_evaluate(r#"DateAdd("yyyy", 99999, "2024-01-31")"#, &[]).is_err());
        assert!(try_evaluate(r#"DateAdd("s", 9223372036854775807, "2024-01-31")"#, &[]).is_err());
    }

    #[test]
    fn intervals_are_checked_when_saved() {
        let (position, message) = refusal(r#"DateAdd("days", 1, [x])"#);
        assert_eq!(position, 8);
        assert!(message.contains("yyyy, m, d, ww, h, n, s"), "{message}");
        assert!(try_evaluate(r#"DateAdd([i], 1, "2024-01-31")"#, &[("i", "days")]).is_err());
        assert_eq!(refusal(r#"DateAdd("d", "soon", [x])"#).0, 13);
        assert_eq!(refusal(r#"DateAdd("d", CDate([x]), [x])"#).0, 13);
    }
}

//! `Now()`

use super::{Arguments, Function, Kind, Nature};
use crate::Value;
use crate::date::DateTime;

pub(super) static FUNCTION: Function =
    Function::new("Now", &[], Kind::Date, evaluate).being(Nature::Fleeting);

/// The time in UTC, as `M/d/yyyy h:mm:ss tt`.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Text(DateTime::of_timestamp(arguments.now())?.to_string()))
}

#[cfg(test)]
mod tests {
    use crate::Still;
    use crate::function::testing::evaluated;

    #[test]
    fn published_form() {
        let still = Still {
            now: "2021-07-02T15:33:38Z".parse().expect("a time"),
            seed: 0,
        };
        let value = evaluated("Now()", &[], still).expect("a value").value;
        assert_eq!(value, "7/2/2021 3:33:38 PM".into());
        let later = Still {
            now: "2021-07-02T00:00:00Z".parse().expect("a time"),
            ..still
        };
        let value = evaluated("Now()", &[], later).expect("a value").value;
        assert_eq!(value, "7/2/2021 12:00:00 AM".into());
    }
}

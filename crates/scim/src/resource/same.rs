//! Whether two values of an attribute are one and the same, by its type and `caseExact`.

use serde_json::Value;

use crate::dialect;
use crate::filter::{same_number, same_text};
use crate::schema::{Attribute, Kind};

/// The values of a multi-valued attribute in whichever order.
pub(crate) fn same(a: &Value, b: &Value, attribute: &Attribute) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && all_within(a, b, attribute) && all_within(b, a, attribute)
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, value)| {
                    let (other, sub) = (b.get(name), attribute.sub_attribute(name));
                    match (other, sub) {
                        (Some(other), Some(sub)) => same(value, other, sub),
                        (other, _) => other == Some(value),
                    }
                })
        }
        (Value::String(a), Value::String(b)) => match attribute.kind {
            Kind::DateTime => a == b || dialect::moment(a).is_some_and(|at| dialect::moment(b) == Some(at)),
            _ => same_text(a, b, attribute),
        },
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        _ => a == b,
    }
}

fn all_within(some: &[Value], others: &[Value], attribute: &Attribute) -> bool {
    some.iter()
        .all(|one| others.iter().any(|other| same(one, other, attribute)))
}

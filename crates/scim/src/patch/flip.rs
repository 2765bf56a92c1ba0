//! At most one value is primary (RFC 7644 §3.5.2): making one so unmakes the others.

use serde_json::Value;

use crate::Error;
use crate::resource::coerce::{self, At};
use crate::schema::Attribute;

/// If one of the values just written is primary, no other is any longer.
pub(super) fn keep_one_primary(
    values: &mut [Value],
    touched: &[usize],
    attribute: &Attribute,
) -> Result<(), Error> {
    if attribute.sub_attribute("primary").is_none() {
        return Ok(());
    }
    let mut made = touched
        .iter()
        .copied()
        .filter(|&index| coerce::is_primary(&values[index]));
    let Some(primary) = made.next() else {
        return Ok(());
    };
    if made.any(|index| index != primary) {
        return coerce::refuse_two_primaries(values, &At::top(&attribute.name));
    }
    for (index, value) in values.iter_mut().enumerate() {
        if index != primary && coerce::is_primary(value) {
            value["primary"] = Value::Bool(false);
        }
    }
    Ok(())
}

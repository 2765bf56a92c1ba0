//! The one place where clients' deviations from the RFCs are understood.
//!
//! What Entra ID, Okta, JumpCloud and Webex's own clients really send is mostly the RFC's JSON with small
//! liberties: booleans and numbers as strings, a bare string for a complex attribute, `null` and `""` for "no value",
//! names in any case, roles as JSON within a string. Each liberty is one function here; everything else in this
//! crate sees the RFC's form only. (Values without quotes in filters, and a dot after a URN, belong to the grammar.)

use base::Timestamp;
use serde_json::{Map, Number, Value};

use crate::path::AttributePath;
use crate::schema::{Attribute, ResourceType};
use crate::{Error, Object};

/// `true`, `"True"`, `"FALSE"` …
pub(crate) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(boolean) => Some(*boolean),
        Value::String(text) => boolean_text(text),
        _ => None,
    }
}

pub(crate) fn boolean_text(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A number written as a text.
pub(crate) fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let number: Number = serde_json::from_str(text).ok()?;
    if number.is_f64() {
        // The nearest one, which that is not always.
        return text.parse().ok().and_then(Number::from_f64);
    }
    Some(number)
}

/// A point in time: RFC 3339, also without a zone (then UTC) or as a date alone (then its beginning).
/// The last hours of the year 9999, by which some mean "never", are taken for the last moment that can be reckoned with.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let read = text
        .parse()
        .or_else(|_| format!("{text}Z").parse())
        .or_else(|_| format!("{text}T00:00:00Z").parse())
        .ok();
    read.or_else(|| {
        let day = text.strip_prefix("9999-12-3").filter(|_| is_date_time(text))?;
        format!("9998-12-3{day}").parse::<Timestamp>().ok()?;
        "9999-12-30T21:59:59.999999Z".parse().ok()
    })
}

/// `2026-11-21T09:30:00Z`, with or without a fraction, with `Z` or an offset: what of xsd:dateTime is in use.
fn is_date_time(text: &str) -> bool {
    let (Some(head), Some(rest)) = (text.get(..19), text.get(19..)) else {
        return false;
    };
    let fits = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                b'+' => byte == b'+' || byte == b'-',
                like => byte == like,
            })
    };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    let hour = |text: &str| text.get(..2).and_then(|hour| hour.parse::<u8>().ok());
    fits(head, "0000-00-00T00:00:00")
        && (zone == "Z" || (fits(zone, "+00:00") && hour(&zone[1..]).is_some_and(|hour| hour <= 14)))
}

/// A point in time as RFC 7643 §2.3.5 has it: one without a zone, or a date alone, gets what it lacks.
pub(crate) fn date_time(text: String) -> Option<String> {
    let at = moment(&text)?;
    if is_date_time(&text) {
        return Some(text);
    }
    Some(at.to_string())
}

/// Base64 of either alphabet, with or without its padding; line breaks, as certificates have them, are left out.
pub(crate) fn base64(text: String) -> Option<String> {
    use base64::Engine as _;
    use base64::alphabet::{STANDARD, URL_SAFE};
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text = if text.contains(|letter: char| letter.is_ascii_whitespace()) {
        text.split_ascii_whitespace().collect()
    } else {
        text
    };
    let alphabet = if text.contains(['-', '_']) {
        URL_SAFE
    } else {
        STANDARD
    };
    let decoded = GeneralPurpose::new(&alphabet, LENIENT).decode(&text);
    decoded.is_ok().then_some(text)
}

/// An address in which what no address can hold (a space in a file's name) is written as RFC 3986 wants it.
pub(crate) fn uri(text: String) -> String {
    let strange = |letter: char| {
        letter.is_ascii_control()
            || matches!(letter, ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    let text = text.trim();
    if !text.contains(strange) {
        return text.to_owned();
    }
    let written = |letter: char| {
        if strange(letter) {
            format!("%{:02X}", u32::from(letter))
        } else {
            letter.to_string()
        }
    };
    text.chars().map(written).collect()
}

/// `null`, `""`, `[]`, `[null]`: there is no value (RFC 7643 §2.5, and what Entra ID and JumpCloud clear with).
pub(crate) fn is_no_value(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(is_no_value),
        Value::Object(_) | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The value of a key, in any case.
pub(crate) fn key<'o>(object: &'o Object, name: &str) -> Option<&'o Value> {
    crate::path::field(object, name)
}

/// Refuses a name that is there twice in differing case: which of the two counts would be a guess.
pub(crate) fn refuse_twins(object: &Object) -> Result<(), Error> {
    let twin = if object.len() <= 32 {
        let mut names = object.keys();
        std::iter::from_fn(|| names.next().map(|name| (name, names.clone())))
            .find(|(name, others)| others.clone().any(|other| name.eq_ignore_ascii_case(other)))
            .map(|(name, _)| name.clone())
    } else {
        let mut names: Vec<String> = object.keys().map(|name| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        names
            .windows(2)
            .find(|pair| pair[0] == pair[1])
            .map(|pair| pair[0].clone())
    };
    match twin {
        Some(name) => Err(Error::invalid_syntax(format!(
            "The key {name:?} is there twice, in differing case"
        ))),
        None => Ok(()),
    }
}

/// Whether a path leads into a schema that resources of the type do not have. Entra ID sends attributes of extensions that
/// a service lacks; in a body they are left out, and so they are where they come with a path.
pub(crate) fn is_of_another_schema(path: &AttributePath, resource_type: &ResourceType) -> bool {
    let Some(urn) = &path.schema else {
        return false;
    };
    // A dot behind the URN is read as its last part.
    let dotted = format!("{urn}:{}", path.attribute);
    resource_type.schema(urn).is_none() && resource_type.schema(&dotted).is_none()
}

/// Whether a key of a body or of a path-less operation is sent along only because a GET had it.
pub(crate) fn is_ballast(attribute: &Attribute) -> bool {
    attribute.is_read_only() || attribute.name == "schemas"
}

/// The one value of a singular attribute that came as an array: Entra ID's `"manager": [{"value": …}]`.
pub(crate) fn single(value: Value) -> Result<Value, usize> {
    match value {
        value if is_no_value(&value) => Ok(Value::Null),
        Value::Array(mut values) if values.len() == 1 => Ok(values.remove(0)),
        Value::Array(values) => Err(values.len()),
        single => Ok(single),
    }
}

/// The values of a multi-valued attribute, also if one came without its array.
pub(crate) fn several(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        single => vec![single],
    }
}

/// A complex value: an object, or a bare string that stands for its `value` (Entra ID's manager, members).
pub(crate) fn complex(value: Value, attribute: &Attribute) -> Option<Object> {
    match value {
        Value::Object(members) => Some(unpacked(members, attribute)),
        Value::String(_) | Value::Number(_) if attribute.sub_attribute("value").is_some() => {
            let bare = Map::from_iter([("value".to_owned(), value)]);
            Some(unpacked(bare, attribute))
        }
        _ => None,
    }
}

/// Whether what is written to the `value` of a role is a whole role, packed as [`unpacked`] takes it apart.
pub(crate) fn is_packed(value: &Value, attribute: &Attribute, sub: &Attribute) -> bool {
    sub.name == "value" && is_role(attribute) && value.as_str().and_then(packed).is_some()
}

fn is_role(attribute: &Attribute) -> bool {
    matches!(attribute.name.as_str(), "roles" | "entitlements")
}

fn packed(text: &str) -> Option<Object> {
    let object = Some(text).filter(|text| text.trim_start().starts_with('{'));
    let object = object.and_then(|text| serde_json::from_str::<Object>(text).ok());
    object.filter(|packed| key(packed, "value").is_some())
}

/// Entra ID's app roles: the value is a JSON object within a string, and its name is called `displayName`.
fn unpacked(mut members: Object, attribute: &Attribute) -> Object {
    if !is_role(attribute) {
        return members;
    }
    if let Some(packed) = key(&members, "value").and_then(Value::as_str).and_then(packed) {
        members.retain(|name, _| !name.eq_ignore_ascii_case("value"));
        for (name, value) in packed {
            if !name.eq_ignore_ascii_case("id") && key(&members, &name).is_none() {
                members.insert(name, value);
            }
        }
    }
    if key(&members, "display").is_none()
        && let Some(name) = key(&members, "displayName").cloned()
    {
        members.insert("display".into(), name);
    }
    members
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::ResourceType;

    #[test]
    fn booleans_in_every_spelling() {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!("True"), Some(true)),
            (json!("FALSE"), Some(false)),
            (json!(" false "), Some(false)),
            (json!("yes"), None),
            (json!(1), None),
        ] {
            assert_eq!(boolean(&value), expected, "{value}");
        }
    }

    #[test]
    fn moments_with_and_without_a_zone() {
        let noon = moment("2026-03-01T12:00:00Z");
        assert!(noon.is_some());
        assert_eq!(moment("2026-03-01T12:00:00"), noon);
        assert_eq!(moment("2026-03-01T13:00:00+01:00"), noon);
        assert_eq!(moment("2026-03-01"), moment("2026-03-01T00:00:00Z"));
        assert_eq!(moment("noon"), None);
    }

    #[test]
    fn moments_get_what_they_lack() {
        for (text, expected) in [
            ("2026-03-01T12:00:00Z", Some("2026-03-01T12:00:00Z")),
            ("2026-03-01T13:00:00+01:00", Some("2026-03-01T13:00:00+01:00")),
            ("2026-03-01", Some("2026-03-01T00:00:00Z")),
            ("2026-03-01T12:00:00", Some("2026-03-01T12:00:00Z")),
            (
                "2026-03-01T12:00:00.123456789Z",
                Some("2026-03-01T12:00:00.123456789Z"),
            ),
            ("9999-12-31T23:59:59Z", Some("9999-12-31T23:59:59Z")),
            ("2026-03-01 12:00:00Z", Some("2026-03-01T12:00:00Z")),
            ("20260301T120000Z", Some("2026-03-01T12:00:00Z")),
            ("2026-03-01T12:00:00,5Z", Some("2026-03-01T12:00:00.5Z")),
            ("2026-03-01T12:00Z", Some("2026-03-01T12:00:00Z")),
            ("2026-13-01T12:00:00Z", None),
            ("9999-12-31T25:59:59Z", None),
            ("noon", None),
        ] {
            assert_eq!(date_time(text.to_owned()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn base64_of_either_alphabet() {
        for (text, expected) in [
            ("aGk=", Some("aGk=")),
            ("aGk", Some("aGk")),
            ("-_-_", Some("-_-_")),
            ("+/+/", Some("+/+/")),
            ("aGVs\r\nbG8=\n", Some("aGVsbG8=")),
            ("a", None),
            ("not base64!", None),
            ("+/-_", None),
        ] {
            assert_eq!(base64(text.to_owned()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_written_as_addresses() {
        for (text, expected) in [
            ("https://x.example/a?b#c", "https://x.example/a?b#c"),
            (
                " https://x.example/my photo.png ",
                "https://x.example/my%20photo.png",
            ),
            ("../Users/7", "../Users/7"),
            ("a<b>\n", "a%3Cb%3E"),
        ] {
            assert_eq!(uri(text.to_owned()), expected, "{text:?}");
        }
    }

    #[test]
    fn no_value_in_every_spelling() {
        for value in [json!(null), json!(""), json!([]), json!([null, ""])] {
            assert!(is_no_value(&value), "{value}");
        }
        for value in [
            json!(false),
            json!(0),
            json!(" "),
            json!(["x"]),
            json!({"value": null}),
        ] {
            assert!(!is_no_value(&value), "{value}");
        }
    }

    #[test]
    fn roles_within_a_string_are_unpacked() {
        let roles = ResourceType::user().core.attribute("roles").expect("roles");
        let packed = json!({"value": "{\"id\":\"06b0\",\"value\":\"25\",\"displayName\":\"Reader\"}"});
        let unpacked = complex(packed, roles).expect("a role");
        assert_eq!(unpacked.get("value"), Some(&json!("25")));
        assert_eq!(unpacked.get("display"), Some(&json!("Reader")));
        assert_eq!(unpacked.get("id"), None);
        let plain = complex(json!("Admin"), roles).expect("a role");
        assert_eq!(Value::from(plain), json!({"value": "Admin"}));
        let no_json = complex(json!("{not json"), roles).expect("a role");
        assert_eq!(Value::from(no_json), json!({"value": "{not json"}));
    }

    #[test]
    fn twins_are_refused() {
        let twins = json!({"userName": "a", "x": 1, "USERNAME": "b"});
        let mut twins = twins.as_object().cloned().expect("an object");
        for _ in 0..2 {
            let error = refuse_twins(&twins).expect_err("twins");
            assert_eq!(error.scim_type, Some(crate::ScimType::InvalidSyntax));
            assert!(error.detail.to_ascii_lowercase().contains("username"), "{error}");
            twins.extend((0..40).map(|index| (format!("key{index}"), Value::Null)));
        }
        twins.remove("USERNAME");
        assert_eq!(refuse_twins(&twins), Ok(()));
    }
}

//! JSON as bodies have it: a name that an object has twice is an error, and not the last one's word (RFC 8259 §4), and
//! numbers of more digits than a computer's number can hold are kept, as texts of their digits.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a text. The error says what is wrong, and where.
pub(crate) fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Unambiguous>(&quote_altered_numbers(text)).map(|read| read.0)
}

/// Puts numbers between quotes that would become others: a text takes their digits, a number's attribute reads them from
/// a text as well.
fn quote_altered_numbers(text: &[u8]) -> Cow<'_, [u8]> {
    let (mut quoted, mut copied, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        match text[at] {
            b'"' => at = end_of_string(text, at),
            b'-' | b'0'..=b'9' => {
                let start = at;
                let is_of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                at += text[at..].iter().take_while(|byte| is_of_number(byte)).count();
                if is_altered(&text[start..at]) {
                    quoted.extend_from_slice(&text[copied..start]);
                    quoted.push(b'"');
                    quoted.extend_from_slice(&text[start..at]);
                    quoted.push(b'"');
                    copied = at;
                }
            }
            _ => at += 1,
        }
    }
    if quoted.is_empty() {
        return text.into();
    }
    quoted.extend_from_slice(&text[copied..]);
    quoted.into()
}

/// Behind the string that begins there.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

/// Digits that a number of 64 bits always holds exactly.
const DIGITS: usize = 15;

/// Whether it is a number that would become another one.
fn is_altered(number: &[u8]) -> bool {
    let exponent = number.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let mantissa = &number[..exponent.unwrap_or(number.len())];
    let digits = mantissa.iter().filter(|byte| byte.is_ascii_digit()).count();
    if exponent.is_none() && digits <= DIGITS {
        return false;
    }
    let text = std::str::from_utf8(number).unwrap_or_default();
    match serde_json::from_str::<serde_json::Number>(text) {
        Ok(read) if read.is_f64() => digits > DIGITS || read.as_f64() != text.parse().ok(),
        _ => false,
    }
}

struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(Unambiguous(value)) = values.next_element()? {
            read.push(value);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if read.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the key {name:?} is there twice")));
            }
            let Unambiguous(value) = members.next_value()?;
            read.insert(name, value);
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_there_once() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":{"c":[{"d":1,"d":2}]}}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            let error = parse(text.as_bytes()).expect_err(text).to_string();
            assert!(error.contains("is there twice at line 1 column"), "{error}");
        }
        assert_eq!(
            parse(br#"{"a":1,"A":{"a":2}}"#).ok(),
            Some(json!({ "a": 1, "A": { "a": 2 } }))
        );
    }

    #[test]
    fn long_numbers_keep_their_digits() {
        for (text, expected) in [
            (
                r#"{"a":12345678901234567890123}"#,
                json!({ "a": "12345678901234567890123" }),
            ),
            ("-98765432109876543210", json!("-98765432109876543210")),
            (
                "[1,0.1234567890123456789,2]",
                json!([1, "0.1234567890123456789", 2]),
            ),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("1.5e3", json!(1500.0)),
            (
                r#"["12345678901234567890123"]"#,
                json!(["12345678901234567890123"]),
            ),
            (
                r#"["a\" 12345678901234567890123"]"#,
                json!(["a\" 12345678901234567890123"]),
            ),
        ] {
            assert_eq!(parse(text.as_bytes()).ok(), Some(expected), "{text}");
        }
        for wrong in [
            "012345678901234567890",
            "1234567890123456789012.",
            "--123456789012345678901",
            "1e999",
        ] {
            assert!(parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn anything_is_read_as_elsewhere(text in r#"[\[\]{}:,"a-z0-9.eE\\ -]{0,40}"#) {
            let (ours, theirs) = (parse(text.as_bytes()), serde_json::from_slice::<Value>(text.as_bytes()));
            match (ours, theirs) {
                (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
                (Err(ours), Ok(_)) => prop_assert!(ours.to_string().contains("there twice")),
                (ours, Err(_)) => prop_assert!(ours.is_err()),
            }
        }

        #[test]
        fn numbers_are_read_as_elsewhere(integer: i64, natural: u64, float: f64) {
            let text = format!("[{integer},{natural}]");
            prop_assert_eq!(parse(text.as_bytes()).ok(), serde_json::from_str(&text).ok());
            let text = format!("{float:e}");
            let number = match parse(text.as_bytes()).expect("a number") {
                Value::String(digits) => digits.parse().ok(),
                number => number.as_f64(),
            };
            prop_assert_eq!(number, Some(float));
        }
    }
}

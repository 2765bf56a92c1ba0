//! What things are called: a stranger's, nobody's, one's own. An attempt says `«user»` where a name goes, and
//! `«own.user»` for one's own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(super) type Key = &'static str;
pub(super) type Names = BTreeMap<Key, String>;

/// The marks of what is somebody's, and of what nobody has.
pub(super) const OWN: &str = "own";
pub(super) const THEIRS: &str = "zq";
const NOBODYS: &str = "zj";

/// Names like these, of nothing at all. An id is of the same moment, so that it has the same place in any order.
pub(super) fn nobody(theirs: &Names) -> Names {
    let name = |(key, value): (&Key, &String)| {
        let name = if key.starts_with("etag") {
            "W/\"987654\"".to_owned()
        } else if key.starts_with("cursor") {
            garbled(value)
        } else if *key == "certificate" {
            // A fingerprint: the hash of another one.
            value.chars().rev().collect()
        } else if is_uuid(value.as_bytes()) {
            other_uuid(value)
        } else {
            value.replace(THEIRS, NOBODYS)
        };
        assert_ne!(&name, value, "{key}");
        (*key, name)
    };
    theirs.iter().map(name).collect()
}

fn other_uuid(id: &str) -> String {
    let (kept, tail) = id.split_at(id.len() - 6);
    let turned = |digit: char| {
        let value = digit.to_digit(16).expect("a hexadecimal digit");
        char::from_digit((value + 1) % 16, 16).expect("a digit")
    };
    kept.chars().chain(tail.chars().map(turned)).collect()
}

fn garbled(cursor: &str) -> String {
    let middle = cursor.len() / 2;
    let other = if cursor.as_bytes()[middle] == b'A' {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &cursor[..middle], &cursor[middle + 1..])
}

/// Puts names into a text.
pub(super) fn fill(text: &str, names: &Names, own: &Names) -> String {
    let mut filled = text.to_owned();
    for (key, name) in own {
        filled = filled.replace(&format!("«own.{key}»"), name);
    }
    for (key, name) in names {
        filled = filled.replace(&format!("«{key}»"), name);
    }
    assert!(!filled.contains('«'), "there is no such name: {filled}");
    filled
}

/// The same in every text of a body, names of members too.
pub(super) fn fill_all(value: &Value, names: &Names, own: &Names) -> Value {
    match value {
        Value::String(text) => fill(text, names, own).into(),
        Value::Array(values) => values.iter().map(|value| fill_all(value, names, own)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (fill(name, names, own), fill_all(value, names, own)))
            .collect(),
        other => other.clone(),
    }
}

/// An answer with what is named in place of all these names, and without what differs from one request to the next: ids of what was
/// made just now, times, versions, cursors.
pub(super) fn plain(text: &str, names: &[&Names]) -> String {
    let mut plain = match serde_json::from_str::<Value>(text) {
        Ok(mut json) => {
            blank(&mut json);
            json.to_string()
        }
        Err(_) => text.to_owned(),
    };
    let names = names.iter().copied().flatten();
    let mut longest: Vec<_> = names.filter(|(key, _)| !key.starts_with("etag")).collect();
    longest.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    for (key, name) in longest {
        plain = plain.replace(name.as_str(), &format!("«{key}»"));
    }
    mask(&plain)
}

fn blank(json: &mut Value) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                if ["nextCursor", "next", "trackingId", "version"].contains(&name.as_str()) {
                    *value = Value::Null;
                }
                blank(value);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(blank),
        _ => {}
    }
}

fn mask(text: &str) -> String {
    let (mut masked, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let bytes = rest.as_bytes();
        let (shown, length) = if bytes.get(..36).is_some_and(is_uuid) {
            ("UUID", 36)
        } else if bytes
            .get(..64)
            .is_some_and(|bytes| bytes.iter().all(u8::is_ascii_hexdigit))
        {
            // What the DNS is to say of a domain.
            ("TOKEN", 64)
        } else if bytes.get(..19).is_some_and(is_time) {
            let of_time = |byte: &u8| byte.is_ascii_digit() || b"-:.TZ+".contains(byte);
            ("TIME", bytes.iter().take_while(|byte| of_time(byte)).count())
        } else if rest.starts_with("W/") {
            let of_tag = |byte: &u8| byte.is_ascii_alphanumeric() || b"/\\\"-".contains(byte);
            ("TAG", bytes.iter().take_while(|byte| of_tag(byte)).count())
        } else {
            masked.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        masked.push_str(shown);
        rest = &rest[length..];
    }
    masked
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_time(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        10 => *byte == b'T',
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    })
}

/// What gives somebody away: every id in what they can read of themselves, and every word with their mark.
pub(super) fn marks<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut marks = BTreeSet::new();
    for text in texts {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-@._".contains(c)));
        marks.extend(
            words
                .filter(|word| is_uuid(word.as_bytes()) || word.contains(THEIRS))
                .map(str::to_owned),
        );
    }
    marks
}

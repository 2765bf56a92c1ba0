//! Regular expressions, in the dialect of the `regex` crate: what .NET writes is understood but for look-around
//! and back-references.

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 4 << 20;

pub(crate) fn compile(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| reason(text, &error))
}

/// The crate's messages show the pattern over several lines; the last one says what is wrong.
fn reason(text: &str, error: &regex::Error) -> String {
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return format!("the regular expression {text:?} is too large");
    }
    let message = error.to_string();
    let last = message.lines().last().unwrap_or_default().trim();
    format!(
        "the regular expression {text:?} cannot be used: {}",
        last.strip_prefix("error: ").unwrap_or(last)
    )
}

/// The index of a group, by its name or number.
pub(crate) fn group_index(pattern: &Regex, group: &str) -> Result<usize, String> {
    let named = pattern.capture_names().position(|name| name == Some(group));
    named
        .or_else(|| group.parse().ok().filter(|index| *index < pattern.captures_len()))
        .ok_or_else(|| {
            format!(
                "the regular expression {:?} has no group {group:?}; a group is named (?<{group}>…)",
                pattern.as_str()
            )
        })
}

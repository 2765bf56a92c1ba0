//! Replacing, with an eye on how long the result gets.

use regex::{Captures, Regex};

use crate::expression::MAX_RESULT;

/// A text that grows up to the limit.
struct Bounded(String);

impl Bounded {
    fn push(&mut self, text: &str) -> Result<(), String> {
        if self.0.len() + text.len() > MAX_RESULT {
            return Err(format!("its result is longer than {MAX_RESULT} bytes"));
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// Every `old` in `whole` becomes `new`.
pub(crate) fn text(whole: &str, old: &str, new: &str) -> Result<String, String> {
    let mut out = Bounded(String::new());
    for (index, part) in whole.split(old).enumerate() {
        if index > 0 {
            out.push(new)?;
        }
        out.push(part)?;
    }
    Ok(out.0)
}

/// Every match becomes `new`, expanded.
pub(super) fn matches(source: &str, pattern: &Regex, new: &str) -> Result<String, String> {
    let mut out = Bounded(String::new());
    let mut end = 0;
    for captures in pattern.captures_iter(source) {
        let whole = captures.get_match();
        out.push(&source[end..whole.start()])?;
        expand(new, &captures, &mut out)?;
        end = whole.end();
    }
    out.push(&source[end..])?;
    Ok(out.0)
}

/// In every match, the group becomes `new`.
pub(super) fn group(source: &str, pattern: &Regex, group: usize, new: &str) -> Result<String, String> {
    let mut out = Bounded(String::new());
    let mut end = 0;
    for matched in pattern
        .captures_iter(source)
        .filter_map(|captures| captures.get(group))
    {
        out.push(&source[end..matched.start()])?;
        out.push(new)?;
        end = matched.end();
    }
    out.push(&source[end..])?;
    Ok(out.0)
}

/// `$1`, `${name}`, `$&` and `$$` as .NET has them; any other `$` stands for itself.
fn expand(new: &str, captures: &Captures<'_>, out: &mut Bounded) -> Result<(), String> {
    let mut rest = new;
    while let Some(dollar) = rest.find('$') {
        out.push(&rest[..dollar])?;
        rest = &rest[dollar..];
        let (value, length) = reference(rest, captures).unwrap_or(("$", 1));
        out.push(value)?;
        rest = &rest[length..];
    }
    out.push(rest)
}

/// What the reference at the start stands for, and how long it is.
fn reference<'c>(text: &str, captures: &'c Captures<'_>) -> Option<(&'c str, usize)> {
    let after = &text[1..];
    if after.starts_with('$') {
        return Some(("$", 2));
    }
    if after.starts_with('&') {
        return Some((captures.get_match().as_str(), 2));
    }
    let (name, length) = if let Some(braced) = after.strip_prefix('{') {
        let close = braced.find('}')?;
        (&braced[..close], close + 3)
    } else {
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        (&after[..digits], digits + 1)
    };
    if let Ok(index) = name.parse::<usize>() {
        // A group that exists but took no part in the match is empty.
        return (index < captures.len())
            .then(|| (captures.get(index).map_or("", |group| group.as_str()), length));
    }
    captures.name(name).map(|group| (group.as_str(), length))
}

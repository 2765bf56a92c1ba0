//! The part of RFC 7644 §3.4.2.2 that provisioning clients use: comparisons joined by `and`.

use serde_json::Value;

use super::Object;
use super::behaviour::Or;
use super::path::is_name;
use super::protocol::Refusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
    Pr,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clause {
    pub(super) attribute: String,
    /// The filter of `emails[type eq "work"]`.
    pub(super) within: Option<Vec<Clause>>,
    pub(super) sub: Option<String>,
    pub(super) operator: Operator,
    pub(super) value: Value,
}

/// The position of the bracket that closes a value filter whose opening one was just passed.
pub(super) fn closing_bracket(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// What a filter is fulfilled by: one of these, all clauses of it. No filter: nothing.
pub(super) fn alternatives(filter: Option<&str>, or: Or) -> Result<Vec<Vec<Clause>>, Refusal> {
    let Some(text) = filter else {
        return Ok(Vec::new());
    };
    let parts = disjuncts(text);
    let counted: &[&str] = match (or, parts.as_slice()) {
        (_, [_]) | (Or::Refused, _) => &[text],
        (Or::Right | Or::Two, parts) => parts,
        (Or::First, parts) => &parts[..1],
        (Or::Last, parts) => &parts[parts.len() - 1..],
        (Or::Ignored, _) => &[],
    };
    counted.iter().map(|part| parse(part)).collect()
}

/// What stands between the `or`s that are in no quotes and no brackets.
fn disjuncts(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_usize);
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            ' ' if !quoted && depth == 0 && text[at..].starts_with(" or ") => {
                parts.push(&text[from..at]);
                from = at + " or ".len();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

pub(super) fn parse(text: &str) -> Result<Vec<Clause>, Refusal> {
    let refuse = || {
        Refusal::new(
            400,
            "invalidFilter",
            format!("this filter is not understood: {text}"),
        )
    };
    let mut clauses = Vec::new();
    let mut rest = text.trim();
    loop {
        let (clause, after) = clause(rest).ok_or_else(refuse)?;
        clauses.push(clause);
        let after = after.trim_start();
        if after.is_empty() {
            return Ok(clauses);
        }
        let (word, after) = word(after);
        if !word.eq_ignore_ascii_case("and") {
            return Err(refuse());
        }
        rest = after.trim_start();
    }
}

fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(' ').unwrap_or(text.len()))
}

fn clause(text: &str) -> Option<(Clause, &str)> {
    let end = text.find([' ', '['])?;
    let mut name = &text[..end];
    let mut rest = &text[end..];
    let mut within = None;
    let mut sub = None;
    if let Some(inner) = rest.strip_prefix('[') {
        let close = closing_bracket(inner)?;
        within = Some(parse(&inner[..close]).ok()?);
        rest = &inner[close + 1..];
        let after = rest.strip_prefix('.')?;
        let (name, after) = word(after);
        sub = Some(name);
        rest = after;
    } else if !name.starts_with("urn:")
        && let Some((head, tail)) = name.split_once('.')
    {
        name = head;
        sub = Some(tail);
    }
    if !is_name(name) || sub.is_some_and(|sub| !is_name(sub)) {
        return None;
    }
    let (operator, rest) = word(rest.trim_start());
    let operator = match operator.to_ascii_lowercase().as_str() {
        "eq" => Operator::Eq,
        "ne" => Operator::Ne,
        "co" => Operator::Co,
        "sw" => Operator::Sw,
        "ew" => Operator::Ew,
        "gt" => Operator::Gt,
        "ge" => Operator::Ge,
        "lt" => Operator::Lt,
        "le" => Operator::Le,
        "pr" => Operator::Pr,
        _ => return None,
    };
    let (value, rest) = if operator == Operator::Pr {
        (Value::Null, rest)
    } else {
        literal(rest.trim_start())?
    };
    let clause = Clause {
        attribute: name.to_owned(),
        within,
        sub: sub.map(str::to_owned),
        operator,
        value,
    };
    Some((clause, rest))
}

/// A JSON literal at the start of the text: RFC 7644 takes its comparison values from RFC 8259.
fn literal(text: &str) -> Option<(Value, &str)> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = stream.next()?.ok()?;
    let (false, false) = (value.is_array(), value.is_object()) else {
        return None;
    };
    Some((value, &text[stream.byte_offset()..]))
}

pub(super) fn matches(clauses: &[Clause], resource: &Object) -> bool {
    clauses.iter().all(|clause| matches_one(clause, resource))
}

fn matches_one(clause: &Clause, resource: &Object) -> bool {
    let values = values(clause, resource);
    match clause.operator {
        Operator::Pr => values.iter().any(|value| !value.is_null()),
        Operator::Ne => !values.iter().any(|value| compare(clause, Operator::Eq, value)),
        operator => values.iter().any(|value| compare(clause, operator, value)),
    }
}

fn values<'a>(clause: &Clause, resource: &'a Object) -> Vec<&'a Value> {
    let Some(found) = lookup(resource, &clause.attribute) else {
        return Vec::new();
    };
    let elements: Vec<&Value> = match found {
        Value::Array(elements) => elements.iter().collect(),
        other => vec![other],
    };
    elements
        .into_iter()
        .filter(|element| {
            clause
                .within
                .as_ref()
                .is_none_or(|within| element.as_object().is_some_and(|object| matches(within, object)))
        })
        .filter_map(|element| match element {
            Value::Object(object) => lookup(object, clause.sub.as_deref().unwrap_or("value")),
            simple if clause.sub.is_none() => Some(simple),
            _ => None,
        })
        .collect()
}

/// Attribute names are compared without regard to case (RFC 7643 §2.1).
pub(super) fn lookup<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

fn case_exact(clause: &Clause) -> bool {
    matches!(clause.attribute.as_str(), "id" | "externalId" | "meta")
}

fn compare(clause: &Clause, operator: Operator, value: &Value) -> bool {
    match (value, &clause.value) {
        (Value::String(have), Value::String(want)) => {
            let (have, want) = if case_exact(clause) {
                (have.clone(), want.clone())
            } else {
                (have.to_lowercase(), want.to_lowercase())
            };
            match operator {
                Operator::Eq => have == want,
                Operator::Co => have.contains(&want),
                Operator::Sw => have.starts_with(&want),
                Operator::Ew => have.ends_with(&want),
                Operator::Gt => have > want,
                Operator::Ge => have >= want,
                Operator::Lt => have < want,
                Operator::Le => have <= want,
                Operator::Ne | Operator::Pr => false,
            }
        }
        (have, want) => operator == Operator::Eq && have == want,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(text: &str) -> bool {
        let person = json!({
            "id": "A1", "userName": "Ada@Example.com", "active": true, "externalId": "X1",
            "emails": [{"type": "work", "value": "ada@example.com"}, {"type": "home", "value": "a@home.example"}],
            "meta": {"lastModified": "2026-01-02T00:00:00Z"},
        });
        matches(&parse(text).unwrap(), person.as_object().unwrap())
    }

    #[test]
    fn an_or_counts_as_the_target_has_it() {
        let text = r#"userName eq "a or b" or emails[type eq "x" and value eq "y"].value pr or id eq "1""#;
        let counted = |or| alternatives(Some(text), or).map(|found| found.len()).ok();
        for (or, expected) in [
            (Or::Refused, None),
            (Or::Right, Some(3)),
            (Or::First, Some(1)),
            (Or::Last, Some(1)),
            (Or::Ignored, Some(0)),
        ] {
            assert_eq!(counted(or), expected, "{or:?}");
        }
        let first = alternatives(Some(text), Or::First).unwrap_or_default();
        assert_eq!(first[0][0].value, "a or b");
        let last = alternatives(Some(text), Or::Last).unwrap_or_default();
        assert_eq!(last[0][0].attribute, "id");
    }

    #[test]
    fn comparisons() {
        for (filter, expected) in [
            ("userName eq \"ada@example.COM\"", true),
            ("username Eq \"ada@example.com\"", true),
            ("externalId eq \"x1\"", false),
            ("externalId eq \"X1\" and active eq true", true),
            ("emails[type eq \"home\"].value eq \"a@home.example\"", true),
            ("emails[type eq \"work\"].value eq \"a@home.example\"", false),
            ("emails.value sw \"a@\"", true),
            ("emails eq \"ada@example.com\"", true),
            ("title pr", false),
            ("meta.lastModified gt \"2026-01-01T00:00:00Z\"", true),
            ("userName ne \"bob\"", true),
        ] {
            assert_eq!(holds(filter), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for text in [
            "",
            "userName",
            "userName eq",
            "userName eq x",
            "userName is \"x\"",
            "a eq 1 or b eq 2",
            "a eq 1 and",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

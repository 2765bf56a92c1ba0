//! An expression as text: what it prints parses to the same expression.

use std::fmt::{self, Write as _};

use crate::Value;
use crate::expression::Node;

/// Operators stand in parentheses, so that none binds otherwise than it did.
pub(crate) fn print(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match node {
        Node::Attribute(name) => attribute(name, f),
        Node::Text(text) => quoted(text, f),
        Node::Number(number) if *number < 0 => write!(f, "({number})"),
        Node::Number(number) => write!(f, "{number}"),
        Node::Constant(Value::Null) => f.write_str("null"),
        Node::Constant(value) => match value {
            // A fraction of nought would read as a whole number.
            Value::Decimal(number) => write!(f, "{:?}", number.get()),
            other => f.write_str(&super::value::text(other).unwrap_or_default()),
        },
        Node::Word(word) => f.write_str(word),
        Node::Compare { .. } => Ok(()),
        Node::Call {
            function, arguments, ..
        } => {
            let arguments: Vec<&Node> = arguments.iter().flatten().collect();
            match (function.name, arguments.as_slice()) {
                ("!", [one]) => {
                    f.write_char('!')?;
                    print(one, f)
                }
                ("negative", [one]) => {
                    f.write_str("(-")?;
                    print(one, f)?;
                    f.write_char(')')
                }
                ("?", [condition, yes, no]) => {
                    f.write_char('(')?;
                    print(condition, f)?;
                    f.write_str(" ? ")?;
                    print(yes, f)?;
                    f.write_str(" : ")?;
                    print(no, f)?;
                    f.write_char(')')
                }
                ("[]", [list, index]) => {
                    print(list, f)?;
                    f.write_char('[')?;
                    print(index, f)?;
                    f.write_char(']')
                }
                ("{}", items) => separated(items, ("{", ", ", "}"), f),
                (name, parts) if is_infix(name) => separated(parts, ("(", &format!(" {name} "), ")"), f),
                (name, parts) => {
                    f.write_str(name)?;
                    separated(parts, ("(", ", ", ")"), f)
                }
            }
        }
    }
}

fn is_infix(name: &str) -> bool {
    matches!(
        name,
        "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "matches" | "AND" | "OR" | "?:"
    )
}

fn separated(
    nodes: &[&Node],
    (open, between, close): (&str, &str, &str),
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    f.write_str(open)?;
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        print(node, f)?;
    }
    f.write_str(close)
}

/// Those that are written like functions.
fn attribute(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (name, name.strip_prefix("manager:user.")) {
        ("id", _) => f.write_str("user.getInternalProperty(\"id\")"),
        ("user.status", _) => f.write_str("user.getInternalProperty(\"status\")"),
        (_, Some(member)) => write!(f, "user.getLinkedObject(\"manager\").{member}"),
        (name, None) => f.write_str(name),
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "\"{}\"", text.replace('"', "\"\""))
}

//! Expressions as Graph's trees: a function with its parameters by name, an attribute, a constant.

use super::shape::{MappingSource, Parameter, SourceType};
use crate::Expression;
use crate::expression::Node;
use crate::function::Function;

/// A checked expression as a tree.
pub(super) fn of(expression: &Expression) -> MappingSource {
    source(expression.root())
}

fn source(node: &Node) -> MappingSource {
    let expression = node.to_string();
    match node {
        Node::Attribute(name) => MappingSource {
            name: name.clone(),
            kind: SourceType::Attribute,
            expression,
            ..MappingSource::default()
        },
        Node::Call {
            function, arguments, ..
        } => MappingSource {
            name: function.name.to_owned(),
            kind: SourceType::Function,
            parameters: arguments
                .iter()
                .enumerate()
                .map(|(index, argument)| Parameter {
                    key: key(function, index),
                    value: argument.as_ref().map_or_else(left_out, source),
                })
                .collect(),
            expression,
            ..MappingSource::default()
        },
        Node::Compare {
            operator,
            left,
            right,
        } => MappingSource {
            name: operator.symbol().to_owned(),
            kind: SourceType::Function,
            parameters: [("left", left), ("right", right)]
                .map(|(key, side)| Parameter {
                    key: key.to_owned(),
                    value: source(side),
                })
                .into(),
            expression,
            ..MappingSource::default()
        },
        Node::Text(text) => constant(text.clone(), expression),
        Node::Number(_) | Node::Constant(_) | Node::Word(_) => constant(expression.clone(), expression),
    }
}

fn constant(name: String, expression: String) -> MappingSource {
    MappingSource {
        name,
        kind: SourceType::Constant,
        expression,
        ..MappingSource::default()
    }
}

/// The empty place of an argument that is not given.
fn left_out() -> MappingSource {
    constant(String::new(), String::new())
}

/// The parameter's name; where parameters repeat, with a number behind it.
fn key(function: &Function, index: usize) -> String {
    let names = function.parameters;
    if let Some(parameter) = names.get(index) {
        return parameter.name.to_owned();
    }
    let repeats = function.repeats.max(1);
    let first = names.len().saturating_sub(repeats);
    let (round, place) = ((index - first) / repeats, (index - first) % repeats);
    names.get(first + place).map_or_else(String::new, |parameter| {
        format!("{}{}", parameter.name, round + 1)
    })
}

/// A tree as an expression's text. Its own `expression` comes first, as that is what Entra ID shows; where it is
/// missing, the tree is written out.
pub(super) fn text(source: &MappingSource) -> String {
    if !source.expression.trim().is_empty() {
        return source.expression.clone();
    }
    match source.kind {
        SourceType::Attribute => format!("[{}]", source.name),
        SourceType::Constant if source.name.is_empty() => String::new(),
        SourceType::Constant => {
            let escaped = source.name.replace('\\', r"\\").replace('"', "\\\"");
            format!("\"{escaped}\"")
        }
        SourceType::Function => {
            let arguments: Vec<String> = source.parameters.iter().map(|one| text(&one.value)).collect();
            match arguments.as_slice() {
                [left, right] if !source.name.starts_with(char::is_alphabetic) => {
                    format!("{left} {} {right}", source.name)
                }
                all => format!("{}({})", source.name, all.join(", ")),
            }
        }
    }
}

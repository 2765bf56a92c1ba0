//! Working an expression out.

use super::Node;
use crate::function::Arguments;
use crate::{Attributes, EvalError, Value};

/// No text may grow longer than this, in bytes: replacements within replacements would otherwise fill the memory.
pub(crate) const MAX_RESULT: usize = 100_000;

/// The depth is bounded by the parser.
pub(super) fn evaluate(node: &Node, attributes: &dyn Attributes) -> Result<Value, EvalError> {
    match node {
        Node::Attribute(name) => Ok(attributes.get(name)),
        Node::Text(text) => Ok(Value::text(text.as_str())),
        Node::Number(number) => Ok(Value::Number(*number)),
        Node::Word("True") => Ok(Value::Boolean(true)),
        Node::Word("False") => Ok(Value::Boolean(false)),
        Node::Word(word) => Ok(Value::text(*word)),
        Node::Compare {
            operator,
            left,
            right,
        } => {
            let (left, right) = (evaluate(left, attributes)?, evaluate(right, attributes)?);
            Ok(Value::Boolean(operator.compare(&left, &right)))
        }
        Node::Call {
            function,
            arguments,
            prepared,
        } => {
            let values = arguments
                .iter()
                .map(|argument| {
                    argument
                        .as_ref()
                        .map(|node| evaluate(node, attributes))
                        .transpose()
                })
                .collect::<Result<Vec<_>, _>>()?;
            let failed = |message: String| EvalError {
                target: None,
                function: function.name,
                message,
            };
            let value = (function.evaluate)(&Arguments::new(&values, prepared)).map_err(failed)?;
            if length(&value) > MAX_RESULT {
                return Err(failed(format!("its result is longer than {MAX_RESULT} bytes")));
            }
            Ok(value)
        }
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(String::len).sum(),
        Value::Null | Value::Boolean(_) | Value::Number(_) => 0,
    }
}

//! Working an expression out.

use std::cell::Cell;

use super::Node;
use crate::ambient::Ambient;
use crate::function::{Arguments, Body, Function, Prepared, Random};
use crate::{Attributes, EvalError, Value};

/// No text may grow longer than this, in bytes: replacements within replacements would otherwise fill the memory.
pub(crate) const MAX_RESULT: usize = 100_000;

/// What an expression gives for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    pub value: Value,
    /// Of `SelectUniqueValue`: the values to be tried at the target, the first in front, each once and none empty.
    pub candidates: Vec<Value>,
    /// `IgnoreFlowIfNullOrEmpty` met nothing: the attribute is not written at all.
    pub ignored: bool,
}

/// What an expression is worked out on.
pub(crate) struct Scene<'a> {
    attributes: &'a dyn Attributes,
    ambient: &'a dyn Ambient,
    /// Tells the random values of one mapping from those of another.
    place: &'a str,
    /// Blocks of randomness taken so far.
    blocks: Cell<u32>,
    ignored: Cell<bool>,
}

impl<'a> Scene<'a> {
    fn new(attributes: &'a dyn Attributes, ambient: &'a dyn Ambient, place: &'a str) -> Self {
        Self {
            attributes,
            ambient,
            place,
            blocks: Cell::new(0),
            ignored: Cell::new(false),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Value {
        self.attributes.get(name)
    }

    pub(crate) fn now(&self) -> base::Timestamp {
        self.ambient.now()
    }

    pub(crate) fn default_domain(&self) -> Option<&str> {
        self.ambient.default_domain()
    }

    pub(crate) fn random(&self) -> Random<'_> {
        Random::new(self.ambient, self.place, &self.blocks)
    }

    pub(crate) fn ignore_flow(&self) {
        self.ignored.set(true);
    }
}

pub(super) fn evaluate(
    root: &Node,
    attributes: &dyn Attributes,
    ambient: &dyn Ambient,
    place: &str,
) -> Result<Evaluated, EvalError> {
    let scene = Scene::new(attributes, ambient, place);
    let candidates = match root {
        Node::Call {
            function, arguments, ..
        } if function.gives_candidates() => candidates(arguments.iter().flatten(), &scene)?,
        _ => Vec::new(),
    };
    let value = match candidates.first() {
        Some(first) => first.clone(),
        None => node(root, &scene)?,
    };
    Ok(Evaluated {
        value,
        candidates,
        ignored: scene.ignored.get(),
    })
}

fn candidates<'n>(rules: impl Iterator<Item = &'n Node>, scene: &Scene<'_>) -> Result<Vec<Value>, EvalError> {
    let mut found = Vec::new();
    for rule in rules {
        let value = node(rule, scene)?;
        if !value.is_empty() && !found.contains(&value) {
            found.push(value);
        }
    }
    Ok(found)
}

/// The depth is bounded by the parser.
pub(crate) fn node(node: &Node, scene: &Scene<'_>) -> Result<Value, EvalError> {
    match node {
        Node::Attribute(name) => Ok(scene.attribute(name)),
        Node::Text(text) => Ok(Value::text(text.as_str())),
        Node::Number(number) => Ok(Value::Number(*number)),
        Node::Constant(value) => Ok(value.clone()),
        Node::Word("True") => Ok(Value::Boolean(true)),
        Node::Word("False") => Ok(Value::Boolean(false)),
        Node::Word(word) => Ok(Value::text(*word)),
        Node::Compare {
            operator,
            left,
            right,
        } => {
            let (left, right) = (self::node(left, scene)?, self::node(right, scene)?);
            Ok(Value::Boolean(operator.compare(&left, &right)))
        }
        Node::Call {
            function,
            arguments,
            prepared,
        } => call(function, arguments, prepared, scene),
    }
}

fn call(
    function: &'static Function,
    arguments: &[Option<Node>],
    prepared: &Prepared,
    scene: &Scene<'_>,
) -> Result<Value, EvalError> {
    let failed = |message: String| EvalError {
        target: None,
        function: function.name,
        message,
    };
    let value = match function.body {
        Body::Lazy(choose) => choose(&Branches { arguments, scene })?,
        Body::Eager(evaluate) => {
            let values = arguments
                .iter()
                .map(|argument| {
                    argument
                        .as_ref()
                        .map(|argument| node(argument, scene))
                        .transpose()
                })
                .collect::<Result<Vec<_>, _>>()?;
            evaluate(&Arguments::new(&values, prepared, scene)).map_err(failed)?
        }
    };
    if length(&value) > MAX_RESULT {
        return Err(failed(format!("its result is longer than {MAX_RESULT} bytes")));
    }
    Ok(value)
}

/// The arguments of a function that does not need all of them: each is worked out when it is asked for.
pub(crate) struct Branches<'a> {
    arguments: &'a [Option<Node>],
    pub(crate) scene: &'a Scene<'a>,
}

impl Branches<'_> {
    pub(crate) fn len(&self) -> usize {
        self.arguments.len()
    }

    /// Null if it was left out.
    pub(crate) fn value(&self, index: usize) -> Result<Value, EvalError> {
        match self.arguments.get(index) {
            Some(Some(argument)) => node(argument, self.scene),
            _ => Ok(Value::Null),
        }
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(String::len).sum(),
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::Decimal(_) | Value::Complex(_) => 0,
    }
}

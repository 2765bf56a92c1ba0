//! An expression as a tree.

use super::compare::Operator;
use crate::Value;
use crate::function::{Function, Kind, Prepared};

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Call {
        function: &'static Function,
        arguments: Vec<Argument>,
        prepared: Prepared,
    },
    Attribute(String),
    Text(String),
    Number(i64),
    /// Any other value that is written out.
    Constant(Value),
    /// A bare word of the language, such as `vbTextCompare`.
    Word(&'static str),
    Compare {
        operator: Operator,
        left: Box<Node>,
        right: Box<Node>,
    },
}

/// An argument, or the empty place of one that was left out.
pub(crate) type Argument = Option<Node>;

impl Node {
    /// The text, if it is one that does not depend on the person.
    pub(crate) fn constant_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Time in a condition does not count: what it chooses among stays the same.
    pub(super) fn is_fleeting(&self) -> bool {
        match self {
            Self::Call {
                function, arguments, ..
            } => {
                if function.result == Kind::Boolean {
                    return false;
                }
                let values = arguments
                    .iter()
                    .skip(usize::from(function.is_conditional))
                    .flatten();
                function.is_fleeting() || values.into_iter().any(Self::is_fleeting)
            }
            _ => false,
        }
    }

    pub(super) fn is_complex(&self) -> bool {
        match self {
            Self::Call {
                function, arguments, ..
            } => function.result == Kind::Complex || arguments.iter().flatten().any(Self::is_complex),
            _ => false,
        }
    }

    pub(super) fn is_secret(&self) -> bool {
        match self {
            Self::Call {
                function, arguments, ..
            } => function.is_secret() || arguments.iter().flatten().any(Self::is_secret),
            Self::Compare { left, right, .. } => left.is_secret() || right.is_secret(),
            _ => false,
        }
    }

    pub(super) fn attributes<'n>(&'n self, names: &mut Vec<&'n str>) {
        match self {
            Self::Attribute(name) => push(name, names),
            Self::Call {
                function, arguments, ..
            } => {
                for name in function.reads {
                    push(name, names);
                }
                for argument in arguments.iter().flatten() {
                    argument.attributes(names);
                }
            }
            Self::Compare { left, right, .. } => {
                left.attributes(names);
                right.attributes(names);
            }
            Self::Text(_) | Self::Number(_) | Self::Constant(_) | Self::Word(_) => {}
        }
    }

    pub(super) fn alike(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Call {
                    function, arguments, ..
                },
                Self::Call {
                    function: other_function,
                    arguments: others,
                    ..
                },
            ) => {
                function.name == other_function.name
                    && arguments.len() == others.len()
                    && arguments.iter().zip(others).all(|pair| match pair {
                        (Some(one), Some(two)) => one.alike(two),
                        (None, None) => true,
                        _ => false,
                    })
            }
            (Self::Attribute(one), Self::Attribute(two)) | (Self::Text(one), Self::Text(two)) => one == two,
            (Self::Number(one), Self::Number(two)) => one == two,
            (Self::Word(one), Self::Word(two)) => one == two,
            (Self::Constant(one), Self::Constant(two)) => one == two,
            (
                Self::Compare {
                    operator,
                    left,
                    right,
                },
                Self::Compare {
                    operator: other_operator,
                    left: other_left,
                    right: other_right,
                },
            ) => operator == other_operator && left.alike(other_left) && right.alike(other_right),
            _ => false,
        }
    }
}

fn push<'n>(name: &'n str, names: &mut Vec<&'n str>) {
    if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        names.push(name);
    }
}

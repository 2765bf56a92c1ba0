//! An expression as text: what it prints parses to the same expression.

use std::fmt::{self, Display, Write as _};

use super::Node;

/// Entra ID's way.
impl Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(f, "[{name}]"),
            Self::Text(text) => quoted(text, f),
            Self::Number(number) => write!(f, "{number}"),
            // Not of this language.
            Self::Constant(_) => Ok(()),
            Self::Word(word) => f.write_str(word),
            Self::Compare {
                operator,
                left,
                right,
            } => write!(f, "{left} {} {right}", operator.symbol()),
            Self::Call {
                function, arguments, ..
            } => {
                write!(f, "{}(", function.name)?;
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    if let Some(argument) = argument {
                        Display::fmt(argument, f)?;
                    }
                }
                f.write_char(')')
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    f.write_char('"')
}

//! Reading an expression.

use super::compare::Operator;
use super::{Argument, Cursor, Node, ParseError, characters};
use crate::date::STYLES;
use crate::function::{self, Function};

/// Characters that an expression may have, as Entra ID limits it.
pub const MAX_LENGTH: usize = 10_000;
/// Functions within each other.
pub const MAX_DEPTH: usize = 64;

/// Bare words that stand for a value.
fn word(name: &str) -> Option<&'static str> {
    ["True", "False", "vbBinaryCompare", "vbTextCompare"]
        .into_iter()
        .chain(STYLES)
        .find(|word| word.eq_ignore_ascii_case(name))
}

pub(super) fn parse(text: &str) -> Result<Node, ParseError> {
    let characters = characters(text)?;
    let mut parser = Parser {
        cursor: Cursor::new(&characters),
        depth: 0,
    };
    if parser.cursor.peek().is_none() {
        return Err(ParseError::at(
            parser.cursor.at,
            "the expression is empty; write a function such as ToLower([mail])",
        ));
    }
    let root = parser.operand()?;
    parser.cursor.skip_space();
    match parser.cursor.peek() {
        None => Ok(root),
        Some(_) if parser.operator().is_some() => Err(ParseError::at(
            parser.cursor.at,
            "a comparison can only be an argument, such as the condition of IIF",
        )),
        Some(')') => Err(ParseError::at(parser.cursor.at, "this ) closes nothing")),
        Some(',') => Err(ParseError::at(
            parser.cursor.at,
            "a comma stands only between the arguments of a function",
        )),
        Some('&' | '+') => Err(ParseError::at(
            parser.cursor.at,
            "there is no operator that joins texts; use Append or Join",
        )),
        Some(_) => Err(ParseError::at(
            parser.cursor.at,
            "the expression ends here, but more text follows; it must be one function",
        )),
    }
}

struct Parser<'c> {
    cursor: Cursor<'c>,
    depth: usize,
}

impl Parser<'_> {
    fn operand(&mut self) -> Result<Node, ParseError> {
        match self.cursor.peek() {
            Some('[') => self.attribute(),
            Some('"') => self.text(),
            Some('-' | '&' | '0'..='9') => self.number(),
            Some(letter) if letter.is_alphabetic() => self.call_or_word(),
            Some('“' | '”' | '„' | '\'') => Err(ParseError::at(
                self.cursor.at,
                "put texts in straight double quotes: \"…\"",
            )),
            Some('(') => Err(ParseError::at(
                self.cursor.at,
                "parentheses belong to a function; its name is missing here",
            )),
            Some(other) => Err(ParseError::at(
                self.cursor.at,
                format!(
                    "unexpected {other:?}; expected a function, an [attribute], a \"text\" or a whole number"
                ),
            )),
            None => Err(ParseError::at(
                self.cursor.at,
                "the expression ends too early; expected a function, an [attribute] or a \"text\"",
            )),
        }
    }

    /// `[name]`; brackets within, as SCIM's paths have them, must pair up.
    fn attribute(&mut self) -> Result<Node, ParseError> {
        let open = self.cursor.at;
        let mut depth = 0_usize;
        while let Some(character) = self.cursor.peek() {
            self.cursor.at += 1;
            match character {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth > 0 {
                continue;
            }
            let name: String = self.cursor.characters[open + 1..self.cursor.at - 1]
                .iter()
                .collect();
            if name.trim().is_empty() {
                return Err(ParseError::at(open, "the attribute between [ and ] has no name"));
            }
            return Ok(Node::Attribute(name.trim().to_owned()));
        }
        Err(ParseError::at(open, "this [ is not closed with a ]"))
    }

    /// `"…"` with `\"` and `\\`; any other backslash stands for itself, as regular expressions are often pasted.
    fn text(&mut self) -> Result<Node, ParseError> {
        let open = self.cursor.at;
        self.cursor.at += 1;
        let mut text = String::new();
        while let Some(character) = self.cursor.peek() {
            self.cursor.at += 1;
            match character {
                '"' => return Ok(Node::Text(text)),
                '\\' if matches!(self.cursor.peek(), Some('"' | '\\')) => {
                    text.extend(self.cursor.peek());
                    self.cursor.at += 1;
                }
                other => text.push(other),
            }
        }
        Err(ParseError::at(
            open,
            "this text is not closed with a \" (a quote within it is written \\\")",
        ))
    }

    /// `12`, `-3` or `&HF7`.
    fn number(&mut self) -> Result<Node, ParseError> {
        let start = self.cursor.at;
        let too_large = || ParseError::at(start, "this number is too large");
        if self.cursor.peek() == Some('&') {
            self.cursor.at += 1;
            if !matches!(self.cursor.peek(), Some('H' | 'h')) {
                return Err(ParseError::at(
                    start,
                    "unexpected '&'; to join texts use Append or Join, a hexadecimal number is written &HFF",
                ));
            }
            self.cursor.at += 1;
            let digits = self.cursor.take_while(|next| next.is_ascii_hexdigit());
            if digits.is_empty() {
                return Err(ParseError::at(start, "&H must be followed by hexadecimal digits"));
            }
            return i64::from_str_radix(&digits, 16)
                .map(Node::Number)
                .map_err(|_| too_large());
        }
        let sign = self.cursor.take_while(|next| next == '-');
        let digits = self.cursor.take_while(|next| next.is_ascii_digit());
        if sign.len() > 1 || digits.is_empty() {
            return Err(ParseError::at(
                start,
                "a number has a - only in front of its digits",
            ));
        }
        if self.cursor.peek() == Some('.') {
            return Err(ParseError::at(
                self.cursor.at,
                "only whole numbers can be written; put others in quotes",
            ));
        }
        format!("{sign}{digits}")
            .parse()
            .map(Node::Number)
            .map_err(|_| too_large())
    }

    fn call_or_word(&mut self) -> Result<Node, ParseError> {
        let start = self.cursor.at;
        let name = self
            .cursor
            .take_while(|next| next.is_alphanumeric() || next == '_');
        let end = self.cursor.at;
        self.cursor.skip_space();
        if self.cursor.peek() == Some('(') {
            let function =
                function::find(&name).ok_or_else(|| ParseError::at(start, unknown_function(&name)))?;
            return self.call(function, start);
        }
        self.cursor.at = end;
        if let Some(word) = word(&name) {
            return Ok(Node::Word(word));
        }
        let message = match function::find(&name) {
            Some(function) => format!(
                "{} needs its arguments in parentheses: {}",
                function.name,
                function.usage()
            ),
            None => format!(
                "{name:?} alone means nothing; write [{name}] for the attribute, \"{name}\" for the text"
            ),
        };
        Err(ParseError::at(start, message))
    }

    fn call(&mut self, function: &'static Function, start: usize) -> Result<Node, ParseError> {
        if self.depth == MAX_DEPTH {
            return Err(ParseError::at(
                start,
                format!("at most {MAX_DEPTH} functions can stand within each other"),
            ));
        }
        if function.gives_candidates() && self.depth > 0 {
            return Err(ParseError::at(
                start,
                format!("{} can only be the outermost function", function.name),
            ));
        }
        self.depth += 1;
        let (arguments, positions) = self.arguments(function)?;
        self.depth -= 1;
        if let Some(refusal) = function.refusal(&arguments) {
            let position = refusal.argument.and_then(|index| positions.get(index)).copied();
            return Err(ParseError::at(position.unwrap_or(start), refusal.message));
        }
        let prepared = (function.prepare)(&arguments).map_err(|refusal| {
            let position = refusal.argument.and_then(|index| positions.get(index)).copied();
            ParseError::at(
                position.unwrap_or(start),
                format!("{}: {}", function.name, refusal.message),
            )
        })?;
        Ok(Node::Call {
            function,
            arguments,
            prepared,
        })
    }

    /// The arguments, and where each starts.
    fn arguments(&mut self, function: &Function) -> Result<(Vec<Argument>, Vec<usize>), ParseError> {
        let open = self.cursor.at;
        self.cursor.at += 1;
        let mut arguments = Vec::new();
        let mut positions = Vec::new();
        loop {
            self.cursor.skip_space();
            positions.push(self.cursor.at);
            let argument = match self.cursor.peek() {
                Some(',' | ')') => None,
                _ => Some(self.argument(function, open)?),
            };
            self.cursor.skip_space();
            match self.cursor.peek() {
                Some(')') if arguments.is_empty() && argument.is_none() => {
                    self.cursor.at += 1;
                    return Ok((arguments, positions));
                }
                Some(')') => {
                    self.cursor.at += 1;
                    arguments.push(argument);
                    return Ok((arguments, positions));
                }
                Some(',') => {
                    self.cursor.at += 1;
                    arguments.push(argument);
                }
                Some(';') => {
                    return Err(ParseError::at(
                        self.cursor.at,
                        "arguments are separated with commas, not semicolons",
                    ));
                }
                Some('&' | '+') => {
                    return Err(ParseError::at(
                        self.cursor.at,
                        "there is no operator that joins texts; use Append or Join",
                    ));
                }
                Some(_) => {
                    return Err(ParseError::at(
                        self.cursor.at,
                        format!("expected a comma or ) after this argument of {}", function.name),
                    ));
                }
                None => return Err(unclosed(function, open)),
            }
        }
    }

    fn argument(&mut self, function: &Function, open: usize) -> Result<Node, ParseError> {
        if self.cursor.peek().is_none() {
            return Err(unclosed(function, open));
        }
        let left = self.operand()?;
        self.cursor.skip_space();
        let Some(operator) = self.operator() else {
            return Ok(left);
        };
        self.cursor.at += operator.symbol().len();
        self.cursor.skip_space();
        let right = self.operand()?;
        self.cursor.skip_space();
        if self.operator().is_some() {
            return Err(ParseError::at(
                self.cursor.at,
                "an argument holds one comparison; put one IIF within another for more",
            ));
        }
        Ok(Node::Compare {
            operator,
            left: Box::new(left),
            right: Box::new(right),
        })
    }

    /// The operator here, not taken yet.
    fn operator(&self) -> Option<Operator> {
        let rest = &self.cursor.characters[self.cursor.at..];
        Operator::ALL.into_iter().find(|operator| {
            rest.iter()
                .copied()
                .take(operator.symbol().len())
                .eq(operator.symbol().chars())
        })
    }
}

fn unclosed(function: &Function, open: usize) -> ParseError {
    ParseError::at(open, format!("the ( of {} is not closed with a )", function.name))
}

fn unknown_function(name: &str) -> String {
    match function::nearest(name) {
        Some(nearest) => format!("there is no function {name:?}; did you mean {}?", nearest.name),
        None => format!(
            "there is no function {name:?}; there are {}",
            function::all()
                .iter()
                .map(|known| known.name)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

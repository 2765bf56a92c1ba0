//! Reading an expression.

use super::compare::Operator;
use super::{Argument, Node, ParseError};
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
    let characters: Vec<char> = text.chars().take(MAX_LENGTH + 1).collect();
    if characters.len() > MAX_LENGTH {
        return Err(error(
            MAX_LENGTH,
            format!("an expression has at most {MAX_LENGTH} characters"),
        ));
    }
    let mut parser = Parser {
        characters: &characters,
        at: 0,
        depth: 0,
    };
    parser.skip_space();
    if parser.peek().is_none() {
        return Err(error(
            parser.at,
            "the expression is empty; write a function such as ToLower([mail])",
        ));
    }
    let root = parser.operand()?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(root),
        Some(_) if parser.operator().is_some() => Err(error(
            parser.at,
            "a comparison can only be an argument, such as the condition of IIF",
        )),
        Some(')') => Err(error(parser.at, "this ) closes nothing")),
        Some(',') => Err(error(
            parser.at,
            "a comma stands only between the arguments of a function",
        )),
        Some('&' | '+') => Err(error(
            parser.at,
            "there is no operator that joins texts; use Append or Join",
        )),
        Some(_) => Err(error(
            parser.at,
            "the expression ends here, but more text follows; it must be one function",
        )),
    }
}

fn error(position: usize, message: impl Into<String>) -> ParseError {
    ParseError {
        position,
        message: message.into(),
    }
}

struct Parser<'c> {
    characters: &'c [char],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Takes characters while they fit.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.at += 1;
        }
        self.characters[start..self.at].iter().collect()
    }

    fn operand(&mut self) -> Result<Node, ParseError> {
        match self.peek() {
            Some('[') => self.attribute(),
            Some('"') => self.text(),
            Some('-' | '&' | '0'..='9') => self.number(),
            Some(letter) if letter.is_alphabetic() => self.call_or_word(),
            Some('“' | '”' | '„' | '\'') => {
                Err(error(self.at, "put texts in straight double quotes: \"…\""))
            }
            Some('(') => Err(error(
                self.at,
                "parentheses belong to a function; its name is missing here",
            )),
            Some(other) => Err(error(
                self.at,
                format!(
                    "unexpected {other:?}; expected a function, an [attribute], a \"text\" or a whole number"
                ),
            )),
            None => Err(error(
                self.at,
                "the expression ends too early; expected a function, an [attribute] or a \"text\"",
            )),
        }
    }

    /// `[name]`; brackets within, as SCIM's paths have them, must pair up.
    fn attribute(&mut self) -> Result<Node, ParseError> {
        let open = self.at;
        let mut depth = 0_usize;
        while let Some(character) = self.peek() {
            self.at += 1;
            match character {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            if depth > 0 {
                continue;
            }
            let name: String = self.characters[open + 1..self.at - 1].iter().collect();
            if name.trim().is_empty() {
                return Err(error(open, "the attribute between [ and ] has no name"));
            }
            return Ok(Node::Attribute(name.trim().to_owned()));
        }
        Err(error(open, "this [ is not closed with a ]"))
    }

    /// `"…"` with `\"` and `\\`; any other backslash stands for itself, as regular expressions are often pasted.
    fn text(&mut self) -> Result<Node, ParseError> {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(character) = self.peek() {
            self.at += 1;
            match character {
                '"' => return Ok(Node::Text(text)),
                '\\' if matches!(self.peek(), Some('"' | '\\')) => {
                    text.extend(self.peek());
                    self.at += 1;
                }
                other => text.push(other),
            }
        }
        Err(error(
            open,
            "this text is not closed with a \" (a quote within it is written \\\")",
        ))
    }

    /// `12`, `-3` or `&HF7`.
    fn number(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        let too_large = || error(start, "this number is too large");
        if self.peek() == Some('&') {
            self.at += 1;
            if !matches!(self.peek(), Some('H' | 'h')) {
                return Err(error(
                    start,
                    "unexpected '&'; to join texts use Append or Join, a hexadecimal number is written &HFF",
                ));
            }
            self.at += 1;
            let digits = self.take_while(|next| next.is_ascii_hexdigit());
            if digits.is_empty() {
                return Err(error(start, "&H must be followed by hexadecimal digits"));
            }
            return i64::from_str_radix(&digits, 16)
                .map(Node::Number)
                .map_err(|_| too_large());
        }
        let sign = self.take_while(|next| next == '-');
        let digits = self.take_while(|next| next.is_ascii_digit());
        if sign.len() > 1 || digits.is_empty() {
            return Err(error(start, "a number has a - only in front of its digits"));
        }
        if self.peek() == Some('.') {
            return Err(error(
                self.at,
                "only whole numbers can be written; put others in quotes",
            ));
        }
        format!("{sign}{digits}")
            .parse()
            .map(Node::Number)
            .map_err(|_| too_large())
    }

    fn call_or_word(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        let name = self.take_while(|next| next.is_alphanumeric() || next == '_');
        let end = self.at;
        self.skip_space();
        if self.peek() == Some('(') {
            let function = function::find(&name).ok_or_else(|| error(start, unknown_function(&name)))?;
            return self.call(function, start);
        }
        self.at = end;
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
        Err(error(start, message))
    }

    fn call(&mut self, function: &'static Function, start: usize) -> Result<Node, ParseError> {
        if self.depth == MAX_DEPTH {
            return Err(error(
                start,
                format!("at most {MAX_DEPTH} functions can stand within each other"),
            ));
        }
        if function.gives_candidates() && self.depth > 0 {
            return Err(error(
                start,
                format!("{} can only be the outermost function", function.name),
            ));
        }
        self.depth += 1;
        let (arguments, positions) = self.arguments(function)?;
        self.depth -= 1;
        if let Some(refusal) = function.refusal(&arguments) {
            let position = refusal.argument.and_then(|index| positions.get(index)).copied();
            return Err(error(position.unwrap_or(start), refusal.message));
        }
        let prepared = (function.prepare)(&arguments).map_err(|refusal| {
            let position = refusal.argument.and_then(|index| positions.get(index)).copied();
            error(
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
        let open = self.at;
        self.at += 1;
        let mut arguments = Vec::new();
        let mut positions = Vec::new();
        loop {
            self.skip_space();
            positions.push(self.at);
            let argument = match self.peek() {
                Some(',' | ')') => None,
                _ => Some(self.argument(function, open)?),
            };
            self.skip_space();
            match self.peek() {
                Some(')') if arguments.is_empty() && argument.is_none() => {
                    self.at += 1;
                    return Ok((arguments, positions));
                }
                Some(')') => {
                    self.at += 1;
                    arguments.push(argument);
                    return Ok((arguments, positions));
                }
                Some(',') => {
                    self.at += 1;
                    arguments.push(argument);
                }
                Some(';') => {
                    return Err(error(
                        self.at,
                        "arguments are separated with commas, not semicolons",
                    ));
                }
                Some('&' | '+') => {
                    return Err(error(
                        self.at,
                        "there is no operator that joins texts; use Append or Join",
                    ));
                }
                Some(_) => {
                    return Err(error(
                        self.at,
                        format!("expected a comma or ) after this argument of {}", function.name),
                    ));
                }
                None => return Err(unclosed(function, open)),
            }
        }
    }

    fn argument(&mut self, function: &Function, open: usize) -> Result<Node, ParseError> {
        if self.peek().is_none() {
            return Err(unclosed(function, open));
        }
        let left = self.operand()?;
        self.skip_space();
        let Some(operator) = self.operator() else {
            return Ok(left);
        };
        self.at += operator.symbol().len();
        self.skip_space();
        let right = self.operand()?;
        self.skip_space();
        if self.operator().is_some() {
            return Err(error(
                self.at,
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
        let rest = &self.characters[self.at..];
        Operator::ALL.into_iter().find(|operator| {
            rest.iter()
                .copied()
                .take(operator.symbol().len())
                .eq(operator.symbol().chars())
        })
    }
}

fn unclosed(function: &Function, open: usize) -> ParseError {
    error(open, format!("the ( of {} is not closed with a )", function.name))
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

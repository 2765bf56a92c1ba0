//! Reading an expression: operators by their precedence, texts, numbers and lists. Names are in [`names`].

mod names;

use super::operator;
use crate::expression::{Cursor, MAX_DEPTH, Node, ParseError, characters};
use crate::function::Function;
use crate::{Decimal, Value};

pub(crate) fn parse(text: &str) -> Result<Node, ParseError> {
    let characters = characters(text)?;
    let mut parser = Parser {
        cursor: Cursor::new(&characters),
        depth: 0,
    };
    if parser.cursor.peek().is_none() {
        return Err(ParseError::at(
            parser.cursor.at,
            "the expression is empty; write one such as user.firstName + \" \" + user.lastName",
        ));
    }
    let root = parser.expression()?;
    match parser.cursor.peek() {
        None => Ok(root),
        Some(')') => Err(ParseError::at(parser.cursor.at, "this ) closes nothing")),
        Some('=') => Err(ParseError::at(
            parser.cursor.at,
            "nothing can be assigned; to compare, write ==",
        )),
        Some(_) => Err(ParseError::at(
            parser.cursor.at,
            "the expression ends here, but more text follows; texts are joined with +",
        )),
    }
}

struct Parser<'c> {
    cursor: Cursor<'c>,
    depth: usize,
}

type Parsed = Result<Node, ParseError>;

impl Parser<'_> {
    /// Takes the symbol if it stands here, and the space behind it.
    fn takes(&mut self, symbol: &str) -> bool {
        let length = symbol.chars().count();
        let stands = self.cursor.characters[self.cursor.at..]
            .iter()
            .copied()
            .take(length)
            .eq(symbol.chars());
        if stands {
            self.cursor.at += length;
            self.cursor.skip_space();
        }
        stands
    }

    /// Takes a word if it stands here as a whole, in any case.
    fn takes_word(&mut self, word: &str) -> bool {
        let end = self.word_end();
        let stands = self.cursor.characters[self.cursor.at..end]
            .iter()
            .flat_map(|c| c.to_lowercase())
            .eq(word.chars());
        if stands && end > self.cursor.at {
            self.cursor.at = end;
            self.cursor.skip_space();
            return true;
        }
        false
    }

    fn word_end(&self) -> usize {
        let rest = &self.cursor.characters[self.cursor.at..];
        let is_part = |c: &&char| c.is_alphanumeric() || **c == '_' || **c == '$';
        self.cursor.at + rest.iter().take_while(is_part).count()
    }

    /// One level further down.
    fn deeper(&mut self, parse: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.depth == MAX_DEPTH {
            return Err(ParseError::at(
                self.cursor.at,
                format!("at most {MAX_DEPTH} parts can stand within each other"),
            ));
        }
        self.depth += 1;
        let node = parse(self);
        self.depth -= 1;
        node
    }

    fn expression(&mut self) -> Parsed {
        self.deeper(Self::choice)
    }

    fn choice(&mut self) -> Parsed {
        let condition = self.or()?;
        if self.takes("?:") {
            let otherwise = self.expression()?;
            return Ok(call(&operator::ELVIS, vec![condition, otherwise]));
        }
        let question = self.cursor.at;
        if !self.takes("?") {
            return Ok(condition);
        }
        let yes = self.expression()?;
        if !self.takes(":") {
            return Err(ParseError::at(
                question,
                "this ? has no : behind it: condition ? value : other value",
            ));
        }
        let no = self.expression()?;
        Ok(call(&operator::CHOOSE, vec![condition, yes, no]))
    }

    fn or(&mut self) -> Parsed {
        let mut parts = vec![self.and()?];
        while self.takes("||") || self.takes_word("or") {
            parts.push(self.and()?);
        }
        Ok(joined(&operator::OR, parts))
    }

    fn and(&mut self) -> Parsed {
        let mut parts = vec![self.comparison()?];
        while self.takes("&&") || self.takes_word("and") {
            parts.push(self.comparison()?);
        }
        Ok(joined(&operator::AND, parts))
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        let Some(function) = self.comparing()? else {
            return Ok(left);
        };
        let right = self.sum()?;
        let here = self.cursor.at;
        if self.comparing()?.is_some() {
            return Err(ParseError::at(
                here,
                "one comparison follows another; join them with AND",
            ));
        }
        Ok(call(function, vec![left, right]))
    }

    /// The comparison here, taken.
    fn comparing(&mut self) -> Result<Option<&'static Function>, ParseError> {
        let symbols: [(&str, &'static Function); 6] = [
            ("==", &operator::EQUAL),
            ("!=", &operator::NOT_EQUAL),
            ("<=", &operator::LESS_OR_EQUAL),
            (">=", &operator::GREATER_OR_EQUAL),
            ("<", &operator::LESS),
            (">", &operator::GREATER),
        ];
        for (symbol, function) in symbols {
            if self.takes(symbol) {
                return Ok(Some(function));
            }
        }
        if self.takes_word("matches") {
            return Ok(Some(&operator::MATCHES));
        }
        if self.cursor.peek() == Some('=') {
            return Err(ParseError::at(
                self.cursor.at,
                "nothing can be assigned; to compare, write ==",
            ));
        }
        Ok(None)
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        let mut steps = 0;
        loop {
            if self.cursor.peek() == Some('+') {
                let mut parts = vec![left];
                while self.takes("+") {
                    parts.push(self.product()?);
                }
                left = call(&operator::PLUS, parts);
            } else if self.takes("-") {
                left = call(&operator::MINUS, vec![left, self.product()?]);
            } else {
                return Ok(left);
            }
            steps += 1;
            self.bound(steps)?;
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.unary()?;
        let mut steps = 0;
        loop {
            let function = match self.cursor.peek() {
                Some('*') => &operator::TIMES,
                Some('/') => &operator::DIVIDED,
                Some('%') => &operator::REMAINDER,
                _ => return Ok(left),
            };
            self.cursor.at += 1;
            self.cursor.skip_space();
            left = call(function, vec![left, self.unary()?]);
            steps += 1;
            self.bound(steps)?;
        }
    }

    /// Operators of one kind in a row make the tree deeper, too.
    fn bound(&self, steps: usize) -> Result<(), ParseError> {
        if steps > MAX_DEPTH {
            return Err(ParseError::at(
                self.cursor.at,
                format!("at most {MAX_DEPTH} of these operators can stand in a row"),
            ));
        }
        Ok(())
    }

    fn unary(&mut self) -> Parsed {
        let starts_comparison = self.cursor.characters.get(self.cursor.at + 1) == Some(&'=');
        let function = match self.cursor.peek() {
            Some('!') if !starts_comparison => &operator::NOT,
            Some('-') => &operator::NEGATIVE,
            _ => return self.postfix(),
        };
        self.cursor.at += 1;
        self.cursor.skip_space();
        let inner = self.deeper(Self::unary)?;
        Ok(match (function.name, inner) {
            ("negative", Node::Number(number)) if number != i64::MIN => Node::Number(-number),
            (_, inner) => call(function, vec![inner]),
        })
    }

    fn postfix(&mut self) -> Parsed {
        let mut node = self.primary()?;
        self.cursor.skip_space();
        let mut steps = 0;
        loop {
            let open = self.cursor.at;
            if self.takes("[") {
                let index = self.expression()?;
                if !self.takes("]") {
                    return Err(ParseError::at(open, "this [ is not closed with a ]"));
                }
                node = call(&operator::INDEX, vec![node, index]);
            } else {
                return Ok(node);
            }
            steps += 1;
            self.bound(steps)?;
        }
    }

    fn primary(&mut self) -> Parsed {
        match self.cursor.peek() {
            Some(quote @ ('"' | '\'')) => self.text(quote),
            Some('0'..='9') => self.number(),
            Some('{') => self.list(),
            Some('(') => {
                let open = self.cursor.at;
                self.takes("(");
                let inner = self.expression()?;
                if self.takes(")") {
                    Ok(inner)
                } else {
                    Err(ParseError::at(open, "this ( is not closed with a )"))
                }
            }
            Some(letter) if letter.is_alphabetic() || letter == '_' => self.name(),
            Some('“' | '”' | '„' | '‘' | '’') => Err(ParseError::at(
                self.cursor.at,
                "put texts in straight quotes: \"…\" or '…'",
            )),
            Some('[') => Err(ParseError::at(
                self.cursor.at,
                "attributes are written user.firstName here; for [givenName] choose Entra ID's language",
            )),
            Some(other) => Err(ParseError::at(
                self.cursor.at,
                format!(
                    "unexpected {other:?}; expected an attribute such as user.firstName, a \"text\", a number or a function"
                ),
            )),
            None => Err(ParseError::at(
                self.cursor.at,
                "the expression ends too early; expected an attribute such as user.firstName, a \"text\" or a function",
            )),
        }
    }

    /// A backslash stands for itself; the quote within is written twice.
    fn text(&mut self, quote: char) -> Parsed {
        let open = self.cursor.at;
        self.cursor.at += 1;
        let mut text = String::new();
        while let Some(character) = self.cursor.peek() {
            self.cursor.at += 1;
            if character != quote {
                text.push(character);
            } else if self.cursor.peek() == Some(quote) {
                self.cursor.at += 1;
                text.push(quote);
            } else {
                self.cursor.skip_space();
                return Ok(Node::Text(text));
            }
        }
        Err(ParseError::at(
            open,
            format!("this text is not closed with a {quote}"),
        ))
    }

    fn number(&mut self) -> Parsed {
        let start = self.cursor.at;
        let digits = |parser: &mut Self| {
            while parser.cursor.peek().is_some_and(|next| next.is_ascii_digit()) {
                parser.cursor.at += 1;
            }
        };
        digits(self);
        let is_fraction = self.cursor.peek() == Some('.')
            && self
                .cursor
                .characters
                .get(self.cursor.at + 1)
                .is_some_and(char::is_ascii_digit);
        if is_fraction {
            self.cursor.at += 1;
            digits(self);
        }
        let text: String = self.cursor.characters[start..self.cursor.at].iter().collect();
        self.cursor.skip_space();
        let too_large = || ParseError::at(start, "this number is too large");
        if is_fraction {
            let number = text.parse().ok().and_then(Decimal::new).ok_or_else(too_large)?;
            return Ok(Node::Constant(Value::Decimal(number)));
        }
        text.parse().map(Node::Number).map_err(|_| too_large())
    }

    /// `{1, 2}`
    fn list(&mut self) -> Parsed {
        let open = self.cursor.at;
        self.takes("{");
        let mut items = Vec::new();
        if self.takes("}") {
            return Ok(call(&operator::LIST, items));
        }
        loop {
            items.push(self.expression()?);
            if self.takes("}") {
                return Ok(call(&operator::LIST, items));
            }
            if self.cursor.peek() == Some(':') {
                return Err(ParseError::at(
                    self.cursor.at,
                    "maps such as {'group.type': …} are not understood",
                ));
            }
            if !self.takes(",") {
                return Err(ParseError::at(open, "this { is not closed with a }"));
            }
        }
    }
}

fn call(function: &'static Function, arguments: Vec<Node>) -> Node {
    Node::Call {
        function,
        arguments: arguments.into_iter().map(Some).collect(),
        prepared: crate::function::Prepared::Nothing,
    }
}

/// Several parts under one operator; one alone stands for itself.
fn joined(function: &'static Function, mut parts: Vec<Node>) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            call(function, parts)
        }
    }
}

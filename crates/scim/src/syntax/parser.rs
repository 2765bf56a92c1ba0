//! From tokens to filters and paths.
//!
//! A Pratt parser with two binding powers: `and` binds tighter than `or`; `not` is followed by parentheses.

use super::lexer::{self, Spanned, Token};
use super::name::{self, Name};
use super::{MAX_DEPTH, MAX_TERMS, SyntaxError};
use crate::filter::{Filter, Literal, Operator};
use crate::path::AttributePath;

/// Parses a whole filter.
pub(crate) fn filter(text: &str) -> Result<Filter, SyntaxError> {
    let mut parser = Parser::new(text)?;
    if parser.tokens.is_empty() {
        return Err(parser.error("the filter is empty"));
    }
    let filter = parser.expression(Scope::Resource, 0)?;
    parser.finish("expected \"and\", \"or\" or the end")?;
    Ok(filter)
}

/// Parses a whole attribute path.
pub(crate) fn path(text: &str) -> Result<AttributePath, SyntaxError> {
    let mut parser = Parser::new(text)?;
    let path = parser.attribute_path(Scope::Resource)?;
    parser.finish("expected the end of the path")?;
    Ok(path)
}

/// Whether names stand for attributes of a resource or, between brackets, for sub-attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Resource,
    Element,
}

const OR: u8 = 1;
const AND: u8 = 2;

struct Parser {
    tokens: Vec<Spanned>,
    next: usize,
    end: usize,
    depth: usize,
    terms: usize,
}

impl Parser {
    fn new(text: &str) -> Result<Self, SyntaxError> {
        Ok(Self {
            tokens: lexer::tokens(text)?,
            next: 0,
            end: text.chars().count(),
            depth: 0,
            terms: 0,
        })
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|spanned| &spanned.token)
    }

    fn position(&self) -> usize {
        self.tokens
            .get(self.next)
            .map_or(self.end, |spanned| spanned.start)
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError::new(self.position(), message)
    }

    fn advance(&mut self) -> Option<Spanned> {
        let spanned = self.tokens.get(self.next).cloned()?;
        self.next += 1;
        Some(spanned)
    }

    fn expect(&mut self, token: &Token, message: &str) -> Result<(), SyntaxError> {
        if self.peek() != Some(token) {
            return Err(self.error(message));
        }
        self.next += 1;
        Ok(())
    }

    fn finish(&self, message: &str) -> Result<(), SyntaxError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error(message)),
        }
    }

    fn enter(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn count_term(&mut self) -> Result<(), SyntaxError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(self.error(format!("more than {MAX_TERMS} comparisons")));
        }
        Ok(())
    }

    fn connective(&self) -> Option<u8> {
        match self.peek() {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("and") => Some(AND),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("or") => Some(OR),
            _ => None,
        }
    }

    /// Everything that binds tighter than `binding`.
    fn expression(&mut self, scope: Scope, binding: u8) -> Result<Filter, SyntaxError> {
        let mut left = self.operand(scope)?;
        while let Some(power) = self.connective().filter(|&power| power > binding) {
            self.next += 1;
            let right = self.expression(scope, power)?;
            left = if power == AND {
                left.and(right)
            } else {
                left.or(right)
            };
        }
        Ok(left)
    }

    fn operand(&mut self, scope: Scope) -> Result<Filter, SyntaxError> {
        match self.peek() {
            Some(Token::OpenParenthesis) => self.group(scope),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("not") && self.parenthesis_follows() => {
                self.next += 1;
                Ok(Filter::Not(Box::new(self.group(scope)?)))
            }
            _ => self.term(scope),
        }
    }

    fn parenthesis_follows(&self) -> bool {
        self.tokens
            .get(self.next + 1)
            .is_some_and(|spanned| spanned.token == Token::OpenParenthesis)
    }

    fn group(&mut self, scope: Scope) -> Result<Filter, SyntaxError> {
        self.expect(&Token::OpenParenthesis, "expected \"(\"")?;
        self.enter()?;
        let inner = self.expression(scope, 0)?;
        self.expect(&Token::CloseParenthesis, "expected \"and\", \"or\" or \")\"")?;
        self.leave();
        Ok(inner)
    }

    /// A comparison, a test for presence, or a value path standing alone.
    fn term(&mut self, scope: Scope) -> Result<Filter, SyntaxError> {
        self.count_term()?;
        let path = self.attribute_path(scope)?;
        let stands_alone = path.filter.is_some() && path.sub.is_none();
        let operator = match self.peek() {
            _ if stands_alone && self.connective().is_some() => return Ok(Filter::ValuePath(path)),
            Some(Token::Word(word)) => word.clone(),
            _ if stands_alone => return Ok(Filter::ValuePath(path)),
            _ => return Err(self.error("expected an operator: eq, ne, co, sw, ew, pr, gt, ge, lt or le")),
        };
        if operator.eq_ignore_ascii_case("pr") {
            self.next += 1;
            return Ok(Filter::Present(path));
        }
        let Some(operator) = Operator::find(&operator) else {
            return Err(self.error(format!(
                "{operator:?} is no operator: use eq, ne, co, sw, ew, pr, gt, ge, lt or le"
            )));
        };
        self.next += 1;
        let value = self.literal()?;
        Ok(Filter::Compare {
            path,
            operator,
            value,
        })
    }

    fn literal(&mut self) -> Result<Literal, SyntaxError> {
        if self.connective().is_some() {
            return Err(self.error("expected a value"));
        }
        let literal = match self.peek() {
            Some(Token::Quoted(text)) => Literal::Text(text.clone()),
            Some(Token::Word(word)) => Literal::bare(word),
            _ => return Err(self.error("expected a value")),
        };
        self.next += 1;
        Ok(literal)
    }

    fn attribute_path(&mut self, scope: Scope) -> Result<AttributePath, SyntaxError> {
        let Some(Token::Word(word)) = self.peek() else {
            return Err(self.error("expected an attribute name"));
        };
        let Some(name) = name::split(word) else {
            return Err(self.error(format!("{word:?} is no attribute name")));
        };
        let position = self.position();
        self.next += 1;
        if self.peek() != Some(&Token::OpenBracket) {
            return Ok(AttributePath {
                schema: name.schema,
                attribute: name.attribute,
                filter: None,
                sub: name.sub,
            });
        }
        if scope == Scope::Element {
            return Err(self.error("brackets within brackets are not allowed"));
        }
        self.value_path(name, position)
    }

    /// What follows the name of a multi-valued attribute: `[filter]` and perhaps `.sub`.
    fn value_path(&mut self, name: Name, position: usize) -> Result<AttributePath, SyntaxError> {
        let (schema, attribute) = match (name.schema, name.sub) {
            (schema, None) => (schema, name.attribute),
            (Some(schema), Some(sub)) => (Some(format!("{schema}:{}", name.attribute)), sub),
            (None, Some(_)) => {
                return Err(SyntaxError::new(
                    position,
                    "a sub-attribute cannot be followed by brackets",
                ));
            }
        };
        self.expect(&Token::OpenBracket, "expected \"[\"")?;
        self.enter()?;
        let filter = self.expression(Scope::Element, 0)?;
        let closed = self.tokens.get(self.next).map(|spanned| spanned.end);
        self.expect(&Token::CloseBracket, "expected \"and\", \"or\" or \"]\"")?;
        self.leave();
        Ok(AttributePath {
            schema,
            attribute,
            filter: Some(Box::new(filter)),
            sub: self.sub_attribute_after(closed)?,
        })
    }

    /// `.sub` directly after the closing bracket.
    fn sub_attribute_after(&mut self, closed: Option<usize>) -> Result<Option<String>, SyntaxError> {
        let Some(Token::Word(word)) = self.peek() else {
            return Ok(None);
        };
        let Some(sub) = word.strip_prefix('.') else {
            return Ok(None);
        };
        if closed != Some(self.position()) || !name::is_attribute_name(sub) {
            return Err(self.error("expected a sub-attribute directly after \"].\""));
        }
        let sub = sub.to_owned();
        self.advance();
        Ok(Some(sub))
    }
}

//! A place in an expression's text, and what stands there; both languages are read with it.

use super::{MAX_LENGTH, ParseError};

/// The characters of an expression, if there are not too many.
pub(crate) fn characters(text: &str) -> Result<Vec<char>, ParseError> {
    let characters: Vec<char> = text.chars().take(MAX_LENGTH + 1).collect();
    if characters.len() > MAX_LENGTH {
        let message = format!("an expression has at most {MAX_LENGTH} characters");
        return Err(ParseError::at(MAX_LENGTH, message));
    }
    Ok(characters)
}

pub(crate) struct Cursor<'c> {
    pub characters: &'c [char],
    pub at: usize,
}

impl<'c> Cursor<'c> {
    /// At the first character that is no space.
    pub fn new(characters: &'c [char]) -> Self {
        let mut cursor = Self { characters, at: 0 };
        cursor.skip_space();
        cursor
    }

    pub fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    pub fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Takes characters while they fit.
    pub fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.at += 1;
        }
        self.characters[start..self.at].iter().collect()
    }
}

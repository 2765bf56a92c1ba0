//! From characters to tokens.

use super::{MAX_LENGTH, SyntaxError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    /// Anything that stands without quotes: a name, an operator, a bare value, `.sub` after a bracket.
    Word(String),
    /// A JSON string, its escapes resolved.
    Quoted(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spanned {
    pub(super) token: Token,
    /// The first character, from 0.
    pub(super) start: usize,
    /// One past the last character.
    pub(super) end: usize,
}

/// Cuts the text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Spanned>, SyntaxError> {
    let chars: Vec<char> = text.chars().take(MAX_LENGTH + 1).collect();
    if chars.len() > MAX_LENGTH {
        return Err(SyntaxError::new(
            MAX_LENGTH,
            format!("longer than {MAX_LENGTH} characters"),
        ));
    }
    if let Some(position) = chars.iter().position(|&c| c == '\0') {
        return Err(nul(position));
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        let token = match c {
            '(' => Token::OpenParenthesis,
            ')' => Token::CloseParenthesis,
            '[' => Token::OpenBracket,
            ']' => Token::CloseBracket,
            '"' => {
                at = string_end(&chars, start)?;
                Token::Quoted(string(&chars[start..at], start)?)
            }
            _ => {
                at = word_end(&chars, start)?;
                Token::Word(chars[start..at].iter().collect())
            }
        };
        at = at.max(start + 1);
        tokens.push(Spanned {
            token,
            start,
            end: at,
        });
    }
    Ok(tokens)
}

fn nul(position: usize) -> SyntaxError {
    SyntaxError::new(position, "the character U+0000 is not allowed")
}

fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']')
}

fn word_end(chars: &[char], start: usize) -> Result<usize, SyntaxError> {
    let length = chars[start..]
        .iter()
        .take_while(|&&c| !is_delimiter(c) && c != '"')
        .count();
    let end = start + length;
    match chars.get(end) {
        Some('"') => Err(SyntaxError::new(
            end,
            "expected a space before the quotation mark",
        )),
        _ => Ok(end),
    }
}

/// One past the closing quotation mark.
fn string_end(chars: &[char], start: usize) -> Result<usize, SyntaxError> {
    let mut at = start + 1;
    loop {
        match chars.get(at) {
            None => {
                return Err(SyntaxError::new(
                    start,
                    "the string has no closing quotation mark",
                ));
            }
            Some('\\') => at += 2,
            Some('"') => break,
            Some(_) => at += 1,
        }
    }
    let end = at + 1;
    match chars.get(end) {
        Some(&c) if !is_delimiter(c) => Err(SyntaxError::new(end, "expected a space after the string")),
        _ => Ok(end),
    }
}

fn string(chars: &[char], start: usize) -> Result<String, SyntaxError> {
    let text: String = chars.iter().collect();
    let string: String = serde_json::from_str(&text)
        .map_err(|_| SyntaxError::new(start, "the string is no JSON string: check its escapes"))?;
    if string.contains('\0') {
        Err(nul(start))
    } else {
        Ok(string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let tokens = tokens(text).expect("tokens");
        tokens
            .into_iter()
            .map(|spanned| match spanned.token {
                Token::Word(word) => word,
                Token::Quoted(text) => format!("'{text}'"),
                Token::OpenParenthesis => "(".into(),
                Token::CloseParenthesis => ")".into(),
                Token::OpenBracket => "[".into(),
                Token::CloseBracket => "]".into(),
            })
            .collect()
    }

    #[test]
    fn cuts_at_brackets_and_white_space() {
        assert_eq!(words("not(a\teq \"x y\")"), ["not", "(", "a", "eq", "'x y'", ")"]);
        assert_eq!(
            words("emails[type eq work].value"),
            ["emails", "[", "type", "eq", "work", "]", ".value"]
        );
        assert_eq!(words(r#""say \"hi\" \u00e9\ud83d\ude00""#), ["'say \"hi\" é😀'"]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn errors_count_characters_not_bytes() {
        for (text, position) in [
            ("é eq \"x", 5),
            ("é eq \"\\q\"", 5),
            ("é eq\"x\"", 4),
            ("é eq \"x\"and", 8),
            ("é eq \"\\u0000\"", 5),
            ("é\0", 1),
            ("a eq \"\\", 5),
        ] {
            assert_eq!(tokens(text).expect_err(text).position, position, "{text:?}");
        }
    }

    #[test]
    fn length_is_limited() {
        assert!(tokens(&"a".repeat(MAX_LENGTH)).is_ok());
        assert_eq!(
            tokens(&"a".repeat(MAX_LENGTH + 1))
                .expect_err("too long")
                .position,
            MAX_LENGTH
        );
    }
}

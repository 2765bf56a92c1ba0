//! Text that is shown on a terminal.

use std::borrow::Cow;

/// The text with control characters made visible: what is stored must not steer a terminal.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_steering) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .fold(String::new(), |mut plain, char| {
            if is_steering(char) {
                plain.extend(char.escape_default());
            } else {
                plain.push(char);
            }
            plain
        })
        .into()
}

/// Control characters, separators of lines, and those that reverse the direction of writing.
fn is_steering(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_text_cannot_steer_the_terminal() {
        assert_eq!(plain("Zoë 李"), "Zoë 李");
        assert_eq!(plain("\u{1b}[31mred\n\u{202e}"), "\\u{1b}[31mred\\n\\u{202e}");
    }
}

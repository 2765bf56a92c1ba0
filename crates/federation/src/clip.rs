//! What others have sent is quoted in traces and events, and may be as long as a message.

/// No text that is kept of it is longer, in characters.
const LONGEST: usize = 500;

/// The text, or its beginning with a sign that there was more.
pub(crate) fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The beginning of a message, in bytes.
pub(crate) fn beginning(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_off_between_characters() {
        let short = "é".repeat(LONGEST);
        assert_eq!(clipped(&short), short);
        assert_eq!(clipped(&"é".repeat(LONGEST + 1)), format!("{short}…"));
        assert_eq!(beginning("éé", 3), "é");
        assert_eq!(beginning("éé", 4), "éé");
    }
}

//! Canonical keys: the one form under which texts are compared that people type in several.
//!
//! The stored document keeps what was sent; the key decides whether two of them are the same
//! (RFC 7643 §4.1.1: userName is compared without regard to case).

use unicode_normalization::UnicodeNormalization;

/// Why a text cannot be stored at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the character U+0000 is not allowed")]
pub struct NulError;

/// Compatibility normalisation, full case folding, normalisation again: `Straße`, `STRASSE` and `ｓtrasse` are one key.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    caseless::default_case_fold_str(&text.nfkc().collect::<String>())
        .nfkc()
        .collect()
}

/// The key of a userName: surrounding white space does not count, also such as only comes of the normalisation.
pub fn user_name(text: &str) -> String {
    trimmed(fold(text))
}

/// The key of an e-mail address. The local part is folded too: no mail system in use tells its letters apart.
pub fn email(text: &str) -> String {
    trimmed(fold(text))
}

fn trimmed(text: String) -> String {
    let trimmed = text.trim();
    if trimmed.len() == text.len() {
        return text;
    }
    trimmed.to_owned()
}

/// The key of any text that is compared without regard to case, such as a displayName.
pub fn text(text: &str) -> String {
    fold(text)
}

/// Whether a letter is the sign by which scripts of India take a vowel from the letter before (canonical combining class 9).
pub fn is_virama(letter: char) -> bool {
    unicode_normalization::char::canonical_combining_class(letter) == 9
}

/// Refuses what PostgreSQL cannot hold in a text.
pub fn refuse_nul(text: &str) -> Result<&str, NulError> {
    if text.contains('\0') {
        Err(NulError)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_for_every_spelling() {
        for (a, b) in [
            ("Anna@Example.COM", "anna@example.com"),
            (" anna ", "anna"),
            ("STRASSE", "straße"),
            ("ＡＮＮＡ", "anna"),
            ("Zoe\u{308}", "zoë"),
            ("¨x", " \u{308}x"),
        ] {
            assert_eq!(user_name(a), user_name(b));
        }
        assert_ne!(user_name("zoe"), user_name("zoë"), "diacritics count");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for name in ["İstanbul", "ǅ", "ﬁ", "Σίσυφος", "ΐ"] {
            let once = text(name);
            assert_eq!(text(&once), once, "{name}");
        }
    }
}

//! An application's part of its address, `/saml2/{slug}`.

use base::Ambient;

pub(super) const FORM: &str =
    "2 to 63 letters a to z, digits and hyphens, and begins and ends with a letter or digit";
const LONGEST: usize = 63;
/// What would be read as a part of an address below.
const RESERVED: [&str; 3] = ["metadata", "logout", "sign-out"];

pub(super) fn is_slug(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    (2..=LONGEST).contains(&bytes.len())
        && bytes.iter().all(|byte| is_plain(*byte) || *byte == b'-')
        && bytes.first().copied().is_some_and(is_plain)
        && bytes.last().copied().is_some_and(is_plain)
        && !RESERVED.contains(&text)
}

/// One made of an application's name, with something behind it that nobody else has.
pub(super) fn of_name(name: &str, ambient: &Ambient) -> String {
    let mut slug = String::new();
    for letter in name.chars().take(40) {
        match letter.to_ascii_lowercase() {
            plain @ ('a'..='z' | '0'..='9') => slug.push(plain),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let trimmed = slug.trim_end_matches('-');
    let start = if trimmed.is_empty() { "app" } else { trimmed };
    let chance = u32::from_be_bytes(ambient.random());
    format!("{start}-{chance:08x}")
}

#[cfg(test)]
mod tests {
    use base::{Ambient, ManualClock, SeededEntropy};

    use super::*;

    #[test]
    fn addresses_are_plain() {
        for (text, good) in [
            ("webex", true),
            ("webex-2", true),
            ("a1", true),
            ("a", false),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("Webex", false),
            ("we bex", false),
            ("we/bex", false),
            ("wébex", false),
            ("metadata", false),
            (&"a".repeat(63), true),
            (&"a".repeat(64), false),
        ] {
            assert_eq!(is_slug(text), good, "{text:?}");
        }
    }

    #[test]
    fn names_make_addresses() {
        let ambient = Ambient::new(ManualClock::default(), SeededEntropy::new(1));
        for (name, start) in [
            ("Webex", "webex-"),
            ("  Ünser Wiki (neu)!", "nser-wiki-neu-"),
            ("日本", "app-"),
            (&"x".repeat(200), "x"),
        ] {
            let slug = of_name(name, &ambient);
            assert!(slug.starts_with(start) && is_slug(&slug), "{slug}");
        }
        assert_ne!(of_name("a", &ambient), of_name("a", &ambient));
    }
}

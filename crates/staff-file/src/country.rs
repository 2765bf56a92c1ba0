//! Countries by their English names (ISO 3166-1).

use std::collections::HashMap;
use std::sync::LazyLock;

use base::canonical;

/// `code;name;other name;…` on each line.
static COUNTRIES: &str = include_str!("countries.txt");

static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let lines = COUNTRIES.lines().filter_map(|line| line.split_once(';'));
    lines
        .flat_map(|(code, names)| names.split(';').map(move |name| (key(name), code)))
        .collect()
});

/// Two letters, in upper case. `UK`, which is often written, is `GB`.
pub(super) fn code(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let two_letters = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    two_letters.then(|| if code == "UK" { "GB".to_owned() } else { code })
}

/// The code of a country given by its code or its English name.
pub(super) fn code_or_name(text: &str) -> Option<String> {
    code(text).or_else(|| BY_NAME.get(&key(text)).map(|code| (*code).to_owned()))
}

fn key(name: &str) -> String {
    let folded = canonical::text(name.trim());
    let plain = folded.strip_prefix("the ").unwrap_or(&folded);
    plain.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names() {
        for (text, found) in [
            ("de", Some("DE")),
            ("Germany", Some("DE")),
            ("UNITED STATES", Some("US")),
            ("United States of America", Some("US")),
            ("USA", Some("US")),
            ("The Netherlands", Some("NL")),
            ("Czech Republic", Some("CZ")),
            ("Czechia", Some("CZ")),
            ("Türkiye", Some("TR")),
            ("Turkey", Some("TR")),
            ("Côte d'Ivoire", Some("CI")),
            ("Ivory Coast", Some("CI")),
            ("South Korea", Some("KR")),
            ("United Kingdom", Some("GB")),
            ("uk", Some("GB")),
            ("Viet Nam", Some("VN")),
            ("Taiwan", Some("TW")),
            ("Atlantis", None),
            ("D", None),
            ("12", None),
        ] {
            assert_eq!(code_or_name(text).as_deref(), found, "{text}");
        }
        assert_eq!(code("Germany"), None);
    }

    #[test]
    fn every_line_has_a_code_and_names() {
        let mut codes: Vec<_> = COUNTRIES
            .lines()
            .map(|line| line.split(';').next().unwrap_or_default())
            .collect();
        assert!(codes.iter().all(|code| code.len() == 2));
        assert!(codes.is_sorted());
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(count >= 249, "{count}");
    }
}

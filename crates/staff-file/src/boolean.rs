//! Yes and no as files have them.

/// Texts that mean true, in lower case. Excel writes its booleans in the language of whoever saved the file.
const TRUE: [&str; 12] = [
    "true",
    "yes",
    "y",
    "1",
    "wahr",
    "vrai",
    "verdadero",
    "vero",
    "verdadeiro",
    "waar",
    "ja",
    "oui",
];
const FALSE: [&str; 12] = [
    "false", "no", "n", "0", "falsch", "faux", "falso", "onwaar", "nein", "non", "nee", "nej",
];

/// Words for the state of an account.
const ACTIVE: [&str; 8] = [
    "active",
    "verified",
    "not verified",
    "invite pending",
    "pending",
    "activated",
    "enabled",
    "staged",
];
const INACTIVE: [&str; 5] = ["inactive", "suspended", "disabled", "deactivated", "deleted"];

pub(super) fn parse(text: &str) -> Option<bool> {
    find(text, &TRUE, &FALSE)
}

/// A state such as Control Hub's "Not Verified" (which can sign in) or JumpCloud's `SUSPENDED`.
pub(super) fn parse_state(text: &str) -> Option<bool> {
    find(text, &ACTIVE, &INACTIVE).or_else(|| parse(text))
}

fn find(text: &str, yes: &[&str], no: &[&str]) -> Option<bool> {
    let text = text.trim().to_lowercase();
    if yes.contains(&text.as_str()) {
        return Some(true);
    }
    no.contains(&text.as_str()).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, value) in [
            ("TRUE", Some(true)),
            ("False", Some(false)),
            (" WAHR ", Some(true)),
            ("FAUX", Some(false)),
            ("Yes", Some(true)),
            ("No", Some(false)),
            ("0", Some(false)),
            ("maybe", None),
            ("", None),
            ("active", None),
        ] {
            assert_eq!(parse(text), value, "{text}");
        }
        for (text, value) in [
            ("Active", Some(true)),
            ("Not Verified", Some(true)),
            ("Verified", Some(true)),
            ("Inactive", Some(false)),
            ("SUSPENDED", Some(false)),
            ("true", Some(true)),
            ("?", None),
        ] {
            assert_eq!(parse_state(text), value, "{text}");
        }
    }
}

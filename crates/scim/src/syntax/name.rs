//! Attribute names as they are written: `[URN ":"] name ["." sub]`.

/// The parts of a written name. URNs hold dots and colons themselves, so the last colon decides.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) schema: Option<String>,
    pub(super) attribute: String,
    pub(super) sub: Option<String>,
}

/// Takes a word apart; `None` if it is no attribute name.
pub(super) fn split(word: &str) -> Option<Name> {
    let (schema, rest) = match word.rsplit_once(':') {
        Some(("", _)) => return None,
        Some((schema, rest)) => (Some(schema), rest),
        None => (None, word),
    };
    let parts: Vec<&str> = rest.splitn(4, '.').collect();
    if !parts.iter().all(|part| is_attribute_name(part)) {
        return None;
    }
    let (schema, attribute, sub) = match (schema, parts.as_slice()) {
        (schema, &[attribute]) => (schema.map(str::to_owned), attribute, None),
        (schema, &[attribute, sub]) => (schema.map(str::to_owned), attribute, Some(sub)),
        // A dot after the URN where the RFC has a colon.
        (Some(schema), &[end, attribute, sub]) => (Some(format!("{schema}:{end}")), attribute, Some(sub)),
        _ => return None,
    };
    Some(Name {
        schema,
        attribute: attribute.to_owned(),
        sub: sub.map(str::to_owned),
    })
}

/// `ALPHA *("-" / "_" / DIGIT / ALPHA)`, and `$` for `$ref`.
pub(crate) fn is_attribute_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '$' || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_last_colon() {
        for (word, expected) in [
            ("userName", Some((None, "userName", None))),
            ("name.familyName", Some((None, "name", Some("familyName")))),
            ("$ref", Some((None, "$ref", None))),
            (
                "urn:x:2.0:User:emails.value",
                Some((Some("urn:x:2.0:User"), "emails", Some("value"))),
            ),
            (
                "urn:x:2.0:User.usage",
                Some((Some("urn:x:2.0"), "User", Some("usage"))),
            ),
            (
                "urn:x:2.0:User.manager.value",
                Some((Some("urn:x:2.0:User"), "manager", Some("value"))),
            ),
            ("urn:x:2.0:User", Some((Some("urn:x:2.0"), "User", None))),
            ("a.b.c", None),
            ("a.", None),
            (".a", None),
            ("1a", None),
            (":a", None),
            ("urn:x:", None),
            ("a@b", None),
            ("urn:x:a.b.c.d", None),
        ] {
            let found = split(word);
            let found = found.as_ref().map(|name| {
                (
                    name.schema.as_deref(),
                    name.attribute.as_str(),
                    name.sub.as_deref(),
                )
            });
            assert_eq!(found, expected, "{word}");
        }
    }
}

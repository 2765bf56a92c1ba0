//! Attribute paths, RFC 7644 §3.10 and figure 7: `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`, each with
//! or without its schema's URN in front.

use super::filter::{self, Clause};
use super::protocol::Refusal;

const CORE: [&str; 2] = [
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:Group",
];

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    /// The extension's URN; nothing for core attributes.
    pub(super) schema: Option<String>,
    /// Nothing when the path is an extension's URN and no more.
    pub(super) attribute: Option<String>,
    pub(super) filter: Option<Vec<Clause>>,
    pub(super) sub: Option<String>,
}

impl Path {
    /// `known` are the URNs of the extensions that the resource has or that everybody knows.
    pub(super) fn parse(text: &str, known: &[String]) -> Result<Self, Refusal> {
        let refuse = || Refusal::new(400, "invalidPath", format!("not an attribute path: {text}"));
        if let Some(schema) = known.iter().find(|urn| urn.eq_ignore_ascii_case(text)) {
            return Ok(Self {
                schema: Some(schema.clone()),
                attribute: None,
                filter: None,
                sub: None,
            });
        }
        let (head, rest) = match text.find('[') {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let (schema, name) = match head.rsplit_once(':') {
            Some((urn, name)) if urn.to_ascii_lowercase().starts_with("urn:") => (Some(urn), name),
            Some(_) => return Err(refuse()),
            None => (None, head),
        };
        let schema = schema
            .filter(|urn| !CORE.iter().any(|core| core.eq_ignore_ascii_case(urn)))
            .map(|urn| {
                known
                    .iter()
                    .find(|known| known.eq_ignore_ascii_case(urn))
                    .cloned()
                    .unwrap_or(urn.to_owned())
            });

        let (name, filter, sub) = match rest {
            Some(rest) => {
                let end = filter::closing_bracket(rest).ok_or_else(refuse)?;
                let sub = match &rest[end + 1..] {
                    "" => None,
                    after => Some(after.strip_prefix('.').ok_or_else(refuse)?),
                };
                (name, Some(filter::parse(&rest[..end])?), sub)
            }
            None => match name.split_once('.') {
                Some((name, sub)) => (name, None, Some(sub)),
                None => (name, None, None),
            },
        };
        if !is_name(name) || sub.is_some_and(|sub| !is_name(sub)) {
            return Err(refuse());
        }
        Ok(Self {
            schema,
            attribute: Some(name.to_owned()),
            filter,
            sub: sub.map(str::to_owned),
        })
    }
}

/// ATTRNAME = ALPHA *(nameChar), and `$ref`.
pub(super) fn is_name(text: &str) -> bool {
    let text = text.strip_prefix('$').unwrap_or(text);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn parse(text: &str) -> Result<Path, Refusal> {
        Path::parse(text, &[ENTERPRISE.to_owned()])
    }

    #[test]
    fn every_form_is_understood() {
        let path = parse("emails[type eq \"work\"].value").unwrap();
        assert_eq!(path.attribute.as_deref(), Some("emails"));
        assert_eq!(path.filter.as_ref().map(Vec::len), Some(1));
        assert_eq!(path.sub.as_deref(), Some("value"));

        let path = parse(&format!("{ENTERPRISE}:manager.value")).unwrap();
        assert_eq!(path.schema.as_deref(), Some(ENTERPRISE));
        assert_eq!(path.attribute.as_deref(), Some("manager"));
        assert_eq!(path.sub.as_deref(), Some("value"));

        let path = parse(ENTERPRISE).unwrap();
        assert_eq!((path.schema.as_deref(), path.attribute), (Some(ENTERPRISE), None));

        let path = parse("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName").unwrap();
        assert_eq!((path.schema, path.attribute.as_deref()), (None, Some("name")));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            ".",
            "emails[",
            "emails[type eq \"work\"]value",
            "name.",
            "a b",
            "a:b",
            "1a",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

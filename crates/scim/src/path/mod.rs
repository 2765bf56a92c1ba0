//! Attribute paths (RFC 7644 §3.10 and §3.5.2): `userName`, `name.familyName`,
//! `emails[type eq "work"].value`, `urn:…:User:department`.

mod get;

use std::fmt;
use std::str::FromStr;

pub use get::get;
pub(crate) use get::{each, element_get, elements, field, select};

use crate::filter::Filter;
pub use crate::syntax::SyntaxError;

/// Where in a resource something is. Names are as written; a resource type resolves them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The URN before the attribute's name.
    pub schema: Option<String>,
    pub attribute: String,
    /// Which values of a multi-valued attribute; its names are sub-attributes.
    pub filter: Option<Box<Filter>>,
    pub sub: Option<String>,
}

impl AttributePath {
    /// Whether it may lead to this attribute of the resource: where the URN is followed by a dot, the attribute's name
    /// stands in the place of the sub-attribute's.
    pub fn may_name(&self, attribute: &str) -> bool {
        let names = |name: &str| name.eq_ignore_ascii_case(attribute);
        names(&self.attribute) || self.is_dotted(names)
    }

    fn is_dotted(&self, names: impl Fn(&str) -> bool) -> bool {
        self.schema.is_some() && self.sub.as_deref().is_some_and(names)
    }

    /// The path that is a plain name and nothing else.
    pub fn attribute(name: impl Into<String>) -> Self {
        Self {
            schema: None,
            attribute: name.into(),
            filter: None,
            sub: None,
        }
    }

    /// Whether the path is this plain name and nothing else, in any case.
    pub fn is_plain(&self, name: &str) -> bool {
        self.schema.is_none()
            && self.filter.is_none()
            && self.sub.is_none()
            && self.attribute.eq_ignore_ascii_case(name)
    }
}

/// Reads a path; the error says where it is wrong.
pub fn parse(text: &str) -> Result<AttributePath, SyntaxError> {
    crate::syntax::path(text)
}

impl FromStr for AttributePath {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        parse(text)
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_read() {
        for text in [
            "userName",
            "name.familyName",
            "emails[type eq \"work\"].value",
            "emails[type eq \"work\" and (value co \"@x\" or primary eq true)]",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "members[value eq \"a\\\"b\"]",
        ] {
            assert_eq!(parse(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn a_dot_after_the_urn_is_read_as_a_colon() {
        let path = parse("urn:x:2.0:User.emails[type eq \"work\"].value").expect("a path");
        assert_eq!(path.to_string(), "urn:x:2.0:User:emails[type eq \"work\"].value");
    }

    #[test]
    fn errors_say_where() {
        for (text, position) in [
            ("", 0),
            ("  ", 2),
            ("name familyName", 5),
            ("emails[", 7),
            ("emails[type eq \"work\"", 21),
            ("emails[type eq \"work\"] .value", 23),
            ("emails[type eq \"work\"].", 22),
            ("emails[type eq \"work\"]value", 22),
            ("emails.value[type eq \"work\"]", 0),
            ("emails[a[b eq 1]]", 8),
            ("emails[]", 7),
            ("name..x", 0),
            ("\"name\"", 0),
        ] {
            assert_eq!(parse(text).expect_err(text).position, position, "{text:?}");
        }
    }
}

//! Writing: a tree of elements with the prefixes of [`ns::of_prefix`], each declared where it is first needed.

use super::Error;
use crate::names::ns;

/// An element to be written. Names carry our prefixes: `saml:Issuer`.
#[derive(Debug, Clone)]
pub struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    declared: Vec<&'static str>,
    children: Vec<Child>,
}

#[derive(Debug, Clone)]
enum Child {
    Element(Element),
    Text(String),
    /// Written before, with all that it needs: what is signed must not be written anew.
    Written(String),
}

impl Element {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            declared: Vec::new(),
            children: Vec::new(),
        }
    }

    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// With the attribute, if there is a value.
    #[must_use]
    pub fn maybe_attr(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// Declares a prefix that is used in a value only, such as that of `xsi:type`.
    #[must_use]
    pub fn declare(mut self, prefix: &'static str) -> Self {
        self.declared.push(prefix);
        self
    }

    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Child::Text(text.into()));
        self
    }

    #[must_use]
    pub fn child(mut self, child: Element) -> Self {
        self.children.push(Child::Element(child));
        self
    }

    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children.into_iter().map(Child::Element));
        self
    }

    /// Whole XML that stands by itself.
    #[must_use]
    pub fn written(mut self, xml: impl Into<String>) -> Self {
        self.children.push(Child::Written(xml.into()));
        self
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// With a signature right behind the issuer, or in front if there is none.
    pub(crate) fn with_signature(&self, signature: Element) -> Self {
        let mut signed = self.clone();
        let behind_issuer =
            matches!(signed.children.first(), Some(Child::Element(first)) if first.name == "saml:Issuer");
        signed
            .children
            .insert(usize::from(behind_issuer), Child::Element(signature));
        signed
    }

    /// The element as a document of its own, without an XML declaration.
    pub fn to_xml(&self) -> Result<String, Error> {
        let mut out = String::with_capacity(1_024);
        self.write(&mut out, &mut Vec::new())?;
        Ok(out)
    }

    fn write(&self, out: &mut String, in_scope: &mut Vec<&'static str>) -> Result<(), Error> {
        let before = in_scope.len();
        out.push('<');
        out.push_str(self.name);
        let prefixes = std::iter::once(self.name)
            .chain(self.attributes.iter().map(|(name, _)| *name))
            .filter_map(|name| name.split_once(':').map(|(prefix, _)| prefix))
            .chain(self.declared.iter().copied());
        for prefix in prefixes {
            if in_scope.contains(&prefix) {
                continue;
            }
            if let Some(uri) = ns::of_prefix(prefix) {
                out.push_str(" xmlns:");
                out.push_str(prefix);
                out.push_str("=\"");
                out.push_str(uri);
                out.push('"');
                in_scope.push(prefix);
            }
        }
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(out, value, Place::Attribute)?;
            out.push('"');
        }
        if self.children.is_empty() {
            out.push_str("/>");
        } else {
            out.push('>');
            for child in &self.children {
                match child {
                    Child::Element(element) => element.write(out, in_scope)?,
                    Child::Text(text) => escape(out, text, Place::Text)?,
                    Child::Written(xml) => out.push_str(xml),
                }
            }
            out.push_str("</");
            out.push_str(self.name);
            out.push('>');
        }
        in_scope.truncate(before);
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Text,
    Attribute,
}

fn escape(out: &mut String, text: &str, place: Place) -> Result<(), Error> {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A parser would make another of it (XML §2.11, §3.3.3).
            '\r' => out.push_str("&#13;"),
            '"' if place == Place::Attribute => out.push_str("&quot;"),
            '\t' if place == Place::Attribute => out.push_str("&#9;"),
            '\n' if place == Place::Attribute => out.push_str("&#10;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(character),
            _ => return Err(Error::Character(character)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declares_each_prefix_where_it_is_first_needed() {
        let inner = || Element::new("saml:Issuer").text("me");
        let xml = Element::new("samlp:Response")
            .child(inner())
            .child(Element::new("saml:Assertion").child(inner()))
            .to_xml();
        assert_eq!(
            xml.as_deref(),
            Ok(concat!(
                r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">"#,
                r#"<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">me</saml:Issuer>"#,
                r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:Issuer>me</saml:Issuer>"#,
                "</saml:Assertion></samlp:Response>",
            ))
        );
    }

    #[test]
    fn escapes_what_a_parser_would_change() {
        let xml = Element::new("a")
            .attr("b", "\"<&>'\t\r\n")
            .text("\"<&>'\t\r\n]]>")
            .to_xml();
        assert_eq!(
            xml.as_deref(),
            Ok("<a b=\"&quot;&lt;&amp;&gt;'&#9;&#13;&#10;\">\"&lt;&amp;&gt;'\t&#13;\n]]&gt;</a>")
        );
        for refused in ['\0', '\u{1}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            let xml = Element::new("a").text(format!("x{refused}"));
            assert_eq!(xml.to_xml(), Err(Error::Character(refused)));
        }
    }
}

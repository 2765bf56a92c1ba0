//! Reading under limits. The only place, with `security`, that knows the parser.

use std::collections::HashSet;

use base::Timestamp;
use uppsala::{NodeId, NodeKind, Parser};

use super::measure::measure;
use super::{Error, parse_time};
use crate::names::ns;

/// How large a document may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub bytes: usize,
    pub depth: u32,
    /// Elements and attributes together.
    pub nodes: usize,
    /// Attributes of one element.
    pub attributes: usize,
}

impl Limits {
    /// For what comes in from browsers.
    pub const MESSAGE: Self = Self {
        bytes: 256 * 1024,
        depth: 64,
        nodes: 10_000,
        attributes: 64,
    };
    /// For what an administrator gives us.
    pub const METADATA: Self = Self {
        bytes: 4 * 1024 * 1024,
        depth: 32,
        nodes: 100_000,
        attributes: 64,
    };
}

/// A parsed document.
#[derive(Debug)]
pub struct Document<'a> {
    source: &'a str,
    tree: uppsala::Document<'a>,
    root: NodeId,
}

/// An element of a document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'d> {
    document: &'d Document<'d>,
    id: NodeId,
}

/// Attributes by which an element may be referred to, in whichever namespace: some verifier may follow any of them.
const ID_NAMES: &[&str] = &["ID", "Id", "id", "AssertionID"];

impl<'a> Document<'a> {
    /// Parses `source`. Refuses document type definitions, and IDs that are there twice.
    pub fn parse(source: &'a str, limits: Limits) -> Result<Self, Error> {
        if source.len() > limits.bytes {
            return Err(Error::TooLong(limits.bytes));
        }
        if source.contains("<!DOCTYPE") || source.contains("<!ENTITY") {
            return Err(Error::Doctype);
        }
        measure(source, limits)?;
        let tree = Parser::new()
            .with_forbid_dtd(true)
            .with_forbid_entities(true)
            .with_max_depth(limits.depth)
            .parse(source)
            .map_err(|error| Error::Malformed(error.to_string()))?;
        let declared = tree.xml_declaration.as_ref();
        if declared.is_some_and(|declaration| declaration.version != "1.0") {
            return Err(Error::Malformed("not XML 1.0".to_owned()));
        }
        if let Some(encoding) = declared.and_then(|declaration| declaration.encoding.as_deref())
            && !encoding.eq_ignore_ascii_case("utf-8")
            && !encoding.eq_ignore_ascii_case("us-ascii")
        {
            return Err(Error::Malformed(format!("declared as {encoding}, not as UTF-8")));
        }
        let root = tree
            .document_element()
            .ok_or_else(|| Error::Malformed("no element".to_owned()))?;
        let document = Self { source, tree, root };
        document.check(limits)?;
        Ok(document)
    }

    fn check(&self, limits: Limits) -> Result<(), Error> {
        let mut ids = HashSet::new();
        let mut left = limits.nodes;
        let mut open = vec![self.root];
        while let Some(id) = open.pop() {
            let Some(element) = self.tree.element(id) else {
                continue;
            };
            left = left
                .checked_sub(1 + element.attributes.len())
                .ok_or(Error::TooMany(limits.nodes))?;
            for attribute in &element.attributes {
                let name = &*attribute.name.local_name;
                if ID_NAMES.contains(&name) && !ids.insert(attribute.value.to_string()) {
                    return Err(Error::DuplicateId(attribute.value.to_string()));
                }
            }
            open.extend(self.tree.children_iter(id));
        }
        Ok(())
    }

    pub fn root(&self) -> Node<'_> {
        Node {
            document: self,
            id: self.root,
        }
    }

    pub fn source(&self) -> &'a str {
        self.source
    }

    pub(crate) fn tree(&self) -> &uppsala::Document<'a> {
        &self.tree
    }

    pub(crate) fn node(&self, id: NodeId) -> Node<'_> {
        Node { document: self, id }
    }
}

impl<'d> Node<'d> {
    fn element(self) -> Option<&'d uppsala::Element<'d>> {
        self.document.tree.element(self.id)
    }

    pub(crate) fn id(self) -> NodeId {
        self.id
    }

    pub(crate) fn document(self) -> &'d Document<'d> {
        self.document
    }

    pub fn namespace(self) -> &'d str {
        self.element()
            .and_then(|element| element.name.namespace_uri.as_deref())
            .unwrap_or_default()
    }

    pub fn local_name(self) -> &'d str {
        self.element().map_or("", |element| &*element.name.local_name)
    }

    pub fn is(self, namespace: &str, local_name: &str) -> bool {
        self.namespace() == namespace && self.local_name() == local_name
    }

    /// An attribute in no namespace.
    pub fn attr(self, name: &str) -> Option<&'d str> {
        self.find_attr("", name)
    }

    /// An attribute in a namespace.
    pub fn find_attr(self, namespace: &str, name: &str) -> Option<&'d str> {
        let found = self.element()?.attributes.iter().find(|attribute| {
            *attribute.name.local_name == *name
                && attribute.name.namespace_uri.as_deref().unwrap_or_default() == namespace
        });
        found.map(|attribute| &*attribute.value)
    }

    /// Whether there are attributes in any namespace.
    pub(crate) fn has_qualified_attributes(self) -> bool {
        let attributes = self.element().into_iter().flat_map(|element| &element.attributes);
        attributes
            .into_iter()
            .any(|attribute| attribute.name.namespace_uri.is_some())
    }

    pub fn parent(self) -> Option<Node<'d>> {
        let parent = self.document.node(self.document.tree.parent(self.id)?);
        parent.element().map(|_| parent)
    }

    /// The elements among the children.
    pub fn elements(self) -> impl Iterator<Item = Node<'d>> {
        let document = self.document;
        document
            .tree
            .children_iter(self.id)
            .map(|id| document.node(id))
            .filter(|node| node.element().is_some())
    }

    pub fn children(self, namespace: &'d str, local_name: &'d str) -> impl Iterator<Item = Node<'d>> {
        self.elements().filter(move |node| node.is(namespace, local_name))
    }

    /// The child of that name, of which there may be one at most.
    pub fn child(self, namespace: &'static str, local_name: &'static str) -> Result<Option<Node<'d>>, Error> {
        let mut found = self.children(namespace, local_name);
        let first = found.next();
        if found.next().is_some() {
            return Err(Error::Repeated {
                parent: self.local_name().to_owned(),
                what: local_name,
            });
        }
        Ok(first)
    }

    /// The child of that name, of which there must be one.
    pub fn only_child(self, namespace: &'static str, local_name: &'static str) -> Result<Node<'d>, Error> {
        self.child(namespace, local_name)?
            .ok_or_else(|| self.missing(local_name))
    }

    /// This element and all below it, in the order of the document.
    pub fn with_descendants(self) -> Vec<Node<'d>> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            found.push(node);
            let below: Vec<Node<'d>> = node.elements().collect();
            open.extend(below.into_iter().rev());
        }
        found
    }

    /// All text in the element, as it stands. Whatever is cut in two by an element, a comment or a processing
    /// instruction is refused: others might read only the part before it.
    pub fn raw_text(self) -> Result<String, Error> {
        let mut text = String::new();
        for child in self.document.tree.children_iter(self.id) {
            match self.document.tree.node_kind(child) {
                Some(NodeKind::Text(part) | NodeKind::CData(part)) => text.push_str(part),
                _ => return Err(Error::NotText(self.local_name().to_owned())),
            }
        }
        Ok(text)
    }

    /// The text without white space around it.
    pub fn text(self) -> Result<String, Error> {
        Ok(self.raw_text()?.trim_matches([' ', '\t', '\r', '\n']).to_owned())
    }

    /// Whether nothing but elements and white space is in here and below: no comments, no processing instructions, and
    /// text only in elements that hold no others.
    pub(crate) fn is_plain(self) -> bool {
        self.with_descendants().into_iter().all(|node| {
            let mut texts = false;
            let mut elements = false;
            for child in node.document.tree.children_iter(node.id) {
                match node.document.tree.node_kind(child) {
                    Some(NodeKind::Text(text) | NodeKind::CData(text)) => {
                        texts |= !text.trim_matches([' ', '\t', '\r', '\n']).is_empty();
                    }
                    Some(NodeKind::Element(_)) => elements = true,
                    _ => return false,
                }
            }
            !(texts && elements)
        })
    }

    pub(crate) fn expect(self, namespace: &'static str, local_name: &'static str) -> Result<(), Error> {
        if self.is(namespace, local_name) {
            return Ok(());
        }
        Err(Error::Unexpected {
            expected: local_name.to_owned(),
            found: format!("{{{}}}{}", self.namespace(), self.local_name()),
        })
    }

    pub(crate) fn missing(self, what: &'static str) -> Error {
        Error::Missing {
            parent: self.local_name().to_owned(),
            what,
        }
    }

    pub(crate) fn wrong(self, place: &str, expected: &'static str, value: &str) -> Error {
        Error::Value {
            place: format!("{}/{place}", self.local_name()),
            expected,
            value: value.chars().take(200).collect(),
        }
    }

    pub(crate) fn required(self, name: &'static str) -> Result<&'d str, Error> {
        self.attr(name).ok_or_else(|| self.missing(name))
    }

    pub(crate) fn time_attr(self, name: &str) -> Result<Option<Timestamp>, Error> {
        let read = |text| {
            parse_time(text).ok_or_else(|| self.wrong(name, "a time such as 2026-11-21T09:30:00Z", text))
        };
        self.attr(name).map(read).transpose()
    }

    pub(crate) fn bool_attr(self, name: &str) -> Result<Option<bool>, Error> {
        self.bool_attr_of("", name)
    }

    pub(crate) fn bool_attr_of(self, namespace: &str, name: &str) -> Result<Option<bool>, Error> {
        match self.find_attr(namespace, name).map(str::trim) {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(other) => Err(self.wrong(name, "true or false", other)),
        }
    }

    pub(crate) fn number_attr(self, name: &str) -> Result<Option<u16>, Error> {
        let read = |text: &str| {
            let number = text.trim().parse();
            number.map_err(|_| self.wrong(name, "a number up to 65535", text))
        };
        self.attr(name).map(read).transpose()
    }

    /// `ID` and `Version`, as every message and assertion has them.
    pub(crate) fn id_of_version_2(self) -> Result<String, Error> {
        let version = self.required("Version")?;
        if version != "2.0" {
            return Err(Error::Version(version.chars().take(20).collect()));
        }
        let id = self.required("ID")?;
        if !is_ncname(id) {
            return Err(self.wrong("@ID", "an ID", id));
        }
        Ok(id.to_owned())
    }

    /// What `xml:lang` says.
    pub(crate) fn language(self) -> Option<String> {
        self.find_attr(ns::XML, "lang").map(str::to_owned)
    }
}

/// Whether a text can be an ID: no more than the ASCII part of `xs:NCName`, which nobody leaves.
pub(crate) fn is_ncname(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Result<Document<'_>, Error> {
        Document::parse(source, Limits::MESSAGE)
    }

    #[test]
    fn a_definition_of_the_document_type_is_refused() {
        for source in [
            "<!DOCTYPE a><a/>",
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        ] {
            assert_eq!(parse(source).err(), Some(Error::Doctype), "{source}");
        }
        for source in ["<a>&x;</a>", "<a b='&x;'/>", "<!doctype a><a/>"] {
            let error = parse(source).err().map(|error| error.code());
            assert_eq!(error, Some("xml.malformed"), "{source}");
        }
    }

    #[test]
    fn limits_hold() {
        let limits = Limits {
            bytes: 100,
            depth: 4,
            nodes: 5,
            attributes: 5,
        };
        let parse = |source: &str| Document::parse(source, limits).map(|_| ());
        assert_eq!(parse("<a><b><c><d/></c></b></a>"), Ok(()));
        assert_eq!(parse("<a><b><c><d><e/></d></c></b></a>"), Err(Error::TooDeep(4)));
        assert_eq!(parse("<a b='' c='' d='' e=''/>"), Ok(()));
        assert_eq!(parse("<a b='' c='' d='' e='' f=''/>"), Err(Error::TooMany(5)));
        assert_eq!(
            parse(&format!("<a>{}</a>", "x".repeat(94))),
            Err(Error::TooLong(100))
        );
    }

    #[test]
    fn what_a_verifier_might_confuse_is_refused() {
        for source in [
            "<a ID='x'><b ID='x'/></a>",
            "<a ID='x'><b Id='x'/></a>",
            "<a ID='x'><b id='x'/></a>",
            "<a ID='x'><b xml:id='x'/></a>",
            "<a ID='x' xmlns:y='urn:y'><b y:ID='x'/></a>",
            "<a ID='x'><b AssertionID='x'/></a>",
        ] {
            assert_eq!(
                parse(source).err(),
                Some(Error::DuplicateId("x".to_owned())),
                "{source}"
            );
        }
        for source in [
            "<a/><b/>",
            "<a>",
            "<a b='' b=''/>",
            "a",
            "",
            "<x:a/>",
            "<a>\0</a>",
        ] {
            let error = parse(source).err().map(|error| error.code());
            assert_eq!(error, Some("xml.malformed"), "{source}");
        }
    }

    #[test]
    fn text_is_whole_or_refused() {
        let text = |source: &str| parse(source).and_then(|document| document.root().text());
        assert_eq!(text("<a> x<![CDATA[<y>]]>&amp;z\n</a>").as_deref(), Ok("x<y>&z"));
        assert_eq!(text("<a/>").as_deref(), Ok(""));
        for source in [
            "<a>x<!-- -->y</a>",
            "<a>x<?y?>z</a>",
            "<a>x<b/>y</a>",
            "<a><!-- --></a>",
        ] {
            assert_eq!(text(source), Err(Error::NotText("a".to_owned())), "{source}");
        }
    }

    #[test]
    fn names_are_judged_by_their_namespace() {
        let document =
            parse("<x:a xmlns:x='urn:1' b='1' x:b='2'><a xmlns='urn:1'/><x:a xmlns:x='urn:2'/></x:a>");
        let document = document.expect("a document");
        let root = document.root();
        assert!(root.is("urn:1", "a"));
        assert_eq!(root.attr("b"), Some("1"));
        assert_eq!(root.find_attr("urn:1", "b"), Some("2"));
        assert_eq!(root.children("urn:1", "a").count(), 1);
        assert_eq!(root.children("urn:2", "a").count(), 1);
        assert_eq!(root.children("", "a").count(), 0);
    }
}

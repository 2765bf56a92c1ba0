//! Leaving out of a message what would let its reader in.
//!
//! A message may be anything, so this looks at the text and not at a tree: whatever stands between the tags of an element whose
//! content is secret is replaced, whatever its prefix.

/// A signature makes a message good; a cipher text is good to whoever breaks or holds its key later.
const SECRET: [&str; 2] = ["SignatureValue", "CipherValue"];
const LEFT_OUT: &str = "(left out)";

/// The same text with the content of secret elements replaced.
pub(super) fn without_secrets(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        // A tag ends at the first `>`: XML lets one stand in an attribute, but then too much is left out, never too little.
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (open, behind) = tag.split_at(end);
        out.push_str(open);
        rest = behind;
        if is_secret(open) {
            out.push_str(LEFT_OUT);
            rest = &rest[end_of_content(rest)..];
        }
    }
    out.push_str(rest);
    out
}

/// Is this the opening tag of a secret element?
fn is_secret(tag: &str) -> bool {
    if tag.ends_with("/>") {
        return false;
    }
    let name = tag[1..]
        .split(|letter: char| letter.is_ascii_whitespace() || letter == '>' || letter == '/')
        .next()
        .unwrap_or_default();
    is_secret_name(name)
}

fn is_secret_name(name: &str) -> bool {
    let local = name.rsplit(':').next().unwrap_or_default();
    SECRET.contains(&local)
}

/// A message of ours with the values of some attributes replaced: of each attribute in its order, whether it is secret. What we
/// write has no comments, nor signs that could be meant for tags.
pub(crate) fn without_values(xml: &str, secret: &[bool]) -> String {
    if !secret.contains(&true) {
        return xml.to_owned();
    }
    let mut out = String::with_capacity(xml.len());
    let (mut rest, mut within, mut left) = (xml, false, secret.iter());
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let (tag, behind) = tag.split_at(end_of_tag(tag));
        out.push_str(tag);
        rest = behind;
        match local_name(tag) {
            "Attribute" => within = left.next().copied().unwrap_or(true),
            "AttributeValue" if within && !tag.starts_with("</") && !tag.ends_with("/>") => {
                out.push_str(LEFT_OUT);
                rest = &rest[rest.find('<').unwrap_or(rest.len())..];
            }
            _ => {}
        }
    }
    out.push_str(rest);
    out
}

/// Behind a tag. A `>` may stand in an attribute.
fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    let end = tag.find(|letter| {
        quoted ^= letter == '"';
        letter == '>' && !quoted
    });
    end.map_or(tag.len(), |end| end + 1)
}

/// Of a tag that opens; empty of `</Attribute>`.
fn local_name(tag: &str) -> &str {
    let name = tag[1..].split([' ', '>', '/', '\n']).next().unwrap_or_default();
    name.rsplit(':').next().unwrap_or_default()
}

/// Where the closing tag of a secret element begins; the end, if there is none.
fn end_of_content(text: &str) -> usize {
    let mut from = 0;
    while let Some(at) = text[from..].find("</") {
        let begin = from + at;
        let name = text[begin + 2..].split(['>', ' ', '\t', '\r', '\n']).next();
        if name.is_some_and(is_secret_name) {
            return begin;
        }
        from = begin + 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_attributes_are_left_out_by_their_place() {
        let xml = "<a:S><a:Attribute Name=\"x>y\"><a:AttributeValue>one</a:AttributeValue></a:Attribute><a:Attribute \
                   Name=\"z\"><a:AttributeValue t=\"1\">two</a:AttributeValue><a:AttributeValue>three</a:AttributeValue>\
                   <a:AttributeValue/></a:Attribute></a:S><a:NameID>four</a:NameID>";
        assert_eq!(without_values(xml, &[false, false]), xml);
        let first = xml.replace("one", LEFT_OUT);
        assert_eq!(without_values(xml, &[true, false]), first);
        let second = xml.replace("two", LEFT_OUT).replace("three", LEFT_OUT);
        assert_eq!(without_values(xml, &[false, true]), second);
        // One more than is known of is better left out.
        assert_eq!(without_values(xml, &[true]), second.replace("one", LEFT_OUT));
    }

    #[test]
    fn what_is_secret_is_left_out_and_nothing_else() {
        for (xml, expected) in [
            ("<a>b</a>", "<a>b</a>"),
            (
                "<ds:SignatureValue>MII=</ds:SignatureValue><x/>",
                "<ds:SignatureValue>(left out)</ds:SignatureValue><x/>",
            ),
            (
                "<SignatureValue Id=\"a\">MII=</SignatureValue >",
                "<SignatureValue Id=\"a\">(left out)</SignatureValue >",
            ),
            (
                "<e:CipherValue>\nAA<!-- </x> -->BB</e:CipherValue>",
                "<e:CipherValue>(left out)</e:CipherValue>",
            ),
            ("<SignatureValue>never closed", "<SignatureValue>(left out)"),
            ("<SignatureValue/>kept", "<SignatureValue/>kept"),
            (
                "<SignatureValues>kept</SignatureValues>",
                "<SignatureValues>kept</SignatureValues>",
            ),
            (
                "<SignatureValue>a<b>c</b>d</SignatureValue>e",
                "<SignatureValue>(left out)</SignatureValue>e",
            ),
            ("not xml at all <", "not xml at all <"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(xml), expected, "{xml}");
        }
    }
}

//! How deep and how wide a document is, told in one pass before it is parsed: the parser looks every attribute up among those
//! before it, so that one tag with tens of thousands of them would keep it busy for seconds.

use super::{Error, Limits};

/// Refuses what is beyond the limits, as far as can be seen without parsing. It may be wrong about texts that look like tags
/// (in comments, say), never about tags: `<` stands in no attribute's value (XML §2.3).
pub(super) fn measure(source: &str, limits: Limits) -> Result<(), Error> {
    let mut nodes = 0;
    let mut depth = 0;
    for tag in source.split('<').skip(1) {
        let bytes = tag.as_bytes();
        match bytes.first() {
            Some(b'!' | b'?') | None => continue,
            Some(b'/') => {
                depth -= 1;
                continue;
            }
            Some(_) => {}
        }
        let Tag { attributes, is_empty } = measure_tag(bytes);
        if attributes > limits.attributes {
            return Err(Error::TooMany(limits.attributes));
        }
        nodes += 1 + attributes;
        if nodes > limits.nodes {
            return Err(Error::TooMany(limits.nodes));
        }
        depth += 1;
        if depth > i64::from(limits.depth) {
            return Err(Error::TooDeep(limits.depth));
        }
        if is_empty {
            depth -= 1;
        }
    }
    Ok(())
}

struct Tag {
    attributes: usize,
    /// Whether it is its own end.
    is_empty: bool,
}

/// What stands behind `<`, up to the first `>` outside quotes.
fn measure_tag(bytes: &[u8]) -> Tag {
    let mut attributes = 0;
    let mut quote = None;
    let mut last = 0;
    for &byte in bytes {
        if quote.is_some() {
            quote = quote.filter(|open| *open != byte);
        } else if byte == b'>' {
            break;
        } else if matches!(byte, b'"' | b'\'') {
            quote = Some(byte);
            attributes += 1;
        }
        last = byte;
    }
    Tag {
        attributes,
        is_empty: last == b'/' && quote.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        bytes: 1000,
        depth: 3,
        nodes: 10,
        attributes: 4,
    };

    #[test]
    fn depth_and_width_are_told_before_parsing() {
        for (source, expected) in [
            ("<a><b><c/></b></a>", Ok(())),
            ("<a><b><c><d/></c></b></a>", Err(Error::TooDeep(3))),
            ("<a><b/><b/><b/><b/></a>", Ok(())),
            ("<a p='1' q='2' r='3' s='4'/>", Ok(())),
            ("<a p='1' q='2' r='3' s='4' t='5'/>", Err(Error::TooMany(4))),
            (
                "<a p='>'  q = \"/>'\"  r='3' s='4' xmlns:t='5'/>",
                Err(Error::TooMany(4)),
            ),
            ("<a><b p='1' q='2' r='3'/><b p='1' q='2' r='3'/><b/></a>", Ok(())),
            (
                "<a><b p='1' q='2' r='3'/><b p='1' q='2' r='3'/><b p='1'/></a>",
                Err(Error::TooMany(10)),
            ),
            // Quotes in texts are no attributes.
            ("<a>p='1' q='2' r='3' s='4' t='5'</a>", Ok(())),
            ("<a p='/'><b p='/'></b><c p='/'/></a>", Ok(())),
        ] {
            assert_eq!(measure(source, LIMITS), expected, "{source}");
        }
    }

    #[test]
    fn as_many_attributes_as_may_be_and_one_more() {
        let wide = |count: usize| {
            let attributes: Vec<_> = (0..count).map(|at| format!("a{at}='x'")).collect();
            format!("<r>{}<e {}/></r>", "<s/>".repeat(3), attributes.join(" "))
        };
        assert_eq!(
            measure(&wide(Limits::MESSAGE.attributes), Limits::MESSAGE),
            Ok(())
        );
        assert_eq!(
            measure(&wide(Limits::MESSAGE.attributes + 1), Limits::MESSAGE),
            Err(Error::TooMany(Limits::MESSAGE.attributes))
        );
    }
}

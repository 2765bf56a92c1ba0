//! Names of e-mail domains: a name of the DNS in lower case, with A-labels (RFC 5890 §2.3.2.1), so that two names that look
//! alike are told apart, and one has one spelling.

use std::net::IpAddr;

use scim::Object;

use super::DomainError;
use crate::rules;

/// Names that the DNS never answers for (RFC 6761, 6762, 7686, 9476), or in which nobody has mail.
const NOWHERE: [&str; 6] = ["localhost", "local", "invalid", "onion", "alt", "arpa"];

/// Reads what somebody calls a domain.
pub fn read(text: &str) -> Result<String, DomainError> {
    let wrong = |why: &str| DomainError::Name {
        name: text.chars().take(300).collect(),
        why: why.to_owned(),
    };
    let name = text.trim();
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.contains('@') {
        return Err(wrong("it is what stands behind the @ of an address"));
    }
    if name.parse::<IpAddr>().is_ok() || name.starts_with('[') {
        return Err(wrong("it is an address of a machine"));
    }
    let ascii = idna::domain_to_ascii_strict(name).map_err(|_| wrong("it is no name of the DNS"))?;
    let Some((_, last)) = ascii.rsplit_once('.') else {
        return Err(wrong("it has one label only"));
    };
    if last.bytes().all(|letter| letter.is_ascii_digit()) {
        return Err(wrong("it ends in a number, as no domain does"));
    }
    if NOWHERE.contains(&last) {
        return Err(wrong("nothing below that name is in the DNS"));
    }
    if is_public_suffix(&ascii) {
        return Err(wrong(
            "it is a public suffix: the domains below it are other people's",
        ));
    }
    Ok(ascii)
}

fn is_public_suffix(ascii: &str) -> bool {
    let is_one = |name: &str| psl::suffix_str(name).is_some_and(|suffix| suffix == name);
    is_one(ascii) || is_one(&shown(ascii))
}

/// The name as people write it. Beside the name itself, never in its place: letters of two scripts can look the same.
pub fn shown(ascii: &str) -> String {
    idna::domain_to_unicode(ascii).0
}

/// The domain of an address as it was written. (Its canonical form is of no use: `ß` and `ss` are one letter there, and two
/// domains.)
pub fn of_address(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    // What is no name of the DNS is nobody's domain.
    Some(idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_lowercase()))
}

/// The domain of the address by which somebody signs in.
pub fn of_person(user: &Object) -> Option<String> {
    rules::written_sign_in_address(user).and_then(of_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_each_domain() {
        for (text, name) in [
            ("example.com", "example.com"),
            (" Mail.EXAMPLE.com. ", "mail.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BU\u{308}CHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("strasse.example", "strasse.example"),
            // A Cyrillic а.
            ("ex\u{430}mple.com", "xn--exmple-4nf.com"),
            ("example。com", "example.com"),
        ] {
            assert_eq!(read(text).ok().as_deref(), Some(name), "{text}");
        }
        assert_eq!(shown("xn--bcher-kva.example"), "bücher.example");
    }

    #[test]
    fn what_is_no_domain_of_an_organization() {
        let long = format!("{}.example", "a".repeat(64));
        for text in [
            "",
            ".",
            "com",
            "example",
            "co.uk",
            "CO.UK",
            "github.io",
            "公司.cn",
            "xn--55qx5d.cn",
            "localhost",
            "mail.localhost",
            "printer.local",
            "x.invalid",
            "x.onion",
            "1.0.0.127.in-addr.arpa",
            "127.0.0.1",
            "[::1]",
            "::1",
            "1.2.3",
            "anna@example.com",
            "exa mple.com",
            "-a.example",
            "a..example",
            "a_b.example",
            "http://example.com",
            "example.com/x",
            "*.example.com",
            "exam\u{0}ple.com",
            "a.\u{202e}example",
            &long,
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_domain_of_an_address_is_that_of_the_dns() {
        for (address, domain) in [
            ("anna@Example.COM", "example.com"),
            ("anna@straße.example", "xn--strae-oqa.example"),
            ("anna@exam\u{ad}ple。com", "example.com"),
            ("anna@sub.example.com", "sub.example.com"),
        ] {
            assert_eq!(of_address(address).as_deref(), Some(domain), "{address}");
        }
        assert_eq!(of_address("anna"), None);
    }
}

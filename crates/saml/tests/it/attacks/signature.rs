//! Signatures that should not be believed.

use saml::profile::CheckCode;
use saml::security::SignatureAlgorithm;

use super::{
    Attack, EVIL, INVALID, PLACE, REFERENCE, STRUCTURE, Taken, before_end, behind_issuer, between, made,
    unsigned,
};
use crate::world::{Layout, world};

/// Signatures that are gone, doubled, elsewhere, or somebody else's.
pub const SIGNATURES: &[(&str, Attack)] = &[
    ("no signature at all", |taken| {
        let bare = taken.xml.replace(taken.assertion(), &unsigned(taken.assertion()));
        made(unsigned(&bare), (CheckCode::AssertionSigned, None))
    }),
    ("no signature at all, and somebody else", |taken| {
        let bare = taken.xml.replace(taken.assertion(), &taken.evil_assertion());
        made(unsigned(&bare), (CheckCode::AssertionSigned, None))
    }),
    ("the assertion's signature is the response's", |taken| {
        let signature = taken
            .signature_of("assertion")
            .filter(|_| taken.layout == Layout::Assertion)?;
        let bare = taken.xml.replace(taken.assertion(), &taken.evil_assertion());
        made(behind_issuer(&bare, &signature), REFERENCE)
    }),
    ("the response's signature is the assertion's", |taken| {
        let signature = taken
            .signature_of("response")
            .filter(|_| taken.layout == Layout::Response)?;
        let moved = behind_issuer(&taken.evil_assertion(), &signature);
        made(
            unsigned(&taken.without_assertion()).replacen(
                "</samlp:Status>",
                &format!("</samlp:Status>{moved}"),
                1,
            ),
            REFERENCE,
        )
    }),
    ("the signature of another message", |taken| {
        let other = Taken::of(taken.layout, &world().idp.credential(), |answer| {
            EVIL.clone_into(&mut answer.name_id.value);
        });
        let part = if taken.is_assertion_signed() {
            "assertion"
        } else {
            "response"
        };
        let (own, other) = (taken.signature_of(part)?, other.signature_of(part)?);
        made(taken.xml.replace(&own, &other), INVALID)
    }),
    ("twice the same signature", |taken| {
        let part = if taken.is_assertion_signed() {
            "assertion"
        } else {
            "response"
        };
        let signature = taken.signature_of(part)?;
        made(
            taken.xml.replacen(&signature, &signature.repeat(2), 1),
            (CheckCode::Signature, Some("signature.several")),
        )
    }),
    ("the signature at the end", |taken| {
        let part = if taken.is_assertion_signed() {
            "assertion"
        } else {
            "response"
        };
        let signature = taken.signature_of(part)?;
        if part == "assertion" {
            let moved = before_end(&unsigned(taken.assertion()), &signature);
            return made(taken.xml.replace(taken.assertion(), &moved), PLACE);
        }
        made(
            before_end(&taken.xml.replacen(&signature, "", 1), &signature),
            PLACE,
        )
    }),
    ("the signature within the subject", |taken| {
        let signature = taken.signature_of("assertion")?;
        let moved =
            unsigned(taken.assertion()).replacen("<saml:Subject>", &format!("<saml:Subject>{signature}"), 1);
        made(taken.xml.replace(taken.assertion(), &moved), PLACE)
    }),
    ("the signature within the status", |taken| {
        let signature = taken.signature_of("response")?;
        let moved = taken.xml.replacen(&signature, "", 1);
        made(
            moved.replacen("</samlp:Status>", &format!("{signature}</samlp:Status>"), 1),
            PLACE,
        )
    }),
    ("a signature in a namespace of one's own", |taken| {
        let foreign = "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig\"";
        made(
            taken
                .xml
                .replace("xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"", foreign),
            PLACE,
        )
    }),
    ("an empty signature", |taken| {
        let part = if taken.is_assertion_signed() {
            "assertion"
        } else {
            "response"
        };
        let signature = taken.signature_of(part)?;
        let empty = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Signature>";
        made(taken.xml.replace(&signature, empty), STRUCTURE)
    }),
    ("prefixes that are canonicalized otherwise", |taken| {
        let c14n = "http://www.w3.org/2001/10/xml-exc-c14n#";
        let list = format!(
            "<ds:Transform Algorithm=\"{c14n}\"><e:InclusiveNamespaces xmlns:e=\"{c14n}\" PrefixList=\"samlp\"/></ds:Transform>"
        );
        made(
            taken
                .xml
                .replace(&format!("<ds:Transform Algorithm=\"{c14n}\"/>"), &list),
            INVALID,
        )
    }),
    ("attributes in a namespace of one's own", |taken| {
        let both = "<ds:Reference xmlns:x=\"urn:x\" x:URI=\"Cargo.toml\" URI";
        made(taken.xml.replace("<ds:Reference URI", both), STRUCTURE)
    }),
    ("no value", |taken| {
        made(emptied(&taken.xml, "ds:SignatureValue"), INVALID)
    }),
    ("no digest", |taken| {
        made(emptied(&taken.xml, "ds:DigestValue"), INVALID)
    }),
    ("a value of noughts", |taken| {
        let value = between(&taken.xml, "ds:SignatureValue").to_owned();
        let noughts = format!("<ds:SignatureValue>{}</ds:SignatureValue>", "A".repeat(344));
        made(taken.xml.replace(&value, &noughts), INVALID)
    }),
    ("a value that is not base64", |taken| {
        made(
            taken.xml.replace("<ds:SignatureValue>", "<ds:SignatureValue>*"),
            INVALID,
        )
    }),
    ("SHA-1 said of another signature", |taken| {
        let uri = SignatureAlgorithm::RsaSha1.uri();
        let own = method_of(&taken.xml);
        made(
            taken.xml.replace(&own, uri),
            (CheckCode::Signature, Some("signature.algorithm")),
        )
    }),
    ("another algorithm said of the signature", |taken| {
        let own = method_of(&taken.xml);
        let other = if own == SignatureAlgorithm::RsaSha256.uri() {
            SignatureAlgorithm::RsaSha512
        } else {
            SignatureAlgorithm::RsaSha256
        };
        made(taken.xml.replace(&own, other.uri()), INVALID)
    }),
    ("a MAC with the public key for a secret", |taken| {
        let own = method_of(&taken.xml);
        let xml = taken
            .xml
            .replace(&own, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256");
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, world().idp.certificate.der());
        let info = between(&xml, "ds:SignedInfo").to_owned();
        let tag = aws_lc_rs::hmac::sign(&key, info.as_bytes());
        let value = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, tag.as_ref());
        let old = between(&xml, "ds:SignatureValue").to_owned();
        let xml = xml.replace(&old, &format!("<ds:SignatureValue>{value}</ds:SignatureValue>"));
        made(xml, (CheckCode::Signature, Some("signature.algorithm")))
    }),
    ("somebody else's signature, with the certificate", |taken| {
        made(by_stranger(taken, true), INVALID)
    }),
    (
        "somebody else's signature, with the certificate of the identity provider",
        |taken| {
            let own = world().idp.certificate.to_base64();
            let strange =
                [&world().stranger, &world().stranger_p256].map(|party| party.certificate.to_base64());
            let xml = strange.iter().fold(by_stranger(taken, true), |xml, strange| {
                xml.replace(strange, &own)
            });
            made(xml, INVALID)
        },
    ),
    ("somebody else's signature, without a certificate", |taken| {
        made(by_stranger(taken, false), INVALID)
    }),
    ("a key beside the signature", |taken| {
        let own = "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>\
                   </ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>";
        let xml =
            by_stranger(taken, false).replace("</ds:SignatureValue>", &format!("</ds:SignatureValue>{own}"));
        made(xml, INVALID)
    }),
];

fn emptied(xml: &str, tag: &str) -> String {
    let own = between(xml, tag).to_owned();
    xml.replacen(&own, &format!("<{tag}></{tag}>"), 1)
}

fn method_of(xml: &str) -> String {
    let found = SignatureAlgorithm::ALL
        .into_iter()
        .find(|algorithm| xml.contains(algorithm.uri()));
    found.expect("an algorithm").uri().to_owned()
}

/// The message as a stranger with the same kind of key would have made it.
fn by_stranger(taken: &Taken, with_certificate: bool) -> String {
    let party = if method_of(&taken.xml).contains("ecdsa") {
        &world().stranger_p256
    } else {
        &world().stranger
    };
    let mut credential = party.credential();
    if !with_certificate {
        credential.certificate = None;
    }
    Taken::of(taken.layout, &credential, |answer| {
        EVIL.clone_into(&mut answer.name_id.value);
    })
    .xml
}

//! Signature wrapping: what is signed is there, and something else beside it or around it.

use saml::profile::CheckCode;

use super::{Attack, COUNT, INVALID, PLACE, REFERENCE, STRUCTURE, before_end, behind_issuer, made, unsigned};

/// The eight forms of Somorovsky and others, and what differs a little from them.
pub const WRAPPING: &[(&str, Attack)] = &[
    (
        "XSW1: the signed response within its signature, in a response of one's own",
        |taken| {
            let signature = taken.signature_of("response")?;
            let original = taken.xml.replacen(&signature, "", 1);
            let outer = taken
                .xml
                .replace("ID=\"_response\"", "ID=\"_outer\"")
                .replace(taken.assertion(), &taken.evil_assertion());
            let filled = before_end(&signature, &original);
            made(outer.replacen(&signature, &filled, 1), STRUCTURE)
        },
    ),
    (
        "XSW2: the signed response before its signature, in a response of one's own",
        |taken| {
            let signature = taken.signature_of("response")?;
            let original = taken.xml.replacen(&signature, "", 1);
            let outer = taken
                .xml
                .replace("ID=\"_response\"", "ID=\"_outer\"")
                .replace(taken.assertion(), &taken.evil_assertion());
            made(
                outer.replacen(&signature, &format!("{original}{signature}"), 1),
                PLACE,
            )
        },
    ),
    ("XSW2, behind", |taken| {
        let signature = taken.signature_of("response")?;
        let original = taken.xml.replacen(&signature, "", 1);
        let outer = taken
            .xml
            .replace("ID=\"_response\"", "ID=\"_outer\"")
            .replace(taken.assertion(), &taken.evil_assertion());
        made(
            outer.replacen(&signature, &format!("{signature}{original}"), 1),
            REFERENCE,
        )
    }),
    ("XSW3: an assertion of one's own before the signed one", |taken| {
        let why = taken.covered(COUNT);
        made(
            taken.xml.replace(
                taken.assertion(),
                &format!("{}{}", taken.evil_assertion(), taken.assertion()),
            ),
            why,
        )
    }),
    ("XSW3, behind", |taken| {
        let why = taken.covered(COUNT);
        made(
            taken.xml.replace(
                taken.assertion(),
                &format!("{}{}", taken.assertion(), taken.evil_assertion()),
            ),
            why,
        )
    }),
    ("XSW4: the signed assertion within one of one's own", |taken| {
        let wrapped = before_end(&taken.evil_assertion(), taken.assertion());
        let why = if taken.is_assertion_signed() {
            PLACE
        } else {
            INVALID
        };
        made(taken.xml.replace(taken.assertion(), &wrapped), why)
    }),
    (
        "XSW5: the signature in an assertion of one's own, the signed one behind",
        |taken| {
            let signature = taken.signature_of("assertion")?;
            let wrapped = behind_issuer(&taken.evil_assertion(), &signature);
            made(
                taken.xml.replace(
                    taken.assertion(),
                    &format!("{wrapped}{}", unsigned(taken.assertion())),
                ),
                REFERENCE,
            )
        },
    ),
    (
        "XSW6: the signed assertion within its signature, in one of one's own",
        |taken| {
            let signature = taken.signature_of("assertion")?;
            let filled = before_end(&signature, &unsigned(taken.assertion()));
            let wrapped = behind_issuer(&taken.evil_assertion(), &filled);
            made(taken.xml.replace(taken.assertion(), &wrapped), STRUCTURE)
        },
    ),
    ("XSW7: an assertion of one's own in the extensions", |taken| {
        let hidden = format!("<samlp:Extensions>{}</samlp:Extensions>", taken.evil_assertion());
        let why = taken.covered(COUNT);
        made(
            taken
                .xml
                .replacen("<samlp:Status>", &format!("{hidden}<samlp:Status>"), 1),
            why,
        )
    }),
    ("XSW7, the signed one in the extensions", |taken| {
        let hidden = format!("<samlp:Extensions>{}</samlp:Extensions>", taken.assertion());
        let xml = taken.xml.replace(taken.assertion(), &taken.evil_assertion());
        let why = if taken.is_assertion_signed() {
            PLACE
        } else {
            INVALID
        };
        made(
            xml.replacen("<samlp:Status>", &format!("{hidden}<samlp:Status>"), 1),
            why,
        )
    }),
    (
        "XSW8: the signed assertion in an object of its signature",
        |taken| {
            let signature = taken.signature_of("assertion")?;
            let object = format!("<ds:Object>{}</ds:Object>", unsigned(taken.assertion()));
            let wrapped = behind_issuer(&taken.evil_assertion(), &before_end(&signature, &object));
            made(taken.xml.replace(taken.assertion(), &wrapped), STRUCTURE)
        },
    ),
    ("the signed response in an object of its signature", |taken| {
        let signature = taken.signature_of("response")?;
        let object = format!("<ds:Object>{}</ds:Object>", taken.xml.replacen(&signature, "", 1));
        let outer = taken
            .xml
            .replace("ID=\"_response\"", "ID=\"_outer\"")
            .replace(taken.assertion(), &taken.evil_assertion());
        made(
            outer.replacen(&signature, &before_end(&signature, &object), 1),
            STRUCTURE,
        )
    }),
    ("the signed assertion as advice in one of one's own", |taken| {
        let advice = format!("<saml:Advice>{}</saml:Advice>", taken.assertion());
        let wrapped =
            taken
                .evil_assertion()
                .replacen("</saml:Conditions>", &format!("</saml:Conditions>{advice}"), 1);
        let why = if taken.is_assertion_signed() {
            PLACE
        } else {
            INVALID
        };
        made(taken.xml.replace(taken.assertion(), &wrapped), why)
    }),
    ("an assertion of one's own as advice in the signed one", |taken| {
        let advice = format!("<saml:Advice>{}</saml:Advice>", taken.evil_assertion());
        let wrapped =
            taken
                .assertion()
                .replacen("</saml:Conditions>", &format!("</saml:Conditions>{advice}"), 1);
        made(taken.xml.replace(taken.assertion(), &wrapped), INVALID)
    }),
    ("the signed response in the extensions of one's own", |taken| {
        let outer = unsigned(&taken.without_assertion()).replace("ID=\"_response\"", "ID=\"_outer\"");
        let outer = before_end(&outer, &taken.evil_assertion());
        let hidden = format!("<samlp:Extensions>{}</samlp:Extensions>", taken.xml);
        made(
            outer.replacen("<samlp:Status>", &format!("{hidden}<samlp:Status>"), 1),
            PLACE,
        )
    }),
    ("the signed response in the status of one's own", |taken| {
        let outer = unsigned(&taken.without_assertion()).replace("ID=\"_response\"", "ID=\"_outer\"");
        let outer = before_end(&outer, &taken.evil_assertion());
        let hidden = format!(
            "<samlp:StatusDetail>{}</samlp:StatusDetail></samlp:Status>",
            taken.xml
        );
        made(outer.replacen("</samlp:Status>", &hidden, 1), PLACE)
    }),
    ("the signed assertion in an attribute of one's own", |taken| {
        let wrapped = taken.evil_assertion().replacen(
            "</saml:AttributeValue>",
            &format!(
                "</saml:AttributeValue><saml:AttributeValue>{}</saml:AttributeValue>",
                taken.assertion()
            ),
            1,
        );
        let why = if taken.is_assertion_signed() {
            PLACE
        } else {
            INVALID
        };
        made(taken.xml.replace(taken.assertion(), &wrapped), why)
    }),
    (
        "the signed assertion within an element that nobody knows",
        |taken| {
            let both = format!(
                "<x:x xmlns:x=\"urn:x\">{}</x:x>{}",
                taken.assertion(),
                taken.evil_assertion()
            );
            let why = if taken.is_assertion_signed() {
                PLACE
            } else {
                INVALID
            };
            made(taken.xml.replace(taken.assertion(), &both), why)
        },
    ),
    (
        "the signed assertion within an encrypted one that is none",
        |taken| {
            let hidden = format!(
                "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{}</saml:EncryptedAssertion>",
                taken.assertion()
            );
            let both = format!("{}{}", taken.evil_assertion(), hidden);
            let why = if taken.is_assertion_signed() {
                PLACE
            } else {
                INVALID
            };
            made(taken.xml.replace(taken.assertion(), &both), why)
        },
    ),
    ("the signed assertion twice", |taken| {
        made(
            taken.xml.replace(taken.assertion(), &taken.assertion().repeat(2)),
            (CheckCode::Parse, Some("xml.duplicate_id")),
        )
    }),
    (
        "an assertion of one's own with the same ID before the signed one",
        |taken| {
            let evil = taken.evil_assertion().replace("\"_evil\"", "\"_assertion\"");
            made(
                taken
                    .xml
                    .replace(taken.assertion(), &format!("{evil}{}", taken.assertion())),
                (CheckCode::Parse, Some("xml.duplicate_id")),
            )
        },
    ),
    ("the same ID by another name", |taken| {
        let evil = taken
            .evil_assertion()
            .replace("ID=\"_evil\"", "ID=\"_evil\" xml:id=\"_assertion\"");
        made(
            taken
                .xml
                .replace(taken.assertion(), &format!("{evil}{}", taken.assertion())),
            (CheckCode::Parse, Some("xml.duplicate_id")),
        )
    }),
    ("the same ID on an element that nobody knows", |taken| {
        let other = format!(
            "<x:x xmlns:x=\"urn:x\" x:Id=\"_assertion\"/>{}",
            taken.assertion()
        );
        made(
            taken.xml.replace(taken.assertion(), &other),
            (CheckCode::Parse, Some("xml.duplicate_id")),
        )
    }),
    ("two IDs of one element", |taken| {
        let both = taken.xml.replace(
            "ID=\"_response\"",
            "ID=\"_response\" x:ID=\"_response\" xmlns:x=\"urn:x\"",
        );
        made(both, (CheckCode::Parse, Some("xml.duplicate_id")))
    }),
];

//! Messages of the true identity provider in the hands of somebody who wants to be another.
//!
//! Each attack is tried on every way in which a message may be signed; beside each, the message that it was made of is
//! accepted, and for each it is said which check refuses it.

use saml::profile::CheckCode;
use saml::profile::service_provider::judge;
use saml::security::{Credential, SignatureAlgorithm};

use crate::world::{Layout, NAME, answer, world};

const EVIL: &str = "admin@example.com";

/// A message in its parts.
struct Taken {
    layout: Layout,
    xml: String,
}

/// What an attack makes of a message, and what refuses it.
type Made = (String, CheckCode, Option<&'static str>);

impl Taken {
    /// From `<tag` to `</tag>`, the last of those.
    fn element(&self, tag: &str) -> &str {
        between(&self.xml, tag)
    }

    fn assertion(&self) -> &str {
        self.element("saml:Assertion")
    }

    /// The signature of the response, or of the assertion.
    fn signature_of(&self, text: &'static str) -> Option<String> {
        let text = if text == "assertion" {
            self.assertion().to_owned()
        } else {
            self.without_assertion()
        };
        text.contains("<ds:Signature ")
            .then(|| between(&text, "ds:Signature").to_owned())
    }

    fn without_assertion(&self) -> String {
        self.xml.replace(self.assertion(), "")
    }

    fn is_response_signed(&self) -> bool {
        self.layout != Layout::Assertion
    }

    fn is_assertion_signed(&self) -> bool {
        self.layout != Layout::Response
    }

    /// An assertion about somebody else, with an ID of its own and no signature.
    fn evil_assertion(&self) -> String {
        evil(&unsigned(self.assertion()))
    }

    /// What refuses a change that a signature covers, or else `otherwise`.
    fn covered(&self, otherwise: (CheckCode, Option<&'static str>)) -> (CheckCode, Option<&'static str>) {
        if self.is_response_signed() {
            (CheckCode::Signature, Some("signature.invalid"))
        } else {
            otherwise
        }
    }
}

fn between<'t>(text: &'t str, tag: &str) -> &'t str {
    let start = text
        .find(&format!("<{tag} "))
        .or_else(|| text.find(&format!("<{tag}>")))
        .expect("a beginning");
    let close = format!("</{tag}>");
    let end = text[start..].find(&close).expect("an end");
    &text[start..start + end + close.len()]
}

fn unsigned(element: &str) -> String {
    if element.contains("<ds:Signature ") {
        element.replacen(between(element, "ds:Signature"), "", 1)
    } else {
        element.to_owned()
    }
}

fn evil(element: &str) -> String {
    element
        .replace(NAME, EVIL)
        .replace("ID=\"_assertion\"", "ID=\"_evil\"")
}

fn before_end(element: &str, inserted: &str) -> String {
    let end = element.rfind("</").expect("an end");
    format!("{}{inserted}{}", &element[..end], &element[end..])
}

fn behind_issuer(element: &str, inserted: &str) -> String {
    element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inserted}"), 1)
}

const COUNT: (CheckCode, Option<&str>) = (CheckCode::AssertionCount, None);
const PLACE: (CheckCode, Option<&str>) = (CheckCode::Signature, Some("signature.place"));
const STRUCTURE: (CheckCode, Option<&str>) = (CheckCode::Signature, Some("signature.structure"));
const REFERENCE: (CheckCode, Option<&str>) = (CheckCode::Signature, Some("signature.reference"));
const INVALID: (CheckCode, Option<&str>) = (CheckCode::Signature, Some("signature.invalid"));

#[expect(
    clippy::unnecessary_wraps,
    reason = "an attack may not be possible on a message"
)]
fn made(xml: String, why: (CheckCode, Option<&'static str>)) -> Option<Made> {
    Some((xml, why.0, why.1))
}

type Attack = fn(&Taken) -> Option<Made>;

/// The eight forms of Somorovsky and others, and what differs a little from them.
const WRAPPING: &[(&str, Attack)] = &[
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

/// Signatures that are gone, doubled, elsewhere, or somebody else's.
const SIGNATURES: &[(&str, Attack)] = &[
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

/// Changes of what is signed, and things that a parser and a verifier may see differently.
const CONTENT: &[(&str, Attack)] = &[
    ("another name", |taken| {
        made(taken.xml.replace(NAME, EVIL), INVALID)
    }),
    ("another attribute", |taken| {
        made(taken.xml.replace("Bärbel", "Root"), INVALID)
    }),
    ("another audience", |taken| {
        made(taken.xml.replace("hub.example/org", "hub.example/other"), INVALID)
    }),
    ("a later end", |taken| {
        made(
            taken.xml.replace(
                "NotOnOrAfter=\"2026-11-21T09:35",
                "NotOnOrAfter=\"2027-11-21T09:35",
            ),
            INVALID,
        )
    }),
    ("another session", |taken| {
        made(taken.xml.replace("_session", "_other"), INVALID)
    }),
    ("one more attribute", |taken| {
        let one =
            "<saml:Attribute Name=\"role\"><saml:AttributeValue>admin</saml:AttributeValue></saml:Attribute>";
        made(
            taken.xml.replace(
                "</saml:AttributeStatement>",
                &format!("{one}</saml:AttributeStatement>"),
            ),
            INVALID,
        )
    }),
    ("one attribute less", |taken| {
        let one = between(&taken.xml, "saml:Attribute").to_owned();
        made(taken.xml.replace(&one, ""), INVALID)
    }),
    ("no conditions", |taken| {
        let conditions = between(&taken.xml, "saml:Conditions").to_owned();
        made(taken.xml.replace(&conditions, ""), INVALID)
    }),
    ("a default namespace that changes", |taken| {
        made(
            taken
                .xml
                .replace("<saml:Subject>", "<saml:Subject xmlns:saml=\"urn:x\">"),
            INVALID,
        )
    }),
    ("white space in a name", |taken| {
        made(taken.xml.replace(NAME, &format!("{NAME} ")), INVALID)
    }),
    ("another letter case", |taken| {
        made(taken.xml.replace(NAME, &NAME.to_uppercase()), INVALID)
    }),
    ("a reference to a character that is another", |taken| {
        made(taken.xml.replace(NAME, &NAME.replace('b', "&#66;")), INVALID)
    }),
    ("an instruction in a name", |taken| {
        made(taken.xml.replace("example.com<", "example.com<?x y?><"), INVALID)
    }),
    ("a comment in a name", |taken| {
        made(
            in_name(&taken.xml, "<!-- -->"),
            (CheckCode::AssertionForm, Some("xml.not_text")),
        )
    }),
    ("an empty comment in a name", |taken| {
        made(
            in_name(&taken.xml, "<!---->"),
            (CheckCode::AssertionForm, Some("xml.not_text")),
        )
    }),
    ("a comment behind a name", |taken| {
        made(
            taken.xml.replace("</saml:NameID>", "<!--x--></saml:NameID>"),
            (CheckCode::AssertionForm, Some("xml.not_text")),
        )
    }),
    ("a comment in an audience", |taken| {
        let xml = taken
            .xml
            .replace("<saml:Audience>https://hub", "<saml:Audience>https://hub<!-- -->");
        made(xml, (CheckCode::AssertionForm, Some("xml.not_text")))
    }),
    ("a comment in an attribute", |taken| {
        made(
            taken.xml.replace("Bärbel", "Bär<!-- -->bel"),
            (CheckCode::AssertionForm, Some("xml.not_text")),
        )
    }),
    ("a comment in the issuer of the assertion", |taken| {
        let commented = taken
            .assertion()
            .replacen("https://idp", "https://idp<!-- -->", 1);
        made(
            taken.xml.replace(taken.assertion(), &commented),
            (CheckCode::AssertionForm, Some("xml.not_text")),
        )
    }),
    ("a comment in the issuer of the response", |taken| {
        made(
            taken.xml.replacen(
                "https://idp.example/saml2/app</saml",
                "https://idp<!-- -->.example/saml2/app</saml",
                1,
            ),
            (CheckCode::Form, Some("xml.not_text")),
        )
    }),
    ("a comment in the class", |taken| {
        let xml = taken
            .xml
            .replace(":PasswordProtected", ":Password<!-- -->Protected");
        made(xml, (CheckCode::AssertionForm, Some("xml.not_text")))
    }),
    ("a definition of the type", |taken| {
        made(
            format!("<!DOCTYPE x>{}", taken.xml),
            (CheckCode::Parse, Some("xml.doctype")),
        )
    }),
    ("an entity", |taken| {
        let xml = format!(
            "<!DOCTYPE x [<!ENTITY e \"{EVIL}\">]>{}",
            taken.xml.replace(NAME, "&e;")
        );
        made(xml, (CheckCode::Parse, Some("xml.doctype")))
    }),
    ("an entity from a file", |taken| {
        let xml = format!(
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{}",
            taken.xml.replace(NAME, "&e;")
        );
        made(xml, (CheckCode::Parse, Some("xml.doctype")))
    }),
    ("entities of entities", |taken| {
        let many = "<!ENTITY a \"xxxxxxxxxx\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">";
        let xml = format!("<!DOCTYPE x [{many}]>{}", taken.xml.replace(NAME, "&c;"));
        made(xml, (CheckCode::Parse, Some("xml.doctype")))
    }),
    ("an attribute by default", |taken| {
        let xml = format!(
            "<!DOCTYPE x [<!ATTLIST samlp:Response x CDATA \"y\">]>{}",
            taken.xml
        );
        made(xml, (CheckCode::Parse, Some("xml.doctype")))
    }),
    ("an IDs' definition", |taken| {
        let xml = format!(
            "<!DOCTYPE x [<!ATTLIST saml:Subject Name ID #IMPLIED>]>{}",
            taken.xml
        );
        made(xml, (CheckCode::Parse, Some("xml.doctype")))
    }),
    ("an entity without a definition", |taken| {
        made(
            taken.xml.replace(NAME, "&e;"),
            (CheckCode::Parse, Some("xml.malformed")),
        )
    }),
    ("an attribute twice", |taken| {
        let xml = taken
            .xml
            .replacen("ID=\"_assertion\"", "ID=\"_assertion\" ID=\"_evil\"", 1);
        made(xml, (CheckCode::Parse, Some("xml.malformed")))
    }),
    ("something behind the end", |taken| {
        made(
            format!("{}{}", taken.xml, taken.evil_assertion()),
            (CheckCode::Parse, Some("xml.malformed")),
        )
    }),
    ("a nought", |taken| {
        made(
            taken.xml.replace(NAME, &format!("{NAME}\0.evil")),
            (CheckCode::Parse, Some("xml.malformed")),
        )
    }),
    ("another encoding", |taken| {
        made(
            format!("<?xml version=\"1.0\" encoding=\"UTF-7\"?>{}", taken.xml),
            (CheckCode::Parse, Some("xml.malformed")),
        )
    }),
    ("too deep", |taken| {
        let deep = format!("{}{}", "<x>".repeat(100), "</x>".repeat(100));
        made(
            before_end(&taken.xml, &deep),
            (CheckCode::Parse, Some("xml.too_deep")),
        )
    }),
    ("too long", |taken| {
        made(
            before_end(&taken.xml, &" ".repeat(300_000)),
            (CheckCode::Parse, Some("xml.too_long")),
        )
    }),
    ("another version", |taken| {
        made(
            taken.xml.replacen("Version=\"2.0\"", "Version=\"1.1\"", 1),
            (CheckCode::Form, Some("xml.value")),
        )
    }),
    ("another message", |taken| {
        made(
            taken.xml.replace("samlp:Response", "samlp:ArtifactResponse"),
            (CheckCode::Form, Some("xml.unexpected")),
        )
    }),
    ("an assertion alone", |taken| {
        made(
            taken.assertion().to_owned(),
            (CheckCode::Form, Some("xml.unexpected")),
        )
    }),
    ("an envelope around it", |taken| {
        let xml = format!("<e:Envelope xmlns:e=\"urn:e\">{}</e:Envelope>", taken.xml);
        made(xml, (CheckCode::Form, Some("xml.unexpected")))
    }),
    ("two states", |taken| {
        let status = between(&taken.xml, "samlp:Status").to_owned();
        made(
            taken.xml.replace(&status, &status.repeat(2)),
            (CheckCode::Form, Some("xml.repeated")),
        )
    }),
    ("two issuers", |taken| {
        let xml = taken.xml.replacen(
            "<saml:Issuer",
            "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">x</saml:Issuer><saml:Issuer",
            1,
        );
        made(xml, (CheckCode::Form, Some("xml.repeated")))
    }),
    ("another destination", |taken| {
        let why = taken.covered((CheckCode::Destination, None));
        made(
            taken
                .xml
                .replace("Destination=\"https://hub", "Destination=\"https://evil"),
            why,
        )
    }),
    ("another request", |taken| {
        let why = taken.covered((CheckCode::InResponseTo, None));
        made(
            taken
                .xml
                .replacen("InResponseTo=\"_request\"", "InResponseTo=\"_other\"", 1),
            why,
        )
    }),
    ("another issuer of the response", |taken| {
        let why = taken.covered((CheckCode::Issuer, None));
        made(
            taken
                .xml
                .replacen("https://idp.example", "https://evil.example", 1),
            why,
        )
    }),
    ("an ID that is none", |taken| {
        made(
            taken.xml.replace("ID=\"_response\"", "ID=\"xpointer(/)\""),
            (CheckCode::Form, Some("xml.value")),
        )
    }),
];

fn in_name(xml: &str, inserted: &str) -> String {
    xml.replace(
        &format!("{NAME}</saml:NameID>"),
        &format!("barbara.jensen@example{inserted}.com</saml:NameID>"),
    )
}

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

impl Taken {
    fn of(
        layout: Layout,
        credential: &Credential,
        change: impl FnOnce(&mut saml::profile::identity_provider::Answer),
    ) -> Self {
        let mut answer = answer();
        change(&mut answer);
        let xml = answer.to_xml(layout.protection(credential)).expect("an answer");
        Self { layout, xml }
    }
}

fn try_all(attacks: &[(&str, Attack)], at_least: usize) {
    let world = world();
    let mut tried = 0;
    for credential in [
        world.idp.credential(),
        world.idp.signing_with(SignatureAlgorithm::RsaSha512),
        world.idp_p256.credential(),
        world.idp_p384.credential(),
    ] {
        for layout in Layout::ALL {
            let taken = Taken::of(layout, &credential, |_| ());
            assert!(judge(&taken.xml, &world.expected()).result.is_ok());
            for (name, attack) in attacks {
                let Some((xml, code, cause)) = attack(&taken) else {
                    continue;
                };
                assert_ne!(xml, taken.xml, "{name} {layout:?}");
                let refusal = judge(&xml, &world.expected()).result.expect_err(name);
                assert_eq!(
                    (refusal.code, refusal.cause),
                    (code, cause),
                    "{name} {layout:?}: {refusal}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried >= at_least, "{tried} were tried");
}

#[test]
fn what_is_wrapped_is_not_accepted() {
    try_all(WRAPPING, 200);
}

#[test]
fn what_is_not_signed_by_the_identity_provider_is_not_accepted() {
    try_all(SIGNATURES, 200);
}

#[test]
fn what_is_changed_is_not_accepted() {
    try_all(CONTENT, 400);
}

/// What looks cut in two and is whole stays whole.
#[test]
fn a_name_in_pieces_is_read_as_one() {
    for layout in Layout::ALL {
        let taken = Taken::of(layout, &world().idp.credential(), |_| ());
        for (from, to) in [
            ("example.com<", "<![CDATA[example.com]]><"),
            ("barbara", "&#98;arbar&#x61;"),
        ] {
            let xml = taken.xml.replace(from, to);
            assert_ne!(xml, taken.xml);
            let found = judge(&xml, &world().expected()).result.expect("signed in");
            assert_eq!(found.assertion, answer().assertion());
        }
    }
}

/// Who brings the same answer again gets the same ID to be looked up, and cannot get another.
#[test]
fn what_is_brought_again_is_known_again() {
    for layout in Layout::ALL {
        let taken = Taken::of(layout, &world().idp.credential(), |_| ());
        let remember = |xml: &str| judge(xml, &world().expected()).result.map(|found| found.remember);
        let first = remember(&taken.xml).expect("signed in");
        let spaced = taken
            .xml
            .replacen("<ds:SignatureValue>", "<ds:SignatureValue>\n", 1);
        assert_eq!(remember(&spaced), Ok(first));
        let other = taken
            .xml
            .replace("ID=\"_assertion\"", "ID=\"_other\"")
            .replace("#_assertion", "#_other");
        assert!(remember(&other).is_err());
    }
}

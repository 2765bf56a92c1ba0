//! Content that is another, or looks like another to somebody.

use saml::profile::CheckCode;

use super::{Attack, EVIL, INVALID, before_end, between, made};
use crate::world::NAME;

/// Changes of what is signed, and things that a parser and a verifier may see differently.
pub const CONTENT: &[(&str, Attack)] = &[
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
            (CheckCode::Form, Some("xml.version")),
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

//! Encrypted assertions.

use saml::message::{Response, Status};
use saml::profile::identity_provider::Protection;
use saml::profile::service_provider::{Encryption, Expected, judge};
use saml::profile::{CheckCode, Refusal};
use saml::security::{Certificate, Cipher, DecryptionKey, DecryptionPolicy, KeyTransport, encrypt, sign};
use saml::{Element, format_time};

use crate::attacks::between;
use crate::world::{ACS, IDP, Layout, answer, head, world};

pub fn encrypted(layout: Layout, cipher: Cipher, transport: KeyTransport) -> String {
    let credential = world().idp.credential();
    let protection = Protection {
        encrypt_for: Some((&world().sp.certificate, cipher, transport)),
        ..layout.protection(&credential)
    };
    answer().to_xml(protection).expect("an answer")
}

pub fn judged(xml: &str, cbc: bool) -> Result<(), Refusal> {
    let expected = Expected {
        encryption: Encryption {
            keys: &world().decryption,
            policy: DecryptionPolicy { cbc },
            required: true,
        },
        ..world().expected()
    };
    let found = judge(xml, &expected).result?;
    assert_eq!(found.assertion, answer().assertion());
    assert!(found.was_encrypted);
    Ok(())
}

#[test]
fn what_is_encrypted_is_decrypted() {
    for transport in [KeyTransport::OaepSha1, KeyTransport::OaepSha256] {
        for cipher in Cipher::ALL {
            for layout in Layout::ALL {
                let xml = encrypted(layout, cipher, transport);
                assert!(!xml.contains("barbara"), "{xml}");
                // CBC by choice only, and only within a signed response.
                let works = !cipher.is_cbc() || layout != Layout::Assertion;
                let found = judged(&xml, true).map_err(|refusal| refusal.code);
                assert_eq!(
                    found,
                    if works { Ok(()) } else { Err(CheckCode::Decryption) },
                    "{cipher:?} {layout:?}"
                );
                let found = judged(&xml, false).map_err(|refusal| refusal.code);
                let wanted = if cipher.is_cbc() {
                    Err(CheckCode::Decryption)
                } else {
                    Ok(())
                };
                assert_eq!(found, wanted, "{cipher:?} {layout:?}");
            }
        }
    }
}

#[test]
fn one_of_several_keys_fits_and_no_key_is_no_use() {
    let xml = encrypted(Layout::Both, Cipher::Aes256Gcm, KeyTransport::OaepSha1);
    let stranger = DecryptionKey::from_pkcs8(&world().stranger.pkcs8).expect("a key");
    let both = [stranger.clone(), world().decryption[0].clone()];
    let judged = |keys: &[DecryptionKey]| {
        let expected = Expected {
            encryption: Encryption {
                keys,
                policy: DecryptionPolicy::default(),
                required: false,
            },
            ..world().expected()
        };
        judge(&xml, &expected).result.err().map(|refusal| refusal.code)
    };
    assert_eq!(judged(&both), None);
    assert_eq!(judged(&[stranger]), Some(CheckCode::Decryption));
    assert_eq!(judged(&[]), Some(CheckCode::Encryption));
}

#[test]
fn what_should_be_encrypted_must_be() {
    let credential = world().idp.credential();
    let plain = answer()
        .to_xml(Layout::Both.protection(&credential))
        .expect("an answer");
    assert_eq!(
        judged(&plain, false).map_err(|refusal| refusal.code),
        Err(CheckCode::Encryption)
    );
}

/// The `EncryptedKey` of what is encrypted for whoever has this certificate.
fn key_for(certificate: &Certificate) -> String {
    let xml = encrypt("<x/>", certificate, Cipher::Aes256Gcm, KeyTransport::OaepSha256).expect("encrypted");
    between(&xml, "xenc:EncryptedKey").to_owned()
}

#[test]
fn of_several_recipients_one_is_us() {
    let good = encrypted(Layout::Assertion, Cipher::Aes256Gcm, KeyTransport::OaepSha256);
    let own = between(&good, "xenc:EncryptedKey").to_owned();
    let strangers = key_for(&world().stranger.certificate);
    let of_other_data = key_for(&world().sp.certificate);
    let foreign = own.replace("2009/xmlenc11#rsa-oaep", "2001/04/xmlenc#rsa-1_5");
    let beside = |keys: &str| {
        let declared = concat!(
            "<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" ",
            "xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
        );
        let keys = keys.replace("<xenc:EncryptedKey>", declared);
        good.replace(&own, "")
            .replace("</xenc:EncryptedData>", &format!("</xenc:EncryptedData>{keys}"))
    };
    for (name, xml, is_read) in [
        (
            "the second",
            good.replace(&own, &format!("{strangers}{own}")),
            true,
        ),
        (
            "the first",
            good.replace(&own, &format!("{own}{strangers}")),
            true,
        ),
        (
            "behind one of another way",
            good.replace(&own, &format!("{foreign}{own}")),
            true,
        ),
        (
            "behind one of ours that is another's",
            good.replace(&own, &format!("{of_other_data}{own}")),
            true,
        ),
        ("beside the data", beside(&own), true),
        (
            "beside the data, with others",
            beside(&format!("{strangers}{own}")),
            true,
        ),
        (
            "the last of eight",
            good.replace(&own, &format!("{}{own}", strangers.repeat(7))),
            true,
        ),
        (
            "the last of nine",
            good.replace(&own, &format!("{}{own}", strangers.repeat(8))),
            false,
        ),
        ("none of them", good.replace(&own, &strangers.repeat(2)), false),
        ("ours, of other data", good.replace(&own, &of_other_data), false),
        ("none at all", good.replace(&own, ""), false),
    ] {
        let found = judged(&xml, false).map_err(|refusal| (refusal.code, refusal.detail));
        let wanted = if is_read {
            Ok(())
        } else {
            Err((
                CheckCode::Decryption,
                "the assertion cannot be decrypted".to_owned(),
            ))
        };
        assert_eq!(found, wanted, "{name}");
    }
}

/// An answer whose assertion has its name encrypted, the assertion signed as it is then.
fn with_encrypted_name(name: &str) -> String {
    let assertion = answer().assertion();
    let plain = assertion.to_element().to_xml().expect("an assertion");
    let encrypted = encrypt(
        name,
        &world().sp.certificate,
        Cipher::Aes256Gcm,
        KeyTransport::OaepSha256,
    )
    .expect("encrypted")
    .replace("saml:EncryptedAssertion", "saml:EncryptedID");
    let behind = plain.split_once("</saml:Issuer>").expect("an issuer").1;
    let behind = behind.strip_suffix("</saml:Assertion>").expect("an end");
    let behind = behind.replace(between(behind, "saml:NameID"), &encrypted);
    let element = Element::new("saml:Assertion")
        .attr("ID", &assertion.id)
        .attr("Version", "2.0")
        .attr("IssueInstant", format_time(assertion.issued))
        .child(Element::new("saml:Issuer").text(&assertion.issuer))
        .written(behind);
    let signed = sign(&element, &world().idp.credential()).expect("signed");
    let response = Response {
        head: head("_response", IDP, ACS),
        in_response_to: Some("_request".into()),
        status: Status::success(),
    };
    response.to_element(Some(signed)).to_xml().expect("a response")
}

#[test]
fn a_name_may_be_encrypted_by_itself() {
    let name = |value: &str| {
        format!("<saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{value}</saml:NameID>")
    };
    let judged = |xml: &str, keys: &[DecryptionKey]| {
        let expected = Expected {
            encryption: Encryption {
                keys,
                policy: DecryptionPolicy::default(),
                required: false,
            },
            ..world().expected()
        };
        let found = judge(xml, &expected).result;
        found
            .map(|found| found.assertion.subject.name_id.expect("a name").value)
            .map_err(|refusal| (refusal.code, refusal.detail))
    };
    let own = &world().decryption;
    let good = with_encrypted_name(&name("zenobia"));
    assert!(!good.contains("zenobia"), "{good}");
    assert_eq!(judged(&good, own), Ok("zenobia".to_owned()));
    // It cannot be exchanged: it is signed as it came.
    let other = with_encrypted_name(&name("admin"));
    let exchanged = good.replace(
        between(&good, "saml:EncryptedID"),
        between(&other, "saml:EncryptedID"),
    );
    assert_eq!(
        judged(&exchanged, own).map_err(|(code, _)| code),
        Err(CheckCode::Signature)
    );
    let refused = Err((
        CheckCode::NameId,
        "it is encrypted, and cannot be decrypted".to_owned(),
    ));
    let stranger = DecryptionKey::from_pkcs8(&world().stranger.pkcs8).expect("a key");
    assert_eq!(judged(&good, &[stranger]), refused);
    assert_eq!(judged(&good, &[]), refused);
    for wrong in [
        "",
        "text",
        "<NameID>zenobia</NameID>",
        &name(""),
        &name("<b/>"),
        &name("a<!-- -->b"),
    ] {
        assert_eq!(judged(&with_encrypted_name(wrong), own), refused, "{wrong}");
    }
}

/// Whatever is wrong with it, it looks the same.
#[test]
fn all_that_cannot_be_decrypted_looks_alike() {
    let good = encrypted(Layout::Assertion, Cipher::Aes256Gcm, KeyTransport::OaepSha256);
    assert!(judged(&good, false).is_ok());
    let values: Vec<&str> = good.split("<xenc:CipherValue>").skip(1).collect();
    let (key, data) = (&values[0][..20], &values[1][..20]);
    let other = encrypted(Layout::Assertion, Cipher::Aes256Gcm, KeyTransport::OaepSha256);
    let other_key = other
        .split("<xenc:CipherValue>")
        .nth(1)
        .expect("a key")
        .split('<')
        .next()
        .expect("a key");
    let own_key = values[0].split('<').next().expect("a key");
    let cases = [
        good.replace(key, "AAAAAAAAAAAAAAAAAAAA"),
        good.replace(data, "AAAAAAAAAAAAAAAAAAAA"),
        good.replace(own_key, other_key),
        good.replace(key, "****"),
        good.replace("aes256-gcm", "aes128-gcm"),
        good.replace("xmlenc11#aes256-gcm", "xmlenc#aes256-cbc")
            .replace("2009/xmlenc#", "2001/04/xmlenc#"),
        good.replace("xmlenc11#aes256-gcm", "xmlenc#tripledes-cbc"),
        good.replace("2009/xmlenc11#rsa-oaep", "2001/04/xmlenc#rsa-1_5"),
        good.replace("2009/xmlenc11#rsa-oaep", "2001/04/xmlenc#kw-aes256"),
        good.replace("#mgf1sha256", "#mgf1sha512"),
        good.replace("xmlenc#sha256\"/><xenc11", "xmlenc#sha512\"/><xenc11"),
        good.replace("xmlenc#Element", "xmlenc#Content"),
        good.replace(
            "<xenc:CipherData><xenc:CipherValue>",
            "<xenc:CipherData><xenc:CipherReference URI='Cargo.toml'/><xenc:CipherValue>",
        )
        .replace("<xenc:CipherValue>", "<xenc:Other>")
        .replace("</xenc:CipherValue>", "</xenc:Other>"),
        good.replace(
            "<xenc:EncryptedKey>",
            "<ds:RetrievalMethod URI='#x'/><xenc:OtherKey>",
        )
        .replace("</xenc:EncryptedKey>", "</xenc:OtherKey>"),
        good.replace(
            "</ds:KeyInfo><xenc:CipherData>",
            "</ds:KeyInfo><xenc:CipherData/><xenc:CipherData>",
        ),
    ];
    for (place, bad) in cases.iter().enumerate() {
        assert_ne!(&good, bad, "{place}");
        let refusal = judged(bad, true).expect_err("refused");
        assert_eq!(refusal.code, CheckCode::Decryption, "{place}");
        assert_eq!(refusal.detail, "the assertion cannot be decrypted", "{place}");
        assert_eq!(refusal.cause, None);
    }
}

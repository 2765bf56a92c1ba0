//! Encrypted assertions.

use saml::profile::identity_provider::Protection;
use saml::profile::service_provider::{Encryption, Expected, judge};
use saml::profile::{CheckCode, Refusal};
use saml::security::{Cipher, DecryptionKey, DecryptionPolicy, KeyTransport};

use crate::world::{Layout, answer, world};

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

//! Keys and certificates: which are taken, and what they can do.

use saml::security::{Certificate, KeyError, KeyKind, SignatureAlgorithm, SignatureError, SigningKey};

use crate::world::world;

#[test]
fn keys_sign_with_what_they_can_and_are_strong_enough() {
    use SignatureAlgorithm::{EcdsaSha256, EcdsaSha384, RsaSha256};
    let world = world();
    for (key, algorithm) in [
        (&world.idp.key, EcdsaSha256),
        (&world.idp_p256.key, RsaSha256),
        (&world.idp_p256.key, EcdsaSha384),
        (&world.idp_p384.key, EcdsaSha256),
    ] {
        assert_eq!(
            key.check(algorithm),
            Err(SignatureError::KeyKind(algorithm.uri()))
        );
    }
    assert!(world.idp.key.is_key_of(&world.idp.certificate));
    assert!(world.idp_p384.key.is_key_of(&world.idp_p384.certificate));
    assert!(!world.idp.key.is_key_of(&world.stranger.certificate));
    assert!(!world.idp_p256.key.is_key_of(&world.idp_p384.certificate));
    let kept = SigningKey::generate(KeyKind::P384).expect("a key").1;
    assert_eq!(
        SigningKey::from_pkcs8(&kept).expect("a key").default_algorithm(),
        EcdsaSha384
    );
    for bad in [&b""[..], b"-----BEGIN PRIVATE KEY-----", &kept[1..]] {
        assert!(matches!(
            SigningKey::from_pkcs8(bad),
            Err(KeyError::PrivateKey(_))
        ));
    }
    let weak = include_str!("../corpus/weak/rsa1024.pem");
    assert_eq!(Certificate::from_text(weak), Err(KeyError::TooShort(1_024)));
    let odd = include_str!("../corpus/weak/ed25519.pem");
    assert_eq!(Certificate::from_text(odd), Err(KeyError::Unsupported));
    for text in ["", "AAAA", "***", "-----BEGIN CERTIFICATE-----\nAAAA"] {
        assert!(
            matches!(Certificate::from_text(text), Err(KeyError::Certificate(_))),
            "{text}"
        );
    }
    let certificate = &world.idp.certificate;
    assert_eq!(
        Certificate::from_text(&certificate.to_pem()).as_ref(),
        Ok(certificate)
    );
    assert_eq!(
        Certificate::from_text(&certificate.to_base64()).as_ref(),
        Ok(certificate)
    );
    // What else stands in a file does not matter, but of two certificates nobody knows which is meant.
    let pem = certificate.to_pem();
    let beside = format!("subject=CN=idp\n{pem}-----BEGIN PRIVATE KEY-----\nAAAA\n");
    assert_eq!(Certificate::from_text(&beside).as_ref(), Ok(certificate));
    let several = Certificate::from_text(&format!("{pem}{pem}"));
    assert!(
        matches!(&several, Err(KeyError::Certificate(said)) if said.contains("several")),
        "{several:?}"
    );
    assert_eq!(certificate.subject(), "CN=idp");
    assert_eq!(certificate.fingerprint().len(), 95);
}

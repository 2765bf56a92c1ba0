//! SAML responses: signed against the bare RSA operation, judged against the verifier alone.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ::saml::message::{Attribute, AuthnRequest, AuthnStatement, Head, NameId};
use ::saml::names::{context_class, name_id_format};
use ::saml::profile::Clock;
use ::saml::profile::identity_provider::{Answer, Protection};
use ::saml::profile::service_provider::{Encryption, Expected, Signed, judge};
use ::saml::security::{Algorithms, Certificate, Credential, DecryptionPolicy, KeyKind, SigningKey};
use anyhow::{Context, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base::{Ambient, Timestamp};
use bergshamra_dsig::DsigContext;
use bergshamra_keys::{KeysManager, loader};

use crate::report::{Side, compare};

const ROUNDS: usize = 20;
const AT_ONCE: u32 = 250;

const SP: &str = "https://hub.example/org";
const IDP: &str = "https://idp.example/saml2/app";
const ACS: &str = "https://hub.example/saml2/acs";

pub fn run() -> Result<()> {
    let now = Ambient::system().now();
    let (key, pkcs8) = SigningKey::generate(KeyKind::Rsa2048)?;
    let year = Duration::from_hours(365 * 24);
    let certificate = SigningKey::self_signed(&pkcs8, "bench", now - year, now + year, [7; 16])?;
    let bare = KeyPair::from_pkcs8(&pkcs8).ok().context("a key")?;
    let rsa = Credential::new(key, certificate.clone());
    let (key, pkcs8) = SigningKey::generate(KeyKind::P256)?;
    let other = SigningKey::self_signed(&pkcs8, "bench", now - year, now + year, [7; 16])?;
    let curve = Credential::new(key, other);
    signing(&answer(now), &bare, &rsa, &curve)?;
    judging(&answer(now), &rsa, certificate)
}

fn signing(answer: &Answer, bare: &KeyPair, rsa: &Credential, curve: &Credential) -> Result<()> {
    let (mut alone, mut signed, mut on_curve) = (Side::default(), Side::default(), Side::default());
    let mut signature = vec![0; bare.public_modulus_len()];
    for _ in 0..ROUNDS {
        alone.add(timed(|| {
            let made = bare.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"", &mut signature);
            made.ok().context("a signature")
        })?);
        signed.add(timed(|| Ok(answer.to_xml(protection(rsa))?))?);
        on_curve.add(timed(|| Ok(answer.to_xml(protection(curve))?))?);
    }
    compare(
        "SAML responses signed, one thread",
        ("RSA alone, 2048 bits", alone),
        &[
            ("responses, RSA-SHA256", signed),
            ("responses, ECDSA-SHA256 on P-256", on_curve),
        ],
    );
    Ok(())
}

fn judging(answer: &Answer, credential: &Credential, certificate: Certificate) -> Result<()> {
    let xml = answer.to_xml(protection(credential))?;
    let mut keys = KeysManager::new();
    keys.add_key(loader::load_x509_cert_der(certificate.der())?);
    let verifier = DsigContext::new(keys);
    let request = AuthnRequest::new(Head {
        id: "_request".to_owned(),
        issued: answer.now,
        destination: None,
        consent: None,
        issuer: None,
    });
    let certificates = [certificate];
    let algorithms = Algorithms::default();
    let expected = Expected {
        clock: Clock {
            now: answer.now,
            skew: Duration::from_mins(1),
        },
        entity_id: SP,
        consumer: ACS,
        identity_provider: IDP,
        certificates: &certificates,
        algorithms: &algorithms,
        signed: Signed::default(),
        refuse_expired_certificates: false,
        encryption: Encryption {
            keys: &[],
            policy: DecryptionPolicy::default(),
            required: false,
        },
        request: Some(&request),
        unsolicited: false,
        name_id_formats: &[],
        context: None,
        context_order: context_class::USUAL_ORDER,
        longest_age: Duration::from_mins(10),
    };
    let (mut alone, mut judged) = (Side::default(), Side::default());
    for _ in 0..ROUNDS {
        alone.add(timed(|| {
            let result = bergshamra_dsig::verify::verify(&verifier, &xml)?;
            result.is_valid().then_some(()).context("not valid")
        })?);
        judged.add(timed(|| Ok(judge(&xml, &expected).result?))?);
    }
    let title = format!("SAML responses judged, {} bytes, one thread", xml.len());
    compare(
        &title,
        ("the verifier alone", alone),
        &[("all that is judged", judged)],
    );
    Ok(())
}

fn timed<T>(mut work: impl FnMut() -> Result<T>) -> Result<Side> {
    let start = Instant::now();
    for _ in 0..AT_ONCE {
        black_box(work()?);
    }
    Ok(Side {
        done: u64::from(AT_ONCE),
        wall: start.elapsed(),
        cpu: Duration::ZERO,
    })
}

/// As most do it: the assertion is signed.
fn protection(credential: &Credential) -> Protection<'_> {
    Protection {
        credential,
        sign_response: false,
        sign_assertion: true,
        encrypt_for: None,
    }
}

fn answer(now: Timestamp) -> Answer {
    let attribute = |number: u32| Attribute::basic(format!("attribute{number}"), [format!("value {number}")]);
    Answer {
        response_id: "_response".to_owned(),
        assertion_id: "_assertion".to_owned(),
        now,
        issuer: IDP.to_owned(),
        audience: SP.to_owned(),
        consumer: ACS.to_owned(),
        in_response_to: Some("_request".to_owned()),
        name_id: NameId::new("barbara.jensen@example.com", name_id_format::EMAIL_ADDRESS),
        attributes: (0..8).map(attribute).collect(),
        statement: AuthnStatement {
            instant: now,
            session_index: Some("_session".to_owned()),
            session_not_on_or_after: None,
            context_class: Some(context_class::PASSWORD_PROTECTED_TRANSPORT.to_owned()),
            context_declaration: None,
            authorities: Vec::new(),
        },
        valid_before: Duration::from_mins(1),
        valid_for: Duration::from_mins(5),
        one_time_use: false,
    }
}

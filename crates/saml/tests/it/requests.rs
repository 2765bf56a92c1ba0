//! Requests for a sign-in, as the identity provider judges them.

use std::time::Duration;

use saml::binding::{Incoming, Kind, Outgoing, Way, post, redirect, send};
use saml::message::{AuthnRequest, Comparison, NameIdPolicy, RequestedContext};
use saml::names::{binding_uri, context_class, name_id_format, status_code};
use saml::profile::CheckCode;
use saml::profile::identity_provider::{Accepted, Offered, Registered, judge};
use saml::security::{Algorithms, Credential, SignatureAlgorithm};

use crate::world::{ACS, SP, SSO, World, now, request, world};

fn offered() -> Offered<'static> {
    Offered {
        clock: World::clock(),
        location: SSO,
        name_id_formats: &[name_id_format::EMAIL_ADDRESS, name_id_format::PERSISTENT],
        contexts: &[context_class::PASSWORD_PROTECTED_TRANSPORT],
        context_order: context_class::USUAL_ORDER,
        longest_age: Duration::from_mins(10),
    }
}

fn received(request: &AuthnRequest, way: Way, credential: Option<&Credential>) -> Incoming {
    match send(
        way,
        SSO,
        Kind::Request,
        &request.to_element(),
        Some("state & more"),
        credential,
    )
    .expect("sent")
    {
        Outgoing::Redirect(url) => redirect::decode(url.split_once('?').expect("a query").1),
        Outgoing::Post { fields, .. } => {
            post::decode(fields.iter().map(|(name, value)| (*name, value.as_str())))
        }
    }
    .expect("received")
}

fn judged(incoming: &Incoming, signed: bool) -> Result<Accepted, CheckCode> {
    let role = world().service();
    let registered = Registered {
        entity_id: SP,
        role: &role,
        algorithms: &world().algorithms,
        signed,
    };
    judge(incoming, registered, offered())
        .result
        .map_err(|refusal| refusal.code)
}

#[test]
fn a_request_is_accepted_by_either_way() {
    let credential = world().sp.credential();
    for way in [Way::Redirect, Way::Post] {
        for credential in [None, Some(&credential)] {
            let incoming = received(&request(), way, credential);
            assert_eq!(incoming.relay_state.as_deref(), Some("state & more"));
            let accepted = judged(&incoming, credential.is_some()).expect("accepted");
            assert_eq!(accepted.request, request());
            assert_eq!(accepted.consumer, ACS);
            assert_eq!(
                accepted.name_id_format.as_deref(),
                Some(name_id_format::EMAIL_ADDRESS)
            );
            assert_eq!(accepted.was_signed, credential.is_some());
        }
        let unsigned = received(&request(), way, None);
        assert_eq!(judged(&unsigned, true), Err(CheckCode::MessageSigned));
        let strange = received(&request(), way, Some(&world().stranger.credential()));
        assert_eq!(judged(&strange, false), Err(CheckCode::Signature));
    }
}

#[test]
fn what_cannot_be_granted_is_refused() {
    type Change = fn(&mut AuthnRequest);
    let cases: &[(&str, Change, CheckCode)] = &[
        (
            "another service",
            |own| own.head.issuer = Some("https://other.example".into()),
            CheckCode::Issuer,
        ),
        ("nobody", |own| own.head.issuer = None, CheckCode::Issuer),
        (
            "another destination",
            |own| own.head.destination = Some("https://x.example".into()),
            CheckCode::Destination,
        ),
        (
            "no destination, signed",
            |own| own.head.destination = None,
            CheckCode::Destination,
        ),
        (
            "an old one",
            |own| own.head.issued = now() - Duration::from_hours(1),
            CheckCode::Issued,
        ),
        (
            "one of tomorrow",
            |own| own.head.issued = now() + Duration::from_hours(1),
            CheckCode::Issued,
        ),
        (
            "an address that is not registered",
            |own| own.acs_url = Some("https://x.example".into()),
            CheckCode::Consumer,
        ),
        (
            "an address with something added",
            |own| own.acs_url = Some(format!("{ACS}?x")),
            CheckCode::Consumer,
        ),
        (
            "another binding",
            |own| {
                own.protocol_binding = Some(binding_uri::HTTP_REDIRECT.into());
            },
            CheckCode::Consumer,
        ),
        (
            "an address of another binding",
            |own| {
                own.acs_url = Some("https://hub.example/artifact".into());
            },
            CheckCode::Consumer,
        ),
        (
            "a number that is not registered",
            |own| (own.acs_url, own.acs_index) = (None, Some(9)),
            CheckCode::Consumer,
        ),
        (
            "a number of another binding",
            |own| (own.acs_url, own.acs_index) = (None, Some(0)),
            CheckCode::Consumer,
        ),
        (
            "a number and an address",
            |own| own.acs_index = Some(1),
            CheckCode::Consumer,
        ),
        (
            "a name that we cannot give",
            |own| {
                own.name_id_policy = Some(NameIdPolicy {
                    format: Some(name_id_format::KERBEROS.into()),
                    ..NameIdPolicy::default()
                });
            },
            CheckCode::NameIdPolicy,
        ),
        (
            "a name of somebody else",
            |own| {
                own.name_id_policy = Some(NameIdPolicy {
                    sp_name_qualifier: Some("https://other.example".into()),
                    ..NameIdPolicy::default()
                });
            },
            CheckCode::NameIdPolicy,
        ),
        (
            "a stronger sign-in",
            |own| {
                own.requested_context = Some(RequestedContext {
                    comparison: Comparison::Better,
                    ..RequestedContext::exact([context_class::PASSWORD_PROTECTED_TRANSPORT])
                });
            },
            CheckCode::RequestedContext,
        ),
    ];
    let credential = world().sp.credential();
    for (what, change, code) in cases {
        for way in [Way::Redirect, Way::Post] {
            let mut changed = request();
            change(&mut changed);
            let incoming = received(&changed, way, Some(&credential));
            assert_eq!(judged(&incoming, true), Err(*code), "{what} {way:?}");
        }
    }
}

#[test]
fn the_consumer_is_found_as_the_metadata_say() {
    for (url, index, consumer) in [
        (None, None, ACS),
        (None, Some(1), ACS),
        (None, Some(2), "https://hub.example/second"),
        (
            Some("https://hub.example/second"),
            None,
            "https://hub.example/second",
        ),
    ] {
        let mut changed = request();
        changed.acs_url = url.map(str::to_owned);
        changed.acs_index = index;
        let accepted = judged(&received(&changed, Way::Redirect, None), false).expect("accepted");
        assert_eq!(accepted.consumer, consumer);
    }
}

#[test]
fn a_refusal_says_where_it_can_be_sent_and_what() {
    let role = world().service();
    let registered = Registered {
        entity_id: SP,
        role: &role,
        algorithms: &world().algorithms,
        signed: false,
    };
    let mut changed = request();
    changed.name_id_policy = Some(NameIdPolicy {
        format: Some(name_id_format::KERBEROS.into()),
        ..NameIdPolicy::default()
    });
    let refusal = judge(&received(&changed, Way::Post, None), registered, offered())
        .result
        .expect_err("refused");
    let answer_to = refusal.answer_to.as_ref().expect("somebody to answer to");
    assert_eq!(
        (answer_to.consumer.as_str(), answer_to.request_id.as_str()),
        (ACS, "_request")
    );
    assert!(refusal.status().has(status_code::INVALID_NAME_ID_POLICY));

    let mut old = received(&request(), Way::Post, None);
    old.xml = old.xml.replace("Version=\"2.0\"", "Version=\"1.1\"");
    let refusal = judge(&old, registered, offered()).result.expect_err("refused");
    assert!(refusal.status().has(status_code::VERSION_MISMATCH));

    // Nobody is sent to an address that is not registered.
    changed.acs_url = Some("https://evil.example".into());
    let refusal = judge(&received(&changed, Way::Post, None), registered, offered())
        .result
        .expect_err("refused");
    assert_eq!(refusal.answer_to, None);
}

#[test]
fn a_signature_over_a_query_is_over_what_was_received() {
    let world = world();
    let role = world.service();
    let judged = |query: &str, algorithms: &Algorithms| {
        let registered = Registered {
            entity_id: SP,
            role: &role,
            algorithms,
            signed: true,
        };
        let incoming = redirect::decode(query).map_err(|error| error.code())?;
        let result = judge(&incoming, registered, offered()).result;
        result.map_err(|refusal| refusal.cause.unwrap_or(refusal.code.as_str()))
    };
    let all = &world.algorithms;
    for algorithm in [
        SignatureAlgorithm::RsaSha256,
        SignatureAlgorithm::RsaSha384,
        SignatureAlgorithm::RsaSha512,
    ] {
        let credential = world.sp.signing_with(algorithm);
        let sent = send(
            Way::Redirect,
            SSO,
            Kind::Request,
            &request().to_element(),
            Some("a b"),
            Some(&credential),
        );
        let Ok(Outgoing::Redirect(url)) = sent else {
            panic!("not sent");
        };
        let query = url.split_once('?').expect("a query").1;
        assert!(judged(query, all).is_ok());
        // In another order, and with more around it, it is the same.
        let mut parts: Vec<&str> = query.split('&').collect();
        parts.reverse();
        assert!(judged(&format!("a=b&{}&c", parts.join("&")), all).is_ok());
        let without = |name: &str| {
            let parts = query.split('&').filter(|part| !part.starts_with(name));
            parts.collect::<Vec<_>>().join("&")
        };
        let other_state = query.replace("RelayState=a%20b", "RelayState=a%20c");
        let other_writing = query.replace("RelayState=a%20b", "RelayState=a+b");
        let other_algorithm = query.replace("rsa-sha", "hmac-sha");
        let sha1 = query.replace("xmldsig-more%23rsa-sha256", "xmldsig%23rsa-sha1");
        for (query, error) in [
            (other_state, "signature.invalid"),
            (other_writing, "signature.invalid"),
            (without("RelayState"), "signature.invalid"),
            (without("Signature"), "binding.half_signed"),
            (without("SigAlg"), "binding.half_signed"),
            (
                format!("{}&RelayState=", without("RelayState")),
                "signature.invalid",
            ),
            (other_algorithm, "signature.algorithm"),
            (
                query.replace("SAMLRequest=", "SAMLResponse="),
                "signature.invalid",
            ),
        ] {
            assert_eq!(judged(&query, all).err(), Some(error), "{query}");
        }
        if algorithm == SignatureAlgorithm::RsaSha256 {
            assert_eq!(judged(&sha1, all).err(), Some("signature.algorithm"));
        }
        let none = Algorithms {
            signatures: Vec::new(),
            digests: Vec::new(),
        };
        assert_eq!(judged(query, &none).err(), Some("signature.algorithm"));
    }
}

#[test]
fn a_query_signed_on_a_curve_is_taken_in_either_form() {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
    use base64::Engine as _;

    let world = world();
    let role = saml::metadata::ServiceProviderRole {
        keys: vec![saml::metadata::Key {
            key_use: None,
            certificate: world.idp_p256.certificate.clone(),
        }],
        ..world.service()
    };
    let registered = Registered {
        entity_id: SP,
        role: &role,
        algorithms: &world.algorithms,
        signed: true,
    };
    let credential = world.idp_p256.credential();
    let fixed = send(
        Way::Redirect,
        SSO,
        Kind::Request,
        &request().to_element(),
        None,
        Some(&credential),
    );
    let Ok(Outgoing::Redirect(url)) = fixed else {
        panic!("not sent");
    };
    let query = url.split_once('?').expect("a query").1;
    let (signed, _) = query.split_once("&Signature=").expect("a signature");
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &world.idp_p256.pkcs8).expect("a key");
    let der = pair
        .sign(&aws_lc_rs::rand::SystemRandom::new(), signed.as_bytes())
        .expect("a signature");
    let der = base64::engine::general_purpose::STANDARD
        .encode(der)
        .replace('+', "%2B");
    for (query, is_accepted) in [
        (query.to_owned(), true),
        (format!("{signed}&Signature={der}"), true),
        (
            format!(
                "{}&Signature={der}",
                signed.replace("SigAlg", "RelayState=x&SigAlg")
            ),
            false,
        ),
    ] {
        let incoming = redirect::decode(&query).expect("a message");
        assert_eq!(
            judge(&incoming, registered, offered()).result.is_ok(),
            is_accepted,
            "{query}"
        );
    }
}

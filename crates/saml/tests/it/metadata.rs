//! Metadata, ours and others'.

use std::time::Duration;

use saml::metadata::{
    AttributeConsumer, Endpoint, EntityDescriptor, IdentityProviderRole, Key, KeyUse, RequestedAttribute,
    import,
};
use saml::names::{attribute_name_format, binding_uri, name_id_format};

use crate::world::{ACS, IDP, SLO, SP, SSO, now, world};

pub fn service() -> EntityDescriptor {
    let mut role = world().service();
    role.authn_requests_signed = true;
    role.want_assertions_signed = true;
    role.assertion_consumers[2].is_default = Some(true);
    role.attribute_consumers = vec![AttributeConsumer {
        index: 1,
        is_default: Some(true),
        names: vec![("en".into(), "Hub & Co".into()), ("de".into(), "Nabe".into())],
        requested: vec![RequestedAttribute {
            name: "uid".into(),
            name_format: Some(attribute_name_format::BASIC.into()),
            friendly_name: Some("user".into()),
            is_required: true,
        }],
    }];
    EntityDescriptor {
        entity_id: SP.into(),
        id: Some("_sp".into()),
        valid_until: Some(now() + Duration::from_hours(24)),
        identity_provider: None,
        service_provider: Some(role),
        left_out: Vec::new(),
    }
}

pub fn identity_provider() -> EntityDescriptor {
    let key = |certificate: &saml::security::Certificate| Key {
        key_use: Some(KeyUse::Signing),
        certificate: certificate.clone(),
    };
    let logout = Endpoint {
        response_location: Some(format!("{SLO}/answer")),
        ..Endpoint::new(binding_uri::HTTP_POST, SLO)
    };
    EntityDescriptor {
        entity_id: IDP.into(),
        id: None,
        valid_until: None,
        identity_provider: Some(IdentityProviderRole {
            keys: world().certificates.iter().map(key).collect(),
            name_id_formats: vec![
                name_id_format::EMAIL_ADDRESS.into(),
                name_id_format::PERSISTENT.into(),
            ],
            single_sign_on: vec![
                Endpoint::new(binding_uri::HTTP_REDIRECT, SSO),
                Endpoint::new(binding_uri::HTTP_POST, SSO),
            ],
            single_logout: vec![logout],
            want_authn_requests_signed: true,
        }),
        service_provider: None,
        left_out: Vec::new(),
    }
}

fn xml(entity: &EntityDescriptor) -> String {
    entity.to_element().to_xml().expect("metadata")
}

#[test]
fn what_is_exported_is_imported() {
    for entity in [service(), identity_provider()] {
        assert_eq!(import(&xml(&entity), None), Ok(entity.clone()));
        assert_eq!(
            import(
                &format!(
                    "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<!-- x -->{}\n",
                    xml(&entity)
                ),
                None
            ),
            Ok(entity)
        );
    }
    let role = service().service_provider.expect("a role");
    assert_eq!(role.default_consumer().map(|consumer| consumer.index), Some(2));
    assert_eq!(
        world()
            .service()
            .default_consumer()
            .map(|consumer| consumer.index),
        Some(1)
    );
    assert_eq!(
        role.encryption_certificate(),
        Some(world().sp.certificate.clone())
    );
    assert_eq!(role.signing_certificates().len(), 2);
    assert!(!service().is_expired_at(now()));
    assert!(service().is_expired_at(now() + Duration::from_hours(24)));
}

#[test]
fn one_entity_of_several_is_found_by_its_name() {
    let open = "<md:EntitiesDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata'>";
    let close = "</md:EntitiesDescriptor>";
    let one = format!("{open}{}{close}", xml(&service()));
    assert_eq!(import(&one, None), Ok(service()));
    let nested = format!(
        "{open}{open}{}{close}{}{close}",
        xml(&identity_provider()),
        xml(&service())
    );
    assert_eq!(import(&nested, Some(IDP)), Ok(identity_provider()));
    assert_eq!(
        import(&nested, None).map_err(|error| error.code()),
        Err("xml.repeated")
    );
    assert_eq!(
        import(&nested, Some("other")).map_err(|error| error.code()),
        Err("xml.missing")
    );
    assert_eq!(
        import(&xml(&service()), Some(IDP)).map_err(|error| error.code()),
        Err("xml.unexpected")
    );
}

#[test]
fn what_others_write_is_read() {
    let certificate = world().idp.certificate.to_base64();
    let (first, second) = certificate.split_at(700);
    let xml = format!(
        "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID=' {IDP} ' \
         xmlns:ds='http://www.w3.org/2000/09/xmldsig#'>\
         <Extensions><x xmlns='urn:x'>y</x></Extensions>\
         <IDPSSODescriptor protocolSupportEnumeration='urn:oasis:names:tc:SAML:1.1:protocol'/>\
         <IDPSSODescriptor protocolSupportEnumeration='urn:x urn:oasis:names:tc:SAML:2.0:protocol'>\
         <KeyDescriptor><ds:KeyInfo><ds:KeyName>x</ds:KeyName><ds:X509Data><ds:X509Certificate>\n {first}\n {second}\n\
         </ds:X509Certificate><ds:X509Certificate>chain</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>\
         <KeyDescriptor use='signing'><ds:KeyInfo><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate>\
         </ds:X509Data></ds:KeyInfo></KeyDescriptor>\
         <SingleSignOnService Binding='urn:oasis:names:tc:SAML:2.0:bindings:SOAP' Location='https://a.example/soap'/>\
         <SingleSignOnService Binding='{redirect}' Location='HTTPS://a.example/sso?x=y&amp;z'/>\
         </IDPSSODescriptor><RoleDescriptor/><Organization/></EntityDescriptor>",
        redirect = binding_uri::HTTP_REDIRECT,
    );
    let entity = import(&xml, None).expect("metadata");
    assert_eq!(entity.entity_id, IDP);
    assert_eq!(entity.left_out.len(), 2, "{:?}", entity.left_out);
    let role = entity.identity_provider.expect("a role");
    assert_eq!(role.signing_certificates(), [world().idp.certificate.clone()]);
    let sso = role
        .single_sign_on(binding_uri::HTTP_REDIRECT)
        .expect("an endpoint");
    assert_eq!(sso.location, "HTTPS://a.example/sso?x=y&z");
}

#[test]
fn what_is_no_use_is_refused() {
    let good = xml(&service());
    for (from, to, code) in [
        (ACS, "javascript:alert(1)", "xml.value"),
        (ACS, "https:/x", "xml.value"),
        ("https://hub.example/slo", "data:text/html,x", "xml.value"),
        ("index=\"2\"", "index=\"1\"", "xml.value"),
        ("index=\"2\"", "index=\"65536\"", "xml.value"),
        ("use=\"signing\"", "use=\"other\"", "xml.value"),
        ("2026-11-22T09:30:00Z", "tomorrow", "xml.value"),
        (SP, "", "xml.value"),
        ("SPSSODescriptor", "PDPDescriptor", "xml.missing"),
        (":SAML:2.0:protocol", ":SAML:1.0:protocol", "xml.missing"),
        (":SAML:2.0:metadata", ":SAML:2.0:other", "xml.unexpected"),
        (
            "<md:EntityDescriptor",
            "<!DOCTYPE x><md:EntityDescriptor",
            "xml.doctype",
        ),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(good, bad, "{from}");
        assert_eq!(
            import(&bad, None).map_err(|error| error.code()),
            Err(code),
            "{from} → {to}"
        );
    }
}

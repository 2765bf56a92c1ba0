//! All that we write is valid by the schemas of OASIS.

use std::path::Path;
use std::process::Command;

use saml::binding::{Kind, Outgoing, Way, post, send};
use saml::message::Response;
use saml::metadata::EntityDescriptor;
use saml::names::status_code;
use saml::profile::identity_provider::refuse;
use saml::security::{Cipher, KeyTransport, sign};

use super::{Folder, must_succeed, succeeds};
use crate::world::{ACS, IDP, Layout, SSO, answer, head, request, world};
use crate::{decryption, logout, metadata};

const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:protocol" schemaLocation="file:///usr/share/xml/opensaml/saml-schema-protocol-2.0.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:metadata" schemaLocation="file:///usr/share/xml/opensaml/saml-schema-metadata-2.0.xsd"/>
<xs:import namespace="http://www.w3.org/2009/xmlenc11#" schemaLocation="file:///usr/share/xml/xmltooling/xenc11-schema.xsd"/>
</xs:schema>"#;

/// The schemas name others by where they are on the web; all of those are on the disk.
const CATALOG: &str = r#"<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
<system systemId="http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd" uri="file:///usr/share/xml/xmltooling/xmldsig-core-schema.xsd"/>
<system systemId="http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd" uri="file:///usr/share/xml/xmltooling/xenc-schema.xsd"/>
<system systemId="http://www.w3.org/2001/xml.xsd" uri="file:///usr/share/xml/xmltooling/xml.xsd"/>
</catalog>"#;

fn xmllint(folder: &Folder, file: &Path) -> Command {
    let mut command = Command::new("xmllint");
    command
        .args(["--nonet", "--noout", "--schema"])
        .arg(folder.put("all.xsd", SCHEMA))
        .arg(file)
        .env("XML_CATALOG_FILES", folder.put("catalog.xml", CATALOG));
    command
}

fn is_valid(xml: &str) {
    let folder = Folder::new();
    let file = folder.put("message.xml", xml);
    must_succeed(&mut xmllint(&folder, &file), &file);
}

#[test]
fn messages_are_valid() {
    let credential = world().idp.credential();
    for layout in Layout::ALL {
        is_valid(
            &answer()
                .to_xml(layout.protection(&credential))
                .expect("an answer"),
        );
        for transport in [KeyTransport::OaepSha1, KeyTransport::OaepSha256] {
            is_valid(&decryption::encrypted(layout, Cipher::Aes256Gcm, transport));
        }
    }
    let mut unsolicited = answer();
    unsolicited.in_response_to = None;
    unsolicited.one_time_use = true;
    unsolicited.attributes.clear();
    is_valid(
        &unsolicited
            .to_xml(Layout::Both.protection(&credential))
            .expect("an answer"),
    );

    let status =
        saml::message::Status::failure(status_code::RESPONDER, status_code::NO_PASSIVE, "nobody is there");
    let refused = refuse(
        head("_response", IDP, ACS),
        Some("_request".into()),
        status.clone(),
        &credential,
    );
    is_valid(&refused.expect("an answer"));
    let bare = Response {
        head: head("_response", IDP, ACS),
        in_response_to: None,
        status,
    };
    is_valid(&bare.to_element(None).to_xml().expect("an answer"));

    for element in [
        request().to_element(),
        logout::request().to_element(),
        logout::response().to_element(),
    ] {
        for credential in [None, Some(&credential)] {
            let sent = send(Way::Post, SSO, Kind::Request, &element, None, credential).expect("sent");
            let Outgoing::Post { fields, .. } = sent else {
                panic!("another way");
            };
            let received = post::decode(fields.iter().map(|(name, value)| (*name, value.as_str())));
            is_valid(&received.expect("received").xml);
        }
    }
}

#[test]
fn metadata_are_valid() {
    for entity in [metadata::service(), metadata::identity_provider()] {
        is_valid(&entity.to_element().to_xml().expect("metadata"));
        let named = EntityDescriptor {
            id: Some("_metadata".into()),
            ..entity
        };
        is_valid(&sign(&named.to_element(), &world().idp.credential()).expect("metadata"));
    }
}

/// Otherwise the others would pass whatever they are given.
#[test]
fn what_is_not_valid_is_not() {
    let xml = request().to_element().to_xml().expect("a request");
    let folder = Folder::new();
    for bad in [
        xml.replace("ID=\"_request\"", "ID=\"1\""),
        xml.replace("AllowCreate=\"true\"", "AllowCreate=\"yes\""),
        xml.replace("samlp:NameIDPolicy", "samlp:Policy"),
    ] {
        assert_ne!(bad, xml);
        let file = folder.put("message.xml", &bad);
        assert!(!succeeds(&mut xmllint(&folder, &file)));
    }
}

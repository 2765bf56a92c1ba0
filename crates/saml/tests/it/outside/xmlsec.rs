//! xmlsec1 verifies what we sign and decrypts what we encrypt, and the other way round.

use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saml::message::{Response, Status};
use saml::profile::service_provider::judge;
use saml::security::{Cipher, Credential, KeyTransport, SignatureAlgorithm};

use super::{Folder, must_succeed, succeeds};
use crate::attacks::between;
use crate::world::{ACS, IDP, Layout, NAME, Party, answer, head, world};
use crate::{decryption, signatures};

const RESPONSE: &str = "urn:oasis:names:tc:SAML:2.0:protocol:Response";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion";

fn xmlsec(what: &str) -> Command {
    let mut command = Command::new("xmlsec1");
    command.args([what, "--id-attr:ID", RESPONSE, "--id-attr:ID", ASSERTION]);
    command
}

fn private_key(folder: &Folder, party: &Party) -> PathBuf {
    let text = STANDARD.encode(&party.pkcs8);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    folder.put("key.pem", &pem)
}

fn credentials() -> Vec<Credential> {
    let world = world();
    vec![
        world.idp.credential(),
        world.idp.signing_with(SignatureAlgorithm::RsaSha384),
        world.idp.signing_with(SignatureAlgorithm::RsaSha512),
        world.idp_p256.credential(),
        world.idp_p384.credential(),
    ]
}

#[test]
fn what_we_sign_is_verified() {
    for credential in credentials() {
        for layout in Layout::ALL {
            let folder = Folder::new();
            let certificate = credential.certificate.as_ref().expect("a certificate");
            let certificate = folder.put("certificate.pem", &certificate.to_pem());
            let xml = answer()
                .to_xml(layout.protection(&credential))
                .expect("an answer");
            for (signed, is_signed) in [
                ("Response", layout != Layout::Assertion),
                ("Assertion", layout != Layout::Response),
            ] {
                if !is_signed {
                    continue;
                }
                let place = format!("//*[local-name()='{signed}']/*[local-name()='Signature']");
                let verify = |xml: &str| {
                    let file = folder.put("message.xml", xml);
                    let mut command = xmlsec("--verify");
                    command
                        .arg("--pubkey-cert-pem")
                        .arg(&certificate)
                        .args(["--node-xpath", &place])
                        .arg(&file);
                    (command, file)
                };
                let (mut command, file) = verify(&xml);
                must_succeed(&mut command, &file);
                assert!(!succeeds(&mut verify(&xml.replace(NAME, "x@example.com")).0));
            }
        }
    }
}

/// With what is hard to canonicalize in it.
fn unsigned_assertion() -> String {
    let assertion = answer().assertion().to_element().to_xml().expect("an assertion");
    assertion
        .replace("Bärbel", "B&#228;r&#13;&#10;\t<![CDATA[<&>]]>bel")
        .replace("<saml:Subject>", "<saml:Subject xmlns:unused=\"urn:unused\">\n ")
        .replace("FriendlyName=\"sn\"", "FriendlyName='s&#9;\"&#10;n' ")
}

#[test]
fn what_xmlsec1_signs_is_accepted() {
    for (party, algorithm) in [
        (&world().idp, SignatureAlgorithm::RsaSha256),
        (&world().idp, SignatureAlgorithm::RsaSha512),
        (&world().idp_p256, SignatureAlgorithm::EcdsaSha256),
        (&world().idp_p384, SignatureAlgorithm::EcdsaSha384),
    ] {
        let template = signatures::Template {
            method: signatures::algorithm("SignatureMethod", algorithm.uri()),
            ..signatures::Template::default()
        };
        let assertion = template.placed(&unsigned_assertion());
        let response = Response {
            head: head("_response", IDP, ACS),
            in_response_to: Some("_request".into()),
            status: Status::success(),
        };
        let xml = response.to_element(Some(assertion)).to_xml().expect("a response");
        let folder = Folder::new();
        let file = folder.put("template.xml", &xml);
        let mut command = xmlsec("--sign");
        command.arg("--privkey-pem").arg(private_key(&folder, party));
        command
            .arg("--output")
            .arg(folder.0.join("signed.xml"))
            .arg(&file);
        must_succeed(&mut command, &file);
        let signed = folder.get("signed.xml");
        let found = judge(&signed, &world().expected()).result.expect("signed in");
        let name = found
            .assertion
            .attribute("firstname")
            .and_then(|attribute| attribute.value());
        assert_eq!(name, Some("Bär\r\n\t<&>bel"));
        assert!(
            judge(&signed.replace(NAME, "x@example.com"), &world().expected())
                .result
                .is_err()
        );
    }
}

#[test]
fn what_we_encrypt_is_decrypted() {
    let folder = Folder::new();
    for cipher in Cipher::ALL {
        let xml = decryption::encrypted(Layout::Response, cipher, KeyTransport::OaepSha1);
        let file = folder.put("message.xml", &xml);
        let mut command = xmlsec("--decrypt");
        command
            .arg("--privkey-pem")
            .arg(private_key(&folder, &world().sp));
        command
            .arg("--output")
            .arg(folder.0.join("decrypted.xml"))
            .arg(&file);
        must_succeed(&mut command, &file);
        // libxml2 writes it with other declarations of namespaces.
        let decrypted = folder.get("decrypted.xml");
        assert!(
            decrypted.contains(&format!(">{NAME}</saml:NameID>")),
            "{decrypted}"
        );
    }
}

#[test]
fn what_xmlsec1_encrypts_is_decrypted() {
    for (cipher, key) in [
        (Cipher::Aes128Gcm, "aes-128"),
        (Cipher::Aes256Gcm, "aes-256"),
        (Cipher::Aes128Cbc, "aes-128"),
        (Cipher::Aes256Cbc, "aes-256"),
    ] {
        let ours = decryption::encrypted(Layout::Assertion, cipher, KeyTransport::OaepSha1);
        let signed = saml::security::sign(&answer().assertion().to_element(), &world().idp.credential());
        let folder = Folder::new();
        // A template is what is encrypted in a message of ours, with the values taken out.
        let own = between(&ours, "xenc:EncryptedData");
        let mut template = String::new();
        for (place, part) in own.split("<xenc:CipherValue>").enumerate() {
            let rest = part
                .split_once("</xenc:CipherValue>")
                .map_or(part, |(_, rest)| rest);
            template.push_str(if place == 0 { "" } else { "<xenc:CipherValue/>" });
            template.push_str(rest);
        }
        let file = folder.put("template.xml", &template);
        let mut command = xmlsec("--encrypt");
        command
            .arg("--pubkey-cert-pem")
            .arg(folder.put("certificate.pem", &world().sp.certificate.to_pem()));
        command
            .args(["--session-key", key, "--xml-data"])
            .arg(folder.put("plain.xml", &signed.expect("an assertion")));
        command
            .arg("--output")
            .arg(folder.0.join("encrypted.xml"))
            .arg(&file);
        must_succeed(&mut command, &file);
        let encrypted = folder.get("encrypted.xml");
        let assertion = between(&ours, "saml:EncryptedAssertion");
        let assertion = assertion.replace(own, between(&encrypted, "xenc:EncryptedData"));
        let xml = signatures::craft_response(&assertion);
        assert_eq!(decryption::judged(&xml, cipher.is_cbc()), Ok(()), "{cipher:?}");
    }
}

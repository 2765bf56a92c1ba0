//! A device that holds a passkey (WebAuthn Level 3 §6), written down on nothing of ours: one key on P-256, without attestation.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Page;

const PRESENT: u8 = 0x01;
pub(crate) const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

pub(crate) struct Device {
    key: EcdsaKeyPair,
    pub(crate) id: Vec<u8>,
    pub(crate) counter: u32,
    /// What it believes to be asked by.
    pub(crate) origin: String,
    /// Of whoever holds it.
    pub(crate) verified: u8,
}

impl Device {
    pub(crate) fn new(origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Self {
            key,
            id,
            counter: 0,
            origin: origin.to_owned(),
            verified: VERIFIED,
        }
    }

    /// Makes a passkey, as a page asks for it.
    pub(crate) fn create(&self, page: &Page) -> String {
        let options = options(page);
        let client_data = self.client_data("webauthn.create", &options);
        let rp = options["publicKey"]["rp"]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let mut data = self.authenticator_data(&rp, ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        // A COSE key (RFC 9053 §7.1): EC2, ES256, P-256, x, y.
        let point = self.key.public_key().as_ref();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..]);
        // {"fmt": "none", "attStmt": {}, "authData": …} in CBOR.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        let response =
            json!({ "clientDataJSON": encoded(&client_data), "attestationObject": encoded(&object) });
        self.answer(&response)
    }

    /// Signs what a page asks.
    pub(crate) fn sign(&mut self, page: &Page) -> String {
        self.counter += 1;
        let options = options(page);
        let client_data = self.client_data("webauthn.get", &options);
        let rp = options["publicKey"]["rpId"].as_str().expect("an id").to_owned();
        let data = self.authenticator_data(&rp, 0);
        let signed = [data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("signed");
        let response = json!({
            "clientDataJSON": encoded(&client_data),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.as_ref()),
            "userHandle": null,
        });
        self.answer(&response)
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["publicKey"]["challenge"];
        let data =
            json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, rp: &str, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, rp.as_bytes()).as_ref().to_vec();
        data.push(PRESENT | self.verified | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn answer(&self, response: &Value) -> String {
        let id = encoded(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
            .to_string()
    }
}

/// What the script would hand to the device.
fn options(page: &Page) -> Value {
    let text = page.text.split("data-options=\"").nth(1);
    let text = text.and_then(|rest| rest.split('"').next()).expect("options");
    let text = text
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#38;", "&");
    serde_json::from_str(&text).expect("JSON")
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

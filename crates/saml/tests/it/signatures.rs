//! Signatures by the true key that are not made as SAML wants them: cryptographically well, and refused all the same.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::{rsa, signature};
use bergshamra_dsig::DsigContext;
use bergshamra_keys::KeysManager;
use saml::message::{Response, Status};
use saml::profile::service_provider::{Expected, judge};
use saml::profile::{CheckCode, Refusal};
use saml::security::{Algorithms, SignatureAlgorithm, SignatureError, sign};

use crate::world::{ACS, IDP, Layout, answer, head, world};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// A signature to be made, part by part.
#[derive(Clone)]
pub struct Template {
    pub canonicalization: String,
    pub method: String,
    pub references: String,
    pub behind: String,
}

pub fn algorithm(name: &str, uri: &str) -> String {
    format!("<ds:{name} Algorithm=\"{uri}\"/>")
}

pub fn reference(uri: &str, transforms: &[String], digest: &str) -> String {
    let transforms = transforms.concat();
    format!(
        "<ds:Reference{uri}><ds:Transforms>{transforms}</ds:Transforms>{}<ds:DigestValue/></ds:Reference>",
        algorithm("DigestMethod", digest)
    )
}

fn transform(uri: &str) -> String {
    algorithm("Transform", uri)
}

impl Default for Template {
    fn default() -> Self {
        Self {
            canonicalization: algorithm("CanonicalizationMethod", EXC_C14N),
            method: algorithm("SignatureMethod", RSA_SHA256),
            references: reference(
                " URI=\"#_assertion\"",
                &[transform(ENVELOPED), transform(EXC_C14N)],
                SHA256,
            ),
            behind: String::new(),
        }
    }
}

impl Template {
    fn transforms(transforms: &[String]) -> Self {
        Self {
            references: reference(" URI=\"#_assertion\"", transforms, SHA256),
            ..Self::default()
        }
    }

    fn uri(uri: &str) -> Self {
        Self {
            references: reference(uri, &[transform(ENVELOPED), transform(EXC_C14N)], SHA256),
            ..Self::default()
        }
    }

    /// An assertion with the signature to be, behind its issuer.
    pub fn placed(&self, assertion: &str) -> String {
        let signature = format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>{}{}{}</ds:SignedInfo>\
             <ds:SignatureValue/>{}</ds:Signature>",
            self.canonicalization, self.method, self.references, self.behind
        );
        assertion.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1)
    }

    /// A response with an assertion that is signed like that by the identity provider.
    pub fn signed(&self) -> String {
        let assertion = answer().assertion().to_element().to_xml().expect("an assertion");
        let assertion = self.placed(&assertion);
        let xml = response(&assertion).to_xml().expect("a response");
        let key = rsa::KeyPair::from_pkcs8(&world().idp.pkcs8).expect("a key");
        let context = DsigContext::new(KeysManager::new()).with_hsm_signer(Box::new(Signer(key)));
        // What the library will not sign is refused for what it says anyway.
        bergshamra_dsig::sign::sign(&context, &xml).unwrap_or(xml)
    }
}

struct Signer(rsa::KeyPair);

impl kryptering::Signer for Signer {
    fn algorithm(&self) -> kryptering::SignatureAlgorithm {
        kryptering::SignatureAlgorithm::RsaPkcs1v15(kryptering::HashAlgorithm::Sha256)
    }

    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, kryptering::Error> {
        let mut made = vec![0; self.0.public_modulus_len()];
        let signed = self.0.sign(
            &signature::RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            data,
            &mut made,
        );
        signed.map_err(|_| kryptering::Error::Crypto("refused".to_owned()))?;
        Ok(made)
    }
}

fn response(assertion: &str) -> saml::Element {
    let response = Response {
        head: head("_response", IDP, ACS),
        in_response_to: Some("_request".into()),
        status: Status::success(),
    };
    response.to_element(Some(assertion.to_owned()))
}

/// A response around any assertion, signed by the identity provider as a whole.
pub fn craft_response(assertion: &str) -> String {
    sign(&response(assertion), &world().idp.credential()).expect("a response")
}

fn refused(xml: &str) -> Option<Refusal> {
    judge(xml, &world().expected()).result.err()
}

#[test]
fn the_template_is_taken_and_so_is_what_differs_in_nothing_that_matters() {
    let prefixes = format!(
        "<ds:Transform Algorithm=\"{EXC_C14N}\"><InclusiveNamespaces xmlns=\"{EXC_C14N}\" PrefixList=\"xs saml #default\"/>\
         </ds:Transform>"
    );
    let certificate = world().stranger.certificate.to_base64();
    for template in [
        Template::default(),
        Template::transforms(&[transform(ENVELOPED), prefixes]),
        // What it says of its key is not read.
        Template {
            behind: "<ds:KeyInfo><ds:KeyName>anybody</ds:KeyName></ds:KeyInfo>".into(),
            ..Template::default()
        },
        Template {
            behind: format!(
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            ),
            ..Template::default()
        },
    ] {
        assert_eq!(refused(&template.signed()), None);
    }
    let spaced = Template::default()
        .signed()
        .replace("<ds:SignatureValue>", "<ds:SignatureValue>\n ");
    assert_eq!(refused(&spaced), None);
}

#[test]
fn what_is_not_made_as_it_should_be_is_refused_for_just_that() {
    let c14n = |name: &str| match name {
        "inclusive" => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315".to_owned(),
        "inclusive, comments" => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments".to_owned(),
        "1.1" => "http://www.w3.org/2006/12/xml-c14n11".to_owned(),
        "exclusive, comments" => format!("{EXC_C14N}WithComments"),
        other => other.to_owned(),
    };
    let enveloped = || transform(ENVELOPED);
    let exclusive = || transform(EXC_C14N);
    let with = |uri: &str, inner: &str| format!("<ds:Transform Algorithm=\"{uri}\">{inner}</ds:Transform>");
    let xpath = "http://www.w3.org/TR/1999/REC-xpath-19991116";
    let filter = "http://www.w3.org/2002/06/xmldsig-filter2";
    let base64 = "http://www.w3.org/2000/09/xmldsig#base64";
    let xslt = "http://www.w3.org/TR/1999/REC-xslt-19991116";
    let stylesheet = "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"/>";
    let all_nodes = "<ds:XPath>true()</ds:XPath>";
    let filtered = format!("<f:XPath xmlns:f=\"{filter}\" Filter=\"intersect\">/</f:XPath>");

    let mut cases: Vec<(String, Template, &str)> = Vec::new();
    for transforms in [
        vec![],
        vec![enveloped()],
        vec![exclusive()],
        vec![exclusive(), enveloped()],
        vec![enveloped(), enveloped(), exclusive()],
        vec![enveloped(), exclusive(), exclusive()],
        vec![enveloped(), transform(&c14n("inclusive"))],
        vec![enveloped(), transform(&c14n("inclusive, comments"))],
        vec![enveloped(), transform(&c14n("1.1"))],
        vec![enveloped(), transform(&c14n("exclusive, comments"))],
        vec![with(xpath, all_nodes), enveloped(), exclusive()],
        vec![enveloped(), with(xpath, all_nodes), exclusive()],
        vec![with(filter, &filtered), exclusive()],
        vec![enveloped(), transform(base64)],
        vec![transform(base64), exclusive()],
        vec![enveloped(), with(xslt, stylesheet), exclusive()],
        vec![enveloped(), with(xslt, stylesheet)],
        vec![enveloped(), transform("")],
        vec![with(ENVELOPED, "<ds:XPath/>"), exclusive()],
        vec!["<ds:Other/>".to_owned(), exclusive()],
    ] {
        let name = format!("transforms {transforms:?}");
        cases.push((name, Template::transforms(&transforms), "signature.transforms"));
    }
    for inner in [
        "<ds:XPath/>".to_owned(),
        format!("<e:InclusiveNamespaces xmlns:e=\"{EXC_C14N}\" PrefixList=\"xs\"/>").repeat(2),
        "<InclusiveNamespaces xmlns=\"urn:x\" PrefixList=\"xs\"/>".to_owned(),
        format!("<e:InclusiveNamespaces xmlns:e=\"{EXC_C14N}\">xs</e:InclusiveNamespaces>"),
    ] {
        let template = Template::transforms(&[enveloped(), with(EXC_C14N, &inner)]);
        cases.push((format!("parameters {inner}"), template, "signature.structure"));
    }
    for uri in [
        "",
        " URI=\"\"",
        " URI=\"#\"",
        " URI=\"#_response\"",
        " URI=\"#_Assertion\"",
        " URI=\"_assertion\"",
        " URI=\"#_assertion \"",
        " URI=\" #_assertion\"",
        " URI=\"##_assertion\"",
        " URI=\"#%5Fassertion\"",
        " URI=\"#xpointer(/)\"",
        " URI=\"#xpointer(id('_assertion'))\"",
        " URI=\"#element(/1)\"",
        " URI=\"Cargo.toml\"",
        " URI=\"Cargo.toml#_assertion\"",
        " URI=\"file:///etc/passwd\"",
        " URI=\"http://evil.example/#_assertion\"",
        " URI=\"cid:_assertion\"",
    ] {
        cases.push((
            format!("reference{uri}"),
            Template::uri(uri),
            "signature.reference",
        ));
    }
    for name in [
        "inclusive",
        "inclusive, comments",
        "1.1",
        "exclusive, comments",
        "",
        "urn:x",
    ] {
        let template = Template {
            canonicalization: algorithm("CanonicalizationMethod", &c14n(name)),
            ..Template::default()
        };
        cases.push((
            format!("canonicalization {name}"),
            template,
            "signature.canonicalization",
        ));
    }
    for uri in [
        "",
        "none",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
        "HTTP://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 ",
    ] {
        let template = Template {
            method: algorithm("SignatureMethod", uri),
            ..Template::default()
        };
        cases.push((format!("method {uri:?}"), template, "signature.algorithm"));
    }
    for uri in [
        "",
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "http://www.w3.org/2001/04/xmldsig-more#md5",
        "http://www.w3.org/2001/04/xmlenc#ripemd160",
    ] {
        let template = Template {
            references: reference(" URI=\"#_assertion\"", &[enveloped(), exclusive()], uri),
            ..Template::default()
        };
        cases.push((format!("digest {uri:?}"), template, "signature.digest"));
    }
    let good = Template::default();
    for (name, references) in [
        ("no reference", String::new()),
        ("the reference twice", good.references.repeat(2)),
        (
            "a second reference",
            format!("{}{}", good.references, Template::uri(" URI=\"\"").references),
        ),
        (
            "a manifest",
            format!("{}<ds:Manifest/>{}", good.references, good.references),
        ),
    ] {
        let template = Template {
            references,
            ..good.clone()
        };
        cases.push((name.to_owned(), template, "signature.references"));
    }
    for (name, template) in [
        (
            "an object",
            Template {
                behind: "<ds:Object/>".into(),
                ..good.clone()
            },
        ),
        (
            "two keys",
            Template {
                behind: "<ds:KeyInfo/><ds:KeyInfo/>".into(),
                ..good.clone()
            },
        ),
        (
            "a foreign element",
            Template {
                behind: "<x xmlns='urn:x'/>".into(),
                ..good.clone()
            },
        ),
        (
            "text",
            Template {
                behind: "text".into(),
                ..good.clone()
            },
        ),
        (
            "a comment",
            Template {
                behind: "<!-- -->".into(),
                ..good.clone()
            },
        ),
        (
            "an instruction",
            Template {
                behind: "<?x y?>".into(),
                ..good.clone()
            },
        ),
        (
            "two methods",
            Template {
                method: good.method.repeat(2),
                ..good.clone()
            },
        ),
        (
            "no method",
            Template {
                method: String::new(),
                ..good.clone()
            },
        ),
        (
            "a method without a name",
            Template {
                method: "<ds:SignatureMethod/>".into(),
                ..good.clone()
            },
        ),
        (
            "two canonicalizations",
            Template {
                canonicalization: good.canonicalization.repeat(2),
                ..good.clone()
            },
        ),
        (
            "a shorter signature",
            Template {
                method: format!(
                    "<ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>"
                ),
                ..good.clone()
            },
        ),
        (
            "canonicalization with parameters",
            Template {
                canonicalization: format!(
                    "<ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"><ds:XPath/></ds:CanonicalizationMethod>"
                ),
                ..good.clone()
            },
        ),
    ] {
        cases.push((name.to_owned(), template, "signature.structure"));
    }
    assert!(cases.len() >= 80);
    for (name, template, cause) in cases {
        let refusal = refused(&template.signed()).expect(&name);
        assert_eq!(
            (refusal.code, refusal.cause),
            (CheckCode::Signature, Some(cause)),
            "{name}: {refusal}"
        );
    }
}

#[test]
fn a_comment_within_a_digest_does_not_hide_half_of_it() {
    let good = Template::default().signed();
    for tag in ["<ds:DigestValue>", "<ds:SignatureValue>", "<ds:SignedInfo>"] {
        for inserted in ["<!-- -->", "<?x?>"] {
            let bad = good.replace(tag, &format!("{tag}{inserted}"));
            assert_ne!(good, bad);
            let refusal = refused(&bad).expect(tag);
            assert_eq!(refusal.cause, Some("signature.structure"), "{tag} {inserted}");
        }
    }
}

#[test]
fn sha1_is_verified_by_choice_only_and_never_made() {
    let credential = world().idp.signing_with(SignatureAlgorithm::RsaSha1);
    let made = answer().to_xml(Layout::Both.protection(&credential));
    assert_eq!(
        made.map_err(|error| error.to_string()),
        Err(SignatureError::Sha1Signing.to_string())
    );

    // Made by xmlsec1, as `corpus/sha1/README.md` says.
    let certificate = include_str!("../corpus/sha1/certificate.pem");
    let certificates = [saml::security::Certificate::from_text(certificate).expect("a certificate")];
    let xml = include_str!("../corpus/sha1/response.xml");
    let with = |algorithms: &Algorithms| {
        let expected = Expected {
            certificates: &certificates,
            algorithms,
            ..world().expected()
        };
        judge(xml, &expected).result.err().map(|refusal| refusal.cause)
    };
    assert_eq!(with(&Algorithms::with_sha1()), None);
    assert_eq!(with(&Algorithms::default()), Some(Some("signature.algorithm")));
    let mut half = Algorithms::with_sha1();
    half.digests = Algorithms::default().digests;
    assert_eq!(with(&half), Some(Some("signature.digest")));
}

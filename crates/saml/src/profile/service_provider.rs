//! At the service: asking for somebody to be authenticated, and judging the answer (SAML profiles §4.1.4).

use std::time::Duration;

use base::Timestamp;

use super::{CheckCode, Clock, Judgement, Trace};
use crate::message::{Assertion, AuthnRequest, NameId, RequestedContext, Response};
use crate::names::ns;
use crate::security::{Algorithms, Certificate, DecryptionKey, DecryptionPolicy, Verified, decrypt, verify};
use crate::xml::{Document, Limits, Node, format_time};

/// What an answer has to be like.
#[derive(Debug, Clone)]
pub struct Expected<'e> {
    pub clock: Clock,
    /// Our entity ID.
    pub entity_id: &'e str,
    /// The address that it came in at.
    pub consumer: &'e str,
    /// The identity provider, and the certificates that its metadata name for signing.
    pub identity_provider: &'e str,
    pub certificates: &'e [Certificate],
    pub algorithms: &'e Algorithms,
    /// What a signature must be on, beyond that the assertion is covered by one.
    pub signed: Signed,
    /// Refuse certificates that are past their time. Most do not ask.
    pub refuse_expired_certificates: bool,
    pub encryption: Encryption<'e>,
    /// The request that it must answer. None: we asked for nothing.
    pub request: Option<&'e AuthnRequest>,
    /// An answer that nobody asked for will do.
    pub unsolicited: bool,
    /// Which names will do; none in here: any.
    pub name_id_formats: &'e [&'e str],
    /// What the sign-in has to be like, whatever the request said: also for one that nobody asked for.
    pub context: Option<&'e RequestedContext>,
    pub context_order: &'e [&'e str],
    /// How old an answer may be at most.
    pub longest_age: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signed {
    pub response: bool,
    pub assertion: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Encryption<'e> {
    pub keys: &'e [DecryptionKey],
    pub policy: DecryptionPolicy,
    /// Refuse what is not encrypted.
    pub required: bool,
}

/// Somebody has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub response_id: String,
    /// The request that was answered.
    pub in_response_to: Option<String>,
    pub assertion: Assertion,
    pub was_encrypted: bool,
    /// Which of the certificates fitted.
    pub certificate: usize,
    /// The class that the sign-in was of.
    pub context_class: Option<String>,
    pub session_index: Option<String>,
    pub session_not_on_or_after: Option<Timestamp>,
    pub remember: Remember,
}

/// An assertion is good once: whoever accepts it writes its ID down, and refuses it if it is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remember {
    pub assertion_id: String,
    /// From then on it would be refused for its age.
    pub until: Timestamp,
}

/// Judges a response. It must have come as a form: answers never travel in a query (SAML profiles §4.1.2).
pub fn judge(xml: &str, expected: &Expected<'_>) -> Judgement<SignedIn> {
    let mut trace = Trace::default();
    let found = judge_response(xml, expected, &mut trace);
    trace.end(found)
}

fn judge_response(xml: &str, expected: &Expected<'_>, trace: &mut Trace) -> Option<SignedIn> {
    let document = match Document::parse(xml, Limits::MESSAGE) {
        Ok(document) => document,
        Err(error) => {
            trace.fail(CheckCode::Parse, Some(error.code()), error.to_string());
            return None;
        }
    };
    trace.check(CheckCode::Parse, true, format!("{} bytes", xml.len()));
    let root = document.root();
    let response = match Response::read(root) {
        Ok(response) => response,
        Err(error) => {
            trace.fail(CheckCode::Form, Some(error.code()), error.to_string());
            return None;
        }
    };
    trace.check(CheckCode::Form, true, format!("Response {}", response.head.id));

    let verified = verified(&document, expected, CheckCode::Signature, trace)?;
    let of_response = verified.iter().find(|verified| verified.node().id() == root.id());
    if expected.signed.response {
        let detail = if of_response.is_some() {
            "the response"
        } else {
            "the response is not signed"
        };
        trace.check(CheckCode::MessageSigned, of_response.is_some(), detail);
    } else {
        trace.skip(CheckCode::MessageSigned, "not asked for");
    }
    judge_head(&response, of_response.is_some(), expected, trace);

    let codes = response.status.codes.join(" ");
    let message = response.status.message.clone().unwrap_or_default();
    if !trace.check(
        CheckCode::Status,
        response.status.is_success(),
        format!("{codes} {message}").trim_end(),
    ) {
        return None;
    }

    let (assertion, encrypted) = only_assertion(root, trace)?;
    let was_encrypted = encrypted.is_some();
    if was_encrypted && expected.encryption.keys.is_empty() {
        trace.check(
            CheckCode::Encryption,
            false,
            "it is encrypted, and there is no key to decrypt it with",
        );
        return None;
    }
    let as_wanted = was_encrypted || !expected.encryption.required;
    trace.check(
        CheckCode::Encryption,
        as_wanted,
        if was_encrypted {
            "encrypted"
        } else {
            "not encrypted"
        },
    );

    let text;
    let inner;
    let mut within = Vec::new();
    let node = if let Some(encrypted) = encrypted {
        // CBC can be altered by whoever has it under way, who learns from our answers: only what is signed around it
        // is decrypted (SAML core §6.3 has signatures outside).
        let policy = DecryptionPolicy {
            cbc: expected.encryption.policy.cbc && of_response.is_some(),
        };
        text = match decrypt(encrypted, expected.encryption.keys, policy) {
            Ok(text) => text,
            Err(error) => {
                trace.fail(CheckCode::Decryption, None, error.to_string());
                return None;
            }
        };
        inner = match Document::parse(&text, Limits::MESSAGE) {
            Ok(inner) if is_lone_assertion(inner.root()) => inner,
            // Not told apart from other reasons.
            _ => {
                trace.fail(
                    CheckCode::Decryption,
                    None,
                    crate::security::DecryptError.to_string(),
                );
                return None;
            }
        };
        trace.check(CheckCode::Decryption, true, "decrypted");
        within = self::verified(&inner, expected, CheckCode::InnerSignature, trace)?;
        inner.root()
    } else {
        trace.skip(CheckCode::Decryption, "not encrypted");
        trace.skip(CheckCode::InnerSignature, "not encrypted");
        assertion?
    };

    // The assertion is the very element that the verifier named, or it is in the response that the verifier named.
    let own = verified.iter().chain(&within).find(|verified| {
        verified.node().id() == node.id() && std::ptr::eq(verified.node().document(), node.document())
    });
    let covered = own.or(of_response);
    let enough = if expected.signed.assertion {
        own.is_some()
    } else {
        covered.is_some()
    };
    let detail = match (own, of_response) {
        (Some(_), _) => "the assertion",
        (None, Some(_)) => "the response around it",
        (None, None) => "nothing is signed",
    };
    if !trace.check(CheckCode::AssertionSigned, enough, detail) {
        return None;
    }
    let covered = *covered?;
    judge_certificate(covered, expected, trace);

    let node = own.map_or(node, |own| own.node());
    let mut assertion = match Assertion::read(node) {
        Ok(assertion) => assertion,
        Err(error) => {
            trace.fail(CheckCode::AssertionForm, Some(error.code()), error.to_string());
            return None;
        }
    };
    trace.check(
        CheckCode::AssertionForm,
        true,
        format!("Assertion {}", assertion.id),
    );
    if let Some(encrypted) = encrypted_name(node) {
        let Some(name) = read_encrypted_name(encrypted, expected.encryption) else {
            trace.fail(
                CheckCode::NameId,
                None,
                "it is encrypted, and cannot be decrypted".to_owned(),
            );
            return None;
        };
        assertion.subject.name_id = Some(name);
    }
    super::assertion::judge(
        response,
        assertion,
        was_encrypted,
        covered.certificate(),
        expected,
        trace,
    )
}

fn verified<'d>(
    document: &'d Document<'_>,
    expected: &Expected<'_>,
    code: CheckCode,
    trace: &mut Trace,
) -> Option<Vec<Verified<'d>>> {
    match verify(document, expected.certificates, expected.algorithms) {
        Ok(verified) => {
            let names: Vec<String> = verified
                .iter()
                .map(|verified| {
                    format!(
                        "{} by {}",
                        verified.node().local_name(),
                        verified.algorithm().uri()
                    )
                })
                .collect();
            if names.is_empty() {
                trace.skip(code, "there is none");
            } else {
                trace.check(code, true, names.join(", "));
            }
            Some(verified)
        }
        Err(error) => {
            trace.fail(code, Some(error.code()), error.to_string());
            None
        }
    }
}

fn judge_head(response: &Response, is_signed: bool, expected: &Expected<'_>, trace: &mut Trace) {
    let head = &response.head;
    match head.destination.as_deref() {
        Some(destination) => {
            trace.check(
                CheckCode::Destination,
                destination == expected.consumer,
                destination,
            );
        }
        // SAML bindings §3.5.5.2.
        None if is_signed => {
            trace.check(
                CheckCode::Destination,
                false,
                "a signed response has to name its destination",
            );
        }
        None => trace.skip(CheckCode::Destination, "none is named"),
    }
    match head.issuer.as_deref() {
        Some(issuer) => {
            trace.check(CheckCode::Issuer, issuer == expected.identity_provider, issuer);
        }
        None => trace.skip(CheckCode::Issuer, "none is named"),
    }
    let clock = expected.clock;
    let fresh = clock.has_begun(head.issued) && clock.has_not_ended(head.issued + expected.longest_age);
    trace.check(CheckCode::Issued, fresh, format_time(head.issued));
    let (passed, detail) = match (response.in_response_to.as_deref(), expected.request) {
        (Some(answered), Some(request)) => (answered == request.head.id, answered),
        (Some(answered), None) => (false, answered),
        (None, _) if expected.unsolicited => (true, "unsolicited"),
        (None, _) => (false, "it answers no request"),
    };
    trace.check(CheckCode::InResponseTo, passed, detail);
}

/// The one assertion of a response, plain or encrypted. Others may be nowhere, wherever something might be hidden.
fn only_assertion<'d>(root: Node<'d>, trace: &mut Trace) -> Option<(Option<Node<'d>>, Option<Node<'d>>)> {
    let is_one = |node: &Node<'_>| matches!(node.local_name(), "Assertion" | "EncryptedAssertion");
    let everywhere = root.with_descendants().into_iter().filter(is_one).count();
    let plain: Vec<_> = root.children(ns::ASSERTION, "Assertion").collect();
    let encrypted: Vec<_> = root.children(ns::ASSERTION, "EncryptedAssertion").collect();
    let detail = format!(
        "{} plain, {} encrypted, {} elsewhere",
        plain.len(),
        encrypted.len(),
        everywhere.saturating_sub(plain.len() + encrypted.len())
    );
    let well = everywhere == 1 && plain.len() + encrypted.len() == 1;
    trace
        .check(CheckCode::AssertionCount, well, detail)
        .then(|| (plain.first().copied(), encrypted.first().copied()))
}

/// The name in an assertion, where it is encrypted by itself (SAML core §2.2.4) and none stands there in clear.
fn encrypted_name(assertion: Node<'_>) -> Option<Node<'_>> {
    let subject = assertion.only_child(ns::ASSERTION, "Subject").ok()?;
    let plain = subject.children(ns::ASSERTION, "NameID").count();
    let encrypted = subject.only_child(ns::ASSERTION, "EncryptedID").ok()?;
    (plain == 0).then_some(encrypted)
}

/// What is decrypted has been signed as it came, with all around it.
fn read_encrypted_name(encrypted: Node<'_>, encryption: Encryption<'_>) -> Option<NameId> {
    let text = decrypt(encrypted, encryption.keys, encryption.policy).ok()?;
    let document = Document::parse(&text, Limits::MESSAGE).ok()?;
    let name = document.root();
    name.is(ns::ASSERTION, "NameID")
        .then(|| NameId::read(name).ok())
        .flatten()
}

fn is_lone_assertion(root: Node<'_>) -> bool {
    let all = root.with_descendants();
    let count = all
        .iter()
        .filter(|node| matches!(node.local_name(), "Assertion" | "EncryptedAssertion"))
        .count();
    root.is(ns::ASSERTION, "Assertion") && count == 1
}

fn judge_certificate(verified: Verified<'_>, expected: &Expected<'_>, trace: &mut Trace) {
    let Some(certificate) = expected.certificates.get(verified.certificate()) else {
        trace.check(CheckCode::Certificate, false, "unknown");
        return;
    };
    let until = format_time(certificate.not_after());
    let detail = format!("{} until {until}", certificate.subject());
    if certificate.is_valid_at(expected.clock.now) || expected.refuse_expired_certificates {
        trace.check(
            CheckCode::Certificate,
            certificate.is_valid_at(expected.clock.now),
            detail,
        );
    } else {
        trace.skip(
            CheckCode::Certificate,
            format!("{detail}; its time is not asked for"),
        );
    }
}

//! What was checked, and how it went.

use crate::message::Status;
use crate::names::status_code as status;
use crate::webex_error::WebexError;

/// A check, by a name that stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CheckCode {
    /// The message is XML within limits.
    Parse,
    /// It is the message that it should be, with all that belongs into it.
    Form,
    /// Every signature in the message is well made, in its place, and fits a certificate.
    Signature,
    /// The message itself is signed, where that is wanted.
    MessageSigned,
    /// The certificate that fits is neither too old nor too new.
    Certificate,
    /// It was sent to where it came in.
    Destination,
    /// It comes from whom it should.
    Issuer,
    /// It was made just now.
    Issued,
    /// It answers what was asked.
    InResponseTo,
    /// The other side says that all went well.
    Status,
    /// There is one assertion, in its place.
    AssertionCount,
    /// The assertion is encrypted, or is not, as wanted.
    Encryption,
    /// It could be decrypted.
    Decryption,
    /// Signatures within what was encrypted.
    InnerSignature,
    /// The assertion is signed, by itself or with the message around it.
    AssertionSigned,
    AssertionForm,
    AssertionIssuer,
    /// It was made just now.
    AssertionIssued,
    NotBefore,
    NotOnOrAfter,
    Audience,
    /// There are no conditions that are not understood.
    Conditions,
    /// There is a bearer confirmation.
    Confirmation,
    Recipient,
    ConfirmationTime,
    ConfirmationInResponseTo,
    NameId,
    NameIdFormat,
    AuthnStatement,
    AuthnInstant,
    Session,
    AuthnContext,
    /// The assertion consumer that is asked for is registered.
    Consumer,
    /// What the request wants for a name can be given.
    NameIdPolicy,
    /// The classes that the request wants can be given.
    RequestedContext,
}

impl CheckCode {
    pub const ALL: [Self; 35] = [
        Self::Parse,
        Self::Form,
        Self::Signature,
        Self::MessageSigned,
        Self::Certificate,
        Self::Destination,
        Self::Issuer,
        Self::Issued,
        Self::InResponseTo,
        Self::Status,
        Self::AssertionCount,
        Self::Encryption,
        Self::Decryption,
        Self::InnerSignature,
        Self::AssertionSigned,
        Self::AssertionForm,
        Self::AssertionIssuer,
        Self::AssertionIssued,
        Self::NotBefore,
        Self::NotOnOrAfter,
        Self::Audience,
        Self::Conditions,
        Self::Confirmation,
        Self::Recipient,
        Self::ConfirmationTime,
        Self::ConfirmationInResponseTo,
        Self::NameId,
        Self::NameIdFormat,
        Self::AuthnStatement,
        Self::AuthnInstant,
        Self::Session,
        Self::AuthnContext,
        Self::Consumer,
        Self::NameIdPolicy,
        Self::RequestedContext,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parse => "message.parse",
            Self::Form => "message.form",
            Self::Signature => "message.signature",
            Self::MessageSigned => "message.signed",
            Self::Certificate => "message.certificate",
            Self::Destination => "message.destination",
            Self::Issuer => "message.issuer",
            Self::Issued => "message.issued",
            Self::InResponseTo => "message.in_response_to",
            Self::Status => "message.status",
            Self::AssertionCount => "assertion.count",
            Self::Encryption => "assertion.encryption",
            Self::Decryption => "assertion.decryption",
            Self::InnerSignature => "assertion.signature",
            Self::AssertionSigned => "assertion.signed",
            Self::AssertionForm => "assertion.form",
            Self::AssertionIssuer => "assertion.issuer",
            Self::AssertionIssued => "assertion.issued",
            Self::NotBefore => "assertion.not_before",
            Self::NotOnOrAfter => "assertion.not_on_or_after",
            Self::Audience => "assertion.audience",
            Self::Conditions => "assertion.conditions",
            Self::Confirmation => "confirmation.bearer",
            Self::Recipient => "confirmation.recipient",
            Self::ConfirmationTime => "confirmation.not_on_or_after",
            Self::ConfirmationInResponseTo => "confirmation.in_response_to",
            Self::NameId => "subject.name_id",
            Self::NameIdFormat => "subject.name_id_format",
            Self::AuthnStatement => "authn.statement",
            Self::AuthnInstant => "authn.instant",
            Self::Session => "authn.session",
            Self::AuthnContext => "authn.context",
            Self::Consumer => "request.consumer",
            Self::NameIdPolicy => "request.name_id_policy",
            Self::RequestedContext => "request.context",
        }
    }

    /// What Webex would say.
    pub fn webex_error(self) -> WebexError {
        match self {
            Self::Parse | Self::Form | Self::Issued => WebexError::InvalidResponse,
            Self::Signature | Self::InnerSignature => WebexError::InvalidSignature,
            Self::MessageSigned | Self::AssertionSigned => WebexError::Unsigned,
            Self::Certificate => WebexError::CertificateExpired,
            Self::Destination | Self::Recipient => WebexError::Recipient,
            Self::Issuer | Self::AssertionIssuer => WebexError::UntrustedIssuer,
            Self::InResponseTo | Self::ConfirmationInResponseTo => WebexError::InResponseTo,
            Self::Status => WebexError::Protocol,
            Self::AssertionIssued
            | Self::NotBefore
            | Self::NotOnOrAfter
            | Self::ConfirmationTime
            | Self::AuthnInstant
            | Self::Session => WebexError::AssertionExpired,
            Self::NameId => WebexError::NoUserName,
            Self::NameIdFormat => WebexError::NameIdFormat,
            Self::AssertionCount
            | Self::Encryption
            | Self::Decryption
            | Self::AssertionForm
            | Self::Audience
            | Self::Conditions
            | Self::Confirmation
            | Self::AuthnStatement
            | Self::AuthnContext => WebexError::InvalidAssertion,
            Self::Consumer | Self::NameIdPolicy | Self::RequestedContext => WebexError::InvalidRequest,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    Passed,
    Failed,
    NotApplicable,
}

/// One line of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub code: CheckCode,
    pub outcome: Outcome,
    /// What was found, for an administrator. Holds no secrets.
    pub detail: String,
}

/// Why something is not accepted: the first check that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Refusal {
    pub code: CheckCode,
    /// The code of what lies beneath, if something does: `signature.reference`, `xml.doctype`.
    pub cause: Option<&'static str>,
    pub detail: String,
    /// Where a refused request can be answered to: an address that is registered.
    pub answer_to: Option<AnswerTo>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerTo {
    pub consumer: String,
    pub request_id: String,
}

impl Refusal {
    /// What a request that is refused is answered with.
    pub fn status(&self) -> Status {
        let (whose, why) = match self.code {
            CheckCode::NameIdPolicy => (status::REQUESTER, status::INVALID_NAME_ID_POLICY),
            CheckCode::RequestedContext => (status::REQUESTER, status::NO_AUTHN_CONTEXT),
            CheckCode::Consumer => (status::REQUESTER, status::UNSUPPORTED_BINDING),
            CheckCode::Form if self.cause == Some("xml.version") => {
                (status::VERSION_MISMATCH, status::REQUEST_UNSUPPORTED)
            }
            CheckCode::Form => (status::REQUESTER, status::REQUEST_UNSUPPORTED),
            _ => (status::REQUESTER, status::REQUEST_DENIED),
        };
        Status::failure(whose, why, &self.detail)
    }

    /// What Webex would say, also by what lies beneath.
    pub fn webex_error(&self) -> WebexError {
        match self.cause {
            Some("signature.no_certificate") => WebexError::NoCertificate,
            _ => self.code.webex_error(),
        }
    }
}

/// What came of it, and how.
#[derive(Debug, Clone)]
pub struct Judgement<T> {
    pub result: Result<T, Refusal>,
    pub checks: Vec<Check>,
}

impl<T> Judgement<T> {
    pub fn check(&self, code: CheckCode) -> Option<&Check> {
        self.checks.iter().find(|check| check.code == code)
    }
}

/// A trace in the making. Nothing that has failed once passes in the end.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    checks: Vec<Check>,
    refusal: Option<Refusal>,
    pub answer_to: Option<AnswerTo>,
}

impl Trace {
    fn note(&mut self, code: CheckCode, outcome: Outcome, detail: impl Into<String>) {
        self.checks.push(Check {
            code,
            outcome,
            detail: detail.into(),
        });
    }

    pub fn check(&mut self, code: CheckCode, passed: bool, detail: impl Into<String>) -> bool {
        if passed {
            self.note(code, Outcome::Passed, detail);
        } else {
            self.fail(code, None, detail);
        }
        passed
    }

    pub fn skip(&mut self, code: CheckCode, detail: impl Into<String>) {
        self.note(code, Outcome::NotApplicable, detail);
    }

    pub fn fail(&mut self, code: CheckCode, cause: Option<&'static str>, detail: impl Into<String>) {
        let detail = detail.into();
        self.note(code, Outcome::Failed, detail.clone());
        self.refusal.get_or_insert(Refusal {
            code,
            cause,
            detail,
            answer_to: None,
        });
    }

    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// The end: `found`, unless something failed. To end with nothing found is to have failed.
    pub fn end<T>(mut self, found: Option<T>) -> Judgement<T> {
        let result = match (self.refusal.take(), found) {
            (None, Some(found)) => Ok(found),
            (refusal, _) => {
                let mut refusal = refusal.unwrap_or(Refusal {
                    code: CheckCode::Form,
                    cause: None,
                    detail: "nothing was found".to_owned(),
                    answer_to: None,
                });
                refusal.answer_to = self.answer_to.take();
                Err(refusal)
            }
        };
        Judgement {
            result,
            checks: self.checks,
        }
    }
}

//! The errors of single sign-on as Webex numbers and words them, 1 to 32: on its page, in its redirects to a customer's
//! error address, in its logs.

/// The number is the discriminant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum WebexError {
    Protocol = 1,
    NoUserName = 2,
    NoAccount = 3,
    NoCertificate = 4,
    OnlyPost = 5,
    PostData = 6,
    NotAllowed = 7,
    WrongCertificate = 8,
    Configuration = 9,
    NameQualifier = 10,
    AssertingParty = 11,
    Artifact = 12,
    InvalidAssertion = 13,
    Recipient = 14,
    CertificateExpired = 15,
    AccountLocked = 16,
    AccountExpired = 17,
    AccountDeactivated = 18,
    AssertionExpired = 19,
    Unsigned = 20,
    Role = 21,
    SecurityToken = 22,
    InvalidSignature = 23,
    UntrustedIssuer = 24,
    NameIdFormat = 25,
    AuthnRequest = 26,
    LogoutRequest = 27,
    InResponseTo = 28,
    InvalidResponse = 29,
    InvalidRequest = 30,
    AccountCreation = 31,
    AccountUpdate = 32,
}

impl WebexError {
    /// All of them, in order, with their words.
    pub const TABLE: [(Self, &'static str); 32] = [
        (Self::Protocol, "SSO protocol error"),
        (Self::NoUserName, "No user name found in SAML assertion"),
        (Self::NoAccount, "No user account found in the system"),
        (Self::NoCertificate, "No X.509 certificate found in the system"),
        (Self::OnlyPost, "Only POST request is supported"),
        (Self::PostData, "Incorrect SAML SSO POST data"),
        (Self::NotAllowed, "The site is not allowed to use SSO"),
        (
            Self::WrongCertificate,
            "Incorrect X.509 certificate to validate SAML assertion",
        ),
        (Self::Configuration, "Loading configuration error"),
        (
            Self::NameQualifier,
            "The value of NameQualifier does not match site URL",
        ),
        (Self::AssertingParty, "Unable to reach Assertion Party"),
        (Self::Artifact, "Failed to resolve SAML Artifact"),
        (Self::InvalidAssertion, "Invalid SAML assertion"),
        (Self::Recipient, "Recipient does not match webex.com"),
        (Self::CertificateExpired, "X.509 certificate has expired"),
        (Self::AccountLocked, "User account is locked"),
        (Self::AccountExpired, "User account is expired"),
        (Self::AccountDeactivated, "User account has been deactivated"),
        (Self::AssertionExpired, "SAML assertion is expired"),
        (Self::Unsigned, "SAML assertion is unsigned"),
        (Self::Role, "User role is not allowed to login"),
        (Self::SecurityToken, "Invalid RequestedSecurityToken"),
        (Self::InvalidSignature, "Invalid digital signature"),
        (Self::UntrustedIssuer, "Untrusted Issuer"),
        (Self::NameIdFormat, "Name Identifier format is incorrect"),
        (Self::AuthnRequest, "Unable to generate AuthnRequest"),
        (Self::LogoutRequest, "Unable to generate Logout Request"),
        (Self::InResponseTo, "InResponseTo does not match the request ID"),
        (Self::InvalidResponse, "Invalid Response message"),
        (Self::InvalidRequest, "Invalid Request message"),
        (Self::AccountCreation, "Auto Account Creation failed"),
        (Self::AccountUpdate, "Auto Account Update failed"),
    ];

    pub fn code(self) -> u8 {
        self as u8
    }

    pub fn text(self) -> &'static str {
        Self::TABLE[usize::from(self.code()) - 1].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        for (place, (error, text)) in WebexError::TABLE.into_iter().enumerate() {
            assert_eq!(usize::from(error.code()), place + 1);
            assert_eq!(error.text(), text);
        }
    }
}

//! The URIs of SAML 2.0, XML Signature and XML Encryption.

/// XML namespaces, and the prefixes that we write them with.
pub mod ns {
    pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    pub const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
    pub const ENC: &str = "http://www.w3.org/2001/04/xmlenc#";
    pub const ENC11: &str = "http://www.w3.org/2009/xmlenc11#";
    pub const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
    pub const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
    pub const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

    /// What a prefix means in what we write.
    pub(crate) fn of_prefix(prefix: &str) -> Option<&'static str> {
        Some(match prefix {
            "samlp" => PROTOCOL,
            "saml" => ASSERTION,
            "md" => METADATA,
            "ds" => DSIG,
            "xenc" => ENC,
            "xenc11" => ENC11,
            "xs" => SCHEMA,
            "xsi" => INSTANCE,
            _ => return None,
        })
    }
}

/// Formats of names (SAML core §8.3).
pub mod name_id_format {
    pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
    pub const EMAIL_ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    pub const X509_SUBJECT_NAME: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
    pub const WINDOWS_DOMAIN_QUALIFIED_NAME: &str =
        "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName";
    pub const KERBEROS: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos";
    pub const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
    pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
    pub const ENCRYPTED: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted";

    /// Those that a service provider can be set to ask for.
    pub const OFFERED: &[&str] = &[
        UNSPECIFIED,
        EMAIL_ADDRESS,
        X509_SUBJECT_NAME,
        ENTITY,
        PERSISTENT,
        TRANSIENT,
    ];

    /// The same name in the other version's namespace, which some products send, is the same format.
    pub fn canonical(format: &str) -> &str {
        match format {
            "urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified" => UNSPECIFIED,
            "urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress" => EMAIL_ADDRESS,
            "urn:oasis:names:tc:SAML:2.0:nameid-format:X509SubjectName" => X509_SUBJECT_NAME,
            "urn:oasis:names:tc:SAML:1.1:nameid-format:persistent" => PERSISTENT,
            "urn:oasis:names:tc:SAML:1.1:nameid-format:transient" => TRANSIENT,
            other => other,
        }
    }
}

/// Forms of attribute names (SAML core §8.2).
pub mod attribute_name_format {
    pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified";
    pub const URI: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
    pub const BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
}

/// Ways by which a message travels (SAML bindings).
pub mod binding_uri {
    pub const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
    pub const HTTP_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
}

/// How a subject is confirmed (SAML profiles §3).
pub mod confirmation {
    pub const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
}

/// Classes of authentication contexts, weakest of the usual ones first (SAML authn context §3.4).
pub mod context_class {
    pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";
    pub const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
    pub const PASSWORD_PROTECTED_TRANSPORT: &str =
        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    pub const TIME_SYNC_TOKEN: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken";
    pub const X509: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:X509";
    pub const SMARTCARD_PKI: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI";
    pub const PREVIOUS_SESSION: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession";
    pub const KERBEROS: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos";
    /// What ADFS says of integrated Windows authentication.
    pub const WINDOWS: &str = "urn:federation:authentication:windows";
    /// The profile of multi-factor authentication that REFEDS wrote down.
    pub const REFEDS_MFA: &str = "https://refeds.org/profile/mfa";

    /// Whoever has no order of its own compares by this one; what is not in it is equal to itself alone.
    pub const USUAL_ORDER: &[&str] = &[
        UNSPECIFIED,
        PASSWORD,
        PASSWORD_PROTECTED_TRANSPORT,
        TIME_SYNC_TOKEN,
        X509,
        SMARTCARD_PKI,
    ];
}

/// Why somebody logs out (SAML core §3.7.3).
pub mod logout_reason {
    pub const USER: &str = "urn:oasis:names:tc:SAML:2.0:logout:user";
    pub const ADMIN: &str = "urn:oasis:names:tc:SAML:2.0:logout:admin";
}

/// Status codes (SAML core §3.2.2.2): the first four say whose doing it is, the others why.
pub mod status_code {
    pub const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
    pub const REQUESTER: &str = "urn:oasis:names:tc:SAML:2.0:status:Requester";
    pub const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
    pub const VERSION_MISMATCH: &str = "urn:oasis:names:tc:SAML:2.0:status:VersionMismatch";

    pub const AUTHN_FAILED: &str = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed";
    pub const INVALID_NAME_ID_POLICY: &str = "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy";
    pub const NO_AUTHN_CONTEXT: &str = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext";
    pub const NO_PASSIVE: &str = "urn:oasis:names:tc:SAML:2.0:status:NoPassive";
    pub const PARTIAL_LOGOUT: &str = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";
    pub const REQUEST_DENIED: &str = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied";
    pub const REQUEST_UNSUPPORTED: &str = "urn:oasis:names:tc:SAML:2.0:status:RequestUnsupported";
    pub const UNKNOWN_PRINCIPAL: &str = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal";
    pub const UNSUPPORTED_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:status:UnsupportedBinding";
}

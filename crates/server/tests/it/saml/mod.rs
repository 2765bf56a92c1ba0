//! Messages of SAML, at both ends.

pub(crate) mod service_provider;

//! What services are told of us.

use base::OrgId;
use saml::metadata::{Endpoint, EntityDescriptor, IdentityProviderRole, Key, KeyUse};
use saml::names::{binding_uri, name_id_format};

use super::apps::Sso;
use super::settings::Saml;
use crate::{Error, Federation, KeyOwner};

impl Federation {
    /// Our metadata for one application: with every key that signs, is to sign, or has signed and was not removed yet, the one
    /// that signs first.
    pub async fn sso_metadata(&self, org: OrgId, sso: &Sso, saml: &Saml) -> Result<String, Error> {
        // Makes the first key, if there is none.
        self.credential(org, KeyOwner::App(sso.app), &sso.name).await?;
        let keys = self.keys(org, KeyOwner::App(sso.app)).await?;
        let both = |location: &str| {
            [binding_uri::HTTP_REDIRECT, binding_uri::HTTP_POST]
                .map(|binding| Endpoint::new(binding, location))
                .to_vec()
        };
        let mut formats = saml.name_id_formats();
        if !formats.contains(&name_id_format::UNSPECIFIED) {
            formats.push(name_id_format::UNSPECIFIED);
        }
        let descriptor = EntityDescriptor {
            entity_id: sso.issuer.clone(),
            id: None,
            valid_until: None,
            identity_provider: Some(IdentityProviderRole {
                keys: keys
                    .into_iter()
                    .map(|key| Key {
                        key_use: Some(KeyUse::Signing),
                        certificate: key.certificate,
                    })
                    .collect(),
                name_id_formats: formats.into_iter().map(str::to_owned).collect(),
                single_sign_on: both(&sso.address),
                single_logout: both(&sso.logout_address()),
                want_authn_requests_signed: saml.signed_requests,
            }),
            service_provider: None,
            left_out: Vec::new(),
        };
        let xml = descriptor.to_element().to_xml();
        xml.map_err(|error| store::Error::internal(format!("metadata cannot be written: {error}")).into())
    }
}

//! Where our doors are: one set for each organization, below the server's public address.

use base::OrgId;

use super::settings::OrganizationSettings;

/// The doors of one organization's service provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    public_url: String,
    org: OrgId,
}

impl Addresses {
    /// `public_url` is where browsers reach the server, without a trailing slash.
    pub fn new(public_url: &str, org: OrgId) -> Self {
        Self {
            public_url: public_url.to_owned(),
            org,
        }
    }

    /// Who we are to identity providers.
    pub fn entity_id(&self, settings: &OrganizationSettings) -> String {
        let usual = || format!("{}/{}", self.public_url, self.org);
        settings.entity_id.clone().unwrap_or_else(usual)
    }

    /// Where answers come in.
    pub fn consumer(&self) -> String {
        format!("{}/idb/Consumer/metaAlias/{}/sp", self.public_url, self.org)
    }

    pub fn login(&self) -> String {
        format!("{}/idb/saml2/{}/login", self.public_url, self.org)
    }

    pub fn logout(&self) -> String {
        format!("{}/idb/saml2/{}/logout", self.public_url, self.org)
    }

    pub fn metadata(&self) -> String {
        format!("{}/idb/saml2/{}/metadata", self.public_url, self.org)
    }
}

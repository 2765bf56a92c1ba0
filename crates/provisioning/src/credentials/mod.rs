//! What an app shows to its target: a bearer token that somebody has pasted in, or tokens that the target's
//! authorization server gives for a client's credentials (RFC 6749 §4.4) or a refresh token (§6).
//!
//! What may be seen of it is a setting; the secrets are sealed, and never leave this module but to be sent.

mod conceal;
mod expiry;
mod grant;
mod source;

use base::{OrgId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Tx, Write};

use crate::error::Error;
use crate::provisioning::{Provisioning, token_field};
use crate::settings::error::SettingsError;

pub(crate) use conceal::Concealed;
pub(crate) use expiry::{expiry_url, leads_elsewhere};
pub(crate) use source::TokenSource;

/// Where and as whom tokens are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthSettings {
    pub token_url: String,
    pub client_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    #[serde(default)]
    pub grant: Grant,
    #[serde(default)]
    pub client_auth: ClientAuth,
}

/// For what a token is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    #[default]
    ClientCredentials,
    RefreshToken,
}

/// How the client says who it is (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// In the `Authorization` header.
    #[default]
    Basic,
    /// In the body.
    Post,
}

/// OAuth credentials as they are given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOAuth {
    pub token_url: String,
    pub client_id: String,
    pub client_secret: Secret,
    #[serde(default)]
    pub scope: String,
    /// With it the grant is `refresh_token`, else `client_credentials`.
    pub refresh_token: Option<Secret>,
    #[serde(default)]
    pub client_auth: ClientAuth,
}

/// What is sealed beside OAuth settings.
#[derive(Serialize, Deserialize)]
struct ClientSecrets {
    client_secret: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl NewOAuth {
    pub(crate) fn settings(&self) -> Result<OAuthSettings, SettingsError> {
        let settings = OAuthSettings {
            token_url: self.token_url.trim().to_owned(),
            client_id: self.client_id.trim().to_owned(),
            scope: self.scope.trim().to_owned(),
            grant: match self.refresh_token {
                Some(_) => Grant::RefreshToken,
                None => Grant::ClientCredentials,
            },
            client_auth: self.client_auth,
        };
        settings.check()?;
        Ok(settings)
    }
}

impl OAuthSettings {
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let wrong = |setting: &'static str, message: &str| SettingsError {
            setting,
            message: message.to_owned(),
        };
        let url: Option<url::Url> = self.token_url.parse().ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        let Some(url) = url else {
            return Err(wrong(
                "oauth.token_url",
                "it must begin with https:// (or http://) and a host",
            ));
        };
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(wrong(
                "oauth.token_url",
                "it must not hold a user name, a password or a fragment",
            ));
        }
        if self.client_id.is_empty() || self.client_id.chars().any(char::is_control) {
            return Err(wrong("oauth.client_id", "it must not be empty"));
        }
        // RFC 6749 §3.3.
        let is_scope = |c: char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        if !self.scope.chars().all(is_scope) {
            return Err(wrong("oauth.scope", "it must be words with spaces between them"));
        }
        Ok(())
    }
}

/// What is written down of an app's credentials.
pub(crate) struct Sealed {
    sealed: Vec<u8>,
    expires: Option<Timestamp>,
}

impl Sealed {
    pub(crate) async fn set(
        this: Option<&Self>,
        tx: &mut Tx<'_>,
        (org, app): (OrgId, base::AppId),
        cause: &base::Cause,
    ) -> Result<(), store::Error> {
        let Some(Self { sealed, expires }) = this else {
            return Ok(());
        };
        store::target_tokens::forget(tx, org, app).await?;
        store::apps::set_credentials(tx, org, app, sealed, *expires, cause).await
    }
}

impl Provisioning {
    /// Seals what was given: a token, or OAuth credentials.
    pub(crate) fn seal(
        &self,
        org: OrgId,
        (token, oauth): (Option<&Secret>, Option<&NewOAuth>),
        expires: Option<Timestamp>,
    ) -> Result<Option<Sealed>, Error> {
        let trimmed = |secret: &Secret, what: &'static str| {
            let text = secret.expose().trim().to_owned();
            if text.is_empty() {
                return Err(Error::TokenEmpty);
            }
            if text.contains(char::is_control) {
                return Err(Error::SecretCharacters { what });
            }
            Ok(text)
        };
        let secret = match (token, oauth) {
            (Some(_), Some(_)) => return Err(Error::TwoCredentials),
            (None, None) => return Ok(None),
            (Some(token), None) => {
                let token = trimmed(token, "the token")?;
                // It is sent in a header.
                if !token.is_ascii() {
                    return Err(Error::SecretCharacters { what: "the token" });
                }
                Secret::new(token)
            }
            (None, Some(oauth)) => {
                let secrets = ClientSecrets {
                    client_secret: trimmed(&oauth.client_secret, "the client secret")?,
                    refresh_token: match &oauth.refresh_token {
                        Some(token) => Some(trimmed(token, "the refresh token")?),
                        None => None,
                    },
                };
                Secret::new(crate::apps::revision::to_json(&secrets)?)
            }
        };
        let sealed = self.keyring.seal(self.ambient(), token_field(org), &secret);
        Ok(Some(Sealed { sealed, expires }))
    }
}

/// Notes when credentials expire.
struct NoteExpiry {
    org: OrgId,
    app: base::AppId,
    at: Timestamp,
}

impl Write for NoteExpiry {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::apps::note_expiry(tx, self.org, self.app, self.at).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Spoil = fn(&mut OAuthSettings);

    #[test]
    fn settings_are_checked() {
        let good = OAuthSettings {
            token_url: "https://login.example.com/token".to_owned(),
            client_id: "instep".to_owned(),
            scope: "scim:write scim:read".to_owned(),
            grant: Grant::default(),
            client_auth: ClientAuth::default(),
        };
        assert_eq!(good.check(), Ok(()));
        let spoilt: [(&str, Spoil); 6] = [
            ("oauth.token_url", |oauth| oauth.token_url = "login".to_owned()),
            ("oauth.token_url", |oauth| oauth.token_url = "ftp://h/".to_owned()),
            ("oauth.token_url", |oauth| {
                oauth.token_url = "https://a:b@h/".to_owned();
            }),
            ("oauth.client_id", |oauth| oauth.client_id.clear()),
            ("oauth.scope", |oauth| oauth.scope = "a\nb".to_owned()),
            ("oauth.scope", |oauth| oauth.scope = "\"a\"".to_owned()),
        ];
        for (setting, spoil) in spoilt {
            let mut oauth = good.clone();
            spoil(&mut oauth);
            assert_eq!(oauth.check().map_err(|error| error.setting), Err(setting));
        }
    }
}

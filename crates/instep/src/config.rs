//! The configuration file of `serve`: TOML, a section for each room that has something to set.
//!
//! ```toml
//! listen = "127.0.0.1:8080"
//! public_url = "https://directory.example.com"
//! behind_proxy = true
//! requests_per_minute = 6000
//! dns_server = "127.0.0.1:53"
//!
//! [outbound]
//! private_addresses = "refuse"
//!
//! [mail]
//! server = "mail.example.com"
//! from = "Instep <instep@example.com>"
//! user = "instep"
//! password_file = "mail-password"
//! ```

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result};
use outbound::{MailServer, Mailer, Rules};
use serde::Deserialize;

use crate::secrets;

/// What the file says; what it does not say is as if there were no file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) public_url: Option<String>,
    pub(crate) behind_proxy: bool,
    pub(crate) requests_per_minute: Option<u32>,
    pub(crate) dns_server: Option<SocketAddr>,
    pub(crate) outbound: Rules,
    pub(crate) mail: Option<MailServer>,
}

impl Config {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
        toml::from_str(&text)
            .with_context(|| format!("the configuration file {} is not valid", path.display()))
    }

    /// Who takes our mail, if anybody does.
    pub(crate) fn mailer(&self) -> Result<Option<Mailer>> {
        let Some(server) = &self.mail else {
            return Ok(None);
        };
        let password = secrets::resolve(None, server.password_file.as_deref())?;
        Ok(Some(Mailer::new(server, password.as_ref())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_effect() {
        let config: Config = toml::from_str(
            "listen = \"127.0.0.1:1\"\npublic_url = \"https://x.example\"\nbehind_proxy = true\n\
             requests_per_minute = 7\ndns_server = \"127.0.0.1:53\"\n\
             [outbound]\nprivate_addresses = \"refuse\"\n\
             [mail]\nserver = \"127.0.0.1:2525\"\ntls = \"none\"\nfrom = \"instep@example.com\"\n",
        )
        .expect("valid");
        assert_eq!(config.listen, "127.0.0.1:1".parse().ok());
        assert_eq!(config.public_url.as_deref(), Some("https://x.example"));
        assert!(config.behind_proxy);
        assert_eq!(config.requests_per_minute, Some(7));
        assert_eq!(config.dns_server, "127.0.0.1:53".parse().ok());
        assert_ne!(config.outbound, Rules::default());
        assert!(config.mailer().expect("a mailer").is_some());
    }

    #[test]
    fn a_slip_is_an_error_that_names_it() {
        let error = toml::from_str::<Config>("lisen = \"127.0.0.1:1\"")
            .unwrap_err()
            .to_string();
        assert!(error.contains("lisen"), "{error}");
    }
}

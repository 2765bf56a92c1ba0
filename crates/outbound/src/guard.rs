//! Where requests may go: judged on the URL and again on every resolved address.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::address::{Class, classify};
use crate::error::Error;

/// Whether addresses of this machine and of private networks are targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateAddresses {
    #[default]
    Allow,
    Refuse,
}

/// Where requests may go without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlainHttp {
    /// To this machine and to private networks only.
    #[default]
    PrivateOnly,
    Everywhere,
}

/// What the operator allows. Link-local, multicast and unspecified addresses are refused whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    pub private_addresses: PrivateAddresses,
    pub plain_http: PlainHttp,
}

/// How a request travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Tls,
    Plain,
}

impl Rules {
    /// Judges the URL as it is written: its scheme, and its host if that is an address.
    pub(crate) fn check_url(self, url: &Url) -> Result<Scheme, Error> {
        let scheme = match url.scheme() {
            "https" => Scheme::Tls,
            "http" => Scheme::Plain,
            other => {
                return Err(Error::Url(format!(
                    "the scheme {other:?} is neither https nor http"
                )));
            }
        };
        let address = match url.host() {
            None => return Err(Error::Url("it names no host".to_owned())),
            Some(Host::Domain(_)) => return Ok(scheme),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        self.check(scheme, address).map(|()| scheme)
    }

    fn check(self, scheme: Scheme, address: IpAddr) -> Result<(), Error> {
        let refuse = |why: &'static str| Err(Error::Refused { address, why });
        match (classify(address), scheme) {
            (Class::Never, _) => refuse("link-local, multicast and unspecified addresses are never targets"),
            (Class::Loopback | Class::Private, _) if self.private_addresses == PrivateAddresses::Refuse => {
                refuse("private addresses are refused by the configuration")
            }
            (Class::Public, Scheme::Plain) if self.plain_http == PlainHttp::PrivateOnly => {
                refuse("without TLS only this machine and private networks may be reached: use https")
            }
            _ => Ok(()),
        }
    }
}

/// Resolves names and lets only permitted addresses through, so that what was judged is what is connected to.
pub(crate) struct GuardedResolver {
    pub(crate) rules: Rules,
    pub(crate) scheme: Scheme,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, scheme) = (self.rules, self.scheme);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let mut refused = None;
            let mut allowed = Vec::with_capacity(found.len());
            for address in found {
                match rules.check(scheme, address.ip()) {
                    Ok(()) => allowed.push(address),
                    Err(error) => refused = Some(error),
                }
            }
            match refused {
                Some(error) if allowed.is_empty() => Err(error.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(rules: Rules, url: &str) -> bool {
        rules.check_url(&url.parse().expect("a URL")).is_ok()
    }

    #[test]
    fn urls_are_judged_by_scheme_and_address() {
        let rules = Rules::default();
        for (url, allowed) in [
            ("https://api.example.com/scim", true),
            ("http://127.0.0.1:8080/scim", true),
            ("http://[::1]/scim", true),
            ("http://192.168.0.4/scim", true),
            ("http://8.8.8.8/scim", false),
            ("https://8.8.8.8/scim", true),
            ("https://169.254.169.254/latest", false),
            ("http://2852039166/", false),
            ("https://[fe80::1]/", false),
            ("https://[::ffff:169.254.169.254]/", false),
            ("ftp://example.com/", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(verdict(rules, url), allowed, "{url}");
        }
    }

    #[test]
    fn each_switch_changes_its_own_verdict() {
        let strict = Rules {
            private_addresses: PrivateAddresses::Refuse,
            ..Rules::default()
        };
        assert!(!verdict(strict, "https://10.0.0.1/"));
        assert!(!verdict(strict, "http://127.0.0.1/"));
        let open = Rules {
            plain_http: PlainHttp::Everywhere,
            ..Rules::default()
        };
        assert!(verdict(open, "http://8.8.8.8/"));
        assert!(!verdict(open, "http://169.254.1.1/"));
    }
}

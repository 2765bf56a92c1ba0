//! By which grants a registered client may get tokens (RFC 6749 §1.3, RFC 7591 §2 `grant_types`).

use std::fmt;
use std::str::FromStr;

use crate::{ClientKind, Error};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantType {
    /// By a code that somebody has agreed to (§4.1).
    AuthorizationCode,
    /// By what came with the tokens before (§6).
    RefreshToken,
    /// For itself (§4.4).
    ClientCredentials,
}

impl GrantType {
    pub const ALL: [Self; 3] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// Those of a client, each once, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantTypes(Vec<GrantType>);

impl GrantTypes {
    pub fn new(types: impl IntoIterator<Item = GrantType>) -> Self {
        let mut types: Vec<_> = types.into_iter().collect();
        types.sort_unstable();
        types.dedup();
        Self(types)
    }

    /// What a client needs of which nothing else is said: codes if it has a redirect, else tokens for itself.
    pub fn usual(has_redirect: bool) -> Self {
        if has_redirect {
            Self(vec![GrantType::AuthorizationCode, GrantType::RefreshToken])
        } else {
            Self(vec![GrantType::ClientCredentials])
        }
    }

    pub fn contains(&self, one: GrantType) -> bool {
        self.0.contains(&one)
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|one| one.name()).collect()
    }

    /// Can a client of this kind use them?
    pub(crate) fn judge(&self, kind: ClientKind, has_redirect: bool) -> Result<(), Error> {
        let wrong = |why: &str| Err(Error::GrantTypes(why.to_owned()));
        if self.0.is_empty() {
            return wrong("a client needs a grant");
        }
        let by_code = self.contains(GrantType::AuthorizationCode);
        if by_code && !has_redirect {
            return wrong("authorization_code needs a redirect");
        }
        if self.contains(GrantType::RefreshToken) && !by_code {
            return wrong("refresh_token comes with authorization_code");
        }
        if self.contains(GrantType::ClientCredentials) && kind == ClientKind::Public {
            return wrong("client_credentials is for confidential clients");
        }
        Ok(())
    }
}

/// Separated by spaces, as stored.
impl fmt::Display for GrantTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

impl FromStr for GrantTypes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = |name: &str| {
            let found = GrantType::ALL.into_iter().find(|one| one.name() == name);
            found.ok_or_else(|| {
                let known = GrantType::ALL.map(GrantType::name).join(", ");
                Error::GrantTypes(match name {
                    "implicit" => "implicit is for the client of the Webex guides alone".to_owned(),
                    _ => format!("there is no grant {name:?}; there are {known}"),
                })
            })
        };
        let types = text.split_whitespace().map(read);
        Ok(Self::new(types.collect::<Result<Vec<_>, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_use_what_they_can() {
        let (confidential, public) = (ClientKind::Confidential, ClientKind::Public);
        for (types, kind, has_redirect, good) in [
            ("authorization_code refresh_token", public, true, true),
            (
                "refresh_token authorization_code client_credentials",
                confidential,
                true,
                true,
            ),
            ("authorization_code", public, true, true),
            ("client_credentials", confidential, false, true),
            ("client_credentials", confidential, true, true),
            ("", confidential, true, false),
            ("refresh_token", public, true, false),
            ("refresh_token client_credentials", confidential, true, false),
            ("authorization_code", confidential, false, false),
            ("client_credentials", public, true, false),
            ("authorization_code client_credentials", public, true, false),
        ] {
            let read: GrantTypes = types.parse().expect("read");
            assert_eq!(
                read.judge(kind, has_redirect).is_ok(),
                good,
                "{types} {kind:?} {has_redirect}"
            );
        }
        for wrong in [
            "implicit",
            "password",
            "Authorization_code",
            "authorization_code,refresh_token",
        ] {
            assert!(wrong.parse::<GrantTypes>().is_err(), "{wrong}");
        }
        let twice: GrantTypes = "refresh_token authorization_code refresh_token"
            .parse()
            .expect("read");
        assert_eq!(twice.to_string(), "authorization_code refresh_token");
    }
}

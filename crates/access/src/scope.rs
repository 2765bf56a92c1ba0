//! Scopes: what a token was made for.

use std::fmt;
use std::str::FromStr;

/// One scope, spelled as Webex and our own API spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    IdentityScim,
    SparkPeopleRead,
    SparkPeopleWrite,
    IdentityPeopleRead,
    IdentityPeopleRw,
    IdentityGroupsRead,
    IdentityGroupsRw,
    IdentityOrganizationsRw,
    SparkAdminLicensesRead,
    SparkAdminPeopleWrite,
    AuditEventsRead,
    InstepRead,
    InstepAdmin,
}

impl Scope {
    pub const ALL: [Self; 13] = [
        Self::IdentityScim,
        Self::SparkPeopleRead,
        Self::SparkPeopleWrite,
        Self::IdentityPeopleRead,
        Self::IdentityPeopleRw,
        Self::IdentityGroupsRead,
        Self::IdentityGroupsRw,
        Self::IdentityOrganizationsRw,
        Self::SparkAdminLicensesRead,
        Self::SparkAdminPeopleWrite,
        Self::AuditEventsRead,
        Self::InstepRead,
        Self::InstepAdmin,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::IdentityScim => "Identity:SCIM",
            Self::SparkPeopleRead => "spark:people_read",
            Self::SparkPeopleWrite => "spark:people_write",
            Self::IdentityPeopleRead => "identity:people_read",
            Self::IdentityPeopleRw => "identity:people_rw",
            Self::IdentityGroupsRead => "identity:groups_read",
            Self::IdentityGroupsRw => "identity:groups_rw",
            Self::IdentityOrganizationsRw => "identity:organizations_rw",
            Self::SparkAdminLicensesRead => "spark-admin:licenses_read",
            Self::SparkAdminPeopleWrite => "spark-admin:people_write",
            Self::AuditEventsRead => "audit:events_read",
            Self::InstepRead => "instep:read",
            Self::InstepAdmin => "instep:admin",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::IdentityScim => "Everything over SCIM: people and groups",
            Self::SparkPeopleRead | Self::IdentityPeopleRead => "Reading people",
            Self::SparkPeopleWrite => "Creating, changing and deleting people",
            Self::IdentityPeopleRw => "Reading, creating, changing and deleting people",
            Self::IdentityGroupsRead => "Reading groups",
            Self::IdentityGroupsRw => "Reading and changing groups",
            Self::IdentityOrganizationsRw => "Verifying and claiming e-mail domains",
            Self::SparkAdminLicensesRead => "Seeing licences and who has them",
            Self::SparkAdminPeopleWrite => "Giving licences to people and taking them away",
            Self::AuditEventsRead => "Reading the event trail",
            Self::InstepRead => "Reading through the admin API",
            Self::InstepAdmin => "Reading and changing through the admin API",
        }
    }
}

/// A scope that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown scope {0:?}; known are: Identity:SCIM, spark:people_read, spark:people_write, identity:people_read, identity:people_rw, identity:groups_read, identity:groups_rw, identity:organizations_rw, spark-admin:licenses_read, spark-admin:people_write, audit:events_read, instep:read, instep:admin"
)]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// A set of scopes; as text, separated by spaces (RFC 6749 §3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }

    /// What `token create` gives when no scope is named: what the Webex guides ask for.
    pub fn for_provisioning() -> Self {
        Self::new([
            Scope::IdentityScim,
            Scope::SparkPeopleRead,
            Scope::SparkPeopleWrite,
        ])
    }

    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split_whitespace()
            .map(str::parse)
            .collect::<Result<Vec<_>, _>>()
            .map(Self::new)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|scope| scope.name()).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_and_printed() {
        let scopes: Scopes = "instep:read Identity:SCIM  instep:read"
            .parse()
            .expect("known scopes");
        assert_eq!(scopes.to_string(), "Identity:SCIM instep:read");
        assert!(
            "identity:scim".parse::<Scopes>().is_err(),
            "scopes are case-sensitive (RFC 6749 §3.3)"
        );
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse(), Ok(scope));
        }
    }
}

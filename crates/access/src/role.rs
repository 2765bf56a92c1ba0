//! Admin roles: those of Webex Control Hub that mean something here, by its names where these are known.

use std::fmt;
use std::str::FromStr;

/// What an owner of tokens may do at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    FullAdmin,
    /// People: create, change, delete. Not groups, not applications.
    UserAdmin,
    /// Groups and who is in them. Not people, not applications.
    GroupAdmin,
    /// Sees everything and looks for what is wrong with apps, changes nothing.
    SupportAdmin,
    /// Sees everything, changes nothing.
    ReadOnlyAdmin,
    /// Sees the event trail, and nothing else.
    ComplianceOfficer,
    /// No admin at all.
    None,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::FullAdmin,
        Self::UserAdmin,
        Self::GroupAdmin,
        Self::SupportAdmin,
        Self::ReadOnlyAdmin,
        Self::ComplianceOfficer,
        Self::None,
    ];

    /// The name under which databases and interfaces know the role.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullAdmin => "id_full_admin",
            Self::UserAdmin => "id_user_admin",
            Self::GroupAdmin => "id_group_admin",
            Self::SupportAdmin => "id_support_admin",
            Self::ReadOnlyAdmin => "id_readonly_admin",
            Self::ComplianceOfficer => "id_compliance_officer",
            Self::None => "none",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FullAdmin => "Full administrator",
            Self::UserAdmin => "User administrator",
            Self::GroupAdmin => "Group administrator",
            Self::SupportAdmin => "Support administrator",
            Self::ReadOnlyAdmin => "Read-only administrator",
            Self::ComplianceOfficer => "Compliance officer",
            Self::None => "No administrator role",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A role name that this release does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role {0:?}")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let found = Self::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

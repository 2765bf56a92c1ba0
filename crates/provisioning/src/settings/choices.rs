//! What can be chosen of.

use serde::{Deserialize, Serialize};

/// Who is to have an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppScope {
    /// People who are assigned, or direct members of a group that is.
    #[default]
    Assigned,
    /// The same, and members of groups within an assigned group, however deep.
    AssignedNested,
    /// Everybody in the directory.
    All,
}

/// Which groups the target is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupScope {
    #[default]
    Off,
    /// Those that are assigned.
    Assigned,
    /// Those of the whole directory.
    All,
}

/// What becomes of a group at the target that is in scope no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupLeaving {
    /// It stays there as it is.
    #[default]
    Leave,
    Delete,
}

/// Whether a person is asked before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Nothing is sent without approval.
    Always,
    /// When more accounts would go than the threshold allows.
    #[default]
    OverThreshold,
    Never,
}

/// What is done about what the target has changed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// Nobody looks.
    #[default]
    Off,
    /// It is listed, and told.
    Report,
    /// It is listed, told and brought back.
    Correct,
}

/// The gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    Webex,
    Scim,
    /// Any application that people sign in to by SAML. Nobody is provisioned there.
    Saml,
    /// A link.
    Bookmark,
}

impl Template {
    pub const ALL: [Self; 4] = [Self::Webex, Self::Scim, Self::Saml, Self::Bookmark];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webex => "webex",
            Self::Scim => "scim",
            Self::Saml => "saml",
            Self::Bookmark => "bookmark",
        }
    }

    /// Whether people are provisioned there.
    pub fn provisions(self) -> bool {
        match self {
            Self::Webex | Self::Scim => true,
            Self::Saml | Self::Bookmark => false,
        }
    }

    /// The name that an app gets when none is given.
    pub fn title(self) -> &'static str {
        match self {
            Self::Webex => "Webex",
            Self::Scim => "SCIM",
            Self::Saml => "SAML",
            Self::Bookmark => "Bookmark",
        }
    }

    pub(crate) fn default_preset(self) -> &'static str {
        match self {
            Self::Webex => "webex-entra",
            Self::Scim | Self::Saml | Self::Bookmark => "scim",
        }
    }
}

impl std::str::FromStr for Template {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let found = Self::ALL.into_iter().find(|template| template.as_str() == text);
        found.ok_or(())
    }
}

/// Which of a vendor's clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    #[default]
    Default,
    Government,
}

impl Offer {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Government => "government",
        }
    }
}

/// What becomes of accounts when an app is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountFate {
    /// They may no longer sign in.
    Disable,
    /// They go for good.
    Delete,
}

impl AccountFate {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Delete => "delete",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        [Self::Disable, Self::Delete]
            .into_iter()
            .find(|fate| fate.as_str() == word)
    }
}

/// What becomes of the groups that are held at the target when an app is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupFate {
    /// They stay as they are.
    Keep,
    /// They go for good.
    Delete,
}

impl GroupFate {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        [Self::Keep, Self::Delete]
            .into_iter()
            .find(|fate| fate.as_str() == word)
    }
}

/// What becomes of accounts and groups when an app is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Removal {
    pub accounts: AccountFate,
    pub groups: GroupFate,
}

impl Removal {
    /// What is meant where nothing is said of groups: they go with accounts that go for good.
    pub fn of(accounts: AccountFate) -> Self {
        let groups = match accounts {
            AccountFate::Disable => GroupFate::Keep,
            AccountFate::Delete => GroupFate::Delete,
        };
        Self { accounts, groups }
    }

    /// As it stands with an app: `delete keep`.
    pub(crate) fn stored(self) -> String {
        format!("{} {}", self.accounts.as_str(), self.groups.as_str())
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let (accounts, groups) = text.split_once(' ')?;
        Some(Self {
            accounts: AccountFate::read(accounts)?,
            groups: GroupFate::read(groups)?,
        })
    }
}

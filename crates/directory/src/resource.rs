//! A person or a group, where a list holds either.

use base::SubjectId;
use scim::{ResourceType, ResourceTypes};
use store::groups::Group;
use store::users::User;

/// People come before groups where a list holds both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    User,
    Group,
}

impl Kind {
    /// Which of an organization's types it is.
    pub fn resource_type(self, types: &ResourceTypes) -> &ResourceType {
        match self {
            Self::User => &types.user,
            Self::Group => &types.group,
        }
    }
}

/// One of either, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    User(User),
    Group(Group),
}

impl Resource {
    pub fn kind(&self) -> Kind {
        match self {
            Self::User(_) => Kind::User,
            Self::Group(_) => Kind::Group,
        }
    }

    pub fn id(&self) -> SubjectId {
        match self {
            Self::User(user) => user.id.into(),
            Self::Group(group) => group.id.into(),
        }
    }

    /// How much memory it takes, roughly.
    pub fn bytes(&self) -> u64 {
        let doc = match self {
            Self::User(user) => &user.doc,
            Self::Group(group) => &group.doc,
        };
        doc.len() as u64
    }

    pub fn group(&self) -> Option<&Group> {
        match self {
            Self::User(_) => None,
            Self::Group(group) => Some(group),
        }
    }

    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::Group(_) => None,
        }
    }
}

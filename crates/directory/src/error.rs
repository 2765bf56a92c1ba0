//! Why the directory said no.

use base::{GroupId, SchemaId, SubjectId, UserId};
use store::members::{MemberRef, SubjectKind};

use crate::SettingError;

/// Why a change or a look-up failed; a failed change left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no such organization")]
    UnknownOrganization,
    #[error("User {id} not found")]
    UnknownUser { id: UserId },
    #[error("Group {id} not found")]
    UnknownGroup { id: GroupId },
    #[error("The userName {user_name:?} is taken by another user")]
    UserNameTaken { user_name: String },
    #[error("userName must be an e-mail address in this organization, which {user_name:?} is not")]
    UserNameNotEmail { user_name: String },
    #[error("{user_name} is the last active full administrator: give somebody else that role first")]
    LastAdmin { user_name: String },
    #[error(
        "{user_name} has a role that allows more than yours: only a full administrator changes whether such a person gets in, at which address letters arrive, and which licences he or she has"
    )]
    HigherRole { user_name: String },
    #[error("{attribute} of {user_name} came in by {owner}, and is changed there: users.source is {owner}")]
    AttributeOwned {
        user_name: String,
        attribute: String,
        owner: &'static str,
    },
    #[error("{user_name} came in by {owner}, and is removed there: users.source is {owner}")]
    PersonOwned { user_name: String, owner: &'static str },
    #[error(
        "{attribute} of the group {display_name} came in by {owner}, and is changed there: users.source is {owner}"
    )]
    GroupAttributeOwned {
        display_name: String,
        attribute: String,
        owner: &'static str,
    },
    #[error("The group {display_name} came in by {owner}, and is removed there: users.source is {owner}")]
    GroupOwned {
        display_name: String,
        owner: &'static str,
    },
    #[error("Nobody can be invited: the server has no mail server")]
    NoMailServer,
    #[error("{user_name} is inactive, and could not follow an invitation")]
    InviteeInactive { user_name: String },
    #[error("{user_name} has no e-mail address to which an invitation could be sent")]
    InviteeWithoutAddress { user_name: String },
    #[error("{user_name} has a password, and the address is verified: there is nothing to be invited to")]
    NothingToInviteTo { user_name: String },
    #[error("There is no {} {} that could be a member", what(*.member), .member.id)]
    UnknownMember { member: MemberRef },
    #[error("{}", circle(*.group, *.member))]
    CircularGroup { group: GroupId, member: GroupId },
    #[error("A name has 1 to 200 characters")]
    Name,
    #[error("The resource has changed to version {current} meanwhile")]
    VersionMismatch { current: i64 },
    /// Others changed the same resource again and again while this change was tried.
    #[error("Too many changes to the same resource at once; try again")]
    Contended,
    /// A stored document cannot be read: damage, or a bug of ours.
    #[error("the stored document of {id} is damaged")]
    Damaged { id: SubjectId },
    #[error("the stored definition of the schema {id} is damaged")]
    DamagedSchema { id: SchemaId },
    #[error("There is no schema {urn} that this organization has added")]
    UnknownSchema { urn: String },
    #[error("{urn} cannot be told apart from {other} in a path")]
    SchemaClash { urn: String, other: String },
    #[error("An organization can add up to {} schemas", crate::MAX_SCHEMAS)]
    TooManySchemas,
    #[error(
        "{} values of {urn}, which therefore cannot become this one: {error}. Clear the values first, or add a schema \
         with another URN",
        have(*.resources)
    )]
    SchemaIncompatible {
        urn: String,
        resources: u64,
        error: scim::schema::DefinitionError,
    },
    #[error("{} values of {urn}: clear them first", have(*.resources))]
    SchemaInUse { urn: String, resources: u64 },
    /// The change was prepared by schemas that are no longer those of the organization, or by licence templates; the latter is
    /// found out, and the change made anew.
    #[error("The organization's schemas were changed at the same moment; try again")]
    SchemasChanged,
    #[error("Another resource has this value of {attribute}, which must be unique")]
    ValueTaken { attribute: String },
    #[error(transparent)]
    Licence(#[from] crate::licences::LicenceError),
    #[error(transparent)]
    Domain(#[from] crate::DomainError),
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The change is wrong in SCIM's own terms.
    #[error(transparent)]
    Scim(#[from] scim::Error),
    #[error(transparent)]
    Store(store::Error),
}

/// `1 resource has`, `12 resources have`
fn have(resources: u64) -> String {
    if resources == 1 {
        "1 resource has".to_owned()
    } else {
        format!("{resources} resources have")
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::VersionMismatch { current } => Self::VersionMismatch { current },
            refused @ store::Error::Refused(_) => match refused.refusal::<Self>() {
                Ok(own) => own,
                Err(other) => Self::Store(other),
            },
            other => Self::Store(other),
        }
    }
}

fn what(member: MemberRef) -> &'static str {
    match member.kind {
        Some(SubjectKind::User) => "user",
        Some(SubjectKind::Group) => "group",
        None => "user or group",
    }
}

fn circle(group: GroupId, member: GroupId) -> String {
    if group == member {
        return format!("The group {group} cannot be a member of itself");
    }
    format!("The group {member} cannot be a member of the group {group}, which it contains itself")
}

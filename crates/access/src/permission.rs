//! The authorisation table: which role and which scope a permission needs. There is no other place.

use crate::{Role, Scope, Scopes};

/// One kind of thing that can be done. Every endpoint names the one that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// The discovery documents of the SCIM service.
    ScimDiscovery,
    ScimReadUsers,
    ScimWriteUsers,
    ScimReadGroups,
    ScimWriteGroups,
    /// Asking for events, as Directory Insights is asked.
    QueryEvents,
    /// Reading anything through the admin API.
    ReadAll,
    /// Changing people through the admin API.
    ManagePeople,
    ManageGroups,
    ManageApps,
    /// Changing which schemas the organization has.
    ManageSchemas,
    /// Making and revoking tokens.
    ManageTokens,
    /// Saying who has which role.
    ManageRoles,
    /// Asking about the very token that asks.
    OwnToken,
}

/// Which half of the judgement said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the role {role} of this token's owner does not allow this")]
    Role { role: Role },
    #[error("this token was made without a scope that allows this: it needs one of {needed}")]
    Scope { needed: &'static str },
}

impl Permission {
    pub const ALL: [Self; 14] = [
        Self::ScimDiscovery,
        Self::ScimReadUsers,
        Self::ScimWriteUsers,
        Self::ScimReadGroups,
        Self::ScimWriteGroups,
        Self::QueryEvents,
        Self::ReadAll,
        Self::ManagePeople,
        Self::ManageGroups,
        Self::ManageApps,
        Self::ManageSchemas,
        Self::ManageTokens,
        Self::ManageRoles,
        Self::OwnToken,
    ];

    /// The roles that have the permission, and the scopes of which a token must carry one.
    const fn row(self) -> (&'static [Role], &'static [Scope], &'static str) {
        use Role::{FullAdmin, ReadOnlyAdmin, UserAdmin};
        use Scope::{
            AuditEventsRead, IdentityGroupsRead, IdentityGroupsRw, IdentityPeopleRead, IdentityPeopleRw,
            IdentityScim, InstepAdmin, InstepRead, SparkPeopleRead, SparkPeopleWrite,
        };
        const READERS: &[Role] = &[FullAdmin, UserAdmin, ReadOnlyAdmin];
        match self {
            Self::ScimDiscovery => (
                READERS,
                &[
                    IdentityScim,
                    SparkPeopleRead,
                    SparkPeopleWrite,
                    IdentityPeopleRead,
                    IdentityPeopleRw,
                    IdentityGroupsRead,
                    IdentityGroupsRw,
                ],
                "Identity:SCIM, spark:people_read, spark:people_write, identity:people_read, identity:people_rw, identity:groups_read, identity:groups_rw",
            ),
            Self::ScimReadUsers => (
                READERS,
                &[
                    IdentityScim,
                    SparkPeopleRead,
                    IdentityPeopleRead,
                    IdentityPeopleRw,
                ],
                "Identity:SCIM, spark:people_read, identity:people_read, identity:people_rw",
            ),
            Self::ScimWriteUsers => (
                &[FullAdmin, UserAdmin],
                &[IdentityScim, SparkPeopleWrite, IdentityPeopleRw],
                "Identity:SCIM, spark:people_write, identity:people_rw",
            ),
            Self::ScimReadGroups => (
                READERS,
                &[IdentityScim, IdentityGroupsRead, IdentityGroupsRw],
                "Identity:SCIM, identity:groups_read, identity:groups_rw",
            ),
            Self::ScimWriteGroups => (
                &[FullAdmin],
                &[IdentityScim, IdentityGroupsRw],
                "Identity:SCIM, identity:groups_rw",
            ),
            Self::OwnToken => (
                READERS,
                &Scope::ALL,
                "Identity:SCIM, spark:people_read, spark:people_write, identity:people_read, identity:people_rw, identity:groups_read, identity:groups_rw, audit:events_read, instep:read, instep:admin",
            ),
            Self::QueryEvents => (READERS, &[AuditEventsRead], "audit:events_read"),
            Self::ReadAll => (READERS, &[InstepRead, InstepAdmin], "instep:read, instep:admin"),
            Self::ManagePeople => (&[FullAdmin, UserAdmin], &[InstepAdmin], "instep:admin"),
            Self::ManageGroups
            | Self::ManageApps
            | Self::ManageSchemas
            | Self::ManageTokens
            | Self::ManageRoles => (&[FullAdmin], &[InstepAdmin], "instep:admin"),
        }
    }

    /// Judges a role and a set of scopes.
    pub fn judge(self, role: Role, scopes: &Scopes) -> Result<(), Refusal> {
        let (roles, needed_scopes, needed) = self.row();
        if !roles.contains(&role) {
            return Err(Refusal::Role { role });
        }
        if !needed_scopes.iter().any(|scope| scopes.contains(*scope)) {
            return Err(Refusal::Scope { needed });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_no_scope_nothing() {
        let everything = Scopes::new(Scope::ALL);
        for permission in Permission::ALL {
            assert!(permission.judge(Role::None, &everything).is_err());
            assert!(permission.judge(Role::FullAdmin, &Scopes::new([])).is_err());
            assert_eq!(permission.judge(Role::FullAdmin, &everything), Ok(()));
        }
    }

    #[test]
    fn the_sentence_names_just_the_scopes_of_the_row() {
        for permission in Permission::ALL {
            let (_, scopes, sentence) = permission.row();
            let names: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
            assert_eq!(names.join(", "), sentence, "{permission:?}");
        }
    }

    #[test]
    fn readers_write_nothing() {
        let everything = Scopes::new(Scope::ALL);
        let writes = Permission::ALL
            .into_iter()
            .filter(|permission| permission.judge(Role::ReadOnlyAdmin, &everything).is_err())
            .collect::<Vec<_>>();
        assert_eq!(
            writes,
            [
                Permission::ScimWriteUsers,
                Permission::ScimWriteGroups,
                Permission::ManagePeople,
                Permission::ManageGroups,
                Permission::ManageApps,
                Permission::ManageSchemas,
                Permission::ManageTokens,
                Permission::ManageRoles,
            ]
        );
    }

    #[test]
    fn guide_scopes_do_not_open_the_admin_api() {
        let scopes = Scopes::for_provisioning();
        assert!(Permission::ScimWriteUsers.judge(Role::FullAdmin, &scopes).is_ok());
        assert!(Permission::ReadAll.judge(Role::FullAdmin, &scopes).is_err());
    }
}

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
    /// Seeing licences and who has them, as Webex's clients ask.
    ReadLicences,
    /// Giving licences to people, as Webex's clients do.
    AssignLicences,
    /// Asking for events, as Directory Insights is asked.
    QueryEvents,
    /// Reading anything through the admin API but the event trail.
    ReadAll,
    /// Reading the event trail through the admin API.
    ReadEvents,
    /// Changing people through the admin API.
    ManagePeople,
    ManageGroups,
    ManageApps,
    /// Asking an app's target, and what would be sent to it; nothing is changed.
    ProbeApps,
    /// Changing which licences there are, and what templates give to whom.
    ManageLicences,
    /// Changing which schemas the organization has.
    ManageSchemas,
    /// Saying which e-mail domains are the organization's.
    ManageDomains,
    /// Changing the organization's settings.
    ManageOrganization,
    /// Making and revoking tokens.
    ManageTokens,
    /// Saying who has which role.
    ManageRoles,
    /// Saying who of another organization administers this one.
    ManagePartners,
    /// Asking about the very token that asks.
    OwnToken,
}

/// Which part of the judgement said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the role {role} of this token's owner does not allow this")]
    Role { role: Role },
    #[error("this token was made without a scope that allows this: it needs one of {needed}")]
    Scope { needed: &'static str },
    #[error(
        "a token that an OAuth client got neither manages tokens and clients nor gives roles, nor changes the organization's \
         settings and domains: what it made would outlive it. Use a token made by hand"
    )]
    Granted,
    #[error(
        "a partner neither makes partners nor removes them: an administrator of the organization itself does"
    )]
    Partner,
}

impl Permission {
    pub const ALL: [Self; 22] = [
        Self::ScimDiscovery,
        Self::ScimReadUsers,
        Self::ScimWriteUsers,
        Self::ScimReadGroups,
        Self::ScimWriteGroups,
        Self::ReadLicences,
        Self::AssignLicences,
        Self::QueryEvents,
        Self::ReadAll,
        Self::ReadEvents,
        Self::ManagePeople,
        Self::ManageGroups,
        Self::ManageApps,
        Self::ProbeApps,
        Self::ManageLicences,
        Self::ManageSchemas,
        Self::ManageDomains,
        Self::ManageOrganization,
        Self::ManageTokens,
        Self::ManageRoles,
        Self::ManagePartners,
        Self::OwnToken,
    ];

    /// The roles that have the permission, and the scopes of which a token must carry one.
    const fn row(self) -> (&'static [Role], &'static [Scope], &'static str) {
        use Role::{ComplianceOfficer, FullAdmin, GroupAdmin, ReadOnlyAdmin, SupportAdmin, UserAdmin};
        use Scope::{
            AuditEventsRead, IdentityGroupsRead, IdentityGroupsRw, IdentityOrganizationsRw,
            IdentityPeopleRead, IdentityPeopleRw, IdentityScim, InstepAdmin, InstepRead,
            SparkAdminLicensesRead, SparkAdminPeopleWrite, SparkPeopleRead, SparkPeopleWrite,
        };
        const READERS: &[Role] = &[FullAdmin, UserAdmin, GroupAdmin, SupportAdmin, ReadOnlyAdmin];
        const AUDITORS: &[Role] = &[
            FullAdmin,
            UserAdmin,
            GroupAdmin,
            SupportAdmin,
            ReadOnlyAdmin,
            ComplianceOfficer,
        ];
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
                &[FullAdmin, GroupAdmin],
                &[IdentityScim, IdentityGroupsRw],
                "Identity:SCIM, identity:groups_rw",
            ),
            Self::OwnToken => (
                AUDITORS,
                &Scope::ALL,
                "Identity:SCIM, spark:people_read, spark:people_write, identity:people_read, identity:people_rw, identity:groups_read, identity:groups_rw, identity:organizations_rw, spark-admin:licenses_read, spark-admin:people_write, audit:events_read, instep:read, instep:admin",
            ),
            Self::ReadLicences => (
                READERS,
                &[SparkAdminLicensesRead, InstepRead, InstepAdmin],
                "spark-admin:licenses_read, instep:read, instep:admin",
            ),
            Self::AssignLicences => (
                &[FullAdmin, UserAdmin],
                &[SparkAdminPeopleWrite, InstepAdmin],
                "spark-admin:people_write, instep:admin",
            ),
            Self::QueryEvents => (AUDITORS, &[AuditEventsRead], "audit:events_read"),
            Self::ReadAll => (READERS, &[InstepRead, InstepAdmin], "instep:read, instep:admin"),
            Self::ReadEvents => (AUDITORS, &[InstepRead, InstepAdmin], "instep:read, instep:admin"),
            Self::ManagePeople => (&[FullAdmin, UserAdmin], &[InstepAdmin], "instep:admin"),
            Self::ManageGroups => (&[FullAdmin, GroupAdmin], &[InstepAdmin], "instep:admin"),
            Self::ProbeApps => (&[FullAdmin, SupportAdmin], &[InstepAdmin], "instep:admin"),
            Self::ManageDomains => (
                &[FullAdmin],
                &[IdentityOrganizationsRw, InstepAdmin],
                "identity:organizations_rw, instep:admin",
            ),
            Self::ManageApps
            | Self::ManageLicences
            | Self::ManageSchemas
            | Self::ManageOrganization
            | Self::ManageTokens
            | Self::ManageRoles
            | Self::ManagePartners => (&[FullAdmin], &[InstepAdmin], "instep:admin"),
        }
    }

    /// Does it let something be changed?
    pub const fn is_to_change(self) -> bool {
        match self {
            Self::ScimWriteUsers
            | Self::ScimWriteGroups
            | Self::AssignLicences
            | Self::ManagePeople
            | Self::ManageGroups
            | Self::ManageApps
            | Self::ManageLicences
            | Self::ManageSchemas
            | Self::ManageDomains
            | Self::ManageOrganization
            | Self::ManageTokens
            | Self::ManageRoles
            | Self::ManagePartners => true,
            Self::ScimDiscovery
            | Self::ScimReadUsers
            | Self::ScimReadGroups
            | Self::ReadLicences
            | Self::QueryEvents
            | Self::ReadAll
            | Self::ReadEvents
            | Self::ProbeApps
            | Self::OwnToken => false,
        }
    }

    /// Does it make what opens doors by itself? Then it is not for tokens that end with somebody's consent.
    pub const fn outlives_its_token(self) -> bool {
        matches!(
            self,
            Self::ManageDomains
                | Self::ManageOrganization
                | Self::ManageTokens
                | Self::ManageRoles
                | Self::ManagePartners
        )
    }

    /// The scopes of which a token must carry one.
    pub fn scope_names(self) -> impl Iterator<Item = &'static str> {
        self.row().1.iter().map(|scope| scope.name())
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

/// How far a token of a role and a set of scopes goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing but what it says about itself.
    Nothing,
    /// It reads, and changes nothing.
    Reads,
    Changes,
}

impl Reach {
    /// Judges every permission.
    pub fn of(role: Role, scopes: &Scopes) -> Self {
        let permitted = || {
            Permission::ALL
                .into_iter()
                .filter(|permission| permission.judge(role, scopes).is_ok())
        };
        if permitted().any(Permission::is_to_change) {
            Self::Changes
        } else if permitted().any(|permission| permission != Permission::OwnToken) {
            Self::Reads
        } else {
            Self::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line for each scope, with a letter for each role: changes, reads, nothing.
    #[test]
    fn how_far_every_role_goes_with_every_scope() {
        use Scope::{
            AuditEventsRead, IdentityGroupsRead, IdentityGroupsRw, IdentityOrganizationsRw,
            IdentityPeopleRead, IdentityPeopleRw, IdentityScim, InstepAdmin, InstepRead,
            SparkAdminLicensesRead, SparkAdminPeopleWrite, SparkPeopleRead, SparkPeopleWrite,
        };
        let expected = [
            (IdentityScim, "CCCRR--"),
            (SparkPeopleRead, "RRRRR--"),
            (SparkPeopleWrite, "CCRRR--"),
            (IdentityPeopleRead, "RRRRR--"),
            (IdentityPeopleRw, "CCRRR--"),
            (IdentityGroupsRead, "RRRRR--"),
            (IdentityGroupsRw, "CRCRR--"),
            (IdentityOrganizationsRw, "C------"),
            (SparkAdminLicensesRead, "RRRRR--"),
            (SparkAdminPeopleWrite, "CC-----"),
            (AuditEventsRead, "RRRRRR-"),
            (InstepRead, "RRRRRR-"),
            (InstepAdmin, "CCCRRR-"),
        ];
        for (scope, letters) in expected {
            let found = Role::ALL.map(|role| match Reach::of(role, &Scopes::new([scope])) {
                Reach::Changes => 'C',
                Reach::Reads => 'R',
                Reach::Nothing => '-',
            });
            assert_eq!(String::from_iter(found), letters, "{scope:?}");
        }
        assert_eq!(expected.len(), Scope::ALL.len());
        assert_eq!(Reach::of(Role::FullAdmin, &Scopes::new([])), Reach::Nothing);
    }

    /// Whoever may change people changes who gets in of those only who may do nothing more.
    #[test]
    fn nobody_reaches_above_themselves() {
        let everything = Scopes::new(Scope::ALL);
        let rights = |role| Permission::ALL.map(|permission| permission.judge(role, &everything).is_ok());
        let names = |role: Role| match role {
            Role::None => Vec::new(),
            role => vec![role.name().to_owned()],
        };
        let managers = Role::ALL
            .into_iter()
            .filter(|role| Permission::ManagePeople.judge(*role, &everything).is_ok());
        for manager in managers {
            for role in Role::ALL {
                let above = rights(role)
                    .into_iter()
                    .zip(rights(manager))
                    .any(|(theirs, own)| theirs && !own);
                assert_eq!(
                    directory::may_change(&names(manager), &names(role)),
                    !above,
                    "{manager} {role}"
                );
            }
        }
    }

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
                Permission::AssignLicences,
                Permission::ManagePeople,
                Permission::ManageGroups,
                Permission::ManageApps,
                Permission::ProbeApps,
                Permission::ManageLicences,
                Permission::ManageSchemas,
                Permission::ManageDomains,
                Permission::ManageOrganization,
                Permission::ManageTokens,
                Permission::ManageRoles,
                Permission::ManagePartners,
            ]
        );
    }

    /// What is documented is what holds: the same permissions in the same order, with the same roles and scopes.
    #[test]
    fn the_documented_table_is_this_one() {
        const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/reference/access.md");
        let page = std::fs::read_to_string(PAGE).expect("the page is there");
        let documented: Vec<[&str; 3]> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .filter_map(|line| {
                line.split_once("` | ")?
                    .1
                    .split_once(" | ")
                    .map(|rest| (line, rest))
            })
            .filter_map(|(line, (roles, rest))| {
                Some([line.split_once('`')?.0, roles, rest.split_once(" |")?.0])
            })
            .filter(|[name, ..]| name.chars().all(char::is_alphanumeric) && *name != "none")
            .collect();
        let known = Permission::ALL.map(|permission| {
            let (roles, scopes, _) = permission.row();
            let roles: Vec<_> = roles.iter().map(|role| short(*role)).collect();
            let scopes = if scopes.len() == Scope::ALL.len() {
                "any".to_owned()
            } else if permission == Permission::ScimDiscovery {
                "any of the SCIM scopes".to_owned()
            } else {
                let scopes: Vec<_> = scopes.iter().map(|scope| format!("`{}`", scope.name())).collect();
                scopes.join(", ")
            };
            [format!("{permission:?}"), roles.join(", "), scopes]
        });
        assert_eq!(documented, known);
    }

    fn short(role: Role) -> &'static str {
        match role {
            Role::FullAdmin => "full",
            Role::UserAdmin => "user",
            Role::GroupAdmin => "group",
            Role::SupportAdmin => "support",
            Role::ReadOnlyAdmin => "read-only",
            Role::ComplianceOfficer => "compliance",
            Role::None => "none",
        }
    }

    #[test]
    fn every_role_has_its_own_rights() {
        let everything = Scopes::new(Scope::ALL);
        let rights = |role| Permission::ALL.map(|permission| permission.judge(role, &everything).is_ok());
        for (at, role) in Role::ALL.into_iter().enumerate() {
            for other in &Role::ALL[at + 1..] {
                assert_ne!(rights(role), rights(*other), "{role} and {other}");
            }
        }
    }

    #[test]
    fn only_full_administrators_open_doors() {
        let everything = Scopes::new(Scope::ALL);
        for role in Role::ALL.into_iter().filter(|role| *role != Role::FullAdmin) {
            for permission in [
                Permission::ManageTokens,
                Permission::ManageRoles,
                Permission::ManageApps,
                Permission::ManageDomains,
                Permission::ManageOrganization,
            ] {
                assert!(
                    permission.judge(role, &everything).is_err(),
                    "{role} {permission:?}"
                );
            }
        }
    }

    #[test]
    fn guide_scopes_do_not_open_the_admin_api() {
        let scopes = Scopes::for_provisioning();
        assert!(Permission::ScimWriteUsers.judge(Role::FullAdmin, &scopes).is_ok());
        assert!(Permission::ReadAll.judge(Role::FullAdmin, &scopes).is_err());
    }
}

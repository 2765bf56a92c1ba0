//! A person as the sources of names and attributes read them, with what the directory knows around them.

use base::{AppId, Fingerprinter, OrgId, Timestamp, UserId};
use mapping::{Around, Group, Needs};
use scim::Object;
use serde_json::Value;
use store::Query;
use store::users::User;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Somebody, with groups, roles and the manager where they are asked for.
#[derive(Debug)]
pub(super) struct Subject {
    id: String,
    resource: Object,
    groups: Vec<Group>,
    roles: Vec<String>,
    manager: Option<Manager>,
}

#[derive(Debug)]
struct Manager {
    id: String,
    resource: Object,
    active: bool,
}

impl Subject {
    pub(super) async fn read(
        q: &mut impl Query,
        (org, app): (OrgId, AppId),
        user: &User,
        needs: Needs,
    ) -> Result<Self, store::Error> {
        let resource = document(&user.doc)?;
        let mut groups = Vec::new();
        if needs.groups {
            for id in store::members::group_ids(q, org, user.id).await? {
                if let Some(group) = store::groups::by_id(q, org, id).await? {
                    groups.push(Group {
                        id: id.to_string(),
                        name: group.display_name,
                    });
                }
            }
        }
        let roles = if needs.roles {
            store::assignments::roles(q, org, app, user.id).await?
        } else {
            Vec::new()
        };
        let manager = match manager_of(&resource).filter(|_| needs.manager) {
            Some(id) => store::users::by_id(q, org, id).await?,
            None => None,
        };
        let manager = manager.map(|manager| {
            Ok::<_, store::Error>(Manager {
                id: manager.id.to_string(),
                resource: document(&manager.doc)?,
                active: manager.active,
            })
        });
        Ok(Self {
            id: user.id.to_string(),
            resource,
            groups,
            roles,
            manager: manager.transpose()?,
        })
    }

    pub(super) fn with<R>(&self, take: impl FnOnce(&mapping::Person<'_>) -> R) -> R {
        let manager = self.manager.as_ref().map(|manager| mapping::Person {
            is_soft_deleted: !manager.active,
            ..mapping::Person::new(&manager.resource, &manager.id)
        });
        take(&mapping::Person {
            around: Around {
                groups: &self.groups,
                roles: &self.roles,
                manager: manager.as_ref(),
            },
            ..mapping::Person::new(&self.resource, &self.id)
        })
    }
}

fn document(text: &str) -> Result<Object, store::Error> {
    serde_json::from_str(text)
        .map_err(|error| store::Error::internal(format!("a stored person cannot be read: {error}")))
}

fn manager_of(resource: &Object) -> Option<UserId> {
    let manager = resource.get(ENTERPRISE)?.get("manager")?;
    let id = match manager {
        Value::Object(manager) => manager.get("value")?,
        bare => bare,
    };
    id.as_str()?.parse().ok()
}

/// Time and chance for the expressions of one person at one application.
pub(super) struct Surroundings<'a> {
    pub(super) now: Timestamp,
    pub(super) chance: &'a Fingerprinter,
    pub(super) org: OrgId,
    pub(super) app: AppId,
    pub(super) user: UserId,
    pub(super) default_domain: &'a str,
}

impl mapping::Ambient for Surroundings<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&self, place: &str, block: u32) -> [u8; 32] {
        let what = format!("{}/{}/{block}/{place}", self.app, self.user);
        self.chance.bytes_of(self.org, what.as_bytes())
    }

    fn default_domain(&self) -> Option<&str> {
        (!self.default_domain.is_empty()).then_some(self.default_domain)
    }
}

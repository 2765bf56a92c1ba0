//! What the directory knows around a person, as far as the mappings and the filter of an app ask for it.

use base::{AppId, OrgId, UserId};
use mapping::{Around, Group, Needs};
use scim::Object;
use serde_json::Value;
use store::Query;

use crate::error::Error;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Groups, roles and the manager of one person; nothing of what is not asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Neighbours {
    groups: Vec<Group>,
    roles: Vec<String>,
    manager: Option<Manager>,
}

#[derive(Debug, Clone)]
struct Manager {
    id: String,
    resource: Object,
    active: bool,
}

impl Neighbours {
    pub(crate) async fn read(
        q: &mut impl Query,
        (org, app): (OrgId, AppId),
        needs: Needs,
        user: UserId,
        resource: &Object,
    ) -> Result<Self, Error> {
        let mut neighbours = Self::default();
        if needs.groups {
            for id in store::members::group_ids(q, org, user).await? {
                if let Some(group) = store::groups::by_id(q, org, id).await? {
                    neighbours.groups.push(Group {
                        id: id.to_string(),
                        name: group.display_name,
                    });
                }
            }
        }
        if needs.roles {
            neighbours.roles = store::assignments::roles(q, org, app, user).await?;
        }
        if let (true, Some(id)) = (needs.manager, manager_of(resource))
            && let Some(user) = store::users::by_id(q, org, id).await?
        {
            let resource =
                serde_json::from_str(&user.doc).map_err(|error| Error::damaged("person", &error))?;
            neighbours.manager = Some(Manager {
                id: id.to_string(),
                resource,
                active: user.active,
            });
        }
        Ok(neighbours)
    }

    /// Hands them on in the form that mappings read.
    pub(crate) fn with<R>(&self, take: impl FnOnce(Around<'_>) -> R) -> R {
        let manager = self.manager.as_ref().map(|manager| mapping::Person {
            is_soft_deleted: !manager.active,
            ..mapping::Person::new(&manager.resource, &manager.id)
        });
        take(Around {
            groups: &self.groups,
            roles: &self.roles,
            manager: manager.as_ref(),
        })
    }
}

fn manager_of(resource: &Object) -> Option<UserId> {
    let manager = resource.get(ENTERPRISE)?.get("manager")?;
    let id = match manager {
        Value::Object(manager) => manager.get("value")?,
        bare => bare,
    };
    id.as_str()?.parse().ok()
}

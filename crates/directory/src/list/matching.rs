//! Who of a batch matches, and what each is sorted by.

use std::collections::BTreeMap;

use base::{OrgId, SubjectId, UserId};
use scim::Object;
use scim::effort::Effort;
use scim::filter::Filter;
use scim::path::AttributePath;
use scim::sort::Key;
use scim::webex::Origin;
use serde_json::{Value, json};
use store::groups::Group;
use store::members::{Member, MemberId, Membership};
use store::users::User;

use super::Criteria;
use crate::members::member_type;
use crate::resource::{Kind, Resource};
use crate::{Directory, Error, rendering};

impl Directory {
    /// Those of a batch that match, each with what it is sorted by.
    pub(super) async fn matching(
        &self,
        org: OrgId,
        criteria: &Criteria,
        batch: Vec<Resource>,
    ) -> Result<Vec<(Resource, Option<Key>)>, Error> {
        let Criteria {
            types,
            filter,
            sort,
            base_url,
            ..
        } = criteria;
        if filter.is_none() && sort.is_none() {
            return Ok(batch.into_iter().map(|resource| (resource, None)).collect());
        }
        let meta = criteria.mentions("meta");
        let columns = sort.is_none() && filter.as_ref().is_some_and(speaks_of_columns);
        let mut groups = if criteria.mentions("groups") {
            let users: Vec<UserId> = batch
                .iter()
                .filter_map(Resource::user)
                .map(|user| user.id)
                .collect();
            self.groups_of(org, &users).await?
        } else {
            BTreeMap::new()
        };
        let asks_for_the_origin = filter
            .as_ref()
            .is_some_and(|filter| any_path(filter, &scim::webex::names_the_origin));
        let mut members = self.pinned_members(org, criteria, &batch).await?;
        let mut matching = Vec::new();
        for resource in batch {
            let mut object = match &resource {
                _ if columns => column_object(&resource),
                Resource::User(user) => {
                    user_object(user, groups.remove(&user.id).unwrap_or_default(), base_url)?
                }
                Resource::Group(group) => {
                    let members = match &mut members {
                        Some(found) => found.remove(&group.id).unwrap_or_default(),
                        None => self.members(org, group.id, None).await?,
                    };
                    group_object(group, &members, base_url)?
                }
            };
            put_id(&mut object, resource.id());
            if meta {
                put_meta(&mut object, &resource, base_url);
            }
            let kind = resource.kind().resource_type(types);
            if asks_for_the_origin {
                scim::webex::put_origin(&mut object, kind, &origin(org, &resource));
            }
            let fits = match filter {
                Some(filter) => Effort::RESOURCE.spend(|| scim::filter::evaluate(filter, &object, kind))?,
                None => true,
            };
            // Looking at much takes long: others get their turn in between.
            tokio::task::consume_budget().await;
            if fits {
                let key = sort.as_ref().and_then(|sort| sort.key(&object, kind));
                matching.push((resource, key));
            }
        }
        Ok(matching)
    }
}

fn origin(org: OrgId, resource: &Resource) -> Origin {
    Origin {
        organization: org.to_string(),
        source: match resource {
            Resource::User(user) => rendering::user_source(user),
            Resource::Group(group) => rendering::group_source(group),
        },
    }
}

impl Criteria {
    /// Do they speak of an attribute that is not in the stored document?
    pub fn mentions(&self, attribute: &str) -> bool {
        self.filter
            .as_ref()
            .is_some_and(|filter| mentions(filter, attribute))
            || self.sort.as_ref().is_some_and(|sort| sort.is_by(attribute))
    }
}

/// The attributes that stand beside the document, under names that no schema but the core ones can give to another.
const COLUMNS: [&str; 4] = ["id", "userName", "displayName", "meta"];

/// Does a filter speak of nothing else? Then the document need not be read.
fn speaks_of_columns(filter: &Filter) -> bool {
    let beside = |path: &AttributePath| {
        let is_column = |name: &&str| name.eq_ignore_ascii_case(&path.attribute);
        path.schema.is_none() && path.filter.is_none() && COLUMNS.iter().any(is_column)
    };
    !any_path(filter, &|path| !beside(path))
}

/// What of a resource stands beside the document.
fn column_object(resource: &Resource) -> Object {
    let mut object = Object::new();
    let mut put = |name: &str, value: &str| object.insert(name.to_owned(), value.into());
    match resource {
        Resource::User(user) => {
            put("userName", &user.user_name);
            user.display_name.as_deref().map(|name| put("displayName", name));
        }
        Resource::Group(group) => {
            put("displayName", &group.display_name);
        }
    }
    object
}

fn user_object(user: &User, groups: Vec<Membership>, base_url: &str) -> Result<Object, Error> {
    let mut object = rendering::document(user)?;
    if !groups.is_empty() {
        let value = |group: &Membership| {
            json!({
                "value": group.group,
                "$ref": address(base_url, Kind::Group, group.group),
                "display": group.display_name,
                "type": group.nesting.as_str(),
            })
        };
        object.insert("groups".to_owned(), groups.iter().map(value).collect());
    }
    Ok(object)
}

fn group_object(group: &Group, members: &[Member], base_url: &str) -> Result<Object, Error> {
    let mut object = rendering::group_document(group)?;
    if !members.is_empty() {
        let value = |member| member_value(member, base_url);
        object.insert("members".to_owned(), members.iter().map(value).collect());
    }
    Ok(object)
}

/// A member as a group's answer shows it.
pub fn member_value(member: &Member, base_url: &str) -> Value {
    let kind = match member.id {
        MemberId::User(_) => Kind::User,
        MemberId::Group(_) => Kind::Group,
    };
    let id = member.id.subject();
    json!({
        "value": id,
        "$ref": address(base_url, kind, id),
        "display": member.name(),
        "type": member_type(member.id),
    })
}

/// Does the filter speak of the attribute?
fn mentions(filter: &Filter, attribute: &str) -> bool {
    any_path(filter, &|path| path.may_name(attribute))
}

/// Is there such a path in the filter?
fn any_path(filter: &Filter, such: &impl Fn(&AttributePath) -> bool) -> bool {
    match filter {
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath(path) => such(path),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|part| any_path(part, such)),
        Filter::Not(inner) => any_path(inner, such),
    }
}

fn put_id(object: &mut Object, id: SubjectId) {
    object.insert("id".to_owned(), Value::String(id.to_string()));
}

/// Where a resource is shown (RFC 7643 §3.1).
fn address(base_url: &str, kind: Kind, id: impl std::fmt::Display) -> String {
    match kind {
        Kind::User => format!("{base_url}/Users/{id}"),
        Kind::Group => format!("{base_url}/Groups/{id}"),
    }
}

fn put_meta(object: &mut Object, resource: &Resource, base_url: &str) {
    let (resource_type, created, modified, version) = match resource {
        Resource::User(user) => ("User", user.created, user.modified, user.version),
        Resource::Group(group) => ("Group", group.created, group.modified, group.version),
    };
    let meta = json!({
        "resourceType": resource_type,
        "created": created,
        "lastModified": modified,
        "version": format!("W/\"{version}\""),
        "location": address(base_url, resource.kind(), resource.id()),
    });
    object.insert("meta".to_owned(), meta);
}

#[cfg(test)]
mod tests {
    use base::{Ambient, ManualClock, SeededEntropy, Timestamp};
    use scim::ResourceTypes;

    use super::*;

    fn people() -> Vec<Resource> {
        let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
        let ambient = Ambient::new(clock.clone(), SeededEntropy::new(7));
        let person = |(user_name, display_name): (&str, Option<&str>)| {
            let mut document = json!({ "userName": user_name, "active": true, "title": "Engineer" });
            if let Some(name) = display_name {
                document["displayName"] = name.into();
            }
            clock.advance(std::time::Duration::from_millis(1));
            Resource::User(User {
                id: ambient.id(),
                version: 3,
                created: ambient.now(),
                modified: ambient.now(),
                active: true,
                user_name: user_name.to_owned(),
                display_name: display_name.map(ToOwned::to_owned),
                doc: document.to_string(),
                rendering: 1,
                provenance: "{}".to_owned(),
                in_groups: false,
            })
        };
        [
            ("Anna", None),
            (" bert", Some("Straße")),
            ("ANNABEL", Some("")),
            ("Zoë", Some("anna")),
        ]
        .into_iter()
        .map(person)
        .collect()
    }

    #[test]
    fn columns_and_documents_match_alike() {
        for filter in [
            "userName eq \"anna\"",
            "userName eq \"bert\"",
            "userName sw \"anna\" and not (displayName pr)",
            "displayName eq \"STRASSE\" or userName ew \"ë\"",
            "displayName ne \"anna\"",
            "USERNAME co \"nn\" and meta.version eq \"W/\\\"3\\\"\"",
            "meta.lastModified gt \"2027-01-15T08:00:00.002Z\"",
            "meta.resourceType eq \"user\" and id pr",
        ] {
            let filter = scim::filter::parse(filter).expect(filter);
            assert!(speaks_of_columns(&filter), "{filter}");
            let types = ResourceTypes::built_in();
            for resource in people() {
                let user = resource.user().expect("a person");
                let matches = |mut object: Object| {
                    put_id(&mut object, resource.id());
                    put_meta(&mut object, &resource, "https://x");
                    scim::filter::evaluate(&filter, &object, &types.user)
                };
                let whole = user_object(user, Vec::new(), "https://x").expect("a document");
                assert_eq!(
                    matches(column_object(&resource)),
                    matches(whole),
                    "{filter} {resource:?}"
                );
            }
        }
    }

    #[test]
    fn other_attributes_are_in_the_document_only() {
        for filter in [
            "title eq \"x\"",
            "userName eq \"x\" and title pr",
            "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"x\"",
            "emails[value eq \"x\"]",
        ] {
            assert!(
                !speaks_of_columns(&scim::filter::parse(filter).expect(filter)),
                "{filter}"
            );
        }
    }
}

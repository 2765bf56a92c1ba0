//! Whom an identity provider means: by a name that was seen before, else by what the directory knows.

use base::{OrgId, canonical};
use directory::{Criteria, Kind, Resource};
use saml::message::{Assertion, NameId};
use saml::names::name_id_format;
use scim::filter::{self, Filter};
use store::sso::subjects;
use store::users::User;

use super::attributes::{self, Said};
use super::{Error, Provider};
use crate::Federation;

/// Somebody who was found, and how.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub user: User,
    /// `name_id`, `uid`, `email`, or the name of a linking attribute.
    pub by: &'static str,
}

/// By which name somebody is known in the organization; empty: the assertion has none.
pub(super) fn user_name(said: &Said, name_id: &NameId, provider: &Provider) -> String {
    let nameless = [
        name_id_format::TRANSIENT,
        name_id_format::PERSISTENT,
        name_id_format::ENTITY,
        name_id_format::ENCRYPTED,
    ];
    let by_name_id = || {
        let says = !nameless.contains(&name_id.format());
        says.then_some(name_id.value.trim())
    };
    let uid = said.get("userName").or_else(by_name_id).unwrap_or_default();
    if let Some((local, domain)) = uid.rsplit_once('@')
        && !local.is_empty()
        && provider.settings.is_uid_domain(domain)
    {
        return local.to_owned();
    }
    uid.to_owned()
}

/// Is it an address to anybody? People are found by names as they are folded, where letters look like an @ too.
pub(super) fn is_address(name: &str) -> bool {
    canonical::user_name(name).contains('@')
}

/// What stays the same of a name, by which somebody is found again: of a persistent one only. What else an identity provider
/// calls somebody, such as an address, it can call somebody else tomorrow.
pub(super) fn subject_of(federation: &Federation, org: OrgId, name: &NameId) -> Option<Vec<u8>> {
    if name.format() != name_id_format::PERSISTENT {
        return None;
    }
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    let text = format!(
        "{}\n{}\n{}",
        part(&name.name_qualifier),
        part(&name.sp_name_qualifier),
        name.value
    );
    Some(federation.subjects.bytes_of(org, text.as_bytes()).to_vec())
}

impl Federation {
    /// The person whom an assertion is about, if the organization has one.
    pub(super) async fn find_person(
        &self,
        org: OrgId,
        provider: &Provider,
        (assertion, name_id): (&Assertion, &NameId),
        said: &Said,
        user_name: &str,
    ) -> Result<Option<Found>, Error> {
        if let Some(subject) = subject_of(self, org, name_id) {
            let mut reader = self.store.reader();
            let known = subjects::by_subject(&mut reader, org, provider.id, &subject).await?;
            if let Some(known) = known
                && let Some(user) = store::users::by_id(&mut reader, org, known.user).await?
            {
                return Ok(Some(Found { user, by: "name_id" }));
            }
        }
        if let Some(user) = self.by_name(org, user_name).await? {
            return Ok(Some(Found { user, by: "uid" }));
        }
        if let Some(address) = said.get("email")
            && let Some(user) = self.directory.person_to_link(org, address).await?
        {
            return Ok(Some(Found { user, by: "email" }));
        }
        for link in &provider.settings.linking_attributes {
            let known = attributes::LINKING.iter().find(|known| **known == link.attribute);
            let (Some(attribute), Some(value)) = (known, attributes::plain(assertion, &link.saml)) else {
                continue;
            };
            if let Some(user) = self.by_attribute(org, attribute, value).await? {
                return Ok(Some(Found { user, by: attribute }));
            }
        }
        Ok(None)
    }

    /// By a userName; one that is an address counts only within verified domains.
    async fn by_name(&self, org: OrgId, user_name: &str) -> Result<Option<User>, Error> {
        if user_name.is_empty() {
            return Ok(None);
        }
        if is_address(user_name) {
            return Ok(self.directory.person_to_link(org, user_name).await?);
        }
        Ok(self.directory.user_by_name(org, user_name).await?)
    }

    /// The one person with a value; nobody if several have it.
    async fn by_attribute(&self, org: OrgId, attribute: &str, value: &str) -> Result<Option<User>, Error> {
        let path = match attribute {
            "employeeNumber" => "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
            other => other,
        };
        let filter = format!("{path} eq {}", serde_json::Value::from(value));
        let Ok(filter): Result<Filter, _> = filter::parse(&filter) else {
            return Ok(None);
        };
        let criteria = Criteria {
            types: self.directory.resource_types(org, i64::MAX).await?,
            kinds: vec![Kind::User],
            filter: Some(filter),
            sort: None,
            base_url: String::new(),
        };
        let found = self.directory.list(org, &criteria, 0..2).await?;
        let mut people = found.items.into_iter().filter_map(|resource| match resource {
            Resource::User(user) => Some(user),
            Resource::Group(_) => None,
        });
        match (people.next(), people.next()) {
            (Some(user), None) => Ok(Some(user)),
            _ => Ok(None),
        }
    }
}

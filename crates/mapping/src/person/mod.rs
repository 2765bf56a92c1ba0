//! A directory person, answering to the names that Entra ID, Okta and JumpCloud have for attributes, and to SCIM's.

mod entra;
mod jumpcloud;
mod okta;
mod paths;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json};

pub(crate) use entra::is_of_extension;

use crate::scim_path::ScimPath;
use crate::{Attributes, Value};

/// A person as the source of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The SCIM User, without its `id`.
    pub resource: &'a Map<String, Json>,
    pub id: &'a str,
    /// Entra ID's `IsSoftDeleted`: whether the account must be inactive, be it that the person is disabled,
    /// deleted or no longer in scope.
    pub is_soft_deleted: bool,
    pub around: Around<'a>,
}

/// What the directory knows of a person besides the User. Left out where [`Needs`] does not ask for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The groups of which the person is a direct member.
    pub groups: &'a [Group],
    /// The person's roles at the app.
    pub roles: &'a [String],
    pub manager: Option<&'a Person<'a>>,
}

/// A group that somebody belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: String,
    pub name: String,
}

/// What of the directory around a person is read under a set of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    pub groups: bool,
    pub roles: bool,
    pub manager: bool,
}

/// The names of the person's groups.
pub(crate) const GROUP_NAMES: &str = "groups.display";
/// Their ids, in the same order.
pub(crate) const GROUP_IDS: &str = "groups.value";
/// The person's roles at the app.
const ROLES: &str = "appRoleAssignments";
/// In front of an attribute of the manager.
const MANAGER: &str = "manager:";

impl Needs {
    /// Of attributes by their names.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut needs = Self::default();
        for name in names {
            needs.groups |= name.eq_ignore_ascii_case(GROUP_NAMES) || name.eq_ignore_ascii_case(GROUP_IDS);
            needs.roles |= name.eq_ignore_ascii_case(ROLES);
            needs.manager |= of_manager(name).is_some();
        }
        needs
    }

    /// What either asks for.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            groups: self.groups || other.groups,
            roles: self.roles || other.roles,
            manager: self.manager || other.manager,
        }
    }
}

impl Attributes for Person<'_> {
    /// The vendors' names come first; every other name is a SCIM path. What is no path is null.
    fn get(&self, name: &str) -> Value {
        let name = name.trim();
        if let Some(name) = of_manager(name) {
            return self
                .around
                .manager
                .map_or(Value::Null, |manager| manager.get(name));
        }
        if let Some(value) = self.around(name).or_else(|| okta::read(self, name)) {
            return value;
        }
        if let Some(attribute) = entra::find(name) {
            return attribute.read(self);
        }
        match jumpcloud::find(name) {
            Some(path) => self.scim(path),
            None if name.eq_ignore_ascii_case("active") => {
                Value::Boolean(!self.is_soft_deleted && self.scim("active").as_boolean() != Some(false))
            }
            None if is_of_extension(name) => self.in_extensions(name),
            None => self.scim(name),
        }
    }
}

impl<'a> Person<'a> {
    /// Somebody active of whom nothing but the User is known.
    pub fn new(resource: &'a Map<String, Json>, id: &'a str) -> Self {
        Self {
            resource,
            id,
            is_soft_deleted: false,
            around: Around::default(),
        }
    }

    /// The names that are no SCIM paths, in the spelling of whoever made them.
    pub fn names() -> Vec<String> {
        [ROLES, GROUP_NAMES, GROUP_IDS, "id"]
            .into_iter()
            .chain(entra::names())
            .chain(jumpcloud::names())
            .map(str::to_owned)
            .chain(okta::names())
            .collect()
    }

    /// Whether a name is one of [`Person::names`], also with `manager:` in front.
    pub fn knows(name: &str) -> bool {
        let name = of_manager(name.trim()).unwrap_or(name.trim());
        entra::find(name).is_some() || Self::names().iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The one place of a User that a name reads, as a SCIM path; `None` if it reads none, or several.
    pub fn place_of(name: &str) -> Option<String> {
        let name = name.trim();
        let works_out = |known: &str| name.eq_ignore_ascii_case(known);
        if of_manager(name).is_some() || [ROLES, GROUP_NAMES, GROUP_IDS, "id"].into_iter().any(works_out) {
            return None;
        }
        if is_of_extension(name) {
            return None;
        }
        if let Some(name) = okta::profile_name(name) {
            return okta::place(name).map(str::to_owned);
        }
        if let Some(attribute) = entra::find(name) {
            return attribute.place().map(str::to_owned);
        }
        Some(jumpcloud::find(name).unwrap_or(name).to_owned())
    }

    fn around(&self, name: &str) -> Option<Value> {
        let Around { groups, roles, .. } = self.around;
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let items: Vec<String> = if is(GROUP_NAMES) {
            groups.iter().map(|group| group.name.clone()).collect()
        } else if is(GROUP_IDS) {
            groups.iter().map(|group| group.id.clone()).collect()
        } else if is(ROLES) {
            roles.to_vec()
        } else {
            return None;
        };
        Some(if items.is_empty() {
            Value::Null
        } else {
            Value::List(items)
        })
    }

    /// The value of that name in the first extension of the User that has one.
    fn in_extensions(&self, name: &str) -> Value {
        let is_extension = |(urn, value): &(&String, &Json)| value.is_object() && urn.contains(':');
        let extensions = self.resource.iter().filter(is_extension);
        let mut found = extensions.map(|(urn, _)| self.scim(&format!("{urn}:{name}")));
        found.find(|value| !value.is_empty()).unwrap_or_default()
    }

    fn scim(&self, path: &str) -> Value {
        if path.trim().eq_ignore_ascii_case("id") {
            return Value::text(self.id);
        }
        if let Some(path) = paths::known(path) {
            return path.read(self.resource);
        }
        ScimPath::parse(path)
            .map(|path| path.read(self.resource))
            .unwrap_or_default()
    }
}

/// The name of an attribute of the manager.
fn of_manager(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_at_checked(MANAGER.len())?;
    prefix.eq_ignore_ascii_case(MANAGER).then_some(rest)
}

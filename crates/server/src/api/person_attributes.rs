//! What administrators write of people, under plain names: a small set beside the SCIM service, which has all there is.
//!
//! Each name stands for one place of the SCIM User, and is written by the same rules as a PATCH over SCIM.

use std::fmt;

use base::canonical;
use scim::patch::{Operation, PatchOptions, PatchRequest};
use scim::path::AttributePath;
use scim::{Object, ResourceType};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::openapi::shape::{Member, Shape, flag, name, object, object_and, or_null, text as any_text};
use super::wish::Wish;
use super::{Problem, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// Where an attribute is in SCIM.
#[derive(Debug, Clone, Copy)]
enum Place {
    Whole(&'static str),
    /// A part of a complex attribute.
    Part(&'static str, &'static str),
    /// The value of the element of this type.
    Element(&'static str, &'static str),
    /// An attribute of the enterprise extension.
    Enterprise(&'static str),
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What is one text.
const TEXTS: [(&str, Place); 14] = [
    ("external_id", Place::Whole("externalId")),
    ("display_name", Place::Whole("displayName")),
    ("first_name", Place::Part("name", "givenName")),
    ("middle_name", Place::Part("name", "middleName")),
    ("last_name", Place::Part("name", "familyName")),
    ("title", Place::Whole("title")),
    ("department", Place::Enterprise("department")),
    ("employee_number", Place::Enterprise("employeeNumber")),
    ("cost_center", Place::Enterprise("costCenter")),
    ("work_phone", Place::Element("phoneNumbers", "work")),
    ("mobile_phone", Place::Element("phoneNumbers", "mobile")),
    ("preferred_language", Place::Whole("preferredLanguage")),
    ("locale", Place::Whole("locale")),
    ("timezone", Place::Whole("timezone")),
];

/// All names there are.
const KNOWN: [&str; 18] = [
    "user_name",
    "active",
    "email",
    "manager",
    "external_id",
    "display_name",
    "first_name",
    "middle_name",
    "last_name",
    "title",
    "department",
    "employee_number",
    "cost_center",
    "work_phone",
    "mobile_phone",
    "preferred_language",
    "locale",
    "timezone",
];

impl Place {
    /// Where a value is written.
    fn path(self) -> String {
        match self {
            Self::Whole(attribute) => attribute.to_owned(),
            Self::Part(attribute, part) => format!("{attribute}.{part}"),
            Self::Element(list, kind) => format!("{list}[type eq \"{kind}\"].value"),
            Self::Enterprise(attribute) => format!("{ENTERPRISE}:{attribute}"),
        }
    }

    /// What goes when it is cleared: an element with its value.
    fn cleared(self) -> String {
        match self {
            Self::Element(list, kind) => format!("{list}[type eq \"{kind}\"]"),
            other => other.path(),
        }
    }

    fn find(self, user: &Object) -> Option<&Value> {
        match self {
            Self::Whole(attribute) => user.get(attribute),
            Self::Part(attribute, part) => user.get(attribute)?.get(part),
            Self::Enterprise(attribute) => user.get(ENTERPRISE)?.get(attribute),
            Self::Element(list, kind) => {
                let elements = user.get(list)?.as_array()?;
                elements.iter().find(|one| one["type"] == kind)?.get("value")
            }
        }
    }
}

/// What was said of each attribute.
#[derive(Debug, Default)]
pub struct Attributes {
    user_name: Option<String>,
    active: Option<bool>,
    email: Wish,
    manager: Wish,
    texts: Vec<(Place, Wish)>,
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut said: A) -> Result<Attributes, A::Error> {
        let mut attributes = Attributes::default();
        while let Some(name) = said.next_key::<String>()? {
            match name.as_str() {
                "active" => attributes.active = Some(said.next_value()?),
                "user_name" => attributes.user_name = Some(said.next_value()?),
                "email" => attributes.email = text(&name, said.next_value()?)?,
                "manager" => attributes.manager = text(&name, said.next_value()?)?,
                other => {
                    let known = TEXTS.iter().find(|(known, _)| *known == other);
                    let (_, place) = known.ok_or_else(|| A::Error::unknown_field(other, &KNOWN))?;
                    attributes.texts.push((*place, text(&name, said.next_value()?)?));
                }
            }
        }
        Ok(attributes)
    }
}

/// An empty text says nothing: whoever wants nothing there says so.
fn text<E: Error>(name: &str, wish: Wish) -> Result<Wish, E> {
    match wish {
        Wish::Written(text) if text.is_empty() => {
            Err(E::custom(format!("{name} must not be empty: null clears it")))
        }
        wish => Ok(wish),
    }
}

/// A change of a person whose manager is known by id.
pub struct Edit {
    attributes: Attributes,
    user_name_is_email: bool,
}

impl Edit {
    pub async fn new(state: &State, caller: &Caller, mut attributes: Attributes) -> Result<Self, Problem> {
        if let Wish::Written(name) = &attributes.manager {
            let manager = resolve::person(state, caller.principal.org, name).await?;
            attributes.manager = Wish::Written(manager.id.to_string());
        }
        Ok(Self {
            attributes,
            user_name_is_email: caller.settings.user_name_is_email,
        })
    }

    /// Somebody new.
    pub fn create(&self, kind: &ResourceType) -> Result<Object, Problem> {
        let Some(user_name) = &self.attributes.user_name else {
            let detail = "A person needs a user_name";
            return Err(Problem::bad_request("person.invalid", detail));
        };
        let body = json!({ "schemas": [kind.core_urn()], "userName": user_name });
        let read = scim::resource::read(body, kind, scim::resource::Mode::Create);
        let made = read.and_then(|mut object| self.apply(&mut object, kind).map(|()| object));
        made.map_err(|error| Problem::bad_request("person.invalid", error.detail))
    }

    /// Writes what was said over what is there.
    pub fn apply(&self, object: &mut Object, kind: &ResourceType) -> Result<(), scim::Error> {
        let said = &self.attributes;
        let mut operations = Vec::new();
        if let Some(user_name) = &said.user_name {
            operations.push(replacing("userName", user_name.as_str())?);
        }
        if let Some(active) = said.active {
            operations.push(replacing("active", active)?);
        }
        for (place, wish) in &said.texts {
            match wish {
                Wish::Left => {}
                Wish::Cleared => operations.push(removing(&place.cleared())?),
                Wish::Written(text) => operations.push(replacing(&place.path(), text.as_str())?),
            }
        }
        let manager = format!("{ENTERPRISE}:manager");
        match &said.manager {
            Wish::Left => {}
            Wish::Cleared => operations.push(removing(&manager)?),
            Wish::Written(id) => operations.push(replacing(&manager, json!({ "value": id }))?),
        }
        match &said.email {
            Wish::Left => {}
            Wish::Cleared => operations.push(self.address(object, None)?),
            Wish::Written(address) => operations.push(self.address(object, Some(address))?),
        }
        let request = PatchRequest { operations };
        scim::patch::apply(object, &request, kind, PatchOptions::default()).map(drop)
    }

    /// Another address in place of the one that mail goes to.
    fn address(&self, object: &Object, wanted: Option<&str>) -> Result<Operation, scim::Error> {
        if self.user_name_is_email {
            let present = object.get("userName").and_then(Value::as_str);
            let user_name = self.attributes.user_name.as_deref().or(present);
            if wanted.map(canonical::email) != user_name.map(canonical::email) {
                return Err(scim::Error::invalid_value(
                    "email: in this organization it is the user_name, which is what to change",
                ));
            }
        }
        let emails = object.get("emails").and_then(Value::as_array);
        let mut emails = emails.cloned().unwrap_or_default();
        match (directory::email_place(&emails), wanted) {
            (Some(place), Some(wanted)) => emails[place]["value"] = wanted.into(),
            (Some(place), None) => drop(emails.remove(place)),
            (None, Some(wanted)) => emails.push(json!({ "value": wanted, "type": "work", "primary": true })),
            (None, None) => {}
        }
        if emails.is_empty() {
            removing("emails")
        } else {
            replacing("emails", emails)
        }
    }
}

fn replacing(path: &str, value: impl Into<Value>) -> Result<Operation, scim::Error> {
    Ok(Operation::replace(read(path)?, value))
}

fn removing(path: &str) -> Result<Operation, scim::Error> {
    Ok(Operation::remove(read(path)?))
}

fn read(path: &str) -> Result<AttributePath, scim::Error> {
    path.parse()
        .map_err(|error| scim::Error::invalid_path(format!("{path}: {error}")))
}

/// What there is of a person under these names.
pub fn of(user: &Object) -> Value {
    let text = |(name, place): &(&str, Place)| ((*name).to_owned(), json!(place.find(user)));
    let mut all: Map<String, Value> = TEXTS.iter().map(text).collect();
    all.insert("email".to_owned(), json!(directory::email(user)));
    let manager = user
        .get(ENTERPRISE)
        .and_then(|extension| extension.get("manager"));
    let manager = manager.and_then(|manager| manager.get("value"));
    all.insert("manager".to_owned(), json!(manager));
    Value::Object(all)
}

fn members() -> impl Iterator<Item = Member> {
    let texts = TEXTS.iter().map(|(known, _)| *known).chain(["email", "manager"]);
    texts.map(|known| (known, or_null(name())))
}

/// The body by which somebody is made.
pub fn new_shape() -> Shape {
    object_and([("user_name", name())], members().chain([("active", flag())]))
}

/// The body by which somebody is changed.
pub fn change_shape() -> Shape {
    object_and([], members().chain([("user_name", name()), ("active", flag())]))
}

/// What is answered.
pub fn shape() -> Shape {
    object(members().map(|(known, _)| (known, or_null(any_text()))))
}

//! What a column holds, and how it is written into a SCIM User.

use scim::Object;
use serde_json::{Value, json};

pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// A text, at its place in the SCIM User.
    At(Place),
    /// Whether the account is active: a boolean.
    Active,
    /// Whether sign-in is blocked: a boolean.
    Blocked,
    /// The state of the account in words.
    State,
    /// The two letters of the work address's country.
    CountryCode,
    /// The work address's country by name or code; counts where there is no code.
    CountryName,
    /// The manager's userName or e-mail address.
    Manager,
}

/// A place in a SCIM User: `attribute`, `attribute.sub` or `attribute[type eq "kind"].sub`, core or enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    enterprise: bool,
    attribute: String,
    kind: Option<String>,
    sub: Option<String>,
}

/// The attributes that a column can fill: core ones, in RFC 7643's spelling.
const SIMPLE: [&str; 10] = [
    "userName",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "externalId",
];
const NAME: [&str; 6] = [
    "formatted",
    "familyName",
    "givenName",
    "middleName",
    "honorificPrefix",
    "honorificSuffix",
];
const ADDRESS: [&str; 6] = [
    "formatted",
    "streetAddress",
    "locality",
    "region",
    "postalCode",
    "country",
];
const ENTERPRISE_ATTRIBUTES: [&str; 5] = [
    "employeeNumber",
    "costCenter",
    "organization",
    "division",
    "department",
];
const KINDS: [&str; 6] = ["work", "home", "other", "mobile", "fax", "pager"];

impl Place {
    /// Reads `name.givenName`, `emails[type eq "work"].value`, `emails.work.value`, `emails.value` (of the work
    /// one), `phoneNumbers.work`, `department`, `enterprise.department` or `urn:…:User:department`, in any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (enterprise, path) = strip_schema(text);
        let path = path
            .replace("[type eq \"", ".")
            .replace("[type eq ", ".")
            .replace("\"]", "")
            .replace(']', "");
        let parts: Vec<&str> = path.split('.').map(str::trim).collect();
        if enterprise != Some(false)
            && let [attribute] = parts.as_slice()
            && let Some(attribute) = spelling(&ENTERPRISE_ATTRIBUTES, attribute)
        {
            return Some(Self {
                enterprise: true,
                ..Self::simple(attribute)
            });
        }
        if enterprise == Some(true) {
            return None;
        }
        let attribute = parts.first()?.to_ascii_lowercase();
        match (attribute.as_str(), &parts[1..]) {
            ("name", [sub]) => Some(Self {
                sub: Some(spelling(&NAME, sub)?.to_owned()),
                ..Self::simple("name")
            }),
            ("emails" | "phonenumbers", rest) => {
                let attribute = if attribute == "emails" {
                    "emails"
                } else {
                    "phoneNumbers"
                };
                let kind = match rest {
                    [] | ["value"] => "work",
                    [kind] | [kind, "value"] => spelling(&KINDS, kind)?,
                    _ => return None,
                };
                Some(Self::element(attribute, kind, "value"))
            }
            ("addresses", [sub]) => Some(Self::element("addresses", "work", spelling(&ADDRESS, sub)?)),
            ("addresses", [kind, sub]) => Some(Self::element(
                "addresses",
                spelling(&KINDS, kind)?,
                spelling(&ADDRESS, sub)?,
            )),
            (_, []) => spelling(&SIMPLE, &attribute).map(Self::simple),
            _ => None,
        }
    }

    fn simple(attribute: &str) -> Self {
        Self {
            enterprise: false,
            attribute: attribute.to_owned(),
            kind: None,
            sub: None,
        }
    }

    fn element(attribute: &str, kind: &str, sub: &str) -> Self {
        Self {
            kind: Some(kind.to_owned()),
            sub: Some(sub.to_owned()),
            ..Self::simple(attribute)
        }
    }

    pub(super) fn is_user_name(&self) -> bool {
        self.attribute == "userName"
    }

    pub(super) fn is_work_country(&self) -> bool {
        self.attribute == "addresses"
            && self.kind.as_deref() == Some("work")
            && self.sub.as_deref() == Some("country")
    }

    /// Writes a text there. The work address is the primary one among e-mails.
    pub(super) fn write(&self, person: &mut Object, text: &str) {
        let holder = if self.enterprise {
            child(person, ENTERPRISE)
        } else {
            Some(person)
        };
        let Some(holder) = holder else { return };
        let (Some(kind), Some(sub)) = (&self.kind, &self.sub) else {
            let target = match &self.sub {
                Some(_) => child(holder, &self.attribute),
                None => Some(holder),
            };
            let key = self.sub.as_ref().unwrap_or(&self.attribute);
            if let Some(target) = target {
                target.insert(key.clone(), text.into());
            }
            return;
        };
        let elements = holder.entry(self.attribute.as_str()).or_insert_with(|| json!([]));
        let Some(elements) = elements.as_array_mut() else {
            return;
        };
        if let Some(present) = elements
            .iter_mut()
            .find(|element| element["type"] == kind.as_str())
        {
            present[sub] = text.into();
            return;
        }
        let mut element = json!({ sub.as_str(): text, "type": kind });
        if self.attribute == "emails" && kind == "work" {
            element["primary"] = true.into();
        }
        elements.push(element);
    }
}

fn child<'o>(object: &'o mut Object, name: &str) -> Option<&'o mut Object> {
    object
        .entry(name)
        .or_insert_with(|| Value::Object(Object::new()))
        .as_object_mut()
}

fn spelling<'s>(names: &[&'s str], text: &str) -> Option<&'s str> {
    names.iter().find(|name| name.eq_ignore_ascii_case(text)).copied()
}

/// Which schema is named, if one is, and the path in it.
fn strip_schema(text: &str) -> (Option<bool>, &str) {
    for (prefix, enterprise) in [(ENTERPRISE, true), (CORE, false), ("enterprise", true)] {
        let rest = text
            .get(..prefix.len())
            .filter(|start| start.eq_ignore_ascii_case(prefix));
        if rest.is_some()
            && let Some(path) = text[prefix.len()..].strip_prefix([':', '.'])
        {
            return (Some(enterprise), path);
        }
    }
    (None, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &str) -> Option<Value> {
        let mut person = Object::new();
        Place::parse(path)?.write(&mut person, "x");
        Some(person.into())
    }

    #[test]
    fn paths_in_their_several_spellings() {
        let department = json!({ ENTERPRISE: { "department": "x" } });
        let work_mail = json!({ "emails": [{ "value": "x", "type": "work", "primary": true }] });
        for (path, value) in [
            ("userName", json!({ "userName": "x" })),
            ("USERNAME", json!({ "userName": "x" })),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:userName",
                json!({ "userName": "x" }),
            ),
            ("name.givenname", json!({ "name": { "givenName": "x" } })),
            ("emails[type eq \"work\"].value", work_mail.clone()),
            ("emails.work.value", work_mail.clone()),
            ("emails.value", work_mail),
            (
                "phoneNumbers.mobile",
                json!({ "phoneNumbers": [{ "value": "x", "type": "mobile" }] }),
            ),
            (
                "phonenumbers[type eq \"fax\"].value",
                json!({ "phoneNumbers": [{ "value": "x", "type": "fax" }] }),
            ),
            (
                "addresses.locality",
                json!({ "addresses": [{ "locality": "x", "type": "work" }] }),
            ),
            (
                "addresses[type eq \"home\"].country",
                json!({ "addresses": [{ "country": "x", "type": "home" }] }),
            ),
            ("department", department.clone()),
            ("enterprise.department", department.clone()),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                department,
            ),
        ] {
            assert_eq!(written(path), Some(value), "{path}");
        }
        for path in [
            "",
            "password",
            "name",
            "name.x",
            "emails.x.y.z",
            "emails.car.value",
            "urn:other:title",
            "meta.version",
        ] {
            assert_eq!(written(path), None, "{path}");
        }
    }

    #[test]
    fn elements_of_one_type_are_one() {
        let mut person = Object::new();
        for (path, text) in [("addresses.locality", "Bonn"), ("addresses.work.country", "DE")] {
            Place::parse(path).expect(path).write(&mut person, text);
        }
        assert_eq!(
            Value::from(person),
            json!({ "addresses": [{ "locality": "Bonn", "type": "work", "country": "DE" }] })
        );
    }
}

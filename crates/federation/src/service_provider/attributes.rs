//! From what an assertion says of a person to what stands in the directory.

use std::collections::BTreeMap;

use saml::message::Assertion;
use scim::patch::{Operation, PatchOptions, PatchRequest};
use scim::{Object, ResourceType};
use serde_json::{Value, json};

use super::settings::ProviderSettings;

/// Attributes of ours that can be had, where they are written, and what Webex calls them in assertions.
const ATTRIBUTES: [(&str, &str, &[&str]); 24] = [
    ("userName", "", &["uid"]),
    ("email", "", &["email", "mail"]),
    ("name.givenName", "name.givenName", &["firstname"]),
    ("name.familyName", "name.familyName", &["lastname"]),
    ("displayName", "displayName", &["Displayname", "displayName"]),
    ("title", "title", &["jobTitle"]),
    ("externalId", "externalId", &[]),
    ("employeeNumber", "E:employeeNumber", &["employeeid"]),
    ("department", "E:department", &[]),
    ("division", "E:division", &[]),
    ("organization", "E:organization", &["companyName"]),
    ("costCenter", "E:costCenter", &[]),
    ("preferredLanguage", "preferredLanguage", &[]),
    ("locale", "locale", &[]),
    ("timezone", "timezone", &["TimeZone"]),
    (
        "phoneNumbers.work",
        "phoneNumbers[type eq \"work\"].value",
        &["OPhoneCountry OPhoneArea OPhoneLocal OPhoneExt", "businessPhone"],
    ),
    (
        "phoneNumbers.mobile",
        "phoneNumbers[type eq \"mobile\"].value",
        &["mobilePhone"],
    ),
    (
        "phoneNumbers.fax",
        "phoneNumbers[type eq \"fax\"].value",
        &["FPhoneCountry FPhoneArea FPhoneLocal FPhoneExt", "businessFax"],
    ),
    (
        "addresses.streetAddress",
        "addresses[type eq \"work\"].streetAddress",
        &["Address1 Address2", "streetLine1 streetLine2"],
    ),
    (
        "addresses.locality",
        "addresses[type eq \"work\"].locality",
        &["city"],
    ),
    (
        "addresses.region",
        "addresses[type eq \"work\"].region",
        &["state"],
    ),
    (
        "addresses.postalCode",
        "addresses[type eq \"work\"].postalCode",
        &["zipcode"],
    ),
    (
        "addresses.country",
        "addresses[type eq \"work\"].country",
        &["AA", "ISOCountry", "country"],
    ),
    // The one group of somebody who is made.
    ("group", "", &["groupid"]),
];

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// By what somebody is found beside the name.
pub const LINKING: [&str; 2] = ["externalId", "employeeNumber"];

/// By what it is decided whether somebody is to be updated.
pub const UPDATE_TIME: &str = "updateTimeStamp";

/// The names of our attributes.
pub fn known() -> impl Iterator<Item = &'static str> {
    ATTRIBUTES.iter().map(|(name, _, _)| *name)
}

/// The same in a list.
pub fn names() -> Vec<&'static str> {
    known().collect()
}

pub fn is_known(attribute: &str) -> bool {
    known().any(|name| name == attribute)
}

/// What Webex calls each of them.
pub fn usual() -> BTreeMap<String, Vec<String>> {
    ATTRIBUTES
        .iter()
        .filter(|(_, _, names)| !names.is_empty())
        .map(|(attribute, _, names)| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            ((*attribute).to_owned(), names)
        })
        .collect()
}

/// What an assertion says of a person, by our names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said(BTreeMap<&'static str, String>);

impl Said {
    pub fn read(assertion: &Assertion, settings: &ProviderSettings) -> Self {
        let found = ATTRIBUTES.iter().filter_map(|(attribute, _, _)| {
            let names = settings.names_of(attribute);
            let value = names.iter().find_map(|name| value_of(assertion, name))?;
            Some((*attribute, value))
        });
        Self(found.collect())
    }

    pub fn get(&self, attribute: &str) -> Option<&str> {
        self.0.get(attribute).map(String::as_str)
    }

    /// Which of those without which nobody is made are missing.
    pub fn missing(&self) -> Vec<&'static str> {
        ["userName", "email", "name.givenName", "name.familyName"]
            .into_iter()
            .filter(|attribute| self.get(attribute).is_none())
            .collect()
    }

    /// Writes what was said over what is there. What was not said stays; so does the name by which somebody signs in.
    pub fn write(&self, user: &mut Object, kind: &ResourceType) -> Result<(), scim::Error> {
        let mut operations = Vec::new();
        for (attribute, place, _) in ATTRIBUTES {
            let Some(value) = self.get(attribute).filter(|_| !place.is_empty()) else {
                continue;
            };
            let path = match place.strip_prefix("E:") {
                Some(attribute) => format!("{ENTERPRISE}:{attribute}"),
                None => place.to_owned(),
            };
            operations.push(replace(&path, value)?);
        }
        if let Some(address) = self.get("email") {
            operations.push(self::address(user, address)?);
        }
        if operations.is_empty() {
            return Ok(());
        }
        let request = PatchRequest { operations };
        scim::patch::apply(user, &request, kind, PatchOptions::default()).map(drop)
    }
}

fn replace(path: &str, value: impl Into<Value>) -> Result<Operation, scim::Error> {
    let path = path
        .parse()
        .map_err(|error| scim::Error::invalid_path(format!("{path}: {error}")))?;
    Ok(Operation::replace(path, value))
}

/// Another address in place of the one that mail goes to.
fn address(user: &Object, wanted: &str) -> Result<Operation, scim::Error> {
    let emails = user.get("emails").and_then(Value::as_array);
    let mut emails = emails.cloned().unwrap_or_default();
    match directory::email_place(&emails) {
        Some(place) => emails[place]["value"] = wanted.into(),
        None => emails.push(json!({ "value": wanted, "type": "work", "primary": true })),
    }
    replace("emails", emails)
}

/// The value of an attribute; of several names with spaces between them those that are there, put together.
fn value_of(assertion: &Assertion, names: &str) -> Option<String> {
    let one = |name: &str| {
        let value = assertion.attribute(name)?.value()?.trim();
        (!value.is_empty()).then_some(value)
    };
    // A name may have spaces itself.
    if let Some(value) = one(names) {
        return Some(value.to_owned());
    }
    let parts: Vec<&str> = names.split_ascii_whitespace().filter_map(one).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A value that the assertion has under this very name.
pub fn plain<'a>(assertion: &'a Assertion, name: &str) -> Option<&'a str> {
    let value = assertion.attribute(name)?.value()?.trim();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use base::Timestamp;
    use saml::message::{Attribute, Conditions, Subject};
    use scim::ResourceTypes;
    use scim::resource::Mode;

    use super::*;

    fn assertion(attributes: &[(&str, &str)]) -> Assertion {
        Assertion {
            id: "_a".to_owned(),
            issued: Timestamp::default(),
            issuer: "idp".to_owned(),
            subject: Subject {
                name_id: None,
                confirmations: Vec::new(),
            },
            conditions: Conditions::default(),
            authn_statements: Vec::new(),
            attributes: attributes
                .iter()
                .map(|(name, value)| Attribute::basic(*name, [*value]))
                .collect(),
        }
    }

    /// What stands where, for every attribute of Webex's list that we have a place for.
    #[test]
    fn every_attribute_is_written_to_its_place() {
        let said = assertion(&[
            ("uid", "anna@example.com"),
            ("email", "anna.berg@example.com"),
            ("firstname", "Anna"),
            ("lastname", "Berg"),
            ("Displayname", "Anna B."),
            ("jobTitle", "Chemist"),
            ("employeeid", "E-7"),
            ("companyName", "Northwind"),
            ("TimeZone", "Europe/Berlin"),
            ("OPhoneCountry", "+49"),
            ("OPhoneArea", "30"),
            ("OPhoneLocal", "1234"),
            ("mobilePhone", "+49 170 1"),
            ("FPhoneLocal", "99"),
            ("Address1", "Street 1"),
            ("Address2", "Floor 2"),
            ("city", "Berlin"),
            ("state", "BE"),
            ("zipcode", "10115"),
            ("AA", "DE"),
            ("groupid", "Chemists"),
            ("colour", "red"),
            ("title", " "),
        ]);
        let said = Said::read(&said, &ProviderSettings::default());
        assert_eq!(said.get("userName"), Some("anna@example.com"));
        assert_eq!(said.get("group"), Some("Chemists"));
        let kind = &ResourceTypes::built_in().user;
        let body = json!({ "schemas": [kind.core_urn()], "userName": "anna@example.com" });
        let mut user = scim::resource::read(body, kind, Mode::Create).expect("a user");
        said.write(&mut user, kind).expect("written");
        let user = Value::Object(user);
        for (pointer, value) in [
            ("/userName", "anna@example.com"),
            ("/emails/0/value", "anna.berg@example.com"),
            ("/name/givenName", "Anna"),
            ("/name/familyName", "Berg"),
            ("/displayName", "Anna B."),
            ("/title", "Chemist"),
            ("/timezone", "Europe/Berlin"),
            ("/addresses/0/streetAddress", "Street 1 Floor 2"),
            ("/addresses/0/locality", "Berlin"),
            ("/addresses/0/region", "BE"),
            ("/addresses/0/postalCode", "10115"),
            ("/addresses/0/country", "DE"),
        ] {
            assert_eq!(user.pointer(pointer), Some(&json!(value)), "{pointer}: {user}");
        }
        assert_eq!(user[ENTERPRISE]["employeeNumber"], "E-7");
        assert_eq!(user[ENTERPRISE]["organization"], "Northwind");
        let phone = |kind: &str| {
            let phones = user["phoneNumbers"].as_array().expect("phones");
            let found = phones.iter().find(|phone| phone["type"] == kind);
            found.expect("a phone")["value"].clone()
        };
        assert_eq!(phone("work"), "+49 30 1234");
        assert_eq!(phone("mobile"), "+49 170 1");
        assert_eq!(phone("fax"), "99");
    }

    #[test]
    fn what_is_missing_is_named() {
        let said = assertion(&[("uid", "anna"), ("firstname", "Anna")]);
        let said = Said::read(&said, &ProviderSettings::default());
        assert_eq!(said.missing(), ["email", "name.familyName"]);
        assert_eq!(
            Said::default().missing(),
            ["userName", "email", "name.givenName", "name.familyName"]
        );
    }

    #[test]
    fn every_place_is_a_path_that_the_schema_knows() {
        let kind = &ResourceTypes::built_in().user;
        for (attribute, place, _) in ATTRIBUTES.iter().filter(|(_, place, _)| !place.is_empty()) {
            let said = Said(BTreeMap::from([(*attribute, "x".to_owned())]));
            let body = json!({ "schemas": [kind.core_urn()], "userName": "anna" });
            let mut user = scim::resource::read(body, kind, Mode::Create).expect("a user");
            let before = user.clone();
            if said.write(&mut user, kind).is_ok() {
                assert_ne!(before, user, "{place}");
            }
        }
    }
}

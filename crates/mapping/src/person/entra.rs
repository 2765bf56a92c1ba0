//! Entra ID's names of attributes, and where a SCIM User holds them.

use std::borrow::Cow;

use super::Person;
use crate::Value;

/// Where an attribute of Entra ID is found.
#[derive(Clone, Copy)]
pub(super) enum Attribute {
    /// At this SCIM path.
    At(&'static str),
    Id,
    IsSoftDeleted,
    AccountEnabled,
    Mail,
    MailNickname,
    OtherMails,
    ProxyAddresses,
}

use Attribute::{AccountEnabled, At, Id, IsSoftDeleted, Mail, MailNickname, OtherMails, ProxyAddresses};

/// Compared without regard to case and hyphens: some published tables break long names with them.
const NAMES: [(&str, Attribute); 35] = [
    ("userPrincipalName", At("userName")),
    ("objectId", Id),
    ("IsSoftDeleted", IsSoftDeleted),
    ("accountEnabled", AccountEnabled),
    ("mail", Mail),
    ("mailNickname", MailNickname),
    ("otherMails", OtherMails),
    ("proxyAddresses", ProxyAddresses),
    ("surname", At("name.familyName")),
    ("givenName", At("name.givenName")),
    ("middleName", At("name.middleName")),
    ("displayName", At("displayName")),
    ("jobTitle", At("title")),
    ("userType", At("userType")),
    ("preferredLanguage", At("preferredLanguage")),
    ("usageLocation", At(r#"addresses[type eq "work"].country"#)),
    ("country", At(r#"addresses[type eq "work"].country"#)),
    ("city", At(r#"addresses[type eq "work"].locality"#)),
    ("state", At(r#"addresses[type eq "work"].region"#)),
    ("streetAddress", At(r#"addresses[type eq "work"].streetAddress"#)),
    ("postalCode", At(r#"addresses[type eq "work"].postalCode"#)),
    (
        "physicalDeliveryOfficeName",
        At(r#"addresses[type eq "other"].formatted"#),
    ),
    ("officeLocation", At(r#"addresses[type eq "other"].formatted"#)),
    ("telephoneNumber", At(r#"phoneNumbers[type eq "work"].value"#)),
    ("mobile", At(r#"phoneNumbers[type eq "mobile"].value"#)),
    ("mobilePhone", At(r#"phoneNumbers[type eq "mobile"].value"#)),
    (
        "facsimileTelephoneNumber",
        At(r#"phoneNumbers[type eq "fax"].value"#),
    ),
    (
        "department",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    ),
    (
        "division",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"),
    ),
    (
        "costCenter",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"),
    ),
    (
        "companyName",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    ),
    (
        "employeeId",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ),
    (
        "employeeNumber",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ),
    (
        "manager",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
    ),
    ("alternateEmailAddress", OtherMails),
];

pub(super) fn find(name: &str) -> Option<Attribute> {
    let mut name = Cow::Borrowed(name.trim());
    if name.contains('-') {
        name = name.replace('-', "").into();
    }
    NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(&name))
        .map(|(_, attribute)| *attribute)
}

/// The paths that are read for them.
pub(super) fn places() -> impl Iterator<Item = &'static str> {
    let named = NAMES.iter().filter_map(|(_, attribute)| attribute.place());
    named.chain([PRIMARY_MAIL, "emails.value"])
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// Whether it is a name that Entra ID gives attributes which every organization fills with what it likes:
/// `extensionAttribute1` to `extensionAttribute15`, and directory extensions (`extension_APPID_NAME`).
pub(crate) fn is_of_extension(name: &str) -> bool {
    let rest = |prefix: &str| {
        let (start, rest) = name.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    if let Some(number) = rest("extensionAttribute") {
        return !number.starts_with('0') && matches!(number.parse(), Ok(1..=15_u8));
    }
    let named = rest("extension_").and_then(|rest| rest.split_once('_'));
    named.is_some_and(|(app, own)| {
        !own.is_empty() && !app.is_empty() && app.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

impl Attribute {
    /// The one place that it reads, or would be written to.
    pub(super) fn place(self) -> Option<&'static str> {
        match self {
            At(path) => Some(path),
            AccountEnabled => Some("active"),
            Mail => Some(WORK_MAIL),
            Id | IsSoftDeleted | MailNickname | OtherMails | ProxyAddresses => None,
        }
    }

    pub(super) fn read(self, person: &Person<'_>) -> Value {
        match self {
            At(path) => person.scim(path),
            Id => Value::text(person.id),
            IsSoftDeleted => Value::Boolean(person.is_soft_deleted),
            AccountEnabled => Value::Boolean(person.scim("active").as_boolean() != Some(false)),
            Mail => mail(person),
            MailNickname => nickname(person),
            OtherMails => other_mails(person),
            ProxyAddresses => proxy_addresses(person),
        }
    }
}

pub(super) const WORK_MAIL: &str = r#"emails[type eq "work"].value"#;
const PRIMARY_MAIL: &str = "emails[primary eq true].value";

/// The work address, else the primary one.
pub(super) fn mail(person: &Person<'_>) -> Value {
    let work = person.scim(WORK_MAIL);
    if work.is_empty() {
        return person.scim(PRIMARY_MAIL);
    }
    work
}

/// What stands before the @ of the address, or of the userName.
fn nickname(person: &Person<'_>) -> Value {
    let mail = mail(person);
    let text = mail.as_text().map(String::from).or_else(|| {
        let user_name = person.scim("userName");
        user_name.as_text().map(String::from)
    });
    let Some(text) = text else { return Value::Null };
    Value::text(text.split('@').next().unwrap_or_default())
}

pub(super) fn other_mails(person: &Person<'_>) -> Value {
    let Value::List(mut all) = person.scim("emails.value") else {
        return Value::Null;
    };
    let mail = mail(person);
    all.retain(|address| mail.as_text().is_none_or(|mail| mail != address.as_str()));
    if all.is_empty() {
        Value::Null
    } else {
        Value::List(all)
    }
}

/// All addresses as a mail server knows them: the one that answers are sent to has its protocol in capitals.
fn proxy_addresses(person: &Person<'_>) -> Value {
    let first = mail(person).as_text().map(|mail| format!("SMTP:{mail}"));
    let others = match other_mails(person) {
        Value::List(others) => others,
        _ => Vec::new(),
    };
    let others = others.iter().map(|other| format!("smtp:{}", other.as_str()));
    let all: Vec<_> = first.into_iter().chain(others).collect();
    if all.is_empty() {
        Value::Null
    } else {
        Value::List(all)
    }
}

//! Entra ID's names of attributes, and where a SCIM User holds them.

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
}

use Attribute::{AccountEnabled, At, Id, IsSoftDeleted, Mail, MailNickname, OtherMails};

/// In lower case, without the hyphens that some published tables break long names with.
const NAMES: [(&str, Attribute); 34] = [
    ("userprincipalname", At("userName")),
    ("objectid", Id),
    ("issoftdeleted", IsSoftDeleted),
    ("accountenabled", AccountEnabled),
    ("mail", Mail),
    ("mailnickname", MailNickname),
    ("othermails", OtherMails),
    ("surname", At("name.familyName")),
    ("givenname", At("name.givenName")),
    ("middlename", At("name.middleName")),
    ("displayname", At("displayName")),
    ("jobtitle", At("title")),
    ("usertype", At("userType")),
    ("preferredlanguage", At("preferredLanguage")),
    ("usagelocation", At(r#"addresses[type eq "work"].country"#)),
    ("country", At(r#"addresses[type eq "work"].country"#)),
    ("city", At(r#"addresses[type eq "work"].locality"#)),
    ("state", At(r#"addresses[type eq "work"].region"#)),
    ("streetaddress", At(r#"addresses[type eq "work"].streetAddress"#)),
    ("postalcode", At(r#"addresses[type eq "work"].postalCode"#)),
    (
        "physicaldeliveryofficename",
        At(r#"addresses[type eq "other"].formatted"#),
    ),
    ("officelocation", At(r#"addresses[type eq "other"].formatted"#)),
    ("telephonenumber", At(r#"phoneNumbers[type eq "work"].value"#)),
    ("mobile", At(r#"phoneNumbers[type eq "mobile"].value"#)),
    ("mobilephone", At(r#"phoneNumbers[type eq "mobile"].value"#)),
    (
        "facsimiletelephonenumber",
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
        "costcenter",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"),
    ),
    (
        "companyname",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    ),
    (
        "employeeid",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ),
    (
        "employeenumber",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ),
    (
        "manager",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
    ),
    ("alternateemailaddress", OtherMails),
];

pub(super) fn find(name: &str) -> Option<Attribute> {
    let name: String = name
        .trim()
        .chars()
        .filter(|c| *c != '-')
        .collect::<String>()
        .to_ascii_lowercase();
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, attribute)| *attribute)
}

impl Attribute {
    pub(super) fn read(self, person: &Person<'_>) -> Value {
        match self {
            At(path) => person.scim(path),
            Id => Value::text(person.id),
            IsSoftDeleted => Value::Boolean(person.is_soft_deleted),
            AccountEnabled => Value::Boolean(person.scim("active").as_boolean() != Some(false)),
            Mail => mail(person),
            MailNickname => nickname(person),
            OtherMails => other_mails(person),
        }
    }
}

/// The work address, else the primary one.
fn mail(person: &Person<'_>) -> Value {
    let work = person.scim(r#"emails[type eq "work"].value"#);
    if work.is_empty() {
        return person.scim("emails[primary eq true].value");
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

fn other_mails(person: &Person<'_>) -> Value {
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

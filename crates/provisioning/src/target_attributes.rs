//! The attributes that accounts at a target have: those of its schemas, and those that an admin has declared, as
//! Entra ID's list of target attributes takes them. What is on neither list cannot be mapped: a misspelt name would be
//! refused by the target, or lost there.

use scim::schema::{Attribute, Kind, ResourceType};
use serde::{Deserialize, Serialize};

use crate::account::{PathError, TargetPath};
use crate::settings::choices::Template;
use crate::settings::error::SettingsError;

/// Declared ones, at most.
const MOST: usize = 200;

/// An attribute that the target has beside those of its schemas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomAttribute {
    /// Its path: `urn:example:2.0:User:badge`, `shoeSize`, `phoneNumbers[type eq "car"].value`.
    pub name: String,
    #[serde(default, rename = "type")]
    pub kind: CustomKind,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multi_valued: bool,
}

/// What values a declared attribute takes (RFC 7643 §2.3). Of a complex one the sub-attributes are declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CustomKind {
    #[default]
    String,
    Boolean,
    Integer,
    Decimal,
    DateTime,
    Reference,
    Binary,
}

impl CustomKind {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::String => Kind::String,
            Self::Boolean => Kind::Boolean,
            Self::Integer => Kind::Integer,
            Self::Decimal => Kind::Decimal,
            Self::DateTime => Kind::DateTime,
            Self::Reference => Kind::Reference,
            Self::Binary => Kind::Binary,
        }
    }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetAttribute {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Kind,
    pub multi_valued: bool,
    pub required: bool,
    /// Whether an admin has declared it.
    pub custom: bool,
}

/// A row that writes to what the target does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mapping {row} ({target}): {message}")]
pub struct UnknownTarget {
    /// Counted from 1.
    pub row: usize,
    pub target: String,
    /// One sentence.
    pub message: String,
}

impl Template {
    /// The URNs of the schemas of its accounts; the first is the core one.
    pub(crate) fn schemas(self) -> &'static [&'static str] {
        const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
        const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        const WEBEX: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User";
        match self {
            Self::Webex => &[CORE, ENTERPRISE, WEBEX],
            Self::Scim | Self::Saml | Self::Bookmark => &[CORE, ENTERPRISE],
        }
    }
}

/// All attributes of the target: those of its schemas, then those that are declared.
pub(crate) fn list(template: Template, custom: &[CustomAttribute]) -> Vec<TargetAttribute> {
    let types = ResourceType::user();
    let mut all = Vec::new();
    for (index, urn) in template.schemas().iter().enumerate() {
        let Some(schema) = types.schema(urn) else { continue };
        let prefix = if index == 0 {
            String::new()
        } else {
            format!("{urn}:")
        };
        if index == 0
            && let Some(id) = ResourceType::common().attribute("externalId")
        {
            push(&mut all, &prefix, id);
        }
        for attribute in &schema.attributes {
            push(&mut all, &prefix, attribute);
        }
    }
    all.extend(custom.iter().map(|custom| TargetAttribute {
        name: custom.name.clone(),
        kind: custom.kind.kind(),
        multi_valued: custom.multi_valued,
        required: false,
        custom: true,
    }));
    all
}

/// An attribute as places that can be written to: of a complex one, its sub-attributes; of several elements, those of
/// the types that the schema names.
fn push(all: &mut Vec<TargetAttribute>, prefix: &str, attribute: &Attribute) {
    if attribute.is_read_only() || attribute.is_hidden() {
        return;
    }
    let mut line = |name: String, shape: &Attribute| {
        all.push(TargetAttribute {
            name,
            kind: shape.kind,
            multi_valued: shape.multi_valued,
            required: attribute.required && (shape.required || std::ptr::eq(shape, attribute)),
            custom: false,
        });
    };
    let name = format!("{prefix}{}", attribute.name);
    if !attribute.is_complex() {
        return line(name, attribute);
    }
    let types = attribute.sub_attribute("type").map(|sub| &sub.canonical_values);
    let writable = |sub: &&Attribute| !sub.is_read_only() && !sub.is_hidden();
    for sub in attribute.sub_attributes.iter().filter(writable) {
        match types {
            _ if !attribute.multi_valued => line(format!("{name}.{}", sub.name), sub),
            // What picks the element out.
            Some(_) if sub.name == "type" => {}
            Some(types) => {
                for one in types {
                    line(format!("{name}[type eq \"{one}\"].{}", sub.name), sub);
                }
            }
            None => {}
        }
    }
}

/// Why nothing can be written to this place of the target; nothing if it can.
fn refusal(path: &TargetPath, template: Template, custom: &[CustomAttribute]) -> Option<String> {
    if custom.iter().any(|custom| path.is(&custom.name)) {
        return None;
    }
    let Some(attribute) = find(path, template) else {
        return Some(unknown(path, template, custom));
    };
    if attribute.is_read_only() {
        return Some(format!(
            "{} is the target's own and cannot be written to",
            attribute.name
        ));
    }
    let parts = path.sub.iter().chain(path.element.iter().map(|(name, _)| name));
    let mut parts = parts.filter(|part| attribute.sub_attribute(part).is_none());
    parts.next().map(|_| unknown(path, template, custom))
}

fn find(path: &TargetPath, template: Template) -> Option<&'static Attribute> {
    let (schemas, types) = (template.schemas(), ResourceType::user());
    let core = schemas.first().copied().unwrap_or_default();
    let urn = path.schema.as_deref().unwrap_or(core);
    if !schemas.iter().any(|known| known.eq_ignore_ascii_case(urn)) {
        return None;
    }
    let found = types.schema(urn)?.attribute(&path.attribute);
    let is_core = urn.eq_ignore_ascii_case(core);
    found.or_else(|| {
        ResourceType::common()
            .attribute(&path.attribute)
            .filter(|_| is_core)
    })
}

fn unknown(path: &TargetPath, template: Template, custom: &[CustomAttribute]) -> String {
    let names = list(template, custom);
    let nearest = mapping::nearest(path.as_str(), names.iter().map(|known| known.name.as_str()));
    let hint = match nearest {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => "if it has one, declare it in the list of the target's attributes first".to_owned(),
    };
    format!("the target has no such attribute; {hint}")
}

/// Refuses the first place that the target does not have.
pub(crate) fn refuse_unknown_targets(
    paths: &[TargetPath],
    template: Template,
    custom: &[CustomAttribute],
) -> Result<(), UnknownTarget> {
    for (index, path) in paths.iter().enumerate() {
        if let Some(message) = refusal(path, template, custom) {
            return Err(UnknownTarget {
                row: index + 1,
                target: path.as_str().to_owned(),
                message,
            });
        }
    }
    Ok(())
}

/// Whether an attribute of that path can be declared: it is one, and not there already.
pub(crate) fn can_be_declared(template: Template, name: &str) -> bool {
    TargetPath::parse(name).is_ok_and(|path| refusal(&path, template, &[]).is_some())
}

/// Checks a list of declarations.
pub(crate) fn check(template: Template, custom: &[CustomAttribute]) -> Result<(), SettingsError> {
    let wrong = |message: String| SettingsError {
        setting: "custom_attributes",
        message,
    };
    if custom.len() > MOST {
        return Err(wrong(format!("at most {MOST} attributes can be declared")));
    }
    for (index, one) in custom.iter().enumerate() {
        let path = TargetPath::parse(&one.name).map_err(|PathError { path, message }| {
            wrong(format!("{path:?} is not an attribute's path: {message}"))
        })?;
        if refusal(&path, template, &[]).is_none() {
            return Err(wrong(format!("the target has {} already", one.name)));
        }
        if custom[..index].iter().any(|other| path.is(&other.name)) {
            return Err(wrong(format!("{} is declared twice", one.name)));
        }
    }
    Ok(())
}

//! What a service is told of somebody: the name, and the attributes.

use base::{AppId, OrgId, Timestamp, UserId};
use mapping::{Attributes as _, Expression, Needs, Source, Value};
use saml::message::{Attribute, AttributeValue, NameId, ValueType};
use store::users::User;
use store::{Tx, Write};

use super::around::{Subject, Surroundings};
use super::check::is_secret;
use super::settings::{AttributeSource, NameIdFormat, Saml, WhenEmpty};
use super::sign_in::Unanswerable;
use crate::{Error, Federation};

/// What a service is told of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub name_id: NameId,
    pub attributes: Vec<ShownAttribute>,
}

/// An attribute, and what was worked out for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownAttribute {
    pub name: String,
    pub name_format: &'static str,
    pub friendly_name: Option<String>,
    pub values: Vec<(String, ValueType)>,
    /// Whether it is left out for want of a value.
    pub left_out: bool,
    /// Whether its values are not to be shown.
    pub is_secret: bool,
}

impl Statement {
    /// Of each attribute that is told, in its order, whether its values are not to be shown.
    pub(super) fn secrets(&self) -> Vec<bool> {
        let told = self.attributes.iter().filter(|attribute| !attribute.left_out);
        told.map(|attribute| attribute.is_secret).collect()
    }

    /// As an assertion has them.
    pub(super) fn attributes(&self) -> Vec<Attribute> {
        let told = self.attributes.iter().filter(|attribute| !attribute.left_out);
        told.map(|attribute| Attribute {
            name: attribute.name.clone(),
            name_format: Some(attribute.name_format.to_owned()),
            friendly_name: attribute.friendly_name.clone(),
            values: attribute
                .values
                .iter()
                .map(|(text, value_type)| AttributeValue {
                    text: text.clone(),
                    value_type: Some(*value_type),
                })
                .collect(),
        })
        .collect()
    }
}

/// What becomes of a name that is to be made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    Make,
    /// One that lasts has to be there.
    Known,
    /// It stays empty.
    Show,
}

/// Who it is about, where, and when.
pub(super) struct About<'a> {
    pub(super) org: OrgId,
    pub(super) app: AppId,
    pub(super) user: &'a User,
    pub(super) now: Timestamp,
    pub(super) default_domain: &'a str,
    /// What we and the service are called.
    pub(super) issuer: &'a str,
}

impl Federation {
    /// Works out what a service is told of somebody, under a name of that format. `Err` within: why it cannot be told.
    pub(super) async fn statement(
        &self,
        about: &About<'_>,
        saml: &Saml,
        (format, naming): (NameIdFormat, Naming),
    ) -> Result<Result<Statement, Unanswerable>, Error> {
        let mut needs = Needs::default();
        for attribute in &saml.attributes {
            needs = needs.and(needs_of(&attribute.source));
        }
        let name_source = name_source(saml, format);
        if let Some(source) = &name_source {
            needs = needs.and(needs_of(source));
        }
        let whose = (about.org, about.app);
        let subject = Subject::read(&mut self.store.reader(), whose, about.user, needs).await?;
        let chance = self.keyring.fingerprinter("mapping.chance");
        let surroundings = Surroundings {
            now: about.now,
            chance: &chance,
            org: about.org,
            app: about.app,
            user: about.user.id,
            default_domain: about.default_domain,
        };
        let mut attributes = Vec::with_capacity(saml.attributes.len());
        for attribute in &saml.attributes {
            match told(&subject, &surroundings, attribute) {
                Ok(told) => attributes.push(told),
                Err(why) => return Ok(Err(why)),
            }
        }
        let value = match (&name_source, format) {
            (Some(source), _) => {
                let read = read(&subject, &surroundings, source, "NameID");
                match read.map(|value| value.as_text().map(std::borrow::Cow::into_owned)) {
                    Ok(Some(text)) if !text.trim().is_empty() => text,
                    Ok(_) => return Ok(Err(Unanswerable::NoName)),
                    Err(message) => return Ok(Err(Unanswerable::Name { message })),
                }
            }
            (None, NameIdFormat::Persistent) => {
                let whose = (about.app, about.user.id);
                match self.persistent_name(about.org, whose, naming).await? {
                    Some(name) => name,
                    None => return Ok(Err(Unanswerable::NoIdentifier)),
                }
            }
            (None, _) if naming == Naming::Show => String::new(),
            (None, _) => self.made_up_name(),
        };
        let is_ours_alone = matches!(format, NameIdFormat::Persistent | NameIdFormat::Transient);
        Ok(Ok(Statement {
            name_id: NameId {
                // SAML core §8.3.7, §8.3.8.
                name_qualifier: is_ours_alone.then(|| about.issuer.to_owned()),
                sp_name_qualifier: is_ours_alone.then(|| saml.entity_id.clone()),
                ..NameId::new(value, format.uri())
            },
            attributes,
        }))
    }

    async fn persistent_name(
        &self,
        org: OrgId,
        (app, user): (AppId, UserId),
        naming: Naming,
    ) -> Result<Option<String>, Error> {
        let known = store::sso_name_ids::of_user(&mut self.store.reader(), org, app, user).await?;
        match naming {
            _ if known.is_some() => Ok(known),
            Naming::Known => Ok(None),
            Naming::Show => Ok(Some(String::new())),
            Naming::Make => {
                let name = self.made_up_name();
                let write = GiveName { org, app, user, name };
                Ok(Some(self.store.write(write).await?))
            }
        }
    }

    /// 128 bits of chance (SAML core §8.3.7, §8.3.8 want as many).
    fn made_up_name(&self) -> String {
        format!("_{:032x}", u128::from_be_bytes(self.ambient().random()))
    }
}

/// Where a name of that format comes from: as is set for the format that is set, else as is usual.
fn name_source(saml: &Saml, format: NameIdFormat) -> Option<Source> {
    let set = saml.name_id.0.clone().filter(|_| format == saml.name_id_format);
    set.or_else(|| format.usual_source())
}

fn needs_of(source: &Source) -> Needs {
    match source {
        Source::Attribute(name) => Needs::of([name.as_str()]),
        Source::Expression(written) => match Expression::parse_as(written.language, &written.text) {
            Ok(expression) => Needs::of(expression.attributes()),
            Err(_) => Needs::default(),
        },
        Source::Constant(_) | Source::None => Needs::default(),
    }
}

fn read(
    subject: &Subject,
    surroundings: &Surroundings<'_>,
    source: &Source,
    place: &str,
) -> Result<Value, String> {
    match source {
        Source::Attribute(name) => Ok(subject.with(|person| person.get(name))),
        Source::Constant(text) => Ok(Value::text(text)),
        Source::None => Ok(Value::Null),
        Source::Expression(written) => {
            let expression =
                Expression::parse_as(written.language, &written.text).map_err(|error| error.to_string())?;
            let evaluated = subject.with(|person| expression.evaluate(person, surroundings, place));
            let evaluated = evaluated.map_err(|error| error.to_string())?;
            Ok(if evaluated.ignored {
                Value::Null
            } else {
                evaluated.value
            })
        }
    }
}

fn told(
    subject: &Subject,
    surroundings: &Surroundings<'_>,
    attribute: &AttributeSource,
) -> Result<ShownAttribute, Unanswerable> {
    let value = read(subject, surroundings, &attribute.source, &attribute.name).map_err(|message| {
        Unanswerable::Attribute {
            name: attribute.name.clone(),
            message,
        }
    })?;
    let value_type = match &value {
        Value::Boolean(_) => ValueType::Boolean,
        Value::Number(_) => ValueType::Integer,
        _ => ValueType::String,
    };
    let text = |item: std::borrow::Cow<'_, str>| match value_type {
        // As XML Schema writes it.
        ValueType::Boolean => item.to_ascii_lowercase(),
        _ => item.into_owned(),
    };
    let mut values: Vec<_> = value
        .items()
        .into_iter()
        .map(text)
        .filter(|text| !text.is_empty())
        .map(|text| (text, value_type))
        .collect();
    let is_empty = values.is_empty();
    match attribute.when_empty {
        WhenEmpty::Refuse if is_empty => {
            return Err(Unanswerable::Attribute {
                name: attribute.name.clone(),
                message: "it has no value, and is needed".to_owned(),
            });
        }
        WhenEmpty::Empty if is_empty => values.push((String::new(), ValueType::String)),
        WhenEmpty::Omit | WhenEmpty::Empty | WhenEmpty::Refuse => {}
    }
    let is_secret = is_secret(&attribute.source);
    Ok(ShownAttribute {
        name: attribute.name.clone(),
        name_format: attribute.name_format.uri(),
        friendly_name: attribute.friendly_name.clone(),
        left_out: values.is_empty(),
        values,
        is_secret,
    })
}

struct GiveName {
    org: OrgId,
    app: AppId,
    user: UserId,
    name: String,
}

impl Write for GiveName {
    type Out = String;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<String, store::Error> {
        store::sso_name_ids::give(tx, self.org, (self.app, self.user), &self.name).await
    }
}

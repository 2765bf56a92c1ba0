//! Whether the attributes that a table reads are there. A misspelt name would be empty for everybody, so a table that
//! has one is refused when it is saved.

use crate::expression::Expression;
use crate::person::is_of_extension;
use crate::scim_path::ScimPath;
use crate::scope::{Clause, FilterError, ScopingFilter};
use crate::{MappingSet, Person, Source, Written, likeness};

/// What the User schemas of an organization have.
pub trait UserSchema {
    /// Whether there is such a place in a User; no schema means the core one.
    fn has(&self, schema: Option<&str>, attribute: &str, sub: Option<&str>) -> bool;

    /// Paths of attributes, for suggestions.
    fn names(&self) -> Vec<String>;
}

/// A row that reads an attribute which nobody can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mapping {row} ({target}): {message}", message = self.message())]
pub struct UnknownSource {
    /// Counted from 1.
    pub row: usize,
    /// The row's target attribute, as written.
    pub target: String,
    /// The attribute that is not there.
    pub name: String,
    /// Where in the row's expression, as a 0-based character position.
    pub position: Option<usize>,
    /// What may have been meant.
    pub nearest: Option<String>,
}

impl UnknownSource {
    fn message(&self) -> String {
        let place = match self.position {
            Some(position) => format!("at character {position}: "),
            None => String::new(),
        };
        format!("{place}{}", sentence(&self.name, self.nearest.as_deref()))
    }
}

fn sentence(name: &str, nearest: Option<&str>) -> String {
    let hint = match nearest {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => "an attribute of this organization's own needs a schema of its own".to_owned(),
    };
    format!("people have no attribute {name:?}; {hint}")
}

impl ScopingFilter {
    /// Refuses the first clause that asks for an attribute which nobody can have.
    pub fn refuse_unknown_attributes(&self, schema: &dyn UserSchema) -> Result<(), FilterError> {
        for (group, clauses) in self.groups.iter().enumerate() {
            for (clause, Clause { attribute, .. }) in clauses.clauses.iter().enumerate() {
                if !is_known(attribute, schema) {
                    return Err(FilterError {
                        group: group + 1,
                        clause: clause + 1,
                        message: sentence(attribute, nearest(attribute, schema).as_deref()),
                    });
                }
            }
        }
        Ok(())
    }
}

impl MappingSet {
    /// Refuses the first row that reads an attribute which nobody can have.
    pub fn refuse_unknown_sources(&self, schema: &dyn UserSchema) -> Result<(), UnknownSource> {
        for (index, (row, expression)) in self.rows().zip(self.expressions()).enumerate() {
            let Some(name) = unknown(&row.source, expression, schema) else {
                continue;
            };
            let position = match &row.source {
                Source::Expression(Written { text, .. }) => position(text, &name),
                _ => None,
            };
            return Err(UnknownSource {
                row: index + 1,
                target: row.target.clone(),
                position,
                nearest: nearest(&name, schema),
                name,
            });
        }
        Ok(())
    }
}

impl Source {
    /// What is wrong with it if it reads an attribute which nobody can have.
    pub fn refuse_unknown(&self, schema: &dyn UserSchema) -> Result<(), String> {
        let expression = match self {
            // One that cannot be read says so elsewhere.
            Self::Expression(written) => Expression::parse_as(written.language, &written.text).ok(),
            _ => None,
        };
        match unknown(self, expression.as_ref(), schema) {
            None => Ok(()),
            Some(name) => Err(sentence(&name, nearest(&name, schema).as_deref())),
        }
    }
}

fn unknown(source: &Source, expression: Option<&Expression>, schema: &dyn UserSchema) -> Option<String> {
    let names = match (source, expression) {
        (Source::Attribute(name), _) => vec![name.as_str()],
        (_, Some(expression)) => expression.attributes(),
        _ => Vec::new(),
    };
    let unknown = names.into_iter().find(|name| !is_known(name, schema));
    unknown.map(str::to_owned)
}

fn is_known(name: &str, schema: &dyn UserSchema) -> bool {
    if Person::knows(name) {
        return true;
    }
    if is_of_extension(own(name)) {
        let ending = format!(":{}", own(name));
        let is = |path: &String| {
            let start = path.len().checked_sub(ending.len());
            start
                .and_then(|start| path.get(start..))
                .is_some_and(|end| end.eq_ignore_ascii_case(&ending))
        };
        return schema.names().iter().any(is);
    }
    ScimPath::parse(own(name)).is_ok_and(|path| {
        let (schema_urn, attribute, sub) = path.parts();
        schema.has(schema_urn, attribute, sub)
    })
}

/// Without what stands in front of attributes of the manager and of Okta's.
fn own(name: &str) -> &str {
    let name = name.trim();
    let name = strip(name, "manager:").unwrap_or(name);
    strip(name, "user.").unwrap_or(name)
}

fn strip<'n>(name: &'n str, prefix: &str) -> Option<&'n str> {
    let (start, rest) = name.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Where it stands in an expression, in characters.
fn position(text: &str, name: &str) -> Option<usize> {
    let at = text.find(name).or_else(|| text.find(own(name)))?;
    Some(text[..at].chars().count())
}

fn nearest(name: &str, schema: &dyn UserSchema) -> Option<String> {
    let (vendors, paths) = (Person::names(), schema.names());
    let all = vendors.iter().chain(&paths).map(String::as_str);
    likeness::nearest(name, all).map(str::to_owned)
}

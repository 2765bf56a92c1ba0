//! How it came to what was done for one person: what was read, whether they are in scope, which account is theirs, what
//! each mapping gave.

use base::Message;
use mapping::{Attributes as _, Mapped, Source as Origin};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::REDACTED;
use crate::engine::{Config, Source};
use crate::plan::{Action, Plan, Scope};

/// The steps before the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The person as the directory had them; `None`: removed for good.
    pub source: Option<SourceRead>,
    pub in_scope: bool,
    /// Why they are in scope or not.
    pub scope: Message,
    #[serde(rename = "match")]
    pub found: Found,
    /// In the order of the table; empty where a mapping failed.
    pub mappings: Vec<MappedValue>,
}

/// What was read of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceRead {
    pub version: i64,
    pub active: bool,
    /// Those that the mappings read, by the names that the mappings use; without those that must not be shown.
    pub attributes: Map<String, Value>,
}

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The link said so.
    Linked,
    /// A search by the matching attributes found it.
    Found,
    /// The search found none.
    Absent,
    /// It could not be told.
    Unknown,
}

impl Found {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Found => "found",
            Self::Absent => "absent",
            Self::Unknown => "unknown",
        }
    }
}

/// What one mapping gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MappedValue {
    pub target: String,
    /// As the table has it: `[jobTitle]`, `"constant"`, an expression; nothing where it comes from nowhere.
    pub source: String,
    /// `[Redact]` where it must not be shown.
    pub value: Value,
}

impl Explanation {
    /// `linked`: whether there was a link when the work began.
    pub(crate) fn of(config: &Config, source: &Source, plan: Option<&Plan>, linked: Found) -> Self {
        let (in_scope, scope) = match &source.scope {
            Scope::In(reason) => (true, reason.clone()),
            Scope::Out(reason) => (false, reason.clone()),
        };
        let action = plan.map(|plan| plan.action);
        let (read, mappings) = source.seen(|person| {
            let read = source.present.as_ref().map(|present| SourceRead {
                version: present.version,
                active: present.active,
                attributes: attributes(config, person),
            });
            (read, mapped(config, source, person, action))
        });
        Self {
            source: read,
            in_scope,
            scope,
            found: match action {
                Some(Action::Create) => Found::Absent,
                Some(Action::Link) => Found::Found,
                _ => linked,
            },
            mappings,
        }
    }
}

/// What the mappings read of a person, save what a mapping with `Redact` reads.
fn attributes(config: &Config, person: &mapping::Person<'_>) -> Map<String, Value> {
    let names = config.mappings.shown().iter();
    names
        .map(|name| (name.clone(), person.get(name).to_json()))
        .collect()
}

fn mapped(
    config: &Config,
    source: &Source,
    person: &mapping::Person<'_>,
    action: Option<Action>,
) -> Vec<MappedValue> {
    let set = config.mappings.set();
    let Ok(values) = source.worked_out(config, person) else {
        return Vec::new();
    };
    let one = |(row, mapped): (&mapping::AttributeMapping, &Mapped)| MappedValue {
        target: row.target.clone(),
        source: match &row.source {
            Origin::Attribute(name) => format!("[{name}]"),
            Origin::Constant(text) => format!("{text:?}"),
            Origin::Expression(written) => written.text.clone(),
            Origin::None => String::new(),
        },
        value: match action {
            _ if mapped.is_secret => REDACTED.into(),
            Some(Action::Create) => mapped.value_on_create().to_json(),
            _ => mapped.value_on_update().to_json(),
        },
    };
    set.rows().zip(values).map(one).collect()
}

//! What would become of one person's account, attribute by attribute: which mapping it comes from, what that reads, what
//! it gives, and what would be sent or why nothing is. As in the plan, the target is asked what it must be asked, and
//! nothing is written.

use base::{AppId, Message, OrgId, UserId};
use mapping::{Apply, AttributeMapping, Flow, Source as Origin, WhenEmpty};
use scim::ResourceTypes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Subject;
use crate::account::{REDACTED, TargetPath, same};
use crate::desired::Want;
use crate::engine::{Config, Gate};
use crate::error::Error;
use crate::explanation::{Explanation, Found};
use crate::plan::{Action, Plan};
use crate::preview::{Planned, PlannedRequest};
use crate::proposal::Proposal;
use crate::provisioning::Provisioning;
use crate::status::SubjectRef;

/// What would happen to one person's account now.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonPreview {
    pub subject: SubjectRef,
    /// `None`: it cannot be told; `reason` says why.
    pub action: Option<Action>,
    pub reason: Message,
    /// The account, if there is one.
    pub remote_id: Option<String>,
    pub explanation: Explanation,
    /// In the order of the table.
    pub attributes: Vec<AttributePreview>,
    pub request: Option<PlannedRequest>,
}

/// What becomes of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributePreview {
    /// The mapping's number in the table, counted from 1.
    pub row: usize,
    pub mapping: AttributeMapping,
    /// What the mapping reads of the person, by name.
    pub sources: Map<String, Value>,
    /// What the mapping gives; `[Redact]` where it must not be shown.
    pub value: Value,
    /// What the account has there, as far as is known.
    pub held: Value,
    pub sending: Sending,
}

/// What would be sent of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Sending {
    /// This value; null takes it away.
    Sent(Value),
    /// Nothing, and why.
    Kept(Message),
}

impl Provisioning {
    /// What would become of this person's account.
    pub async fn preview_person(&self, org: OrgId, id: AppId, user: UserId) -> Result<PersonPreview, Error> {
        self.preview_subject(org, id, Subject::User(user)).await
    }

    /// What would become of this person's account, or of this group.
    pub async fn preview_subject(
        &self,
        org: OrgId,
        id: AppId,
        subject: Subject,
    ) -> Result<PersonPreview, Error> {
        let nothing = (&Proposal::Nothing, &**ResourceTypes::built_in());
        self.preview_supposing(org, id, subject, nothing).await
    }

    /// The same, if that were so. `types` are the organization's.
    pub async fn preview_supposing(
        &self,
        org: OrgId,
        id: AppId,
        subject: Subject,
        (proposal, types): (&Proposal, &ResourceTypes),
    ) -> Result<PersonPreview, Error> {
        let config = self.supposed(org, id, (proposal, types)).await?;
        let (kind, subject) = subject.parts();
        let config = config.of(kind);
        let planned = self.plan_for(config, &Gate::new(1, None, None), subject).await?;
        let mut preview = preview(config, &planned);
        if config.members && planned.source.present.is_some() {
            let group = subject.as_group();
            let count = store::members::count(&mut self.reader(), org, group, None).await?;
            let row = preview.attributes.len() + 1;
            preview.attributes.push(members(&planned, row, count));
        }
        Ok(preview)
    }
}

pub(crate) fn preview(config: &Config, planned: &Planned) -> PersonPreview {
    let Planned { source, link, plan } = planned;
    let linked = match link {
        Some(_) => Found::Linked,
        None => Found::Unknown,
    };
    let explanation = Explanation::of(config, source, plan.as_ref().ok(), linked);
    PersonPreview {
        subject: SubjectRef {
            kind: source.kind,
            id: source.subject,
            name: source.name.clone(),
        },
        action: plan.as_ref().ok().map(|plan| plan.action),
        reason: match plan {
            Ok(plan) => plan.reason.clone(),
            Err(reason) => reason.clone(),
        },
        remote_id: planned.target().map(str::to_owned),
        attributes: attributes(config, planned, &explanation),
        explanation,
        request: plan.as_ref().ok().and_then(PlannedRequest::of),
    }
}

fn attributes(config: &Config, planned: &Planned, explanation: &Explanation) -> Vec<AttributePreview> {
    let Planned { source, plan, .. } = planned;
    let wants = source.wants(config);
    let set = config.mappings.set();
    let rows = set.rows().zip(set.expressions()).zip(config.mappings.paths());
    rows.enumerate()
        .map(|(index, ((mapping, expression), path))| {
            let value = explanation.mappings.get(index).map(|mapped| mapped.value.clone());
            let want = wants.as_ref().ok().and_then(|wants| wants.get(index));
            let names = match (&mapping.source, expression) {
                (Origin::Attribute(name), _) => vec![name.as_str()],
                (_, Some(expression)) => expression.attributes(),
                _ => Vec::new(),
            };
            AttributePreview {
                row: index + 1,
                mapping: mapping.clone(),
                sources: sources(explanation, &names),
                value: value.unwrap_or_default(),
                held: shown(config, path, held(planned, path)),
                sending: match (plan, want) {
                    (Err(reason), _) => Sending::Kept(reason.clone()),
                    (Ok(plan), None) => Sending::Kept(plan.reason.clone()),
                    (Ok(plan), Some(want)) => sending(config, planned, plan, want),
                },
            }
        })
        .collect()
}

/// What becomes of a group's members, of whom there are so many.
fn members(planned: &Planned, row: usize, count: u64) -> AttributePreview {
    let mapping = AttributeMapping::direct("members", "members");
    let sending = match &planned.plan {
        Err(reason) => Sending::Kept(reason.clone()),
        Ok(plan) => match plan
            .changes
            .iter()
            .find(|change| change.attribute == mapping.target)
        {
            // Who goes, and who comes.
            Some(change) => Sending::Sent(json!({ "remove": change.old, "add": change.new })),
            None if matches!(plan.action, Action::Skip | Action::Delete) => {
                Sending::Kept(plan.reason.clone())
            }
            None if plan.action == Action::Create => Sending::Kept(Message::new("preview.members_after")),
            None => Sending::Kept(Message::new("preview.same")),
        },
    };
    AttributePreview {
        row,
        mapping,
        sources: Map::from_iter([("members".to_owned(), json!(count))]),
        value: json!(format!("{count} members")),
        held: Value::Null,
        sending,
    }
}

fn sources(explanation: &Explanation, names: &[&str]) -> Map<String, Value> {
    let Some(read) = &explanation.source else {
        return Map::new();
    };
    let value = |name: &str| {
        let found = read
            .attributes
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or_else(|| Value::from(REDACTED), |(_, value)| value.clone())
    };
    names
        .iter()
        .map(|name| ((*name).to_owned(), value(name)))
        .collect()
}

/// What the account is known to have at a place before anything is sent.
fn held<'a>(planned: &'a Planned, path: &TargetPath) -> Option<&'a Value> {
    if let Some(link) = &planned.link {
        return link.known.get(path);
    }
    let plan = planned.plan.as_ref().ok()?;
    if plan.action == Action::Create {
        return None;
    }
    match plan
        .changes
        .iter()
        .find(|change| change.attribute == path.as_str())
    {
        Some(change) => change.old.as_ref(),
        None => plan.known.get(path),
    }
}

fn shown(config: &Config, path: &TargetPath, value: Option<&Value>) -> Value {
    match value {
        Some(_) if config.mappings.secrets().contains(path) => REDACTED.into(),
        Some(value) => value.clone(),
        None => Value::Null,
    }
}

fn sending(config: &Config, planned: &Planned, plan: &Plan, want: &Want<'_>) -> Sending {
    if let Some(name) = &want.waits_for {
        return Sending::Kept(Message::new("preview.waits").with("name", name));
    }
    let change = plan
        .changes
        .iter()
        .find(|change| change.attribute == want.path.as_str());
    if let Some(change) = change {
        return Sending::Sent(change.new.clone().unwrap_or_default());
    }
    Sending::Kept(why_kept(config, planned, plan, want))
}

fn why_kept(config: &Config, planned: &Planned, plan: &Plan, want: &Want<'_>) -> Message {
    let say = Message::new;
    if matches!(plan.action, Action::Skip | Action::Delete) {
        return plan.reason.clone();
    }
    if want.flow == Flow::Ignore {
        return say("preview.ignored");
    }
    if plan.action == Action::Create {
        return say("preview.no_value");
    }
    let is_active = config.mappings.active() == Some(want.path);
    if !is_active && planned.source.is_to_go() {
        return say("preview.out_of_scope");
    }
    let held = held(planned, want.path);
    if want.apply == Apply::OnlyOnCreate {
        return say("preview.only_on_create");
    }
    match (&want.value, want.flow) {
        (_, Flow::FillIn) if held.is_some() => say("preview.filled"),
        (None, Flow::FillIn) => say("preview.no_value"),
        (None, _) if want.when_empty == WhenEmpty::Leave => say("preview.left"),
        (wanted, _) if same(want.path, held, wanted.as_ref()) => say("preview.same"),
        _ => say("preview.switched_off"),
    }
}

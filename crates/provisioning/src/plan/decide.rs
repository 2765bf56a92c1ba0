//! The decision: which action, and why.
//!
//! | account | person | then |
//! |---|---|---|
//! | none | in scope, active | create |
//! | none | otherwise | nothing |
//! | found by the matching attributes | in scope, active | link, and update what differs |
//! | linked | in scope, active | enable and update what differs |
//! | linked | in scope, deactivated | disable and update what differs |
//! | linked | out of scope | disable, the rest is left as it is |
//! | linked | removed for good | delete if that is switched on, else disable |
//!
//! A group has no state: one that is out of scope stays or is deleted, as is set, and one that is removed for good is
//! deleted if that is switched on.

use base::Message;
use mapping::Around;
use scim::Object;
use serde_json::Value;
use store::assignments::SubjectKind;

use super::difference::{AttributeChange, Difference, difference};
use super::document::document;
use super::input::{Account, Candidates, Input, Leaving, Person, Refusal, Scope, Writing};
use super::operation::operations;
use super::replacement::replacement;
use super::{Action, Plan, Request};
use crate::account::{Known, REDACTED, Secrets, TargetPath};
use crate::desired::Want;

/// Decides. The same input gives the same plan.
pub fn plan(input: &Input<'_>) -> Result<Plan, Refusal> {
    let (target, known) = match input.account {
        Account::Linked { target, known } => return linked(input, target, known),
        Account::Unlinked | Account::Absent => (None, Known::default()),
        Account::Found { target, known } => (Some(target), known.clone()),
    };
    if let Some(reason) = no_account_wanted(input) {
        return Ok(nothing(input, Action::Skip, reason, None, Known::default()));
    }
    let wants = desired(input, SignIn::Allowed)?;
    match (input.account, target) {
        (_, Some(target)) => link(input, target, &known, &wants),
        (Account::Absent, None) => create(input, wants),
        _ => look_up(&wants),
    }
}

/// What the mappings are told of `IsSoftDeleted`.
#[derive(Clone, Copy)]
enum SignIn {
    Allowed,
    Denied,
}

fn desired<'a>(input: &Input<'a>, sign_in: SignIn) -> Result<Vec<Want<'a>>, Refusal> {
    let nothing = Object::new();
    let (resource, id, around) = match input.person {
        Person::Present {
            resource, id, around, ..
        } => (resource, id, around),
        Person::Gone { id } => (&nothing, id, Around::default()),
    };
    let person = mapping::Person {
        resource,
        id,
        is_soft_deleted: matches!(sign_in, SignIn::Denied),
        around,
    };
    let wants = input.worked.wants(input.mappings, &person, input.ambient);
    let mut wants = wants.map_err(Refusal::Failed)?;
    if let Person::Present { references, .. } = input.person {
        references.resolve(&mut wants);
    }
    Ok(wants)
}

fn no_account_wanted(input: &Input<'_>) -> Option<Message> {
    match (input.person, input.scope) {
        (Person::Gone { .. }, _) => Some(Message::new("plan.gone_without_account")),
        (_, Scope::Out(why)) => Some(why.clone()),
        (Person::Present { active: false, .. }, _) => Some(Message::new("plan.inactive_without_account")),
        _ => None,
    }
}

fn look_up(wants: &[Want<'_>]) -> Result<Plan, Refusal> {
    let keys: Vec<_> = crate::desired::matching(wants)
        .into_iter()
        .map(|(path, value)| (path.clone(), value.clone()))
        .collect();
    if keys.is_empty() {
        return Err(Refusal::Failed(Message::new("match.no_value")));
    }
    Err(Refusal::LookUp(keys))
}

fn create(input: &Input<'_>, mut wants: Vec<Want<'_>>) -> Result<Plan, Refusal> {
    if !input.switches.create {
        let reason = Message::new("plan.create_off");
        return Ok(nothing(input, Action::Skip, reason, None, Known::default()));
    }
    for want in wants.iter_mut().filter(|want| !want.candidates.is_empty()) {
        let Some(chosen) = input.choices.get(want.path.as_str()) else {
            return Err(Refusal::Choose(Box::new(Candidates {
                path: want.path.clone(),
                values: std::mem::take(&mut want.candidates),
            })));
        };
        want.on_create = Some(chosen.clone());
    }
    let (body, known) = document(input.kind, &wants);
    let changes = wants
        .iter()
        .filter(|want| want.on_create.is_some())
        .map(|want| Difference {
            path: want.path,
            old: None,
            new: want.on_create.clone(),
        });
    Ok(Plan {
        kind: input.kind,
        action: Action::Create,
        reason: why(input),
        changes: changes
            .map(|change| shown(input, &change))
            .chain(waiting(&wants))
            .collect(),
        request: Some(Request::Create { body }),
        target: None,
        known,
        changes_members: false,
        secrets: input.mappings.secrets().clone(),
    })
}

/// A change as it is shown: without values that must not be.
fn shown(input: &Input<'_>, difference: &Difference<'_>) -> AttributeChange {
    let mut change = AttributeChange::from(difference);
    let is_active = input.mappings.active() == Some(difference.path);
    if !is_active && input.mappings.secrets().contains(difference.path) {
        for value in [&mut change.old, &mut change.new].into_iter().flatten() {
            *value = Value::from(REDACTED);
        }
    }
    change
}

fn link(input: &Input<'_>, target: &str, known: &Known, wants: &[Want<'_>]) -> Result<Plan, Refusal> {
    let differences = permitted(input, difference(known, wants));
    let mut plan = change(Action::Link, why(input), input, target, known, &differences)?;
    plan.changes.extend(waiting(wants));
    Ok(plan)
}

fn linked(input: &Input<'_>, target: &str, known: &Known) -> Result<Plan, Refusal> {
    let (reason, sign_in, everything) = match (input.person, input.scope) {
        (Person::Gone { .. }, _) if input.switches.delete => {
            return Ok(delete(input, why_gone(input), target, known));
        }
        (Person::Gone { .. }, _) if input.kind == SubjectKind::Group => {
            let reason = Message::new("plan.group_left");
            return Ok(nothing(input, Action::Skip, reason, Some(target), known.clone()));
        }
        (_, Scope::Out(why)) if input.leaving == Leaving::Delete && input.switches.delete => {
            return Ok(delete(input, why.clone(), target, known));
        }
        (_, Scope::Out(why)) if input.leaving != Leaving::Disable => {
            return Ok(nothing(
                input,
                Action::Skip,
                why.clone(),
                Some(target),
                known.clone(),
            ));
        }
        (Person::Gone { .. }, _) => (why_gone(input), SignIn::Denied, false),
        (Person::Present { .. }, Scope::Out(why)) => (why.clone(), SignIn::Denied, false),
        (Person::Present { active: false, .. }, Scope::In(_)) => {
            (Message::new("plan.deactivated"), SignIn::Denied, true)
        }
        (Person::Present { active: true, .. }, Scope::In(why)) => (why.clone(), SignIn::Allowed, true),
    };
    let active = input.mappings.active();
    let wants = match desired(input, sign_in) {
        Ok(wants) => wants,
        // Whoever must go is not kept by a mapping that cannot be worked out.
        Err(_) if !everything => active.map(denied).into_iter().collect(),
        Err(refusal) => return Err(refusal),
    };
    let mut differences = difference(known, &wants);
    if !everything {
        differences.retain(|difference| Some(difference.path) == active);
    }
    let wanted = differences.len();
    let differences = permitted(input, differences);
    if differences.is_empty() {
        if wanted > 0 {
            let reason = Message::new("plan.switched_off");
            return Ok(nothing(input, Action::Skip, reason, Some(target), known.clone()));
        }
        if active.is_none() && matches!(sign_in, SignIn::Denied) {
            let reason = Message::new("plan.no_active_mapping");
            return Ok(nothing(input, Action::Skip, reason, Some(target), known.clone()));
        }
    }
    let switched = differences
        .iter()
        .find(|difference| Some(difference.path) == active);
    let action = match (switched, sign_in) {
        (Some(_), SignIn::Denied) => Action::Disable,
        (Some(difference), SignIn::Allowed) if difference.new == Some(Value::Bool(false)) => Action::Disable,
        (Some(difference), SignIn::Allowed) if difference.old == Some(Value::Bool(false)) => Action::Enable,
        _ if differences.is_empty() => Action::Unchanged,
        _ => Action::Update,
    };
    let mut plan = change(action, reason, input, target, known, &differences)?;
    if everything && input.switches.update && input.members.differ() {
        input.members.add_to(&mut plan, input.writing, target)?;
    }
    if everything && plan.request.is_some() {
        plan.changes.extend(waiting(&wants));
    }
    Ok(plan)
}

/// What is not sent yet, as somebody has no account.
fn waiting(wants: &[Want<'_>]) -> impl Iterator<Item = AttributeChange> {
    wants.iter().filter_map(|want| {
        Some(AttributeChange {
            attribute: want.path.as_str().to_owned(),
            old: None,
            new: None,
            waits_for: Some(want.waits_for.clone()?),
        })
    })
}

fn delete(input: &Input<'_>, reason: Message, target: &str, known: &Known) -> Plan {
    Plan {
        kind: input.kind,
        action: Action::Delete,
        reason,
        changes: Vec::new(),
        request: Some(Request::Delete {
            target: target.to_owned(),
        }),
        target: Some(target.to_owned()),
        known: known.clone(),
        changes_members: false,
        secrets: Secrets::default(),
    }
}

fn denied(active: &TargetPath) -> Want<'_> {
    Want {
        path: active,
        value: Some(Value::Bool(false)),
        on_create: None,
        candidates: Vec::new(),
        when_empty: mapping::WhenEmpty::Leave,
        apply: mapping::Apply::Always,
        flow: mapping::Flow::Replace,
        matching: None,
        waits_for: None,
    }
}

/// Without what the switches forbid: `deactivate` covers signing in, `update` everything else.
fn permitted<'a>(input: &Input<'_>, mut differences: Vec<Difference<'a>>) -> Vec<Difference<'a>> {
    let active = input.mappings.active();
    differences.retain(|difference| {
        if Some(difference.path) == active {
            input.switches.deactivate
        } else {
            input.switches.update
        }
    });
    differences
}

fn change(
    action: Action,
    reason: Message,
    input: &Input<'_>,
    target: &str,
    known: &Known,
    differences: &[Difference<'_>],
) -> Result<Plan, Refusal> {
    let (request, after) = match input.writing {
        _ if differences.is_empty() => (None, known.clone()),
        Writing::Patch(missing) => {
            let (operations, after) = operations(known, differences, input.mappings.paths(), missing);
            let target = target.to_owned();
            (Some(Request::Patch { target, operations }), after)
        }
        Writing::Put { whole: None, .. } => return Err(Refusal::ReadWhole(target.to_owned())),
        Writing::Put {
            whole: Some(whole),
            read_only,
        } => {
            let body = replacement(&whole.resource, differences, read_only);
            let after = Known::read(&body, input.mappings.paths());
            let put = Request::Put {
                target: target.to_owned(),
                body,
                version: whole.version.clone(),
            };
            (Some(put), after)
        }
    };
    Ok(Plan {
        kind: input.kind,
        action,
        reason,
        changes: differences
            .iter()
            .map(|difference| shown(input, difference))
            .collect(),
        request,
        target: Some(target.to_owned()),
        known: after,
        changes_members: false,
        secrets: input.mappings.secrets().clone(),
    })
}

fn nothing(input: &Input<'_>, action: Action, reason: Message, target: Option<&str>, known: Known) -> Plan {
    Plan {
        kind: input.kind,
        action,
        reason,
        changes: Vec::new(),
        request: None,
        target: target.map(str::to_owned),
        known,
        changes_members: false,
        secrets: Secrets::default(),
    }
}

/// The scope says why somebody is treated as gone who is still there.
fn why_gone(input: &Input<'_>) -> Message {
    match input.scope {
        Scope::Out(why) => why.clone(),
        Scope::In(_) => Message::new("plan.gone"),
    }
}

fn why(input: &Input<'_>) -> Message {
    match input.scope {
        Scope::In(why) | Scope::Out(why) => why.clone(),
    }
}

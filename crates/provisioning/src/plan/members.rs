//! What is to change among the members of a group, as part of the group's plan. Members are sent as differences: what
//! stands at the target otherwise is neither read nor sent.

use scim::Object;
use serde_json::{Value, json};
use store::assignments::SubjectKind;
use store::memberships::Stale;

use super::difference::AttributeChange;
use super::input::{Members, Refusal, Writing};
use super::operation::{Op, Operation};
use super::replacement::replacement;
use super::{Action, Plan, Request};
use crate::account::member;

impl Members {
    /// Those that differ.
    fn changed(&self) -> impl Iterator<Item = &Stale> {
        self.0.iter().filter(|one| one.held != one.wanted)
    }

    /// Those that stand as they should.
    pub(crate) fn settled(&self) -> Vec<Stale> {
        self.0
            .iter()
            .filter(|one| one.held == one.wanted)
            .cloned()
            .collect()
    }

    pub(crate) fn differ(&self) -> bool {
        self.changed().next().is_some()
    }

    /// Members go with the same request as everything else.
    pub(super) fn add_to(&self, plan: &mut Plan, writing: Writing<'_>, target: &str) -> Result<(), Refusal> {
        let request = match (plan.request.take(), writing) {
            (
                Some(Request::Patch {
                    target,
                    mut operations,
                }),
                _,
            ) => {
                operations.extend(self.operations());
                Request::Patch { target, operations }
            }
            (
                Some(Request::Put {
                    target,
                    mut body,
                    version,
                }),
                _,
            ) => {
                self.put(&mut body);
                Request::Put {
                    target,
                    body,
                    version,
                }
            }
            (_, Writing::Patch(_)) => Request::Patch {
                target: target.to_owned(),
                operations: self.operations(),
            },
            (_, Writing::Put { whole: None, .. }) => return Err(Refusal::ReadWhole(target.to_owned())),
            (
                _,
                Writing::Put {
                    whole: Some(whole),
                    read_only,
                },
            ) => {
                let mut body = replacement(&whole.resource, &[], read_only);
                self.put(&mut body);
                Request::Put {
                    target: target.to_owned(),
                    body,
                    version: whole.version.clone(),
                }
            }
        };
        plan.request = Some(request);
        plan.changes.extend(self.shown());
        plan.changes_members = true;
        if plan.action == Action::Unchanged {
            plan.action = Action::Update;
        }
        Ok(())
    }

    /// RFC 7644 §3.5.2.1 and §3.5.2.2: who goes one by one, who comes in one operation.
    fn operations(&self) -> Vec<Operation> {
        let mut operations: Vec<_> = self
            .changed()
            .filter_map(|one| one.held.as_deref())
            .map(|held| Operation {
                op: Op::Remove,
                path: format!("members[value eq {}]", json!(held)),
                value: None,
            })
            .collect();
        let added: Vec<Value> = self
            .changed()
            .filter_map(|one| Some((one.kind, one.wanted.as_deref()?)))
            .map(|(kind, wanted)| json!({ "value": wanted, "type": resource(kind) }))
            .collect();
        if !added.is_empty() {
            operations.push(Operation {
                op: Op::Add,
                path: "members".to_owned(),
                value: Some(Value::Array(added)),
            });
        }
        operations
    }

    /// The same in a group that is sent as a whole (RFC 7644 §3.5.1).
    fn put(&self, body: &mut Object) {
        let key = body
            .keys()
            .find(|key| key.eq_ignore_ascii_case("members"))
            .cloned();
        let before = key.and_then(|key| body.remove(&key));
        let mut members = match before {
            Some(Value::Array(members)) => members,
            _ => Vec::new(),
        };
        let is = |element: &Value, id: &str| match element {
            Value::Object(element) => member(element, "value").and_then(Value::as_str) == Some(id),
            bare => bare.as_str() == Some(id),
        };
        for one in self.changed() {
            if let Some(held) = &one.held {
                members.retain(|element| !is(element, held));
            }
            if let Some(wanted) = &one.wanted
                && !members.iter().any(|element| is(element, wanted))
            {
                members.push(json!({ "value": wanted, "type": resource(one.kind) }));
            }
        }
        body.insert("members".to_owned(), Value::Array(members));
    }

    /// Who goes as the old value, who comes as the new one.
    fn shown(&self) -> Option<AttributeChange> {
        let names = |chosen: &dyn Fn(&Stale) -> bool| {
            let names: Vec<_> = self.changed().filter(|one| chosen(one)).map(name).collect();
            (!names.is_empty()).then(|| Value::from(names))
        };
        self.differ().then(|| AttributeChange {
            attribute: "members".to_owned(),
            old: names(&|one| one.held.is_some()),
            new: names(&|one| one.wanted.is_some()),
            waits_for: None,
        })
    }
}

fn name(one: &Stale) -> String {
    one.name.clone().unwrap_or_else(|| one.member.to_string())
}

fn resource(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::User => "User",
        SubjectKind::Group => "Group",
    }
}

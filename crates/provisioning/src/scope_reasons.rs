//! Why a person is in scope of an app, or is not, in words: what the app takes, the person's assignments, each clause of
//! the scoping filter, the person's state. Nothing is asked of the target.

use base::{AppId, Message, OrgId, UserId};
use mapping::Needs;
use mapping::scope::Decision;
use scim::Object;
use store::assignments::Via;

use crate::assignments::SubjectKind;
use crate::engine::Neighbours;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::settings::AppScope;
use crate::status::SubjectRef;

/// The answer to "why is this person (not) in scope?".
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeReasons {
    pub subject: SubjectRef,
    pub in_scope: bool,
    /// Whether the person may sign in: who may not, has no account made, and an account that exists is disabled.
    pub active: bool,
    pub assignments: Vec<Way>,
    pub filter: Decision,
    /// In the order in which it is decided; the last one is the verdict.
    pub reasons: Vec<Message>,
}

/// How a person comes to the app.
#[derive(Debug, Clone, PartialEq)]
pub enum Way {
    InPerson,
    Through {
        group: SubjectRef,
        /// Through a group within it.
        nested: bool,
    },
}

impl Provisioning {
    /// Says why.
    pub async fn why_in_scope(&self, org: OrgId, id: AppId, user: UserId) -> Result<ScopeReasons, Error> {
        let settings = self.app(org, id).await?.settings;
        let mut reader = self.reader();
        let user = store::users::by_id(&mut reader, org, user)
            .await?
            .ok_or(Error::UnknownSubject { id: user.into() })?;
        let resource: Object =
            serde_json::from_str(&user.doc).map_err(|error| Error::damaged("person", &error))?;
        let mut assignments = Vec::new();
        let ways = match settings.scope {
            AppScope::AssignedNested => {
                store::assignments::ways_nested(&mut reader, org, id, user.id).await?
            }
            AppScope::Assigned | AppScope::All => {
                store::assignments::ways(&mut reader, org, id, user.id).await?
            }
        };
        for way in ways {
            assignments.push(match way {
                Via::User => Way::InPerson,
                Via::Group(group) | Via::Nested(group) => {
                    let found = store::groups::by_id(&mut reader, org, group).await?;
                    Way::Through {
                        nested: matches!(way, Via::Nested(_)),
                        group: SubjectRef {
                            kind: SubjectKind::Group,
                            id: group.into(),
                            name: found.map_or_else(|| group.to_string(), |group| group.display_name),
                        },
                    }
                }
            });
        }
        let filter = settings.checked_filter()?;
        let needs = Needs::of(settings.filter.attributes());
        let around = Neighbours::read(&mut reader, (org, id), needs, user.id, &resource).await?;
        let text_id = user.id.to_string();
        let decision = around.with(|around| {
            filter.decide(&mapping::Person {
                is_soft_deleted: !user.active,
                around,
                ..mapping::Person::new(&resource, &text_id)
            })
        });
        let is_taken = settings.scope == AppScope::All || !assignments.is_empty();
        let in_scope = is_taken && decision.in_scope;
        let mut reasons = reasons(settings.scope, &assignments, &decision, user.active, in_scope);
        let verdict = reasons.len() - 1;
        for reference in store::references::of_subject(&mut reader, org, id, user.id.into()).await? {
            if reference.remote_id.is_some() {
                continue;
            }
            let awaited = store::users::by_id(&mut reader, org, reference.referenced.as_user()).await?;
            let awaited = awaited.map(|user| user.display_name.unwrap_or(user.user_name));
            reasons.splice(
                verdict..verdict,
                awaited.map(|name| Message::new("why.waits").with("name", name)),
            );
        }
        Ok(ScopeReasons {
            subject: SubjectRef {
                kind: SubjectKind::User,
                id: user.id.into(),
                name: user.user_name,
            },
            in_scope,
            active: user.active,
            reasons,
            assignments,
            filter: decision,
        })
    }
}

fn reasons(
    scope: AppScope,
    assignments: &[Way],
    decision: &Decision,
    active: bool,
    in_scope: bool,
) -> Vec<Message> {
    let mut reasons = vec![Message::new(match scope {
        AppScope::All => "why.takes_all",
        AppScope::Assigned => "why.takes_assigned",
        AppScope::AssignedNested => "why.takes_nested",
    })];
    reasons.extend(assignments.iter().map(|way| {
        match way {
            Way::InPerson => Message::new("why.assigned"),
            Way::Through { group, nested } => Message::new(if *nested {
                "why.assigned_nested"
            } else {
                "why.assigned_through"
            })
            .with("group", &group.name),
        }
    }));
    if assignments.is_empty() {
        reasons.push(Message::new("why.not_assigned"));
    }
    if decision.groups.is_empty() {
        reasons.push(Message::new("why.no_filter"));
    }
    for (index, group) in decision.groups.iter().enumerate() {
        let title = match group.title.trim() {
            "" => (index + 1).to_string(),
            title => title.to_owned(),
        };
        let code = if group.holds {
            "why.filter_in"
        } else {
            "why.filter_out"
        };
        reasons.push(Message::new(code).with("filter", &title));
        for clause in &group.clauses {
            let wants = [
                Some(clause.clause.operator.as_str()),
                clause.clause.value.as_deref(),
            ];
            let wants = wants.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let message = match (&clause.found, clause.holds) {
                (Some(found), true) => Message::new("why.clause_holds").with("found", found),
                (Some(found), false) => Message::new("why.clause_fails").with("found", found),
                (None, true) => Message::new("why.clause_holds_empty"),
                (None, false) => Message::new("why.clause_fails_empty"),
            };
            let message = message.with("attribute", &clause.clause.attribute);
            reasons.push(message.with("wants", wants));
        }
    }
    if !active {
        reasons.push(Message::new("why.inactive"));
    }
    reasons.push(Message::new(if in_scope { "why.in" } else { "why.out" }));
    reasons
}

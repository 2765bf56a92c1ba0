//! Why a person is in scope of an app, or is not, in words: what the app takes, the person's assignments, each clause of
//! the scoping filter, the person's state. The same of a group. Nothing is asked of the target.

use base::{AppId, GroupId, Message, OrgId, SubjectId, UserId};
use mapping::Needs;
use mapping::scope::Decision;
use scim::Object;
use store::assignments::Via;

use crate::assignments::SubjectKind;
use crate::engine::Neighbours;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::settings::{AppScope, GroupLeaving, GroupScope};
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

/// Members without an account who are named.
const NAMED: usize = 5;
/// Memberships that the target would not have which are named.
const REFUSED: u32 = 20;

impl Provisioning {
    /// Says why a group is in scope, or is not.
    pub async fn why_group_in_scope(
        &self,
        org: OrgId,
        id: AppId,
        group: GroupId,
    ) -> Result<ScopeReasons, Error> {
        let settings = self.app(org, id).await?.settings;
        let mut reader = self.reader();
        let group = store::groups::by_id(&mut reader, org, group)
            .await?
            .ok_or(Error::UnknownSubject { id: group.into() })?;
        let subject = group.id.into();
        let is_assigned = store::assignments::is_assigned(&mut reader, org, id, subject).await?;
        let (takes, in_scope) = match settings.groups {
            GroupScope::Off => ("why.groups_off", false),
            GroupScope::All => ("why.groups_all", true),
            GroupScope::Assigned => ("why.groups_assigned", is_assigned),
        };
        let mut reasons = vec![Message::new(takes)];
        reasons.push(Message::new(if is_assigned {
            "why.group_assigned"
        } else {
            "why.group_not_assigned"
        }));
        let is_held = store::links::by_subject(&mut reader, org, id, subject)
            .await?
            .is_some();
        match (is_held, in_scope) {
            (true, true) => {
                let (names, waiting) =
                    store::memberships::waiting(&mut reader, org, id, group.id, NAMED).await?;
                if waiting > 0 {
                    let message = Message::new("why.members_wait").with("count", waiting);
                    reasons.push(message.with("names", names.join(", ")));
                }
                reasons.extend(self.refused_of(org, id, subject).await?);
            }
            (true, false) if settings.groups == GroupScope::Off => {
                reasons.push(Message::new("why.group_rests"));
            }
            (true, false) => reasons.push(Message::new(match settings.groups_out_of_scope {
                GroupLeaving::Leave => "why.group_stays",
                GroupLeaving::Delete => "why.group_goes",
            })),
            (false, _) => {}
        }
        reasons.push(Message::new(if in_scope { "why.in" } else { "why.out" }));
        Ok(ScopeReasons {
            subject: SubjectRef {
                kind: SubjectKind::Group,
                id: subject,
                name: group.display_name,
            },
            in_scope,
            active: true,
            assignments: is_assigned.then_some(Way::InPerson).into_iter().collect(),
            filter: Decision {
                in_scope: true,
                groups: Vec::new(),
            },
            reasons,
        })
    }

    /// In which groups the target would not have somebody, or whom it would not have in a group.
    async fn refused_of(&self, org: OrgId, id: AppId, subject: SubjectId) -> Result<Vec<Message>, Error> {
        let refused =
            store::memberships::refused(&mut self.reader(), org, id, Some(subject), REFUSED).await?;
        let message = |one: store::memberships::Refused| {
            if one.member == subject {
                Message::new("why.refused_in").with("group", one.group_name)
            } else {
                Message::new("why.refused").with("name", one.name)
            }
        };
        Ok(refused.into_iter().map(message).collect())
    }

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
        let refused = self.refused_of(org, id, user.id.into()).await?;
        let verdict = reasons.len() - 1;
        reasons.splice(verdict..verdict, refused);
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

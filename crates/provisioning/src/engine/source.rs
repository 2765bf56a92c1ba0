//! A person or group as the directory has it now, and whether it is in the app's scope.

use base::{Message, OrgId, SubjectId, Timestamp};
use mapping::{EvalError, Mapped};
use scim::Object;
use store::Query;
use store::assignments::{SubjectKind, Via};
use store::links::Link;
use store::users::User;

use super::config::Config;
use super::neighbours::Neighbours;
use super::resolve::Keys;
use super::rows::Rows;
use crate::desired::{Want, Worked, matching};
use crate::error::Error;
use crate::plan::{
    Account, Choices, Input, Leaving, Members, Person, Plan, References, Refusal, Scope, Writing, plan,
};
use crate::settings::{AppScope, GroupLeaving, GroupScope};
use crate::surroundings::Surroundings;

/// A person as the directory has them now.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) subject: SubjectId,
    pub(crate) kind: SubjectKind,
    /// The userName, or the group's displayName; of what was removed the last one, if it is known.
    pub(crate) name: String,
    /// `None`: removed for good.
    pub(crate) present: Option<Present>,
    pub(crate) scope: Scope,
    /// The time that mappings are told.
    pub(crate) now: Timestamp,
    /// What the mappings gave.
    worked: Worked,
}

#[derive(Debug, Clone)]
pub(crate) struct Present {
    pub(crate) resource: Object,
    pub(crate) active: bool,
    pub(crate) version: i64,
    pub(crate) neighbours: Neighbours,
    pub(crate) references: References,
    /// Of a group.
    pub(crate) members: Members,
}

impl Source {
    pub(crate) async fn read(q: &mut impl Query, config: &Config, subject: SubjectId) -> Result<Self, Error> {
        match config.kind {
            _ if config.removal.is_some() => Self::leaving(q, config, subject).await,
            SubjectKind::User => {
                let user = store::users::by_id(q, config.org, subject.as_user()).await?;
                Self::person(q, config, subject, user).await
            }
            SubjectKind::Group => Self::group(q, config, subject).await,
        }
    }

    /// The same, of somebody about whom some things are read already.
    pub(super) async fn read_on(
        q: &mut impl Query,
        config: &Config,
        subject: SubjectId,
        rows: &mut Rows,
    ) -> Result<Self, Error> {
        match config.kind {
            SubjectKind::User if config.removal.is_none() => {
                Self::person(q, config, subject, rows.user.take()).await
            }
            _ => Self::read(q, config, subject).await,
        }
    }

    async fn person(
        q: &mut impl Query,
        config: &Config,
        subject: SubjectId,
        user: Option<User>,
    ) -> Result<Self, Error> {
        let Config { org, app, .. } = *config;
        let now = config.target.ambient().now();
        match user {
            Some(user) => {
                let scope = match config.settings.scope {
                    AppScope::All => Scope::In(Message::new("scope.all")),
                    AppScope::Assigned => {
                        let via = store::assignments::via(q, org, app, user.id).await?;
                        assigned(q, org, via).await?
                    }
                    AppScope::AssignedNested => {
                        let ways = store::assignments::ways_nested(q, org, app, user.id).await?;
                        assigned(q, org, ways.into_iter().next()).await?
                    }
                };
                let (id, mut source) = (user.id, Self::of(user, scope, now)?);
                if let Some(present) = &mut source.present {
                    let resource = &present.resource;
                    present.neighbours = Neighbours::read(q, (org, app), config.needs, id, resource).await?;
                }
                let mut source = source.filtered(config);
                source.read_references(q, config).await?;
                Ok(source)
            }
            None => Self::gone(q, config, subject).await,
        }
    }

    async fn group(q: &mut impl Query, config: &Config, subject: SubjectId) -> Result<Self, Error> {
        let Config { org, app, .. } = *config;
        let Some(group) = store::groups::by_id(q, org, subject.as_group()).await? else {
            return Self::gone(q, config, subject).await;
        };
        let scope = match config.settings.groups {
            GroupScope::Off => Scope::Out(Message::new("scope.groups_off")),
            GroupScope::All => Scope::In(Message::new("scope.all_groups")),
            GroupScope::Assigned if store::assignments::is_assigned(q, org, app, subject).await? => {
                Scope::In(Message::new("scope.group_assigned"))
            }
            GroupScope::Assigned => Scope::Out(Message::new("scope.group_not_assigned")),
        };
        Ok(Self {
            subject,
            kind: SubjectKind::Group,
            name: group.display_name,
            present: Some(Present {
                resource: serde_json::from_str(&group.doc)
                    .map_err(|error| Error::damaged("group", &error))?,
                active: true,
                version: group.version,
                neighbours: Neighbours::default(),
                references: References::default(),
                members: Members::default(),
            }),
            scope,
            now: config.target.ambient().now(),
            worked: Worked::default(),
        })
    }

    fn of(user: User, scope: Scope, now: Timestamp) -> Result<Self, Error> {
        let resource: Object =
            serde_json::from_str(&user.doc).map_err(|error| Error::damaged("person", &error))?;
        Ok(Self {
            subject: user.id.into(),
            kind: SubjectKind::User,
            name: user.user_name,
            present: Some(Present {
                resource,
                active: user.active,
                version: user.version,
                neighbours: Neighbours::default(),
                references: References::default(),
                members: Members::default(),
            }),
            scope,
            now,
            worked: Worked::default(),
        })
    }

    /// Whoever would be in scope must also be let in by the filter.
    fn filtered(mut self, config: &Config) -> Self {
        let Some(present) = &self.present else { return self };
        if config.filter.filter().is_empty() || matches!(self.scope, Scope::Out(_)) {
            return self;
        }
        let id = self.subject.to_string();
        let decision = present.neighbours.with(|around| {
            config.filter.decide(&mapping::Person {
                resource: &present.resource,
                id: &id,
                is_soft_deleted: !present.active,
                around,
            })
        });
        if !decision.in_scope {
            self.scope = Scope::Out(decision.message());
        }
        self
    }

    async fn gone(q: &mut impl Query, config: &Config, subject: SubjectId) -> Result<Self, Error> {
        let kind = match config.kind {
            SubjectKind::User => store::changes::Kind::User,
            SubjectKind::Group => store::changes::Kind::Group,
        };
        let tombstone = store::tombstones::by_id(q, config.org, kind, subject).await?;
        Ok(Self {
            subject,
            kind: config.kind,
            name: tombstone.map_or_else(|| subject.to_string(), |tombstone| tombstone.name),
            present: None,
            scope: Scope::Out(Message::new("plan.gone")),
            now: config.target.ambient().now(),
            worked: Worked::default(),
        })
    }

    /// Whoever it is: what they have at the target goes with the app.
    async fn leaving(q: &mut impl Query, config: &Config, subject: SubjectId) -> Result<Self, Error> {
        let name = match config.kind {
            SubjectKind::User => {
                let user = store::users::by_id(q, config.org, subject.as_user()).await?;
                user.map(|user| user.user_name)
            }
            SubjectKind::Group => {
                let group = store::groups::by_id(q, config.org, subject.as_group()).await?;
                group.map(|group| group.display_name)
            }
        };
        let mut leaving = Self::gone(q, config, subject).await?;
        leaving.name = name.unwrap_or(leaving.name);
        leaving.scope = Scope::Out(Message::new("plan.removal"));
        Ok(leaving)
    }

    /// The same, as of another time.
    pub(super) fn as_of(&mut self, time: Timestamp) {
        self.now = time;
        self.worked = Worked::default();
    }

    /// What the mappings may know besides the person.
    pub(crate) fn surroundings<'a>(&self, config: &'a Config) -> Surroundings<'a> {
        config.surroundings(self.subject, self.now)
    }

    /// Whether an account that exists is only to be disabled, and else left alone.
    pub(crate) fn is_to_go(&self) -> bool {
        self.present.is_none() || matches!(self.scope, Scope::Out(_))
    }

    /// Whether an account is none of the engine's business: an import found it, and its person is not in scope.
    pub(crate) fn leaves_alone(&self, link: &Link) -> bool {
        link.state == store::links::State::Imported && self.is_to_go()
    }

    /// What the account should be, beside the rows of the table.
    pub(crate) fn wants<'c>(&self, config: &'c Config) -> Result<Vec<Want<'c>>, Message> {
        let mut wants = self.mapped(config)?;
        if let Some(present) = &self.present {
            present.references.resolve(&mut wants);
        }
        Ok(wants)
    }

    /// What the mappings give, people where they refer to people.
    pub(super) fn mapped<'c>(&self, config: &'c Config) -> Result<Vec<Want<'c>>, Message> {
        let surroundings = self.surroundings(config);
        self.seen(|person| self.worked.wants(&config.mappings, person, &surroundings))
    }

    /// The keys by which an account is looked for that was made for this person.
    pub(super) fn keys(&self, config: &Config) -> Result<Keys, Message> {
        let Some(present) = &self.present else {
            return Ok(Keys::new());
        };
        let id = self.subject.to_string();
        present.neighbours.with(|around| {
            let person = mapping::Person {
                around,
                ..mapping::Person::new(&present.resource, &id)
            };
            let wants = self
                .worked
                .wants(&config.mappings, &person, &self.surroundings(config))?;
            let keys = matching(&wants).into_iter();
            Ok(keys.map(|(path, value)| (path.clone(), value.clone())).collect())
        })
    }

    /// What each mapping gives for this person.
    pub(crate) fn worked_out(
        &self,
        config: &Config,
        person: &mapping::Person<'_>,
    ) -> Result<&[Mapped], &EvalError> {
        let surroundings = self.surroundings(config);
        self.worked.out(&config.mappings, person, &surroundings)
    }

    /// Hands the person on as the mappings see them: whoever is not in scope may not sign in.
    pub(crate) fn seen<R>(&self, take: impl FnOnce(&mapping::Person<'_>) -> R) -> R {
        let (id, nothing) = (self.subject.to_string(), Object::new());
        let is_in = matches!(self.scope, Scope::In(_));
        match &self.present {
            None => take(&mapping::Person {
                is_soft_deleted: true,
                ..mapping::Person::new(&nothing, &id)
            }),
            Some(present) => present.neighbours.with(|around| {
                take(&mapping::Person {
                    is_soft_deleted: !(is_in && present.active),
                    around,
                    ..mapping::Person::new(&present.resource, &id)
                })
            }),
        }
    }

    /// Plans, given what is known of the account and how a change of it is sent.
    pub(crate) fn plan(
        &self,
        config: &Config,
        (account, writing): (Account<'_>, Writing<'_>),
        choices: &Choices,
    ) -> Result<Plan, Refusal> {
        let id = self.subject.to_string();
        let surroundings = self.surroundings(config);
        let nobody = Members::default();
        let members = self.present.as_ref().map_or(&nobody, |present| &present.members);
        let planned = |person: Person<'_>| {
            plan(&Input {
                person,
                scope: &self.scope,
                mappings: &config.mappings,
                switches: config.settings.switches,
                account,
                writing,
                kind: self.kind,
                members,
                leaving: match (self.kind, config.settings.groups_out_of_scope) {
                    (SubjectKind::User, _) => Leaving::Disable,
                    (SubjectKind::Group, GroupLeaving::Leave) => Leaving::Stay,
                    (SubjectKind::Group, GroupLeaving::Delete) => Leaving::Delete,
                },
                ambient: &surroundings,
                worked: &self.worked,
                choices,
            })
        };
        match &self.present {
            None => planned(Person::Gone { id: &id }),
            Some(present) => present.neighbours.with(|around| {
                planned(Person::Present {
                    resource: &present.resource,
                    id: &id,
                    active: present.active,
                    around,
                    references: &present.references,
                })
            }),
        }
    }
}

async fn assigned(q: &mut impl Query, org: OrgId, via: Option<Via>) -> Result<Scope, Error> {
    Ok(match via {
        None => Scope::Out(Message::new("scope.not_assigned")),
        Some(Via::User) => Scope::In(Message::new("scope.user")),
        Some(Via::Group(id) | Via::Nested(id)) => {
            let group = store::groups::by_id(q, org, id).await?;
            let name = group.map_or_else(|| id.to_string(), |group| group.display_name);
            let code = match via {
                Some(Via::Nested(_)) => "scope.group_nested",
                _ => "scope.group",
            };
            Scope::In(Message::new(code).with("group", name))
        }
    })
}

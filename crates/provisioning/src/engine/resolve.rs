//! From a person to a plan: reads the directory, the link and, where it must, the target. Changes nothing.

use base::{Message, OrgId, SubjectId, Timestamp};
use scim::Object;
use serde_json::Value;
use store::Query;
use store::assignments::{SubjectKind, Via};
use store::links::Link;

use super::budget::Slot;
use super::config::Config;
use super::gate::Gate;
use super::neighbours::Neighbours;
use super::unique::choose;
use crate::account::{Known, REDACTED, TargetPath};
use crate::desired::Want;
use crate::error::Error;
use crate::plan::{
    Account, Choices, Input, Leaving, Members, Person, Plan, References, Refusal, Scope, Whole, Writing, plan,
};
use crate::settings::{AppScope, GroupLeaving, GroupScope};
use crate::surroundings::Surroundings;
use crate::target::{Exchange, Failure, Found, Kind, Update};

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

/// Why there is no plan.
#[derive(Debug)]
pub(crate) enum Unresolved {
    /// The target did not answer as it should.
    Target(Failure),
    /// The account that was known is not there to be read.
    Gone,
    /// The gate is shut.
    Shut,
    /// Which account it is cannot be told.
    Match(Message),
    /// The mappings cannot be applied to this person.
    Mapping(Message),
    Store(Error),
}

impl From<Failure> for Unresolved {
    fn from(failure: Failure) -> Self {
        Self::Target(failure)
    }
}

impl From<store::Error> for Unresolved {
    fn from(error: store::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Refusal> for Unresolved {
    fn from(refusal: Refusal) -> Self {
        Self::Mapping(match refusal {
            Refusal::Failed(message) => message,
            Refusal::LookUp(_) | Refusal::Choose(..) | Refusal::ReadWhole(_) => {
                Message::new("match.no_value")
            }
        })
    }
}

impl From<Error> for Unresolved {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// An account that was found to be this person's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    pub(crate) target: String,
    pub(crate) known: Known,
}

/// Keys by which an account is looked for; kept with a lane while a create is in doubt.
pub(crate) type Keys = Vec<(TargetPath, Value)>;

impl Source {
    pub(crate) async fn read(q: &mut impl Query, config: &Config, subject: SubjectId) -> Result<Self, Error> {
        match config.kind {
            _ if config.removal.is_some() => Self::leaving(q, config, subject).await,
            SubjectKind::User => Self::person(q, config, subject).await,
            SubjectKind::Group => Self::group(q, config, subject).await,
        }
    }

    async fn person(q: &mut impl Query, config: &Config, subject: SubjectId) -> Result<Self, Error> {
        let Config { org, app, .. } = *config;
        let now = config.target.ambient().now();
        match store::users::by_id(q, org, subject.as_user()).await? {
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
        })
    }

    fn of(user: store::users::User, scope: Scope, now: Timestamp) -> Result<Self, Error> {
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
        let (id, nothing) = (self.subject.to_string(), Object::new());
        let is_in = matches!(self.scope, Scope::In(_));
        let surroundings = self.surroundings(config);
        let of = |person: mapping::Person<'_>| config.mappings.desired(&person, &surroundings);
        match &self.present {
            None => of(mapping::Person {
                is_soft_deleted: true,
                ..mapping::Person::new(&nothing, &id)
            }),
            Some(present) => present.neighbours.with(|around| {
                of(mapping::Person {
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

/// Plans for somebody, looking for the account if there is no link.
pub(crate) async fn resolve(
    q: &mut impl Query,
    config: &Config,
    gate: &Gate,
    source: &Source,
    link: Option<&Match>,
    log: &mut Vec<Exchange>,
) -> Result<Plan, Unresolved> {
    let mut choices = Choices::new();
    let mut account = link.cloned();
    let mut looked = false;
    let mut whole = None;
    let read_only = config.ways.read_only();
    loop {
        let writing = match config.ways.update() {
            Update::Put => Writing::Put {
                whole: whole.as_ref(),
                read_only: &read_only,
            },
            Update::Auto | Update::Patch => Writing::Patch,
        };
        let standing = match &account {
            Some(Match { target, known }) if link.is_some() => Account::Linked { target, known },
            Some(Match { target, known }) => Account::Found { target, known },
            None if looked => Account::Absent,
            None => Account::Unlinked,
        };
        match source.plan(config, (standing, writing), &choices) {
            Ok(plan) => return Ok(plan),
            Err(Refusal::LookUp(keys)) if !looked => {
                account = look_up(q, config, gate, source.subject, &keys, log).await?;
                looked = true;
            }
            Err(Refusal::ReadWhole(target)) if whole.is_none() => {
                let slot = enter(config, gate).await?;
                let found = config.target.get_whole(&target, log).await?;
                drop(slot);
                let found = found.ok_or(Unresolved::Gone)?;
                whole = Some(Whole {
                    version: found.version().map(str::to_owned),
                    resource: found.resource.clone(),
                });
                account = Some(shown(config, &target, &found));
            }
            Err(Refusal::Choose(wanted)) if !choices.contains_key(wanted.path.as_str()) => {
                let value = choose(config, gate, source.subject, &wanted, log).await?;
                choices.insert(wanted.path.as_str().to_owned(), value);
            }
            Err(other) => return Err(other.into()),
        }
    }
}

/// The account that the first of these keys finds. It must be one, and nobody else's.
pub(crate) async fn look_up(
    q: &mut impl Query,
    config: &Config,
    gate: &Gate,
    subject: SubjectId,
    keys: &Keys,
    log: &mut Vec<Exchange>,
) -> Result<Option<Match>, Unresolved> {
    let mut refused = None;
    let mut answered = false;
    // What the target does not search by is asked last, and only if nothing else was answered.
    let (asked, doubtful): (Vec<_>, Vec<_>) =
        keys.iter().partition(|(path, _)| config.ways.takes_filter(path));
    for (path, value) in asked.into_iter().chain(doubtful) {
        if answered && !config.ways.takes_filter(path) {
            continue;
        }
        let found = {
            let _slot = enter(config, gate).await?;
            config.target.lookup(path, value, log).await
        };
        let mut found = match found {
            Ok(found) => found,
            Err(failure) => {
                note_refusal(config, path, &failure)?;
                refused.get_or_insert(failure);
                continue;
            }
        };
        answered = true;
        let about = |code: &str| {
            Message::new(code)
                .with("attribute", path)
                .with("value", plain(config, path, value))
        };
        if found.len() > 1 {
            let message = about("match.ambiguous").with("count", found.len());
            return Err(Unresolved::Match(message));
        }
        let Some(Found { id, resource }) = found.pop() else {
            continue;
        };
        let owner = store::links::owner(q, config.org, config.app, (config.kind, &id)).await?;
        let owner = owner.filter(|owner| *owner != subject);
        // Of somebody removed for good, whose account stayed, nothing is left to protect.
        if let Some(owner) = owner
            && is_there(q, config, owner).await?
        {
            return Err(Unresolved::Match(about("match.taken").with("target", id)));
        }
        let known = Known::read(&resource, config.mappings.paths());
        return Ok(Some(Match { target: id, known }));
    }
    match refused {
        Some(failure) if !answered => Err(failure.into()),
        _ => Ok(None),
    }
}

/// Remembers that the target cannot search by an attribute, if that is what an answer says; any other failure is one.
fn note_refusal(config: &Config, path: &TargetPath, failure: &Failure) -> Result<(), Unresolved> {
    let how = match failure.kind {
        Kind::Filter => "refused",
        Kind::Garbage if failure.message.code == "target.filter_ignored" => "ignored",
        _ => return Err(failure.clone().into()),
    };
    let now = config.target.ambient().now();
    config.ways.filter_failed(path, how, now);
    Ok(())
}

async fn is_there(q: &mut impl Query, config: &Config, subject: SubjectId) -> Result<bool, Error> {
    Ok(match config.kind {
        SubjectKind::User => store::users::by_id(q, config.org, subject.as_user())
            .await?
            .is_some(),
        SubjectKind::Group => store::groups::by_id(q, config.org, subject.as_group())
            .await?
            .is_some(),
    })
}

/// What the target shows of an account; `None` when it says that there is none.
pub(crate) async fn read_account(
    config: &Config,
    gate: &Gate,
    id: &str,
    log: &mut Vec<Exchange>,
) -> Result<Option<Match>, Unresolved> {
    let _slot = enter(config, gate).await?;
    let found = config.target.get(id, log).await?;
    Ok(found.map(|found| shown(config, id, &found)))
}

fn shown(config: &Config, id: &str, found: &Found) -> Match {
    Match {
        target: id.to_owned(),
        known: Known::read(&found.resource, config.mappings.paths()),
    }
}

pub(crate) async fn enter<'g>(config: &Config, gate: &'g Gate) -> Result<Slot<'g>, Unresolved> {
    let ambient = config.target.ambient();
    gate.enter(|| ambient.now()).await.ok_or(Unresolved::Shut)
}

/// A link as it stands in the store.
pub(crate) fn read_link(link: &Link) -> Result<Match, Error> {
    Ok(Match {
        target: link.remote_id.clone(),
        known: serde_json::from_str(&link.known).map_err(|error| Error::damaged("link", &error))?,
    })
}

/// The account that somebody has, as far as the engine is concerned.
pub(crate) fn own_link(link: Option<&Link>, source: &Source) -> Result<Option<Match>, Error> {
    link.filter(|link| !source.leaves_alone(link))
        .map(read_link)
        .transpose()
}

fn plain(config: &Config, path: &TargetPath, value: &Value) -> String {
    if config.mappings.secrets().contains(path) {
        return REDACTED.to_owned();
    }
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

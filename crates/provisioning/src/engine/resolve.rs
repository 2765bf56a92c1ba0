//! From a person to a plan: reads the directory, the link and, where it must, the target. Changes nothing.

use base::{Message, SubjectId};
use serde_json::Value;
use store::Query;
use store::assignments::SubjectKind;
use store::links::Link;

use super::admission::Turn;
use super::budget::Slot;
use super::config::Config;
use super::gate::Gate;
use super::look_ups;
use super::source::Source;
use super::unique::choose;
use crate::account::{Known, REDACTED, TargetPath};
use crate::error::Error;
use crate::plan::{Account, Choices, Plan, Refusal, Whole, Writing};
use crate::target::{Exchange, Failure, Found, Kind, Unsent, Update};

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
        match failure.kind {
            Kind::Unsent(Unsent::Shut | Unsent::TooLate) => Self::Shut,
            _ => Self::Target(failure),
        }
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
    let read_only = match config.ways.update() {
        Update::Put => config.ways.read_only_but(config.mappings.paths()),
        Update::Auto | Update::Patch => Vec::new(),
    };
    loop {
        let writing = match config.ways.update() {
            Update::Put => Writing::Put {
                whole: whole.as_ref(),
                read_only: &read_only,
            },
            Update::Auto | Update::Patch => Writing::Patch(config.ways.missing_element()),
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
        let found = look_ups::look_up((config, gate), (path, value), log).await;
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

/// A slot, once it is this one's turn.
pub(crate) async fn enter(config: &Config, gate: &Gate) -> Result<Slot, Unresolved> {
    let slot = Turn::new(config, gate).wait().await;
    slot.map_err(|_unsent| Unresolved::Shut)
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

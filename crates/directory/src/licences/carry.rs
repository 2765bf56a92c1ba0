//! Giving and taking. Whoever calls holds [`store::Lock::Licences`], so that what is left is known.
//!
//! What is taken away goes to whoever has waited longest before anybody new gets one: as long as somebody waits for a
//! licence, none is left of it.

use std::collections::{BTreeMap, BTreeSet};

use base::{Cause, LicenceId, OrgId, SubjectId, Timestamp, UserId};
use serde_json::json;
use store::Tx;
use store::licences::Licence;
use store::licences::holdings::{self, Holding, State};

use super::LicenceError;
use super::grounds::{self, Grounds};
use crate::events::Event;

/// How many are taken out of a line in one go.
const BATCH: u32 = 500;

/// Why a licence was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// An administrator took it.
    Administrator,
    /// The person has left the group by whose template it came.
    LeftGroup,
    /// A group's template stands in the place of the organization's.
    GroupTemplate,
    /// The template was applied to people who were there, and does not give it.
    NotInTemplate,
    /// The template by which it came was removed.
    TemplateRemoved,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::LeftGroup => "left_group",
            Self::GroupTemplate => "group_template",
            Self::NotInTemplate => "not_in_template",
            Self::TemplateRemoved => "template_removed",
        }
    }
}

/// What happens when none is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// The person is put in line.
    Wait,
    /// The whole change is refused.
    Refuse,
}

/// What becomes of somebody's licences.
#[derive(Debug, Clone)]
pub struct Turn {
    pub user: UserId,
    /// Looked up if it is not known.
    pub user_name: Option<String>,
    pub before: Vec<Holding>,
    pub after: Grounds,
    pub reason: Reason,
}

/// What was done for one person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    pub given: Vec<LicenceId>,
    pub had: Vec<LicenceId>,
    pub none_left: Vec<LicenceId>,
    pub taken: Vec<LicenceId>,
}

/// On whose behalf, and by which door.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    pub org: OrgId,
    pub cause: &'a Cause,
    pub source: &'static str,
    pub shortage: Shortage,
}

/// The licences that somebody has or waits for, and why.
pub fn grounds_of(held: &[Holding]) -> Grounds {
    let live = held.iter().filter(|one| one.state != State::Taken);
    Grounds(
        live.map(|one| (one.licence, grounds::read(&one.sources)))
            .collect(),
    )
}

/// What is known of people, by person.
pub async fn held(
    tx: &mut Tx<'_>,
    org: OrgId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, Vec<Holding>>, store::Error> {
    let mut by_user: BTreeMap<UserId, Vec<Holding>> = BTreeMap::new();
    for one in holdings::of_users(tx, org, users).await? {
        by_user.entry(one.user).or_default().push(one);
    }
    Ok(by_user)
}

/// The types, how many of each are used as of now, and which of that has changed.
pub struct Ledger {
    pub licences: BTreeMap<LicenceId, Licence>,
    changed: BTreeSet<LicenceId>,
    now: Timestamp,
}

impl Ledger {
    pub async fn open(tx: &mut Tx<'_>, org: OrgId) -> Result<Self, store::Error> {
        let licences = store::licences::all(tx, org).await?.into_iter();
        Ok(Self {
            licences: licences.map(|one| (one.id, one)).collect(),
            changed: BTreeSet::new(),
            now: tx.ambient().now(),
        })
    }

    pub fn name(&self, licence: LicenceId) -> &str {
        self.licences
            .get(&licence)
            .map_or("", |licence| licence.name.as_str())
    }

    fn names(&self, licences: &BTreeSet<LicenceId>) -> Vec<&str> {
        licences.iter().map(|licence| self.name(*licence)).collect()
    }

    fn free(&mut self, licence: LicenceId) {
        if let Some(licence) = self.licences.get_mut(&licence) {
            licence.consumed -= 1;
            self.changed.insert(licence.id);
        }
    }

    /// The next place of a licence, and whether there is one left, which is then used.
    fn next(&mut self, licence: LicenceId) -> Option<(State, i64)> {
        let licence = self.licences.get_mut(&licence)?;
        self.changed.insert(licence.id);
        licence.tickets += 1;
        if licence.left() == Some(0) {
            return Some((State::Waiting, licence.tickets));
        }
        licence.consumed += 1;
        Some((State::Given, licence.tickets))
    }

    /// Gives what is left to those who wait, the first in line first.
    pub async fn heal(
        &mut self,
        tx: &mut Tx<'_>,
        org: OrgId,
        licences: &BTreeSet<LicenceId>,
    ) -> Result<BTreeMap<UserId, BTreeSet<LicenceId>>, store::Error> {
        let mut healed: BTreeMap<UserId, BTreeSet<LicenceId>> = BTreeMap::new();
        for id in licences {
            while let Some(licence) = self.licences.get_mut(id) {
                let limit = match licence.left() {
                    Some(0) => break,
                    Some(left) => u32::try_from(left).unwrap_or(BATCH).min(BATCH),
                    None => BATCH,
                };
                let mut line = holdings::first_in_line(tx, org, *id, limit).await?;
                if line.is_empty() {
                    break;
                }
                for one in &mut line {
                    licence.consumed += 1;
                    one.state = State::Given;
                    one.modified = self.now;
                    healed.entry(one.user).or_default().insert(*id);
                }
                self.changed.insert(*id);
                holdings::put(tx, org, &line).await?;
            }
        }
        Ok(healed)
    }

    /// Notes how many are used.
    pub async fn close(&self, tx: &mut Tx<'_>, org: OrgId) -> Result<(), store::Error> {
        let changed: Vec<&Licence> = self
            .changed
            .iter()
            .filter_map(|id| self.licences.get(id))
            .collect();
        store::licences::count(tx, org, &changed).await
    }
}

/// Carries out what becomes of people's licences, with an event for each person of whom something changes.
pub async fn carry_out(tx: &mut Tx<'_>, act: Act<'_>, turns: &[Turn]) -> Result<Vec<Done>, store::Error> {
    if turns.iter().all(|turn| grounds_of(&turn.before) == turn.after) {
        return Ok(turns.iter().map(unchanged).collect());
    }
    let org = act.org;
    let mut ledger = Ledger::open(tx, org).await?;
    let mut done = vec![Done::default(); turns.len()];
    let freed = settle_present(tx, org, &mut ledger, turns, &mut done).await?;
    let healed = ledger.heal(tx, org, &freed).await?;
    for (turn, done) in turns.iter().zip(&mut done) {
        let got = healed.get(&turn.user).into_iter().flatten();
        for licence in got {
            done.none_left.retain(|one| one != licence);
            done.given.push(*licence);
        }
    }
    give(tx, act, &mut ledger, turns, &mut done).await?;
    ledger.close(tx, org).await?;
    tell(tx, act, &ledger, turns, &done, healed).await?;
    Ok(done)
}

/// Gives what has come free of these licences to whoever has waited longest, with an event for each.
pub async fn heal(
    tx: &mut Tx<'_>,
    act: Act<'_>,
    ledger: &mut Ledger,
    licences: &BTreeSet<LicenceId>,
) -> Result<(), store::Error> {
    let healed = ledger.heal(tx, act.org, licences).await?;
    ledger.close(tx, act.org).await?;
    tell(tx, act, ledger, &[], &[], healed).await
}

fn unchanged(turn: &Turn) -> Done {
    let mut done = Done::default();
    for one in &turn.before {
        match one.state {
            State::Given => done.had.push(one.licence),
            State::Waiting => done.none_left.push(one.licence),
            State::Taken => {}
        }
    }
    done
}

/// Takes away what has no ground any more, and notes the grounds of what stays. Says of which licences some came free.
async fn settle_present(
    tx: &mut Tx<'_>,
    org: OrgId,
    ledger: &mut Ledger,
    turns: &[Turn],
    done: &mut [Done],
) -> Result<BTreeSet<LicenceId>, store::Error> {
    let (mut freed, mut rows) = (BTreeSet::new(), Vec::new());
    for (turn, done) in turns.iter().zip(done) {
        for one in turn.before.iter().filter(|one| one.state != State::Taken) {
            let Some(grounds) = turn.after.0.get(&one.licence) else {
                if one.state == State::Given {
                    ledger.free(one.licence);
                    freed.insert(one.licence);
                }
                done.taken.push(one.licence);
                rows.push(Holding {
                    state: State::Taken,
                    sources: String::new(),
                    reason: Some(turn.reason.as_str().to_owned()),
                    modified: ledger.now,
                    ..one.clone()
                });
                continue;
            };
            match one.state {
                State::Given => done.had.push(one.licence),
                State::Waiting | State::Taken => done.none_left.push(one.licence),
            }
            let sources = grounds::written(grounds);
            if sources != one.sources {
                rows.push(Holding {
                    sources,
                    ..one.clone()
                });
            }
        }
    }
    holdings::put(tx, org, &rows).await?;
    Ok(freed)
}

/// Gives what is new to people, or puts them in line.
async fn give(
    tx: &mut Tx<'_>,
    act: Act<'_>,
    ledger: &mut Ledger,
    turns: &[Turn],
    done: &mut [Done],
) -> Result<(), store::Error> {
    let mut rows = Vec::new();
    for (turn, done) in turns.iter().zip(done) {
        for (licence, grounds) in &turn.after.0 {
            let is_there = |one: &&Holding| one.licence == *licence && one.state != State::Taken;
            if let Some(there) = turn.before.iter().find(is_there) {
                refuse_waiting(act, ledger, turn, there)?;
                continue;
            }
            let Some((state, ticket)) = ledger.next(*licence) else {
                continue;
            };
            match state {
                State::Given => done.given.push(*licence),
                State::Waiting | State::Taken => {
                    refuse(act, ledger, *licence)?;
                    done.none_left.push(*licence);
                }
            }
            rows.push(Holding {
                user: turn.user,
                licence: *licence,
                state,
                sources: grounds::written(grounds),
                ticket,
                reason: None,
                modified: ledger.now,
            });
        }
    }
    holdings::put(tx, act.org, &rows).await
}

fn refuse(act: Act<'_>, ledger: &Ledger, licence: LicenceId) -> Result<(), store::Error> {
    let known = ledger.licences.get(&licence);
    match (act.shortage, known) {
        (Shortage::Refuse, Some(licence)) => Err(LicenceError::NoneLeft {
            name: licence.name.clone(),
            total: licence.total.unwrap_or_default(),
        }
        .refusal()),
        _ => Ok(()),
    }
}

/// Whoever waits already gets none by being given one.
fn refuse_waiting(act: Act<'_>, ledger: &Ledger, turn: &Turn, there: &Holding) -> Result<(), store::Error> {
    let more = turn
        .after
        .0
        .get(&there.licence)
        .is_some_and(|grounds| grounds::written(grounds) != there.sources);
    if there.state == State::Waiting && more {
        return refuse(act, ledger, there.licence);
    }
    Ok(())
}

/// An event for each person who has more or fewer licences than before, or waits for one as of now.
async fn tell(
    tx: &mut Tx<'_>,
    act: Act<'_>,
    ledger: &Ledger,
    turns: &[Turn],
    done: &[Done],
    mut healed: BTreeMap<UserId, BTreeSet<LicenceId>>,
) -> Result<(), store::Error> {
    let mut told = Vec::new();
    for (turn, done) in turns.iter().zip(done) {
        let (before, was_waiting) = standing(&turn.before);
        let taken: BTreeSet<LicenceId> = done.taken.iter().copied().collect();
        let mut after: BTreeSet<LicenceId> = before.difference(&taken).copied().collect();
        after.extend(&done.given);
        let got = healed.remove(&turn.user).unwrap_or_default();
        after.extend(&got);
        let waits = done.none_left.iter().filter(|one| !was_waiting.contains(one));
        let waits: BTreeSet<LicenceId> = waits.copied().filter(|one| !got.contains(one)).collect();
        told.push((turn.user, turn.user_name.clone(), before, after, waits));
    }
    let others: Vec<UserId> = healed.keys().copied().collect();
    let mut now = held(tx, act.org, &others).await?;
    for (user, got) in healed {
        let (after, _) = standing(&now.remove(&user).unwrap_or_default());
        let before = after.difference(&got).copied().collect();
        told.push((user, None, before, after, BTreeSet::new()));
    }
    told.retain(|(_, _, before, after, waits)| before != after || !waits.is_empty());
    let unnamed: Vec<SubjectId> = told
        .iter()
        .filter(|one| one.1.is_none())
        .map(|one| one.0.into())
        .collect();
    let named = store::members::named(tx, act.org, &unnamed).await?;
    let names: BTreeMap<SubjectId, String> = named
        .into_iter()
        .filter_map(|one| Some((one.id.subject(), one.user_name?)))
        .collect();
    for (user, name, before, after, waits) in told {
        let name = name
            .or_else(|| names.get(&user.into()).cloned())
            .unwrap_or_default();
        let (from, to) = (ledger.names(&before), ledger.names(&after));
        let mut detail = json!({
            "name": name,
            "source": act.source,
            "changes": [{ "field": "licences", "from": from, "to": to }],
        });
        let mut failed = false;
        if !waits.is_empty() {
            let waits = ledger.names(&waits).join(", ");
            detail["reason"] = format!("not given, as none was left: {waits}").into();
            failed = true;
        }
        let event = Event::new("user_licence_update", "user", user, &detail, act.cause);
        let event = if failed { event.failed() } else { event };
        event.append(tx, act.org).await?;
    }
    Ok(())
}

/// What somebody has, and what he or she waits for.
fn standing(held: &[Holding]) -> (BTreeSet<LicenceId>, BTreeSet<LicenceId>) {
    let of = |state| {
        held.iter()
            .filter(move |one| one.state == state)
            .map(|one| one.licence)
    };
    (of(State::Given).collect(), of(State::Waiting).collect())
}

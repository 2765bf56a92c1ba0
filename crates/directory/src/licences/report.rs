//! Who has no licence, and why.

use std::collections::BTreeMap;

use base::{GroupId, LicenceId, OrgId, UserId};
use store::licences::holdings::{self, Holding, State, Without};
use store::licences::templates::{self, Scope};

use super::Licensing;
use super::people::Taken;
use super::types::names;
use crate::{Directory, Error, LicencePrecedence, Settings};

/// Somebody who has no licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlicensed {
    pub user: UserId,
    pub user_name: String,
    pub display_name: Option<String>,
    pub active: bool,
    /// One at least.
    pub reasons: Vec<WhyNone>,
}

/// Why somebody has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNone {
    /// None is left of a licence that the person is in line for.
    NoneLeft { licence: String },
    /// One was taken away.
    Taken { licence: String, why: Taken },
    /// Neither the organization nor a group of the person's has a template.
    NoTemplate,
    /// The templates that hold for the person give nothing.
    EmptyTemplate,
    /// The templates that hold for the person were saved later, for whoever comes from then on.
    BeforeTemplate,
}

impl WhyNone {
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoneLeft { .. } => "none_left",
            Self::Taken { .. } => "taken_away",
            Self::NoTemplate => "no_template",
            Self::EmptyTemplate => "empty_template",
            Self::BeforeTemplate => "before_template",
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        match self {
            Self::NoneLeft { licence } => format!("none is left of the licence {licence}; the person waits for one"),
            Self::Taken { licence, why } => format!("the licence {licence} was taken away: {}", why.text()),
            Self::NoTemplate => {
                "no template holds for the person: the organization has none, and no group of the person's has one".to_owned()
            }
            Self::EmptyTemplate => "the template that holds for the person gives no licence".to_owned(),
            Self::BeforeTemplate => {
                "the template that holds for the person was for whoever came later: apply it to existing users".to_owned()
            }
        }
    }
}

impl Directory {
    /// A page of the people who have no licence, in the order of their ids, each with the reasons.
    pub async fn unlicensed(
        &self,
        org: OrgId,
        settings: Settings,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Unlicensed>, Error> {
        let mut reader = self.store.reader();
        let people = holdings::without(&mut reader, org, after, limit).await?;
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<UserId> = people.iter().map(|one| one.user).collect();
        let licensing: Licensing = store::licences::known(&mut reader, org).await?.into();
        let names = names(&mut reader, org).await?;
        let mut held: BTreeMap<UserId, Vec<Holding>> = BTreeMap::new();
        for one in holdings::of_users(&mut reader, org, &ids).await? {
            held.entry(one.user).or_default().push(one);
        }
        let mut groups: BTreeMap<UserId, Vec<GroupId>> = BTreeMap::new();
        for (user, group) in templates::groups_of(&mut reader, org, &ids).await? {
            groups.entry(user).or_default().push(group);
        }
        let slice = |map: &BTreeMap<UserId, Vec<GroupId>>, user| map.get(&user).cloned().unwrap_or_default();
        let unlicensed = people.into_iter().map(|one| {
            let held = held.get(&one.user).map(Vec::as_slice).unwrap_or_default();
            let reasons = reasons(held, &names, &licensing, settings, &slice(&groups, one.user));
            let Without {
                user,
                user_name,
                display_name,
                active,
                created: _,
            } = one;
            Unlicensed {
                user,
                user_name,
                display_name,
                active,
                reasons,
            }
        });
        Ok(unlicensed.collect())
    }
}

fn reasons(
    held: &[Holding],
    names: &BTreeMap<LicenceId, String>,
    licensing: &Licensing,
    settings: Settings,
    groups: &[GroupId],
) -> Vec<WhyNone> {
    let name = |one: &Holding| names.get(&one.licence).cloned().unwrap_or_default();
    let waits = held.iter().filter(|one| one.state == State::Waiting);
    let mut reasons: Vec<WhyNone> = waits
        .map(|one| WhyNone::NoneLeft { licence: name(one) })
        .collect();
    reasons.extend(
        held.iter()
            .filter(|one| one.state == State::Taken)
            .map(|one| WhyNone::Taken {
                licence: name(one),
                why: Taken(one.reason.clone().unwrap_or_default()),
            }),
    );
    if !reasons.is_empty() {
        return reasons;
    }
    let mut scopes: Vec<Scope> = groups.iter().copied().map(Scope::Group).collect();
    if groups.is_empty() || settings.licence_precedence == LicencePrecedence::Both {
        scopes.push(Scope::Organization);
    }
    let hold: Vec<&[LicenceId]> = scopes
        .into_iter()
        .filter_map(|scope| licensing.of(scope))
        .collect();
    vec![if hold.is_empty() {
        WhyNone::NoTemplate
    } else if hold.iter().all(|licences| licences.is_empty()) {
        WhyNone::EmptyTemplate
    } else {
        WhyNone::BeforeTemplate
    }]
}

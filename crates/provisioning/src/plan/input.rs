//! What a decision is made from, and what is missing for one.

use std::collections::BTreeMap;

use base::Message;
use mapping::Around;
use scim::Object;
use serde_json::Value;
use store::assignments::SubjectKind;
use store::memberships::Stale;

use super::references::References;
use super::replacement::Whole;
use crate::account::{Known, TargetPath};
use crate::desired::{Mappings, Worked};
use crate::settings::Switches;
use crate::target::MissingElement;

/// The person as the directory has them now.
#[derive(Clone, Copy)]
pub enum Person<'a> {
    Present {
        resource: &'a Object,
        id: &'a str,
        active: bool,
        around: Around<'a>,
        references: &'a References,
    },
    /// Removed from the directory for good.
    Gone { id: &'a str },
}

/// Whether the app is to hold an account for this person, and why.
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    In(Message),
    Out(Message),
}

/// The person's account at the target, as far as is known.
#[derive(Debug, Clone, Copy)]
pub enum Account<'a> {
    /// No link, and nobody has looked.
    Unlinked,
    /// No link, and none of the matching attributes finds an account.
    Absent,
    /// No link, but the matching attributes find this account.
    Found {
        target: &'a str,
        known: &'a Known,
    },
    Linked {
        target: &'a str,
        known: &'a Known,
    },
}

/// How a change of an account is sent.
#[derive(Debug, Clone, Copy)]
pub enum Writing<'a> {
    /// With how a value comes into an element that the account does not have.
    Patch(MissingElement),
    /// The whole account.
    Put {
        /// As it was just read; `None`: nobody has read it.
        whole: Option<&'a Whole>,
        /// What the target announces to be `readOnly`.
        read_only: &'a [String],
    },
}

/// What becomes of what is held at the target and in scope no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// An account may no longer sign in.
    Disable,
    /// A group stays as it is.
    Stay,
    /// A group is deleted.
    Delete,
}

/// Everything a decision depends on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    pub person: Person<'a>,
    pub scope: &'a Scope,
    pub mappings: &'a Mappings,
    pub switches: Switches,
    pub account: Account<'a>,
    pub writing: Writing<'a>,
    /// A person, or a group: then "person" is the group.
    pub kind: SubjectKind,
    pub leaving: Leaving,
    /// Time and chance, for the mappings.
    pub ambient: &'a dyn mapping::Ambient,
    /// What the mappings gave for this person, or will have given.
    pub worked: &'a Worked,
    /// Of a group that is held at the target.
    pub members: &'a Members,
    /// What was found free at the target.
    pub choices: &'a Choices,
}

/// Values that no account at the target has, by the path of their place.
pub type Choices = BTreeMap<String, Value>;

/// Why there is no plan yet.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The account must be looked up first, by the first of these that finds one.
    LookUp(Vec<(TargetPath, Value)>),
    /// One of these must be chosen that no account has, the first that is free.
    Choose(Box<Candidates>),
    /// The account, which has this id, must be read whole first.
    ReadWhole(String),
    /// The mappings cannot be applied to this person.
    Failed(Message),
}

/// Values for one place, the one to be tried first in front.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    pub path: TargetPath,
    pub values: Vec<Value>,
}

/// Memberships that may have to change, as many as one request takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members(pub(crate) Vec<Stale>);

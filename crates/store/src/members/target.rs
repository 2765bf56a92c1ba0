//! Who is to be in a group after a request: its steps netted in their order, so that whoever comes and goes again, or
//! goes and comes again, is left alone. It grows with the request, never with the group.

use std::collections::{BTreeMap, BTreeSet};

use base::SubjectId;

use super::{MemberId, MemberRef, SubjectKind};

const KINDS: [SubjectKind; 2] = [SubjectKind::Group, SubjectKind::User];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    In,
    Out,
}

/// The steps of one change, of each subject the last that spoke of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Of these kinds nobody stays who is not named.
    cleared: BTreeSet<SubjectKind>,
    fates: BTreeMap<MemberId, Fate>,
    /// Whoever was to be added by any step: an id of nobody is refused even if a later step takes it back.
    named: BTreeSet<MemberRef>,
}

impl Target {
    pub fn add(&mut self, members: &[MemberRef]) {
        self.named.extend(members);
        self.decide(members, Fate::In);
    }

    pub fn remove(&mut self, members: &[MemberRef]) {
        self.decide(members, Fate::Out);
    }

    /// All go, or all of one kind.
    pub fn clear(&mut self, kind: Option<SubjectKind>) {
        for one in KINDS
            .into_iter()
            .filter(|one| kind.is_none_or(|kind| kind == *one))
        {
            self.fates.retain(|member, _| member.kind() != one);
            self.cleared.insert(one);
        }
    }

    pub fn replace(&mut self, members: &[MemberRef]) {
        self.clear(None);
        self.add(members);
    }

    /// Nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.cleared.is_empty() && self.fates.is_empty() && self.named.is_empty()
    }

    /// Who is to be in the group, each as every kind that it may be.
    pub(super) fn joining(&self) -> BTreeSet<MemberId> {
        self.bound(Fate::In).collect()
    }

    pub(super) fn named(&self) -> Vec<MemberRef> {
        self.named.iter().copied().collect()
    }

    /// The kinds of which all go.
    pub(super) fn wiped(&self) -> Vec<SubjectKind> {
        self.cleared_where(|stays| !stays)
    }

    /// The kinds of which only those named stay.
    pub(super) fn compared(&self) -> Vec<SubjectKind> {
        self.cleared_where(|stays| stays)
    }

    /// Who is to leave by name; of kinds that are cleared nobody need be.
    pub(super) fn leaving(&self) -> Vec<MemberRef> {
        let mut leaving: BTreeMap<SubjectId, Option<SubjectKind>> = BTreeMap::new();
        for member in self.bound(Fate::Out) {
            if self.cleared.contains(&member.kind()) {
                continue;
            }
            let kind = leaving.entry(member.subject());
            kind.and_modify(|kind| *kind = None)
                .or_insert(Some(member.kind()));
        }
        let leaving = leaving.into_iter();
        leaving.map(|(id, kind)| MemberRef { id, kind }).collect()
    }

    fn decide(&mut self, members: &[MemberRef], fate: Fate) {
        for one in members {
            let meant = KINDS.into_iter().filter(|kind| one.may_be(*kind));
            self.fates
                .extend(meant.map(|kind| (MemberId::new(kind, one.id), fate)));
        }
    }

    fn bound(&self, fate: Fate) -> impl Iterator<Item = MemberId> {
        let bound = self.fates.iter().filter(move |(_, one)| **one == fate);
        bound.map(|(member, _)| *member)
    }

    fn cleared_where(&self, wanted: impl Fn(bool) -> bool) -> Vec<SubjectKind> {
        let stays = |kind: SubjectKind| self.bound(Fate::In).any(|member| member.kind() == kind);
        let cleared = self.cleared.iter().copied();
        cleared.filter(|kind| wanted(stays(*kind))).collect()
    }
}

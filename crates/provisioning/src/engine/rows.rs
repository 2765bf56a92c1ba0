//! What is stored about those who were taken together, read for all of them at once: a read that comes behind somebody's
//! write finds nothing kept in memory, and with people being written down all the time that would be every one.

use std::collections::HashMap;

use base::SubjectId;
use store::Query;
use store::assignments::SubjectKind;
use store::links::Link;
use store::references::Reference;
use store::users::User;

use super::claim::Piece;
use super::config::Config;

/// What the work for one begins with.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(super) link: Option<Link>,
    /// Of a group always `None`.
    pub(super) user: Option<User>,
    /// To whom the account refers, in the order of their ids.
    pub(super) noted: Vec<Reference>,
}

impl Rows {
    pub(super) async fn read(
        q: &mut impl Query,
        config: &Config,
        (kind, subject): (SubjectKind, SubjectId),
    ) -> Result<Self, store::Error> {
        let mut read = read_all(q, config, &[(kind, subject)]).await?;
        Ok(read.remove(&subject).unwrap_or_default())
    }
}

/// Reads for all who were taken. They are read under their leases, as each by itself would be.
pub(super) async fn read_together(
    q: &mut impl Query,
    config: &Config,
    pieces: &mut [Piece],
) -> Result<(), store::Error> {
    let subjects: Vec<_> = pieces
        .iter()
        .map(|piece| (piece.lease.kind, piece.lease.subject))
        .collect();
    let mut read = read_all(q, config, &subjects).await?;
    for piece in pieces {
        piece.rows = Some(Box::new(read.remove(&piece.lease.subject).unwrap_or_default()));
    }
    Ok(())
}

async fn read_all(
    q: &mut impl Query,
    config: &Config,
    subjects: &[(SubjectKind, SubjectId)],
) -> Result<HashMap<SubjectId, Rows>, store::Error> {
    let Config { org, app, .. } = *config;
    let mut read: HashMap<SubjectId, Rows> = HashMap::with_capacity(subjects.len());
    let all: Vec<_> = subjects.iter().map(|(_, subject)| *subject).collect();
    for link in store::links::by_subjects(q, org, app, &all).await? {
        let subject = link.subject;
        read.entry(subject).or_default().link = Some(link);
    }
    let of = |wanted: SubjectKind| {
        let of = subjects.iter().filter(move |(kind, _)| *kind == wanted);
        of.map(|(_, subject)| *subject)
    };
    let people: Vec<_> = of(SubjectKind::User).map(SubjectId::as_user).collect();
    for user in store::users::by_ids(q, org, &people).await? {
        let subject = user.id.into();
        read.entry(subject).or_default().user = Some(user);
    }
    let mut referring = Vec::new();
    for kind in [SubjectKind::User, SubjectKind::Group] {
        if config.of(kind).mappings.has_references() {
            referring.extend(of(kind));
        }
    }
    for (subject, reference) in store::references::of_subjects(q, org, app, &referring).await? {
        read.entry(subject).or_default().noted.push(reference);
    }
    Ok(read)
}

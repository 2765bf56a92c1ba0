//! Taking work: which lanes may be taken, and what may be done with them.

use base::{AppId, OrgId, ProcessId, Timestamp};
use store::lanes::{Claimable, Lease};
use store::{Tx, Write};

use super::rows::Rows;
use crate::settings::Approval;

/// What may be done with what was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Whatever is planned is sent.
    Free,
    /// What was judged harmless is sent if it is, and what was counted in any case.
    Judged,
    /// Nothing is sent; what is planned is gathered for approval.
    Gather,
}

/// A piece of work.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) lease: Lease,
    pub(crate) mode: Mode,
    /// `None`: not read yet.
    pub(crate) rows: Option<Box<Rows>>,
}

/// Leases lanes, as the app stands in that moment. None, if it is not the app any more that the worker knows.
pub(crate) struct Claim {
    pub(crate) org: OrgId,
    pub(crate) app: AppId,
    pub(crate) version: i64,
    pub(crate) approval: Approval,
    /// Who takes it, and until when.
    pub(crate) holder: ProcessId,
    pub(crate) until: Timestamp,
    pub(crate) limit: usize,
}

impl Write for Claim {
    type Out = Vec<Piece>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Piece>, store::Error> {
        let now = tx.ambient().now();
        let Some(stance) = store::apps::stance(tx, self.org, self.app).await? else {
            return Ok(Vec::new());
        };
        if stance.version != self.version {
            return Ok(Vec::new());
        }
        let mode = match self.approval {
            Approval::Always => Mode::Gather,
            _ if stance.plan.is_some() => Mode::Gather,
            Approval::OverThreshold => Mode::Judged,
            Approval::Never => Mode::Free,
        };
        let claimable = match mode {
            Mode::Judged => Claimable::Judged,
            Mode::Free | Mode::Gather => Claimable::Any,
        };
        let times = (self.holder, now, self.until);
        let leases = store::lanes::claim(tx, self.org, self.app, times, (claimable, self.limit)).await?;
        let piece = |lease| Piece {
            lease,
            mode,
            rows: None,
        };
        Ok(leases.into_iter().map(piece).collect())
    }
}

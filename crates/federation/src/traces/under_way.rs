//! Traces of sign-ins that wait for somebody: kept while it is not known how they end, and then another stands in their place.

use base::{Cause, OrgId, SamlTraceId};
use store::saml_traces;
use store::{Tx, Write};

use super::{NewTrace, stored};
use crate::{Error, Federation};

impl Federation {
    /// A name for a trace that may be kept.
    pub fn new_trace_id(&self) -> SamlTraceId {
        self.ambient().id()
    }

    /// Keeps a trace of what is under way; once, however often it is said. Nothing is kept of strangers who begin too much: of
    /// those who go on, a trace is kept then.
    pub async fn keep_under_way(
        &self,
        cause: &Cause,
        org: OrgId,
        id: SamlTraceId,
        trace: NewTrace,
    ) -> Result<(), Error> {
        if trace.is_of_stranger() && self.is_flooded(cause, org, trace.outcome).await? {
            return Ok(());
        }
        let write = Begin {
            org,
            id,
            trace: stored(trace),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Keeps the trace of what is over, in the place of that of when it was under way.
    pub async fn keep_trace_instead(
        &self,
        cause: &Cause,
        org: OrgId,
        under_way: SamlTraceId,
        trace: NewTrace,
    ) -> Result<Option<SamlTraceId>, Error> {
        self.keep(cause, org, trace, Some(under_way)).await
    }
}

struct Begin {
    org: OrgId,
    id: SamlTraceId,
    trace: saml_traces::NewTrace,
    cause: Cause,
}

impl Write for Begin {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        saml_traces::append_as(tx, self.org, self.id, &self.trace, &self.cause).await
    }
}

/// Forgets what is not under way any more, where nothing else is kept of it.
pub(super) struct End {
    pub org: OrgId,
    pub id: SamlTraceId,
}

impl Write for End {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        saml_traces::end(tx, self.org, self.id).await
    }
}

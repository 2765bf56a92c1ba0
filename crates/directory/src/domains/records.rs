//! What the DNS says of a domain, and whether that is what it is to say.

use std::pin::Pin;

use super::error::Problem;

/// What a record begins with; the organization's token follows.
pub const PREFIX: &str = "instep-domain-verification=";

/// Asks the DNS.
pub trait TxtRecords: Send + Sync + 'static {
    /// The TXT records of a name, each as one text; none if the name has none.
    fn txt<'a>(&'a self, name: &'a str) -> Answer<'a>;
}

/// What comes of asking.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, NoAnswer>> + Send + 'a>>;

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// There is no such name (NXDOMAIN).
    NoSuchName,
    /// Somebody answered that they could not (SERVFAIL, REFUSED…); `0` says which.
    ServerFailed(String),
    TimedOut,
    /// Nobody can be asked; `0` says why.
    Unusable(String),
}

/// Whether the record with this token is there.
pub(super) fn judge(name: &str, token: &str, answer: Result<Vec<String>, NoAnswer>) -> Result<(), Problem> {
    let name = name.to_owned();
    let records = answer.map_err(|none| match none {
        NoAnswer::NoSuchName => Problem::NoSuchName { name: name.clone() },
        NoAnswer::ServerFailed(reason) => Problem::ServerFailed {
            name: name.clone(),
            reason,
        },
        NoAnswer::TimedOut => Problem::TimedOut { name: name.clone() },
        NoAnswer::Unusable(reason) => Problem::Unusable { reason },
    })?;
    let mut tokens = records.iter().filter_map(|record| said(record)).peekable();
    if tokens.peek().is_none() {
        return Err(Problem::NoRecord { name });
    }
    if tokens.any(|said| said.eq_ignore_ascii_case(token)) {
        Ok(())
    } else {
        Err(Problem::OtherToken { name })
    }
}

/// The token of a record that is one of ours. Some forms of DNS providers keep the quotation marks that people type.
fn said(record: &str) -> Option<&str> {
    let record = record.trim().trim_matches('"').trim();
    let (prefix, token) = record.split_at_checked(PREFIX.len())?;
    prefix.eq_ignore_ascii_case(PREFIX).then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_record_among_others() {
        let judged = |records: &[&str]| {
            let records = records.iter().map(|&record| record.to_owned()).collect();
            judge("example.com", "0a1b", Ok(records)).map_err(|problem| problem.code())
        };
        for records in [
            &["instep-domain-verification=0a1b"][..],
            &[
                "v=spf1 -all",
                "instep-domain-verification=ffff",
                "instep-domain-verification=0a1b",
            ],
            &["Instep-Domain-Verification=0A1B"],
            &["\"instep-domain-verification=0a1b\" "],
            &["instep-domain-verification= 0a1b"],
        ] {
            assert_eq!(judged(records), Ok(()), "{records:?}");
        }
        for (records, problem) in [
            (&[][..], "no_record"),
            (
                &["", "é", "v=spf1 -all", "instep-domain-verification"],
                "no_record",
            ),
            (&["x instep-domain-verification=0a1b"], "no_record"),
            (&["instep-domain-verification="], "other_token"),
            (&["instep-domain-verification=0a1"], "other_token"),
            (&["instep-domain-verification=0a1bc"], "other_token"),
        ] {
            assert_eq!(judged(records), Err(problem), "{records:?}");
        }
    }
}

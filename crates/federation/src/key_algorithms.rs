//! Which key can sign by which algorithm: none is ever replaced by another in silence.

use base::OrgId;
use saml::security::{KeyKind, SignatureAlgorithm};
use store::saml_keys::{self, Owner};

use crate::{Error, Federation, Key, Standing};

impl Federation {
    /// Refuses to let a key sign that cannot do so by the algorithm that the owner has chosen.
    pub(crate) async fn refuse_unable(
        &self,
        org: OrgId,
        owner: Owner,
        is_able: impl Fn(SignatureAlgorithm) -> bool + Send,
    ) -> Result<(), Error> {
        let chosen = match owner {
            Owner::App(app) => self.algorithm_of_app(org, app).await?,
            Owner::ServiceProvider => self.algorithm_of_requests(org).await?,
        };
        match chosen {
            Some(algorithm) if !is_able(algorithm) => Err(Error::KeyAlgorithm {
                algorithm: algorithm.uri().rsplit('#').next().unwrap_or_default().to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// The first key that cannot sign by an algorithm, of those that sign, or are to from a date on.
    pub(crate) async fn unable_key(
        &self,
        org: OrgId,
        owner: Owner,
        algorithm: SignatureAlgorithm,
    ) -> Result<Option<Key>, Error> {
        let stored = saml_keys::of_owner(&mut self.store.reader(), org, owner).await?;
        for key in self.keys(org, owner).await? {
            let is_due = matches!(key.standing, Standing::Current | Standing::Next { from: Some(_) });
            let row = stored.iter().find(|row| row.id == key.id).filter(|_| is_due);
            if let Some(row) = row
                && self.signing_key(org, row)?.check(algorithm).is_err()
            {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

/// Can a key of this kind sign so?
pub(crate) fn can(kind: KeyKind, algorithm: SignatureAlgorithm) -> bool {
    use SignatureAlgorithm::{EcdsaSha256, EcdsaSha384, RsaSha256, RsaSha384, RsaSha512};
    match kind {
        KeyKind::Rsa2048 | KeyKind::Rsa3072 | KeyKind::Rsa4096 => {
            matches!(algorithm, RsaSha256 | RsaSha384 | RsaSha512)
        }
        KeyKind::P256 => algorithm == EcdsaSha256,
        KeyKind::P384 => algorithm == EcdsaSha384,
    }
}

/// Why an algorithm cannot be chosen.
pub(crate) fn unable(key: &Key) -> String {
    let when = match key.standing {
        Standing::Next { from: Some(from) } => format!("is to sign from {from} on"),
        _ => "signs at present".to_owned(),
    };
    format!(
        "the key {}, which {when}, cannot do that: let another key sign first",
        key.id
    )
}

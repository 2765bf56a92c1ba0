//! What is sealed at rest, wherever it stands: so that it can be sealed anew when another key is to seal.
//!
//! What clients carry (cursors, forms, cookies) and the answers that are kept for requests that come again are sealed under
//! derived keys and live for a while only; they are not here.

use base::{Field, Keyring, OrgId, SealError};

use crate::error::Error;
use crate::organizations;
use crate::params;
use crate::store::Store;
use crate::tx::{Query, Tx, Write};
use crate::value::Value;

/// So many are sealed anew in one transaction.
const PORTION: u32 = 100;

/// One place where sealed values stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The table and the column, for whoever checks that none is missing.
    pub column: (&'static str, &'static str),
    /// As which field its values are sealed.
    pub field: &'static str,
    page: &'static str,
    replace: &'static str,
}

macro_rules! place {
    ($table:literal, $key:literal, $column:literal, $field:expr) => {
        Place {
            column: ($table, $column),
            field: $field,
            page: concat!(
                "SELECT ",
                $key,
                ", ",
                $column,
                " FROM ",
                $table,
                " WHERE org = ?1 AND ",
                $key,
                " > ?2 AND ",
                $column,
                " IS NOT NULL ORDER BY ",
                $key,
                " LIMIT ?3"
            ),
            replace: concat!(
                "UPDATE ",
                $table,
                " SET ",
                $column,
                " = ?4 WHERE org = ?1 AND ",
                $key,
                " = ?2 AND ",
                $column,
                " = ?3"
            ),
        }
    };
}

/// As which fields they are sealed.
pub const APP_TOKEN: &str = "app.token";
pub const TARGET_TOKEN: &str = "app.access_token";
pub const AUTHENTICATOR: &str = "authenticator.secret";
pub const SAML_KEY: &str = "saml.private_key";

/// All of them.
pub const PLACES: [Place; 5] = [
    place!("apps", "id", "credentials", APP_TOKEN),
    place!("target_tokens", "app", "sealed", TARGET_TOKEN),
    place!("authenticators", "user_id", "secret", AUTHENTICATOR),
    place!("saml_keys", "id", "private_key", SAML_KEY),
    place!("mails", "id", "secret", crate::outbox::SECRET_FIELD),
];

/// What is sealed under which keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Under the key that seals now.
    pub present: u64,
    /// Under another key of the ring.
    pub older: u64,
    /// Under no key of the ring, or damaged.
    pub strange: u64,
}

impl Tally {
    pub fn total(self) -> u64 {
        self.present + self.older + self.strange
    }
}

/// Looks at everything that is sealed; under `name` alone, if one is named.
pub async fn tally(store: &Store, ring: &Keyring, name: Option<&str>) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    walk(store, async |_, _, page| {
        for (_, sealed) in page {
            let by = Keyring::name_in(&sealed).unwrap_or_default();
            if name.is_some_and(|name| name != by) {
                continue;
            }
            if ring.is_present(&sealed) {
                tally.present += 1;
            } else if ring.names().any(|known| known == by) {
                tally.older += 1;
            } else {
                tally.strange += 1;
            }
        }
        Ok(())
    })
    .await?;
    Ok(tally)
}

/// Seals under the present key what is sealed under others, some at a time; what changes meanwhile is left to whoever changes it.
/// Can be stopped at any time, and begun anew. `told` hears how many were looked at. What does not open stays as it is, and is
/// counted as strange.
pub async fn seal_anew(store: &Store, ring: &Keyring, mut told: impl FnMut(u64)) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    walk(store, async |org, place: Place, page| {
        let mut anew = Vec::new();
        for (key, sealed) in page {
            if ring.is_present(&sealed) {
                tally.present += 1;
                continue;
            }
            let field = Field {
                org,
                name: place.field,
            };
            match ring.open(field, &sealed) {
                Ok(secret) => anew.push((key, sealed, ring.seal(store.ambient(), field, &secret))),
                Err(SealError::UnknownKey(_) | SealError::Damaged | SealError::KeyFile(_)) => {
                    tally.strange += 1;
                }
            }
        }
        if !anew.is_empty() {
            tally.older += store.write(SealAnew { org, place, anew }).await?;
        }
        told(tally.total());
        Ok(())
    })
    .await?;
    Ok(tally)
}

/// A row's key in its table, and what is sealed in it.
type Row = (Vec<u8>, Vec<u8>);

async fn walk(
    store: &Store,
    mut visit: impl AsyncFnMut(OrgId, Place, Vec<Row>) -> Result<(), Error>,
) -> Result<(), Error> {
    for organization in organizations::list(&mut store.reader()).await? {
        let org = organization.id;
        for place in PLACES {
            let mut after = vec![0_u8; 16];
            loop {
                let page = page(&mut store.reader(), org, place, &after).await?;
                let Some((last, _)) = page.last() else { break };
                after.clone_from(last);
                visit(org, place, page).await?;
            }
        }
    }
    Ok(())
}

async fn page(q: &mut impl Query, org: OrgId, place: Place, after: &[u8]) -> Result<Vec<Row>, Error> {
    let rows = q
        .query(place.page, params![org, Value::from(after), PORTION])
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.bytes(0)?.to_vec(), row.bytes(1)?.to_vec())))
        .collect()
}

struct SealAnew {
    org: OrgId,
    place: Place,
    /// The row's key, what stood there, and what is to stand there.
    anew: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)>,
}

impl Write for SealAnew {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, Error> {
        let rows: Vec<_> = self
            .anew
            .iter()
            .map(|(key, before, after)| {
                let (key, before, after) = (key.as_slice(), before.as_slice(), after.as_slice());
                params![self.org, key, before, after].to_vec()
            })
            .collect();
        tx.execute_many(self.place.replace, &rows).await
    }
}

//! The tables, made and changed by migrations: twin files of equal names, never changed after their release.

use refinery::{Migration, Runner};

use crate::error::Error;

macro_rules! twins {
    ($($name:literal)+) => {
        const SQLITE: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../migrations/sqlite/", $name, ".sql")))),+];
        const POSTGRES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../migrations/postgres/", $name, ".sql")))),+];
    };
}

twins! { "V1__house" "V2__partners" "V3__domains" "V4__client_grants" "V5__grant_warnings" "V6__saml" "V7__service_provider"
"V8__identity_provider" "V9__subjects_and_recoveries" "V10__app_sign_outs" }

pub(crate) fn sqlite(connection: &mut rusqlite::Connection) -> Result<(), Error> {
    let done = runner(SQLITE)?.run(connection);
    done.map(drop).map_err(failed)
}

pub(crate) async fn postgres(client: &mut tokio_postgres::Client) -> Result<(), Error> {
    let done = runner(POSTGRES)?.run_async(client).await;
    done.map(drop).map_err(failed)
}

fn runner(files: &[(&str, &str)]) -> Result<Runner, Error> {
    let migrations: Result<Vec<_>, _> = files
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect();
    Ok(Runner::new(&migrations.map_err(failed)?).set_grouped(true))
}

fn failed(error: refinery::Error) -> Error {
    Error::Unavailable(format!("the tables could not be brought up to date: {error:?}"))
}

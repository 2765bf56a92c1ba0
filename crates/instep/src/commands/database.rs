//! Which database, for the commands that open it themselves, also beside a running server.

use std::path::PathBuf;

use base::Secret;
use clap::Args;

use crate::secrets;
use crate::wiring::Place;

#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    /// The directory that holds instep.db and the key file
    #[arg(
        long,
        global = true,
        help_heading = "Database",
        value_name = "DIR",
        default_value = "instep-data"
    )]
    pub(crate) data: PathBuf,

    /// Another database than the one in --data: sqlite://PATH or postgres://…
    #[arg(long, global = true, help_heading = "Database", value_name = "URL", value_parser = secrets::parser())]
    database: Option<Secret>,

    /// A file that holds the database's URL, as it may have a password in it
    #[arg(long, global = true, help_heading = "Database", value_name = "FILE")]
    database_file: Option<PathBuf>,
}

impl DatabaseArgs {
    /// The data folder and the database that are meant.
    pub(crate) fn place(&self) -> anyhow::Result<Place> {
        let url = self.url()?;
        Place::new(&self.data, url.as_ref().map(Secret::expose))
    }

    /// The database's URL; none means `instep.db` in the data directory.
    fn url(&self) -> anyhow::Result<Option<Secret>> {
        secrets::resolve(self.database.as_ref(), self.database_file.as_deref())
    }
}

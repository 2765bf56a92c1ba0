//! The two databases, each fresh for a measurement.

use anyhow::Result;
use tempfile::TempDir;
use testkit::postgres::PostgresServer;

/// On which database a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A data folder and an empty database.
pub struct Fresh {
    pub folder: TempDir,
    /// As `--database` takes it.
    pub url: String,
}

impl Fresh {
    pub async fn new(kind: Kind) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.path().join("instep.db").display()),
            Kind::Postgres => PostgresServer::shared().await.fresh_database().await,
        };
        Ok(Self { folder, url })
    }
}

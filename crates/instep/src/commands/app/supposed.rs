//! What a plan or a preview supposes of an app, from files: `app plan --mappings FILE`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::{file, mappings};

#[derive(Debug, Args)]
pub(super) struct SupposedArgs {
    /// Suppose these mappings of people, as `app mappings --output json` prints them; nothing is saved; - for standard input
    #[arg(long, value_name = "FILE", help_heading = "What if")]
    mappings: Option<PathBuf>,

    /// Suppose this scoping filter, as `app filter show --output json` prints it; nothing is saved
    #[arg(long, value_name = "FILE", help_heading = "What if")]
    filter: Option<PathBuf>,
}

impl SupposedArgs {
    /// The members of the request's body.
    pub(super) fn members(&self) -> anyhow::Result<Map<String, Value>> {
        let mut members = Map::new();
        if let Some(path) = &self.mappings {
            members.insert("mappings".to_owned(), mappings::from_file(path)?);
        }
        if let Some(path) = &self.filter {
            members.insert("filter".to_owned(), file::json(path)?);
        }
        Ok(members)
    }
}

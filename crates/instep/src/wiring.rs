//! Putting the rooms together: from a data folder to a directory, an engine and a server.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use access::Access;
use anyhow::{Context as _, Result};
use base::Ambient;
use directory::{Directory, Mailing};
use federation::Federation;
use mail::Post;
use outbound::{Dns, DnsServer, Mailer, Outbound, Rules};
use provisioning::{MailService, Provisioning};
use server::Sealers;
use store::{Database, Store};

use crate::key_file;
use crate::records::Records;

/// Where the data is: the folder of the key file, and the database.
#[derive(Debug, Clone)]
pub struct Place {
    pub data: PathBuf,
    pub database: Database,
}

impl Place {
    /// The folder, and the database in it unless another one is named.
    pub fn new(data: &Path, database: Option<&str>) -> Result<Self> {
        let database = match database {
            Some(url) => Database::parse(url)?,
            None => Database::Sqlite(data.join("instep.db")),
        };
        Ok(Self {
            data: data.to_owned(),
            database,
        })
    }
}

/// Everything below the doors.
#[derive(Clone)]
pub struct House {
    pub ambient: Ambient,
    pub store: Store,
    pub directory: Directory,
    pub access: Access,
    pub provisioning: Provisioning,
    pub federation: Federation,
    pub post: Post,
    /// Every process on one key file opens what they seal.
    pub sealers: Sealers,
}

impl House {
    /// Opens the database, makes it if it is not there, and the key file too.
    pub async fn open(place: &Place) -> Result<Self> {
        Self::open_with(place, Rules::default(), None, DnsServer::System).await
    }

    /// The same with rules of one's own for what leaves the process, with somebody who takes its mail, and with whom to ask
    /// the DNS.
    pub async fn open_with(
        place: &Place,
        rules: Rules,
        mailer: Option<Mailer>,
        dns: DnsServer,
    ) -> Result<Self> {
        let ambient = Ambient::system();
        fs::create_dir_all(&place.data)
            .with_context(|| format!("the data folder {} cannot be made", place.data.display()))?;
        let keyring = Arc::new(key_file::open(&place.data, &ambient)?);
        let store = Store::open(&place.database, ambient.clone()).await?;
        let outbound = Outbound::new(rules)?;
        let mailing = match &mailer {
            Some(_) => Mailing::Configured,
            None => Mailing::Missing,
        };
        let directory = Directory::new(store.clone(), ambient.clone())
            .with_invitations(Arc::clone(&keyring), mailing)
            .with_dns(Arc::new(Records(Dns::new(dns))));
        Ok(Self {
            directory: directory.clone(),
            access: Access::new(store.clone(), ambient.clone(), Arc::clone(&keyring)),
            sealers: Sealers::new(&keyring),
            federation: Federation::new(
                store.clone(),
                directory.clone(),
                Arc::clone(&keyring),
                outbound.clone(),
            ),
            provisioning: Provisioning::new(store.clone(), Arc::clone(&keyring), outbound)
                .with_newcomers(Arc::new(server::Newcomers(directory)))
                .with_mail(match &mailer {
                    Some(_) => MailService::Configured,
                    None => MailService::Missing,
                }),
            post: Post::new(store.clone(), keyring, mailer),
            store,
            ambient,
        })
    }
}

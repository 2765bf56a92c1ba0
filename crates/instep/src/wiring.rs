//! Putting the rooms together: from a data folder to a directory, an engine and a server.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use access::Access;
use anyhow::{Context as _, Result, bail};
use base::{Ambient, Keyring};
use directory::{Directory, Mailing};
use mail::Post;
use outbound::{Dns, DnsServer, Mailer, Outbound, Rules};
use provisioning::{MailService, Provisioning};
use server::Sealers;
use store::{Database, Store};

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
        let keyring = Arc::new(keyring(&place.data, &ambient)?);
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

/// Reads `instep.key`, or makes it, readable by its owner only.
fn keyring(data: &Path, ambient: &Ambient) -> Result<Keyring> {
    let path = data.join("instep.key");
    match fs::read_to_string(&path) {
        Ok(text) => {
            return Keyring::from_json(&text).with_context(|| format!("{} cannot be used", path.display()));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => bail!("{} cannot be read: {error}", path.display()),
    }
    let keyring = Keyring::generate(ambient);
    // Written whole under another name first: a key file that was cut short would lose every sealed secret.
    let fresh = data.join(format!("instep.key.{}", std::process::id()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(keyring.to_json().as_bytes())?;
    file.sync_all()?;
    // A second process may have been quicker: whoever links first wins, and both use that one.
    let linked = fs::hard_link(&fresh, &path);
    fs::remove_file(&fresh)?;
    match linked {
        Ok(()) => Ok(keyring),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Ok(Keyring::from_json(&fs::read_to_string(&path)?)?)
        }
        Err(error) => bail!("{} cannot be written: {error}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let ambient = Ambient::system();
        let first = keyring(folder.path(), &ambient).expect("made");
        let second = keyring(folder.path(), &ambient).expect("read");
        assert_eq!(first.to_json(), second.to_json());
        let mode = fs::metadata(folder.path().join("instep.key"))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_file_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("instep.key"), "{").expect("written");
        assert!(keyring(folder.path(), &Ambient::system()).is_err());
        assert_eq!(
            fs::read_to_string(folder.path().join("instep.key")).expect("there"),
            "{"
        );
    }
}

//! `instep.key`: the keys that seal and open, for its owner only. It is always whole: written under another name first, as a key
//! file that was cut short would lose every sealed secret.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use base::{Ambient, Keyring};

const NAME: &str = "instep.key";

/// Reads the file, or makes it.
pub fn open(data: &Path, ambient: &Ambient) -> Result<Keyring> {
    if let Some(keyring) = read(data)? {
        return Ok(keyring);
    }
    let (path, keyring) = (data.join(NAME), Keyring::generate(ambient));
    let fresh = write_beside(data, &keyring)?;
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

/// The keys, if there is a file.
pub fn read(data: &Path) -> Result<Option<Keyring>> {
    let path = data.join(NAME);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let keyring = Keyring::from_json(&text);
            let keyring = keyring.with_context(|| format!("{} cannot be used", path.display()))?;
            Ok(Some(keyring))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => bail!("{} cannot be read: {error}", path.display()),
    }
}

/// Puts other keys in the place of those that were read, all at once; refused if they are others by now.
pub fn replace(data: &Path, before: &Keyring, after: &Keyring) -> Result<()> {
    let path = data.join(NAME);
    let fresh = write_beside(data, after)?;
    let present = read(data)?.map(|present| present.to_json());
    if present.is_none_or(|present| *present != *before.to_json()) {
        fs::remove_file(&fresh)?;
        bail!(
            "{} was changed by somebody else just now: try again",
            path.display()
        );
    }
    fs::rename(&fresh, &path).with_context(|| format!("{} cannot be written", path.display()))?;
    // The new name stays, whatever happens to the machine.
    fs::File::open(data)?.sync_all()?;
    Ok(())
}

/// Writes the keys into a file of its own, and says where.
fn write_beside(data: &Path, keyring: &Keyring) -> Result<PathBuf> {
    let fresh = data.join(format!("{NAME}.{}", std::process::id()));
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh);
    let mut file = file.with_context(|| format!("{} cannot be made", fresh.display()))?;
    file.write_all(keyring.to_json().as_bytes())?;
    file.sync_all()?;
    Ok(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let ambient = Ambient::system();
        let first = open(folder.path(), &ambient).expect("made");
        let second = open(folder.path(), &ambient).expect("read");
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
        assert!(open(folder.path(), &Ambient::system()).is_err());
        assert_eq!(
            fs::read_to_string(folder.path().join("instep.key")).expect("there"),
            "{"
        );
    }

    #[test]
    fn another_ring_takes_the_place_whole() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let ambient = Ambient::system();
        let first = open(folder.path(), &ambient).expect("made");
        let (both, _) = first.with_new(&ambient);
        replace(folder.path(), &first, &both).expect("written");
        let read = open(folder.path(), &ambient).expect("read");
        assert_eq!(read.to_json(), both.to_json());
        // Somebody else was quicker: nothing is lost.
        let (other, _) = first.with_new(&ambient);
        replace(folder.path(), &first, &other).expect_err("not what it was");
        let read = open(folder.path(), &ambient).expect("read");
        assert_eq!(read.to_json(), both.to_json());
        let files: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(files.len(), 1, "{files:?}");
        let mode = fs::metadata(folder.path().join(NAME))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

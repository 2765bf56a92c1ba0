//! Passwords: made up, judged, hashed with Argon2id (RFC 9106), and compared.

use std::sync::Arc;
use std::time::Duration;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use base::{Ambient, Secret, canonical};
use tokio::sync::Semaphore;

use crate::{Error, common};

/// Letters and digits that nobody mistakes for one another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

/// How short and long a password may be, in characters.
pub const SHORTEST: usize = 12;
const LONGEST: usize = 256;
/// So many different characters make a password.
const DIFFERENT: usize = 5;

/// Of nobody: compared with where there is nobody, so that it takes as long as if there were. The parameters are those of
/// [`hash_password`].
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUu$\
                       cZ1LVPs9uIWDzIb2SkN3G8mMWBtdl2PtbVMlVnGo2pA";

/// How long one waits for one's turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is wrong with a password that somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    #[error("A password has at least {SHORTEST} characters")]
    Short,
    #[error("A password has at most {LONGEST} characters")]
    Long,
    #[error("This password is too simple: it repeats a few characters")]
    Simple,
    #[error("A password must not be the name or the address")]
    Name,
    #[error("This is one of the passwords that are guessed first: choose words that only you put together")]
    Common,
    #[error("This password is little more than names of you, your organization or this program")]
    Context,
    #[error("This is the password that you have: choose another one")]
    Same,
}

/// What the program is called, and those around it.
const OURS: [&str; 2] = ["instep", "password"];

/// Judges a password that somebody wants who goes by these names, in an organization.
pub fn judge(password: &str, names: &[&str], organization: &str) -> Result<(), Weakness> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weakness::Short);
    }
    if length > LONGEST {
        return Err(Weakness::Long);
    }
    let different: std::collections::BTreeSet<char> = password.chars().collect();
    if different.len() < DIFFERENT {
        return Err(Weakness::Simple);
    }
    let folded = canonical::text(password);
    if names.iter().any(|name| canonical::text(name) == folded) {
        return Err(Weakness::Name);
    }
    if common::is_common(&folded) {
        return Err(Weakness::Common);
    }
    let context = names.iter().copied().chain(OURS).chain([organization]);
    let context: Vec<String> = context.map(canonical::text).collect();
    if common::is_made_of_names(&folded, &context) {
        return Err(Weakness::Context);
    }
    Ok(())
}

/// Twenty letters and digits in groups of five: 100 bits.
pub fn generate_password(ambient: &Ambient) -> Secret {
    random_groups::<20>(ambient, 5)
}

/// `N` letters and digits, five bits each, in groups of so many.
pub(crate) fn random_groups<const N: usize>(ambient: &Ambient, group: usize) -> Secret {
    let random: [u8; N] = ambient.random();
    let mut text = String::with_capacity(2 * N);
    for (at, byte) in random.iter().enumerate() {
        if at > 0 && at % group == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    Secret::new(text)
}

/// The PHC string of a password under Argon2id with the library's defaults (19 MiB, two passes: OWASP's minimum).
/// Takes tens of milliseconds: call it outside transactions.
pub fn hash_password(ambient: &Ambient, password: &Secret) -> Result<String, Error> {
    let salt: [u8; 16] = ambient.random();
    let hash = Argon2::default().hash_password_with_salt(password.expose().as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|_| Error::Password)
}

/// Is it this one?
fn fits(password: &str, hash: &str) -> bool {
    // Longer than anybody's: not worth the work, but it takes the time.
    let (password, hash) = if password.chars().count() > LONGEST {
        ("", NOBODYS)
    } else {
        (password, hash)
    };
    Argon2::default()
        .verify_password(password.as_bytes(), hash)
        .is_ok()
}

/// Where passwords are hashed and compared: a few at a time, as each takes memory, and beside the threads that serve.
#[derive(Clone)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(cores.min(8))))
    }
}

impl Passwords {
    /// Which of these hashes the password fits. Without any it takes as long as with one.
    pub async fn fitting(&self, password: &Secret, hashes: Vec<String>) -> Result<Vec<bool>, Error> {
        let password = password.clone();
        self.turn(move || {
            if hashes.is_empty() {
                fits(password.expose(), NOBODYS);
            }
            hashes.iter().map(|hash| fits(password.expose(), hash)).collect()
        })
        .await
    }

    /// See [`hash_password`].
    pub async fn hash(&self, ambient: &Ambient, password: &Secret) -> Result<String, Error> {
        let (ambient, password) = (ambient.clone(), password.clone());
        self.turn(move || hash_password(&ambient, &password)).await?
    }

    async fn turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let waiting = tokio::time::timeout(PATIENCE, self.0.acquire());
        let Ok(Ok(_turn)) = waiting.await else {
            return Err(Error::Busy);
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Error::Password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_differ_and_their_hashes_tell_nothing() {
        let ambient = Ambient::system();
        let password = generate_password(&ambient);
        assert_eq!(password.expose().len(), 23);
        assert_ne!(password.expose(), generate_password(&ambient).expose());
        let hash = hash_password(&ambient, &password).expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(
            hash,
            hash_password(&ambient, &password).expect("hashed"),
            "salted"
        );
        assert!(fits(password.expose(), &hash));
        assert!(!fits("another", &hash));
        assert!(!fits(&"x".repeat(300), &hash));
    }

    #[test]
    fn what_is_made_up_is_good_enough() {
        let ambient = Ambient::system();
        for _ in 0..50 {
            assert_eq!(
                judge(generate_password(&ambient).expose(), &["anna"], "Northwind"),
                Ok(())
            );
        }
    }

    #[test]
    fn passwords_are_judged() {
        for (password, verdict) in [
            ("correct horse", Ok(())),
            ("ключ от дома", Ok(())),
            ("short", Err(Weakness::Short)),
            ("aaaaaaaaaaaaaaaa", Err(Weakness::Simple)),
            ("Anna@Example.com", Err(Weakness::Name)),
            ("QwertyQwerty1!", Err(Weakness::Common)),
            ("Northwind-2026", Err(Weakness::Context)),
            ("instep-instep", Err(Weakness::Context)),
            ("anna.instep.11", Err(Weakness::Context)),
        ] {
            let judged = judge(password, &["anna@example.com"], "Northwind Traders");
            assert_eq!(judged, verdict, "{password}");
        }
        let long: String = ('a'..='z').cycle().take(257).collect();
        assert_eq!(judge(&long, &[], ""), Err(Weakness::Long));
    }

    /// A hash that cannot be read is refused at once, and would tell who is not there.
    #[test]
    fn nobodys_hash_is_one() {
        let hash = argon2::PasswordHash::new(NOBODYS).expect("readable");
        assert_eq!(hash.params.to_string(), "m=19456,t=2,p=1");
        assert_eq!(hash.hash.map(|output| output.len()), Some(32));
    }

    #[tokio::test]
    async fn of_several_hashes_those_that_fit_are_told() {
        let ambient = Ambient::system();
        let (right, wrong) = (Secret::new("right password"), Secret::new("wrong password"));
        let passwords = Passwords::default();
        let hash = passwords.hash(&ambient, &right).await.expect("hashed");
        let other = passwords.hash(&ambient, &wrong).await.expect("hashed");
        let fitting = passwords
            .fitting(&right, vec![other, hash])
            .await
            .expect("compared");
        assert_eq!(fitting, [false, true]);
        assert!(
            passwords
                .fitting(&right, Vec::new())
                .await
                .expect("compared")
                .is_empty()
        );
    }
}

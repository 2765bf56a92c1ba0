//! Passwords: made up for a first admin, and hashed with Argon2id (RFC 9106).

use argon2::{Argon2, PasswordHasher as _};
use base::{Ambient, Secret};

use crate::Error;

/// Letters and digits that nobody mistakes for one another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

/// Twenty letters and digits in groups of five: 100 bits.
pub fn generate_password(ambient: &Ambient) -> Secret {
    let random: [u8; 20] = ambient.random();
    let mut password = String::with_capacity(23);
    for (at, byte) in random.iter().enumerate() {
        if at > 0 && at % 5 == 0 {
            password.push('-');
        }
        password.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    Secret::new(password)
}

/// The PHC string of a password under Argon2id with the library's defaults (19 MiB, two passes: OWASP's minimum).
/// Takes tens of milliseconds: call it outside transactions.
pub fn hash_password(ambient: &Ambient, password: &Secret) -> Result<String, Error> {
    let salt: [u8; 16] = ambient.random();
    let hash = Argon2::default().hash_password_with_salt(password.expose().as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|_| Error::Password)
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
    }
}

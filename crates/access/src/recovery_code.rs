//! Recovery codes: each stands in for a second factor once. 118 random bits, kept as a SHA-256 hash that is bound to whose
//! they are.

use aws_lc_rs::digest::{SHA256, digest};
use base::{Ambient, OrgId, Secret, UserId};

use crate::password::random_groups;

/// How many are made at a time.
pub const RECOVERY_CODES: usize = 10;

/// New ones.
pub fn generate(ambient: &Ambient) -> Vec<Secret> {
    (0..RECOVERY_CODES)
        .map(|_| random_groups::<24>(ambient, 6))
        .collect()
}

/// What is kept of one, however it is typed: in large letters, with spaces or without the strokes.
pub fn hash(org: OrgId, user: UserId, code: &str) -> Vec<u8> {
    let letters: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let text = format!("recovery code of {org} {user}: {letters}");
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_however_they_are_typed() {
        let ambient = Ambient::system();
        let (org, user) = (ambient.id(), ambient.id());
        let codes = generate(&ambient);
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = codes[0].expose();
        assert_eq!(code.len(), 27, "{code}");
        let kept = hash(org, user, code);
        for typed in [code.to_uppercase(), code.replace('-', ""), code.replace('-', " ")] {
            assert_eq!(hash(org, user, &typed), kept);
        }
        assert_ne!(hash(org, ambient.id(), code), kept);
        assert_ne!(hash(org, user, codes[1].expose()), kept);
    }
}

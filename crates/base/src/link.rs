//! What a link carries that is good once: 32 random bytes, and the organization in which it is looked up. Only its hash is
//! kept.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::{Ambient, OrgId, Secret};

/// The longest text that is looked at.
const LONGEST: usize = 100;

/// What a new link carries, and what is kept of it.
#[derive(Debug)]
pub struct NewLink {
    pub token: Secret,
    /// SHA-256.
    pub hash: Vec<u8>,
}

impl NewLink {
    pub fn make(ambient: &Ambient, org: OrgId) -> Self {
        let random: [u8; 32] = ambient.random();
        // The id comes last: it ends in a digit or letter, so that no mail program leaves the end out of the link.
        let text = format!("{}.{org}", BASE64_URL_SAFE_NO_PAD.encode(random));
        Self {
            hash: hash(&text),
            token: Secret::new(text),
        }
    }
}

/// In which organization to look for what a link carries, and by which hash; nothing for what is none of ours.
pub fn read_link(token: &str) -> Option<(OrgId, Vec<u8>)> {
    if token.len() > LONGEST {
        return None;
    }
    let (_, org) = token.split_once('.')?;
    Some((org.parse().ok()?, hash(token)))
}

fn hash(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_by_its_hash() {
        let ambient = Ambient::system();
        let org: OrgId = ambient.id();
        let (one, other) = (NewLink::make(&ambient, org), NewLink::make(&ambient, org));
        assert_ne!(one.hash, other.hash);
        assert_eq!(read_link(one.token.expose()), Some((org, one.hash)));
        for wrong in ["", "x", "x.y", &"x".repeat(200)] {
            assert_eq!(read_link(wrong), None, "{wrong}");
        }
    }
}

//! Simple mutations: bytes and pieces changed, doubled, taken out, put in, crossed with another input.

use proptest::prelude::Rng;

/// What the grammars are made of.
const PIECES: &[&str] = &[
    "\"",
    "\\",
    "\\u0000",
    "\\ud83d",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "..",
    " ",
    "\n",
    "\r\n",
    "\t",
    ";",
    "=",
    "not ",
    " and ",
    " or ",
    " eq ",
    " pr",
    " gt ",
    "true",
    "null",
    "0",
    "-1",
    "1e999",
    "9223372036854775807",
    "é",
    "ß",
    "😀",
    "\u{308}",
    "$ref",
    "userName",
    "emails",
    "members",
    "value",
    "type",
    "primary",
    "active",
    "password",
    "groups",
    "meta",
    "schemas",
    "id",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:scim:schemas:extension:cisco:webexidentity:2.0:User",
    "bulkId:a",
    "Operations",
    "op",
    "path",
    "Switch(",
    "Join(",
    "Replace(",
    "[displayName]",
    "version:v1.0",
];

/// One of the seeds, changed in one to six places.
pub(crate) fn mutated(seeds: &[&[u8]], rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = seeds[below(rng, seeds.len())].to_vec();
    for _ in 0..=below(rng, 6) {
        change(&mut bytes, seeds, rng);
    }
    bytes.truncate(16 * 1024);
    bytes
}

/// A number from 0.
fn below(rng: &mut impl Rng, end: usize) -> usize {
    usize::try_from(rng.next_u64() % end as u64).unwrap_or_default()
}

fn change(bytes: &mut Vec<u8>, seeds: &[&[u8]], rng: &mut impl Rng) {
    let at = below(rng, bytes.len() + 1);
    let end = (at + below(rng, 12)).min(bytes.len());
    match below(rng, 6) {
        0 => drop(bytes.drain(at..end)),
        1 => {
            let piece = PIECES[below(rng, PIECES.len())];
            bytes.splice(at..at, piece.bytes());
        }
        2 => {
            let piece = PIECES[below(rng, PIECES.len())];
            bytes.splice(at..end, piece.bytes());
        }
        3 => {
            let again = bytes[at..end].to_vec();
            let times = 1 + below(rng, 40);
            bytes.splice(at..at, again.repeat(times));
        }
        4 => {
            let other = seeds[below(rng, seeds.len())];
            let from = below(rng, other.len() + 1);
            let to = (from + below(rng, 60)).min(other.len());
            bytes.splice(at..at, other[from..to].iter().copied());
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = rng.next_u32().to_le_bytes()[0];
            }
        }
    }
}

//! An authenticator app, written down a second time (RFC 6238), on nothing of ours.

use base::Timestamp;

/// The code of a key in base32 at a time.
pub(crate) fn code(secret: &str, now: Timestamp) -> String {
    let letters = secret.chars().map(|letter| {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base32");
        format!("{value:05b}")
    });
    let bits: String = letters.collect();
    let key: Vec<u8> = (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits"))
        .collect();
    let counter = now.as_micros() / 30_000_000;
    let tag = hmac_sha1(&key, &counter.to_be_bytes());
    let at = usize::from(tag[19] % 16);
    let number = tag[at..at + 4]
        .iter()
        .fold(0_u64, |sum, byte| sum * 256 + u64::from(*byte));
    format!("{:06}", number % (1 << 31) % 1_000_000)
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; 64];
        for (at, byte) in key.iter().enumerate() {
            block[at] ^= byte;
        }
        block
    };
    let sha1 = |parts: &[&[u8]]| {
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &parts.concat())
            .as_ref()
            .to_vec()
    };
    sha1(&[&pad(0x5c), &sha1(&[&pad(0x36), message])])
}

//! Codes by time: RFC 6238 with what every authenticator app understands, which is SHA-1, thirty seconds and six digits.

use std::fmt::Write as _;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base::{Ambient, Secret, Timestamp};
use zeroize::Zeroizing;

/// In seconds.
const STEP: i64 = 30;
const DIGITS: usize = 6;
/// So many steps before and behind the present one are taken: clocks differ (RFC 6238 §5.2).
const DRIFT: i64 = 1;
/// As RFC 4648 §6 has it.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What app and server both know: 160 random bits (RFC 4226 §4, R6).
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 20]>);

impl Key {
    pub fn generate(ambient: &Ambient) -> Self {
        Self(Zeroizing::new(ambient.random()))
    }

    /// In base32, as apps take it; and back.
    pub fn text(&self) -> Secret {
        let mut text = String::with_capacity(32);
        for five in self.0.chunks(5) {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for at in (0..8).rev() {
                let letter = usize::try_from(bits >> (5 * at) & 31).unwrap_or_default();
                text.push(char::from(ALPHABET[letter]));
            }
        }
        Secret::new(text)
    }

    pub fn read(text: &str) -> Option<Self> {
        let mut key = Zeroizing::new([0; 20]);
        let letters = text.as_bytes();
        if letters.len() != 32 {
            return None;
        }
        for (eight, five) in letters.chunks(8).zip(key.chunks_mut(5)) {
            let mut bits = 0_u64;
            for letter in eight {
                let value = ALPHABET.iter().position(|known| known == letter)?;
                bits = bits << 5 | u64::try_from(value).ok()?;
            }
            five.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        Some(Self(key))
    }

    /// The steps whose code this is, of those that are taken now: the latest first.
    pub fn steps(&self, code: &str, now: Timestamp) -> Vec<i64> {
        let present = step(now);
        let around = (present - DRIFT..=present + DRIFT).rev();
        around
            .filter(|step| {
                let right = self.code(*step);
                verify_slices_are_equal(right.as_bytes(), code.as_bytes()).is_ok()
            })
            .collect()
    }

    /// The code of a step (RFC 4226 §5.3).
    fn code(&self, step: i64) -> Zeroizing<String> {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.as_slice());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let bytes = tag.as_ref();
        let offset = usize::from(bytes[bytes.len() - 1] & 15);
        let mut four = [0; 4];
        four.copy_from_slice(&bytes[offset..offset + 4]);
        let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000;
        let mut code = Zeroizing::new(String::with_capacity(DIGITS));
        // Writing into a text cannot fail.
        let _ = write!(code, "{number:0DIGITS$}");
        code
    }

    /// The address by which apps take it over (Google Authenticator, *Key Uri Format*).
    pub fn address(&self, issuer: &str, account: &str) -> Secret {
        let part = |text: &str| {
            let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            encoded.replace('+', "%20")
        };
        let (issuer, account) = (part(issuer), part(account));
        let secret = self.text();
        Secret::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}",
            secret.expose()
        ))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

fn step(now: Timestamp) -> i64 {
    now.as_micros().div_euclid(STEP * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> Key {
        Key(Zeroizing::new(*b"12345678901234567890"))
    }

    /// RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
    #[test]
    fn the_rfcs_codes_are_ours() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp::from_micros(seconds * 1_000_000);
            assert_eq!(rfc().code(step(now)).as_str(), code);
            assert_eq!(rfc().steps(code, now), [step(now)]);
        }
    }

    #[test]
    fn one_step_before_and_behind_is_taken() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let code = rfc().code(100);
        let taken = |seconds| rfc().steps(&code, at(seconds)) == [100];
        assert_eq!(
            [2969, 2970, 3000, 3059, 3060].map(taken),
            [false, true, true, true, false]
        );
        for odd in ["", "0", "٠٠٠٠٠٠", "0000000"] {
            assert!(rfc().steps(odd, at(3000)).is_empty());
        }
    }

    #[test]
    fn texts_are_read_back() {
        assert_eq!(rfc().text().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let key = Key::generate(&Ambient::system());
        let again = Key::read(key.text().expose()).expect("a key");
        assert_eq!(*key.0, *again.0);
        for odd in ["", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "GEZDGNBV"] {
            assert!(Key::read(odd).is_none(), "{odd}");
        }
        assert_eq!(format!("{key:?}"), "Key(***)");
        assert_eq!(
            rfc().address("Instep", "anna b@example.com").expose(),
            "otpauth://totp/Instep:anna%20b%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Instep"
        );
    }
}

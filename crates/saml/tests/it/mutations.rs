//! A signed message of which one byte is another is refused, or says what it said before.

use proptest::prelude::*;
use saml::profile::service_provider::judge;
use saml::security::{Cipher, KeyTransport};

use crate::decryption;
use crate::world::{Layout, answer, world};

fn messages() -> &'static [String] {
    static MESSAGES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    MESSAGES.get_or_init(|| {
        let credential = world().idp_p256.credential();
        let plain = Layout::ALL.map(|layout| {
            answer()
                .to_xml(layout.protection(&credential))
                .expect("an answer")
        });
        let encrypted = Layout::ALL
            .map(|layout| decryption::encrypted(layout, Cipher::Aes128Gcm, KeyTransport::OaepSha1));
        plain.into_iter().chain(encrypted).collect()
    })
}

/// True if it was accepted, as what it was.
fn accepted(xml: &str) -> bool {
    match judge(xml, &world().expected()).result {
        Ok(found) => {
            assert_eq!(found.assertion, answer().assertion(), "{xml}");
            true
        }
        Err(_) => false,
    }
}

#[test]
fn the_messages_themselves_are_accepted() {
    assert!(messages().iter().all(|xml| accepted(xml)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn one_byte_changes_nothing_that_is_believed(which in 0_usize..6, place in any::<prop::sample::Index>(), byte in 0x09_u8..0x7f) {
        let xml = &messages()[which];
        let mut bytes = xml.clone().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(changed) = String::from_utf8(bytes) {
            accepted(&changed);
        }
    }

    #[test]
    fn what_is_cut_out_or_doubled_changes_nothing_that_is_believed(
        which in 0_usize..6, from in any::<prop::sample::Index>(), length in 1_usize..400, doubled in any::<bool>(),
    ) {
        let xml = &messages()[which];
        let from = from.index(xml.len());
        let until = (from + length).min(xml.len());
        if let (Some(before), Some(part), Some(after)) = (xml.get(..from), xml.get(from..until), xml.get(until..)) {
            let changed = if doubled { format!("{before}{part}{part}{after}") } else { format!("{before}{after}") };
            accepted(&changed);
        }
    }
}

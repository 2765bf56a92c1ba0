//! Queries of addresses with messages in them.

use saml::binding::redirect::{decode, encode};

/// Whatever is taken out of a query can be put into one, and comes out as the same.
///
/// # Panics
/// If that does not hold.
pub fn saml_query(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(found) = decode(text) else {
        return;
    };
    let state = found.relay_state.as_deref();
    let address = encode("https://example.com/?a=b", found.kind, &found.xml, state, None);
    let address = address.expect("what is not signed can be sent");
    let (_, query) = address.split_once('?').expect("a query");
    // What was packed better than we can may not fit when it is packed anew.
    if let Ok(again) = decode(query) {
        assert_eq!(again.xml, found.xml);
        assert_eq!(again.relay_state, found.relay_state);
        assert_eq!(again.kind, found.kind);
    }
}

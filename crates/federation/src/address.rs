//! Addresses of others: which of them are taken, and which of them somebody may be sent on to.

use url::Url;

/// In bytes.
pub const LONGEST: usize = 2_000;
pub(crate) const FORM: &str =
    "an address with https or http, without user and fragment, of up to 2000 characters";

/// An address that a browser can be sent to, or a message.
pub fn read(text: &str) -> Option<Url> {
    let is_plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(text).ok().filter(|_| is_plain)?;
    let is_well = matches!(url.scheme(), "https" | "http")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    is_well.then_some(url)
}

/// Is it one of those allowed? One that ends in a slash stands for all below it.
pub fn is_allowed(wanted: &str, allowed: &[String]) -> bool {
    let Some(wanted) = read(wanted) else {
        return false;
    };
    allowed.iter().filter_map(|page| read(page)).any(|page| {
        page.origin() == wanted.origin()
            && if page.path().ends_with('/') && page.query().is_none() {
                wanted.path().starts_with(page.path())
            } else {
                page.path() == wanted.path() && (page.query().is_none() || page.query() == wanted.query())
            }
    })
}

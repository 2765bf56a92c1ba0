//! Where people may be sent on to: pages of ours, and pages of others that the organization has allowed.

pub use crate::address::{is_allowed, read};

/// Where one goes who wanted nowhere else.
pub const ACCOUNT: &str = "/account";

/// A path of ours, with its query. Which of them somebody can be sent on to, the door knows.
pub fn own(text: &str) -> Option<&str> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('#');
    (is_plain && is_path && text.len() <= 2_000).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_the_list_is_gone_to() {
        let allowed = ["https://a.example/meetings/", "https://b.example/start"].map(str::to_owned);
        for (wanted, may) in [
            ("https://a.example/meetings/", true),
            ("https://a.example/meetings/7?x=y", true),
            ("https://a.example/meetings/../admin", false),
            ("https://a.example/meetings", false),
            ("https://b.example/start", true),
            ("https://b.example/start?from=sso", true),
            ("https://b.example/start/more", false),
            ("http://b.example/start", false),
            ("https://b.example:444/start", false),
            ("https://b.example@evil.example/start", false),
            ("https://b.example.evil.example/start", false),
            ("https://b.example\\@evil.example/start", false),
            ("javascript:alert(1)", false),
            ("//b.example/start", false),
            ("/account", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(wanted, &allowed), may, "{wanted}");
        }
    }
}

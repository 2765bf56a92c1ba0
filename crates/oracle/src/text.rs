//! Texts that are easily got wrong, and what "without regard to case" means.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// The form in which texts that are not caseExact are compared: compatibility normalisation, full case folding,
/// normalisation again.
pub fn fold(text: &str) -> String {
    let normalised: String = text.nfkc().collect();
    caseless::default_case_fold_str(&normalised).nfkc().collect()
}

/// Case and folding, combining marks, white space, what SQL and JSON treat specially, ends of the alphabet, leading
/// zeros, literals' words.
pub const AWKWARD: &[&str] = &[
    "anna",
    "Anna",
    "ANNA",
    "änna",
    "ÄNNA",
    "a\u{308}nna",
    "A\u{308}NNA",
    "Straße",
    "STRASSE",
    "strasse",
    "straße 5",
    "İstanbul",
    "i\u{307}stanbul",
    "istanbul",
    "ISTANBUL",
    "ıstanbul",
    "ſam",
    "sam",
    "SAM",
    "\u{212a}elvin",
    "kelvin",
    "ﬁn",
    "fin",
    "FIN",
    "ｆｉｎ",
    "Σίσυφος",
    "ΣΊΣΥΦΟΣ",
    "σίσυφοσ",
    "ᾳ",
    "ΑΙ",
    "αι",
    "\u{345}",
    "Zoë",
    "Zoe\u{308}",
    "Zoe",
    "¨x",
    " \u{308}x",
    "\u{308}x",
    " ",
    "  anna",
    "anna ",
    "\u{a0}anna",
    "\u{3000}",
    "a\tb",
    "a\nb",
    "100%",
    "100%_",
    "100",
    "1000",
    "a_b",
    "axb",
    "a'b",
    "a''b",
    "a\"b",
    "a\\b",
    "a\\\"b",
    "?1",
    "$1",
    ":a",
    "日本",
    "日本語",
    "😀",
    "😀😀",
    "\u{10ffff}",
    "\u{10ffff}a",
    "\u{d7ff}",
    "\u{e000}",
    "\u{feff}x",
    "\u{200d}",
    "007",
    "7",
    "07",
    "7.0",
    "7e0",
    "-7",
    "true",
    "True",
    "FALSE",
    "null",
    "and",
    "not",
    "x@y.example",
    "X@Y.EXAMPLE",
    "x+y@z.example",
    "2026-03-01",
    "2026-03-01T12:00:00Z",
    "{}",
    "[]",
    "urn:x:y",
    "a:b",
    "a.b",
    "z",
    "Z",
    "zz",
];

/// An awkward text, or a few of their characters, or one so long that no index keeps it whole.
pub fn random() -> BoxedStrategy<String> {
    let awkward = || proptest::sample::select(AWKWARD);
    prop_oneof![
        6 => awkward().prop_map(str::to_owned),
        2 => (awkward(), awkward()).prop_map(|(a, b)| format!("{a}{b}")),
        1 => long(),
    ]
    .boxed()
}

/// Texts that differ only far behind: after 400 to 600 bytes, also within a character of several bytes.
fn long() -> impl Strategy<Value = String> {
    let filling = proptest::sample::select(vec!["x", "é", "ß", "日", "\u{fb03}", "X"]);
    let rest = proptest::sample::select(vec!["", "a", "A", "b", "ß", "ss", "\u{308}", "é"]);
    (filling, 498_usize..516, rest).prop_map(|(filling, bytes, rest)| {
        let times = bytes / filling.len();
        format!("{}{rest}", filling.repeat(times))
    })
}

/// What somebody might look for who knows of a text: all of it, in another case, a part of it, a bit more of it.
pub fn about(text: String) -> BoxedStrategy<String> {
    let chars = text.chars().count();
    (0_usize..9, 0..=chars, 0..=chars, random())
        .prop_map(move |(how, a, b, other)| {
            let (from, to) = (a.min(b), a.max(b));
            match how {
                0..=2 => text.clone(),
                3 => text.to_uppercase(),
                4 => text.to_lowercase(),
                5 => text.chars().take(to).collect(),
                6 => text.chars().skip(from).collect(),
                7 => text.chars().skip(from).take(to - from).collect(),
                _ => format!("{text}{other}"),
            }
        })
        .boxed()
}

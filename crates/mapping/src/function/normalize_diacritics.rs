//! `NormalizeDiacritics(source)`

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "NormalizeDiacritics",
    &[Parameter::required("source")],
    Kind::Text,
    evaluate,
);

fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    Ok(Value::Text(normalize(&source)))
}

/// Latin letters lose their marks, and the letters of the published table are spelt out. Other scripts stay as
/// they are: there a mark often makes another letter (й, が).
fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_latin = false;
    for character in text.nfd() {
        if is_combining_mark(character) {
            if !after_latin {
                out.push(character);
            }
            continue;
        }
        let spelt = spell_out(character);
        after_latin = spelt.is_some() || character.is_ascii_alphabetic();
        match spelt {
            Some(letters) => out.push_str(letters),
            None => out.push(character),
        }
    }
    out.nfc().collect()
}

/// Letters that do not come apart into a letter and a mark.
fn spell_out(letter: char) -> Option<&'static str> {
    Some(match letter {
        'æ' => "ae",
        'Æ' => "AE",
        'ø' | 'œ' => "oe",
        'Ø' | 'Œ' => "OE",
        'ß' => "ss",
        'ẞ' => "SS",
        'ł' => "l",
        'Ł' => "L",
        'ı' => "i",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::normalize;
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_examples() {
        assert_eq!(
            evaluate("NormalizeDiacritics([givenName])", &[("givenName", "Zoë")]),
            "Zoe".into()
        );
        assert_eq!(evaluate("NormalizeDiacritics([givenName])", &[]), Value::Null);
    }

    /// The published table, by the letter that each becomes.
    #[test]
    fn published_table() {
        for (letters, plain) in [
            ("ä à â ã å á ą ă ā ā́ ā̀ ā̂ ā̃ ǟ ā̈ ǡ a̱ å̄", "a"),
            ("Ä À Â Ã Å Á Ą Ă Ā Ǟ Ǡ A̱ Å̄", "A"),
            ("æ ǣ", "ae"),
            ("Æ Ǣ", "AE"),
            ("ç č ć c̄ c̱", "c"),
            ("ď d̄ ḏ", "d"),
            ("ë è é ê ę ě ė ē ḗ ḕ ē̂ ē̃ ê̄ e̱ ë̄ e̊̄", "e"),
            ("ğ ḡ g̱", "g"),
            ("ï î ì í ı ī ī́ ī̀ i̱", "i"),
            ("Ï Î Ì Í İ Ī I̱", "I"),
            ("ľ ł l̄ ḹ ḻ", "l"),
            ("Ł Ľ L̄ Ḹ Ḻ", "L"),
            ("ñ ń ň n̄ ṉ", "n"),
            ("ö ò ő õ ô ó ō ṓ ṑ ȫ ǭ ȭ ȱ o̱", "o"),
            ("ø ø̄ œ̄", "oe"),
            ("Ø Ø̄ Œ̄", "OE"),
            ("ř r̄ ṟ ṝ", "r"),
            ("ß", "ss"),
            ("š ś ș ş s̄ s̱", "s"),
            ("ť ț t̄ ṯ", "t"),
            ("ü ù û ú ů ű ū u̇̄ ǖ ṻ ṳ̄ u̱", "u"),
            ("ÿ ý ȳ ȳ́ y̱", "y"),
            ("ź ž ż z̄ ẕ", "z"),
            ("Ź Ž Ż Z̄ Ẕ", "Z"),
        ] {
            for letter in letters.split(' ') {
                assert_eq!(normalize(letter), plain, "{letter}");
            }
        }
    }

    #[test]
    fn other_scripts_stay() {
        for text in ["Андрей", "がくと", "Αλέξης", "김민준", "محمّد"] {
            assert_eq!(normalize(text), text);
        }
    }
}

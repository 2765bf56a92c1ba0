//! .NET's custom and standard format strings for dates and times, and its `DateTimeStyles`.

use super::pattern::{Item, Length, OffsetForm, Pattern};

/// The words of `DateTimeStyles`.
pub(crate) const STYLES: [&str; 10] = [
    "None",
    "AdjustToUniversal",
    "AllowInnerWhite",
    "AllowLeadingWhite",
    "AllowTrailingWhite",
    "AllowWhiteSpaces",
    "AssumeLocal",
    "AssumeUniversal",
    "NoCurrentDateDefault",
    "RoundtripKind",
];

/// What of them makes a difference here, where every time is in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Styles {
    pub(crate) white: White,
    /// A text that does not say so is in UTC all the same.
    pub(crate) assume_universal: bool,
}

/// Where white space may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum White {
    Nowhere,
    Around,
    Everywhere,
}

impl Styles {
    /// Words with commas between. Nothing means white space around.
    pub(crate) fn read(text: &str) -> Self {
        let has = |word: &str| text.split(',').any(|part| part.trim().eq_ignore_ascii_case(word));
        let around = text.trim().is_empty()
            || has("AllowLeadingWhite")
            || has("AllowTrailingWhite")
            || has("RoundtripKind");
        let white = if has("AllowWhiteSpaces") || has("AllowInnerWhite") {
            White::Everywhere
        } else if around {
            White::Around
        } else {
            White::Nowhere
        };
        Self {
            white,
            assume_universal: has("AssumeUniversal"),
        }
    }
}

/// Standard formats of one letter, as the invariant culture has them.
const STANDARD: [(&str, &str); 16] = [
    ("d", "MM/dd/yyyy"),
    ("D", "dddd, dd MMMM yyyy"),
    ("f", "dddd, dd MMMM yyyy HH:mm"),
    ("F", "dddd, dd MMMM yyyy HH:mm:ss"),
    ("g", "MM/dd/yyyy HH:mm"),
    ("G", "MM/dd/yyyy HH:mm:ss"),
    ("m", "MMMM dd"),
    ("M", "MMMM dd"),
    ("o", "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK"),
    ("O", "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK"),
    ("r", "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"),
    ("R", "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"),
    ("s", "yyyy'-'MM'-'dd'T'HH':'mm':'ss"),
    ("t", "HH:mm"),
    ("T", "HH:mm:ss"),
    ("u", "yyyy'-'MM'-'dd HH':'mm':'ss'Z'"),
];

/// Reads a format string.
pub(crate) fn pattern(format: &str) -> Result<Pattern, String> {
    if format.is_empty() {
        return Err("the date format is empty; write one such as \"yyyy-MM-dd\"".to_owned());
    }
    let standard = STANDARD.iter().find(|(letter, _)| *letter == format);
    let format = standard.map_or(format, |(_, custom)| custom);
    if format.chars().count() == 1 {
        return Err(format!(
            "{format:?} is no standard date format; write one such as \"yyyy-MM-dd\""
        ));
    }
    let characters: Vec<char> = format.chars().collect();
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(letter) = characters.get(at) {
        let length = characters[at..].iter().take_while(|next| *next == letter).count();
        match item(*letter, length) {
            Some(Item::OptionalFraction { digits }) => {
                // The point in front goes with the digits.
                let point = items.pop();
                match point {
                    Some(Item::Literal(point)) if point == "." => {
                        items.push(Item::OptionalFraction { digits });
                    }
                    other => {
                        items.extend(other);
                        items.push(Item::Fraction { digits });
                    }
                }
                at += length;
            }
            Some(item) => {
                items.push(item);
                at += length;
            }
            None => at = literal(&characters, at, &mut items)?,
        }
    }
    Ok(Pattern::new(items))
}

fn item(letter: char, length: usize) -> Option<Item> {
    let digits = length.min(2);
    let name = |length: usize| if length == 3 { Length::Short } else { Length::Long };
    let half = if length == 1 { Length::Short } else { Length::Long };
    Some(match (letter, length) {
        ('y', _) => Item::Year {
            digits: if length == 1 { 2 } else { length },
        },
        ('M', 1 | 2) => Item::Month { digits },
        ('M', length) => Item::MonthName(name(length)),
        ('d', 1 | 2) => Item::Day { digits },
        ('d', length) => Item::DayName(name(length)),
        ('H', _) => Item::Hour { digits },
        ('h', _) => Item::HalfDayHour { digits },
        ('m', _) => Item::Minute { digits },
        ('s', _) => Item::Second { digits },
        ('f', 1..=7) => Item::Fraction { digits: length },
        ('F', 1..=7) => Item::OptionalFraction { digits: length },
        ('t', _) => Item::HalfDay(half),
        ('z', 1) => Item::Offset(OffsetForm::Hour),
        ('z', 2) => Item::Offset(OffsetForm::Hours),
        ('z', _) => Item::Offset(OffsetForm::Colon),
        ('K', _) => Item::Offset(OffsetForm::IfKnown),
        _ => return None,
    })
}

/// Takes a quoted text, an escaped character or a plain one; where the next item begins.
fn literal(characters: &[char], at: usize, items: &mut Vec<Item>) -> Result<usize, String> {
    let unfinished = || "the date format ends within a quoted text or after a backslash".to_owned();
    match characters[at] {
        quote @ ('\'' | '"') => {
            let length = characters[at + 1..]
                .iter()
                .position(|next| *next == quote)
                .ok_or_else(unfinished)?;
            items.push(Item::Literal(
                characters[at + 1..at + 1 + length].iter().collect(),
            ));
            Ok(at + length + 2)
        }
        '\\' => {
            let escaped = characters.get(at + 1).ok_or_else(unfinished)?;
            items.push(Item::Literal(escaped.to_string()));
            Ok(at + 2)
        }
        '%' => Ok(at + 1),
        'f' | 'F' => Err("a date format has at most seven digits of a second".to_owned()),
        plain => {
            items.push(Item::Literal(plain.to_string()));
            Ok(at + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date;

    #[test]
    fn every_specifier_prints() {
        let time = date::parse("2026-03-05T15:04:09.1203Z").expect("a date");
        for (format, printed) in [
            ("d/M/yy", "5/3/26"),
            ("dd.MM.yyyy", "05.03.2026"),
            ("ddd dddd", "Thu Thursday"),
            ("MMM MMMM", "Mar March"),
            ("h:m:s t", "3:4:9 P"),
            ("hh:mm:ss tt", "03:04:09 PM"),
            ("H HH", "15 15"),
            ("s.ff", "9.12"),
            ("s.FFFFFF", "9.1203"),
            ("z zz zzz", "+0 +00 +00:00"),
            ("HH'h'mm", "15h04"),
            ("\"at\" \\h H", "at h 15"),
            ("%d", "5"),
            ("yyyy-MM-ddTHH:mm:ssK", "2026-03-05T15:04:09Z"),
            ("s", "2026-03-05T15:04:09"),
            ("o", "2026-03-05T15:04:09.1203000Z"),
            ("r", "Thu, 05 Mar 2026 15:04:09 GMT"),
            ("yyyyMMdd", "20260305"),
            ("y", "MMMM"),
        ] {
            match pattern(format) {
                Ok(pattern) => assert_eq!(pattern.print(time), printed, "{format}"),
                Err(error) => assert!(format == "y", "{format}: {error}"),
            }
        }
    }

    #[test]
    fn what_is_no_format_is_refused() {
        for format in ["", "'open", "x\\", "x", "ffffffff"] {
            assert!(pattern(format).is_err(), "{format}");
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        let time = date::parse("2026-03-05T15:04:09.1203Z").expect("a date");
        for format in [
            "o",
            "yyyy-MM-dd hh:mm:ss.ffff tt zzz",
            "dddd, d MMMM yyyy H:m:s.FFFFK",
            "yyyyMMddHHmmss.ffffK",
        ] {
            let pattern = pattern(format).expect(format);
            let printed = pattern.print(time);
            assert_eq!(pattern.parse(&printed), Some(Ok(time)), "{printed}");
        }
        let short = pattern("M/d/yy").expect("a format");
        assert_eq!(
            short
                .parse("3/5/49")
                .map(|time| time.map(|time| time.to_string())),
            Some(Ok("3/5/2049 12:00:00 AM".into()))
        );
        assert_eq!(
            short
                .parse("3/5/50")
                .map(|time| time.map(|time| time.to_string())),
            Some(Ok("3/5/1950 12:00:00 AM".into()))
        );
        assert_eq!(short.parse("3-5-50"), None);
        assert_eq!(pattern("dd").expect("a format").parse("5"), None);
    }
}

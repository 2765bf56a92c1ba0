//! Joda's patterns for dates and times.

use super::pattern::{Item, Length, OffsetForm, Pattern};

/// Reads a pattern.
pub(crate) fn pattern(format: &str) -> Result<Pattern, String> {
    let characters: Vec<char> = format.chars().collect();
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(letter) = characters.get(at) {
        let length = characters[at..].iter().take_while(|next| *next == letter).count();
        if *letter == '\'' {
            at = quoted(&characters, at, &mut items)?;
            continue;
        }
        items.push(item(*letter, length)?);
        at += length;
    }
    if items.is_empty() {
        return Err("the date pattern is empty; write one such as \"yyyy-MM-dd\"".to_owned());
    }
    Ok(Pattern::new(items))
}

fn item(letter: char, length: usize) -> Result<Item, String> {
    let digits = length.min(2);
    let name = |long: usize| {
        if length >= long {
            Length::Long
        } else {
            Length::Short
        }
    };
    Ok(match (letter, length) {
        ('y' | 'Y', 2) => Item::Year { digits: 2 },
        ('y' | 'Y', _) => Item::Year { digits: 4 },
        ('M', 1 | 2) => Item::Month { digits },
        ('M', _) => Item::MonthName(name(4)),
        ('d', _) => Item::Day { digits },
        ('E', _) => Item::DayName(name(4)),
        ('H', _) => Item::Hour { digits },
        ('h', _) => Item::HalfDayHour { digits },
        ('m', _) => Item::Minute { digits },
        ('s', _) => Item::Second { digits },
        ('S', 1..=9) => Item::Fraction { digits: length },
        ('a', _) => Item::HalfDay(Length::Long),
        ('Z', 1) => Item::Offset(OffsetForm::Plain),
        ('Z', 2) => Item::Offset(OffsetForm::Colon),
        (letter, _) if letter.is_ascii_alphabetic() => {
            return Err(format!(
                "the letter {letter} of the date pattern is not understood"
            ));
        }
        (plain, length) => Item::Literal(plain.to_string().repeat(length)),
    })
}

/// A text in single quotes, in which two of them are one; where the next item begins.
fn quoted(characters: &[char], open: usize, items: &mut Vec<Item>) -> Result<usize, String> {
    let mut text = String::new();
    let mut at = open + 1;
    if characters.get(at) == Some(&'\'') {
        items.push(Item::Literal("'".to_owned()));
        return Ok(at + 1);
    }
    while let Some(next) = characters.get(at) {
        match (next, characters.get(at + 1)) {
            ('\'', Some('\'')) => {
                text.push('\'');
                at += 2;
            }
            ('\'', _) => {
                items.push(Item::Literal(text));
                return Ok(at + 1);
            }
            (plain, _) => {
                text.push(*plain);
                at += 1;
            }
        }
    }
    Err("the date pattern ends within a quoted text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date;

    #[test]
    fn prints_and_reads() {
        let time = date::parse("2015-07-31T17:18:37.979Z").expect("a date");
        for (format, printed) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "2015-07-31T17:18:37.979+00:00"),
            ("YYYY-MM-dd HH:mm:ss", "2015-07-31 17:18:37"),
            ("d MMM yy", "31 Jul 15"),
            ("EEEE, d MMMM y", "Friday, 31 July 2015"),
            ("EEE h:m a", "Fri 5:18 PM"),
            ("HH 'o''clock'", "17 o'clock"),
            ("yyyyMMddHHmmssZ", "20150731171837+0000"),
        ] {
            let pattern = pattern(format).expect(format);
            assert_eq!(pattern.print(time), printed, "{format}");
            assert!(
                pattern.parse(printed).is_some_and(|read| read.is_ok()),
                "{format}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for format in ["", "'open", "yyyy-QQ", "SSSSSSSSSS"] {
            assert!(pattern(format).is_err(), "{format}");
        }
    }
}

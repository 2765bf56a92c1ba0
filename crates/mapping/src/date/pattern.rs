//! A form of dates, whichever language it was written in: what stands where.

use std::fmt::Write as _;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};

use super::clock::DateTime;

/// What stands at one place of a form. `digits` is the least number of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Literal(String),
    Year {
        digits: usize,
    },
    Month {
        digits: usize,
    },
    MonthName(Length),
    Day {
        digits: usize,
    },
    DayName(Length),
    Hour {
        digits: usize,
    },
    /// On a clock of twelve hours.
    HalfDayHour {
        digits: usize,
    },
    Minute {
        digits: usize,
    },
    Second {
        digits: usize,
    },
    /// Digits after the point.
    Fraction {
        digits: usize,
    },
    /// The point and up to so many digits, or nothing of both.
    OptionalFraction {
        digits: usize,
    },
    /// `A` or `AM`.
    HalfDay(Length),
    Offset(OffsetForm),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Short,
    Long,
}

/// How an offset from UTC is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OffsetForm {
    /// `+1`.
    Hour,
    /// `+01`.
    Hours,
    /// `+01:00`.
    Colon,
    /// `+0100`.
    Plain,
    /// `Z`, `+01:00` or nothing where none is known.
    IfKnown,
}

/// The items of a form in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    items: Vec<Item>,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// What has been read so far.
#[derive(Default)]
struct Read {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: Option<i64>,
    is_afternoon: Option<bool>,
    minute: i64,
    second: i64,
    nanosecond: i64,
    offset: Option<Offset>,
}

impl Pattern {
    pub(crate) fn new(items: Vec<Item>) -> Self {
        Self { items }
    }

    /// Reads a text of this form. `None` if it is not of it; an error if it is, but says no day that there is.
    pub(crate) fn parse(&self, text: &str) -> Option<Result<DateTime, String>> {
        let mut read = Read::default();
        let mut rest = text;
        for item in &self.items {
            rest = read.item(item, rest)?;
        }
        if !rest.is_empty() {
            return None;
        }
        read.finish()
    }

    /// The same form for texts from which all white space was taken.
    pub(crate) fn without_white_space(&self) -> Self {
        let bare = |item: &Item| match item {
            Item::Literal(text) => Item::Literal(text.chars().filter(|c| !c.is_whitespace()).collect()),
            other => other.clone(),
        };
        Self::new(self.items.iter().map(bare).collect())
    }

    /// In UTC.
    pub(crate) fn print(&self, time: DateTime) -> String {
        self.print_clock(time.civil, time.is_zoned.then_some(Offset::UTC))
    }

    /// As clocks in a time zone show it.
    pub(crate) fn print_in(&self, time: DateTime, zone: &TimeZone) -> Result<String, String> {
        let moment = time.timestamp()?;
        let offset = zone.to_offset(moment);
        Ok(self.print_clock(offset.to_datetime(moment), Some(offset)))
    }

    fn print_clock(&self, civil: civil::DateTime, offset: Option<Offset>) -> String {
        let mut out = String::new();
        for item in &self.items {
            item.print(civil, offset, &mut out);
        }
        out
    }
}

impl Read {
    /// Reads one item; what is left of the text.
    fn item<'t>(&mut self, item: &Item, text: &'t str) -> Option<&'t str> {
        match item {
            Item::Literal(literal) => text.strip_prefix(literal.as_str()),
            Item::Year { digits } => {
                let (year, rest) = number(text, *digits, (*digits).max(4))?;
                // .NET's turn of the century for years of two digits.
                let century = match (*digits <= 2, year) {
                    (true, 0..=49) => 2000,
                    (true, 50..=99) => 1900,
                    _ => 0,
                };
                self.year = Some(year + century);
                Some(rest)
            }
            Item::Month { digits } => Some(taken(&mut self.month, number(text, *digits, 2)?)),
            Item::MonthName(length) => {
                let (index, rest) = name(text, &MONTHS, *length)?;
                self.month = Some(index + 1);
                Some(rest)
            }
            Item::Day { digits } => Some(taken(&mut self.day, number(text, *digits, 2)?)),
            Item::DayName(length) => name(text, &DAYS, *length).map(|(_, rest)| rest),
            Item::Hour { digits } | Item::HalfDayHour { digits } => {
                Some(taken(&mut self.hour, number(text, *digits, 2)?))
            }
            Item::Minute { digits } => {
                let (minute, rest) = number(text, *digits, 2)?;
                self.minute = minute;
                Some(rest)
            }
            Item::Second { digits } => {
                let (second, rest) = number(text, *digits, 2)?;
                self.second = second;
                Some(rest)
            }
            Item::Fraction { digits } => self.fraction(text, *digits, *digits),
            Item::OptionalFraction { digits } => match text.strip_prefix('.') {
                Some(rest) => self.fraction(rest, 1, *digits),
                None => Some(text),
            },
            Item::HalfDay(length) => {
                let end = if *length == Length::Short { 1 } else { 2 };
                let (word, rest) = text.split_at_checked(end)?;
                self.is_afternoon = Some(match word.to_ascii_uppercase().as_str() {
                    "A" | "AM" => false,
                    "P" | "PM" => true,
                    _ => return None,
                });
                Some(rest)
            }
            Item::Offset(form) => self.offset(text, *form),
        }
    }

    fn fraction<'t>(&mut self, text: &'t str, least: usize, most: usize) -> Option<&'t str> {
        let digits: String = text.chars().take_while(char::is_ascii_digit).take(most).collect();
        if digits.len() < least {
            return None;
        }
        self.nanosecond = format!("{digits:0<9}").get(..9)?.parse().ok()?;
        Some(&text[digits.len()..])
    }

    fn offset<'t>(&mut self, text: &'t str, form: OffsetForm) -> Option<&'t str> {
        if let Some(rest) = text.strip_prefix(['Z', 'z']) {
            self.offset = Some(Offset::UTC);
            return Some(rest);
        }
        let sign = match text.chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            _ => return (form == OffsetForm::IfKnown).then_some(text),
        };
        let (hours, rest) = number(&text[1..], 1, 2)?;
        let after = rest.strip_prefix(':').unwrap_or(rest);
        let (minutes, rest) = number(after, 2, 2).unwrap_or((0, rest));
        if minutes > 59 {
            return None;
        }
        let seconds = i32::try_from(sign * (hours * 3600 + minutes * 60)).ok()?;
        self.offset = Some(Offset::from_seconds(seconds).ok()?);
        Some(rest)
    }

    /// `None` where hours or days contradict the form rather than the calendar.
    fn finish(self) -> Option<Result<DateTime, String>> {
        let hour = match (self.hour.unwrap_or(0), self.is_afternoon) {
            (hour @ 1..=11, Some(true)) => hour + 12,
            (12, Some(false)) => 0,
            (13.., Some(_)) => return None,
            (hour, _) => hour,
        };
        let small = |number: i64| i8::try_from(number).ok();
        let civil = civil::DateTime::new(
            i16::try_from(self.year.unwrap_or(1)).ok()?,
            small(self.month.unwrap_or(1))?,
            small(self.day.unwrap_or(1))?,
            small(hour)?,
            small(self.minute)?,
            small(self.second)?,
            i32::try_from(self.nanosecond).ok()?,
        );
        Some(match (civil, self.offset) {
            (Err(_), _) => Err("there is no such day or time".to_owned()),
            (Ok(civil), Some(offset)) => DateTime::at_offset(civil, offset),
            (Ok(civil), None) => Ok(DateTime::of(civil)),
        })
    }
}

impl Item {
    fn print(&self, civil: civil::DateTime, offset: Option<Offset>, out: &mut String) {
        let of = |length: &Length, name: &'static str| match length {
            Length::Short => &name[..3],
            Length::Long => name,
        };
        // Writing to a String does not fail.
        let _ = match self {
            Self::Literal(literal) => write!(out, "{literal}"),
            Self::Year { digits } if *digits <= 2 => write!(out, "{:0digits$}", civil.year().rem_euclid(100)),
            Self::Year { digits } => write!(out, "{:0digits$}", civil.year()),
            Self::Month { digits } => write!(out, "{:0digits$}", civil.month()),
            Self::MonthName(length) => {
                let index = usize::try_from(civil.month() - 1).unwrap_or_default();
                write!(out, "{}", of(length, MONTHS[index]))
            }
            Self::Day { digits } => write!(out, "{:0digits$}", civil.day()),
            Self::DayName(length) => {
                let index = usize::try_from(civil.weekday().to_sunday_zero_offset()).unwrap_or_default();
                write!(out, "{}", of(length, DAYS[index]))
            }
            Self::Hour { digits } => write!(out, "{:0digits$}", civil.hour()),
            Self::HalfDayHour { digits } => write!(out, "{:0digits$}", (civil.hour() + 11) % 12 + 1),
            Self::Minute { digits } => write!(out, "{:0digits$}", civil.minute()),
            Self::Second { digits } => write!(out, "{:0digits$}", civil.second()),
            Self::Fraction { digits } => write!(out, "{}", fraction(civil, *digits)),
            Self::OptionalFraction { digits } => match fraction(civil, *digits).trim_end_matches('0') {
                "" => Ok(()),
                fraction => write!(out, ".{fraction}"),
            },
            Self::HalfDay(length) => {
                let half = if civil.hour() < 12 { "AM" } else { "PM" };
                write!(
                    out,
                    "{}",
                    if *length == Length::Short {
                        &half[..1]
                    } else {
                        half
                    }
                )
            }
            Self::Offset(OffsetForm::IfKnown) if offset.is_none() => Ok(()),
            Self::Offset(form) => form.print(offset.unwrap_or(Offset::UTC), out),
        };
    }
}

impl OffsetForm {
    fn print(self, offset: Offset, out: &mut String) -> std::fmt::Result {
        let minutes = offset.seconds().abs() / 60;
        let sign = if offset.seconds() < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes / 60, minutes % 60);
        match self {
            Self::Hour => write!(out, "{sign}{hours}"),
            Self::Hours => write!(out, "{sign}{hours:02}"),
            Self::IfKnown if offset == Offset::UTC => write!(out, "Z"),
            Self::Colon | Self::IfKnown => write!(out, "{sign}{hours:02}:{minutes:02}"),
            Self::Plain => write!(out, "{sign}{hours:02}{minutes:02}"),
        }
    }
}

fn fraction(civil: civil::DateTime, digits: usize) -> String {
    let all = format!("{:09}", civil.subsec_nanosecond());
    all.get(..digits.min(9)).unwrap_or_default().to_owned()
}

fn taken<'t>(place: &mut Option<i64>, (number, rest): (i64, &'t str)) -> &'t str {
    *place = Some(number);
    rest
}

fn number(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if digits < least.max(1) {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// A name in any case; a long one may be written short only where it is asked for short.
fn name<'t>(text: &'t str, names: &[&str], length: Length) -> Option<(i64, &'t str)> {
    let starts = |name: &str| {
        text.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    names.iter().enumerate().find_map(|(index, name)| {
        let matched = match length {
            Length::Long => starts(name).then_some(name.len()),
            Length::Short => starts(&name[..3]).then_some(if starts(name) { name.len() } else { 3 }),
        }?;
        Some((i64::try_from(index).ok()?, &text[matched..]))
    })
}

//! Intervals of `DateAdd` and `DateDiff`.

use jiff::{SignedDuration, Span};

use super::DateTime;
use super::clock::out_of_range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interval {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

const SYMBOLS: [(&str, Interval); 7] = [
    ("yyyy", Interval::Year),
    ("m", Interval::Month),
    ("d", Interval::Day),
    ("ww", Interval::Week),
    ("h", Interval::Hour),
    ("n", Interval::Minute),
    ("s", Interval::Second),
];

impl Interval {
    pub(crate) fn find(symbol: &str) -> Option<Self> {
        SYMBOLS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(symbol.trim()))
            .map(|(_, interval)| *interval)
    }

    pub(crate) fn symbols() -> Vec<&'static str> {
        SYMBOLS.iter().map(|(symbol, _)| *symbol).collect()
    }

    /// So many of it later. A day that a month does not have becomes its last one.
    pub(crate) fn add(self, count: i64, from: DateTime) -> Result<DateTime, String> {
        let span = Span::new();
        let span = match self {
            Self::Year => span.try_years(count),
            Self::Month => span.try_months(count),
            Self::Week => span.try_weeks(count),
            Self::Day => span.try_days(count),
            Self::Hour => span.try_hours(count),
            Self::Minute => span.try_minutes(count),
            Self::Second => span.try_seconds(count),
        };
        let civil = span
            .and_then(|span| from.civil.checked_add(span))
            .map_err(|_| out_of_range())?;
        Ok(DateTime { civil, ..from })
    }

    /// How many of it lie between. Years, months and weeks (from Sunday on) count how often a new one begins; days
    /// and less count whole ones.
    pub(crate) fn between(self, from: DateTime, to: DateTime) -> i64 {
        let (from, to) = (from.civil, to.civil);
        let years = i64::from(to.year()) - i64::from(from.year());
        let elapsed: SignedDuration = from.duration_until(to);
        match self {
            Self::Year => years,
            Self::Month => years * 12 + i64::from(to.month()) - i64::from(from.month()),
            Self::Week => {
                let sunday = |of: jiff::civil::DateTime| i64::from(of.weekday().to_sunday_zero_offset());
                let midnights = from.date().duration_until(to.date()).as_hours() / 24;
                (midnights + sunday(from) - sunday(to)) / 7
            }
            Self::Day => elapsed.as_hours() / 24,
            Self::Hour => elapsed.as_hours(),
            Self::Minute => elapsed.as_mins(),
            Self::Second => elapsed.as_secs(),
        }
    }
}

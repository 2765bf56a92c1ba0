//! What settings can be: names, and numbers within bounds.

use std::fmt;
use std::time::Duration;

use base::Timestamp;

/// A number of days; nought: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(pub u32);

impl Days {
    const MOST: u32 = 3_650;

    pub(crate) fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|days| *days <= Self::MOST).map(Self)
    }

    /// What happened before this is past keeping; `None`: nothing ever is.
    pub fn before(self, now: Timestamp) -> Option<Timestamp> {
        (self.0 > 0).then(|| now - Duration::from_hours(24 * u64::from(self.0)))
    }
}

/// A number of days from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime(pub u32);

impl Lifetime {
    pub(crate) fn read(text: &str) -> Option<Self> {
        text.parse()
            .ok()
            .filter(|days| (1..=Days::MOST).contains(days))
            .map(Self)
    }
}

/// What a setting can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// One of these names, parted by a comma and a space.
    OneOf(&'static str),
    Days,
    /// A number of days after which something is done.
    Delay,
    Lifetime,
    /// A number from one to another, of minutes, hours or days.
    Span {
        least: u32,
        most: u32,
        unit: &'static str,
    },
}

impl Values {
    pub(crate) const fn minutes(least: u32, most: u32) -> Self {
        let unit = "minutes";
        Self::Span { least, most, unit }
    }

    pub(crate) const fn hours(least: u32, most: u32) -> Self {
        let unit = "hours";
        Self::Span { least, most, unit }
    }

    pub(crate) const fn days(least: u32, most: u32) -> Self {
        let unit = "days";
        Self::Span { least, most, unit }
    }

    /// A number that is within a span.
    pub(crate) fn number(self, text: &str) -> Option<u32> {
        let Self::Span { least, most, .. } = self else {
            return None;
        };
        text.parse().ok().filter(|number| (least..=most).contains(number))
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneOf(names) => f.write_str(names),
            Self::Days => write!(f, "a number of days from 1 to {}, or 0 for ever", Days::MOST),
            Self::Delay => write!(f, "a number of days from 1 to {}, or 0 for never", Days::MOST),
            Self::Span { least, most, unit } => write!(f, "a number of {unit} from {least} to {most}"),
            Self::Lifetime => write!(f, "a number of days from 1 to {}", Days::MOST),
        }
    }
}

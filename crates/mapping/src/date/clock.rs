//! A point in time as the calendar shows it in UTC.

use std::fmt;

use base::Timestamp;
use jiff::civil;
use jiff::tz::{Offset, TimeZone};

/// Microseconds from 1601-01-01, where Windows counts from, to 1970-01-01.
const FILETIME_EPOCH: i64 = 11_644_473_600_000_000;

/// Without an offset a text is taken to be in UTC, as the provisioning service reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime {
    pub(crate) civil: civil::DateTime,
    /// Whether the text said where the time holds.
    pub(crate) is_zoned: bool,
}

impl DateTime {
    pub(crate) fn of(civil: civil::DateTime) -> Self {
        Self {
            civil,
            is_zoned: false,
        }
    }

    /// The time that a clock with this offset shows.
    pub(crate) fn at_offset(civil: civil::DateTime, offset: Offset) -> Result<Self, String> {
        let civil = civil
            .checked_sub(jiff::SignedDuration::from_secs(offset.seconds().into()))
            .map_err(|_| out_of_range())?;
        Ok(Self {
            civil,
            is_zoned: true,
        })
    }

    pub(crate) fn of_timestamp(time: Timestamp) -> Result<Self, String> {
        let time = jiff::Timestamp::from_microsecond(time.as_micros()).map_err(|_| out_of_range())?;
        Ok(Self {
            civil: Offset::UTC.to_datetime(time),
            is_zoned: true,
        })
    }

    /// From Active Directory's count of 100 nanoseconds since 1601.
    pub(crate) fn of_filetime(count: i64) -> Result<Self, String> {
        Self::of_timestamp(Timestamp::from_micros(count / 10 - FILETIME_EPOCH))
    }

    pub(crate) fn of_unix_seconds(seconds: i64) -> Result<Self, String> {
        Self::of_timestamp(Timestamp::from_micros(seconds.saturating_mul(1_000_000)))
    }

    /// Whole seconds since 1970.
    pub(crate) fn unix_seconds(self) -> Result<i64, String> {
        Ok(self.timestamp()?.as_second())
    }

    /// The moment.
    pub(crate) fn timestamp(self) -> Result<jiff::Timestamp, String> {
        let zoned = self.civil.to_zoned(TimeZone::UTC).map_err(|_| out_of_range())?;
        Ok(zoned.timestamp())
    }

    pub(crate) fn filetime(self) -> Result<i64, String> {
        let micros = self.timestamp()?.as_microsecond();
        micros
            .checked_add(FILETIME_EPOCH)
            .and_then(|count| count.checked_mul(10))
            .ok_or_else(out_of_range)
    }
}

pub(super) fn out_of_range() -> String {
    "the date lies outside of what can be reckoned with (the years -9999 to 9999)".to_owned()
}

/// `M/d/yyyy h:mm:ss tt`, the form in which date functions give their results.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = self.civil;
        let half = if civil.hour() < 12 { "AM" } else { "PM" };
        let hour = match civil.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        write!(
            f,
            "{}/{}/{:04} {hour}:{:02}:{:02} {half}",
            civil.month(),
            civil.day(),
            civil.year(),
            civil.minute(),
            civil.second()
        )
    }
}

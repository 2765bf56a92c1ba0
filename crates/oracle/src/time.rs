//! Points in time as xsd:dateTime writes them (RFC 7643 §2.3.5), in microseconds since 1970.

/// `2026-03-01T12:00:00.25+01:00`, also without a zone (then UTC) or as a date alone (then its beginning).
pub fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, rest) = match text.split_once(['T', 't']) {
        Some((date, rest)) => (date, Some(rest)),
        None => (text, None),
    };
    let [year, month, day] = numbers::<3>(date, '-', [4, 2, 2])?;
    let valid = (1..=12).contains(&month) && (1..=length_of(month, year)).contains(&day);
    let midnight = valid.then(|| days(year, month, day) * 86_400)?;
    let Some(rest) = rest else {
        return Some(midnight * 1_000_000);
    };
    let (clock, offset) = zone(rest)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers::<3>(clock, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let nanoseconds: i64 = format!("{fraction:0<9}").parse().ok()?;
    let seconds = midnight + hour * 3_600 + minute * 60 + second - offset * 60;
    Some(seconds * 1_000_000 + nanoseconds / 1_000)
}

/// The same point in another zone, so many minutes east.
pub fn written(micros: i64, offset: i64) -> String {
    let local = micros + offset * 60_000_000;
    let (seconds, fraction) = (local.div_euclid(1_000_000), local.rem_euclid(1_000_000));
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(day);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let sign = if offset < 0 { '-' } else { '+' };
    let zone = match offset.abs() {
        0 => "Z".to_owned(),
        minutes => format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}{zone}")
}

/// The clock's reading, and how many minutes east it is.
fn zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let [hours, minutes] = numbers::<2>(&text[at + 1..], ':', [2, 2])?;
    let east = if text[at..].starts_with('-') { -1 } else { 1 };
    (hours < 24 && minutes < 60).then(|| (&text[..at], east * (hours * 60 + minutes)))
}

fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[i64; N]> {
    let parts: Vec<&str> = text.split(between).collect();
    let mut numbers = [0; N];
    if parts.len() != N {
        return None;
    }
    for (at, part) in parts.into_iter().enumerate() {
        let fits = part.len() == digits[at] && part.bytes().all(|byte| byte.is_ascii_digit());
        numbers[at] = fits.then(|| part.parse().ok())??;
    }
    Some(numbers)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn length_of(month: i64, year: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Since 1970, counted year by year and month by month.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let length = |year| if is_leap(year) { 366 } else { 365 };
    let years: i64 = if year >= 1970 {
        (1970..year).map(length).sum()
    } else {
        -(year..1970).map(length).sum::<i64>()
    };
    years + (1..month).map(|month| length_of(month, year)).sum::<i64>() + day - 1
}

fn civil(mut day: i64) -> (i64, i64, i64) {
    let mut year = 1970;
    while day < 0 {
        year -= 1;
        day += if is_leap(year) { 366 } else { 365 };
    }
    while day >= if is_leap(year) { 366 } else { 365 } {
        day -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    let mut month = 1;
    while day >= length_of(month, year) {
        day -= length_of(month, year);
        month += 1;
    }
    (year, month, day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-02", Some(86_400_000_000)),
            (
                "2026-03-01T12:00:00.25+01:00",
                instant("2026-03-01T11:00:00.250Z"),
            ),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000_000)),
            ("2023-02-29T00:00:00Z", None),
            ("1969-12-31T23:59:59.999999Z", Some(-1)),
            ("noon", None),
            ("2026-03-01T12:00Z", None),
        ] {
            assert_eq!(instant(text), expected, "{text}");
        }
        for offset in [0, 60, -330, 840] {
            let micros = 1_800_000_000_123_456;
            assert_eq!(instant(&written(micros, offset)), Some(micros));
        }
    }
}

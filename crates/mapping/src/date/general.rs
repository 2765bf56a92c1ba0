//! The forms in which dates usually come, read without being told which one it is.

use std::sync::LazyLock;

use super::clock::DateTime;
use super::dotnet;
use super::pattern::Pattern;

const FORMS: [&str; 15] = [
    "yyyy-M-dK",
    "yyyy-M-dTH:m:s.FFFFFFFK",
    "yyyy-M-d H:m:s.FFFFFFFK",
    "yyyy-M-d H:m:s.FFFFFFF K",
    "yyyy-M-dTH:mK",
    "yyyy-M-d H:mK",
    "yyyy/M/d",
    "M/d/yyyy",
    "M/d/yyyy h:m:s tt",
    "M/d/yyyy h:m tt",
    "M/d/yyyy H:m:s",
    "M/d/yyyy H:m",
    "yyyyMMddHHmmss.FFFFFFFK",
    "ddd, d MMM yyyy HH:mm:ss 'GMT'",
    "d MMM yyyy",
];

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    FORMS
        .iter()
        .filter_map(|form| dotnet::pattern(form).ok())
        .collect()
});

/// Reads any of the usual forms.
pub(crate) fn parse(text: &str) -> Result<DateTime, String> {
    let text = text.trim();
    PATTERNS
        .iter()
        .find_map(|pattern| pattern.parse(text))
        .unwrap_or_else(|| {
            Err(format!(
                "{text:?} is no date that is understood; write it as 2026-11-21 or 2026-11-21T09:30:00Z, or read it \
                 with FormatDateTime"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_patterns() {
        assert_eq!(PATTERNS.len(), FORMS.len());
    }

    #[test]
    fn usual_forms() {
        for (text, shown) in [
            ("2020-03-16-07:00", "3/16/2020 7:00:00 AM"),
            ("2021-06-30+08:00", "6/29/2021 4:00:00 PM"),
            ("2009-06-15T01:45:30-07:00", "6/15/2009 8:45:30 AM"),
            ("2009-06-15T01:45:30.5Z", "6/15/2009 1:45:30 AM"),
            ("2020-12-31 23:59:59-08:00", "1/1/2021 7:59:59 AM"),
            ("2020-12-31 23:59:59 +0100", "12/31/2020 10:59:59 PM"),
            ("2021-08-24", "8/24/2021 12:00:00 AM"),
            ("8/25/2021 5:41:18 PM", "8/25/2021 5:41:18 PM"),
            ("8/25/2021 17:41:18", "8/25/2021 5:41:18 PM"),
            ("8/25/2021", "8/25/2021 12:00:00 AM"),
            ("8/25/2021 12:00:00 am", "8/25/2021 12:00:00 AM"),
            ("20150123105347.1Z", "1/23/2015 10:53:47 AM"),
            ("Sat, 21 Nov 2026 09:30:00 GMT", "11/21/2026 9:30:00 AM"),
            ("21 November 2026", "11/21/2026 12:00:00 AM"),
            (" 2026-11-21T09:30 ", "11/21/2026 9:30:00 AM"),
        ] {
            assert_eq!(parse(text).expect(text).to_string(), shown, "{text}");
        }
        for text in [
            "",
            "soon",
            "2020-13-01",
            "2021-02-29",
            "25:00",
            "2020-01-01T24:00:00",
            "1/2",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

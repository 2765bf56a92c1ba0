//! How times and browsers are written on pages.

use base::Timestamp;

/// `21 November 2026, 15:04 UTC`.
pub fn time(at: Timestamp) -> String {
    written(at, "%-d %B %Y, %H:%M UTC")
}

/// `21 November 2026`.
pub fn day(at: Timestamp) -> String {
    written(at, "%-d %B %Y")
}

/// `1 day`, `90 days`.
pub fn several(number: u64, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

fn written(at: Timestamp, form: &str) -> String {
    match jiff::Timestamp::from_microsecond(at.as_micros()) {
        Ok(time) => time.strftime(form).to_string(),
        Err(_) => at.to_string(),
    }
}

/// `Chrome on Windows`, of what a browser says of itself.
pub fn browser(user_agent: &str) -> String {
    let name = |words: &[(&str, &'static str)]| {
        let found = words.iter().find(|(word, _)| user_agent.contains(word));
        found.map(|(_, name)| *name)
    };
    let browser = name(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = name(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ => "Another browser".to_owned(),
    }
}

/// `90 seconds`, `2 minutes`.
pub fn pause(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_browsers_are_written_for_people() {
        let at: Timestamp = "2026-11-21T15:04:59Z".parse().expect("a time");
        assert_eq!(time(at), "21 November 2026, 15:04 UTC");
        assert_eq!(day(at), "21 November 2026");
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Windows");
        assert_eq!(browser("curl/8"), "Another browser");
        assert_eq!(
            [pause(30), pause(90), pause(91), pause(900)],
            ["30 seconds", "90 seconds", "2 minutes", "15 minutes"]
        );
    }
}

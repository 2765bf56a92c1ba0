//! Counting tests by the closing lines of those who run them.

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Long forms that were left to `cargo xtask soak`.
    pub(crate) skipped: u64,
    /// Of those that passed: they failed beside others, and passed by themselves.
    pub(crate) again: u64,
}

impl Tally {
    pub(crate) fn one_passed() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    pub(crate) fn one_failed() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.again += other.again;
    }

    /// `test result: ok. 17 passed; 0 failed; 0 ignored; …`, as cargo prints it for each binary.
    pub(crate) fn of_cargo(line: &str) -> Option<Self> {
        let counts = line.trim().strip_prefix("test result:")?.split_once(". ")?.1;
        Some(of_parts(counts.split(';')))
    }

    /// `running 17 tests`
    pub(crate) fn is_begun_by_cargo(line: &str) -> bool {
        let count = line.trim().strip_prefix("running ");
        let count = count.and_then(|rest| rest.strip_suffix(" tests").or(rest.strip_suffix(" test")));
        count.is_some_and(|count| count.parse::<u64>().is_ok())
    }

    /// The name in `test one::two ... FAILED`.
    pub(crate) fn failed_of_cargo(line: &str) -> Option<&str> {
        line.trim().strip_prefix("test ")?.strip_suffix(" ... FAILED")
    }

    /// `3 passed, 1 failed` alone on a line, as our own scripts print it.
    pub(crate) fn of_script(line: &str) -> Option<Self> {
        let line = line.trim();
        let plain = line.contains(" passed, ") && line.starts_with(|c: char| c.is_ascii_digit());
        plain.then(|| of_parts(line.split(',')))
    }
}

fn of_parts<'a>(parts: impl Iterator<Item = &'a str>) -> Tally {
    let mut tally = Tally::default();
    for part in parts {
        let mut words = part.split_whitespace();
        let (Some(number), Some(word)) = (words.next(), words.next()) else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        match word {
            "passed" => tally.passed = number,
            "failed" => tally.failed = number,
            "ignored" | "skipped" => tally.skipped = number,
            _ => {}
        }
    }
    tally
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        if self.again > 0 {
            write!(f, ", {} passed only by themselves", self.again)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_read() {
        let cargo = "test result: FAILED. 17 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.32s";
        assert_eq!(
            Tally::of_cargo(cargo),
            Some(Tally {
                passed: 17,
                failed: 2,
                skipped: 1,
                ..Tally::default()
            })
        );
        assert_eq!(
            Tally::of_script("4 passed, 1 failed"),
            Some(Tally {
                passed: 4,
                failed: 1,
                ..Tally::default()
            })
        );
        assert_eq!(Tally::of_script("it passed, and how"), None);
        assert_eq!(Tally::of_cargo("running 3 tests"), None);
        assert!(Tally::is_begun_by_cargo("running 3 tests") && Tally::is_begun_by_cargo("running 1 test"));
        assert!(!Tally::is_begun_by_cargo("running late"));
        assert_eq!(Tally::failed_of_cargo("test a::b ... FAILED"), Some("a::b"));
        assert_eq!(Tally::failed_of_cargo("test a::b ... ok"), None);
    }

    #[test]
    fn the_closing_line_is_plain() {
        assert_eq!(
            Tally {
                passed: 3,
                ..Tally::default()
            }
            .to_string(),
            "3 passed, 0 failed"
        );
        assert_eq!(
            Tally {
                passed: 3,
                skipped: 2,
                again: 1,
                ..Tally::default()
            }
            .to_string(),
            "3 passed, 0 failed, 2 skipped, 1 passed only by themselves"
        );
    }
}

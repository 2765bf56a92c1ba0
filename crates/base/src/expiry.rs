//! Warnings before something expires: thirty, fourteen, seven days and one day ahead.

use std::time::Duration;

use crate::Timestamp;

/// In days, the last warning first.
const AHEAD: [u32; 4] = [1, 7, 14, 30];

/// Nothing is warned of earlier than this before its end.
pub const HORIZON: Duration = Duration::from_hours(24 * 31);

/// Such as "7 days".
pub fn so_many(days: u32) -> String {
    let unit = if days == 1 { "day" } else { "days" };
    format!("{days} {unit}")
}

/// How many days ahead the warning is that is due: of those whose time has come, the last. Of something that never had
/// so many days to live, as it began later than that, nobody need be warned.
pub fn warning(expires: Timestamp, began: Option<Timestamp>, now: Timestamp) -> Option<u32> {
    let ahead = |days: u32| expires - Duration::from_hours(24 * u64::from(days));
    AHEAD
        .into_iter()
        .find(|days| ahead(*days) <= now)
        .filter(|days| now < expires && began.is_none_or(|began| began < ahead(*days)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_warning_whose_time_has_come() {
        let expires = Timestamp::default() + Duration::from_hours(24 * 100);
        for (hours_before, expected) in [
            (24 * 31, None),
            (24 * 30, Some(30)),
            (24 * 15, Some(30)),
            (24 * 14, Some(14)),
            (24 * 7, Some(7)),
            (25, Some(7)),
            (24, Some(1)),
            (1, Some(1)),
            (0, None),
        ] {
            let now = expires - Duration::from_hours(hours_before);
            assert_eq!(warning(expires, None, now), expected, "{hours_before}");
        }
    }

    #[test]
    fn what_lives_shortly_is_warned_of_later() {
        let began = Timestamp::default() + Duration::from_hours(24 * 100);
        let expires = began + Duration::from_hours(24 * 10);
        let after = |days: u64| warning(expires, Some(began), began + Duration::from_hours(24 * days));
        assert_eq!(
            [after(0), after(2), after(3), after(9)],
            [None, None, Some(7), Some(1)]
        );
    }
}

//! Times as people read them.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// `14:31` today, `11-23 14:31` this year, else `2027-11-23`, in the zone given.
pub fn short(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (
        at.to_zoned_datetime(zone.clone()),
        now.to_zoned_datetime(zone.clone()),
    );
    let format = if at.date() == now.date() {
        "%H:%M"
    } else if at.year() == now.year() {
        "%m-%d %H:%M"
    } else {
        "%Y-%m-%d"
    };
    at.strftime(format).to_string()
}

/// `14:31:07`, in the zone given.
pub fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone())
        .strftime("%H:%M:%S")
        .to_string()
}

/// `2026-11-23 14:31:07`, in the zone given.
pub fn whole(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// When [`crate::jose::time::countdown`] for `exp`, and [`crate::jose::time::distance`] for others, tells something else next;
/// none where no time is left for that.
pub fn next_told(name: &str, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    match (name, at.duration_since(now).as_secs()) {
        ("exp", 1..=60) => now.checked_add(SignedDuration::from_secs(1)).ok(),
        ("exp", 61..120) => at.checked_sub(SignedDuration::from_mins(1)).ok(),
        _ => next_distance(at, now),
    }
}

/// When [`crate::jose::time::distance`] tells something else next; none where no time is left for that.
fn next_distance(at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let seconds = at.duration_since(now).as_secs();
    let unit = match seconds.unsigned_abs() {
        0..7_200 => 60,
        7_200..172_800 => 3_600,
        _ => 86_400,
    };
    let wait = match seconds {
        ..=0 => unit - -seconds % unit,
        1..60 => seconds,
        60.. => seconds % unit + 1,
    };
    now.checked_add(SignedDuration::from_secs(wait)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::time::distance;

    #[test]
    fn a_distance_says_the_same_until_its_next_change() {
        let at = Timestamp::UNIX_EPOCH;
        for (seconds, told) in [
            (-200_000, "in 2 d"),
            (-172_799, "in 47 h"),
            (-7_200, "in 2 h"),
            (-7_199, "in 119 min"),
            (-60, "in 1 min"),
            (-59, "in less than a minute"),
            (0, "just now"),
            (60, "1 min ago"),
            (7_199, "119 min ago"),
            (200_000, "2 d ago"),
        ] {
            let now = at + SignedDuration::from_secs(seconds);
            assert_eq!(distance(at, now), told);
            let next = next_distance(at, now).unwrap();
            let before = next - SignedDuration::from_secs(1);
            assert_eq!(distance(at, before), told, "until {next}");
            assert_ne!(distance(at, next), told, "at {next}");
        }
    }
}

//! Times as tokens hold them and as people write and read them.

mod written;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub use self::written::parse_written;
use super::claims::JsonObject;

/// Claims that hold a NumericDate (RFC 7519 section 2, OpenID Connect Core section 2).
pub const DATES: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "updated_at"];

/// A text that is no time or no duration.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TimeError {
    /// No duration.
    #[error("{0:?} is no duration: write 90s, 5m, 1h30m or 2d")]
    Duration(String),
    /// A day that no calendar has.
    #[error("{0:?}: there is no such day or time of day")]
    NoSuch(String),
    /// No point in time as people write it.
    #[error(
        "{0:?} is no time: write now, +5m, -30s, tomorrow 9:00, epoch seconds or RFC 3339, \
         2026-11-23T14:00:00Z"
    )]
    Written(String),
    /// No point in time.
    #[error("{0:?} is no time: write epoch seconds or RFC 3339, 2026-11-23T14:00:00Z")]
    Instant(String),
}

/// Reads `90s`, `5m`, `1h30m`, `2d`, `1w`; each unit once, the larger first.
pub fn parse_duration(text: &str) -> Result<Duration, TimeError> {
    let wrong = || TimeError::Duration(text.to_owned());
    let mut seconds: u64 = 0;
    let mut digits = String::new();
    let mut units = "wdhms";
    for character in text.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let place = units.find(character).ok_or_else(wrong)?;
        let scale = match character {
            'w' => 604_800,
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            _ => 1,
        };
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        seconds = number
            .checked_mul(scale)
            .and_then(|part| seconds.checked_add(part))
            .ok_or_else(wrong)?;
        units = &units[place + 1..];
        digits.clear();
    }
    if text.is_empty() || !digits.is_empty() {
        return Err(wrong());
    }
    Ok(Duration::from_secs(seconds))
}

/// Reads epoch seconds or RFC 3339.
pub fn parse_instant(text: &str) -> Result<Timestamp, TimeError> {
    let wrong = || {
        if is_written_out(text) {
            TimeError::NoSuch(text.to_owned())
        } else {
            TimeError::Instant(text.to_owned())
        }
    };
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).map_err(|_| wrong()),
        Err(_) => text.parse().map_err(|_| wrong()),
    }
}

/// Whether `text` has the form of a day, `2026-11-23`, with a time of day or without.
fn is_written_out(text: &str) -> bool {
    let mut form = text.bytes().zip(b"dddd-dd-ddTdd:dd:dd");
    let has_form = form.all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        mark => byte == *mark,
    });
    has_form && text.len() >= "2026-11-23".len()
}

/// A NumericDate (RFC 7519 section 2): seconds, with or without a fraction, of which nine digits
/// count. `None` for what is no number or lies outside the years that can be written.
pub fn numeric_date(value: &Value) -> Option<Timestamp> {
    let Value::Number(number) = value else {
        return None;
    };
    let text = number.to_string();
    if text.contains(['e', 'E']) {
        // Exponents: rare, and exact enough as a float.
        let seconds = SignedDuration::try_from_secs_f64(number.as_f64()?).ok()?;
        return Timestamp::from_duration(seconds).ok();
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let nanoseconds: i64 = digits.parse().ok()?;
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let whole = SignedDuration::from_secs(whole.parse().ok()?);
    let seconds = whole.checked_add(SignedDuration::from_nanos(sign * nanoseconds))?;
    Timestamp::from_duration(seconds).ok()
}

/// The date claims of a claims set, in the order of [`DATES`].
pub fn dates_of(claims: &JsonObject) -> Vec<(&'static str, Timestamp)> {
    DATES
        .into_iter()
        .filter_map(|name| Some((name, numeric_date(claims.members().get(name)?)?)))
        .collect()
}

/// `at` as seen from `now`: `in 1 h`, `15 min ago`, `now`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let distance = span(seconds.unsigned_abs());
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {distance}"),
        _ => format!("{distance} ago"),
    }
}

/// How far `at` is away, in minutes at the least: `in 15 min`, `just now`, `3 h ago`.
pub fn distance(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let distance = match seconds.unsigned_abs() {
        0..60 if at <= now => return "just now".to_owned(),
        0..60 => "less than a minute".to_owned(),
        away @ 60..120 => format!("{} min", away / 60),
        away => span(away),
    };
    if at > now {
        format!("in {distance}")
    } else {
        format!("{distance} ago")
    }
}

/// As [`distance`], but counting seconds in the last minute before `at`.
pub fn countdown(at: Timestamp, now: Timestamp) -> String {
    match at.duration_since(now).as_secs() {
        1..=60 => relative(at, now),
        _ => distance(at, now),
    }
}

/// `seconds` in the largest unit that tells enough: `45 s`, `15 min`, `3 h`, `364 d`.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// As [`span`], but to the nearest minute, hour or day: for what was measured.
pub fn nearly(seconds: u64) -> String {
    span(match seconds {
        0..=119 => seconds,
        120..=7_199 => seconds + 30,
        7_200..=172_799 => seconds + 1_800,
        _ => seconds.saturating_add(43_200),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_told_to_the_nearest_unit() {
        for (seconds, told) in [
            (119, "119 s"),
            (149, "2 min"),
            (299, "5 min"),
            (7_190, "2 h"),
            (86_399, "24 h"),
            (172_800, "2 d"),
            (u64::MAX, "213503982334601 d"),
        ] {
            assert_eq!(nearly(seconds), told);
        }
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("5m", 300),
            ("1h30m", 5400),
            ("2d", 172_800),
            ("1w1s", 604_801),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "5",
            "m",
            "5x",
            "30m1h",
            "5m5m",
            "-5m",
            "99999999999999999999d",
            "1.5h",
        ] {
            assert_eq!(
                parse_duration(text),
                Err(TimeError::Duration(text.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn instants_are_epoch_seconds_or_rfc_3339() {
        let expected = Timestamp::from_second(1_763_906_400).unwrap();
        assert_eq!(parse_instant("1763906400"), Ok(expected));
        assert_eq!(parse_instant("2025-11-23T14:00:00Z"), Ok(expected));
        assert!(parse_instant("yesterday").is_err());
        assert!(parse_instant("9223372036854775807").is_err());
    }

    #[test]
    fn distances_are_told_in_the_largest_telling_unit() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        for (seconds, expected) in [
            (0, "now"),
            (60, "in 60 s"),
            (-900, "15 min ago"),
            (7_200, "in 2 h"),
            (-31_536_000, "365 d ago"),
        ] {
            assert_eq!(relative(at(seconds), now), expected);
        }
    }

    #[test]
    fn numeric_dates_may_have_a_fraction() {
        let date = |text: &str| numeric_date(&serde_json::from_str(text).unwrap());
        let shown = |text: &str| date(text).unwrap().to_string();
        assert_eq!(shown("1300819380.75"), "2011-03-22T18:43:00.75Z");
        assert_eq!(shown("-0.5"), "1969-12-31T23:59:59.5Z");
        assert_eq!(shown("1.300819380e9"), "2011-03-22T18:43:00Z");
        assert_eq!(date("\"1300819380\""), None);
        assert_eq!(date("1e300"), None);
    }
}

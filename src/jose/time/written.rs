//! Points in time as people write them.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::{TimeError, is_written_out, parse_duration, parse_instant};

/// Reads `now`, `+5m`, `-30s`, `now+1h30m`, `9:00`, `today 17:30`, `tomorrow 9:00`,
/// `2026-11-26 9:00`, RFC 3339 or epoch seconds. What names no zone is meant in `zone`; a day
/// without a clock begins at midnight; a clock alone is today's.
pub fn parse_written(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, TimeError> {
    let text = text.trim();
    let wrong = || {
        if is_written_out(text) {
            TimeError::NoSuch(text.to_owned())
        } else {
            TimeError::Written(text.to_owned())
        }
    };
    if text == "now" {
        return Ok(now);
    }
    let shift = text.strip_prefix("now").map_or(text, str::trim_start);
    if let Some(span) = shift.strip_prefix('+') {
        return shifted(now, span.trim_start(), 1).ok_or_else(wrong);
    }
    if let Some(span) = shift.strip_prefix('-')
        && span.contains(char::is_alphabetic)
    {
        return shifted(now, span.trim_start(), -1).ok_or_else(wrong);
    }
    if let Ok(at) = parse_instant(text) {
        return Ok(at);
    }
    let local = civil(text, now.to_zoned_datetime(zone.clone()).date()).ok_or_else(wrong)?;
    let at = local.to_zoned_datetime(zone.clone()).map_err(|_| wrong())?;
    Ok(at.timestamp())
}

fn shifted(now: Timestamp, span: &str, sign: i32) -> Option<Timestamp> {
    let span = SignedDuration::try_from(parse_duration(span).ok()?).ok()?;
    now.checked_add(span.checked_mul(sign)?).ok()
}

/// A day, a clock, or both.
fn civil(text: &str, today: Date) -> Option<DateTime> {
    let (first, rest) = match text.split_once([' ', 'T']) {
        Some((first, rest)) => (first, Some(rest.trim_start())),
        None => (text, None),
    };
    let day = match first {
        "today" => Some(today),
        "tomorrow" => Some(today.tomorrow().ok()?),
        "yesterday" => Some(today.yesterday().ok()?),
        _ => first.parse::<Date>().ok().filter(|_| first.len() == 10),
    };
    match (day, rest) {
        (Some(day), Some(rest)) => Some(day.to_datetime(clock(rest)?)),
        (Some(day), None) => Some(day.to_datetime(Time::midnight())),
        (None, None) => Some(today.to_datetime(clock(first)?)),
        (None, Some(_)) => None,
    }
}

/// `9:00`, `17:30:15`.
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let mut part = |digits: std::ops::RangeInclusive<usize>| {
        let text = parts.next()?;
        let fits = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<i8>().ok())?
    };
    let (hour, minute) = (part(1..=2)?, part(2..=2)?);
    let second = part(2..=2);
    let places = text.matches(':').count();
    match (second, places) {
        (None, 1) => Time::new(hour, minute, 0, 0).ok(),
        (Some(second), 2) => Time::new(hour, minute, second, 0).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_does_not_exist_is_told_as_such() {
        for text in [
            "2026-02-30",
            "2026-02-30T10:00:00Z",
            "2026-11-23 24:00:01",
            "2026-13-01",
        ] {
            assert_eq!(
                parse_written(text, Timestamp::UNIX_EPOCH, &TimeZone::UTC),
                Err(TimeError::NoSuch(text.to_owned()))
            );
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now = at("2026-11-25T23:30:00Z");
        for (text, expected) in [
            ("now", "2026-11-25T23:30:00Z"),
            (" now ", "2026-11-25T23:30:00Z"),
            ("+5m", "2026-11-25T23:35:00Z"),
            ("now+1h30m", "2026-11-26T01:00:00Z"),
            ("now - 30s", "2026-11-25T23:29:30Z"),
            ("-30s", "2026-11-25T23:29:30Z"),
            ("today", "2026-11-25T22:00:00Z"),
            ("9:00", "2026-11-26T07:00:00Z"),
            ("today 17:30", "2026-11-26T15:30:00Z"),
            ("tomorrow 9:00", "2026-11-27T07:00:00Z"),
            ("yesterday 09:00:01", "2026-11-25T07:00:01Z"),
            ("2026-12-24", "2026-12-23T22:00:00Z"),
            ("2026-12-24 18:00", "2026-12-24T16:00:00Z"),
            ("2026-12-24T18:00:00", "2026-12-24T16:00:00Z"),
            ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
            ("2026-12-24T18:00:00+01:00", "2026-12-24T17:00:00Z"),
            ("1763906400", "2025-11-23T14:00:00Z"),
            ("-1", "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(parse_written(text, now, &zone), Ok(at(expected)), "{text}");
        }
        for text in [
            "",
            "soon",
            "+5",
            "+",
            "now5m",
            "tomorrow 25:00",
            "tomorrow 9",
            "9:0",
            "9:00:00:00",
            "today tomorrow",
            "+99999999999d",
        ] {
            let error = parse_written(text, now, &zone).unwrap_err();
            assert_eq!(error, TimeError::Written(text.to_owned()));
        }
    }

    #[test]
    fn an_hour_that_a_clock_skips_is_the_one_after_it() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let now = at("2026-03-28T12:00:00Z");
        assert_eq!(
            parse_written("tomorrow 2:30", now, &zone),
            Ok(at("2026-03-29T01:30:00Z"))
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_reading_a_time_panic(text: String) {
            let _ = parse_written(&text, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        }
    }
}

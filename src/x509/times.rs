//! The times of a certificate's validity, as RFC 5280 has them and as people have them too: before
//! 1970, without seconds, with fractions, away from UTC (X.680 sections 46 and 47).

use der::{
    AnyRef, Decode, Encode, Reader, SliceReader, Tag, Tagged,
    asn1::{Any, SequenceRef},
};
use jiff::{
    Timestamp,
    civil::{self, Date, DateTime},
    tz::Offset,
};

/// A validity that every reader takes.
const PLAIN: &[u8] = b"\x30\x1e\x17\x0d700101000000Z\x17\x0d700101000000Z";

/// The first and the last moment of the certificate `der`; the error is what is wrong with it.
pub(super) fn read(der: &[u8]) -> Result<(Timestamp, Timestamp), String> {
    let said = |error: der::Error| error.to_string();
    let (_, validity, _) = apart(der).map_err(said)?;
    let validity = <&SequenceRef>::from_der(validity).map_err(said)?;
    let mut times = SliceReader::new(validity.as_bytes()).map_err(said)?;
    let mut next = || {
        let time = AnyRef::decode(&mut times).map_err(said)?;
        instant(time).ok_or_else(|| {
            let text = String::from_utf8_lossy(time.value()).into_owned();
            format!("its validity is no time: {text:?}")
        })
    };
    Ok((next()?, next()?))
}

/// The certificate `der` with a plain validity in the place of its own.
pub(super) fn plain(der: &[u8]) -> der::Result<Vec<u8>> {
    let outer = AnyRef::from_der(der)?;
    let mut parts = SliceReader::new(outer.value())?;
    AnyRef::decode(&mut parts)?;
    let rest = parts.read_slice(parts.remaining_len())?;
    let (before, _, after) = apart(der)?;
    let tbs = Any::new(Tag::Sequence, [before, PLAIN, after].concat())?.to_der()?;
    Any::new(Tag::Sequence, [&tbs, rest].concat())?.to_der()
}

/// What stands in a `TBSCertificate` before its validity, the validity, and what follows: it is the
/// fifth part of one with a version, the fourth of one without (RFC 5280 section 4.1).
fn apart(der: &[u8]) -> der::Result<(&[u8], &[u8], &[u8])> {
    let certificate = AnyRef::from_der(der)?;
    let tbs = AnyRef::decode(&mut SliceReader::new(certificate.value())?)?.value();
    let mut parts = SliceReader::new(tbs)?;
    let first = AnyRef::decode(&mut parts)?;
    let before = if first.tag() == Tag::Integer { 2 } else { 3 };
    for _ in 0..before {
        AnyRef::decode(&mut parts)?;
    }
    let start = usize::try_from(parts.position())?;
    AnyRef::decode(&mut parts)?;
    let end = usize::try_from(parts.position())?;
    Ok((&tbs[..start], &tbs[start..end], &tbs[end..]))
}

/// 9999-12-31T23:59:59Z, which means that there is no end (RFC 5280 section 4.1.2.5), is a day later
/// than the last moment there is here: that one stands for it.
fn instant(time: AnyRef<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(time.value()).ok()?;
    let (year, rest) = match time.tag() {
        Tag::UtcTime => {
            let (year, rest) = number(text, 2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        Tag::GeneralizedTime => number(text, 4)?,
        _ => return None,
    };
    let (month, rest) = number(rest, 2)?;
    let (day, rest) = number(rest, 2)?;
    let (hour, rest) = number(rest, 2)?;
    let (minute, rest) = number(rest, 2).unwrap_or((0, rest));
    let (second, rest) = number(rest, 2).unwrap_or((0, rest));
    let zone = match rest.strip_prefix(['.', ',']) {
        // Parts of a second are not kept.
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone)?
        }
        None => rest,
    };
    let small = |number: i16| i8::try_from(number).ok();
    let date = Date::new(year, small(month)?, small(day)?).ok()?;
    // A leap second is counted as the one before it, as the clocks of computers do.
    let second = if second == 60 { 59 } else { second };
    let time = civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    let moment = offset(zone)?.to_timestamp(DateTime::from_parts(date, time));
    Some(moment.unwrap_or(Timestamp::MAX))
}

/// `Z`, `+hhmm` or `-hhmm`; nothing is UTC.
fn offset(zone: &str) -> Option<Offset> {
    if zone.is_empty() || zone == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = number(rest, 2)?;
    let (minutes, rest) = number(rest, 2)?;
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    rest.is_empty()
        .then(|| Offset::from_seconds(sign * seconds).ok())?
}

/// The number of so many digits at the beginning, and what follows it.
fn number(text: &str, digits: usize) -> Option<(i16, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    let is_number = number.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| Some((number.parse().ok()?, rest)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_have_them() {
        for (tag, text, expected) in [
            (Tag::UtcTime, "500101000000Z", Some("1950-01-01T00:00:00Z")),
            (Tag::UtcTime, "491231235959Z", Some("2049-12-31T23:59:59Z")),
            (Tag::UtcTime, "2001012359Z", Some("2020-01-01T23:59:00Z")),
            (
                Tag::UtcTime,
                "200101000000+0130",
                Some("2019-12-31T22:30:00Z"),
            ),
            (
                Tag::GeneralizedTime,
                "19500101000000Z",
                Some("1950-01-01T00:00:00Z"),
            ),
            (
                Tag::GeneralizedTime,
                "00010101000000Z",
                Some("0001-01-01T00:00:00Z"),
            ),
            (
                Tag::GeneralizedTime,
                "20200101000000.52Z",
                Some("2020-01-01T00:00:00Z"),
            ),
            (
                Tag::GeneralizedTime,
                "20200101000000-0200",
                Some("2020-01-01T02:00:00Z"),
            ),
            (
                Tag::GeneralizedTime,
                "2020010112",
                Some("2020-01-01T12:00:00Z"),
            ),
            (Tag::UtcTime, "161231235960Z", Some("2016-12-31T23:59:59Z")),
            (Tag::UtcTime, "200230000000Z", None),
            (Tag::UtcTime, "200101235961Z", None),
            (Tag::UtcTime, "200101246060Z", None),
            (Tag::UtcTime, "200101000000.Z", None),
            (Tag::UtcTime, "200101000000+01", None),
            (Tag::UtcTime, "", None),
            (Tag::UtcTime, "2001010000\u{e9}", None),
            (Tag::Utf8String, "200101000000Z", None),
        ] {
            let time = AnyRef::new(tag, text.as_bytes()).unwrap();
            let read = instant(time).map(|moment| moment.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
        let endless = AnyRef::new(Tag::GeneralizedTime, b"99991231235959Z").unwrap();
        assert_eq!(instant(endless), Some(Timestamp::MAX));
    }
}

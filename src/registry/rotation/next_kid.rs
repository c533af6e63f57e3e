//! What the next key is called.

use jiff::{Timestamp, tz::TimeZone};

use crate::keystore::kid;

/// The longest number that is counted up: a longer one is no count.
const LONGEST_COUNT: usize = 4;

/// How many names are tried.
const MOST: u32 = 10_000;

/// Names for the key that follows `old`, the best first: a month or a day at its end becomes that of
/// `now`, a number is counted up, `-2` is added where there is neither. None where such a name could
/// not be given.
pub(super) fn names(old: &str, now: Timestamp) -> impl Iterator<Item = String> {
    let dated = dated(old, now);
    let (stem, from) = match &dated {
        Some(dated) => (format!("{dated}-"), 2),
        None => count_at_end(old),
    };
    let counted = (from..from.saturating_add(MOST)).map(move |count| format!("{stem}{count}"));
    let first = dated.filter(|name| name != old);
    first
        .into_iter()
        .chain(counted)
        .filter(|name| kid::check_given(name).is_ok())
}

/// `prod-2026-10` in November: `prod-2026-11`.
fn dated(old: &str, now: Timestamp) -> Option<String> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let month = format!("{:04}-{:02}", today.year(), today.month());
    let day = format!("{month}-{:02}", today.day());
    [day, month].into_iter().find_map(|date| {
        let stem = old.get(..old.len().checked_sub(date.len())?)?;
        let shape = |text: &str| -> String {
            let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
            text.chars().map(digit).collect()
        };
        let is_alone = !stem.ends_with(|c: char| c.is_ascii_digit());
        (is_alone && shape(&old[stem.len()..]) == shape(&date)).then(|| format!("{stem}{date}"))
    })
}

/// What stands before the next count, and the next count.
fn count_at_end(old: &str) -> (String, u32) {
    let stem = old.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &old[stem.len()..];
    let is_count = (1..=LONGEST_COUNT).contains(&digits.len())
        && !digits.starts_with('0')
        && stem.ends_with(['-', '_', '.', 'v']);
    match digits.parse::<u32>() {
        Ok(count) if is_count => (stem.to_owned(), count + 1),
        _ => (format!("{old}-"), 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_becomes_todays_a_count_goes_on_and_else_one_begins() {
        let now: Timestamp = "2026-11-26T03:00:00Z".parse().unwrap();
        let next = |old: &str| names(old, now).take(2).collect::<Vec<_>>();
        for (old, first, second) in [
            ("prod-2026-10", "prod-2026-11", "prod-2026-11-2"),
            ("2026-11-25", "2026-11-26", "2026-11-26-2"),
            ("k-v9", "k-v10", "k-v11"),
            ("k-2", "k-3", "k-4"),
            ("prod", "prod-2", "prod-3"),
            ("prod-2026-11", "prod-2026-11-2", "prod-2026-11-3"),
            ("k-2026", "k-2027", "k-2028"),
            ("k-007", "k-007-2", "k-007-3"),
        ] {
            assert_eq!(next(old), [first, second], "{old}");
        }
    }
}

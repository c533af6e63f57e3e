//! Two keys beside each other.

use crate::{
    display,
    tui::app::rich::{Rich, Role},
    x509::compare::Row,
};

/// Between the two sides.
const RULE: &str = " │ ";
/// How many rows of the screen a value has at most; what is longer is cut in the middle.
const HIGH: usize = 3;

/// What two keys called `kids` say, `columns` wide: what differs is marked and stands side by side,
/// what does not stands once.
pub fn lines(kids: [&str; 2], rows: &[Row], columns: usize) -> Vec<Rich> {
    let width = rows.iter().map(|row| row.name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut lines = beside(kids, Role::Strong, columns);
    for row in rows {
        let name = display::line(&row.name);
        if row.is_equal() {
            let rest = columns.saturating_sub(width + 4);
            let value = display::middle(row.a.as_deref().unwrap_or("—"), rest);
            lines.push(Rich::new(Role::Dim, &format!("  {name:<width$}  ")).and(Role::Dim, &value));
        } else {
            lines.push(Rich::new(Role::Care, &format!("≠ {name}")));
            let sides = [&row.a, &row.b].map(|side| side.as_deref().unwrap_or("—"));
            lines.extend(beside(sides, Role::Text, columns));
        }
    }
    lines
}

/// `  left  │ right`, each in its half.
fn beside(texts: [&str; 2], role: Role, columns: usize) -> Vec<Rich> {
    let half = columns.saturating_sub(2 + RULE.chars().count()) / 2;
    let [left, right] = texts.map(|text| {
        let cut = display::middle(text, half * HIGH);
        Rich::new(role, &cut).wrapped(half, 0)
    });
    (0..left.len().max(right.len()))
        .map(|place| {
            let mut line = Rich::new(Role::Text, "  ");
            let mut used = 0;
            if let Some(cell) = left.get(place) {
                line = line.and(role, &cell.plain());
                used = cell.width();
            }
            let gap = " ".repeat(half.saturating_sub(used));
            line = line.and(Role::Dim, &format!("{gap}{RULE}"));
            match right.get(place) {
                Some(cell) => line.and(role, &cell.plain()),
                None => line,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, a: Option<&str>, b: Option<&str>) -> Row {
        Row {
            name: name.to_owned(),
            a: a.map(str::to_owned),
            b: b.map(str::to_owned),
        }
    }

    #[test]
    fn what_differs_stands_side_by_side_and_what_does_not_once() {
        let rows = [
            row("kty", Some("EC"), Some("EC")),
            row("x", Some("abcdefghij"), Some("k\u{1b}[m")),
            row("use", None, Some("sig")),
        ];
        let lines = lines(["one", "two"], &rows, 21);
        let plain: Vec<String> = lines.iter().map(Rich::plain).collect();
        assert_eq!(
            plain,
            [
                "  one      │ two",
                "  kty  EC",
                "≠ x",
                "  abcdefgh │ k\\u{1b}[",
                "  ij       │ m",
                "≠ use",
                "  —        │ sig",
            ]
        );
    }

    #[test]
    fn a_long_value_is_cut_where_its_rows_end() {
        let long = "a".repeat(100);
        let lines = lines(["one", "two"], &[row("n", Some(&long), Some("b"))], 21);
        assert_eq!(lines.len(), 2 + HIGH);
        assert!(lines.iter().all(|line| line.width() <= 21));
    }
}

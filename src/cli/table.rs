//! A table of text with aligned columns.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use crate::display;

/// Rows under a heading, each column as wide as its widest cell.
pub(super) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(heading: &[&str]) -> Self {
        Self {
            heading: heading.iter().map(|&cell| cell.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; its cells pass the display gate.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(
            cells
                .iter()
                .map(|cell| display::line(cell).into_owned())
                .collect(),
        );
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || std::iter::once(&self.heading).chain(&self.rows);
        let widths: Vec<usize> = (0..self.heading.len())
            .map(|column| {
                lines()
                    .filter_map(|cells| cells.get(column))
                    .map(|cell| cell.width())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for cells in lines() {
            let last = cells.len().saturating_sub(1);
            for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                f.write_str(cell)?;
                if column != last {
                    let gap = width.saturating_sub(cell.width()) + 2;
                    write!(f, "{:gap$}", "")?;
                }
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["KID", "ALG"]);
        table.row(vec!["prod-2026-11".to_owned(), "RS256".to_owned()]);
        table.row(vec!["ключ".to_owned(), "ES256".to_owned()]);
        assert_eq!(
            table.to_string(),
            "KID           ALG\nprod-2026-11  RS256\nключ          ES256\n"
        );
    }
}

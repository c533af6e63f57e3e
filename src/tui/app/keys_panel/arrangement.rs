//! How the list is arranged: its columns and its order, kept between runs.

use serde::{Deserialize, Serialize};

use super::{column::Column, order::Order};

/// The columns and the order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Arrangement {
    columns: Vec<Column>,
    pub order: Order,
}

impl Arrangement {
    /// Reads what [`Self::text`] wrote; what cannot be read is as at the first start.
    pub fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The text that is kept.
    pub fn text(&self) -> String {
        // Names and nothing else: there is always JSON for it.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether a column is shown; the kid always is.
    pub fn shows(&self, column: Column) -> bool {
        column == Column::Kid || self.columns.contains(&column)
    }

    /// Shows a column, or hides it.
    pub fn toggle(&mut self, column: Column) {
        if self.columns.contains(&column) {
            self.columns.retain(|each| *each != column);
        } else {
            self.columns.push(column);
        }
    }
}

impl Default for Arrangement {
    fn default() -> Self {
        Self {
            columns: Column::FIRST.to_vec(),
            order: Order::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::keys_panel::order::Direction;

    #[test]
    fn an_arrangement_reads_back_as_it_was_kept() {
        let mut arrangement = Arrangement::default();
        arrangement.toggle(Column::Tags);
        arrangement.toggle(Column::Subject);
        arrangement.order = Order {
            column: Column::Created,
            direction: Direction::Descending,
        };
        assert_eq!(
            arrangement.text(),
            r#"{"columns":["kid","algorithm","key","expiry","registered","subject"],"order":{"column":"created","direction":"descending"}}"#
        );
        assert_eq!(Arrangement::parse(&arrangement.text()), arrangement);
        assert_eq!(Arrangement::parse("{"), Arrangement::default());
    }
}

//! The first line.

use ratatui::{Frame, layout::Rect, widgets::Paragraph};

use super::{styled, theme::Theme};
use crate::tui::app::{content::header::Header, state::State};

pub(super) fn draw(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let header = Header::of(state, usize::from(area.width));
    frame.render_widget(Paragraph::new(styled(&header.left, theme)), area);
    let right = styled(&header.right, theme).right_aligned();
    frame.render_widget(Paragraph::new(right), area);
}

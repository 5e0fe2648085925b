//! A row, wherever it lies.

use crate::cell::Cell;
use crate::history::PackedRow;
use crate::row::Row;
use crate::state::State;

/// Of the history or of the screen.
#[derive(Clone, Copy)]
pub(crate) enum RowView<'a> {
    Packed(PackedRow<'a>),
    Live(&'a Row),
}

impl RowView<'_> {
    pub(crate) fn seq(&self) -> u64 {
        match self {
            Self::Packed(row) => row.info.seq,
            Self::Live(row) => row.seq,
        }
    }

    pub(crate) fn id(&self) -> u64 {
        match self {
            Self::Packed(row) => row.info.id,
            Self::Live(row) => row.id,
        }
    }

    /// The change that last erased it; not known of the history, where nothing is erased.
    pub(crate) fn erased(&self) -> u64 {
        match self {
            Self::Packed(_) => 0,
            Self::Live(row) => row.erased,
        }
    }

    pub(crate) fn wrapped(&self) -> bool {
        match self {
            Self::Packed(row) => row.info.wrapped(),
            Self::Live(row) => row.wrapped,
        }
    }

    /// Appends all of its text.
    pub(crate) fn push_to(&self, state: &State, text: &mut String) {
        match self {
            Self::Packed(row) => text.push_str(row.text()),
            Self::Live(row) => {
                for cell in row.used() {
                    if !cell.has(Cell::SKIPPED) {
                        cell.push_to(text, &state.clusters);
                    }
                }
            }
        }
    }

    /// Appends the text of the columns `from..to`.
    pub(crate) fn push_part(&self, state: &State, from: usize, to: usize, text: &mut String) {
        let mut col = 0;
        self.each(state, |part, width| {
            if (from..to).contains(&col) {
                text.push_str(part);
            }
            col += width;
        });
    }

    /// Each cell's text and width, without second halves.
    pub(crate) fn each(&self, state: &State, mut seen: impl FnMut(&str, usize)) {
        match self {
            Self::Packed(row) => {
                for item in row.items() {
                    seen(item.text, usize::from(item.width));
                }
            }
            Self::Live(row) => {
                let mut text = String::new();
                for cell in row.used().iter().filter(|cell| !cell.has(Cell::SPACER | Cell::SKIPPED)) {
                    text.clear();
                    cell.push_to(&mut text, &state.clusters);
                    seen(&text, usize::from(cell.width()));
                }
            }
        }
    }

    /// Each cell's text, width and style.
    pub(crate) fn each_styled(&self, state: &State, mut seen: impl FnMut(&str, usize, u16)) {
        match self {
            Self::Packed(row) => {
                for item in row.items() {
                    seen(item.text, usize::from(item.width), item.style);
                }
            }
            Self::Live(row) => {
                let mut text = String::new();
                for cell in row.used().iter().filter(|cell| !cell.has(Cell::SPACER)) {
                    text.clear();
                    if !cell.is_blank() {
                        cell.push_to(&mut text, &state.clusters);
                    }
                    seen(&text, usize::from(cell.width()), cell.style());
                }
            }
        }
    }
}

//! The cursor, what it writes with, and what DECSC saves of it.

use crate::cell::Cell;
use crate::charset::Charsets;
use crate::style::Style;

/// Where the next character goes, and how it will look.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    pub(crate) row: usize,
    pub(crate) col: usize,
    /// A character was written in the last column: the next one wraps first, unless the cursor is moved.
    pub(crate) pending_wrap: bool,
    pub(crate) pen: Style,
    pub(crate) protected: bool,
    pub(crate) charsets: Charsets,
    /// The pen as a cell; none after it was changed.
    pub(crate) base: Option<Cell>,
    /// What erasing leaves; none after the pen was changed.
    pub(crate) blank: Option<Cell>,
}

impl Cursor {
    pub(crate) fn new() -> Self {
        Self {
            row: 0,
            col: 0,
            pending_wrap: false,
            pen: Style::default(),
            protected: false,
            charsets: Charsets::default(),
            base: None,
            blank: None,
        }
    }

    /// To be called after the pen was changed.
    #[inline]
    pub(crate) fn pen_changed(&mut self) {
        self.base = None;
        self.blank = None;
    }
}

/// What DECSC saves.
#[derive(Debug, Clone)]
pub(crate) struct SavedCursor {
    pub(crate) cursor: Cursor,
    pub(crate) origin: bool,
}

impl Default for SavedCursor {
    fn default() -> Self {
        Self { cursor: Cursor::new(), origin: false }
    }
}

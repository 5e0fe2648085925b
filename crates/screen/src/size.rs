//! How many cells a screen has.

/// Columns and rows of a screen, each between 1 and [`Size::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Cells in a row.
    pub cols: u16,
    /// Rows of the screen, without history.
    pub rows: u16,
}

impl Size {
    /// The largest number of columns and of rows: what is beyond is cut, so that a size costs bounded memory.
    pub const MAX: u16 = 1000;

    /// A size whose two numbers are brought into `1..=MAX`.
    pub fn new(cols: u16, rows: u16) -> Self {
        Self { cols: cols.clamp(1, Self::MAX), rows: rows.clamp(1, Self::MAX) }
    }
}

impl Default for Size {
    /// 80 columns, 24 rows.
    fn default() -> Self {
        Self { cols: 80, rows: 24 }
    }
}

/// A place on the screen, zero-based. Negative rows are history: -1 is the line that left the screen last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Position {
    /// Row from the top of the screen.
    pub row: i64,
    /// Column from the left.
    pub col: u16,
}

//! A row of the grid.

use crate::cell::Cell;

/// Cells and what is known about them. Its id stays with it when it moves, into history too.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) cells: Box<[Cell]>,
    pub(crate) id: u64,
    /// The change of the screen that touched it last.
    pub(crate) seq: u64,
    /// The change that last erased it from its first column on.
    pub(crate) erased: u64,
    /// From here on all cells are [`Cell::BLANK`].
    pub(crate) len: usize,
    /// The text goes on in the next row.
    pub(crate) wrapped: bool,
    /// It may hold cells of two columns.
    pub(crate) has_wide: bool,
}

impl Row {
    pub(crate) fn new(cols: usize, id: u64) -> Self {
        let cells = vec![Cell::BLANK; cols].into_boxed_slice();
        Self { cells, id, seq: 0, erased: 0, len: 0, wrapped: false, has_wide: false }
    }

    /// The cells that may show something.
    pub(crate) fn used(&self) -> &[Cell] {
        &self.cells[..self.len]
    }

    /// Blank in the given style, and no longer joined to the next row.
    pub(crate) fn clear(&mut self, blank: Cell) {
        if blank == Cell::BLANK {
            self.cells[..self.len].fill(blank);
            self.len = 0;
        } else {
            self.cells.fill(blank);
            self.len = self.cells.len();
        }
        self.wrapped = false;
        self.has_wide = false;
        self.erased = self.seq;
    }

    /// Printable ASCII at `col`; the caller has seen to it that it fits.
    #[inline]
    pub(crate) fn write_ascii(&mut self, col: usize, text: &[u8], base: Cell) {
        let end = col + text.len();
        if self.has_wide {
            self.split_wide(col, end);
        }
        for (cell, &byte) in self.cells[col..end].iter_mut().zip(text) {
            *cell = base.with_byte(byte);
        }
        self.len = self.len.max(end);
    }

    /// One cell, or two for a wide one.
    #[inline]
    pub(crate) fn write(&mut self, col: usize, cell: Cell) {
        let width = if cell.has(Cell::WIDE) { 2 } else { 1 };
        if self.has_wide {
            self.split_wide(col, col + width);
        }
        self.cells[col] = cell;
        if width == 2 {
            self.has_wide = true;
            let kept = cell.0 & Cell::PROTECTED;
            self.cells[col + 1] = Cell::blank(cell.style()).with_flags(Cell::SPACER | kept);
        }
        self.len = self.len.max(col + width);
    }

    /// Blanks the other halves of wide cells that `start..end` would cut.
    pub(crate) fn split_wide(&mut self, start: usize, end: usize) {
        if start > 0 && start < self.cells.len() && self.cells[start].has(Cell::SPACER) {
            self.cells[start - 1] = Cell::blank(self.cells[start - 1].style());
        }
        if end > 0 && end < self.cells.len() && self.cells[end].has(Cell::SPACER) {
            self.cells[end] = Cell::blank(self.cells[end].style());
        }
    }

    /// Blanks `start..end`.
    pub(crate) fn erase(&mut self, start: usize, end: usize, blank: Cell) {
        let end = end.min(self.cells.len());
        if start >= end {
            return;
        }
        if self.has_wide {
            self.split_wide(start, end);
        }
        self.cells[start..end].fill(blank);
        if start == 0 {
            self.erased = self.seq;
        }
        if end == self.cells.len() {
            self.wrapped = false;
        }
        self.measure(end, blank);
    }

    /// As [`erase`](Self::erase), but leaves what is protected.
    pub(crate) fn erase_unprotected(&mut self, start: usize, end: usize, blank: Cell) {
        let end = end.min(self.cells.len());
        for col in start..end {
            if !self.cells[col].has(Cell::PROTECTED) {
                self.erase(col, col + 1, blank);
            }
        }
    }

    /// Keeps `len` true after `blank` was written up to `end`.
    fn measure(&mut self, end: usize, blank: Cell) {
        if blank != Cell::BLANK {
            self.len = self.len.max(end);
        } else if end >= self.len {
            let last = self.cells[..self.len].iter().rposition(|cell| *cell != Cell::BLANK);
            self.len = last.map_or(0, |last| last + 1);
        }
    }

    /// Moves `start..end` right by `count`; what leaves is lost, what comes is blank.
    pub(crate) fn shift_right(&mut self, start: usize, end: usize, count: usize, blank: Cell) {
        let count = count.min(end - start);
        if self.has_wide {
            self.split_wide(start, end);
            self.split_wide(end - count, end);
        }
        self.cells.copy_within(start..end - count, start + count);
        self.cells[start..start + count].fill(blank);
        self.len = (self.len + count).min(end).max(if self.len > end { self.len } else { 0 });
        self.measure(start + count, blank);
        self.wrapped &= end < self.cells.len();
    }

    /// Moves `start..end` left by `count`.
    pub(crate) fn shift_left(&mut self, start: usize, end: usize, count: usize, blank: Cell) {
        let count = count.min(end - start);
        if self.has_wide {
            self.split_wide(start, end);
            self.split_wide(start, start + count);
        }
        self.cells.copy_within(start + count..end, start);
        self.cells[end - count..end].fill(blank);
        self.measure(end, blank);
        self.wrapped &= end < self.cells.len();
    }

    /// Another number of columns; what is beyond is cut.
    pub(crate) fn resize(&mut self, cols: usize) {
        if cols < self.cells.len() && self.has_wide {
            self.split_wide(cols, cols);
            if cols > 0 && self.cells[cols - 1].has(Cell::WIDE) {
                self.cells[cols - 1] = Cell::blank(self.cells[cols - 1].style());
            }
        }
        let mut cells = std::mem::take(&mut self.cells).into_vec();
        cells.resize(cols, Cell::BLANK);
        self.cells = cells.into_boxed_slice();
        self.len = self.len.min(cols);
        self.wrapped = false;
    }
}

#[cfg(test)]
mod tests {
    use super::Row;
    use crate::cell::Cell;

    fn row(text: &str) -> Row {
        let mut row = Row::new(10, 0);
        row.write_ascii(0, text.as_bytes(), Cell::BLANK);
        row
    }

    fn text(row: &Row) -> String {
        row.cells.iter().map(|cell| if cell.is_blank() { '.' } else { (cell.0 as u8).into() }).collect()
    }

    /// What `len` promises.
    fn assert_len(row: &Row) {
        assert!(row.cells[row.len..].iter().all(|cell| *cell == Cell::BLANK));
    }

    #[test]
    fn shifting_loses_what_leaves() {
        let mut right = row("abcdefghij");
        right.shift_right(2, 8, 3, Cell::BLANK);
        assert_eq!(text(&right), "ab...cdeij");
        let mut left = row("abcdefghij");
        left.shift_left(2, 8, 3, Cell::BLANK);
        assert_eq!(text(&left), "abfgh...ij");
        for (start, end, count) in [(0, 10, 10), (9, 10, 1), (0, 10, 99), (3, 4, 7)] {
            for content in ["", "ab", "abcdefghij"] {
                let (mut right, mut left) = (row(content), row(content));
                right.shift_right(start, end, count, Cell::BLANK);
                left.shift_left(start, end, count, Cell::blank(3));
                assert_len(&right);
                assert_len(&left);
            }
        }
    }

    #[test]
    fn half_a_wide_cell_does_not_stay() {
        let wide = || {
            let mut row = Row::new(10, 0);
            row.write(4, Cell::base(0, Cell::WIDE).with_char('漢'));
            row
        };
        for overwritten in [4, 5] {
            let mut row = wide();
            row.write_ascii(overwritten, b"x", Cell::BLANK);
            assert!(row.cells.iter().all(|cell| cell.width() == 1));
        }
        let mut cut = wide();
        cut.resize(5);
        assert!(cut.cells.iter().all(|cell| cell.width() == 1));
    }

    #[test]
    fn erasing_the_end_finds_the_new_length() {
        let mut row = row("abc");
        row.erase(1, 10, Cell::BLANK);
        assert_eq!(row.len, 1);
        row.erase(5, 6, Cell::blank(2));
        assert_eq!(row.len, 6);
        assert_len(&row);
    }
}

//! The rows of a screen. Scrolling all of it moves none of them.

use crate::cell::Cell;
use crate::row::Row;

/// A ring of rows: row 0 of the screen is at `top`.
#[derive(Clone)]
pub(crate) struct Grid {
    rows: Vec<Row>,
    top: usize,
}

/// Gives each row a number of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowIds(u64);

impl RowIds {
    pub(crate) fn fresh(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

impl Grid {
    pub(crate) fn new(cols: usize, rows: usize, ids: &mut RowIds) -> Self {
        let rows = (0..rows).map(|_| Row::new(cols, ids.fresh())).collect();
        Self { rows, top: 0 }
    }

    pub(crate) fn from_rows(rows: Vec<Row>) -> Self {
        Self { rows, top: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    #[inline]
    fn at(&self, row: usize) -> usize {
        let at = self.top + row;
        if at >= self.rows.len() { at - self.rows.len() } else { at }
    }

    #[inline]
    pub(crate) fn row(&self, row: usize) -> &Row {
        &self.rows[self.at(row)]
    }

    #[inline]
    pub(crate) fn row_mut(&mut self, row: usize) -> &mut Row {
        let at = self.at(row);
        &mut self.rows[at]
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> {
        (0..self.rows.len()).map(|row| self.row(row))
    }

    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        let top = self.top;
        let (wrapped, first) = self.rows.split_at_mut(top);
        first.iter_mut().chain(wrapped)
    }

    /// Row `top` goes to `bottom`, those between move up; its content is the caller's matter.
    #[inline]
    pub(crate) fn rotate_up(&mut self, top: usize, bottom: usize) {
        if top == 0 && bottom + 1 == self.rows.len() {
            self.top = self.at(1);
            return;
        }
        for row in top..bottom {
            let (a, b) = (self.at(row), self.at(row + 1));
            self.rows.swap(a, b);
        }
    }

    /// Row `bottom` goes to `top`, those between move down.
    pub(crate) fn rotate_down(&mut self, top: usize, bottom: usize) {
        if top == 0 && bottom + 1 == self.rows.len() {
            self.top = self.at(bottom);
            return;
        }
        for row in (top..bottom).rev() {
            let (a, b) = (self.at(row), self.at(row + 1));
            self.rows.swap(a, b);
        }
    }

    /// Moves cells of the columns `left..right` from one row to another.
    pub(crate) fn copy_part(&mut self, from: usize, to: usize, left: usize, right: usize) {
        let (from, to) = (self.at(from), self.at(to));
        if from == to {
            return;
        }
        let (source, target) = if from < to {
            let (low, high) = self.rows.split_at_mut(to);
            (&low[from], &mut high[0])
        } else {
            let (low, high) = self.rows.split_at_mut(from);
            (&high[0], &mut low[to])
        };
        if target.has_wide {
            target.split_wide(left, right);
        }
        target.cells[left..right].copy_from_slice(&source.cells[left..right]);
        target.has_wide |= source.has_wide;
        target.wrapped &= right < target.cells.len();
        target.len = target.len.max(source.len.min(right));
        // Halves that the borders cut.
        for edge in [left, right] {
            if edge < target.cells.len() && target.cells[edge].has(Cell::SPACER) {
                let whole = edge > 0 && target.cells[edge - 1].has(Cell::WIDE);
                if !whole {
                    target.cells[edge] = Cell::blank(target.cells[edge].style());
                }
            }
            if edge > 0 && target.cells[edge - 1].has(Cell::WIDE) {
                let whole = edge < target.cells.len() && target.cells[edge].has(Cell::SPACER);
                if !whole {
                    target.cells[edge - 1] = Cell::blank(target.cells[edge - 1].style());
                }
            }
        }
    }

    /// Another size without reflow: cut or filled at the right and at the bottom.
    pub(crate) fn resize_cut(&mut self, cols: usize, rows: usize, ids: &mut RowIds) {
        self.rows.rotate_left(self.top);
        self.top = 0;
        self.rows.truncate(rows);
        for row in &mut self.rows {
            row.resize(cols);
        }
        while self.rows.len() < rows {
            self.rows.push(Row::new(cols, ids.fresh()));
        }
    }
}

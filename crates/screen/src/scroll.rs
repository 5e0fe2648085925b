//! Lines up and down: index, scrolling, inserted and deleted lines, and what goes to the history.

use crate::cell::Cell;
use crate::state::State;

impl State {
    /// One row down; at the bottom margin the region scrolls.
    #[inline]
    pub(crate) fn index(&mut self) {
        self.cursor.pending_wrap = false;
        if self.cursor.row == self.margins.bottom {
            if self.is_in_side_margins() {
                self.scroll_up(self.margins.top, 1);
            }
        } else if self.cursor.row + 1 < self.rows() {
            self.cursor.row += 1;
        }
    }

    /// One row up; at the top margin the region scrolls.
    pub(crate) fn reverse_index(&mut self) {
        self.cursor.pending_wrap = false;
        if self.cursor.row == self.margins.top {
            if self.is_in_side_margins() {
                self.scroll_down(self.margins.top, 1);
            }
        } else {
            self.cursor.row = self.cursor.row.saturating_sub(1);
        }
    }

    /// Moves the rows from `top` to the bottom margin up. What leaves the top of the first screen goes to the history.
    pub(crate) fn scroll_up(&mut self, top: usize, count: usize) {
        let bottom = self.margins.bottom;
        let count = count.min(bottom + 1 - top);
        let blank = self.blank();
        if self.has_side_margins() {
            return self.scroll_part_up(top, count, blank);
        }
        self.changed = true;
        let keeps = top == 0 && !self.is_alternate && self.history.is_kept();
        for _ in 0..count {
            if keeps {
                let row = self.grid.row(0);
                self.history.push(row.id, row.seq, row.wrapped, row.used(), &self.clusters);
            } else if top > 0 {
                self.grid.row_mut(top - 1).wrapped = false;
            }
            self.grid.rotate_up(top, bottom);
            let id = self.ids.fresh();
            let row = self.grid.row_mut(bottom);
            row.clear(blank);
            row.id = id;
            row.seq = self.seq;
        }
        self.rows_moved(top, bottom);
    }

    /// Moves the rows from `top` to the bottom margin down.
    pub(crate) fn scroll_down(&mut self, top: usize, count: usize) {
        let bottom = self.margins.bottom;
        let count = count.min(bottom + 1 - top);
        let blank = self.blank();
        if self.has_side_margins() {
            return self.scroll_part_down(top, count, blank);
        }
        if top > 0 {
            self.grid.row_mut(top - 1).wrapped = false;
        }
        for _ in 0..count {
            self.grid.rotate_down(top, bottom);
            let id = self.ids.fresh();
            let row = self.grid.row_mut(top);
            row.clear(blank);
            row.id = id;
        }
        self.grid.row_mut(bottom).wrapped = false;
        self.rows_moved(top, bottom);
    }

    /// Every row in the range shows something else than before.
    fn rows_moved(&mut self, top: usize, bottom: usize) {
        self.changed = true;
        if top == 0 && bottom + 1 == self.rows() {
            self.moved = self.seq;
            return;
        }
        for row in top..=bottom {
            self.grid.row_mut(row).seq = self.seq;
        }
    }

    fn scroll_part_up(&mut self, top: usize, count: usize, blank: Cell) {
        let (bottom, left, right) = (self.margins.bottom, self.margins.left, self.margins.right + 1);
        for row in top..=bottom {
            if row + count <= bottom {
                self.row_mut(row);
                self.grid.copy_part(row + count, row, left, right);
            } else {
                self.row_mut(row).erase(left, right, blank);
            }
        }
    }

    fn scroll_part_down(&mut self, top: usize, count: usize, blank: Cell) {
        let (bottom, left, right) = (self.margins.bottom, self.margins.left, self.margins.right + 1);
        for row in (top..=bottom).rev() {
            if row >= top + count {
                self.row_mut(row);
                self.grid.copy_part(row - count, row, left, right);
            } else {
                self.row_mut(row).erase(left, right, blank);
            }
        }
    }

    /// Whether lines can be inserted and deleted where the cursor is.
    fn is_in_region(&self) -> bool {
        (self.margins.top..=self.margins.bottom).contains(&self.cursor.row) && self.is_in_side_margins()
    }

    /// IL.
    pub(crate) fn insert_lines(&mut self, count: usize) {
        if self.is_in_region() {
            self.scroll_down(self.cursor.row, count);
            self.carriage_return();
        }
    }

    /// DL.
    pub(crate) fn delete_lines(&mut self, count: usize) {
        if self.is_in_region() {
            // A deleted line is gone, it did not leave at the top.
            let (top, count) = (self.cursor.row, count.min(self.margins.bottom + 1 - self.cursor.row));
            if top == 0 && !self.has_side_margins() {
                self.delete_top_lines(count);
            } else {
                self.scroll_up(top, count);
            }
            self.carriage_return();
        }
    }

    fn delete_top_lines(&mut self, count: usize) {
        let (blank, bottom) = (self.blank(), self.margins.bottom);
        for _ in 0..count {
            self.grid.rotate_up(0, bottom);
            let id = self.ids.fresh();
            let row = self.grid.row_mut(bottom);
            row.clear(blank);
            row.id = id;
        }
        self.rows_moved(0, bottom);
    }

    /// ICH.
    pub(crate) fn insert_characters(&mut self, count: usize) {
        self.cursor.pending_wrap = false;
        if self.is_in_side_margins() {
            let (row, col, end) = (self.cursor.row, self.cursor.col, self.margins.right + 1);
            let blank = self.blank();
            self.row_mut(row).shift_right(col, end, count, blank);
        }
    }

    /// DCH.
    pub(crate) fn delete_characters(&mut self, count: usize) {
        self.cursor.pending_wrap = false;
        if self.is_in_side_margins() {
            let (row, col, end) = (self.cursor.row, self.cursor.col, self.margins.right + 1);
            let blank = self.blank();
            self.row_mut(row).shift_left(col, end, count, blank);
        }
    }

    /// Columns of the whole region, from `left` on, to the right (DECIC, SR) or to the left (DECDC, SL).
    pub(crate) fn shift_columns(&mut self, left: usize, count: usize, to_right: bool) {
        let (end, blank) = (self.margins.right + 1, self.blank());
        for row in self.margins.top..=self.margins.bottom {
            let row = self.row_mut(row);
            if to_right {
                row.shift_right(left, end, count, blank);
            } else {
                row.shift_left(left, end, count, blank);
            }
        }
    }
}

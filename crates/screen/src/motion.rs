//! Where the cursor goes.

use crate::cursor::SavedCursor;
use crate::modes::Mode;
use crate::state::State;

impl State {
    /// CR.
    #[inline]
    pub(crate) fn carriage_return(&mut self) {
        self.cursor.pending_wrap = false;
        self.cursor.col = if self.cursor.col < self.margins.left { 0 } else { self.margins.left };
    }

    /// LF, VT and FF.
    #[inline]
    pub(crate) fn linefeed(&mut self) {
        self.index();
        if self.has(Mode::NewLine) {
            self.carriage_return();
        }
    }

    /// To a row and a column from the top left, or with DECOM from that of the margins.
    pub(crate) fn go_to(&mut self, row: usize, col: usize) {
        self.cursor.pending_wrap = false;
        let (top, bottom, left, right) = self.bounds();
        self.cursor.row = (top + row).min(bottom);
        self.cursor.col = (left + col).min(right);
    }

    pub(crate) fn go_to_row(&mut self, row: usize) {
        let col = self.cursor.col;
        self.go_to(row, 0);
        self.cursor.col = col;
    }

    pub(crate) fn go_to_col(&mut self, col: usize) {
        let row = self.cursor.row;
        self.go_to(0, col);
        self.cursor.row = row;
    }

    /// Top, bottom, left and right that addressing is held to.
    pub(crate) fn bounds(&self) -> (usize, usize, usize, usize) {
        if self.has(Mode::Origin) {
            (self.margins.top, self.margins.bottom, self.margins.left, self.margins.right)
        } else {
            (0, self.rows() - 1, 0, self.cols() - 1)
        }
    }

    /// Row and column as CPR tells them, from 1.
    pub(crate) fn reported_position(&self) -> (usize, usize) {
        let (top, _, left, _) = self.bounds();
        (self.cursor.row.saturating_sub(top) + 1, self.cursor.col.saturating_sub(left) + 1)
    }

    pub(crate) fn up(&mut self, count: usize) {
        self.cursor.pending_wrap = false;
        let limit = if self.cursor.row < self.margins.top { 0 } else { self.margins.top };
        self.cursor.row = self.cursor.row.saturating_sub(count).max(limit);
    }

    pub(crate) fn down(&mut self, count: usize) {
        self.cursor.pending_wrap = false;
        let limit = if self.cursor.row > self.margins.bottom { self.rows() - 1 } else { self.margins.bottom };
        self.cursor.row = (self.cursor.row + count).min(limit);
    }

    pub(crate) fn right(&mut self, count: usize) {
        self.cursor.pending_wrap = false;
        let limit = if self.cursor.col > self.margins.right { self.cols() - 1 } else { self.margins.right };
        self.cursor.col = (self.cursor.col + count).min(limit);
    }

    /// CUB and BS. With a mode of reverse wrap on to the end of the row above.
    pub(crate) fn left(&mut self, count: usize) {
        let extended = self.has(Mode::ExtendedReverseWrap);
        let wraps = (self.has(Mode::ReverseWrap) || extended) && self.has(Mode::AutoWrap);
        let pending = std::mem::take(&mut self.cursor.pending_wrap);
        if !wraps {
            let limit = if self.cursor.col < self.margins.left { 0 } else { self.margins.left };
            self.cursor.col = self.cursor.col.saturating_sub(count).max(limit);
            return;
        }
        // The cursor stood behind the last column.
        let mut count = count.saturating_sub(usize::from(pending)).min(self.cols() * self.rows());
        while count > 0 {
            let limit = if self.cursor.col < self.margins.left { 0 } else { self.margins.left };
            if self.cursor.col > limit {
                let step = count.min(self.cursor.col - limit);
                self.cursor.col -= step;
                count -= step;
                continue;
            }
            let above = match self.cursor.row {
                row if row == self.margins.top && extended => self.margins.bottom,
                row if row == self.margins.top || row == 0 => return,
                row if extended || self.grid.row(row - 1).wrapped => row - 1,
                _ => return,
            };
            self.cursor.row = above;
            self.cursor.col = self.margins.right;
            count -= 1;
        }
    }

    /// HT: to the next stop, or to the right margin. A wrap that is pending stays so, or happens first with mode 41.
    pub(crate) fn tab(&mut self, count: usize) {
        if self.cursor.pending_wrap && self.has(Mode::MoreFix) && self.has(Mode::AutoWrap) {
            self.wrap();
        }
        let end = if self.cursor.col > self.margins.right { self.cols() - 1 } else { self.margins.right };
        for _ in 0..count.min(self.cols()) {
            self.cursor.col = self.tabs.next(self.cursor.col).unwrap_or(end).min(end);
        }
    }

    /// CBT: to the stop before.
    pub(crate) fn back_tab(&mut self, count: usize) {
        self.cursor.pending_wrap = false;
        let origin = self.has(Mode::Origin);
        let begin = if origin { self.margins.left.min(self.cursor.col) } else { 0 };
        for _ in 0..count.min(self.cols()) {
            self.cursor.col = self.tabs.previous(self.cursor.col).unwrap_or(begin).max(begin);
        }
    }

    /// DECBI: one column back; at the left margin the region moves right.
    pub(crate) fn back_index(&mut self) {
        self.cursor.pending_wrap = false;
        let in_rows = (self.margins.top..=self.margins.bottom).contains(&self.cursor.row);
        if self.cursor.col == self.margins.left {
            if in_rows {
                self.shift_columns(self.margins.left, 1, true);
            }
        } else {
            self.cursor.col = self.cursor.col.saturating_sub(1);
        }
    }

    /// DECFI: one column forward; at the right margin the region moves left.
    pub(crate) fn forward_index(&mut self) {
        self.cursor.pending_wrap = false;
        let in_rows = (self.margins.top..=self.margins.bottom).contains(&self.cursor.row);
        if self.cursor.col == self.margins.right {
            if in_rows {
                self.shift_columns(self.margins.left, 1, false);
            }
        } else if self.cursor.col + 1 < self.cols() {
            self.cursor.col += 1;
        }
    }

    /// DECSC.
    pub(crate) fn save_cursor(&mut self) {
        self.saved = SavedCursor { cursor: self.cursor.clone(), origin: self.has(Mode::Origin) };
    }

    /// DECRC.
    pub(crate) fn restore_cursor(&mut self) {
        self.cursor = self.saved.cursor.clone();
        self.cursor.pen_changed();
        self.cursor.row = self.cursor.row.min(self.rows() - 1);
        self.cursor.col = self.cursor.col.min(self.cols() - 1);
        self.cursor.pending_wrap &= self.cursor.col + 1 == self.cols();
        self.modes.set(Mode::Origin, self.saved.origin);
    }

    /// DECSTBM, from 0, both included; a region of less than two rows is none.
    pub(crate) fn set_rows_margins(&mut self, top: usize, bottom: usize) {
        let bottom = bottom.min(self.rows() - 1);
        if top < bottom {
            self.margins.top = top;
            self.margins.bottom = bottom;
            self.go_to(0, 0);
        }
    }

    /// DECSLRM, from 0, both included.
    pub(crate) fn set_side_margins(&mut self, left: usize, right: usize) {
        let right = right.min(self.cols() - 1);
        if left < right {
            self.margins.left = left;
            self.margins.right = right;
            self.go_to(0, 0);
        }
    }
}

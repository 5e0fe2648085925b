//! Erasing: lines, the screen, characters, and the selective kinds that leave what is protected.

use crate::cell::Cell;
use crate::state::State;

impl State {
    fn erase_in_row(&mut self, row: usize, start: usize, end: usize, selective: bool) {
        let (blank, iso) = (self.blank(), self.iso_protection);
        let row = self.row_mut(row);
        if selective != iso {
            row.erase_unprotected(start, end, Cell::BLANK.with_style(blank.style()));
        } else {
            row.erase(start, end, blank);
        }
    }

    /// EL, and with `selective` DECSEL.
    pub(crate) fn erase_line(&mut self, what: u16, selective: bool) {
        let (row, col, cols) = (self.cursor.row, self.cursor.col, self.cols());
        match what {
            0 => {
                self.cursor.pending_wrap = false;
                self.erase_in_row(row, col, cols, selective);
            }
            1 => self.erase_in_row(row, 0, col + 1, selective),
            2 => {
                self.cursor.pending_wrap = false;
                self.erase_in_row(row, 0, cols, selective);
            }
            _ => {}
        }
    }

    /// ED, and with `selective` DECSED.
    pub(crate) fn erase_display(&mut self, what: u16, selective: bool) {
        let (row, cols, rows) = (self.cursor.row, self.cols(), self.rows());
        let range = match what {
            0 => {
                self.erase_line(0, selective);
                row + 1..rows
            }
            1 => {
                self.erase_line(1, selective);
                0..row
            }
            2 => {
                self.cursor.pending_wrap = false;
                0..rows
            }
            3 if !selective => {
                self.history.clear();
                self.changed = true;
                return;
            }
            _ => return,
        };
        for row in range {
            self.erase_in_row(row, 0, cols, selective);
        }
    }

    /// ECH.
    pub(crate) fn erase_characters(&mut self, count: usize) {
        self.cursor.pending_wrap = false;
        let (row, col) = (self.cursor.row, self.cursor.col);
        self.erase_in_row(row, col, (col + count).min(self.cols()), false);
    }

    /// DECALN: the screen full of `E`, without margins.
    pub(crate) fn alignment_test(&mut self) {
        self.margins = crate::state::Margins::full(self.size);
        self.modes.set(crate::modes::Mode::Origin, false);
        self.go_to(0, 0);
        let text = vec![b'E'; self.cols()];
        for row in 0..self.rows() {
            let row = self.row_mut(row);
            row.clear(Cell::BLANK);
            row.write_ascii(0, &text, Cell::BLANK);
        }
    }
}

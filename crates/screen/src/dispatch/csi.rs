//! Control sequences.

use crate::parser::Params;
use crate::reply::Category;
use crate::state::State;

impl State {
    pub(super) fn csi_sequence(&mut self, params: &Params, last: u8) {
        match (params.marker, params.intermediates()) {
            (0, []) => self.plain_csi(params, last),
            (b'?', []) => self.private_csi(params, last),
            (b'>' | b'<' | b'=', []) => self.keyboard_csi(params, last),
            (marker, [intermediate]) => self.csi_with_intermediate(params, marker, *intermediate, last),
            _ => {}
        }
    }

    fn plain_csi(&mut self, params: &Params, last: u8) {
        let count = params.or(0, 1);
        match last {
            b'A' => self.up(count),
            b'B' => self.down(count),
            b'C' => self.right(count),
            b'D' => self.left(count),
            b'E' => {
                self.down(count);
                self.carriage_return();
            }
            b'F' => {
                self.up(count);
                self.carriage_return();
            }
            b'G' | b'`' => self.go_to_col(count - 1),
            b'H' | b'f' => self.go_to(count - 1, params.or(1, 1) - 1),
            b'd' => self.go_to_row(count - 1),
            b'a' => {
                let col = self.reported_position().1 - 1;
                self.go_to_col(col + count);
            }
            b'e' => {
                let row = self.reported_position().0 - 1;
                self.go_to_row(row + count);
            }
            b'I' => self.tab(count),
            b'Z' => self.back_tab(count),
            b'J' => self.erase_display(params.get(0), false),
            b'K' => self.erase_line(params.get(0), false),
            b'X' => self.erase_characters(count),
            b'@' => self.insert_characters(count),
            b'P' => self.delete_characters(count),
            b'L' => self.insert_lines(count),
            b'M' => self.delete_lines(count),
            b'S' => {
                let top = self.margins.top;
                self.scroll_up(top, count);
            }
            // With more numbers it would be highlight tracking, which nobody has.
            b'T' | b'^' if params.len() == 1 => {
                let top = self.margins.top;
                self.scroll_down(top, count);
            }
            b'g' => match params.get(0) {
                0 => self.tabs.set(self.cursor.col, false),
                3 => self.tabs.clear(),
                _ => {}
            },
            b'h' => self.set_modes(params, false, true),
            b'l' => self.set_modes(params, false, false),
            b'r' => self.set_rows_margins(count - 1, params.or(1, u16::MAX) - 1),
            b's' if self.has(crate::modes::Mode::LeftRightMargins) => {
                self.set_side_margins(count - 1, params.or(1, u16::MAX) - 1);
            }
            b's' => self.save_cursor(),
            b'u' => self.restore_cursor(),
            b'c' if params.get(0) == 0 => self.reply(Category::Device, super::report::DEVICE_ATTRIBUTES),
            b'n' => self.status_report(params.get(0)),
            b'x' => self.terminal_parameters(params.get(0)),
            b't' => self.window_operation(params),
            _ => {}
        }
    }

    fn private_csi(&mut self, params: &Params, last: u8) {
        match last {
            b'J' => self.erase_display(params.get(0), true),
            b'K' => self.erase_line(params.get(0), true),
            b'h' => self.set_modes(params, true, true),
            b'l' => self.set_modes(params, true, false),
            b's' => self.save_modes(params),
            b'r' => self.restore_modes(params),
            b'n' => self.private_status_report(params),
            b'm' if params.get(0) == 4 => {
                let answer = format!("\x1b[>4;{}m", self.keyboard.modify_other_keys);
                self.reply(Category::Device, answer);
            }
            b'u' => {
                let answer = format!("\x1b[?{}u", self.keyboard.flags());
                self.reply(Category::Device, answer);
            }
            // DECST8C: a stop every eight columns.
            b'W' if params.get(0) == 5 => self.tabs = crate::tabs::Tabs::new(self.cols()),
            _ => {}
        }
    }

    fn keyboard_csi(&mut self, params: &Params, last: u8) {
        match (params.marker, last) {
            (b'>', b'u') => self.keyboard.push(params.get(0)),
            (b'<', b'u') => self.keyboard.pop(params.or(0, 1)),
            (b'=', b'u') => self.keyboard.set(params.get(0), params.get(1)),
            (b'>', b'm') if params.get(0) == 4 => {
                self.keyboard.modify_other_keys = params.get(1).min(2) as u8;
            }
            (b'>', b'm' | b'n') => self.keyboard.modify_other_keys = 0,
            (b'>', b'c') if params.get(0) == 0 => {
                self.reply(Category::Device, super::report::SECONDARY_ATTRIBUTES);
            }
            (b'=', b'c') if params.get(0) == 0 => self.reply(Category::Device, "\x1bP!|00000000\x1b\\"),
            (b'>', b'q') if params.get(0) == 0 => {
                let answer = format!("\x1bP>|{}\x1b\\", crate::titles::Titles::cleaned(&self.config.version));
                self.reply(Category::Device, answer);
            }
            _ => {}
        }
    }

    fn csi_with_intermediate(&mut self, params: &Params, marker: u8, intermediate: u8, last: u8) {
        let count = params.or(0, 1);
        match (marker, intermediate, last) {
            (0, b' ', b'q') => self.cursor_shape = params.get(0).min(6) as u8,
            (0, b' ', b'@') => self.shift_region(count, false),
            (0, b' ', b'A') => self.shift_region(count, true),
            (0, b'!', b'p') => self.soft_reset(),
            (0, b'"', b'q') => self.protect(params.get(0) == 1, false),
            (0, b'"', b'p') => self.set_conformance(params),
            (0, b'\'', b'}') => self.shift_at_cursor(count, true),
            (0, b'\'', b'~') => self.shift_at_cursor(count, false),
            (0, b'$', b'p') => self.report_mode(params.get(0), false),
            (b'?', b'$', b'p') => self.report_mode(params.get(0), true),
            (0, b'$', b'x') => self.fill_rectangle(params),
            (0, b'$', b'z') => self.erase_rectangle(params, false),
            (0, b'$', b'{') => self.erase_rectangle(params, true),
            (0, b'$', b'v') => self.copy_rectangle(params),
            (0, b'$', b'r') => self.change_attributes(params, false),
            (0, b'$', b't') => self.change_attributes(params, true),
            (0, b'$', b'w') => self.presentation_report(params.get(0)),
            (0, b'*', b'x') => self.attribute_extent = params.get(0).min(2) as u8,
            (0, b'*', b'y') if self.answers(Category::Screen) => {
                let answer = format!("\x1bP{}!~{:04X}\x1b\\", params.get(0), self.checksum(params));
                self.reply(Category::Screen, answer);
            }
            _ => {}
        }
    }

    /// SL and SR.
    fn shift_region(&mut self, count: usize, to_right: bool) {
        if (self.margins.top..=self.margins.bottom).contains(&self.cursor.row) {
            self.cursor.pending_wrap = false;
            self.shift_columns(self.margins.left, count, to_right);
        }
    }

    /// DECIC and DECDC.
    fn shift_at_cursor(&mut self, count: usize, to_right: bool) {
        let in_rows = (self.margins.top..=self.margins.bottom).contains(&self.cursor.row);
        if in_rows && self.is_in_side_margins() {
            self.cursor.pending_wrap = false;
            self.shift_columns(self.cursor.col, count, to_right);
        }
    }

    /// DECSCL, which also resets.
    fn set_conformance(&mut self, params: &Params) {
        let level = params.get(0);
        if (61..=65).contains(&level) {
            self.soft_reset();
            self.conformance = (level, params.get(1));
        }
    }
}

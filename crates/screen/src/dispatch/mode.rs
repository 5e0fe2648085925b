//! Modes set, reset, saved, restored, asked for.

use std::time::Instant;

use crate::modes::{Mode, Modes};
use crate::parser::Params;
use crate::reply::Category;
use crate::state::{Margins, State};

impl State {
    pub(super) fn set_modes(&mut self, params: &Params, private: bool, on: bool) {
        for number in params.values() {
            if let Some(mode) = Modes::find(*number, private) {
                self.set_mode(mode, on);
            }
        }
    }

    /// XTSAVE.
    pub(super) fn save_modes(&mut self, params: &Params) {
        for mode in params.values().iter().filter_map(|number| Modes::find(*number, true)) {
            self.modes.save(mode);
        }
    }

    /// XTRESTORE.
    pub(super) fn restore_modes(&mut self, params: &Params) {
        for mode in params.values().iter().filter_map(|number| Modes::find(*number, true)) {
            let on = self.modes.saved(mode);
            self.set_mode(mode, on);
        }
    }

    fn set_mode(&mut self, mode: Mode, on: bool) {
        match mode {
            Mode::Origin => {
                self.modes.set(mode, on);
                self.go_to(0, 0);
            }
            Mode::Columns132 => self.set_columns(on),
            Mode::LeftRightMargins => {
                self.modes.set(mode, on);
                self.margins.left = 0;
                self.margins.right = self.cols() - 1;
            }
            Mode::AutoWrap => {
                self.modes.set(mode, on);
                self.cursor.pending_wrap &= on;
            }
            Mode::MouseX10 | Mode::MouseButton | Mode::MouseDrag | Mode::MouseAny => {
                for other in [Mode::MouseX10, Mode::MouseButton, Mode::MouseDrag, Mode::MouseAny] {
                    self.modes.set(other, false);
                }
                self.modes.set(mode, on);
            }
            Mode::MouseUtf8 | Mode::MouseSgr | Mode::MouseUrxvt | Mode::MousePixels => {
                for other in [Mode::MouseUtf8, Mode::MouseSgr, Mode::MouseUrxvt, Mode::MousePixels] {
                    self.modes.set(other, false);
                }
                self.modes.set(mode, on);
            }
            Mode::AltScreen47 => self.switch_screen(on, mode),
            Mode::AltScreen1047 => {
                if on {
                    self.switch_screen(true, mode);
                } else {
                    self.leave_alternate();
                    self.no_alternate_mode();
                }
            }
            Mode::SavedCursor1048 => {
                self.modes.set(mode, on);
                if on { self.save_cursor() } else { self.restore_cursor() }
            }
            Mode::AltScreen1049 => self.full_screen_program(on),
            Mode::Synchronized => {
                self.modes.set(mode, on);
                self.sync_since = on.then(Instant::now);
            }
            _ => self.modes.set(mode, on),
        }
    }

    fn switch_screen(&mut self, alternate: bool, mode: Mode) {
        self.show_alternate(alternate);
        self.no_alternate_mode();
        self.modes.set(mode, alternate);
    }

    fn no_alternate_mode(&mut self) {
        for mode in [Mode::AltScreen47, Mode::AltScreen1047, Mode::AltScreen1049] {
            self.modes.set(mode, false);
        }
    }

    /// 1049: saves the cursor and shows an empty alternate screen; and back.
    fn full_screen_program(&mut self, on: bool) {
        if on {
            if !self.is_alternate {
                self.save_cursor();
            }
            self.switch_screen(true, Mode::AltScreen1049);
            self.erase_display(2, false);
        } else {
            self.leave_alternate();
            self.no_alternate_mode();
            self.restore_cursor();
        }
    }

    /// DECCOLM, where mode 40 allows it. The size is the owner's; all else happens.
    fn set_columns(&mut self, on: bool) {
        if !self.has(Mode::AllowColumns132) {
            return;
        }
        self.modes.set(Mode::Columns132, on);
        self.margins = Margins::full(self.size);
        self.modes.set(Mode::LeftRightMargins, false);
        if !self.has(Mode::KeepOnColumns) {
            self.erase_display(2, false);
        }
        self.go_to(0, 0);
    }

    /// DECRQM.
    pub(super) fn report_mode(&mut self, number: u16, private: bool) {
        let state = self.modes.state(number, private) as u8;
        let marker = if private { "?" } else { "" };
        self.reply(Category::Device, format!("\x1b[{marker}{number};{state}$y"));
    }
}

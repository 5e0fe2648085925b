//! Escape sequences.

use crate::cell::Cell;
use crate::charset::Charset;
use crate::modes::Mode;
use crate::reply::Category;
use crate::state::State;

impl State {
    pub(super) fn esc(&mut self, intermediates: &[u8], last: u8) {
        match (intermediates, last) {
            ([], b'7') => self.save_cursor(),
            ([], b'8') => self.restore_cursor(),
            ([], b'D') => self.index(),
            ([], b'M') => self.reverse_index(),
            ([], b'E') => {
                self.index();
                self.carriage_return();
            }
            ([], b'H') => self.tabs.set(self.cursor.col, true),
            ([], b'c') => self.reset(),
            ([], b'=') => self.modes.set(Mode::ApplicationKeypad, true),
            ([], b'>') => self.modes.set(Mode::ApplicationKeypad, false),
            ([], b'6') => self.back_index(),
            ([], b'9') => self.forward_index(),
            ([], b'N') => self.cursor.charsets.shift_once(2),
            ([], b'O') => self.cursor.charsets.shift_once(3),
            ([], b'n' | b'}') => self.cursor.charsets.lock(2),
            ([], b'o' | b'|') => self.cursor.charsets.lock(3),
            ([], b'~') => self.cursor.charsets.lock(1),
            ([], b'Z') => self.reply(Category::Device, super::report::DEVICE_ATTRIBUTES),
            // SPA and EPA.
            ([], b'V') => self.protect(true, true),
            ([], b'W') => self.protect(false, true),
            ([b'#'], b'8') => self.alignment_test(),
            ([b'('], set) => self.cursor.charsets.designate(0, Charset::designated(set)),
            ([b')' | b'-'], set) => self.cursor.charsets.designate(1, Charset::designated(set)),
            ([b'*' | b'.'], set) => self.cursor.charsets.designate(2, Charset::designated(set)),
            ([b'+' | b'/'], set) => self.cursor.charsets.designate(3, Charset::designated(set)),
            _ => {}
        }
    }

    /// What is printed from now on is held against selective erasure (DECSCA), or as ISO has it against the plain one.
    pub(super) fn protect(&mut self, on: bool, iso: bool) {
        self.cursor.protected = on;
        self.iso_protection = iso;
        self.cursor.base = None;
        debug_assert!(self.cursor.blank.is_none_or(|blank| !blank.has(Cell::PROTECTED)));
    }
}

//! Which keyboard protocol a program has asked for: kitty's flags, xterm's modifyOtherKeys.

/// Flags that can be put aside for each screen.
const MAX_SAVED: usize = 16;

/// The state for the screen that is shown, and that of the other one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keyboard {
    flags: u8,
    saved: Vec<u8>,
    other: (u8, Vec<u8>),
    alternate: bool,
    /// 0, 1 or 2.
    pub(crate) modify_other_keys: u8,
}

impl Keyboard {
    /// The protocol's flags: 1 disambiguate, 2 event types, 4 alternate keys, 8 all as escapes, 16 text.
    pub(crate) fn flags(&self) -> u8 {
        self.flags
    }

    /// Mode 1 sets, 2 adds, 3 removes.
    pub(crate) fn set(&mut self, flags: u16, mode: u16) {
        let flags = (flags & 31) as u8;
        self.flags = match mode {
            0 | 1 => flags,
            2 => self.flags | flags,
            3 => self.flags & !flags,
            _ => self.flags,
        };
    }

    pub(crate) fn push(&mut self, flags: u16) {
        if self.saved.len() == MAX_SAVED {
            self.saved.remove(0);
        }
        self.saved.push(self.flags);
        self.flags = (flags & 31) as u8;
    }

    pub(crate) fn pop(&mut self, count: usize) {
        for _ in 0..count.min(MAX_SAVED + 1) {
            self.flags = self.saved.pop().unwrap_or(0);
        }
    }

    pub(crate) fn switch(&mut self, alternate: bool) {
        if self.alternate != alternate {
            self.alternate = alternate;
            std::mem::swap(&mut self.flags, &mut self.other.0);
            std::mem::swap(&mut self.saved, &mut self.other.1);
        }
    }

    pub(crate) fn reset(&mut self) {
        self.flags = 0;
        self.saved.clear();
        self.modify_other_keys = 0;
    }
}

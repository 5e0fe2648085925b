//! What a person does, as the bytes that the program expects in the modes it has set.

mod encode;
mod key;
mod kitty;
mod mouse;

pub use key::{Key, KeyName, Modifiers, UnknownKey};
pub use mouse::{Mouse, MouseAction, MouseButton};

use crate::modes::Mode;
use crate::screen::Screen;

impl Screen {
    /// A key press. Empty for what cannot be said in the modes in force, such as a modifier alone.
    pub fn key(&self, key: &Key) -> Vec<u8> {
        let state = &self.state;
        if state.keyboard.flags() > 0 {
            return kitty::press(key, state.keyboard.flags(), state);
        }
        encode::press(key, state)
    }

    /// The release of a key: bytes only where the program has asked for releases (kitty's flag 2).
    pub fn key_release(&self, key: &Key) -> Vec<u8> {
        kitty::release(key, self.state.keyboard.flags(), &self.state)
    }

    /// Something done with the mouse. Empty where the program has not asked for it.
    pub fn mouse(&self, event: &Mouse) -> Vec<u8> {
        mouse::encode(event, &self.state)
    }

    /// Whether the program has asked for pastes in brackets (DECSET 2004).
    pub fn wants_bracketed_paste(&self) -> bool {
        self.state.has(Mode::BracketedPaste)
    }

    /// Text that is pasted, bracketed where the program has asked for that. The sequence that ends such a paste, and all
    /// other escapes, are taken out, so that text never becomes keys; without brackets a line feed is Enter (CR).
    pub fn paste(&self, text: &str) -> Vec<u8> {
        let bracketed = self.state.has(Mode::BracketedPaste);
        let clean = text.chars().filter(|ch| {
            let control = ch.is_control() && !matches!(ch, '\t' | '\n' | '\r');
            !control
        });
        if bracketed {
            return format!("\x1b[200~{}\x1b[201~", clean.collect::<String>()).into_bytes();
        }
        let clean: String = clean.collect();
        clean.replace("\r\n", "\r").replace('\n', "\r").into_bytes()
    }

    /// The window got or lost the focus. Empty where the program has not asked for it.
    pub fn focus(&self, focused: bool) -> Vec<u8> {
        match (self.state.has(Mode::Focus), focused) {
            (false, _) => Vec::new(),
            (true, true) => b"\x1b[I".to_vec(),
            (true, false) => b"\x1b[O".to_vec(),
        }
    }
}

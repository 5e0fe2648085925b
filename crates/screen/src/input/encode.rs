//! Keys as xterm sends them.

use super::key::{Key, KeyName, Modifiers};
use crate::modes::Mode;
use crate::state::State;

/// The bytes of a key press.
pub(super) fn press(key: &Key, state: &State) -> Vec<u8> {
    let mut bytes = Vec::new();
    let modifiers = key.modifiers;
    if modify_other_keys(key, state, &mut bytes) {
        return bytes;
    }
    match key.name {
        KeyName::Char(ch) => character(ch, modifiers, &mut bytes),
        KeyName::Enter => {
            prefix(modifiers, &mut bytes);
            bytes.push(b'\r');
            if state.has(Mode::NewLine) {
                bytes.push(b'\n');
            }
        }
        KeyName::Tab if modifiers.shift => bytes.extend_from_slice(b"\x1b[Z"),
        KeyName::Tab => {
            prefix(modifiers, &mut bytes);
            bytes.push(b'\t');
        }
        KeyName::Backspace => {
            prefix(modifiers, &mut bytes);
            let sends_bs = state.has(Mode::BackspaceSendsBs) != modifiers.ctrl;
            bytes.push(if sends_bs { 0x08 } else { 0x7f });
        }
        KeyName::Escape => {
            prefix(modifiers, &mut bytes);
            bytes.push(0x1b);
        }
        KeyName::Keypad(key) => keypad(key, modifiers, state, &mut bytes),
        name => function(name, modifiers, state, &mut bytes),
    }
    bytes
}

/// Alt is ESC before the key.
fn prefix(modifiers: Modifiers, bytes: &mut Vec<u8>) {
    if modifiers.alt {
        bytes.push(0x1b);
    }
}

fn character(ch: char, modifiers: Modifiers, bytes: &mut Vec<u8>) {
    prefix(modifiers, bytes);
    let ch = if modifiers.shift && !modifiers.ctrl { shifted(ch) } else { ch };
    if modifiers.ctrl
        && let Some(control) = control(ch)
    {
        bytes.push(control);
        return;
    }
    bytes.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes());
}

/// A letter with Shift; what other keys become is the keyboard's matter.
fn shifted(ch: char) -> char {
    let mut upper = ch.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => ch,
    }
}

/// What Ctrl makes of a character.
fn control(ch: char) -> Option<u8> {
    Some(match ch {
        'a'..='z' => ch as u8 - b'a' + 1,
        'A'..='Z' => ch as u8 - b'A' + 1,
        ' ' | '@' | '2' => 0,
        '[' | '3' => 0x1b,
        '\\' | '4' => 0x1c,
        ']' | '5' => 0x1d,
        '^' | '6' | '~' => 0x1e,
        '_' | '7' | '/' => 0x1f,
        '8' | '?' => 0x7f,
        _ => return None,
    })
}

/// xterm's modifyOtherKeys: keys that have no bytes of their own with these modifiers.
fn modify_other_keys(key: &Key, state: &State, bytes: &mut Vec<u8>) -> bool {
    let (level, modifiers) = (state.keyboard.modify_other_keys, key.modifiers);
    let code = match key.name {
        KeyName::Char(ch) => u32::from(if modifiers.shift { shifted(ch) } else { ch }),
        KeyName::Enter => 13,
        KeyName::Tab => 9,
        KeyName::Backspace => 127,
        KeyName::Escape => 27,
        _ => return false,
    };
    let only_shift = modifiers == Modifiers { shift: true, ..Modifiers::default() };
    let is_char = matches!(key.name, KeyName::Char(_));
    let has_bytes = match key.name {
        KeyName::Char(ch) => !modifiers.ctrl || control(ch).is_some(),
        KeyName::Tab => only_shift,
        _ => !modifiers.ctrl && !modifiers.shift,
    };
    let applies = match level {
        0 => false,
        1 => !has_bytes,
        _ => !(is_char && only_shift),
    };
    if !applies || !modifiers.any() {
        return false;
    }
    bytes.extend_from_slice(format!("\x1b[27;{};{code}~", modifiers.number()).as_bytes());
    true
}

/// Cursor and function keys.
fn function(name: KeyName, modifiers: Modifiers, state: &State, bytes: &mut Vec<u8>) {
    let (last, number) = form(name);
    let modifier = modifiers.number();
    let text = match (last, modifiers.any()) {
        (b'~', false) => format!("\x1b[{number}~"),
        (b'~', true) => format!("\x1b[{number};{modifier}~"),
        (last, true) => format!("\x1b[1;{modifier}{}", char::from(last)),
        (last @ b'P'..=b'S', false) => format!("\x1bO{}", char::from(last)),
        (last, false) if state.has(Mode::ApplicationCursor) => format!("\x1bO{}", char::from(last)),
        (last, false) => format!("\x1b[{}", char::from(last)),
    };
    if last > 0 {
        bytes.extend_from_slice(text.as_bytes());
    }
}

/// The last byte of a key's sequence, and its number if that is `~`; 0 for a key without one.
pub(super) fn form(name: KeyName) -> (u8, u16) {
    match name {
        KeyName::Up => (b'A', 1),
        KeyName::Down => (b'B', 1),
        KeyName::Right => (b'C', 1),
        KeyName::Left => (b'D', 1),
        KeyName::Home => (b'H', 1),
        KeyName::End => (b'F', 1),
        KeyName::Insert => (b'~', 2),
        KeyName::Delete => (b'~', 3),
        KeyName::PageUp => (b'~', 5),
        KeyName::PageDown => (b'~', 6),
        KeyName::F(number @ 1..=4) => (b'P' + number - 1, 1),
        KeyName::F(number @ 5..=20) => {
            const NUMBERS: [u16; 16] = [15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34];
            (b'~', NUMBERS[usize::from(number) - 5])
        }
        _ => (0, 0),
    }
}

/// Keys of the keypad, which are a digit or with DECNKM a sequence.
fn keypad(key: char, modifiers: Modifiers, state: &State, bytes: &mut Vec<u8>) {
    if !state.has(Mode::ApplicationKeypad) || modifiers.any() {
        return match key {
            '\r' => bytes.extend_from_slice(&press(&Key { name: KeyName::Enter, modifiers }, state)),
            key => character(key, modifiers, bytes),
        };
    }
    let last = match key {
        '\r' => b'M',
        '=' => b'X',
        // From `*` on in the order of ASCII.
        key @ '*'..='9' => b'j' + (key as u8 - b'*'),
        _ => return character(key, modifiers, bytes),
    };
    bytes.extend_from_slice(&[0x1b, b'O', last]);
}

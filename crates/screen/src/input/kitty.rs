//! Keys in kitty's keyboard protocol.

use super::encode;
use super::key::{Key, KeyName};
use crate::state::State;

const DISAMBIGUATE: u8 = 1;
const EVENTS: u8 = 2;
const ALTERNATES: u8 = 4;
const ALL: u8 = 8;
const TEXT: u8 = 16;

/// The bytes of a key press.
pub(super) fn press(key: &Key, flags: u8, state: &State) -> Vec<u8> {
    encoded(key, flags, state, false)
}

/// The bytes of a key's release, where the program asked for them.
pub(super) fn release(key: &Key, flags: u8, state: &State) -> Vec<u8> {
    let asked = flags & EVENTS != 0;
    let plain = matches!(key.name, KeyName::Enter | KeyName::Tab | KeyName::Backspace) && flags & ALL == 0;
    let text =
        matches!(key.name, KeyName::Char(_)) && flags & ALL == 0 && !key.modifiers.ctrl && !key.modifiers.alt;
    if !asked || plain || text { Vec::new() } else { encoded(key, flags, state, true) }
}

fn encoded(key: &Key, flags: u8, state: &State, release: bool) -> Vec<u8> {
    let modifiers = key.modifiers;
    let all = flags & ALL != 0;
    let code = match key.name {
        KeyName::Char(ch) => {
            // Shift alone makes text.
            let makes_text = !modifiers.ctrl && !modifiers.alt && !modifiers.logo;
            if (makes_text || flags & (DISAMBIGUATE | ALL) == 0) && !all {
                return encode::press(key, state);
            }
            u32::from(ch.to_lowercase().next().unwrap_or(ch))
        }
        KeyName::Escape if flags & (DISAMBIGUATE | ALL) != 0 => 27,
        KeyName::Enter | KeyName::Tab | KeyName::Backspace if all || modifiers.any() => match key.name {
            KeyName::Enter => 13,
            KeyName::Tab => 9,
            _ => 127,
        },
        KeyName::Enter | KeyName::Tab | KeyName::Backspace | KeyName::Escape => {
            return encode::press(key, state);
        }
        KeyName::Keypad(key) => keypad(key),
        KeyName::F(number @ 21..=35) => 57_376 + u32::from(number) - 13,
        KeyName::F(number @ 13..=20) => 57_376 + u32::from(number) - 13,
        name => return function(name, key, flags, state, release),
    };
    let event = if release { ":3" } else { "" };
    let modifier = modifiers.number();
    let mut shown = code.to_string();
    if let (KeyName::Char(ch), true) = (key.name, modifiers.shift && flags & ALTERNATES != 0) {
        let upper = ch.to_uppercase().next().unwrap_or(ch);
        if u32::from(upper) != code {
            shown = format!("{code}:{}", u32::from(upper));
        }
    }
    let text = match key.name {
        KeyName::Char(ch) if all && flags & TEXT != 0 && !release && !modifiers.ctrl && !modifiers.alt => {
            let upper = if modifiers.shift { ch.to_uppercase().next().unwrap_or(ch) } else { ch };
            format!(";{}", u32::from(upper))
        }
        _ => String::new(),
    };
    if modifier == 1 && event.is_empty() && text.is_empty() {
        return format!("\x1b[{shown}u").into_bytes();
    }
    format!("\x1b[{shown};{modifier}{event}{text}u").into_bytes()
}

/// Cursor and function keys keep their forms.
fn function(name: KeyName, key: &Key, flags: u8, state: &State, release: bool) -> Vec<u8> {
    let (last, number) = encode::form(name);
    if last == 0 {
        return Vec::new();
    }
    // F3 as CSI R would be a cursor report.
    let (last, number) = if last == b'R' { (b'~', 13) } else { (last, number) };
    if !release && !key.modifiers.any() {
        let legacy = flags & (DISAMBIGUATE | ALL) == 0;
        return match last {
            b'~' => format!("\x1b[{number}~").into_bytes(),
            _ if legacy => encode::press(key, state),
            last => vec![0x1b, b'[', last],
        };
    }
    let event = if release { ":3" } else { "" };
    format!("\x1b[{number};{}{event}{}", key.modifiers.number(), char::from(last)).into_bytes()
}

/// Numbers of the keypad's keys.
fn keypad(key: char) -> u32 {
    match key {
        '0'..='9' => 57_399 + (u32::from(key) - u32::from('0')),
        '.' => 57_409,
        '/' => 57_410,
        '*' => 57_411,
        '-' => 57_412,
        '+' => 57_413,
        '\r' => 57_414,
        _ => 57_415,
    }
}

//! The mouse, in the protocol that the program has asked for.

use super::key::Modifiers;
use crate::modes::Mode;
use crate::size::Position;
use crate::state::State;

/// Something done with the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub action: MouseAction,
    /// With which button; for a move the one that is held, for a wheel none.
    pub button: Option<MouseButton>,
    /// Over which cell. Rows of the history are row 0.
    pub at: Position,
    /// What is held.
    pub modifiers: Modifiers,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseAction {
    /// A button goes down.
    Press,
    /// A button goes up.
    Release,
    /// The pointer moves.
    Move,
    /// A button goes down and up.
    Click,
    /// The wheel, away from the person.
    ScrollUp,
    /// The wheel, towards the person.
    ScrollDown,
}

/// A button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseButton {
    /// The first.
    Left,
    /// The second, or the wheel.
    Middle,
    /// The third.
    Right,
}

/// The bytes, or none where the program has not asked for it.
pub(super) fn encode(event: &Mouse, state: &State) -> Vec<u8> {
    if event.action == MouseAction::Click {
        let one = |action| encode(&Mouse { action, ..*event }, state);
        return [one(MouseAction::Press), one(MouseAction::Release)].concat();
    }
    let button = match event.button {
        Some(MouseButton::Left) => 0,
        Some(MouseButton::Middle) => 1,
        Some(MouseButton::Right) => 2,
        None if event.action == MouseAction::Move => 3,
        None => 0,
    };
    let asked = |modes: &[Mode]| modes.iter().any(|mode| state.has(*mode));
    let (code, is_asked) = match event.action {
        MouseAction::Press => {
            (button, asked(&[Mode::MouseX10, Mode::MouseButton, Mode::MouseDrag, Mode::MouseAny]))
        }
        MouseAction::Release => (button, asked(&[Mode::MouseButton, Mode::MouseDrag, Mode::MouseAny])),
        MouseAction::Move if event.button.is_some() => {
            (32 + button, asked(&[Mode::MouseDrag, Mode::MouseAny]))
        }
        MouseAction::Move => (32 + button, asked(&[Mode::MouseAny])),
        _ => {
            let wheel = if event.action == MouseAction::ScrollUp { 64 } else { 65 };
            (wheel, asked(&[Mode::MouseButton, Mode::MouseDrag, Mode::MouseAny]))
        }
    };
    if !is_asked {
        return scrolled(event.action, state);
    }
    let held = event.modifiers;
    let mut code = code;
    if !state.has(Mode::MouseX10) {
        code += 4 * u8::from(held.shift) + 8 * u8::from(held.alt) + 16 * u8::from(held.ctrl);
    }
    let col = event.at.col.min(state.size.cols - 1);
    let row = event.at.row.clamp(0, i64::from(state.size.rows) - 1) as u16;
    report(code, col, row, event.action == MouseAction::Release, state)
}

/// On the alternate screen the wheel can be cursor keys (mode 1007).
fn scrolled(action: MouseAction, state: &State) -> Vec<u8> {
    let last = match action {
        MouseAction::ScrollUp => b'A',
        MouseAction::ScrollDown => b'B',
        _ => return Vec::new(),
    };
    if !state.is_alternate || !state.has(Mode::AlternateScroll) {
        return Vec::new();
    }
    let second = if state.has(Mode::ApplicationCursor) { b'O' } else { b'[' };
    vec![0x1b, second, last]
}

fn report(code: u8, col: u16, row: u16, release: bool, state: &State) -> Vec<u8> {
    let last = if release { 'm' } else { 'M' };
    if state.has(Mode::MousePixels) {
        // The middle of the cell.
        let (width, height) = state.config.cell_pixels;
        let x = u32::from(col) * u32::from(width) + u32::from(width) / 2 + 1;
        let y = u32::from(row) * u32::from(height) + u32::from(height) / 2 + 1;
        return format!("\x1b[<{code};{x};{y}{last}").into_bytes();
    }
    if state.has(Mode::MouseSgr) {
        return format!("\x1b[<{code};{};{}{last}", col + 1, row + 1).into_bytes();
    }
    // The older protocols do not say which button goes up.
    let code = if release { (code & !3) | 3 } else { code };
    if state.has(Mode::MouseUrxvt) {
        return format!("\x1b[{};{};{}M", u16::from(code) + 32, col + 1, row + 1).into_bytes();
    }
    let mut bytes = b"\x1b[M".to_vec();
    bytes.push(code + 32);
    for place in [col, row] {
        let value = u32::from(place) + 33;
        match (state.has(Mode::MouseUtf8), char::from_u32(value)) {
            (true, Some(ch)) => bytes.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
            // What does not fit in a byte cannot be said.
            _ => match u8::try_from(value) {
                Ok(byte) => bytes.push(byte),
                Err(_) => return Vec::new(),
            },
        }
    }
    bytes
}

//! Keys, mouse and focus of a session, as the facade hands them over.

use std::sync::Arc;

use napi::bindgen_prelude::Function;
use napi_derive::napi;
use serde::Deserialize;
use vetty::screen::{Modifiers, Mouse, MouseAction, MouseButton, Position};

use crate::callback::Told;
use crate::session::NativeSession;

/// The JavaScript `MouseInput`, validated by the facade.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MouseInput {
    action: String,
    button: Option<String>,
    row: i64,
    col: u16,
    #[serde(default)]
    modifiers: Vec<String>,
}

impl MouseInput {
    fn into_mouse(self) -> Mouse {
        let held = |name: &str| self.modifiers.iter().any(|held| held == name);
        let modifiers =
            Modifiers { shift: held("shift"), alt: held("alt"), ctrl: held("ctrl"), ..Modifiers::default() };
        let action = match self.action.as_str() {
            "press" => MouseAction::Press,
            "release" => MouseAction::Release,
            "move" => MouseAction::Move,
            "scrollUp" => MouseAction::ScrollUp,
            "scrollDown" => MouseAction::ScrollDown,
            _ => MouseAction::Click,
        };
        let button = match self.button.as_deref() {
            Some("left") => Some(MouseButton::Left),
            Some("middle") => Some(MouseButton::Middle),
            Some("right") => Some(MouseButton::Right),
            _ => None,
        };
        Mouse { action, button, at: Position { row: self.row, col: self.col }, modifiers }
    }
}

#[napi]
impl NativeSession {
    /// Presses keys by name; calls back as `write` does.
    #[napi(ts_args_type = "keys: string[], callback: (failure: string | null | undefined) => void")]
    pub fn press(&self, keys: Vec<String>, callback: Function<'_, Told<String>, ()>) -> napi::Result<()> {
        let session = Arc::clone(self.session());
        self.typed(None, callback, async move { session.press(keys).await })
    }

    /// Does something with the mouse, as JSON; calls back as `write` does.
    #[napi(ts_args_type = "event: string, callback: (failure: string | null | undefined) => void")]
    pub fn mouse(&self, event: String, callback: Function<'_, Told<String>, ()>) -> napi::Result<()> {
        let event: MouseInput =
            serde_json::from_str(&event).map_err(|error| napi::Error::from_reason(error.to_string()))?;
        let session = Arc::clone(self.session());
        self.typed(None, callback, async move { session.mouse(&event.into_mouse()).await })
    }

    /// Tells the program whether its window has the focus; calls back as `write` does.
    #[napi(ts_args_type = "focused: boolean, callback: (failure: string | null | undefined) => void")]
    pub fn focus(&self, focused: bool, callback: Function<'_, Told<String>, ()>) -> napi::Result<()> {
        let session = Arc::clone(self.session());
        self.typed(None, callback, async move { session.focus(focused).await })
    }
}

//! The addon's screen: what a session's terminal shows, as JSON.

use std::time::UNIX_EPOCH;

use napi::Env;
use napi::bindgen_prelude::BufferSlice;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value, json};
use vetty::SessionScreen;
use vetty::screen::{CommandMark, Scope, TextOptions};

use crate::condition::Pattern;

/// A session's screen.
#[napi]
pub struct NativeScreen {
    pub(crate) screen: SessionScreen,
}

impl NativeScreen {
    pub(crate) fn new(screen: SessionScreen) -> NativeScreen {
        NativeScreen { screen }
    }
}

/// The JavaScript `TextOptions`, validated by the facade.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Text {
    scope: Option<String>,
    since: Option<u64>,
    command: Option<u64>,
    unwrap: Option<bool>,
    trim: Option<bool>,
    fold: Option<bool>,
    max_bytes: Option<usize>,
}

pub(crate) fn refused(error: impl std::fmt::Display) -> napi::Error {
    napi::Error::from_reason(error.to_string())
}

pub(crate) fn scope(name: Option<&str>) -> Scope {
    match name {
        Some("history") => Scope::History,
        Some("all") => Scope::All,
        _ => Scope::Screen,
    }
}

fn text_options(json: &str) -> napi::Result<TextOptions> {
    let given: Text = serde_json::from_str(json).map_err(refused)?;
    Ok(TextOptions {
        scope: scope(given.scope.as_deref()),
        since: given.since,
        command: given.command,
        unwrap: given.unwrap.unwrap_or(true),
        trim: given.trim.unwrap_or(true),
        fold: given.fold.unwrap_or(false),
        max_bytes: given.max_bytes,
    })
}

pub(crate) fn command(mark: &CommandMark) -> Value {
    let started_at = mark.started_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    json!({
        "id": mark.id,
        "command": mark.command,
        "cwd": mark.cwd,
        "exitCode": mark.exit_code,
        "running": mark.running,
        "startedAt": started_at.as_secs_f64() * 1000.0,
        "durationMs": mark.duration.map(|duration| duration.as_secs_f64() * 1000.0),
    })
}

#[napi]
impl NativeScreen {
    /// Columns, rows, cursor, title and so on, as JSON.
    #[napi]
    pub fn state(&self) -> String {
        let size = self.screen.size();
        json!({
            "cols": size.cols,
            "rows": size.rows,
            "cursor": self.screen.cursor(),
            "title": self.screen.title(),
            "cwd": self.screen.cwd(),
            "alternate": self.screen.is_alternate(),
            "historyLines": self.screen.history_lines(),
            "sequence": self.screen.sequence(),
        })
        .to_string()
    }

    /// Commands by shell marks, as JSON; `startedAt` in milliseconds.
    #[napi]
    pub fn commands(&self) -> String {
        self.screen.commands().iter().map(command).collect::<Value>().to_string()
    }

    /// Text.
    #[napi]
    pub fn text(&self, options: String) -> napi::Result<String> {
        Ok(self.screen.text(&text_options(&options)?))
    }

    /// The cells of some rows, as JSON.
    #[napi]
    pub fn cells(&self, from: u16, to: u16) -> String {
        json!(self.screen.cells(from..to)).to_string()
    }

    /// The whole in one consistent state, as JSON.
    #[napi]
    pub fn snapshot(&self, options: String) -> napi::Result<String> {
        let (snapshot, commands) = self.screen.snapshot_with_commands(&text_options(&options)?);
        let mut json = json!(snapshot);
        json["commands"] = commands.iter().map(command).collect();
        Ok(json.to_string())
    }

    /// Rows that changed, as JSON; null if all may have.
    #[napi]
    pub fn changes(&self, since: f64) -> Option<String> {
        let changes = self.screen.changes(since as u64)?;
        let row = |(row, text): (u16, String)| json!({ "row": row, "text": text });
        Some(changes.into_iter().map(row).collect::<Value>().to_string())
    }

    /// Places of a pattern, as JSON; `error` for an expression that cannot be compiled.
    #[napi]
    pub fn search(&self, pattern: String, within: Option<String>, limit: f64) -> napi::Result<String> {
        let pattern: Pattern = serde_json::from_str(&pattern).map_err(refused)?;
        Ok(match pattern.compiled("pattern") {
            Ok(pattern) => {
                let found = self.screen.search(pattern, scope(within.as_deref()), limit as usize);
                json!({ "result": found }).to_string()
            }
            Err(error) => json!({ "error": error }).to_string(),
        })
    }

    /// Answers a program that asks what the clipboard holds.
    #[napi]
    pub fn answer_clipboard(&self, selection: String, data: &[u8]) {
        self.screen.answer_clipboard(&selection, data);
    }

    /// The bytes that repaint another terminal.
    #[napi(ts_return_type = "Uint8Array")]
    pub fn to_vt<'env>(&self, env: &'env Env, history: bool) -> napi::Result<BufferSlice<'env>> {
        BufferSlice::copy_from(env, self.screen.to_vt(history))
    }
}

//! One call as the facade hands it over.

use std::ffi::OsString;
use std::time::Duration;

use napi::bindgen_prelude::{Either3, Null};
use serde::Deserialize;
use vetty::{Command, CommandLine, Level, Replies, Size, Terminal};

/// The options that are data, validated by the facade.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct CallOptions {
    id: Option<String>,
    cwd: Option<String>,
    /// Names and values, in the caller's order.
    env: Vec<(String, String)>,
    /// Milliseconds; 0 is none.
    timeout: Option<u64>,
    max_bytes: Option<usize>,
    stdin_pipe: bool,
    merge_stderr: bool,
    ignore_stderr: bool,
    /// Of a session.
    cols: Option<u32>,
    rows: Option<u32>,
    term: Option<String>,
    screen: Option<bool>,
    replies: Option<RepliesOff>,
    sandbox_level: Option<String>,
    without_network: bool,
    /// The facade has asked.
    approved: bool,
    /// The entries of `commands.ask` that were approved for the session, by their places.
    approved_for: Vec<String>,
}

/// Which replies of the screen a call switches off.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RepliesOff {
    device: Option<bool>,
    colors: Option<bool>,
    winops: Option<bool>,
    clipboard: Option<bool>,
    screen: Option<bool>,
}

impl RepliesOff {
    fn into_replies(self) -> Replies {
        Replies {
            device: self.device.unwrap_or(true),
            colors: self.colors.unwrap_or(true),
            winops: self.winops.unwrap_or(true),
            clipboard: self.clipboard.unwrap_or(true),
            screen: self.screen.unwrap_or(true),
        }
    }
}

/// What to run: a line, an argv, or the user's shell.
pub(crate) type Line = Either3<String, Vec<String>, Null>;

/// Builds the call. `host_env` is the calling thread's environment as `name NUL value NUL name ...`; no part of it has a
/// NUL of its own.
pub(crate) fn command(
    terminal: &Terminal,
    line: Line,
    host_env: &str,
    options: Option<&str>,
) -> napi::Result<Command> {
    let command = match line {
        Either3::A(line) => terminal.command(CommandLine::Line(line)),
        Either3::B(argv) => terminal.command(CommandLine::Argv(argv)),
        Either3::C(Null) => terminal.shell(),
    };
    let mut command = command.parent_env(variables(host_env));
    let Some(options) = options else {
        return Ok(command);
    };
    let options: CallOptions =
        serde_json::from_str(options).map_err(|error| napi::Error::from_reason(error.to_string()))?;
    if let Some(id) = options.id {
        command = command.id(id);
    }
    if let Some(cwd) = options.cwd {
        command = command.cwd(cwd);
    }
    for (name, value) in options.env {
        command = command.env(name, value);
    }
    if let Some(timeout) = options.timeout {
        command = command.timeout(Duration::from_millis(timeout));
    }
    if let Some(bytes) = options.max_bytes {
        command = command.max_bytes(bytes);
    }
    if options.stdin_pipe {
        command = command.stdin_pipe();
    }
    if options.merge_stderr {
        command = command.merge_stderr();
    }
    if let Some(name) = options.sandbox_level {
        let level = Level::ALL.into_iter().find(|level| level.as_str() == name);
        let unknown = || napi::Error::from_reason(format!("no level is called {name}"));
        command = command.sandbox_level(level.ok_or_else(unknown)?);
    }
    if options.without_network {
        command = command.without_network();
    }
    if options.ignore_stderr {
        command = command.ignore_stderr();
    }
    if let (Some(cols), Some(rows)) = (options.cols, options.rows) {
        command =
            command.size(Size::new(cols, rows).map_err(|error| napi::Error::from_reason(error.to_string()))?);
    }
    if let Some(term) = options.term {
        command = command.term(term);
    }
    if let Some(screen) = options.screen {
        command = command.screen(screen);
    }
    if let Some(replies) = options.replies {
        command = command.replies(replies.into_replies());
    }
    if options.approved {
        command = command.approved();
    }
    Ok(command.approved_for(options.approved_for))
}

fn variables(host_env: &str) -> Vec<(OsString, OsString)> {
    let mut parts = host_env.split('\0');
    let mut variables = Vec::new();
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        variables.push((name.into(), value.into()));
    }
    variables
}

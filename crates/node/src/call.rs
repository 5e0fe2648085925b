//! One call as the facade hands it over.

use std::ffi::OsString;
use std::time::Duration;

use napi::bindgen_prelude::Either;
use serde::Deserialize;
use vetty::{Command, CommandLine, Terminal};

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
    /// The facade has asked.
    approved: bool,
}

/// What to run: a line, or an argv.
pub(crate) type Line = Either<String, Vec<String>>;

/// Builds the call. `host_env` is the calling thread's environment as `name NUL value NUL name ...`; no part of it has a
/// NUL of its own.
pub(crate) fn command(
    terminal: &Terminal,
    line: Line,
    host_env: &str,
    options: Option<&str>,
) -> napi::Result<Command> {
    let line = match line {
        Either::A(line) => CommandLine::Line(line),
        Either::B(argv) => CommandLine::Argv(argv),
    };
    let mut command = terminal.command(line).parent_env(variables(host_env));
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
    if options.ignore_stderr {
        command = command.ignore_stderr();
    }
    if options.approved {
        command = command.approved();
    }
    Ok(command)
}

fn variables(host_env: &str) -> Vec<(OsString, OsString)> {
    let mut parts = host_env.split('\0');
    let mut variables = Vec::new();
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        variables.push((name.into(), value.into()));
    }
    variables
}

//! One call, as a caller gives it.

use std::ffi::OsString;

/// A command, as a caller gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandInput<'a> {
    /// A line, split by [`CommandLine`](crate::CommandLine)'s rules.
    Line(&'a str),
    /// Words that are taken as they are.
    Argv(&'a [String]),
}

impl<'a> From<&'a str> for CommandInput<'a> {
    fn from(line: &'a str) -> CommandInput<'a> {
        CommandInput::Line(line)
    }
}

impl<'a> From<&'a String> for CommandInput<'a> {
    fn from(line: &'a String) -> CommandInput<'a> {
        CommandInput::Line(line)
    }
}

impl<'a> From<&'a [String]> for CommandInput<'a> {
    fn from(words: &'a [String]) -> CommandInput<'a> {
        CommandInput::Argv(words)
    }
}

impl<'a> From<&'a Vec<String>> for CommandInput<'a> {
    fn from(words: &'a Vec<String>) -> CommandInput<'a> {
        CommandInput::Argv(words)
    }
}

/// One call.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What to run.
    pub command: CommandInput<'a>,
    /// Where; may be relative to the first workspace, which is the default.
    pub cwd: Option<&'a str>,
    /// The call's own variables.
    pub env: &'a [(OsString, OsString)],
    /// The variables of the process that asks.
    pub parent_env: &'a [(OsString, OsString)],
}

impl<'a> Request<'a> {
    /// A call in the default directory, without variables.
    pub fn new(command: impl Into<CommandInput<'a>>) -> Request<'a> {
        Request { command: command.into(), cwd: None, env: &[], parent_env: &[] }
    }
}

//! Lines that are meant for a shell: whether one is needed, and the simple commands that it would run.

mod cmd;
mod posix;

use crate::platform::Platform;

/// A line that goes to a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellLine {
    line: String,
    commands: Vec<SimpleCommand>,
}

/// One command of a line, without its assignments and redirections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SimpleCommand {
    pub(crate) words: Vec<ShellWord>,
    /// What redirections and assignments name.
    pub(crate) places: Vec<ShellWord>,
}

/// A word with its quotes removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ShellWord {
    pub(crate) text: String,
    /// The shell makes something else of it.
    pub(crate) dynamic: bool,
}

impl AsRef<str> for ShellWord {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl SimpleCommand {
    /// The words up to the first one that only the shell knows.
    pub(crate) fn known(&self) -> &[ShellWord] {
        let end = self
            .words
            .iter()
            .position(|word| word.dynamic)
            .unwrap_or(self.words.len());
        &self.words[..end]
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.places.is_empty()
    }
}

impl ShellLine {
    pub(crate) fn new(platform: Platform, line: &str) -> ShellLine {
        let line = line.trim_end_matches(['\r', '\n']);
        let commands = if platform.is_windows() {
            cmd::commands(line)
        } else {
            posix::commands(line)
        };
        ShellLine {
            line: line.to_owned(),
            commands,
        }
    }

    pub(crate) fn commands(&self) -> &[SimpleCommand] {
        &self.commands
    }

    /// Every word of every command.
    pub(crate) fn words(&self) -> impl Iterator<Item = &ShellWord> {
        self.commands
            .iter()
            .flat_map(|simple| simple.words.iter().chain(&simple.places))
    }

    /// The words that may name a place: all but the programs.
    pub(crate) fn places(&self) -> impl Iterator<Item = &ShellWord> {
        self.commands.iter().flat_map(|simple| {
            let program = usize::from(simple.words.first().is_some_and(|word| !word.dynamic));
            simple.words[program..].iter().chain(&simple.places)
        })
    }

    /// What the shell is started with.
    pub(crate) fn argv(&self, platform: Platform) -> Vec<String> {
        let shell: &[&str] = if platform.is_windows() {
            &[r"C:\Windows\System32\cmd.exe", "/d", "/s", "/c"]
        } else {
            &["/bin/sh", "-c"]
        };
        shell
            .iter()
            .copied()
            .chain([self.line.as_str()])
            .map(str::to_owned)
            .collect()
    }
}

/// How an allow pattern may name the shell.
pub(crate) fn spellings(platform: Platform) -> &'static [&'static str] {
    if platform.is_windows() {
        &["cmd", "cmd.exe", r"C:\Windows\System32\cmd.exe"]
    } else {
        &["sh", "/bin/sh"]
    }
}

/// Whether the platform's shell would do more with a line than split it into words.
pub(crate) fn is_needed(platform: Platform, line: &str) -> bool {
    let line = line.trim_end_matches(['\r', '\n']);
    if platform.is_windows() {
        cmd::is_needed(line)
    } else {
        posix::is_needed(line)
    }
}

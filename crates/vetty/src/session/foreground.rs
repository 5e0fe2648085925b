//! What a session's program is doing: who has the terminal, and what it wants.

use vetty_process::{LineMode, Pty};

/// What a session's program is doing, as far as can be seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Foreground {
    /// The process group in the foreground; `None` if there is none.
    pub pid: Option<i32>,
    /// The name of its leader, where the system tells it.
    pub name: Option<String>,
    /// What that means.
    pub state: ForegroundState,
    /// How the terminal treats what is typed; `None` once the program has ended.
    pub line_mode: Option<LineMode>,
}

/// What the program in the foreground is about. A guess from its name and from the terminal's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForegroundState {
    /// A shell that waits for a command, or runs one of its own.
    Shell,
    /// Echo is off while lines are edited: that is how a password prompt looks.
    Password,
    /// A pager.
    Pager,
    /// An editor.
    Editor,
    /// Another program.
    Busy,
    /// The session's program has ended.
    Ended,
    /// The system does not tell.
    Unknown,
}

impl ForegroundState {
    /// As it is spelled in JavaScript and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ForegroundState::Shell => "shell",
            ForegroundState::Password => "password",
            ForegroundState::Pager => "pager",
            ForegroundState::Editor => "editor",
            ForegroundState::Busy => "busy",
            ForegroundState::Ended => "ended",
            ForegroundState::Unknown => "unknown",
        }
    }

    fn of(name: Option<&str>) -> ForegroundState {
        match name {
            None => ForegroundState::Unknown,
            Some(
                "sh" | "bash" | "dash" | "zsh" | "fish" | "ksh" | "mksh" | "ash" | "tcsh" | "csh" | "nu"
                | "pwsh",
            ) => ForegroundState::Shell,
            Some("less" | "more" | "most" | "man" | "bat" | "delta") => ForegroundState::Pager,
            Some(
                "vi" | "vim" | "nvim" | "view" | "vimdiff" | "nano" | "emacs" | "pico" | "joe" | "micro"
                | "hx" | "kak" | "mcedit" | "ed",
            ) => ForegroundState::Editor,
            // vim.basic, vim.tiny: what the name of an alternative leads to.
            Some(name) if name.starts_with("vim.") => ForegroundState::Editor,
            Some(_) => ForegroundState::Busy,
        }
    }
}

impl Foreground {
    pub(super) fn of(pty: Option<&Pty>) -> Foreground {
        let Some(pty) = pty else {
            return Foreground { pid: None, name: None, state: ForegroundState::Ended, line_mode: None };
        };
        let line_mode = pty.line_mode().ok();
        let name = pty.foreground_name();
        let state = match line_mode {
            Some(LineMode { echo: false, canonical: true, .. }) => ForegroundState::Password,
            _ => ForegroundState::of(name.as_deref()),
        };
        Foreground { pid: pty.foreground(), name, state, line_mode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_their_names() {
        assert_eq!(ForegroundState::of(Some("bash")), ForegroundState::Shell);
        assert_eq!(ForegroundState::of(Some("vim.basic")), ForegroundState::Editor);
        assert_eq!(ForegroundState::of(Some("less")), ForegroundState::Pager);
        assert_eq!(ForegroundState::of(Some("cargo")), ForegroundState::Busy);
        assert_eq!(ForegroundState::of(None), ForegroundState::Unknown);
    }
}

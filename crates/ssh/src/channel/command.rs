//! What to run on the other host, and the line that its shell is given for that.

use std::collections::HashSet;

use vetty_process::Size;

use super::queue::Overflow;
use crate::quote::{QuoteError, quote_word};

/// How much output waits for a reader, by default.
const DEFAULT_CAPACITY: usize = 1024 * 1024;

/// A program to run on another host: argv, directory, environment, pipes or a terminal. Built as
/// [`std::process::Command`] is.
///
/// The SSH protocol carries a line, which the user's login shell reads there. That must be a POSIX shell; the line is
/// quoted by [`crate::quote`] and replaces the shell by the program (`exec`).
#[derive(Debug, Clone)]
pub struct Command {
    pub(super) what: What,
    pub(super) cwd: Option<Vec<u8>>,
    pub(super) env: Vec<(String, Vec<u8>)>,
    pub(super) pty: Option<Size>,
    pub(super) term: String,
    pub(super) overflow: Overflow,
    pub(super) capacity: usize,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Words(Vec<Vec<u8>>),
    Line(Vec<u8>),
}

impl Command {
    /// A program by its name, looked up in the remote user's `PATH`, or by its path.
    pub fn new(program: impl AsRef<[u8]>) -> Command {
        Command::of(What::Words(vec![program.as_ref().to_vec()]))
    }

    /// A line that goes to the remote side as it is: for servers without a POSIX shell, with a forced command, or for a
    /// shell's own syntax. Nothing is quoted, cwd and env have no effect, and only the server's own means can end it: what
    /// of it stays after [`Child::close`](super::Child::close) is not known.
    pub fn line(line: impl AsRef<[u8]>) -> Command {
        Command::of(What::Line(line.as_ref().to_vec()))
    }

    fn of(what: What) -> Command {
        Command {
            what,
            cwd: None,
            env: Vec::new(),
            pty: None,
            term: "xterm-256color".to_owned(),
            overflow: Overflow::default(),
            capacity: DEFAULT_CAPACITY,
        }
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl AsRef<[u8]>) -> Command {
        if let What::Words(words) = &mut self.what {
            words.push(arg.as_ref().to_vec());
        }
        self
    }

    /// More arguments.
    pub fn args<A: AsRef<[u8]>>(self, args: impl IntoIterator<Item = A>) -> Command {
        args.into_iter().fold(self, |command, arg| command.arg(arg))
    }

    /// The directory to run in. Default: the remote user's home.
    pub fn cwd(mut self, cwd: impl AsRef<[u8]>) -> Command {
        self.cwd = Some(cwd.as_ref().to_vec());
        self
    }

    /// One more variable of its environment, beside those that the server sets. Servers take few by request (`AcceptEnv`);
    /// the others are set by `env` on the remote side, where the values stand in the list of processes for a moment.
    pub fn env(mut self, name: &str, value: impl AsRef<[u8]>) -> Command {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// A terminal of this size for standard input, output and error. Default: pipes.
    pub fn pty(mut self, size: Size) -> Command {
        self.pty = Some(size);
        self
    }

    /// `TERM` of the terminal. Default `xterm-256color`.
    pub fn term(mut self, term: &str) -> Command {
        self.term = term.to_owned();
        self
    }

    /// What happens to output that nobody reads in time. Default: the oldest is dropped and counted.
    pub fn overflow(mut self, overflow: Overflow) -> Command {
        self.overflow = overflow;
        self
    }

    /// How many bytes of output wait for a reader, at least 64 KiB. Default 1 MiB.
    pub fn capacity(mut self, bytes: usize) -> Command {
        self.capacity = bytes.max(64 * 1024);
        self
    }

    /// Whether output that nobody reads would stop the connection.
    pub(crate) fn may_stall(&self) -> bool {
        self.overflow == Overflow::Wait
    }

    /// The line for the remote shell. `by_env` are the variables that the server does not take by request; `mark` is
    /// printed with the shell's process id before the program starts.
    pub(super) fn remote_line(&self, mark: &str, by_env: &HashSet<&str>) -> Result<Vec<u8>, QuoteError> {
        let words = match &self.what {
            What::Line(line) if line.contains(&0) => return Err(QuoteError::Nul),
            What::Line(line) => return Ok(line.clone()),
            What::Words(words) => words,
        };
        let program = words.first().filter(|program| !program.is_empty()).ok_or(QuoteError::Empty)?;
        if program.starts_with(b"-") || program.contains(&b'=') {
            return Err(QuoteError::Program);
        }
        let mut line = Vec::new();
        if let Some(cwd) = &self.cwd {
            line.extend_from_slice(b"cd ");
            // Neither an option, nor `-`, nor looked up in CDPATH.
            let mut path = if cwd.starts_with(b"/") { Vec::new() } else { b"./".to_vec() };
            path.extend_from_slice(cwd);
            quote_word(&path, &mut line)?;
            line.extend_from_slice(b" || exit 126; ");
        }
        let stream = if self.pty.is_some() { "" } else { " >&2" };
        line.extend_from_slice(format!("printf '{mark}' \"$$\"{stream}; exec ").as_bytes());
        let mut env = self.env.iter().filter(|(name, _)| by_env.contains(name.as_str())).peekable();
        if env.peek().is_some() {
            line.extend_from_slice(b"env ");
        }
        for (name, value) in env {
            quote_word(&[name.as_bytes(), b"=", value].concat(), &mut line)?;
            line.push(b' ');
        }
        for (number, word) in words.iter().enumerate() {
            if number > 0 {
                line.push(b' ');
            }
            quote_word(word, &mut line)?;
        }
        Ok(line)
    }

    /// Names that no variable has.
    pub(super) fn check_env(&self) -> Result<(), QuoteError> {
        let wrong = |name: &str| {
            let allowed = |c: char| !c.is_control() && !c.is_whitespace() && c != '=';
            name.is_empty() || name.starts_with('-') || !name.chars().all(allowed)
        };
        match self.env.iter().any(|(name, value)| wrong(name) || value.contains(&0)) {
            true => Err(QuoteError::Variable),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &Command, by_env: &[&str]) -> String {
        let line = command.remote_line("M%s", &by_env.iter().copied().collect()).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn the_program_takes_the_place_of_the_shell() {
        let command = Command::new("ls").args(["-l", "a b"]);
        assert_eq!(line(&command, &[]), "printf 'M%s' \"$$\" >&2; exec ls -l 'a b'");
        let size = Size::new(80, 24).unwrap();
        assert_eq!(line(&command.pty(size), &[]), "printf 'M%s' \"$$\"; exec ls -l 'a b'");
    }

    #[test]
    fn a_directory_is_never_an_option_and_never_looked_up() {
        let command = |cwd| line(&Command::new("ls").cwd(cwd), &[]);
        assert!(command("-").starts_with("cd ./- || exit 126; "));
        assert!(command("/a b").starts_with("cd '/a b' || exit 126; "));
    }

    #[test]
    fn only_what_the_server_refused_goes_by_env() {
        let command = Command::new("ls").env("A", "1").env("B", "x y").env("B", "z");
        assert!(line(&command, &["B"]).ends_with("exec env 'B=z' ls"));
        assert!(line(&command, &[]).ends_with("exec ls"));
    }

    #[test]
    fn what_the_shell_would_read_otherwise_is_refused() {
        let refused = |command: Command| command.remote_line("M", &HashSet::new()).unwrap_err();
        assert_eq!(refused(Command::new("")), QuoteError::Empty);
        assert_eq!(refused(Command::new("-x")), QuoteError::Program);
        assert_eq!(refused(Command::new("A=b")), QuoteError::Program);
        assert_eq!(refused(Command::new("a").arg("b\0")), QuoteError::Nul);
        assert_eq!(Command::new("a").env("A B", "").check_env(), Err(QuoteError::Variable));
        assert_eq!(Command::new("a").env("A", "\0").check_env(), Err(QuoteError::Variable));
    }
}

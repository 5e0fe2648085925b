//! One call: what to run, with what, ended by a verb.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use crate::config::Replies;
use crate::launch::{Launched, Mode};
use crate::output::Output;
use crate::sandbox::Stricter;
use crate::terminal::{Terminal, ended_well};
use crate::{Error, Explanation, Handle, Process, Session, Verdict};
use vetty_process::Size;
use vetty_sandbox::Level;

/// A line, parsed by the policy's own rules (no shell), or an argv that is taken as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandLine {
    /// Split into words: spaces and tabs separate, quotes group, a backslash is an ordinary character.
    Line(String),
    /// Nothing is parsed.
    Argv(Vec<String>),
}

impl From<&str> for CommandLine {
    fn from(line: &str) -> CommandLine {
        CommandLine::Line(line.to_owned())
    }
}

impl From<String> for CommandLine {
    fn from(line: String) -> CommandLine {
        CommandLine::Line(line)
    }
}

impl<S: Into<String>> From<Vec<S>> for CommandLine {
    fn from(argv: Vec<S>) -> CommandLine {
        CommandLine::Argv(argv.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for CommandLine {
    fn from(argv: [S; N]) -> CommandLine {
        CommandLine::Argv(argv.into_iter().map(Into::into).collect())
    }
}

/// A call of a [`Terminal`], built step by step and ended by [`Command::run`], [`Command::spawn`] or [`Command::start`].
/// Nothing happens before the verb.
#[derive(Debug, Clone)]
#[must_use = "a command does nothing until one of its verbs is awaited"]
pub struct Command {
    pub(crate) terminal: Terminal,
    /// `None` is the default shell.
    pub(crate) line: Option<CommandLine>,
    pub(crate) options: Options,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) id: Option<String>,
    pub(crate) cwd: Option<String>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) parent_env: Option<Vec<(OsString, OsString)>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) input: Option<Bytes>,
    pub(crate) stdin_pipe: bool,
    pub(crate) merge_stderr: bool,
    pub(crate) ignore_stderr: bool,
    pub(crate) max_bytes: Option<usize>,
    pub(crate) cancel: CancellationToken,
    pub(crate) leave: bool,
    pub(crate) approved: bool,
    pub(crate) at_once: bool,
    /// Places of entries of `commands.ask`.
    pub(crate) approved_for: Vec<String>,
    pub(crate) size: Option<Size>,
    pub(crate) term: Option<String>,
    pub(crate) without_screen: bool,
    pub(crate) replies: Option<Replies>,
    pub(crate) stricter: Stricter,
}

impl Command {
    pub(crate) fn new(terminal: Terminal, line: CommandLine) -> Command {
        Command { terminal, line: Some(line), options: Options::default() }
    }

    pub(crate) fn shell(terminal: Terminal) -> Command {
        Command { terminal, line: None, options: Options::default() }
    }

    /// The id it will have, from [`Terminal::new_id`]: to know it before it is started. Default: a new one.
    pub fn id(mut self, id: impl Into<String>) -> Command {
        self.options.id = Some(id.into());
        self
    }

    /// Where it runs, relative to the first workspace. Default: the first workspace.
    pub fn cwd(mut self, cwd: impl Into<String>) -> Command {
        self.options.cwd = Some(cwd.into());
        self
    }

    /// One variable, added to the host's environment before the policy filters.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Command {
        self.options.env.push((name.into(), value.into()));
        self
    }

    /// What stands for the host's environment in this call. Default: the process's own, when the verb is called.
    pub fn parent_env(mut self, variables: Vec<(OsString, OsString)>) -> Command {
        self.options.parent_env = Some(variables);
        self
    }

    /// From spawn to exit; zero is none. Default: the policy's.
    pub fn timeout(mut self, timeout: Duration) -> Command {
        self.options.timeout = Some(timeout);
        self
    }

    /// Bytes that the program finds on its standard input. Default: nothing, the null device.
    pub fn input(mut self, input: impl Into<Bytes>) -> Command {
        self.options.input = Some(input.into());
        self
    }

    /// With [`Command::spawn`]: standard input is a pipe, [`Process::stdin`].
    pub fn stdin_pipe(mut self) -> Command {
        self.options.stdin_pipe = true;
        self
    }

    /// Standard error goes into standard output's pipe: one stream, in the order in which the program wrote.
    pub fn merge_stderr(mut self) -> Command {
        self.options.merge_stderr = true;
        self
    }

    /// Standard error goes nowhere: the null device.
    pub fn ignore_stderr(mut self) -> Command {
        self.options.ignore_stderr = true;
        self
    }

    /// Bytes kept of each stream. Default `output.maxBytes`, which also bounds it.
    pub fn max_bytes(mut self, bytes: usize) -> Command {
        self.options.max_bytes = Some(bytes);
        self
    }

    /// Cancelling the token ends the tree; cancelled already, nothing is spawned. A refusal by the policy comes first.
    pub fn cancel(mut self, token: CancellationToken) -> Command {
        self.options.cancel = token;
        self
    }

    /// Lets processes live that the program leaves behind.
    pub fn leave(mut self, leave: bool) -> Command {
        self.options.leave = leave;
        self
    }

    /// Takes the call for approved: `commands.ask` and a default of `ask` are satisfied. For a host that has asked by
    /// itself; see [`Terminal::on_approval`] for one that is asked.
    pub fn approved(mut self) -> Command {
        self.options.approved = true;
        self
    }

    /// Waits for no audit trail that is slow: the call is refused then (`AUDIT_UNAVAILABLE`), whatever `audit.onFull` says.
    pub fn at_once(mut self) -> Command {
        self.options.at_once = true;
        self
    }

    /// Takes the call for approved as far as these entries of `commands.ask` want it, each named by its place, as a
    /// verdict's rule has it: `commands.ask[0]`. Others still ask.
    pub fn approved_for<I: IntoIterator<Item = S>, S: Into<String>>(mut self, places: I) -> Command {
        self.options.approved_for.extend(places.into_iter().map(Into::into));
        self
    }

    /// With [`Command::open`]: the terminal's size. Default `sessions.size`.
    pub fn size(mut self, size: Size) -> Command {
        self.options.size = Some(size);
        self
    }

    /// With [`Command::open`]: what `TERM` says. Default `xterm-256color`.
    pub fn term(mut self, name: impl Into<String>) -> Command {
        self.options.term = Some(name.into());
        self
    }

    /// With [`Command::open`]: whether there is a screen, see [`Session::screen`]. Without one a session costs what its bytes
    /// cost, and nobody answers a program that asks its terminal something. Default `true`.
    pub fn screen(mut self, screen: bool) -> Command {
        self.options.without_screen = !screen;
        self
    }

    /// With [`Command::open`]: which questions of the program the screen answers. What the policy has off (`sessions.replies`)
    /// stays off. Default: the policy's.
    pub fn replies(mut self, replies: Replies) -> Command {
        self.options.replies = Some(replies);
        self
    }

    /// At least this level of the sandbox; a weaker one than the policy's changes nothing.
    pub fn sandbox_level(mut self, level: Level) -> Command {
        self.options.stricter.level = level;
        self
    }

    /// No network, whatever the policy permits. Needs a level that can enforce it: raises it to [`Level::Confine`].
    pub fn without_network(mut self) -> Command {
        self.options.stricter.no_network = true;
        self
    }

    /// The verdict alone; nothing is spawned.
    pub fn check(&self) -> Verdict {
        match self.terminal.permit(self, false) {
            Ok((permit, _)) => permit.into_parts().verdict,
            Err(denial) => denial.into_verdict(),
        }
    }

    /// The verdict of [`Command::check`] with what every rule says of the command; nothing is spawned.
    pub fn explain(&self) -> Explanation {
        self.terminal.explain_command(self)
    }

    /// Vets, runs, captures, waits for the last byte.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Spawn`], [`Error::Timeout`], [`Error::Aborted`] (by its token or by its id),
    /// [`Error::Busy`], [`Error::Closed`], [`Error::NoRuntime`]. Any exit code is an [`Output`].
    ///
    /// # Cancel safety
    /// Dropping the future kills the tree at once; it is reaped without blocking anybody.
    pub async fn run(self) -> Result<Arc<Output>, Error> {
        let Launched { process, .. } = self.terminal.clone().launch(self, Mode::Execute).await?;
        ended_well(process.handle().wait().await, None)
    }

    /// Vets and starts; the output streams.
    ///
    /// # Errors
    /// As [`Command::run`], but for what ends a program that runs: see [`Process::wait`].
    ///
    /// # Cancel safety
    /// Dropping the future kills what was started.
    pub async fn spawn(self) -> Result<Process, Error> {
        let Launched { mut process, stdin, .. } = self.terminal.clone().launch(self, Mode::Spawn).await?;
        process.stdin = stdin;
        Ok(process)
    }

    /// Vets and starts in the background: it runs on until its end, its timeout, [`Handle::kill`], or the drop of the last
    /// [`Terminal`]. Its output is captured.
    ///
    /// # Errors
    /// As [`Command::spawn`].
    pub async fn start(self) -> Result<Handle, Error> {
        let Launched { process, .. } = self.terminal.clone().launch(self, Mode::Background).await?;
        Ok(process.into_background())
    }

    /// Vets and starts on a pseudo-terminal. The policy's `timeout` is for commands and does not hold; `limits` and
    /// `sessions.lifetime` and `sessions.idle` do.
    ///
    /// # Errors
    /// As [`Command::spawn`], and [`Error::TooManySessions`], [`Error::SizeTooLarge`].
    ///
    /// # Cancel safety
    /// Dropping the future kills what was started.
    pub async fn open(self) -> Result<Session, Error> {
        let terminal = self.terminal.clone();
        let config = &terminal.config().sessions;
        let size = self.options.size.unwrap_or(config.size());
        let Launched { process, session, .. } = terminal.clone().launch(self, Mode::Session).await?;
        let (input, screen) = session.expect("a session is launched on a terminal");
        Ok(Session::new(process, input, screen, size, config))
    }
}

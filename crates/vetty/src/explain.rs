//! Why a call may run, or may not.

use vetty_policy::{CommandInput, Request, ThisMachine};

use crate::command::{Command, CommandLine};
use crate::{Explanation, Terminal};

impl Terminal {
    /// The verdict of [`Terminal::check`] with what every rule says of the command; nothing is spawned.
    pub fn explain(&self, command: impl Into<CommandLine>) -> Explanation {
        self.command(command).explain()
    }

    pub(crate) fn explain_command(&self, call: &Command) -> Explanation {
        let verdict = call.check();
        // Which program the default shell is, the verdict knows.
        let argv = verdict.argv.clone();
        let own;
        let parent_env = match &call.options.parent_env {
            Some(given) => given,
            None => {
                own = std::env::vars_os().collect::<Vec<_>>();
                &own
            }
        };
        let command = match &call.line {
            Some(CommandLine::Line(line)) => CommandInput::Line(line),
            Some(CommandLine::Argv(argv)) => CommandInput::Argv(argv),
            None => CommandInput::Argv(&argv),
        };
        let request =
            Request { command, cwd: call.options.cwd.as_deref(), env: &call.options.env, parent_env };
        self.policy().explain_verdict(&request, verdict, &ThisMachine)
    }
}

//! What is looked up on the host before a judged command may run: directory, program, the paths in its arguments.

mod directory;
mod look;

use crate::arguments::characters::Place;
use crate::environment::Filtered;
use crate::host::Host;
use crate::judge::check_batch;
use crate::permit::{Directory, Permit, PermitParts};
use crate::policy::Policy;
use crate::profile::Judged;
use crate::program::{self, Found};
use crate::shell::ShellLine;
use crate::verdict::{Code, Denial, Refusal, RuleRef, Verdict};
use directory::enter;
use look::Look;
use std::ffi::OsString;

/// A command that the policy permits by itself. To run it, [`bind`](Vetted::bind) it to a machine.
#[derive(Debug)]
pub struct Vetted<'r> {
    pub(crate) policy: Policy,
    pub(crate) typed: Vec<String>,
    /// As it would run: with the words that rules put in.
    pub(crate) argv: Vec<String>,
    pub(crate) judged: Judged,
    pub(crate) shell: Option<ShellLine>,
    pub(crate) rule: Option<RuleRef>,
    pub(crate) cwd: Option<&'r str>,
    pub(crate) env: &'r [(OsString, OsString)],
    pub(crate) parent_env: &'r [(OsString, OsString)],
}

/// What is known of a call so far.
#[derive(Debug, Default)]
struct Known {
    cwd: Option<String>,
    program: Option<String>,
    filtered: Option<Filtered>,
}

impl Vetted<'_> {
    /// As it would run, unless a look-up refuses it.
    pub fn argv(&self) -> &[String] {
        &self.argv
    }

    /// Looks up what the command names, here and now.
    ///
    /// What arguments name is judged as it stands at this moment; a file that is swapped for a link afterwards is
    /// the sandbox's matter.
    ///
    /// # Errors
    /// The first refusal, in this order: directory, deny by identity, places that the program and the arguments
    /// name, environment, program found.
    pub fn bind(self, host: &dyn Host) -> Result<Permit, Denial> {
        let mut known = Known::default();
        match self.look_up(host, &mut known) {
            Ok((directory, found)) => Ok(self.permit(directory, found, known)),
            Err(refusal) => {
                let denial = self.policy.denial(refusal, self.argv);
                let mut verdict = denial.into_verdict();
                verdict.cwd = known.cwd;
                verdict.program = known.program;
                if let Some(filtered) = known.filtered {
                    (verdict.env, verdict.dropped) = (filtered.names, filtered.dropped);
                }
                Err(Denial::new(verdict))
            }
        }
    }

    fn look_up(&self, host: &dyn Host, known: &mut Known) -> Result<(Directory, Found), Refusal> {
        let policy = &*self.policy.inner;
        let granted = policy.places.resolve(host);
        let directory = enter(policy, host, &granted, self.cwd)?;
        known.cwd = Some(directory.path.clone());
        let look = Look { policy, host, granted: &granted, directory: &directory.path };
        let found = look.program(&self.typed[0]);
        if !policy.unrestricted {
            self.check_identity(&look, found.as_ref())?;
            self.check_places(&look, found.as_ref())?;
        }
        let filtered = if policy.unrestricted {
            policy.environment.everything(self.parent_env, self.env)?
        } else {
            policy.environment.filter(self.parent_env, self.env)?
        };
        known.filtered = Some(filtered);
        let found = found.ok_or_else(|| look.not_found(&self.typed[0]))?;
        if program::is_batch(policy.platform, &found.path) {
            check_batch(&self.typed)?;
        }
        known.program = Some(found.path.clone());
        Ok((directory, found))
    }

    fn check_identity(&self, look: &Look<'_>, found: Option<&Found>) -> Result<(), Refusal> {
        look.check_identity(&self.typed, found)?;
        look.check_other_name(&self.typed[0], found)?;
        for range in &self.judged.commands {
            let words = &self.typed[range.clone()];
            let found = look.program(&words[0]);
            look.check_identity(words, found.as_ref())?;
            look.check_other_name(&words[0], found.as_ref())?;
        }
        let Some(shell) = &self.shell else { return Ok(()) };
        for simple in shell.commands() {
            let words = simple.known();
            if let Some(name) = words.first() {
                look.check_identity(words, look.program(&name.text).as_ref())?;
            }
        }
        Ok(())
    }

    fn check_places(&self, look: &Look<'_>, found: Option<&Found>) -> Result<(), Refusal> {
        match &self.shell {
            None => {
                look.check_program_place(&self.typed[0], found)?;
                for range in &self.judged.commands {
                    let name = &self.typed[range.start];
                    look.check_program_place(name, look.program(name).as_ref())?;
                }
                self.judged.places.iter().try_for_each(|place| look.check_named(place))?;
                self.judged.pins.iter().try_for_each(|pin| look.check_pin(&self.typed, pin))
            }
            Some(shell) => {
                for simple in shell.commands() {
                    if let Some(name) = simple.known().first() {
                        look.check_program_place(&name.text, look.program(&name.text).as_ref())?;
                    }
                }
                shell
                    .places()
                    .enumerate()
                    .try_for_each(|(i, word)| look.check_argument(Place::of(i + 1), &word.text))
            }
        }
    }

    fn permit(self, directory: Directory, found: Found, known: Known) -> Permit {
        let filtered = known.filtered.unwrap_or_default();
        let message = match &self.rule {
            Some(rule) => format!("Command allowed by {}", rule.key),
            None => "Command allowed".to_owned(),
        };
        let verdict = Verdict {
            allowed: true,
            code: Code::Allowed,
            message,
            rule: self.rule,
            hint: None,
            argv: self.argv.clone(),
            program: Some(found.path.clone()),
            cwd: Some(directory.path.clone()),
            env: filtered.names,
            dropped: filtered.dropped,
            policy: self.policy.hash().to_owned(),
        };
        let parts =
            PermitParts { argv: self.argv, program: found.path, directory, env: filtered.variables, verdict };
        Permit { parts }
    }
}

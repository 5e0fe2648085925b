//! The checks of a command by itself, in their order.

use crate::arguments::characters::{self, Place};
use crate::arguments::parts;
use crate::command_line::{self, CommandLine, Malformed};
use crate::config::{DotDot, Fallback, StrictArgs};
use crate::pattern::Argv;
use crate::policy::Inner;
use crate::profile::{Judged, Origin};
use crate::program;
use crate::request::CommandInput;
use crate::rule::Understood;
use crate::shell::{self, ShellLine};
use crate::verdict::{Code, Refusal, RuleRef, shown};
use std::ops::Range;

/// Commands of one line for a shell: each of them is looked up.
const MAX_SIMPLE_COMMANDS: usize = 256;

/// A command on its way through the checks.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    pub(crate) argv: Vec<String>,
    /// The line it came from, and where each word stands in it.
    line: Option<(&'a str, Vec<Range<usize>>)>,
    /// Set where a shell is to run the line.
    pub(crate) shell: Option<ShellLine>,
    /// What the tables tell of it.
    pub(crate) judged: Judged,
}

/// What lets a command run, by its place in the list.
#[derive(Debug, Clone, Copy)]
enum Permission {
    Rule(usize),
    /// An entry of `ask`, under which it was approved.
    Approval(usize),
    Default,
}

impl Command<'_> {
    /// The line that it was split from.
    pub(crate) fn line(&self) -> Option<&str> {
        self.line.as_ref().map(|(line, _)| *line)
    }

    fn raw(&self, index: usize) -> Option<&str> {
        self.line.as_ref().map(|(line, raw)| &line[raw[index].clone()])
    }
}

impl Inner {
    /// Splits what is no longer than the system takes.
    pub(crate) fn parse<'r>(&self, input: CommandInput<'r>) -> Result<Command<'r>, Refusal> {
        let platform = self.platform;
        let max = platform.max_line();
        let command = match input {
            CommandInput::Line(line) => {
                if line.len() > max {
                    return Err(too_long(line.len(), max));
                }
                let (argv, raw) = CommandLine::parse(line).map_err(malformed)?.into_parts();
                Command { argv, line: Some((line, raw)), shell: None, judged: Judged::default() }
            }
            CommandInput::Argv(words) => {
                let length = words.iter().map(|word| word.len() + 1).sum::<usize>();
                if length > max {
                    return Err(too_long(length, max));
                }
                if words.first().is_none_or(String::is_empty) {
                    return Err(malformed(Malformed::Empty));
                }
                Command { argv: words.to_vec(), line: None, shell: None, judged: Judged::default() }
            }
        };
        self.check_length(&command.argv)?;
        Ok(command)
    }

    pub(crate) fn judge(&self, command: &mut Command<'_>) -> Result<Option<RuleRef>, Refusal> {
        self.check_program(&command.argv[0])?;
        if self.unrestricted {
            return (0..command.argv.len())
                .try_for_each(|i| characters::check(StrictArgs::Off, Place::of(i), &command.argv[i], None))
                .map(|()| None);
        }
        let shell = match command.line {
            Some((line, _)) if !self.config.commands.no_shell && shell::is_needed(self.platform, line) => {
                Some(ShellLine::new(self.platform, line))
            }
            _ => None,
        };
        if let Some(shell) = shell {
            if self.config.profile.is_some() && !self.confined {
                let message =
                    format!("Command not allowed: {} (the line needs a shell)", shown(&command.argv[0]));
                let hint = "the profile starts no shell: write one plain command";
                return Err(Refusal::new(Code::ShellNotAllowed, message, hint));
            }
            return self.judge_shell_line(command, shell);
        }
        let origin = Origin { at: 0, depth: 0, grows: false };
        let rule = self.judge_command(&command.argv, origin, &mut command.judged)?;
        self.check_count(command.argv.len() - 1)?;
        for index in 0..command.argv.len() {
            self.check_characters(command, index)?;
            self.check_dots(Place::of(index), &command.argv[index])?;
        }
        if program::is_batch(self.platform, &command.argv[0]) {
            check_batch(&command.argv)?;
        }
        self.check_verbatim(&command.argv)?;
        Ok(rule)
    }

    /// What the lists and the tables say of a command, which may stand within another one.
    fn judge_command(
        &self,
        argv: &[String],
        origin: Origin,
        judged: &mut Judged,
    ) -> Result<Option<RuleRef>, Refusal> {
        let words = Argv::new(argv, self.platform);
        let read = if self.reads_options { Understood::new(&words) } else { None };
        self.check_forbidden(&words, read.as_ref())?;
        let permission = self.check_permitted(&words, read.as_ref())?;
        let flags = match permission {
            Permission::Rule(index) => self.allow.rule(index).flags(),
            _ => None,
        };
        let told =
            flags.map(|flags| flags.apply(argv, read.as_ref().map(|read| &read.parsed), origin.at, judged));
        match read.filter(|_| self.config.profile.is_some()) {
            Some(read) => self.check_by_table(&words, &read, origin, judged)?,
            None => judged.guess(origin.at, argv, &told.unwrap_or_default()),
        }
        Ok(match permission {
            Permission::Rule(index) => Some(self.allow.reference(index)),
            Permission::Approval(index) => Some(self.approved.reference(index)),
            Permission::Default => None,
        })
    }

    /// A command that a wrapper runs.
    pub(crate) fn judge_wrapped(
        &self,
        argv: &[String],
        origin: Origin,
        judged: &mut Judged,
    ) -> Result<(), Refusal> {
        self.check_program(&argv[0])?;
        self.judge_command(argv, origin, judged).map(drop)
    }

    /// A line for a shell: its simple commands are held to `deny` and `ask`, and `allow` must name the shell.
    fn judge_shell_line(
        &self,
        command: &mut Command<'_>,
        shell: ShellLine,
    ) -> Result<Option<RuleRef>, Refusal> {
        let argv = shell.argv(self.platform);
        // The whole line is one argument of the shell.
        self.check_length(&argv)?;
        if shell.commands().len() > MAX_SIMPLE_COMMANDS {
            return Err(Refusal::new(
                Code::ShellNotAllowed,
                format!("Command not allowed: {} (too many commands in one line)", shown(&argv[0])),
                "split the line",
            ));
        }
        for simple in shell.commands() {
            self.check_forbidden_simple(simple)?;
        }
        for spelling in shell::spellings(self.platform) {
            let mut words = argv.clone();
            words[0] = (*spelling).to_owned();
            self.check_forbidden(&Argv::new(&words, self.platform), None)?;
        }
        for index in 0..command.argv.len() {
            self.check_characters(command, index)?;
        }
        let named = shell::spellings(self.platform).iter().find_map(|spelling| {
            let mut words = argv.clone();
            words[0] = (*spelling).to_owned();
            let words = Argv::new(&words, self.platform);
            let spells =
                |pattern: &crate::pattern::Pattern| pattern.spells(spelling) && pattern.matches(&words);
            self.allow.iter().find(|(_, rule)| spells(&rule.pattern)).map(|(index, _)| index)
        });
        let Some(index) = named else {
            return Err(Refusal::new(
                Code::ShellNotAllowed,
                format!("Command not allowed: {} (the line needs a shell)", shown(&argv[0])),
                format!(
                    "write one plain command, or let the policy's owner add \"{}\" to commands.allow",
                    shell::spellings(self.platform)[0]
                ),
            ));
        };
        self.check_count(command.argv.len() - 1)?;
        for (index, word) in shell.words().enumerate() {
            self.check_dots(Place::of(index), &word.text)?;
        }
        command.argv = argv;
        command.shell = Some(shell);
        Ok(Some(self.allow.reference(index)))
    }

    fn check_length(&self, argv: &[String]) -> Result<(), Refusal> {
        let max = self.platform.max_argument();
        match argv.iter().find(|word| word.len() > max) {
            Some(word) => Err(too_long(word.len(), max)),
            None => Ok(()),
        }
    }

    fn check_program(&self, program: &str) -> Result<(), Refusal> {
        if program.contains('\0') {
            return Err(characters::nul(Place::Program));
        }
        let spelled = !program.is_ascii() || program.bytes().any(|b| b.is_ascii_control());
        let spelled = self.unrestricted || (spelled && self.allow.spell(program));
        match command_line::program_problem(self.platform, program, spelled) {
            Some((problem, hint)) => Err(Refusal::new(
                Code::MalformedCommand,
                format!("Malformed command: {problem}: {}", shown(program)),
                hint,
            )),
            None => Ok(()),
        }
    }

    fn check_forbidden<S: AsRef<str>>(
        &self,
        words: &Argv<'_, S>,
        read: Option<&Understood<'_>>,
    ) -> Result<(), Refusal> {
        if let Some(index) = self.deny.find(words, read) {
            return Err(denied(words.program, self.deny.reference(index)).because(self.deny.rule(index)));
        }
        if let Some(index) = self.ask.find(words, read) {
            return Err(asked(words.program, self.ask.reference(index)));
        }
        Ok(())
    }

    fn check_forbidden_simple(&self, simple: &shell::SimpleCommand) -> Result<(), Refusal> {
        let known = simple.known();
        if known.len() == simple.words.len() && !known.is_empty() {
            return self.check_forbidden(&Argv::new(known, self.platform), None);
        }
        let shown_name = simple.words.first().map_or("", |word| &word.text);
        for (rules, refuse) in [(&self.deny, denied as fn(&str, RuleRef) -> Refusal), (&self.ask, asked)] {
            let words = (!known.is_empty()).then(|| Argv::new(known, self.platform));
            let could =
                |rule: &crate::rule::Rule| words.as_ref().is_none_or(|words| rule.pattern.could_match(words));
            if let Some((index, _)) = rules.iter().find(|(_, rule)| could(rule)) {
                let rule = rules.reference(index);
                let hint = format!(
                    "only the shell knows the words of this command, and they could be {}: write them out",
                    standing(&rule)
                );
                return Err(refuse(shown_name, rule).hint(hint));
            }
        }
        Ok(())
    }

    fn check_permitted(
        &self,
        words: &Argv<'_, String>,
        read: Option<&Understood<'_>>,
    ) -> Result<Permission, Refusal> {
        if let Some(index) = self.allow.find(words, read) {
            return Ok(Permission::Rule(index));
        }
        if let Some(index) = self.approved.find_as_typed(words, read) {
            return Ok(Permission::Approval(index));
        }
        match self.fallback {
            Fallback::Allow => Ok(Permission::Default),
            Fallback::Ask => Err(must_be_approved(words.program, "commands.default")),
            Fallback::Deny => {
                let message = format!("Command not allowed: {}", shown(words.program));
                Err(Refusal::new(Code::CommandNotAllowed, message, self.allowed_hint()))
            }
        }
    }

    fn allowed_hint(&self) -> String {
        const SHOWN: usize = 20;
        let texts: Vec<String> = self.allow.iter().take(SHOWN).map(|(_, rule)| shown(&rule.text)).collect();
        let count = self.config.commands.allow.as_ref().map_or(0, Vec::len);
        match count {
            0 => "commands.allow permits nothing: the policy's owner must name there what may run".to_owned(),
            _ if count > SHOWN => format!("Allowed: {} and {} more", texts.join(", "), count - SHOWN),
            _ => format!("Allowed: {}", texts.join(", ")),
        }
    }

    fn check_count(&self, count: usize) -> Result<(), Refusal> {
        let max = self.max_args;
        if count > max as usize {
            let problem = format_args!("Too many arguments: {count} > max {max}");
            let hint = "split the call, or let the policy's owner raise commands.maxArgs";
            return Err(Refusal::argument(Code::TooManyArguments, problem, hint));
        }
        Ok(())
    }

    fn check_characters(&self, command: &Command<'_>, index: usize) -> Result<(), Refusal> {
        let strict = self.strict_args;
        let raw = if strict == StrictArgs::Unquoted { command.raw(index) } else { None };
        characters::check(strict, Place::of(index), &command.argv[index], raw)
    }

    fn check_dots(&self, place: Place, word: &str) -> Result<(), Refusal> {
        // A program is never reached through dots; arguments are, where the policy resolves them.
        if place != Place::Program && self.dot_dot == DotDot::Resolve {
            return Ok(());
        }
        // What is percent-encoded has no dots to find.
        if !word.contains("..") && !word.contains('%') {
            return Ok(());
        }
        let mut found = place == Place::Program && parts::has_dot_segment(self.platform, word);
        let judged = parts::each(self.platform, word, |part| {
            found |= !part.url && parts::has_dot_segment(self.platform, part.text);
        });
        if found || !judged {
            return Err(traversal(place));
        }
        Ok(())
    }

    /// Unquoted, an argument with a space would become two.
    fn check_verbatim(&self, argv: &[String]) -> Result<(), Refusal> {
        if !self.platform.is_windows() || !self.config.commands.windows_verbatim_arguments {
            return Ok(());
        }
        let splits = |word: &String| word.is_empty() || word.contains([' ', '\t', '"']);
        match argv.iter().skip(1).position(splits) {
            Some(index) => Err(Refusal::argument(
                Code::MalformedCommand,
                format_args!("argument {index} would not stay one argument without quotes"),
                "set commands.windowsVerbatimArguments to false",
            )),
            None => Ok(()),
        }
    }
}

/// Refuses what cmd.exe would act on when it reads the arguments of a batch file anew.
pub(crate) fn check_batch(argv: &[String]) -> Result<(), Refusal> {
    match argv.iter().position(|word| program::batch_would_act_on(word)) {
        Some(index) => Err(characters::metacharacter(
            Place::of(index),
            "cmd.exe reads the arguments of a batch file anew, and no quoting is safe there",
        )),
        None => Ok(()),
    }
}

pub(crate) fn traversal(place: Place) -> Refusal {
    let hint = match place {
        Place::Program => "write the program's path without dot segments",
        Place::Argument(_) => {
            "write the path without dot segments; with commands.dotDot 'resolve' they are followed and held to the \
             workspaces"
        }
    };
    Refusal::argument(Code::PathTraversal, format_args!("Path traversal detected in {place}"), hint)
}

pub(crate) fn denied(program: &str, rule: RuleRef) -> Refusal {
    let message = format!("Command not allowed: {}", shown(program));
    let hint = format!(
        "{} forbids it, whatever commands.allow says: only the policy's owner can change that",
        standing(&rule)
    );
    Refusal::new(Code::CommandDenied, message, hint).rule(rule)
}

pub(crate) fn asked(program: &str, rule: RuleRef) -> Refusal {
    must_be_approved(program, &standing(&rule)).rule(rule)
}

fn must_be_approved(program: &str, by: &str) -> Refusal {
    Refusal::new(
        Code::ApprovalRequired,
        format!("Command not allowed: {} (it must be approved)", shown(program)),
        format!(
            "{by} wants an approval, and nobody can be asked: give the terminal a handler that decides, or let the \
             policy's owner permit it in commands.allow"
        ),
    )
}

/// A rule by its text and its place.
fn standing(rule: &RuleRef) -> String {
    format!("\"{}\" in {}", shown(&rule.text), rule.key)
}

fn malformed(problem: Malformed) -> Refusal {
    let code = if problem == Malformed::Empty { Code::EmptyCommand } else { Code::MalformedCommand };
    Refusal::new(code, problem.to_string(), problem.hint())
}

fn too_long(length: usize, max: usize) -> Refusal {
    let problem = format_args!("Argument too long: {length} bytes > max {max}");
    Refusal::argument(Code::ArgumentTooLong, problem, "pass it as input, or in a file")
}

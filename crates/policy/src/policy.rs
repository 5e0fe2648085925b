//! A policy, and what it says of a request by itself: words, patterns, rules. Nothing is looked up here.

use crate::arguments::characters::{self, Place};
use crate::arguments::parts;
use crate::bind::Vetted;
use crate::builder::PolicyBuilder;
use crate::command_line::{self, CommandLine, Malformed};
use crate::config::{Access, Config, ConfigError, DotDot, Fallback, StrictArgs};
use crate::environment::Environment;
use crate::host::Host;
use crate::pattern::{Argv, Effect};
use crate::platform::Platform;
use crate::program::{self, SearchPath};
use crate::rule::Rules;
use crate::shell::{self, ShellLine};
use crate::verdict::{Code, Denial, Refusal, RuleRef, Verdict, shown};
use crate::workspace::Places;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::ops::Range;
use std::sync::Arc;

/// What may run. Cheap to clone, immutable.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) inner: Arc<Inner>,
    hash: Arc<str>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) platform: Platform,
    pub(crate) allow: Rules,
    pub(crate) deny: Rules,
    pub(crate) ask: Rules,
    pub(crate) fallback: Fallback,
    pub(crate) places: Places,
    pub(crate) search_path: SearchPath,
    pub(crate) environment: Environment,
    /// Judges nothing but what no system takes.
    pub(crate) unrestricted: bool,
}

/// A command, as a caller gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandInput<'a> {
    /// A line, split by [`CommandLine`]'s rules.
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
        Request {
            command: command.into(),
            cwd: None,
            env: &[],
            parent_env: &[],
        }
    }
}

impl Policy {
    /// Starts from a policy that permits nothing.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// Compiles a configuration. Relative places become absolute now, and the host's PATH is taken now.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key: a value out of range, a pattern that cannot be compiled.
    pub fn new(config: Config, host: &dyn Host) -> Result<Policy, ConfigError> {
        Policy::compile(config, host, false)
    }

    /// A policy that permits any command anywhere, with the whole environment. Commands are still split, looked up
    /// and bound like all others.
    ///
    /// Its [`config`](Policy::config) comes as near to that as a configuration can: read back, it guards the
    /// environment.
    pub fn unrestricted(host: &dyn Host) -> Policy {
        let workspaces = host
            .current_directory()
            .into_iter()
            .chain(["/".to_owned()])
            .collect();
        let mut config = Config {
            workspaces,
            timeout: 0,
            ..Config::default()
        };
        config.commands.allow = Some(Vec::new());
        config.commands.max_args = u32::MAX;
        config.commands.strict_args = StrictArgs::Off;
        config.commands.dot_dot = DotDot::Resolve;
        config.env.allow.clear();
        config.env.deny.clear();
        Policy::compile(config, host, true).expect("this configuration is valid")
    }

    fn compile(mut config: Config, host: &dyn Host, unrestricted: bool) -> Result<Policy, ConfigError> {
        config.validate()?;
        let platform = host.platform();
        let places = Places::new(&mut config, host)?;
        let commands = &mut config.commands;
        let fallback = *commands.default.get_or_insert(match &commands.allow {
            Some(allow) if allow.is_empty() => Fallback::Allow,
            _ => Fallback::Deny,
        });
        let allow = commands.allow.get_or_insert_with(Vec::new);
        let allow = Rules::new("commands.allow", allow, Effect::Permit, platform)?;
        let deny = Rules::new("commands.deny", &commands.deny, Effect::Forbid, platform)?;
        let ask = Rules::new("commands.ask", &commands.ask, Effect::Forbid, platform)?;
        let search_path = commands.search_path.get_or_insert_with(|| host.search_path());
        let search_path = SearchPath::new(search_path, platform);
        let environment = Environment::new(&config.env, platform)?;
        let hash = hash(&config, unrestricted);
        let inner = Inner {
            config,
            platform,
            allow,
            deny,
            ask,
            fallback,
            places,
            search_path,
            environment,
            unrestricted,
        };
        Ok(Policy {
            inner: Arc::new(inner),
            hash: hash.into(),
        })
    }

    /// The configuration with every value in force. Serialized and read back it means the same.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// SHA-256 of the configuration as canonical JSON, hex.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The same policy under the hash of a larger configuration that it is a section of.
    #[must_use]
    pub fn with_hash(self, hex: String) -> Policy {
        Policy {
            hash: hex.into(),
            ..self
        }
    }

    /// The platform whose rules hold.
    pub fn platform(&self) -> Platform {
        self.inner.platform
    }

    /// Judges a request by itself; nothing is looked up. What passes is still to be [bound](Vetted::bind).
    ///
    /// # Errors
    /// The first refusal, in this order: length, parse, deny, ask, allow, number of arguments, then each word in
    /// turn: NUL, metacharacters, control characters, dot segments.
    pub fn judge<'r>(&self, request: &Request<'r>) -> Result<Vetted<'r>, Denial> {
        let mut command = match self.parse(request.command) {
            Ok(command) => command,
            Err(refusal) => return Err(self.denial(refusal, Vec::new())),
        };
        match self.inner.judge(&mut command) {
            Ok(rule) => Ok(Vetted {
                policy: self.clone(),
                argv: command.argv,
                shell: command.shell,
                rule,
                cwd: request.cwd,
                env: request.env,
                parent_env: request.parent_env,
            }),
            Err(refusal) => Err(self.denial(refusal, command.argv)),
        }
    }

    pub(crate) fn denial(&self, refusal: Refusal, argv: Vec<String>) -> Denial {
        Denial::new(Verdict::refused(refusal, argv, &self.hash))
    }

    fn parse<'r>(&self, input: CommandInput<'r>) -> Result<Command<'r>, Refusal> {
        let platform = self.inner.platform;
        let too_long = |length: usize, max: usize| {
            Refusal::argument(
                Code::ArgumentTooLong,
                format_args!("Argument too long: {length} bytes > max {max}"),
            )
        };
        let max = platform.max_line();
        let command = match input {
            CommandInput::Line(line) => {
                if line.len() > max {
                    return Err(too_long(line.len(), max));
                }
                let (argv, raw) = CommandLine::parse(line).map_err(malformed)?.into_parts();
                Command {
                    argv,
                    line: Some((line, raw)),
                    shell: None,
                }
            }
            CommandInput::Argv(words) => {
                let length = words.iter().map(|word| word.len() + 1).sum::<usize>();
                if length > max {
                    return Err(too_long(length, max));
                }
                if words.first().is_none_or(String::is_empty) {
                    return Err(malformed(Malformed::Empty));
                }
                Command {
                    argv: words.to_vec(),
                    line: None,
                    shell: None,
                }
            }
        };
        let max = platform.max_argument();
        match command.argv.iter().find(|word| word.len() > max) {
            Some(word) => Err(too_long(word.len(), max)),
            None => Ok(command),
        }
    }
}

/// A command on its way through the checks.
#[derive(Debug)]
struct Command<'a> {
    argv: Vec<String>,
    /// The line it came from, and where each word stands in it.
    line: Option<(&'a str, Vec<Range<usize>>)>,
    /// Set where a shell is to run the line.
    shell: Option<ShellLine>,
}

impl Command<'_> {
    fn raw(&self, index: usize) -> Option<&str> {
        self.line.as_ref().map(|(line, raw)| &line[raw[index].clone()])
    }
}

impl Inner {
    fn judge(&self, command: &mut Command<'_>) -> Result<Option<RuleRef>, Refusal> {
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
            return self.judge_shell_line(command, shell);
        }
        let words = Argv::new(&command.argv, self.platform);
        self.check_forbidden(&words)?;
        let rule = self.check_permitted(&words)?;
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

    /// A line for a shell: its simple commands are held to `deny` and `ask`, and `allow` must name the shell.
    fn judge_shell_line(
        &self,
        command: &mut Command<'_>,
        shell: ShellLine,
    ) -> Result<Option<RuleRef>, Refusal> {
        let argv = shell.argv(self.platform);
        for simple in shell.commands() {
            self.check_forbidden_simple(simple)?;
        }
        for spelling in shell::spellings(self.platform) {
            let mut words = argv.clone();
            words[0] = (*spelling).to_owned();
            self.check_forbidden(&Argv::new(&words, self.platform))?;
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
            self.allow
                .iter()
                .find(|(_, rule)| spells(&rule.pattern))
                .map(|(index, _)| index)
        });
        let Some(index) = named else {
            return Err(Refusal::new(
                Code::ShellNotAllowed,
                format!(
                    "Command not allowed: {} (the line needs a shell)",
                    shown(&argv[0])
                ),
            )
            .hint("write one plain command, or name the shell in commands.allow"));
        };
        self.check_count(command.argv.len() - 1)?;
        for (index, word) in shell.words().enumerate() {
            self.check_dots(Place::of(index), &word.text)?;
        }
        command.argv = argv;
        command.shell = Some(shell);
        Ok(Some(self.allow.reference(index)))
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
            )
            .hint(hint)),
            None => Ok(()),
        }
    }

    fn check_forbidden<S: AsRef<str>>(&self, words: &Argv<'_, S>) -> Result<(), Refusal> {
        if let Some(index) = self.deny.find(words) {
            return Err(denied(words.program, self.deny.reference(index)));
        }
        if let Some(index) = self.ask.find(words) {
            return Err(must_be_approved(words.program).rule(self.ask.reference(index)));
        }
        Ok(())
    }

    fn check_forbidden_simple(&self, simple: &shell::SimpleCommand) -> Result<(), Refusal> {
        let known = simple.known();
        if known.len() == simple.words.len() && !known.is_empty() {
            return self.check_forbidden(&Argv::new(known, self.platform));
        }
        let shown_name = simple.words.first().map_or("", |word| &word.text);
        for (rules, refuse) in [
            (&self.deny, denied as fn(&str, RuleRef) -> Refusal),
            (&self.ask, asked),
        ] {
            let words = (!known.is_empty()).then(|| Argv::new(known, self.platform));
            let could =
                |rule: &crate::rule::Rule| words.as_ref().is_none_or(|words| rule.pattern.could_match(words));
            if let Some((index, _)) = rules.iter().find(|(_, rule)| could(rule)) {
                let hint = "the words of this command are known to the shell only: write them out";
                return Err(refuse(shown_name, rules.reference(index)).hint(hint));
            }
        }
        Ok(())
    }

    fn check_permitted(&self, words: &Argv<'_, String>) -> Result<Option<RuleRef>, Refusal> {
        if let Some(index) = self.allow.find(words) {
            return Ok(Some(self.allow.reference(index)));
        }
        match self.fallback {
            Fallback::Allow => Ok(None),
            Fallback::Ask => Err(must_be_approved(words.program)),
            Fallback::Deny => {
                let message = format!("Command not allowed: {}", shown(words.program));
                Err(Refusal::new(Code::CommandNotAllowed, message).hint(self.allowed_hint()))
            }
        }
    }

    fn allowed_hint(&self) -> String {
        const SHOWN: usize = 20;
        let texts: Vec<String> = self
            .allow
            .iter()
            .take(SHOWN)
            .map(|(_, rule)| shown(&rule.text))
            .collect();
        let count = self.config.commands.allow.as_ref().map_or(0, Vec::len);
        match count {
            0 => "commands.allow permits nothing".to_owned(),
            _ if count > SHOWN => format!("Allowed: {} and {} more", texts.join(", "), count - SHOWN),
            _ => format!("Allowed: {}", texts.join(", ")),
        }
    }

    fn check_count(&self, count: usize) -> Result<(), Refusal> {
        let max = self.config.commands.max_args;
        if count > max as usize {
            let problem = format_args!("Too many arguments: {count} > max {max}");
            return Err(Refusal::argument(Code::TooManyArguments, problem));
        }
        Ok(())
    }

    fn check_characters(&self, command: &Command<'_>, index: usize) -> Result<(), Refusal> {
        let strict = self.config.commands.strict_args;
        let raw = if strict == StrictArgs::Unquoted {
            command.raw(index)
        } else {
            None
        };
        characters::check(strict, Place::of(index), &command.argv[index], raw)
    }

    fn check_dots(&self, place: Place, word: &str) -> Result<(), Refusal> {
        // A program is never reached through dots; arguments are, where the policy resolves them.
        if place != Place::Program && self.config.commands.dot_dot == DotDot::Resolve {
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
            )
            .hint("set commands.windowsVerbatimArguments to false")),
            None => Ok(()),
        }
    }
}

/// Refuses what cmd.exe would act on when it reads the arguments of a batch file anew.
pub(crate) fn check_batch(argv: &[String]) -> Result<(), Refusal> {
    match argv.iter().position(|word| program::batch_would_act_on(word)) {
        Some(index) => Err(characters::metacharacter(Place::of(index))
            .hint("cmd.exe reads the arguments of a batch file anew, and no quoting is safe there")),
        None => Ok(()),
    }
}

pub(crate) fn traversal(place: Place) -> Refusal {
    Refusal::argument(
        Code::PathTraversal,
        format_args!("Path traversal detected in {place}"),
    )
}

pub(crate) fn denied(program: &str, rule: RuleRef) -> Refusal {
    Refusal::new(
        Code::CommandDenied,
        format!("Command not allowed: {}", shown(program)),
    )
    .rule(rule)
}

pub(crate) fn asked(program: &str, rule: RuleRef) -> Refusal {
    must_be_approved(program).rule(rule)
}

fn must_be_approved(program: &str) -> Refusal {
    Refusal::new(
        Code::ApprovalRequired,
        format!("Command not allowed: {} (it must be approved)", shown(program)),
    )
}

fn malformed(problem: Malformed) -> Refusal {
    let code = if problem == Malformed::Empty {
        Code::EmptyCommand
    } else {
        Code::MalformedCommand
    };
    let refusal = Refusal::new(code, problem.to_string());
    match problem.hint() {
        Some(hint) => refusal.hint(hint),
        None => refusal,
    }
}

impl Policy {
    /// Whether any place that arguments may name is granted for writing, for whoever builds a sandbox.
    pub fn writable_paths(&self) -> impl Iterator<Item = &str> {
        let writable = |grant: &&crate::config::PathGrant| grant.access == Access::Write;
        self.inner
            .config
            .paths
            .iter()
            .filter(writable)
            .map(|grant| grant.path.as_str())
    }
}

/// SHA-256 of a configuration as JSON with sorted keys and without spaces.
fn hash(config: &Config, unrestricted: bool) -> String {
    let mut value = serde_json::to_value(config).expect("a configuration is JSON");
    value.sort_all_objects();
    let mut digest = Sha256::new();
    digest.update(value.to_string().as_bytes());
    if unrestricted {
        digest.update(b"unrestricted");
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

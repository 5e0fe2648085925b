//! Hints about a policy that is legal and probably wrong.

mod places;
mod rules;
mod words;

use crate::arguments::characters::{self, Place};
use crate::arguments::parts;
use crate::command_line::{self, CommandLine};
use crate::config::{DotDot, Fallback, StrictArgs};
use crate::host::Host;
use crate::path;
use crate::pattern::Program;
use crate::platform::Platform;
use crate::policy::{Inner, Policy};
use crate::profile;
use crate::program::Skipped;
use crate::rule::Rule;
use crate::verdict::shown;
use serde::Serialize;

/// Programs that run what they are given, or start others: `kind name`, one a line.
const PROGRAMS: &str = include_str!("lint/programs.txt");

/// A hint about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Lint {
    /// What kind of hint, stable: `INTERPRETER_WILDCARD`, `ALLOW_ALL`, ...
    pub code: &'static str,
    /// What is odd, and what to do instead.
    pub message: String,
    /// Where: `commands.allow[2]`.
    pub key: String,
}

impl Lint {
    /// Every code that there is. More may come; none is renamed or gets another meaning.
    pub const CODES: &'static [&'static str] = &[
        "ALLOW_ALL",
        "SHELL_ALLOWED",
        "INTERPRETER_WILDCARD",
        "WRAPPER_ALLOWED",
        "UNREACHABLE_PATTERN",
        "SHADOWED_RULE",
        "DENY_BY_WORDS",
        "UNKNOWN_OPTION",
        "REGEX_IN_PATTERN",
        "SHELL_SYNTAX_IN_PATTERN",
        "SHELL_BUILTIN",
        "GLOBSTAR_IN_WORD",
        "SEARCH_PATH_SKIPPED",
        "WORKSPACE_ANYWHERE",
        "WORKSPACE_TOO_WIDE",
        "WORKSPACE_WORLD_WRITABLE",
        "PATH_ANYWHERE",
        "POLICY_WRITABLE",
        "ENV_ALLOW_ALL",
        "GUARDED_VARIABLE",
        "SECRET_IN_ENV",
    ];
}

impl Policy {
    /// Hints about what is legal and probably wrong: a permitted shell or interpreter, everything permitted, patterns
    /// that can never match or are no patterns, rules that others shadow, prohibitions that do not hold, places and
    /// variables that give away more than they seem to. Each has a stable code; the guide's chapter on lints has all.
    pub fn lint(&self, host: &dyn Host) -> Vec<Lint> {
        let mut lints = Lints::default();
        let policy = &*self.inner;
        lints.everything(policy);
        lints.allowed(policy);
        lints.unreachable(policy);
        lints.refused_words(policy);
        lints.search_path(policy, host);
        lints.workspaces(policy);
        lints.never_asked(policy);
        lints.shadowed(policy);
        lints.by_words(policy);
        lints.unknown_options(policy);
        lints.languages(policy);
        lints.programs(policy, host);
        lints.places(policy, host);
        lints.environment(policy);
        lints.found
    }
}

#[derive(Default)]
struct Lints {
    found: Vec<Lint>,
}

impl Lints {
    fn add(&mut self, code: &'static str, key: impl Into<String>, message: impl Into<String>) {
        debug_assert!(Lint::CODES.contains(&code), "{code} is not listed");
        self.found.push(Lint { code, message: message.into(), key: key.into() });
    }

    fn everything(&mut self, policy: &Inner) {
        if policy.fallback == Fallback::Allow {
            let key = if policy.allow.is_empty() { "commands.allow" } else { "commands.default" };
            self.add(
                "ALLOW_ALL",
                key,
                "every program that nothing denies may run: list what is needed instead",
            );
        }
        for (index, rule) in policy.allow.iter() {
            if matches!(rule.pattern.program(), Program::AnyBare) && rule.pattern.is_bare_wildcard() {
                let message = "* permits every program of the search path: list what is needed instead";
                self.add("ALLOW_ALL", policy.allow.place(index), message);
            }
        }
    }

    fn allowed(&mut self, policy: &Inner) {
        for (index, rule) in policy.allow.iter() {
            let name = match rule.pattern.program() {
                Program::Bare(name) => &**name,
                Program::Path(typed) => path::file_name(policy.platform, typed),
                _ => continue,
            };
            let text = &rule.text;
            // The profile judges these by their options, and by what they run; only a shell to talk to is left open.
            let by_table = policy.config.profile.is_some() && profile::tables().find(name).is_some();
            if by_table && !(rule.is_one_word() && kind_of(name) == Some("shell")) {
                continue;
            }
            let told = match kind_of(name) {
                Some("shell") if leaves_script_open(rule, policy.platform) => {
                    let why = "and a shell runs anything: write out the script";
                    Some(("SHELL_ALLOWED", format!("{text:?} leaves open what {name} runs, {why}")))
                }
                Some("interpreter") if !policy.confined && leaves_script_open(rule, policy.platform) => {
                    let why = "write that out, a script for example";
                    Some(("INTERPRETER_WILDCARD", format!("{text:?} leaves open what {name} runs: {why}")))
                }
                Some("wrapper") if leaves_words_open(rule) => {
                    let why = "and it can start programs that no rule looks at: write it out";
                    Some(("WRAPPER_ALLOWED", format!("{text:?} leaves open what {name} is given, {why}")))
                }
                _ => None,
            };
            if let Some((code, message)) = told {
                self.add(code, policy.allow.place(index), message);
            }
        }
    }

    fn unreachable(&mut self, policy: &Inner) {
        for rules in [&policy.allow, &policy.deny, &policy.ask] {
            for (index, rule) in rules.iter() {
                if let Some(why) = never_matches(policy, rule) {
                    self.add(
                        "UNREACHABLE_PATTERN",
                        rules.place(index),
                        format!("{:?} never matches: {why}", rule.text),
                    );
                }
            }
        }
        for (index, rule) in policy.allow.iter() {
            let covers = |denied: &&Rule| {
                let words = words(rule);
                let literal: Vec<&String> = words.iter().take_while(|word| !is_wildcard(word)).collect();
                !literal.is_empty()
                    && denied.matches(&crate::pattern::Argv::new(&literal, policy.platform), None)
            };
            if let Some((denied, _)) = policy.deny.iter().find(|(_, denied)| covers(denied)) {
                let message =
                    format!("all that {:?} permits is denied by {}", rule.text, policy.deny.place(denied));
                self.add("UNREACHABLE_PATTERN", policy.allow.place(index), message);
            }
        }
    }

    /// Words of `allow` that another check refuses in every command.
    fn refused_words(&mut self, policy: &Inner) {
        for (index, rule) in policy.allow.iter().filter(|(_, rule)| rule.flags().is_none()) {
            let words = words(rule);
            let mut written = words.iter().enumerate().filter(|(_, word)| !is_wildcard(word));
            let refused = written.find_map(|(at, word)| {
                let place = Place::of(at);
                let strict = policy.strict_args == StrictArgs::Every;
                let characters = strict && characters::check(StrictArgs::Every, place, word, None).is_err();
                let dots = policy.dot_dot == DotDot::Refuse && parts::has_dot_segment(policy.platform, word);
                let by = if characters { "commands.strictArgs" } else { "commands.dotDot" };
                (characters || dots).then_some((word, by))
            });
            if let Some((word, by)) = refused {
                let message = format!("{by} refuses every command with the word \"{}\"", shown(word));
                self.add("UNREACHABLE_PATTERN", policy.allow.place(index), message);
            }
        }
    }

    fn search_path(&mut self, policy: &Inner, host: &dyn Host) {
        let granted = policy.places.resolve(host);
        for (index, element) in policy.search_path.elements() {
            let why = match policy.search_path.skipped(host, &granted, element) {
                None => continue,
                Some(Skipped::Empty) => "it is empty, which would mean the current directory",
                Some(Skipped::Relative) => "it is relative",
                Some(Skipped::WorldWritable) => "anybody can write it",
                Some(Skipped::Writable) => {
                    "it lies inside a workspace or a place granted for writing, so that a child can write it"
                }
            };
            let message = format!("{element:?} is skipped: {why}");
            self.add("SEARCH_PATH_SKIPPED", format!("commands.searchPath[{index}]"), message);
        }
    }

    fn workspaces(&mut self, policy: &Inner) {
        if policy.places.anywhere
            && let Some(index) = policy.places.workspaces.iter().position(|place| place == "/")
        {
            let message = "/ is anywhere: no directory and no argument is held to a place";
            self.add("WORKSPACE_ANYWHERE", format!("workspaces[{index}]"), message);
        }
    }
}

/// Why no command that parses can match.
fn never_matches(policy: &Inner, rule: &Rule) -> Option<&'static str> {
    if rule.pattern.least_arguments() > policy.max_args as usize {
        return Some("it has more words than commands.maxArgs lets through");
    }
    let program = match rule.pattern.program() {
        Program::Nothing => return Some("it is empty"),
        Program::Bare(name) => name,
        Program::Path(typed) => typed,
        _ => return None,
    };
    if command_line::program_problem(policy.platform, program, true).is_some() {
        return Some("no program can have this name");
    }
    // `deny` sees a program before anything else does, `allow` must let it through afterwards.
    None
}

/// Whether the caller chooses what a shell or an interpreter runs: its first operand is free, or a wildcard that is not
/// held to one folder.
fn leaves_script_open(rule: &Rule, platform: Platform) -> bool {
    let is_option = |word: &str| {
        let slash = platform.is_windows() && word.strip_prefix('/').is_some_and(|name| !name.contains('/'));
        word.starts_with('-') || slash
    };
    match words(rule).iter().skip(1).find(|word| !is_option(word)) {
        None => rule.pattern.is_open(),
        // Code is no path, even if it names one.
        Some(script) => is_wildcard(script) && (script.contains(' ') || !path::is_spelled(platform, script)),
    }
}

/// Whether the caller chooses any word behind the program.
fn leaves_words_open(rule: &Rule) -> bool {
    rule.pattern.is_open() || words(rule).iter().any(|word| is_wildcard(word))
}

fn words(rule: &Rule) -> Vec<String> {
    CommandLine::split(&rule.text).map(CommandLine::into_words).unwrap_or_default()
}

fn is_wildcard(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

fn kind_of(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    // python3.12 is a python.
    let family = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let lines = || PROGRAMS.lines().filter_map(|line| line.split_once(' '));
    let find = |wanted: &str| lines().find(|(_, own)| *own == wanted).map(|(kind, _)| kind);
    find(&name).or_else(|| find(family))
}

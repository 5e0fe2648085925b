//! What rules and patterns say of options and operands, compared with what a program was given.

use crate::command_line::CommandLine;
use crate::config;
use crate::options::{Found, Kind, Node, OptionSpec, Parsed, Part, Tool, generic, interpret};
use crate::path;
use crate::pattern::glob::{self, Glob, Reach};
use crate::pattern::{Effect, Pattern, Program};
use crate::platform::Platform;
use crate::profile::{self, Judged, Named, NamedPlace, Pin, PinnedFile};

/// The options, the subcommand and the operands that a pattern names: `rm -rf *` is `rm` with `-r` and `-f`.
#[derive(Debug, Clone)]
pub(crate) struct FlagSet {
    pub(crate) tool: &'static Tool,
    subcommands: Vec<String>,
    options: Vec<Wanted>,
    operands: Vec<Glob>,
}

#[derive(Debug, Clone)]
enum Wanted {
    Known {
        spec: &'static OptionSpec,
        negated: bool,
        values: Vec<Glob>,
    },
    /// A name with wildcards, or one that the table does not have.
    Spelled(Glob),
}

impl FlagSet {
    /// `None`: the program has no table, or the pattern says no more than its words.
    pub(crate) fn new(text: &str, pattern: &Pattern) -> Option<FlagSet> {
        let name = match pattern.program() {
            Program::Bare(name) => name,
            Program::Path(typed) => path::file_name(Platform::Linux, typed),
            _ => return None,
        };
        let tool = profile::tables().find(name)?;
        let mut words = CommandLine::split(text).ok()?.into_words();
        while words.len() > 1 && matches!(words[words.len() - 1].as_str(), "*" | "**") {
            words.pop();
        }
        if words.len() < 2 || words.iter().any(|word| word == "**") {
            return None;
        }
        let parsed = interpret(&tool.root, &words);
        let wide = |text: &str| Glob::new(text, Reach::Wide, false).ok();
        let wanted = |found: &Found<'static, '_>| {
            Some(match found.spec {
                Some(spec) => Wanted::Known {
                    spec,
                    negated: found.negated,
                    values: found.values.iter().map(|value| wide(value.text)).collect::<Option<_>>()?,
                },
                None if found.text.starts_with('-') => Wanted::Spelled(wide(found.text)?),
                None => Wanted::Spelled(wide(&format!("-{}", found.text))?),
            })
        };
        let commands =
            parsed.commands.iter().flat_map(|range| words[range.clone()].iter().map(String::as_str));
        let unknown = parsed.unknown_subcommand.map(|at| words[at].as_str());
        let operands = unknown.into_iter().chain(parsed.operands.iter().map(|operand| operand.text));
        Some(FlagSet {
            tool,
            subcommands: parsed.subcommands.iter().map(|at| words[*at].clone()).collect(),
            options: parsed.options.iter().map(wanted).collect::<Option<_>>()?,
            operands: operands.chain(commands).map(wide).collect::<Option<_>>()?,
        })
    }

    /// Whether all of it is there, whatever else is.
    pub(crate) fn matches(&self, parsed: &Parsed<'static, '_>) -> bool {
        let nodes = parsed.chain.get(1..).unwrap_or_default();
        let same_subcommand = self.subcommands.len() <= nodes.len()
            && self.subcommands.iter().zip(nodes).all(|(name, node)| node.names.contains(&name.as_str()));
        // A command within a command is judged by itself.
        same_subcommand
            && self.options.iter().all(|wanted| parsed.options.iter().any(|found| wanted.is(found)))
            && self.operands.len() <= parsed.operands.len()
            && self.operands.iter().zip(&parsed.operands).all(|(glob, operand)| glob.matches(operand.text))
    }
}

impl Wanted {
    fn is(&self, found: &Found<'static, '_>) -> bool {
        match (self, found.spec) {
            (Wanted::Known { spec, negated, values }, Some(own)) => {
                std::ptr::eq(*spec, own)
                    && *negated == found.negated
                    && values.len() <= found.values.len()
                    && values.iter().zip(&found.values).all(|(glob, value)| glob.matches(value.text))
            }
            (Wanted::Spelled(glob), Some(own)) => {
                glob.matches(found.text) || own.names.iter().any(|name| glob.matches(name))
            }
            (Wanted::Spelled(glob), None) => {
                glob.matches(found.text) || glob.matches(&format!("-{}", found.text))
            }
            (Wanted::Known { .. }, None) => false,
        }
    }
}

/// A rule about options and operands, compiled.
#[derive(Debug, Clone)]
pub(crate) struct FlagRule {
    effect: Effect,
    subcommand: Vec<String>,
    allow: Option<Vec<String>>,
    deny: Vec<String>,
    args: Option<Vec<Arg>>,
    pub(crate) inject: Vec<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Clone)]
enum Arg {
    Kind { kind: Kind, repeats: bool },
    Word(Glob),
}

impl FlagRule {
    /// Compiles what [`validate`](config::Rule::validate) has seen.
    ///
    /// # Errors
    /// The key within the rule, and what is wrong.
    pub(crate) fn new(
        rule: &config::Rule,
        effect: Effect,
        platform: Platform,
    ) -> Result<FlagRule, (String, String)> {
        let reach = if effect == Effect::Permit { Reach::Narrow } else { Reach::Wide };
        let arg = |(index, text): (usize, &String)| {
            let (name, repeats) =
                text.strip_suffix("...").map_or((text.as_str(), false), |name| (name, true));
            match Kind::named(name) {
                Some(kind) => Ok(Arg::Kind { kind, repeats }),
                None => Glob::new(text, reach, effect == Effect::Forbid && glob::folds(platform))
                    .map(Arg::Word)
                    .map_err(|problem| (format!("args[{index}]"), problem)),
            }
        };
        let args = rule.args.as_ref().map(|args| args.iter().enumerate().map(arg).collect());
        Ok(FlagRule {
            effect,
            subcommand: rule
                .subcommand
                .iter()
                .flat_map(|words| words.split(' '))
                .map(str::to_owned)
                .collect(),
            allow: rule.flags.allow.clone(),
            deny: rule.flags.deny.clone(),
            args: args.transpose()?,
            inject: rule.flags.inject.clone(),
            sha256: rule.sha256.clone(),
            reason: rule.reason.clone(),
        })
    }

    /// Whether the words are among those that it permits, or forbids.
    pub(crate) fn matches<S: AsRef<str>>(&self, words: &[S], parsed: Option<&Parsed<'static, '_>>) -> bool {
        match parsed {
            Some(parsed) => self.matches_parsed(words, parsed, true),
            None => self.matches_parsed(words, &interpret(generic(), words), false),
        }
    }

    fn matches_parsed<S: AsRef<str>>(
        &self,
        words: &[S],
        parsed: &Parsed<'static, '_>,
        by_table: bool,
    ) -> bool {
        let word = |found: &Found<'_, '_>| words[found.word].as_ref().to_owned();
        let denied = |flag: &String| parsed.options.iter().any(|found| may_be(found, flag, &word(found)));
        let outside =
            |found: &Found<'_, '_>| !self.allow.iter().flatten().any(|flag| is(found, flag, &word(found)));
        let Some(operands) = self.operands(parsed, by_table) else { return false };
        match self.effect {
            Effect::Permit => {
                !self.deny.iter().any(denied)
                    && (self.allow.is_none() || !parsed.options.iter().any(outside))
                    && self.args.as_ref().is_none_or(|args| fit(args, &operands))
            }
            Effect::Forbid => {
                let speaks_of_flags = self.speaks_of_flags();
                let hit = self.deny.iter().any(denied)
                    || (self.allow.is_some() && parsed.options.iter().any(outside));
                (!speaks_of_flags || hit) && self.args.as_ref().is_none_or(|args| start(args, &operands))
            }
        }
    }

    /// The first option that it denies, with `true`, or that is none of those that it allows.
    pub(super) fn first_hit<S: AsRef<str>>(
        &self,
        words: &[S],
        parsed: Option<&Parsed<'static, '_>>,
    ) -> Option<(String, bool)> {
        let guessed = parsed.is_none().then(|| interpret(generic(), words));
        let parsed = parsed.or(guessed.as_ref())?;
        let word = |found: &Found<'_, '_>| words[found.word].as_ref().to_owned();
        let denied = parsed.options.iter().find_map(|found| {
            self.deny.iter().find(|flag| may_be(found, flag, &word(found))).map(|flag| (flag.clone(), true))
        });
        let outside = |found: &&Found<'_, '_>| {
            self.allow.is_some() && !self.allow.iter().flatten().any(|flag| is(found, flag, &word(found)))
        };
        denied.or_else(|| parsed.options.iter().find(outside).map(|found| (word(found), false)))
    }

    /// Whether the words are of its subcommand.
    pub(super) fn is_about<S: AsRef<str>>(&self, words: &[S], parsed: Option<&Parsed<'static, '_>>) -> bool {
        match parsed {
            Some(parsed) => self.operands(parsed, true).is_some(),
            None => self.operands(&interpret(generic(), words), false).is_some(),
        }
    }

    pub(super) fn permits(&self) -> bool {
        self.effect == Effect::Permit
    }

    pub(super) fn speaks_of_flags(&self) -> bool {
        self.allow.is_some() || !self.deny.is_empty()
    }

    /// The operands behind the subcommand; `None`: it is another one.
    fn operands<'p>(&self, parsed: &Parsed<'static, 'p>, by_table: bool) -> Option<Vec<Part<'p>>> {
        let wanted = &self.subcommand;
        if wanted.is_empty() {
            return Some(parsed.operands.clone());
        }
        let nodes = parsed.chain.get(1..).unwrap_or_default();
        if by_table && !nodes.is_empty() {
            let same = |(name, node): (&String, &&Node)| node.names.contains(&name.as_str());
            let all = wanted.len() <= nodes.len() && wanted.iter().zip(nodes).all(same);
            return all.then(|| parsed.operands.clone());
        }
        let operands = &parsed.operands;
        let is_at = |at: usize| {
            operands[at..]
                .iter()
                .map(|operand| operand.text)
                .take(wanted.len())
                .eq(wanted.iter().map(String::as_str))
        };
        let at = match self.effect {
            // Nothing is known of the options before it: it must come first.
            Effect::Permit => (operands.first()?.word == 1 && is_at(0)).then_some(0)?,
            Effect::Forbid => (0..operands.len()).find(|at| is_at(*at))?,
        };
        Some(operands[at + wanted.len()..].to_vec())
    }

    /// Puts down what it adds to a command that it permits, which stands at `at` in argv. Gives the words that it tells
    /// what they are.
    pub(crate) fn apply<S: AsRef<str>>(
        &self,
        words: &[S],
        parsed: Option<&Parsed<'static, '_>>,
        at: usize,
        judged: &mut Judged,
    ) -> Vec<usize> {
        let by_table = parsed.is_some();
        let guessed = parsed.is_none().then(|| interpret(generic(), words));
        let Some(parsed) = parsed.or(guessed.as_ref()) else { return Vec::new() };
        let subcommand = parsed.subcommands.last().copied().unwrap_or(self.subcommand.len());
        let before = at + subcommand + 1;
        judged.inject.extend(self.inject.iter().map(|word| (before, word.clone())));
        if let Some(hash) = &self.sha256 {
            let script = parsed.operands.iter().find(|operand| operand.kind == Kind::ScriptFile);
            let file = script.map_or(PinnedFile::Program(at), |script| PinnedFile::Script(at + script.word));
            judged.pins.push(Pin { file, hash: hash.clone() });
        }
        let mut told = Vec::new();
        for (index, operand) in self.operands(parsed, by_table).unwrap_or_default().iter().enumerate() {
            let how = match self.kind(index) {
                None | Some(Kind::Guess) => continue,
                Some(Kind::Read) => Named::Read,
                Some(Kind::Write) => Named::Write,
                Some(_) => {
                    told.push(operand.word);
                    continue;
                }
            };
            told.push(operand.word);
            let (word, text) = (at + operand.word, operand.text.to_owned());
            judged.places.push(NamedPlace { word, text, how, from: Vec::new() });
        }
        told
    }

    /// Whether it is about these subcommands.
    pub(crate) fn subcommand_is(&self, nodes: &[&Node]) -> bool {
        let same = |(name, node): (&String, &&Node)| node.names.contains(&name.as_str());
        nodes.len() == self.subcommand.len() && self.subcommand.iter().zip(nodes).all(same)
    }

    /// Whether it says which options or operands there may be.
    pub(crate) fn is_specific(&self) -> bool {
        self.allow.is_some() || self.args.is_some()
    }

    /// Whether it names this option among those that may be used.
    pub(crate) fn lifts(&self, found: &Found<'_, '_>) -> bool {
        self.allow.iter().flatten().any(|flag| is(found, flag, found.text))
    }

    /// What it says that the operand at this place is.
    pub(crate) fn kind(&self, index: usize) -> Option<Kind> {
        let args = self.args.as_ref()?;
        match args.get(index).or(args.last()) {
            Some(Arg::Kind { kind, .. }) => Some(*kind),
            Some(Arg::Word(_)) => Some(Kind::Guess),
            None => None,
        }
    }
}

/// Whether the option is surely this one.
fn is(found: &Found<'_, '_>, flag: &str, word: &str) -> bool {
    let single = |text: &str| flag.strip_prefix('-').is_some_and(|letter| letter == text);
    match found.spec {
        // A table writes `-L*` for what takes its value in the same word.
        Some(spec) => {
            !found.negated && spec.names.iter().any(|name| name.strip_suffix('*').unwrap_or(name) == flag)
        }
        None => found.text == flag || (!found.text.starts_with('-') && single(found.text)) || word == flag,
    }
}

/// Whether the option could be this one, for a program whose options nobody described.
fn may_be(found: &Found<'_, '_>, flag: &str, word: &str) -> bool {
    if is(found, flag, word) {
        return true;
    }
    let glued = || word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=') || flag.len() == 2);
    let abbreviated = || found.text.len() > 2 && found.text.starts_with("--") && flag.starts_with(found.text);
    found.spec.is_none() && (glued() || abbreviated())
}

fn fit(args: &[Arg], operands: &[Part<'_>]) -> bool {
    let repeats = matches!(args.last(), Some(Arg::Kind { repeats: true, .. }));
    let fixed = if repeats { args.len() - 1 } else { args.len() };
    operands.len() >= fixed && (repeats || operands.len() == fixed) && start(&args[..fixed], operands)
}

fn start(args: &[Arg], operands: &[Part<'_>]) -> bool {
    let fixed = args.iter().filter(|arg| !matches!(arg, Arg::Kind { repeats: true, .. })).count();
    operands.len() >= fixed
        && args.iter().zip(operands).all(|(arg, operand)| match arg {
            Arg::Kind { .. } => true,
            Arg::Word(glob) => glob.matches(operand.text),
        })
}

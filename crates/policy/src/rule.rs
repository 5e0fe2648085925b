//! Lists of patterns and rules with the place where each stands.

mod flags;
mod why;

use crate::config::{ConfigError, Entry};
use crate::options::{Node, Parsed, Tool, interpret};
use crate::pattern::{Argv, Effect, Pattern, Program};
use crate::platform::Platform;
use crate::profile;
use crate::verdict::RuleRef;
pub(crate) use flags::{FlagRule, FlagSet};

/// One list of a configuration, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    key: &'static str,
    rules: Box<[Rule]>,
}

/// One entry of a list.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) text: Box<str>,
    /// Of a rule about options: its program with any words.
    pub(crate) pattern: Pattern,
    /// In what forbids: the table whose names all mean this program.
    same: Option<&'static Tool>,
    /// What a pattern that forbids means by its options, under a profile.
    set: Option<FlagSet>,
    /// What a rule says of options and operands.
    flags: Option<FlagRule>,
}

/// A command's words as its program understands them.
#[derive(Debug)]
pub(crate) struct Understood<'a> {
    pub(crate) tool: &'static Tool,
    pub(crate) parsed: Parsed<'static, 'a>,
}

impl<'a> Understood<'a> {
    /// Reads words by the table of their program, if there is one.
    pub(crate) fn new<S: AsRef<str>>(argv: &Argv<'a, S>) -> Option<Understood<'a>> {
        let tool = profile::tables().find(&argv.wide_name)?;
        Some(Understood { tool, parsed: interpret(&tool.root, argv.words) })
    }
}

impl Rules {
    /// Compiles `entries`, which stand at `key`. `options`: the options of what forbids mean a set.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the entry.
    pub(crate) fn new(
        key: &'static str,
        entries: &[Entry],
        effect: Effect,
        platform: Platform,
        options: bool,
    ) -> Result<Rules, ConfigError> {
        let compile = |(i, entry): (usize, &Entry)| {
            let place = format!("{key}[{i}]");
            let text = entry.to_string().into_boxed_str();
            let pattern = |text: &str| {
                Pattern::new(text, effect, platform)
                    .map_err(|problem| ConfigError::pattern(place.clone(), problem))
            };
            Ok(match entry {
                Entry::Pattern(written) => {
                    let pattern = pattern(written)?;
                    let means_set = options && effect == Effect::Forbid;
                    let set = means_set.then(|| FlagSet::new(written, &pattern)).flatten();
                    let same = means_set.then(|| same_program(&pattern)).flatten();
                    Rule { text, pattern, same, set, flags: None }
                }
                Entry::Rule(rule) => {
                    rule.validate(&place, effect == Effect::Permit)?;
                    let flags = FlagRule::new(rule, effect, platform)
                        .map_err(|(own, problem)| ConfigError::new(format!("{place}.{own}"), problem))?;
                    let pattern = pattern(&rule.program)?;
                    let same = same_program(&pattern).filter(|_| effect == Effect::Forbid);
                    Rule { text, pattern, same, set: None, flags: Some(flags) }
                }
            })
        };
        let rules = entries.iter().enumerate().map(compile).collect::<Result<_, ConfigError>>()?;
        Ok(Rules { key, rules })
    }

    /// A list without entries.
    pub(crate) fn none() -> Rules {
        Rules { key: "", rules: Box::default() }
    }

    /// The same list, in which the entries at these places match nothing.
    pub(crate) fn without(&self, places: &[String]) -> Rules {
        self.kept(|place| !places.contains(place))
    }

    /// The same list, in which only the entries at these places match anything.
    pub(crate) fn only(&self, places: &[String]) -> Rules {
        self.kept(|place| places.contains(place))
    }

    fn kept(&self, keeps: impl Fn(&String) -> bool) -> Rules {
        let keep = |(index, rule): (usize, &Rule)| match keeps(&self.place(index)) {
            true => rule.clone(),
            false => Rule {
                text: rule.text.clone(),
                pattern: rule.pattern.emptied(),
                same: None,
                set: None,
                flags: None,
            },
        };
        Rules { key: self.key, rules: self.rules.iter().enumerate().map(keep).collect() }
    }

    /// The first rule that matches a program which is typed by its bare name, or as the rule writes it: what forbids is
    /// read broadly, and a file of that name elsewhere is none that somebody approved.
    pub(crate) fn find_as_typed<S: AsRef<str>>(
        &self,
        argv: &Argv<'_, S>,
        read: Option<&Understood<'_>>,
    ) -> Option<usize> {
        self.rules.iter().position(|rule| rule.is_typed(argv) && rule.matches(argv, read))
    }

    /// The first rule that matches.
    pub(crate) fn find<S: AsRef<str>>(
        &self,
        argv: &Argv<'_, S>,
        read: Option<&Understood<'_>>,
    ) -> Option<usize> {
        self.rules.iter().position(|rule| rule.matches(argv, read))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Rule)> {
        self.rules.iter().enumerate()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether an entry has to know what words mean.
    pub(crate) fn speak_of_options(&self) -> bool {
        self.rules.iter().any(|rule| rule.flags.is_some())
    }

    /// Whether a rule's first word writes out exactly this program.
    pub(crate) fn spell(&self, program: &str) -> bool {
        self.rules.iter().any(|rule| rule.pattern.spells(program))
    }

    pub(crate) fn reference(&self, index: usize) -> RuleRef {
        RuleRef { text: self.rules[index].text.to_string(), key: self.place(index) }
    }

    pub(crate) fn rule(&self, index: usize) -> &Rule {
        &self.rules[index]
    }

    /// Where a rule stands.
    pub(crate) fn place(&self, index: usize) -> String {
        format!("{}[{index}]", self.key)
    }
}

impl Rule {
    /// Whether it is about this command.
    pub(crate) fn matches<S: AsRef<str>>(&self, argv: &Argv<'_, S>, read: Option<&Understood<'_>>) -> bool {
        let is_alias = || read.zip(self.same).is_some_and(|(read, own)| std::ptr::eq(read.tool, own));
        if !self.pattern.matches_program(argv) && !is_alias() {
            return false;
        }
        match &self.flags {
            Some(flags) => flags.matches(argv.words, read.map(|read| &read.parsed)),
            None => {
                let means = |set: &FlagSet| read.is_some_and(|read| set.matches(&read.parsed));
                self.pattern.matches_arguments(argv.words) || self.set.as_ref().is_some_and(means)
            }
        }
    }

    /// Whether it is about these words behind its program, which stands there under another name.
    pub(crate) fn matches_arguments<S: AsRef<str>>(&self, words: &[S]) -> bool {
        match (&self.flags, &self.set) {
            (Some(flags), _) => flags.matches(words, None),
            (None, Some(set)) if set.matches(&interpret(&set.tool.root, words)) => true,
            _ => self.pattern.matches_arguments(words),
        }
    }

    /// Whether the program is typed by its bare name, or as this writes it.
    pub(crate) fn is_typed<S>(&self, argv: &Argv<'_, S>) -> bool {
        !argv.spelled || self.pattern.spells(argv.program)
    }

    /// Whether it is a pattern of one word, which is not `NAME *`.
    pub(crate) fn is_one_word(&self) -> bool {
        self.flags.is_none() && self.pattern.written() == 0 && !self.text.trim().contains([' ', '\t'])
    }

    /// Whether it is a rule about exactly these subcommands, or one they stand within.
    pub(crate) fn subcommand_is(&self, nodes: &[&Node]) -> bool {
        self.flags.as_ref().is_some_and(|flags| flags.subcommand_is(nodes))
    }

    /// What it says of options and operands.
    pub(crate) fn flags(&self) -> Option<&FlagRule> {
        self.flags.as_ref()
    }
}

/// The table whose names all mean the program that a pattern names.
fn same_program(pattern: &Pattern) -> Option<&'static Tool> {
    match pattern.program() {
        Program::Bare(name) => profile::tables().find(name).filter(|tool| tool.same),
        _ => None,
    }
}

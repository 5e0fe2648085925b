//! Entries that others make useless, and prohibitions that do not hold.

use super::{Lints, is_wildcard, words};
use crate::config::{Entry, Fallback, nearest};
use crate::options::{Node, Tool};
use crate::path;
use crate::pattern::{Argv, Program};
use crate::policy::Inner;
use crate::profile;
use crate::rule::{Rule, Rules};
use crate::verdict::shown;

impl Lints {
    /// Entries whose commands all match another entry of the same list.
    pub(super) fn shadowed(&mut self, policy: &Inner) {
        for rules in [&policy.allow, &policy.deny, &policy.ask] {
            for (index, rule) in rules.iter() {
                // Under the profile a longer pattern permits more than a shorter one: it writes words out.
                let only_equal = std::ptr::eq(rules, &policy.allow) && policy.config.profile.is_some();
                let covers = |(other, wide): &(usize, &Rule)| {
                    let same = wide.text == rule.text;
                    *other != index
                        && if same { *other < index } else { !only_equal && covers(policy, wide, rule) }
                };
                if let Some((other, wide)) = rules.iter().find(covers) {
                    let message = format!(
                        "\"{}\" matches all that this does, in {}: leave one of them out",
                        shown(&wide.text),
                        rules.place(other)
                    );
                    self.add("SHADOWED_RULE", rules.place(index), message);
                }
            }
        }
    }

    /// Entries of `ask` whose commands are all denied.
    pub(super) fn never_asked(&mut self, policy: &Inner) {
        for (index, rule) in policy.ask.iter() {
            if let Some((denied, _)) = policy.deny.iter().find(|(_, denied)| covers(policy, denied, rule)) {
                let message =
                    format!("nobody is asked: all of it is denied by {}", policy.deny.place(denied));
                self.add("UNREACHABLE_PATTERN", policy.ask.place(index), message);
            }
        }
    }

    /// Without the profile a pattern forbids words in their order, and a program takes them in any.
    pub(super) fn by_words(&mut self, policy: &Inner) {
        if policy.config.profile.is_some() {
            return;
        }
        let commands = &policy.config.commands;
        for (rules, entries) in [(&policy.deny, &commands.deny), (&policy.ask, &commands.ask)] {
            for ((index, rule), entry) in rules.iter().zip(entries) {
                let (Entry::Pattern(_), Program::Bare(name)) = (entry, rule.pattern.program()) else {
                    continue;
                };
                let words = words(rule);
                let speaks = words.iter().skip(1).any(|word| {
                    word.starts_with('-') && word.len() > 1 || profile::tables().find(name).is_some()
                });
                let runs = words.iter().any(|word| word == "**");
                if words.iter().skip(1).any(|word| !is_wildcard(word))
                    && speaks
                    && !runs
                    && is_broadly_allowed(policy, name)
                {
                    let message = format!(
                        "it holds for these words in this order alone, and {name} takes options in other spellings and \
                         places: write a rule ({{ program, subcommand, flags }}), or set profile 'agent'"
                    );
                    self.add("DENY_BY_WORDS", rules.place(index), message);
                }
            }
        }
    }

    /// Rules about options and subcommands that a program does not have.
    pub(super) fn unknown_options(&mut self, policy: &Inner) {
        let commands = &policy.config.commands;
        let allow = commands.allow.as_deref().unwrap_or_default();
        let lists: [(&Rules, &[Entry]); 3] =
            [(&policy.allow, allow), (&policy.deny, &commands.deny), (&policy.ask, &commands.ask)];
        for (rules, entries) in lists {
            for (index, entry) in entries.iter().enumerate() {
                let Entry::Rule(rule) = entry else { continue };
                let name = path::file_name(policy.platform, &rule.program);
                let Some(tool) = profile::tables().find(name) else { continue };
                let chain = match chain(tool, rule.subcommand.as_deref()) {
                    Ok(chain) => chain,
                    Err(word) => {
                        let message =
                            format!("{name} has no subcommand {} that the tables know", shown(word));
                        self.add("UNKNOWN_OPTION", format!("{}.subcommand", rules.place(index)), message);
                        continue;
                    }
                };
                let lists =
                    [("allow", rule.flags.allow.as_deref().unwrap_or_default()), ("deny", &*rule.flags.deny)];
                for (list, at, flag) in lists
                    .iter()
                    .flat_map(|(list, flags)| flags.iter().enumerate().map(|(at, flag)| (*list, at, flag)))
                {
                    self.unknown_option(
                        &chain,
                        name,
                        flag,
                        format!("{}.flags.{list}[{at}]", rules.place(index)),
                    );
                }
            }
        }
    }

    fn unknown_option(&mut self, chain: &[&Node], name: &str, flag: &str, key: String) {
        if chain.iter().any(|node| node.syntax.unknown) {
            return;
        }
        let spelled = |name: &str| name.strip_suffix('*').unwrap_or(name).to_owned();
        let names: Vec<String> = chain
            .iter()
            .flat_map(|node| node.options.iter())
            .flat_map(|spec| spec.names.iter().map(|name| spelled(name)))
            .collect();
        if names.iter().any(|own| own == flag || own.trim_end_matches('=') == flag) {
            return;
        }
        let meant = nearest(flag, &names).map_or(String::new(), |meant| format!(": did you mean {meant}?"));
        self.add(
            "UNKNOWN_OPTION",
            key,
            format!("{name} has no option {} that the tables know{meant}", shown(flag)),
        );
    }
}

/// Whether `wide` matches every command that `narrow`, a pattern, matches.
fn covers(policy: &Inner, wide: &Rule, narrow: &Rule) -> bool {
    // That everything matches is told by itself.
    let everything = matches!(wide.pattern.program(), Program::Any | Program::AnyBare);
    if everything || narrow.flags().is_some() || wide.flags().is_some() || !wide.pattern.is_open() {
        return false;
    }
    let words = words(narrow);
    let literal: Vec<&String> = words.iter().take_while(|word| !is_wildcard(word)).collect();
    let program = literal.first().is_some_and(|word| !word.is_empty());
    program
        && !words.iter().any(|word| word == "**")
        && wide.matches(&Argv::new(&literal, policy.platform), None)
}

/// Whether a program may get any words.
fn is_broadly_allowed(policy: &Inner, name: &str) -> bool {
    let broad = |rule: &Rule| {
        let named = match rule.pattern.program() {
            Program::AnyBare => true,
            Program::Bare(own) => **own == *name,
            _ => false,
        };
        named && rule.flags().is_none() && rule.pattern.is_bare_wildcard()
    };
    policy.fallback != Fallback::Deny || policy.allow.iter().any(|(_, rule)| broad(rule))
}

/// The nodes of a subcommand, the program first, or the word that is none. Without one, all nodes.
fn chain<'t>(tool: &'t Tool, subcommand: Option<&'t str>) -> Result<Vec<&'t Node>, &'t str> {
    let mut chain = vec![&tool.root];
    let Some(words) = subcommand else {
        let mut next = 0;
        while let Some(node) = chain.get(next).copied() {
            chain.extend(&node.nodes);
            next += 1;
        }
        return Ok(chain);
    };
    let mut node = &tool.root;
    for word in words.split(' ') {
        if node.nodes.is_empty() {
            break;
        }
        node = node.nodes.iter().find(|own| own.names.contains(&word)).ok_or(word)?;
        chain.push(node);
    }
    Ok(chain)
}

//! Patterns that are written in another language: regular expressions, shells.

use super::{Lints, words};
use crate::config::Entry;
use crate::host::Host;
use crate::pattern::Program;
use crate::platform::Platform;
use crate::policy::Inner;
use crate::program;
use crate::rule::Rules;
use crate::verdict::shown;

impl Lints {
    pub(super) fn languages(&mut self, policy: &Inner) {
        let commands = &policy.config.commands;
        let allow = commands.allow.as_deref().unwrap_or_default();
        for (rules, entries) in
            [(&policy.allow, allow), (&policy.deny, &*commands.deny), (&policy.ask, &*commands.ask)]
        {
            for ((index, rule), entry) in rules.iter().zip(entries) {
                if let Entry::Pattern(_) = entry {
                    self.language(policy.platform, rules, index, &words(rule));
                }
            }
        }
    }

    fn language(&mut self, platform: Platform, rules: &Rules, index: usize, words: &[String]) {
        let found = words.iter().enumerate().find_map(|(at, word)| {
            let regex = is_regex(platform, at, word).then(|| {
                let why = "in which * is any text and ? one character: it is no regular expression";
                ("REGEX_IN_PATTERN", why)
            });
            let shell = || {
                let why = "and no shell reads it: nothing is expanded, and no command follows another. Write one \
                           pattern for each command";
                is_shell(word).then_some(("SHELL_SYNTAX_IN_PATTERN", why))
            };
            let globstar = || {
                let why = "in which ** is no more than *, and * in commands.allow stays within one directory: ** counts \
                           only as a word of its own";
                (word.contains("**") && word != "**").then_some(("GLOBSTAR_IN_WORD", why))
            };
            regex.or_else(shell).or_else(globstar).map(|(code, why)| (code, word, why))
        });
        if let Some((code, word, why)) = found {
            let message = format!("\"{}\" is a word of a pattern, {why}", shown(word));
            self.add(code, rules.place(index), message);
        }
    }

    /// Programs that are none.
    pub(super) fn programs(&mut self, policy: &Inner, host: &dyn Host) {
        let granted = policy.places.resolve(host);
        for (index, rule) in policy.allow.iter() {
            match rule.pattern.program() {
                Program::Bare(name)
                    if program::is_builtin(name)
                        && policy.search_path.find(host, &granted, name).is_none() =>
                {
                    let message = format!(
                        "a shell does {name} itself, and no program has this name: a call's cwd and env are options"
                    );
                    self.add("SHELL_BUILTIN", policy.allow.place(index), message);
                }
                _ => {}
            }
        }
    }
}

/// Whether a word is meant as a regular expression. `mkfs.*` and `*.rs` are none.
fn is_regex(platform: Platform, at: usize, word: &str) -> bool {
    let escapes = ["\\d", "\\w", "\\s", "\\b", "\\S", "\\.", "\\*"];
    let quantified = ["]+", ")+", ")*", ")?", ".+", "(.*"];
    let ends = word.len() > 1 && (word.starts_with('^') || (word.ends_with('$') && !word.starts_with('$')));
    let dots = at > 0 && (word == ".*" || word == ".*$");
    let alternatives = word.contains('(') && word.contains('|') && word.contains(')');
    ends || dots
        || alternatives
        || (at > 0 && !platform.is_windows() && escapes.iter().any(|escape| word.contains(escape)))
        || quantified.iter().any(|part| word.contains(part))
}

/// Whether a word means something to a shell alone.
fn is_shell(word: &str) -> bool {
    let operators = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1", "2>"];
    let braces = word.find('{').is_some_and(|from| {
        word[from..].find('}').is_some_and(|to| word[from..from + to].contains([',', '.']))
    });
    let home = word == "~" || word.starts_with("~/");
    let variable = word
        .split('$')
        .skip(1)
        .any(|name| name.starts_with(|c: char| c == '{' || c == '(' || c == '_' || c.is_ascii_alphabetic()));
    operators.contains(&word)
        || (word.len() > 1 && word.ends_with(';'))
        || braces
        || home
        || variable
        || word.contains('`')
}

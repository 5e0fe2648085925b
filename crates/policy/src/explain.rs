//! What every rule says of a command, those that did not decide too.

use crate::command_line::CommandLine;
use crate::config::Fallback;
use crate::host::Host;
use crate::judge::Command;
use crate::pattern::Argv;
use crate::policy::{Inner, Policy};
use crate::profile::Origin;
use crate::request::Request;
use crate::rule::{Rules, Understood};
use crate::shell::{self, ShellLine};
use crate::verdict::{Code, Denial, RuleRef, Verdict, shown};
use serde::Serialize;
use std::sync::Arc;

/// Wrappers within wrappers, as the judge follows them.
const MAX_DEPTH: usize = 4;

/// Rules that are told of one call: a policy may have thousands, and a line hundreds of commands.
const MAX_CONSIDERED: usize = 10_000;

/// What a policy says of a call, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Every rule that was considered, in the order in which they count: of each command `deny`, `ask`, `allow`, then
    /// the default and the profile. A command that a wrapper or a shell would run comes behind that one. At most 10000.
    pub rules: Vec<Considered>,
    /// Of a call that a list refuses: what the rest of the policy says, as if a rule permitted it. `None` of any other.
    pub without_lists: Option<Verdict>,
}

/// What one rule says of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Considered {
    /// Where it stands: `commands.deny[0]`, `commands.default`, `profile: Git`.
    pub key: String,
    /// As written; of the default its value, of the profile the program.
    pub text: String,
    /// What becomes of a command that it matches.
    pub effect: RuleEffect,
    /// Whether it matches.
    pub matches: bool,
    /// Whether it is the one that decided.
    pub decides: bool,
    /// Why it matches, or why not, for a person.
    pub why: String,
    /// The command that it was compared with: the call's own, or one within it.
    pub argv: Vec<String>,
}

/// What becomes of a command that a rule matches. Of several that match, the strictest one wins, wherever they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RuleEffect {
    /// It may run.
    Allow,
    /// It must be approved.
    Ask,
    /// It may not run.
    Deny,
}

impl Policy {
    /// What becomes of a call: [`judge`](Policy::judge) and [`bind`](crate::Vetted::bind) in one. What must be approved and
    /// would be refused all the same is refused for that reason: nobody is asked about it.
    pub fn check(&self, request: &Request<'_>, host: &dyn Host) -> Verdict {
        match self.bound(request, host) {
            Ok(verdict) => verdict,
            Err(denial) if denial.code() == Code::ApprovalRequired => {
                self.clone().approved().bound(request, host).err().unwrap_or(denial).into_verdict()
            }
            Err(denial) => denial.into_verdict(),
        }
    }

    fn bound(&self, request: &Request<'_>, host: &dyn Host) -> Result<Verdict, Denial> {
        Ok(self.judge(request)?.bind(host)?.into_parts().verdict)
    }

    /// What every rule says of a call, and what becomes of it.
    pub fn explain(&self, request: &Request<'_>, host: &dyn Host) -> Explanation {
        self.explain_verdict(request, self.check(request, host), host)
    }

    /// The same of a verdict that is known already.
    pub fn explain_verdict(&self, request: &Request<'_>, verdict: Verdict, host: &dyn Host) -> Explanation {
        let policy = &*self.inner;
        let mut rules = Vec::new();
        if let Ok(command) = policy.parse(request.command)
            && !policy.unrestricted
        {
            match policy.shell_line(&command) {
                Some(line) => policy.consider_line(&line, &mut rules),
                None => policy.consider(&command.argv, 0, &mut rules),
            }
        }
        rules.truncate(MAX_CONSIDERED);
        mark(&mut rules, &verdict);
        let by_list = matches!(
            verdict.code,
            Code::CommandNotAllowed | Code::CommandDenied | Code::ApprovalRequired | Code::ShellNotAllowed
        );
        let without_lists = by_list.then(|| self.clone().without_lists().check(request, host));
        Explanation { verdict, rules, without_lists }
    }

    /// The same policy, whose lists refuse nothing.
    fn without_lists(mut self) -> Policy {
        let inner = Arc::make_mut(&mut self.inner);
        (inner.deny, inner.ask, inner.fallback) = (Rules::none(), Rules::none(), Fallback::Allow);
        self
    }
}

/// Marks the rule that the verdict names.
fn mark(rules: &mut [Considered], verdict: &Verdict) {
    let is = |rule: &Considered, named: &RuleRef| rule.key == named.key && rule.text == named.text;
    match &verdict.rule {
        Some(named) => {
            let found = rules.iter().position(|rule| rule.matches && is(rule, named));
            if let Some(index) = found.or_else(|| rules.iter().position(|rule| is(rule, named))) {
                let rule = &mut rules[index];
                if !rule.matches {
                    rule.matches = true;
                    rule.why = "the file that would run is the one that it names".to_owned();
                }
                rule.decides = true;
            }
        }
        None => {
            let effect = match verdict.code {
                Code::Allowed => RuleEffect::Allow,
                Code::ApprovalRequired | Code::ApprovalDenied | Code::ApprovalTimeout => RuleEffect::Ask,
                Code::CommandNotAllowed => RuleEffect::Deny,
                _ => return,
            };
            let is_default = |rule: &&mut Considered| {
                rule.matches && rule.key == "commands.default" && rule.effect == effect
            };
            if let Some(rule) = rules.iter_mut().find(is_default) {
                rule.decides = true;
            }
        }
    }
}

impl Inner {
    /// The line that a shell would run, if one is needed and may be.
    fn shell_line(&self, command: &Command<'_>) -> Option<ShellLine> {
        let line = command.line()?;
        let needed = !self.config.commands.no_shell && shell::is_needed(self.platform, line);
        needed.then(|| ShellLine::new(self.platform, line))
    }

    /// What the rules say of a command, and of those within it.
    fn consider(&self, argv: &[String], depth: usize, told: &mut Vec<Considered>) {
        let words = Argv::new(argv, self.platform);
        let read = if self.reads_options { Understood::new(&words) } else { None };
        let lists =
            [(&self.deny, RuleEffect::Deny), (&self.ask, RuleEffect::Ask), (&self.allow, RuleEffect::Allow)];
        let mut settled = false;
        for (rules, effect) in lists {
            for (index, rule) in rules.iter() {
                if told.len() >= MAX_CONSIDERED {
                    return;
                }
                let matches = rule.matches(&words, read.as_ref());
                let why = rule.why(&words, read.as_ref(), matches);
                // What is asked about under another spelling of the program needs a rule that permits it.
                settled |= matches && (effect != RuleEffect::Ask || rule.is_typed(&words));
                told.push(considered(rules.reference(index), effect, matches, why, argv));
            }
        }
        told.push(self.default_of(settled, argv));
        let Some(read) = read.filter(|_| self.config.profile.is_some()) else { return };
        let origin = Origin { at: 0, depth, grows: false };
        let refusal = self.refused_by_table(&words, &read, origin);
        let text = refusal.as_ref().and_then(|refusal| refusal.rule.as_ref()).map(|rule| rule.text.clone());
        let rule = RuleRef {
            text: text.unwrap_or_else(|| shown(words.program)),
            key: format!("profile: {}", read.tool.family),
        };
        let matches = refusal.is_some();
        let why = match refusal {
            Some(refusal) => refusal.message,
            None => "its table refuses none of these options and operands".to_owned(),
        };
        told.push(considered(rule, RuleEffect::Deny, matches, why, argv));
        for range in &read.parsed.commands {
            if depth < MAX_DEPTH && !range.is_empty() {
                self.consider(&argv[range.clone()], depth + 1, told);
            }
        }
    }

    fn default_of(&self, settled: bool, argv: &[String]) -> Considered {
        let (text, effect) = match self.fallback {
            Fallback::Allow => ("allow", RuleEffect::Allow),
            Fallback::Ask => ("ask", RuleEffect::Ask),
            Fallback::Deny => ("deny", RuleEffect::Deny),
        };
        let why = if settled { "another rule matches" } else { "no rule of commands.allow matches" };
        let rule = RuleRef { text: text.to_owned(), key: "commands.default".to_owned() };
        considered(rule, effect, !settled, why.to_owned(), argv)
    }

    /// What the rules say of a line for a shell: of each command in it what forbids, and of the shell what permits.
    fn consider_line(&self, line: &ShellLine, told: &mut Vec<Considered>) {
        for simple in line.commands() {
            let known = simple.known();
            let whole = known.len() == simple.words.len();
            let argv: Vec<String> = simple.words.iter().map(|word| word.text.clone()).collect();
            for (rules, effect) in [(&self.deny, RuleEffect::Deny), (&self.ask, RuleEffect::Ask)] {
                for (index, rule) in rules.iter() {
                    if told.len() >= MAX_CONSIDERED {
                        return;
                    }
                    let words = Argv::new(known, self.platform);
                    let (matches, why) = match (known.is_empty(), whole) {
                        (false, true) => {
                            let matches = rule.matches(&words, None);
                            (matches, rule.why(&words, None, matches))
                        }
                        _ => {
                            let matches = known.is_empty() || rule.pattern.could_match(&words);
                            let could = if matches { "could be" } else { "cannot be" };
                            (matches, format!("only the shell knows all words, which {could} these"))
                        }
                    };
                    told.push(considered(rules.reference(index), effect, matches, why, &argv));
                }
            }
        }
        let argv = line.argv(self.platform);
        let mut permitted = false;
        for (index, rule) in self.allow.iter() {
            let names_shell = shell::spellings(self.platform).iter().any(|spelling| {
                let mut words = argv.clone();
                words[0] = (*spelling).to_owned();
                rule.pattern.spells(spelling) && rule.pattern.matches(&Argv::new(&words, self.platform))
            });
            permitted |= names_shell;
            let why = if names_shell {
                "it names the shell"
            } else {
                "it does not name the shell that the line needs"
            };
            let rule = self.allow.reference(index);
            told.push(considered(rule, RuleEffect::Allow, names_shell, why.to_owned(), &argv));
        }
        let mut default = self.default_of(permitted, &argv);
        // No default starts a shell.
        default.effect = if permitted { default.effect } else { RuleEffect::Deny };
        told.push(default);
    }
}

fn considered(rule: RuleRef, effect: RuleEffect, matches: bool, why: String, argv: &[String]) -> Considered {
    let RuleRef { key, text } = rule;
    Considered { key, text, effect, matches, decides: false, why, argv: argv.to_vec() }
}

/// The words of a pattern as written.
pub(crate) fn written_words(text: &str) -> Vec<String> {
    CommandLine::split(text).map(CommandLine::into_words).unwrap_or_default()
}

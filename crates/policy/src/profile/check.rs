//! Judges a command by the table of its program.

use super::places::{Named, NamedPlace, Pin, PinnedFile};
use super::remote;
use crate::options::{Assignments, Found, Kind, Node, Part, Role};
use crate::pattern::Argv;
use crate::platform::Platform;
use crate::policy::Inner;
use crate::rule::{Rule, Understood};
use crate::script;
use crate::verdict::{Code, Refusal, RuleRef, shown};
use std::ops::Range;

/// Wrappers within wrappers.
const MAX_DEPTH: usize = 4;

/// What the tables tell of a command, for whoever binds and runs it.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) places: Vec<NamedPlace>,
    /// The commands within it, as ranges of words.
    pub(crate) commands: Vec<Range<usize>>,
    /// Words to put in, each before the word with this index.
    pub(crate) inject: Vec<(usize, String)>,
    pub(crate) pins: Vec<Pin>,
}

impl Judged {
    /// Takes what looks like a path in these words for one, but for those that a rule told of.
    pub(crate) fn guess(&mut self, at: usize, argv: &[String], told: &[usize]) {
        for (index, word) in argv.iter().enumerate().skip(1).filter(|(index, _)| !told.contains(index)) {
            let (text, how) = (word.clone(), Named::Guess);
            self.places.push(NamedPlace { word: at + index, text, how, from: Vec::new() });
        }
    }
}

/// Where a command stands within argv, and how deep within wrappers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) at: usize,
    pub(crate) depth: usize,
    /// The wrapper puts words from its input behind it.
    pub(crate) grows: bool,
}

/// A command on its way through the checks of its table.
struct Check<'c, 'a> {
    policy: &'c Inner,
    argv: &'c Argv<'a, String>,
    read: &'c Understood<'a>,
    origin: Origin,
}

impl Inner {
    /// Judges a command by its table, and the commands within it.
    pub(crate) fn check_by_table(
        &self,
        argv: &Argv<'_, String>,
        read: &Understood<'_>,
        origin: Origin,
        judged: &mut Judged,
    ) -> Result<(), Refusal> {
        let check = Check { policy: self, argv, read, origin };
        check.itself(judged)?;
        check.inject(judged);
        check.commands(judged)
    }

    /// What its table says against a command, those within it aside.
    pub(crate) fn refused_by_table(
        &self,
        argv: &Argv<'_, String>,
        read: &Understood<'_>,
        origin: Origin,
    ) -> Option<Refusal> {
        Check { policy: self, argv, read, origin }.itself(&mut Judged::default()).err()
    }
}

impl Check<'_, '_> {
    fn itself(&self, judged: &mut Judged) -> Result<(), Refusal> {
        self.program()?;
        self.subcommands()?;
        self.options()?;
        self.operands(judged)?;
        self.assignments()?;
        self.missing()
    }

    fn program(&self) -> Result<(), Refusal> {
        match self.read.tool.root.refused {
            Some(reason) if !self.is_written_out_whole() => Err(self.refuse(self.code(), "", reason)),
            _ => Ok(()),
        }
    }

    fn subcommands(&self) -> Result<(), Refusal> {
        let parsed = &self.read.parsed;
        for (depth, node) in parsed.chain.iter().enumerate().skip(1) {
            let words = &parsed.subcommands[..depth];
            if let Some(reason) = node.refused
                && !self.is_lifted(words, |rule| rule.subcommand_is(&parsed.chain[1..=depth]))
            {
                let name = words.iter().map(|at| self.argv.words[*at].as_str()).collect::<Vec<_>>().join(" ");
                return Err(self.refuse(self.code(), &name, reason));
            }
        }
        match parsed.unknown_subcommand {
            Some(at) if !self.is_lifted(&[at], |_| false) => Err(self.refuse(
                Code::CommandDenied,
                &self.argv.words[at],
                "the profile knows no such subcommand",
            )),
            _ => Ok(()),
        }
    }

    fn options(&self) -> Result<(), Refusal> {
        for found in &self.read.parsed.options {
            let words: Vec<usize> =
                std::iter::once(found.word).chain(found.values.iter().map(|value| value.word)).collect();
            let (code, reason) = match found.spec {
                _ if found.negated => continue,
                Some(spec) => match spec.refused {
                    Some(reason) => (Code::FlagDenied, reason),
                    None => continue,
                },
                None if self.read.parsed.leaf().syntax.unknown => continue,
                None => (Code::FlagUnknown, "the profile knows no such option of it"),
            };
            let interpreter = self.read.tool.role == Role::Interpreter && code == Code::FlagDenied;
            if (interpreter && self.policy.confined)
                || self.is_lifted(&words, |rule| rule.flags().is_some_and(|flags| flags.lifts(found)))
            {
                continue;
            }
            let code = if interpreter { Code::InterpreterDenied } else { code };
            return Err(self.refuse(code, &option_name(found), reason));
        }
        Ok(())
    }

    fn operands(&self, judged: &mut Judged) -> Result<(), Refusal> {
        let parsed = &self.read.parsed;
        if let Some(part) = parsed.left_over()
            && !self.is_lifted(&[part.word], |_| false)
        {
            return Err(self.refuse(
                Code::CommandDenied,
                part.text,
                "it takes no such operand under the profile",
            ));
        }
        let by_rule = self.policy.allow.iter().find_map(|(_, rule)| {
            let own = rule.flags().filter(|flags| flags.kind(0).is_some())?;
            rule.matches(self.argv, Some(self.read)).then_some(own)
        });
        let mut from: Vec<&str> = Vec::new();
        let takes_paths = !parsed.leaf().slots.iter().all(|slot| slot.kind == Kind::Text);
        for found in &parsed.options {
            if found.spec.is_none() && takes_paths {
                // Nobody knows what it is: its word may hold a path.
                let text = self.argv.words[found.word].as_str();
                self.value(&Part { word: found.word, text, kind: Kind::Guess }, &from, judged)?;
            }
            for value in &found.values {
                self.value(value, &[], judged)?;
                if !from.is_empty() {
                    self.value(value, &from, judged)?;
                }
            }
            from.extend(
                found.values.iter().filter(|value| value.kind == Kind::Chdir).map(|value| value.text),
            );
        }
        for (index, operand) in parsed.operands.iter().enumerate() {
            let kind = by_rule.and_then(|rule| rule.kind(index)).unwrap_or(operand.kind);
            self.value(&Part { kind, ..*operand }, &from, judged)?;
        }
        Ok(())
    }

    fn value(&self, part: &Part<'_>, from: &[&str], judged: &mut Judged) -> Result<(), Refusal> {
        let mut place = |text: &str, how: Named| {
            judged.places.push(NamedPlace {
                word: self.origin.at + part.word,
                text: text.to_owned(),
                how,
                from: from.iter().map(|path| (*path).to_owned()).collect(),
            });
        };
        let operand = |reason: &str| self.refuse(Code::CommandDenied, part.text, reason);
        match part.kind {
            Kind::Text | Kind::Command | Kind::CommandUntil | Kind::Program => {}
            // @ is a commit, and what follows it is no path of this machine.
            Kind::Revision if remote::is_commit(part.text) => {}
            Kind::Guess | Kind::Revision => place(part.text, Named::Guess),
            Kind::Read | Kind::Write | Kind::Chdir if part.text == "-" => {}
            Kind::Read | Kind::Chdir | Kind::Write | Kind::Archive => {
                if part.kind == Kind::Archive
                    && part.text.split('/').next().is_some_and(|host| host.contains(':'))
                {
                    return Err(operand("what stands before a colon is another host"));
                }
                let writes = matches!(part.kind, Kind::Write | Kind::Archive);
                place(part.text, if writes { Named::Write } else { Named::Read });
                if remote::is_file_address(part.text) {
                    place(part.text, Named::Guess);
                }
            }
            Kind::Data | Kind::NamedData => {
                for path in remote::files_to_send(part.text, part.kind == Kind::NamedData) {
                    place(path, Named::Read);
                }
            }
            Kind::Plain if !is_plain(part.text) => {
                return Err(operand("it holds what a shell or make would act on"));
            }
            Kind::Placeholder if part.text != "{}" => {
                return Err(operand("write {} for the words of the input"));
            }
            Kind::ToolFlags if !are_harmless(part.text) => {
                return Err(operand("only -s, -w, -X and their like may be passed on"));
            }
            Kind::Plain | Kind::Placeholder | Kind::ToolFlags => {}
            Kind::Url => match remote::url_problem(part.text) {
                Some(_) if self.is_lifted(&[part.word], |_| false) => {}
                Some(reason) => return Err(operand(reason)),
                None => {}
            },
            Kind::Remote => match remote::kind_of(part.text) {
                remote::Remote::Path => place(part.text, Named::Guess),
                remote::Remote::Fine => {}
                remote::Remote::Refused(_) if self.is_lifted(&[part.word], |_| false) => {}
                remote::Remote::Refused(reason) => return Err(operand(reason)),
            },
            Kind::Script(language) => {
                if let Some(reason) = script::problem(language, part.text)
                    && !self.is_lifted(&[part.word], |_| false)
                {
                    return Err(operand(reason));
                }
            }
            Kind::ScriptFile => {
                place(part.text, Named::Read);
                self.script_file(part, judged)?;
            }
            Kind::Spelled => {
                if !self.is_lifted(&[part.word], |_| false) {
                    return Err(operand("what it runs must be written out in commands.allow"));
                }
            }
        }
        Ok(())
    }

    /// A script runs if a pattern writes out its path, a rule pins its content, or a sandbox confines it.
    fn script_file(&self, part: &Part<'_>, judged: &mut Judged) -> Result<(), Refusal> {
        let held = |rule: &Rule| rule.flags().is_none() && rule.pattern.writes_out(&[part.word], true);
        if self.policy.confined || self.allowing().any(held) {
            return Ok(());
        }
        let pin = self.allowing().find_map(|rule| rule.flags()?.sha256.clone());
        match pin {
            Some(hash) => {
                let file = PinnedFile::Script(self.origin.at + part.word);
                judged.pins.push(Pin { file, hash });
                Ok(())
            }
            None => Err(self.refuse(
                Code::InterpreterDenied,
                part.text,
                "a script must be allowed by its path, or by a rule with its sha256",
            )),
        }
    }

    fn assignments(&self) -> Result<(), Refusal> {
        for part in &self.read.parsed.assignments {
            let (name, value) = part.text.split_once('=').unwrap_or((part.text, ""));
            let reason = match &self.read.parsed.leaf().assignments {
                Some(Assignments::Environment { except, reason }) => {
                    if except.iter().any(|glob| glob.matches(name)) {
                        reason
                    } else if self.policy.environment.passes(name) {
                        continue;
                    } else {
                        "the policy lets no such variable through"
                    }
                }
                Some(Assignments::Settings { names, reason }) => {
                    if names.contains(&name) && is_plain(value) {
                        continue;
                    }
                    reason
                }
                None => continue,
            };
            if !self.is_lifted(&[part.word], |_| false) {
                return Err(self.refuse(Code::CommandDenied, part.text, reason));
            }
        }
        Ok(())
    }

    /// What has to be there: an interpreter's script, a wrapper's command.
    fn missing(&self) -> Result<(), Refusal> {
        let parsed = &self.read.parsed;
        let only = parsed.options.iter().any(|found| found.spec.is_some_and(|spec| spec.only));
        let Some(slot) = parsed.missing().filter(|_| !only) else { return Ok(()) };
        let ended = parsed.options.iter().any(|found| found.spec.is_some_and(|spec| spec.ends));
        match slot.kind {
            // Code that was let through stands in an option.
            Kind::ScriptFile if ended || self.policy.confined => Ok(()),
            // An interpreter to talk to: the policy must name it, and nothing more.
            Kind::ScriptFile if self.argv.words.len() == 1 && !self.origin.grows && self.is_named() => Ok(()),
            Kind::ScriptFile => {
                let reason =
                    "it takes its code from what it is sent: name it alone in commands.allow, or a script";
                Err(self.refuse(Code::InterpreterDenied, "", reason))
            }
            _ => Err(self.refuse(
                Code::WrapperDenied,
                "",
                "there is no command behind it that could be judged",
            )),
        }
    }

    fn inject(&self, judged: &mut Judged) {
        let parsed = &self.read.parsed;
        let mut put = |node: &Node, behind: usize| {
            let gnu = if self.policy.platform == Platform::Linux { &*node.inject_gnu } else { &[] };
            let words = node.inject.iter().chain(gnu);
            judged.inject.extend(words.map(|word| (self.origin.at + behind + 1, (*word).to_owned())));
        };
        put(&self.read.tool.root, 0);
        for (node, word) in parsed.chain.iter().skip(1).zip(&parsed.subcommands) {
            put(node, *word);
        }
    }

    fn commands(&self, judged: &mut Judged) -> Result<(), Refusal> {
        let parsed = &self.read.parsed;
        if self.origin.grows {
            self.seal(judged)?;
        }
        for range in &parsed.commands {
            let words = &self.argv.words[range.clone()];
            if self.origin.depth == MAX_DEPTH {
                let reason = "it stands behind too many other wrappers";
                return Err(self.refuse(Code::WrapperDenied, "", reason));
            }
            let placeholder = |word: &String| word.contains("{}");
            if words.first().is_none_or(placeholder) {
                let reason = "there is no command behind it that could be judged";
                return Err(self.refuse(Code::WrapperDenied, "", reason));
            }
            let slots = || parsed.open_slots();
            let grows = slots().any(|slot| slot.kind == Kind::Command && slot.repeats);
            let at = self.origin.at + range.start;
            judged.commands.push(at..self.origin.at + range.end);
            self.policy.judge_wrapped(words, Origin { at, depth: self.origin.depth + 1, grows }, judged)?;
        }
        Ok(())
    }

    /// Words that a wrapper will put behind or into the command are not known: they must not become options.
    fn seal(&self, judged: &mut Judged) -> Result<(), Refusal> {
        let parsed = &self.read.parsed;
        let leaf = parsed.leaf();
        let refuse = |reason| Err(self.refuse(Code::WrapperDenied, "", reason));
        if !leaf.nodes.is_empty() && !leaf.has_slots {
            return refuse("its subcommand would come from the input");
        }
        if self.argv.words.iter().any(|word| word == "--") {
            return Ok(());
        }
        if leaf.syntax.dashes {
            let first = parsed.operands.first().map(|operand| operand.word);
            let holds = parsed.operands.iter().any(|operand| operand.text.contains("{}"));
            let behind = first.filter(|_| holds).unwrap_or(self.argv.words.len());
            if parsed.options.iter().any(|found| found.word > behind) {
                return refuse("its options must come before its operands here");
            }
            if parsed.commands.is_empty() {
                judged.inject.push((self.origin.at + behind, "--".to_owned()));
            }
            return Ok(());
        }
        match parsed.chain.iter().any(|node| node.options.iter().any(|spec| spec.refused.is_some())) {
            true => refuse("its options would come from the input"),
            false => Ok(()),
        }
    }

    /// The rules of `allow` that permit the command.
    fn allowing(&self) -> impl Iterator<Item = &Rule> {
        let rules = self.policy.allow.iter().map(|(_, rule)| rule);
        rules.filter(|rule| rule.matches(self.argv, Some(self.read)))
    }

    /// Whether a pattern that permits the command writes these words out, or a rule names what they do.
    fn is_lifted(&self, words: &[usize], named: impl Fn(&Rule) -> bool) -> bool {
        self.allowing().any(|rule| match rule.flags() {
            Some(_) => named(rule),
            None => rule.pattern.writes_out(words, false),
        })
    }

    /// Whether a pattern writes out the whole command, or a rule says which options or operands it takes.
    fn is_written_out_whole(&self) -> bool {
        let count = self.argv.words.len() - 1;
        let words: Vec<usize> = (1..=count).collect();
        self.allowing().any(|rule| match rule.flags() {
            Some(flags) => flags.is_specific(),
            None => count > 0 && rule.pattern.written() == count && rule.pattern.writes_out(&words, false),
        })
    }

    /// Whether a pattern names the program, and nothing more.
    fn is_named(&self) -> bool {
        self.allowing().any(|rule| rule.pattern.spells(self.argv.program) && rule.is_one_word())
    }

    fn code(&self) -> Code {
        match self.read.tool.role {
            Role::Tool => Code::CommandDenied,
            Role::Interpreter => Code::InterpreterDenied,
            Role::Wrapper => Code::WrapperDenied,
        }
    }

    fn refuse(&self, code: Code, what: &str, reason: &str) -> Refusal {
        let program = shown(self.argv.program);
        let (subject, text) = match what {
            "" => (program.clone(), program.clone()),
            _ => (format!("{program}: {}", shown(what)), format!("{program} {}", shown(what))),
        };
        let hint = match code {
            Code::FlagUnknown => {
                "use an option that it has, or let the policy's owner write this one out in commands.allow"
            }
            Code::InterpreterDenied => {
                "let the policy's owner write out the script, or the option and the module, in commands.allow"
            }
            _ => "leave it out, or let the policy's owner write it out in commands.allow",
        };
        Refusal::new(code, format!("Command not allowed: {subject} ({reason})"), hint)
            .rule(RuleRef { text, key: format!("profile: {}", self.read.tool.family) })
    }
}

/// As a person would write it.
fn option_name(found: &Found<'_, '_>) -> String {
    let dashed = found.text.starts_with(['-', '+', '@']) || found.text.ends_with('=');
    if dashed { found.text.to_owned() } else { format!("-{}", found.text) }
}

/// Flags of compilers and linkers that only say what is left out, inlined or named.
fn are_harmless(flags: &str) -> bool {
    flags.split_ascii_whitespace().all(|flag| {
        let flag = flag.strip_prefix("all=").unwrap_or(flag).trim_matches(['\'', '"']);
        !flag.starts_with('-') || ["-s", "-w", "-X", "-N", "-l", "-m", "-e", "-v", "-B", "-S"].contains(&flag)
    })
}

/// Nothing that a shell or make would act on.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'/' | b',' | b':' | b'+' | b'=')
    })
}

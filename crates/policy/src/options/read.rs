//! Reads option tables. The format is line by line, `#` starts a comment:
//!
//! ```text
//! program NAME..                 a program, or several that read the same words; `same NAME..`: names of one program
//! role interpreter | wrapper
//! syntax PRESET +FLAG -FLAG      presets: gnu, plain, posix, words, go; `subsyntax ..`: of its subcommands
//! ok OPTION..                    options that may be used
//! only OPTION..                  options with which the program prints something and ends
//! writes OPTION..                options with which it writes its operands
//! refuse OPTION.. because WHY
//! operands SLOT..
//! assignments settings NAME.. because WHY | assignments environment NAME.. because WHY
//! inject WORD.. | inject-gnu WORD..
//! use GROUP..                    takes over what stands behind `group GROUP`
//! sub [PARENT] NAME,NAME..       a subcommand; what follows is about it; `because WHY` refuses it
//! refused because WHY            the program as a whole
//! ```
//!
//! An OPTION is its spellings with commas between: `-e,--regexp=text` takes a value, `--color?text` may have one glued
//! to it, `=text,text` takes two, a last `!` ends the options. `-I*=path` has its value glued or as the next word,
//! `of==path` is `of=FILE`, and `-#` a number. A SLOT is a kind of operand: `path...` any number of them, `path?` one
//! that may be left out, `text[-e,-f]` one that these options fill.

use super::table::{Assignments, Kind, Language, Node, OptionSpec, Role, Slot, Syntax, Tool};
use crate::pattern::glob::{Glob, Reach};
use std::collections::HashMap;

/// Where the reader is.
#[derive(Default)]
struct Reader {
    tools: Vec<Tool>,
    groups: HashMap<&'static str, Node>,
    /// The group that is being read.
    group: Option<&'static str>,
    /// The indices of the subcommand that is being read.
    path: Vec<usize>,
}

/// Reads families of tools.
///
/// # Errors
/// The family, the line's number, and what is wrong with it.
pub(super) fn tools(families: &[(&'static str, &'static str)]) -> Result<Vec<Tool>, String> {
    let mut all = Vec::new();
    for (family, text) in families {
        let mut reader = Reader::default();
        for (index, line) in text.lines().enumerate() {
            let line =
                line.split_once('#').filter(|(before, _)| before.trim_end().is_empty()).map_or(line, |_| "");
            reader
                .line(family, line.trim())
                .map_err(|problem| format!("{family}:{}: {problem}", index + 1))?;
        }
        for tool in &mut reader.tools {
            tool.root.finish().map_err(|problem| format!("{family}: {}: {problem}", tool.names.join(" ")))?;
        }
        all.append(&mut reader.tools);
    }
    Ok(all)
}

impl Reader {
    fn line(&mut self, family: &'static str, line: &'static str) -> Result<(), String> {
        if line.is_empty() {
            return Ok(());
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (rest, reason) = match rest.split_once("because ") {
            Some((rest, reason)) => (rest.trim(), Some(reason.trim())),
            None => (rest.trim(), None),
        };
        let words = || rest.split_ascii_whitespace();
        match verb {
            "program" | "same" => {
                self.group = None;
                self.path.clear();
                let names: Vec<_> = words().collect();
                let root = Node { names: names.clone(), ..Node::default() };
                self.tools.push(Tool { names, same: verb == "same", family, role: Role::Tool, root });
            }
            "role" => {
                let tool = self.tools.last_mut().ok_or("no program yet")?;
                tool.role = match rest {
                    "interpreter" => Role::Interpreter,
                    "wrapper" => Role::Wrapper,
                    _ => return Err(format!("no role {rest}")),
                };
            }
            "group" => {
                self.groups.insert(rest, Node::default());
                self.group = Some(rest);
            }
            "sub" => self.subcommand(rest, reason)?,
            "use" => {
                for name in words() {
                    let group = self.groups.get(name).ok_or_else(|| format!("no group {name}"))?.clone();
                    let node = self.node()?;
                    for option in group.options {
                        node.add(option)?;
                    }
                    node.shared = node.options.len();
                    if group.has_slots {
                        (node.slots, node.has_slots) = (group.slots, true);
                    }
                    node.inject.extend(group.inject);
                }
            }
            "syntax" => {
                let node = self.node()?;
                (node.syntax, node.subcommand_syntax) = (syntax(rest)?, None);
            }
            "subsyntax" => self.node()?.subcommand_syntax = Some(syntax(rest)?),
            "refused" => self.node()?.refused = Some(reason.ok_or("because of what?")?),
            "ok" | "only" | "writes" | "refuse" => {
                if (verb == "refuse") != reason.is_some() {
                    return Err("a refusal has a reason, and nothing else has one".to_owned());
                }
                for word in words() {
                    let mut spec = option(word)?;
                    spec.refused = reason;
                    spec.only = verb == "only";
                    spec.writes = verb == "writes";
                    self.node()?.add(spec)?;
                }
            }
            "operands" => {
                let slots = words().map(slot).collect::<Result<_, _>>()?;
                let node = self.node()?;
                (node.slots, node.has_slots) = (slots, true);
            }
            "assignments" => {
                let (what, names) = rest.split_once(' ').unwrap_or((rest, ""));
                let reason = reason.ok_or("because of what?")?;
                let names = names.split_ascii_whitespace();
                let assignments = match what {
                    "settings" => Assignments::Settings { names: names.collect(), reason },
                    "environment" => {
                        let globs = names.map(|name| Glob::new(name, Reach::Wide, false));
                        Assignments::Environment { except: globs.collect::<Result<_, _>>()?, reason }
                    }
                    _ => return Err(format!("no assignments {what}")),
                };
                self.node()?.assignments = Some(assignments);
            }
            "inject" => self.node()?.inject.extend(words()),
            "inject-gnu" => self.node()?.inject_gnu.extend(words()),
            _ => return Err(format!("no verb {verb}")),
        }
        Ok(())
    }

    /// What lines are about now.
    fn node(&mut self) -> Result<&mut Node, String> {
        if let Some(group) = self.group {
            return self.groups.get_mut(group).ok_or_else(|| "no group".to_owned());
        }
        let mut node = &mut self.tools.last_mut().ok_or("no program yet")?.root;
        for index in &self.path {
            node = &mut node.nodes[*index];
        }
        Ok(node)
    }

    fn subcommand(&mut self, words: &'static str, refused: Option<&'static str>) -> Result<(), String> {
        self.group = None;
        self.path.clear();
        let mut words = words.split_ascii_whitespace().peekable();
        while let Some(word) = words.next() {
            let node = self.node()?;
            if words.peek().is_some() {
                let index = node.nodes.iter().position(|own| own.names.contains(&word));
                self.path.push(index.ok_or_else(|| format!("no subcommand {word} yet"))?);
                continue;
            }
            let names: Vec<_> = word.split(',').collect();
            if names.iter().any(|name| node.node(name).is_some()) {
                return Err(format!("{word} stands twice"));
            }
            let syntax = node.subcommand_syntax.unwrap_or(node.syntax);
            node.nodes.push(Node { names, syntax, refused, ..Node::default() });
            let last = node.nodes.len() - 1;
            self.path.push(last);
        }
        Ok(())
    }
}

fn syntax(text: &str) -> Result<Syntax, String> {
    let mut syntax = Syntax::default();
    for word in text.split_ascii_whitespace() {
        let (name, on) = match word.strip_prefix('-') {
            Some(name) => (name, false),
            None => (word.strip_prefix('+').unwrap_or(word), true),
        };
        match name {
            "gnu" => {
                (syntax.clusters, syntax.long, syntax.abbreviated) = (true, true, true);
                (syntax.permuted, syntax.dashes) = (true, true);
            }
            "plain" => {
                (syntax.clusters, syntax.long, syntax.permuted, syntax.dashes) = (true, true, true, true);
            }
            "posix" => (syntax.clusters, syntax.dashes) = (true, true),
            "words" => syntax.permuted = true,
            "go" => (syntax.equals, syntax.single, syntax.dashes) = (true, true, true),
            "clusters" => syntax.clusters = on,
            "long" => syntax.long = on,
            "abbreviated" => syntax.abbreviated = on,
            "permuted" => syntax.permuted = on,
            "dashes" => syntax.dashes = on,
            "equals" => syntax.equals = on,
            "single" => syntax.single = on,
            "negatable" => syntax.negatable = on,
            "bundled" => syntax.bundled = on,
            "numbers" => syntax.numbers = on,
            "inherits" => syntax.inherits = on,
            "unknown" => syntax.unknown = on,
            _ => return Err(format!("no syntax {name}")),
        }
    }
    Ok(syntax)
}

fn option(word: &'static str) -> Result<OptionSpec, String> {
    let (word, ends) = match word.strip_suffix('!') {
        Some(word) if word.len() > 1 => (word, true),
        _ => (word, false),
    };
    // `of==path`: the first equals sign belongs to the name.
    let start =
        if word.starts_with(['-', '+', '@', '/']) { 1 } else { word.find('=').map_or(0, |at| at + 1) };
    // A question mark with nothing or a comma behind it belongs to a name, too.
    let is_sign = |at: &usize| {
        let next = word.as_bytes().get(at + 1);
        matches!(word.as_bytes()[*at], b'=' | b'?') && next.is_some_and(|next| *next != b',')
    };
    let at = (start..word.len()).find(is_sign);
    let (names, values, optional) = match at {
        Some(at) => (&word[..at], &word[at + 1..], word.as_bytes()[at] == b'?'),
        None => (word, "", false),
    };
    // `-Wl,*` holds a comma of its own.
    let mut spellings = Vec::new();
    let mut rest = names;
    while let Some((name, _)) = rest.split_once(",-") {
        spellings.push(name);
        rest = &rest[name.len() + 1..];
    }
    spellings.push(rest);
    let names = spellings;
    if names.iter().any(|name| name.is_empty()) {
        return Err(format!("no option in {word}"));
    }
    let values = values.split(',').filter(|kind| !kind.is_empty()).map(kind).collect::<Result<_, _>>()?;
    Ok(OptionSpec { names, values, optional, refused: None, only: false, writes: false, ends })
}

fn slot(word: &'static str) -> Result<Slot, String> {
    let (word, unless) = match word.split_once('[') {
        Some((word, options)) => {
            (word, options.strip_suffix(']').ok_or("an open bracket")?.split(',').collect())
        }
        None => (word, Vec::new()),
    };
    let (word, repeats) = word.strip_suffix("...").map_or((word, false), |word| (word, true));
    let (word, optional) = word.strip_suffix('?').map_or((word, false), |word| (word, true));
    Ok(Slot { kind: kind(word)?, repeats, optional, unless })
}

/// A kind by its name.
pub(super) fn kind(name: &str) -> Result<Kind, String> {
    Ok(match name {
        "text" | "regex" => Kind::Text,
        "guess" => Kind::Guess,
        "path" | "path:read" => Kind::Read,
        "path:write" => Kind::Write,
        "chdir" => Kind::Chdir,
        "url" => Kind::Url,
        "remote" => Kind::Remote,
        "rev" => Kind::Revision,
        "data" => Kind::Data,
        "command" => Kind::Command,
        "command;" => Kind::CommandUntil,
        "program" => Kind::Program,
        "script" => Kind::ScriptFile,
        "script:sed" => Kind::Script(Language::Sed),
        "script:awk" => Kind::Script(Language::Awk),
        "script:sql" => Kind::Script(Language::Sql),
        "spelled" => Kind::Spelled,
        "plain" => Kind::Plain,
        "placeholder" => Kind::Placeholder,
        "archive" => Kind::Archive,
        "data:named" => Kind::NamedData,
        "flags" => Kind::ToolFlags,
        _ => return Err(format!("no kind {name}")),
    })
}

impl Kind {
    /// A kind by the name that tables and rules write.
    pub(crate) fn named(name: &str) -> Option<Kind> {
        kind(name).ok()
    }
}

//! The shape of an option table.

use super::read;
use crate::pattern::glob::{Glob, Reach};
use std::collections::HashMap;

/// The tables of many programs, by their names.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) tools: Vec<Tool>,
    by_name: HashMap<&'static str, usize>,
    by_glob: Vec<(Glob, usize)>,
}

impl Tables {
    /// Reads `(family, text)` pairs.
    ///
    /// # Errors
    /// The family, the line's number, and what is wrong with it.
    pub(crate) fn read(families: &[(&'static str, &'static str)]) -> Result<Tables, String> {
        let mut tables = Tables::default();
        for tool in read::tools(families)? {
            let index = tables.tools.len();
            for name in &tool.names {
                if name.contains(['*', '?']) || (name.contains('[') && name.contains(']')) {
                    tables.by_glob.push((Glob::new(name, Reach::Wide, false)?, index));
                } else if let Some(other) = tables.by_name.insert(name, index) {
                    let other = tables.tools.get(other).map_or(tool.family, |tool| tool.family);
                    return Err(format!("{}: {name} stands in {other}, too", tool.family));
                }
            }
            tables.tools.push(tool);
        }
        Ok(tables)
    }

    /// The table of the program with this file name.
    pub(crate) fn find(&self, name: &str) -> Option<&Tool> {
        let globbed = || self.by_glob.iter().find(|(glob, _)| glob.matches(name)).map(|(_, index)| *index);
        self.by_name.get(name).copied().or_else(globbed).map(|index| &self.tools[index])
    }
}

/// What a program is to whoever judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It does what its options say.
    Tool,
    /// It runs code that it is given.
    Interpreter,
    /// It runs another command.
    Wrapper,
}

/// The table of a program, or of several that read the same words.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) names: Vec<&'static str>,
    /// The names mean one program, so that what forbids one forbids all.
    pub(crate) same: bool,
    /// The data file it stands in.
    pub(crate) family: &'static str,
    pub(crate) role: Role,
    pub(crate) root: Node,
}

/// How option words are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Syntax {
    /// `-ab` is `-a -b`.
    pub(crate) clusters: bool,
    /// `--name`, `--name=value`.
    pub(crate) long: bool,
    /// A long name may be cut off where it stays unique.
    pub(crate) abbreviated: bool,
    /// Options may stand behind operands.
    pub(crate) permuted: bool,
    /// `--` ends the options.
    pub(crate) dashes: bool,
    /// `-name=value`.
    pub(crate) equals: bool,
    /// `-name` and `--name` are one.
    pub(crate) single: bool,
    /// `--no-name` turns `--name` off.
    pub(crate) negatable: bool,
    /// A first word without a dash is a cluster, whose values follow in turn.
    pub(crate) bundled: bool,
    /// `-5` is an option.
    pub(crate) numbers: bool,
    /// Options of the program may also stand behind the subcommand.
    pub(crate) inherits: bool,
    /// What the table does not name is taken for an option without a value.
    pub(crate) unknown: bool,
}

/// A program or one of its subcommands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(crate) names: Vec<&'static str>,
    /// Why it is refused as a whole.
    pub(crate) refused: Option<&'static str>,
    pub(crate) syntax: Syntax,
    /// That of its subcommands, where it is another one.
    pub(crate) subcommand_syntax: Option<Syntax>,
    pub(crate) options: Vec<OptionSpec>,
    /// How many of the options a group gave.
    pub(crate) shared: usize,
    /// Each spelling with the index of its option, sorted.
    pub(crate) spellings: Vec<(&'static str, u16)>,
    /// Options that a word only has to start with, longest first.
    pub(crate) prefixes: Vec<(&'static str, u16)>,
    pub(crate) slots: Vec<Slot>,
    /// Whether the table says what the operands are: those that it leaves no slot for are then refused.
    pub(crate) has_slots: bool,
    pub(crate) assignments: Option<Assignments>,
    pub(crate) nodes: Vec<Node>,
    /// Words that are put behind the name.
    pub(crate) inject: Vec<&'static str>,
    /// The same, where the tools are GNU's.
    pub(crate) inject_gnu: Vec<&'static str>,
}

/// One option in all of its spellings.
#[derive(Debug, Clone)]
pub(crate) struct OptionSpec {
    pub(crate) names: Vec<&'static str>,
    pub(crate) values: Vec<Kind>,
    /// The value may be left out, and is never a word of its own.
    pub(crate) optional: bool,
    /// Why it is refused.
    pub(crate) refused: Option<&'static str>,
    /// With it the program only prints something.
    pub(crate) only: bool,
    /// With it the program writes its operands.
    pub(crate) writes: bool,
    /// All words behind it are operands.
    pub(crate) ends: bool,
}

/// A place for operands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    /// Any number of them.
    pub(crate) repeats: bool,
    pub(crate) optional: bool,
    /// Options that fill it instead.
    pub(crate) unless: Vec<&'static str>,
}

/// What a value or an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No path, whatever it looks like.
    Text,
    /// Anything: its parts that look like paths are taken for paths.
    Guess,
    /// A file that is read.
    Read,
    /// A file that is written.
    Write,
    /// The directory that further paths start from.
    Chdir,
    /// An address.
    Url,
    /// A repository: a name, an address, or a path.
    Remote,
    /// A commit of a repository, or a path in it.
    Revision,
    /// What is sent: a text, or a path behind `@`.
    Data,
    /// A command up to the end.
    Command,
    /// A command up to `;` or `+`.
    CommandUntil,
    /// A program that is started.
    Program,
    /// A file with code.
    ScriptFile,
    /// Code.
    Script(Language),
    /// What the policy must write out.
    Spelled,
    /// Nothing that a shell would act on.
    Plain,
    /// What stands for words from the input: two braces, and nothing else.
    Placeholder,
    /// An archive that is written: a file of this machine, and not of another one behind a colon.
    Archive,
    /// What is sent: a text, or a path behind a name and `@`.
    NamedData,
    /// Flags for a compiler or a linker, of which few are harmless.
    ToolFlags,
}

/// A language that can be looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// The stream editor's.
    Sed,
    /// Awk's.
    Awk,
    /// SQL with a shell's dot commands.
    Sql,
}

/// What `NAME=VALUE` means among operands.
#[derive(Debug, Clone)]
pub(crate) enum Assignments {
    /// Variables of the wrapped command, but for these names.
    Environment { except: Vec<Glob>, reason: &'static str },
    /// Settings: these names take a plain value, all others are refused.
    Settings { names: Vec<&'static str>, reason: &'static str },
}

impl Node {
    /// The option with exactly this spelling.
    pub(crate) fn exactly(&self, spelling: &str) -> Option<&OptionSpec> {
        let at = self.spellings.binary_search_by(|(own, _)| (*own).cmp(spelling)).ok()?;
        Some(&self.options[usize::from(self.spellings[at].1)])
    }

    /// The options whose long names start so.
    pub(crate) fn starting<'n, 's>(
        &'n self,
        start: &'s str,
    ) -> impl Iterator<Item = (&'static str, &'n OptionSpec)> + use<'n, 's> {
        let from = self.spellings.partition_point(|(own, _)| *own < start);
        self.spellings[from..]
            .iter()
            .take_while(move |(own, _)| own.starts_with(start))
            .map(|(own, index)| (*own, &self.options[usize::from(*index)]))
    }

    /// The option that the start of a word names, with the length of that start.
    pub(crate) fn prefix_of(&self, word: &str) -> Option<(usize, &OptionSpec)> {
        let (prefix, index) = self.prefixes.iter().find(|(prefix, _)| word.starts_with(prefix))?;
        Some((prefix.len(), &self.options[usize::from(*index)]))
    }

    /// The subcommand of this name.
    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.names.contains(&name))
    }

    /// Puts an option into the table.
    pub(crate) fn add(&mut self, spec: OptionSpec) -> Result<(), String> {
        let index = u16::try_from(self.options.len()).map_err(|_| "too many options".to_owned())?;
        for name in &spec.names {
            match name.strip_suffix('*') {
                Some(prefix) => self.prefixes.push((prefix, index)),
                None => self.spellings.push((name, index)),
            }
        }
        self.options.push(spec);
        Ok(())
    }

    /// Sorts what [`add`](Node::add) put there.
    ///
    /// # Errors
    /// Two options have one spelling.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        self.spellings.sort_unstable();
        self.prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        // A line of its own wins over what a group says.
        let own = |index: u16| usize::from(index) >= self.shared;
        if let Some(twice) = self.spellings.windows(2).find(|pair| pair[0].0 == pair[1].0 && own(pair[0].1)) {
            return Err(format!("{} stands twice in {}", twice[0].0, self.names.join(",")));
        }
        self.spellings.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = next.1;
            }
            same
        });
        self.nodes.iter_mut().try_for_each(Node::finish)
    }
}

impl Slot {
    /// Whether one of the options that fill it instead is among these.
    pub(crate) fn is_filled(&self, mut given: impl FnMut(&str) -> bool) -> bool {
        self.unless.iter().any(|name| given(name))
    }
}

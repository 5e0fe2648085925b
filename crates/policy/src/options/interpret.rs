//! Turns argv into options, subcommands and operands, by a table.

use super::table::{Kind, Node, OptionSpec, Slot};
use std::ops::Range;

/// What the words behind a program are.
#[derive(Debug)]
pub(crate) struct Parsed<'t, 'a> {
    /// The program's node and those of its subcommands.
    pub(crate) chain: Vec<&'t Node>,
    /// The words that name the subcommands.
    pub(crate) subcommands: Vec<usize>,
    /// The word in the subcommand's place that the table does not know.
    pub(crate) unknown_subcommand: Option<usize>,
    pub(crate) options: Vec<Found<'t, 'a>>,
    pub(crate) operands: Vec<Part<'a>>,
    /// `NAME=VALUE` words, where the table gives them a meaning.
    pub(crate) assignments: Vec<Part<'a>>,
    /// The commands that it runs, as ranges of words.
    pub(crate) commands: Vec<Range<usize>>,
}

/// An option in argv.
#[derive(Debug)]
pub(crate) struct Found<'t, 'a> {
    /// `None`: the table does not know it.
    pub(crate) spec: Option<&'t OptionSpec>,
    /// As typed, its value aside.
    pub(crate) text: &'a str,
    pub(crate) word: usize,
    /// `--no-name`.
    pub(crate) negated: bool,
    pub(crate) values: Vec<Part<'a>>,
}

/// A word or the part of one that is a value or an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) word: usize,
    pub(crate) text: &'a str,
    pub(crate) kind: Kind,
}

/// Reads `words`, whose first one is the program.
pub(crate) fn interpret<'t, 'a, S: AsRef<str>>(root: &'t Node, words: &'a [S]) -> Parsed<'t, 'a> {
    let parsed = Parsed {
        chain: vec![root],
        subcommands: Vec::new(),
        unknown_subcommand: None,
        options: Vec::new(),
        operands: Vec::new(),
        assignments: Vec::new(),
        commands: Vec::new(),
    };
    let mut interpreter = Interpreter { words, at: 1, ended: false, parsed };
    interpreter.run();
    let mut parsed = interpreter.parsed;
    parsed.classify();
    parsed
}

struct Interpreter<'t, 'a, S> {
    words: &'a [S],
    /// The next word.
    at: usize,
    /// No word is an option any more.
    ended: bool,
    parsed: Parsed<'t, 'a>,
}

impl<'t, 'a, S: AsRef<str>> Interpreter<'t, 'a, S> {
    fn leaf(&self) -> &'t Node {
        self.parsed.leaf()
    }

    fn run(&mut self) {
        if self.leaf().syntax.bundled
            && let Some(word) = self.words.get(1).map(AsRef::as_ref).filter(|word| !word.starts_with('-'))
        {
            self.at = 2;
            self.bundle(word);
        }
        while let Some(word) = self.words.get(self.at).map(AsRef::as_ref) {
            let at = self.at;
            self.at += 1;
            if self.ended || !self.option(at, word) {
                self.operand(at, word);
            }
        }
    }

    /// The letters of tar's first word, whose values are the words behind it.
    fn bundle(&mut self, word: &'a str) {
        for (from, letter) in word.char_indices() {
            let text = &word[from..from + letter.len_utf8()];
            match self.lookup(&format!("-{letter}")) {
                Some(spec) => self.found(spec, text, 1, false, None),
                None => self.unknown(text, 1),
            }
        }
    }

    /// Looks a spelling up in the subcommand, then in what it inherits from.
    fn lookup(&self, spelling: &str) -> Option<&'t OptionSpec> {
        self.scopes().find_map(|node| node.exactly(spelling))
    }

    fn scopes(&self) -> impl Iterator<Item = &'t Node> + use<'t, S> {
        let inherits = self.leaf().syntax.inherits;
        let chain: Vec<_> = self.parsed.chain.iter().rev().copied().collect();
        let count = if inherits { chain.len() } else { 1 };
        chain.into_iter().take(count)
    }

    /// Whether the word is an option; its values are read, too.
    fn option(&mut self, at: usize, word: &'a str) -> bool {
        let syntax = self.leaf().syntax;
        if word == "--" && syntax.dashes {
            self.ended = true;
            return true;
        }
        if let Some(spec) = self.lookup(word) {
            self.found(spec, word, at, false, None);
            return true;
        }
        if let Some((length, spec)) = self.scopes().find_map(|node| node.prefix_of(word)) {
            let glued = Some(&word[length..]).filter(|value| !value.is_empty());
            self.found(spec, &word[..length], at, false, glued);
            return true;
        }
        if word.len() < 2 || !word.starts_with('-') {
            let name = word.split_once('=').map(|(name, _)| &word[..name.len() + 1]);
            if let Some(spec) = name.and_then(|name| self.lookup(name)) {
                let (name, value) = word.split_at(word.find('=').map_or(0, |at| at + 1));
                self.found(spec, name, at, false, Some(value));
                return true;
            }
            return false;
        }
        if syntax.numbers && word[1..].bytes().all(|b| b.is_ascii_digit()) {
            match self.lookup("-#") {
                Some(spec) => self.found(spec, word, at, false, None),
                None => self.unknown(word, at),
            }
            return true;
        }
        if word.starts_with("--") && (syntax.long || syntax.single) {
            if !self.long(at, word, word) {
                self.unknown(word.split('=').next().unwrap_or(word), at);
            }
            return true;
        }
        if syntax.single && word.len() > 2 && self.single(at, word) {
            return true;
        }
        if syntax.equals
            && let Some((name, value)) = word.split_once('=')
            && let Some(spec) = self.lookup(name)
        {
            self.found(spec, name, at, false, Some(value));
            return true;
        }
        if syntax.clusters && !word.starts_with("--") {
            self.cluster(at, word);
        } else {
            self.unknown(word, at);
        }
        true
    }

    /// `--name` and `--name=value`. `spelled` is the word with two dashes.
    fn long(&mut self, at: usize, word: &'a str, spelled: &str) -> bool {
        let extra = spelled.len() - word.len();
        let (name, value) = match spelled.split_once('=') {
            Some((name, _)) => (name, Some(&word[name.len() - extra + 1..])),
            None => (spelled, None),
        };
        let text = &word[..name.len() - extra];
        if let Some((spec, negated)) = self.long_name(name) {
            self.found(spec, text, at, negated, value);
            return true;
        }
        false
    }

    fn long_name(&self, name: &str) -> Option<(&'t OptionSpec, bool)> {
        let syntax = self.leaf().syntax;
        if let Some(spec) = self.lookup(name) {
            return Some((spec, false));
        }
        // One dash is as good as two.
        if syntax.single
            && let Some(spec) = self.lookup(&name[1..])
        {
            return Some((spec, false));
        }
        let negative =
            name.strip_prefix("--no-").filter(|_| syntax.negatable).map(|rest| format!("--{rest}"));
        if let Some(spec) = negative.as_deref().and_then(|name| self.lookup(name)) {
            return Some((spec, true));
        }
        if !syntax.abbreviated || name.len() < 3 {
            return None;
        }
        match self.abbreviated(name) {
            Some(spec) => Some((spec, false)),
            None => negative.and_then(|name| self.abbreviated(&name)).map(|spec| (spec, true)),
        }
    }

    /// The one option whose long names start so. Of several, a refused one: some version may know no other.
    fn abbreviated(&self, start: &str) -> Option<&'t OptionSpec> {
        let mut only: Option<&'t OptionSpec> = None;
        for node in self.scopes() {
            for (_, spec) in node.starting(start) {
                match only {
                    Some(other) if std::ptr::eq(other, spec) => {}
                    Some(other) => match (other.refused, spec.refused) {
                        (Some(_), _) => {}
                        (None, Some(_)) => only = Some(spec),
                        (None, None) => return None,
                    },
                    None => only = Some(spec),
                }
            }
        }
        only
    }

    /// `-name` where one dash is as good as two.
    fn single(&mut self, at: usize, word: &'a str) -> bool {
        let spelled = format!("-{word}");
        let known = |name: &str| self.long_name(name).is_some();
        let name = spelled.split('=').next().unwrap_or(&spelled);
        if !known(name) {
            return false;
        }
        let extra = 1;
        let (length, value) = match word.split_once('=') {
            Some((name, value)) => (name.len(), Some(value)),
            None => (word.len(), None),
        };
        debug_assert_eq!(name.len(), length + extra);
        if let Some((spec, negated)) = self.long_name(name) {
            self.found(spec, &word[..length], at, negated, value);
        }
        true
    }

    /// `-abc`: letters until one takes the rest for its value.
    fn cluster(&mut self, at: usize, word: &'a str) {
        let mut spelling = [0; 5];
        spelling[0] = b'-';
        for (from, letter) in word.char_indices().skip(1) {
            let end = from + letter.len_utf8();
            let length = letter.encode_utf8(&mut spelling[1..]).len();
            let known = std::str::from_utf8(&spelling[..=length]).ok().and_then(|name| self.lookup(name));
            let Some(spec) = known else {
                self.unknown(&word[from..end], at);
                if self.leaf().syntax.unknown {
                    continue;
                }
                return;
            };
            let rest = &word[end..];
            if spec.values.is_empty() {
                self.found(spec, &word[from..end], at, false, None);
                continue;
            }
            self.found(spec, &word[from..end], at, false, Some(rest).filter(|rest| !rest.is_empty()));
            return;
        }
    }

    fn unknown(&mut self, text: &'a str, word: usize) {
        self.parsed.options.push(Found { spec: None, text, word, negated: false, values: Vec::new() });
    }

    fn found(
        &mut self,
        spec: &'t OptionSpec,
        text: &'a str,
        word: usize,
        negated: bool,
        glued: Option<&'a str>,
    ) {
        let mut values = Vec::new();
        let mut glued = glued;
        for kind in spec.values.iter().take(if negated { 0 } else { usize::MAX }) {
            if *kind == Kind::CommandUntil {
                let end = self.command_end();
                self.parsed.commands.push(self.at..end);
                self.at = (end + 1).min(self.words.len());
                continue;
            }
            let value = match glued.take() {
                Some(text) => Part { word, text, kind: *kind },
                None if spec.optional => break,
                None => {
                    let Some(text) = self.words.get(self.at).map(AsRef::as_ref) else { break };
                    self.at += 1;
                    Part { word: self.at - 1, text, kind: *kind }
                }
            };
            values.push(value);
        }
        // An option that takes no value was given one.
        if let Some(text) = glued {
            values.push(Part { word, text, kind: Kind::Guess });
        }
        if spec.ends {
            self.ended = true;
        }
        self.parsed.options.push(Found { spec: Some(spec), text, word, negated, values });
    }

    /// Where a command ends that `;`, or `+` behind braces, ends.
    fn command_end(&self) -> usize {
        let rest = self.words[self.at.min(self.words.len())..].iter().map(AsRef::as_ref);
        let mut before = "";
        for (index, word) in rest.enumerate() {
            if word == ";" || (word == "+" && before == "{}") {
                return self.at + index;
            }
            before = word;
        }
        self.words.len()
    }

    fn operand(&mut self, at: usize, word: &'a str) {
        let leaf = self.leaf();
        if !leaf.nodes.is_empty()
            && self.parsed.operands.is_empty()
            && self.parsed.unknown_subcommand.is_none()
        {
            if let Some(node) = leaf.node(word) {
                self.parsed.chain.push(node);
                self.parsed.subcommands.push(at);
                return;
            }
            if !leaf.has_slots {
                self.parsed.unknown_subcommand = Some(at);
                return;
            }
        }
        // Whatever stands before the sign: env takes any name, and make would expand it.
        if leaf.assignments.is_some() && word.contains('=') {
            self.parsed.assignments.push(Part { word: at, text: word, kind: Kind::Text });
            return;
        }
        let slot = self.parsed.open_slots().nth(self.parsed.operands.len());
        if slot.is_some_and(|slot| slot.kind == Kind::Command) {
            self.parsed.commands.push(at..self.words.len());
            self.at = self.words.len();
            return;
        }
        if !leaf.syntax.permuted {
            // Subcommands have options of their own.
            self.ended = true;
        }
        self.parsed.operands.push(Part { word: at, text: word, kind: Kind::Guess });
    }
}

impl<'t, 'a> Parsed<'t, 'a> {
    /// The program's node, or that of the last subcommand.
    pub(crate) fn leaf(&self) -> &'t Node {
        self.chain[self.chain.len() - 1]
    }

    /// Whether an option with this spelling is there.
    pub(crate) fn has(&self, spelling: &str) -> bool {
        self.options
            .iter()
            .any(|found| !found.negated && found.spec.is_some_and(|spec| spec.names.contains(&spelling)))
    }

    /// The slots that no option fills.
    pub(crate) fn open_slots(&self) -> impl Iterator<Item = &'t Slot> {
        self.leaf().slots.iter().filter(|slot| !slot.is_filled(|name| self.has(name)))
    }

    /// Gives each operand the kind of its slot. What is left over stays unknown: see [`Parsed::left_over`].
    fn classify(&mut self) {
        if !self.leaf().has_slots {
            return;
        }
        let slots: Vec<&Slot> = self.open_slots().collect();
        // Behind code that stands in an option there are arguments for it.
        if self.options.iter().any(|found| found.spec.is_some_and(|spec| spec.ends)) {
            return;
        }
        let writes =
            self.options.iter().any(|found| !found.negated && found.spec.is_some_and(|spec| spec.writes));
        let count = self.operands.len();
        let repeats = slots.iter().position(|slot| slot.repeats);
        for (index, operand) in self.operands.iter_mut().enumerate() {
            let slot = match repeats {
                Some(at) => {
                    let behind = slots.len() - at - 1;
                    if index + behind >= count && count > behind.saturating_sub(1) {
                        slots.get(slots.len() - (count - index))
                    } else {
                        slots.get(index.min(at))
                    }
                }
                None => slots.get(index),
            };
            operand.kind = match slot.map(|slot| slot.kind) {
                Some(Kind::Read) if writes => Kind::Write,
                Some(kind) => kind,
                None => Kind::Guess,
            };
        }
    }

    /// The first operand that the table leaves no slot for.
    pub(crate) fn left_over(&self) -> Option<&Part<'a>> {
        let ended = self.options.iter().any(|found| found.spec.is_some_and(|spec| spec.ends));
        if ended || !self.leaf().has_slots || self.open_slots().any(|slot| slot.repeats) {
            return None;
        }
        self.operands.get(self.open_slots().count())
    }

    /// The slot that must be filled and is not.
    pub(crate) fn missing(&self) -> Option<&'t Slot> {
        let mut filled = self.operands.len() + self.commands.len();
        self.open_slots().find(|slot| {
            let is_filled = filled > 0;
            filled = filled.saturating_sub(1);
            !is_filled
                && !slot.optional
                && matches!(slot.kind, Kind::Command | Kind::ScriptFile | Kind::Spelled)
        })
    }
}

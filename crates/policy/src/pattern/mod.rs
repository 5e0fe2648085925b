//! Patterns: what a configuration says of whole commands, word by word.

mod argv;
pub(crate) mod glob;

pub(crate) use argv::{Argv, denied_name};

use crate::command_line::CommandLine;
use crate::path;
use crate::platform::Platform;
use argv::{allowed_name, same_windows_path, same_windows_text};
use glob::{Glob, Reach};

/// What a pattern does, which says how to read it where it is ambiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Narrowly.
    Permit,
    /// Broadly.
    Forbid,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    program: Program,
    rest: Box<[Word]>,
    /// `rest` holds a `**`.
    runs: bool,
    /// Whether more arguments than `rest` are free.
    open: bool,
    effect: Effect,
    platform: Platform,
}

/// The first word of a pattern.
#[derive(Debug, Clone)]
pub(crate) enum Program {
    /// An empty pattern.
    Nothing,
    /// `*` in `allow`: any bare name.
    AnyBare,
    /// `*` in `deny`, and the `**` that `rest` then starts with.
    Any,
    /// A bare name. Windows: without case and extension.
    Bare(Box<str>),
    /// A bare name with wildcards, in `deny`.
    BareGlob(Glob),
    /// A typed path.
    Path(Box<str>),
    /// A typed path with wildcards.
    PathGlob(Glob),
}

/// Any other word.
#[derive(Debug, Clone)]
enum Word {
    Literal(Box<str>),
    Folded(Box<str>),
    Glob(Glob),
    /// `**`.
    Run,
}

impl Word {
    fn matches(&self, text: &str) -> bool {
        match self {
            Word::Literal(word) => **word == *text,
            Word::Folded(word) => same_windows_text(word, text),
            Word::Glob(glob) => glob.matches(text),
            Word::Run => true,
        }
    }
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn new(text: &str, effect: Effect, platform: Platform) -> Result<Pattern, String> {
        if text.contains('\0') {
            return Err("expected a pattern, got a text with a NUL byte".to_owned());
        }
        let split = CommandLine::split(text)
            .map_err(|problem| format!("expected a pattern, got {text:?}: {problem}"))?;
        let mut words = split.into_words();
        let mut open = effect == Effect::Forbid || words.len() < 2;
        while words.len() > 1 && matches!(words[words.len() - 1].as_str(), "*" | "**") {
            open = true;
            words.pop();
        }
        let Some((first, others)) = words.split_first() else {
            return Ok(Pattern::nothing(effect, platform));
        };
        if first.is_empty() {
            return Ok(Pattern::nothing(effect, platform));
        }
        let mut rest = Vec::with_capacity(others.len());
        for word in others {
            rest.push(compile(word, effect, platform)?);
        }
        open |= matches!(rest.last(), Some(Word::Glob(_)));
        let program = if first == "**" && effect == Effect::Forbid {
            rest.insert(0, Word::Run);
            Program::Any
        } else {
            first_word(first, effect, platform)?
        };
        let runs = rest.iter().any(|word| matches!(word, Word::Run));
        if runs && open {
            rest.push(Word::Run);
        }
        Ok(Pattern { program, rest: rest.into(), runs, open, effect, platform })
    }

    fn nothing(effect: Effect, platform: Platform) -> Pattern {
        Pattern {
            program: Program::Nothing,
            rest: Box::default(),
            runs: false,
            open: false,
            effect,
            platform,
        }
    }

    /// One that matches nothing.
    pub(crate) fn emptied(&self) -> Pattern {
        Pattern::nothing(self.effect, self.platform)
    }

    /// Whether argv matches, as typed. In `deny` a typed path also matches by its file name.
    pub(crate) fn matches<S: AsRef<str>>(&self, argv: &Argv<'_, S>) -> bool {
        self.matches_program(argv) && self.matches_arguments(argv.words)
    }

    /// Whether the program matches, as typed. In `deny` a typed path also matches by its file name.
    pub(crate) fn matches_program<S>(&self, argv: &Argv<'_, S>) -> bool {
        match &self.program {
            Program::Nothing => false,
            Program::Any => true,
            Program::AnyBare => !argv.spelled,
            Program::Bare(name) => match self.effect {
                Effect::Permit => !argv.spelled && **name == *argv.name,
                Effect::Forbid => **name == *argv.wide_name,
            },
            Program::BareGlob(glob) => glob.matches(argv.program) || glob.matches(&argv.wide_name),
            Program::Path(path) if self.platform.is_windows() => {
                argv.spelled && same_windows_path(path, argv.program)
            }
            Program::Path(path) => **path == *argv.program,
            Program::PathGlob(glob) => argv.spelled && glob.matches(argv.program),
        }
    }

    /// Whether the words behind the program match.
    pub(crate) fn matches_arguments<S: AsRef<str>>(&self, argv: &[S]) -> bool {
        let starts_with_run = matches!((&self.program, self.rest.first()), (Program::Any, Some(Word::Run)));
        let words = if starts_with_run { argv } else { argv.get(1..).unwrap_or_default() };
        if self.runs {
            return self.matches_runs(words);
        }
        if words.len() < self.rest.len() || (!self.open && words.len() != self.rest.len()) {
            return false;
        }
        self.rest.iter().zip(words).all(|(word, text)| word.matches(text.as_ref()))
    }

    /// As with `*` in a glob, only the last `**` need be reconsidered.
    fn matches_runs<S: AsRef<str>>(&self, words: &[S]) -> bool {
        let (mut own, mut at) = (0, 0);
        let mut retry = None;
        loop {
            if let Some(Word::Run) = self.rest.get(own) {
                own += 1;
                retry = Some((own, at));
                continue;
            }
            match (self.rest.get(own), words.get(at)) {
                (None, None) => return true,
                (Some(word), Some(text)) if word.matches(text.as_ref()) => {
                    own += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            match &mut retry {
                Some((after, from)) if *from < words.len() => {
                    *from += 1;
                    (own, at) = (*after, *from);
                }
                _ => return false,
            }
        }
    }

    /// Whether words that start with these could match, whatever follows.
    pub(crate) fn could_match<S: AsRef<str>>(&self, argv: &Argv<'_, S>) -> bool {
        if !self.matches_program(argv) {
            return false;
        }
        let mut words = argv.words.iter().skip(1);
        for word in &self.rest {
            match (word, words.next()) {
                (Word::Run, _) | (_, None) => return true,
                (word, Some(text)) if !word.matches(text.as_ref()) => return false,
                _ => {}
            }
        }
        true
    }

    /// The first word, for what looks at files.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// Whether the first word writes out exactly this argv\[0\], wildcards aside.
    pub(crate) fn spells(&self, program: &str) -> bool {
        match &self.program {
            Program::Bare(name) if self.platform.is_windows() => {
                **name == *allowed_name(self.platform, program)
            }
            Program::Bare(name) => **name == *program,
            Program::Path(path) if self.platform.is_windows() => same_windows_path(path, program),
            Program::Path(path) => **path == *program,
            _ => false,
        }
    }

    /// Whether these words of argv are written out, and not left to wildcards. A last word of a path counts even with a
    /// wildcard in it where `held` says so.
    pub(crate) fn writes_out(&self, words: &[usize], held: bool) -> bool {
        words.iter().all(|at| {
            let before = self.rest.iter().take(*at);
            let runs = before.clone().any(|word| matches!(word, Word::Run));
            match at.checked_sub(1).map(|at| self.rest.get(at)) {
                None => true,
                Some(Some(Word::Literal(_) | Word::Folded(_))) => !runs,
                Some(Some(Word::Glob(glob))) => held && !runs && !glob.is_star(),
                Some(_) => false,
            }
        })
    }

    /// The place in argv of the first word that it does not match; `None`: there are more words than it takes. Of one
    /// without `**` that does not match.
    pub(crate) fn first_difference<S: AsRef<str>>(&self, argv: &[S]) -> Option<usize> {
        let words = argv.get(1..).unwrap_or_default();
        let differs =
            |(at, word): (usize, &Word)| !words.get(at).is_some_and(|text| word.matches(text.as_ref()));
        self.rest.iter().enumerate().position(differs).map(|at| at + 1)
    }

    /// Whether it was empty.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self.program, Program::Nothing)
    }

    /// How many words behind the program it writes.
    pub(crate) fn written(&self) -> usize {
        self.rest.len()
    }

    /// How many words an argv needs at least.
    pub(crate) fn least_arguments(&self) -> usize {
        self.rest.iter().filter(|word| !matches!(word, Word::Run)).count()
    }

    /// Whether further arguments are free behind those that it spells.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether the words behind the program are free.
    pub(crate) fn is_bare_wildcard(&self) -> bool {
        self.open && self.rest.is_empty()
    }
}

fn first_word(word: &str, effect: Effect, platform: Platform) -> Result<Program, String> {
    let reach = if effect == Effect::Permit { Reach::Narrow } else { Reach::Wide };
    let glob = Glob::new(word, reach, glob::folds(platform))?;
    let unfolded = Glob::new(word, reach, false)?;
    if let Some(literal) = unfolded.literal() {
        if path::is_spelled(platform, &literal) {
            return Ok(Program::Path(literal.into()));
        }
        let name = match effect {
            Effect::Permit => allowed_name(platform, &literal),
            Effect::Forbid => denied_name(platform, &literal),
        };
        return Ok(Program::Bare(name.into()));
    }
    if path::is_spelled(platform, word) {
        return Ok(Program::PathGlob(glob));
    }
    match (effect, glob.is_star()) {
        (Effect::Permit, true) if word == "*" => Ok(Program::AnyBare),
        (Effect::Forbid, true) => Ok(Program::Any),
        (Effect::Forbid, false) => Ok(Program::BareGlob(glob)),
        (Effect::Permit, _) => {
            let plain = word.trim_end_matches(['*', '?']);
            let advice = if plain.is_empty() { "*".to_owned() } else { format!("{plain} *") };
            Err(format!("expected a program's name without a wildcard, got {word:?}: write {advice:?}"))
        }
    }
}

fn compile(word: &str, effect: Effect, platform: Platform) -> Result<Word, String> {
    if word == "**" {
        return Ok(Word::Run);
    }
    let (reach, folded) = match effect {
        Effect::Permit => (Reach::Narrow, false),
        Effect::Forbid => (Reach::Wide, glob::folds(platform)),
    };
    let glob = Glob::new(word, reach, folded)?;
    Ok(match Glob::new(word, reach, false)?.literal() {
        Some(literal) if folded => Word::Folded(literal.into()),
        Some(literal) => Word::Literal(literal.into()),
        None => Word::Glob(glob),
    })
}

#[cfg(test)]
mod tests;

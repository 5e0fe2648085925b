//! What is hidden: declared values and patterns, and the known shapes of secrets.

mod first_bytes;
mod stream;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex_automata::nfa::thompson::{Compiler, NFA, WhichCaptures};
use regex_automata::util::syntax;

use self::stream::{Automaton, StreamState};

/// Shapes that their issuers have given to secrets.
const SHAPES: &str = include_str!("shapes.txt");

/// Bytes that all patterns of a terminal may take, compiled.
const MOST_COMPILED: usize = 8 << 20;
/// A value of a variable that is shorter hides nothing: it would hide half of all output.
pub(crate) const SHORTEST_VARIABLE: usize = 8;
/// Further values, of a call's variables.
const MOST_VARIABLES: usize = 1000;

/// Hides secrets in texts, argvs and streams. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Redactor {
    automaton: Arc<Automaton>,
    patterns: Arc<Vec<String>>,
    /// The last one that was made for a call's variables: mostly they stay the same.
    further: Arc<Mutex<Option<Further>>>,
}

/// Values, and the automaton that hides them as well.
type Further = (Vec<String>, Arc<Automaton>);

fn compile(patterns: &[impl AsRef<str>]) -> Result<NFA, String> {
    let config =
        NFA::config().utf8(false).nfa_size_limit(Some(MOST_COMPILED)).which_captures(WhichCaptures::All);
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    Compiler::new().configure(config).syntax(syntax).build_many(patterns).map_err(|error| {
        use std::error::Error;
        // The cause says where in the pattern.
        error.source().map_or_else(|| error.to_string(), ToString::to_string)
    })
}

/// What is wrong with a pattern that somebody declares.
///
/// # Errors
/// Where it cannot be compiled, or matches nothing at all and so would hide everything.
pub(crate) fn check_pattern(pattern: &str) -> Result<(), String> {
    let nfa = compile(&[pattern])?;
    match nfa.has_empty() {
        true => Err("it matches an empty text, and so hides nothing or everything".to_owned()),
        false => Ok(()),
    }
}

impl Redactor {
    /// The known shapes, and what is declared.
    ///
    /// # Errors
    /// What is wrong with a pattern, or that all of them together are too large.
    pub(crate) fn new(values: &[String], patterns: &[String]) -> Result<Redactor, String> {
        static SHAPES_ALONE: OnceLock<Redactor> = OnceLock::new();
        if values.is_empty() && patterns.is_empty() {
            let made = || Redactor::compiled(&[], &[]).expect("the shapes compile");
            // No value of a variable of one terminal is kept by another.
            return Ok(Redactor { further: Arc::default(), ..SHAPES_ALONE.get_or_init(made).clone() });
        }
        Redactor::compiled(values, patterns)
    }

    fn compiled(values: &[String], patterns: &[String]) -> Result<Redactor, String> {
        let shapes = SHAPES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let values = values.iter().map(|value| regex::escape(value));
        let patterns: Vec<String> =
            shapes.map(str::to_owned).chain(patterns.iter().cloned()).chain(values).collect();
        let automaton = Arc::new(Automaton::new(compile(&patterns)?));
        Ok(Redactor { automaton, patterns: Arc::new(patterns), further: Arc::default() })
    }

    /// The same, and the values of a call's variables.
    pub(crate) fn with(&self, mut values: Vec<String>) -> Redactor {
        values.retain(|value| value.len() >= SHORTEST_VARIABLE);
        values.sort_unstable();
        values.dedup();
        values.truncate(MOST_VARIABLES);
        if values.is_empty() {
            return self.clone();
        }
        let mut further = self.further.lock().unwrap_or_else(PoisonError::into_inner);
        let made = match &*further {
            Some((known, automaton)) if *known == values => Arc::clone(automaton),
            _ => {
                let escaped = values.iter().map(|value| regex::escape(value));
                let all: Vec<String> = self.patterns.iter().cloned().chain(escaped).collect();
                // Too many, or too long ones: the words that can be told from others by their shapes are hidden.
                let automaton = compile(&all)
                    .map_or_else(|_| Arc::clone(&self.automaton), |nfa| Arc::new(Automaton::new(nfa)));
                *further = Some((values, Arc::clone(&automaton)));
                automaton
            }
        };
        Redactor { automaton: made, patterns: Arc::clone(&self.patterns), further: Arc::clone(&self.further) }
    }

    /// A text with what is secret in it hidden.
    pub(crate) fn text(&self, text: &str) -> String {
        if self.automaton.has_nothing_in(text.as_bytes()) {
            return text.to_owned();
        }
        let mut stream = self.stream();
        let mut hidden = stream.push(text.as_bytes());
        hidden.extend(stream.finish());
        String::from_utf8(hidden)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Words with what is secret in them hidden: also what stands behind an option whose name says that a secret follows.
    pub(crate) fn argv(&self, argv: &[String]) -> Vec<String> {
        let mut follows = false;
        argv.iter()
            .map(|word| {
                let hidden = match secret_option(word) {
                    _ if follows && !word.starts_with('-') => marker(),
                    Some(Secret::Within(name)) => format!("{name}={}", marker()),
                    _ => self.text(word),
                };
                follows = matches!(secret_option(word), Some(Secret::Behind));
                hidden
            })
            .collect()
    }

    /// Hides in a stream, piece by piece.
    pub(crate) fn stream(&self) -> Redaction {
        Redaction { state: StreamState::new(&self.automaton), automaton: Arc::clone(&self.automaton) }
    }
}

fn marker() -> String {
    String::from_utf8_lossy(stream::MARKER).into_owned()
}

/// Where an option's secret stands.
enum Secret<'a> {
    /// In the same word, behind this and `=`.
    Within(&'a str),
    /// In the next word.
    Behind,
}

/// Endings of an option's name that say so.
const SECRET_NAMES: [&str; 9] =
    ["password", "passwd", "passphrase", "token", "secret", "api-key", "apikey", "secret-key", "access-key"];

fn secret_option(word: &str) -> Option<Secret<'_>> {
    let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    let plain = name.trim_start_matches('-').to_ascii_lowercase().replace('_', "-");
    let says_so = !plain.starts_with("no-") && SECRET_NAMES.iter().any(|secret| plain.ends_with(secret));
    match value {
        _ if !says_so => None,
        Some(_) => Some(Secret::Within(name)),
        None if name.starts_with("--") => Some(Secret::Behind),
        None => None,
    }
}

/// One stream on its way.
#[derive(Debug)]
pub(crate) struct Redaction {
    automaton: Arc<Automaton>,
    state: StreamState,
}

impl Redaction {
    /// What is decided with this piece. May be nothing, and may be more than the piece.
    pub(crate) fn push(&mut self, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(data.len());
        self.state.push(&self.automaton, data, &mut out);
        out
    }

    /// The rest: no more comes.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.state.finish(&self.automaton, &mut out);
        out
    }
}

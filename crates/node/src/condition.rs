//! A condition of `wait` as the facade hands it over.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use vetty::regex::bytes::{Regex, RegexBuilder};
use vetty::{Wait, regex, screen};

/// A wait as JSON, validated by the facade.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitFor {
    condition: Condition,
    /// Milliseconds; 0 is none. Default: the policy's.
    timeout: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Condition {
    Text(String),
    /// One character a byte.
    Bytes(String),
    Regex(Expression),
    Shown(Pattern),
    Gone(Pattern),
    Cursor {
        row: Option<i64>,
        col: Option<u16>,
    },
    /// Milliseconds.
    Settled(f64),
    Exit,
    Any(Vec<Condition>),
    All(Vec<Condition>),
}

/// The most that the automaton of an expression may take.
const REGEX_SIZE: usize = 4 << 20;

impl WaitFor {
    pub(crate) fn from_json(json: &str) -> Result<WaitFor, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// # Errors
    /// The facade's error as JSON, for an expression that cannot be compiled.
    pub(crate) fn into_wait(self) -> Result<Wait, Value> {
        let wait = self.condition.into_wait()?;
        Ok(match self.timeout {
            Some(time) => wait.within(Duration::from_secs_f64(time / 1000.0)),
            None => wait,
        })
    }
}

impl Condition {
    fn into_wait(self) -> Result<Wait, Value> {
        Ok(match self {
            Condition::Text(text) => Wait::output(text),
            Condition::Bytes(text) => Wait::output(text.chars().map(|byte| byte as u8).collect::<Vec<_>>()),
            Condition::Regex(expression) => Wait::regex(expression.of_bytes("condition.output")?),
            Condition::Shown(pattern) => Wait::text(pattern.compiled("condition.text")?),
            Condition::Gone(pattern) => Wait::gone(pattern.compiled("condition.gone")?),
            Condition::Cursor { row, col } => Wait::cursor(row, col),
            Condition::Settled(time) => Wait::settled(Duration::from_secs_f64(time / 1000.0)),
            Condition::Exit => Wait::exit(),
            Condition::Any(all) => Wait::any(waits(all)?),
            Condition::All(all) => Wait::all(waits(all)?),
        })
    }
}

fn waits(all: Vec<Condition>) -> Result<Vec<Wait>, Value> {
    all.into_iter().map(Condition::into_wait).collect()
}

/// A `RegExp`.
#[derive(Debug, Deserialize)]
pub(crate) struct Expression {
    source: String,
    flags: String,
}

/// What is looked for on the screen.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Pattern {
    Text(String),
    Regex(Expression),
}

impl Pattern {
    /// # Errors
    /// The facade's error as JSON, for an expression that cannot be compiled.
    pub(crate) fn compiled(self, key: &str) -> Result<screen::Pattern, Value> {
        Ok(match self {
            Pattern::Text(text) => text.into(),
            Pattern::Regex(expression) => expression.of_text(key)?.into(),
        })
    }
}

impl Expression {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn of_text(&self, key: &str) -> Result<regex::Regex, Value> {
        regex::RegexBuilder::new(&self.source)
            .case_insensitive(self.has('i'))
            .multi_line(self.has('m'))
            .dot_matches_new_line(self.has('s'))
            .size_limit(REGEX_SIZE)
            .build()
            .map_err(|error| unusable(key, &error))
    }

    fn of_bytes(&self, key: &str) -> Result<Regex, Value> {
        RegexBuilder::new(&self.source)
            .case_insensitive(self.has('i'))
            .multi_line(self.has('m'))
            .dot_matches_new_line(self.has('s'))
            // As in JavaScript a carriage return ends a line too, and a terminal's lines end with both.
            .crlf(true)
            .size_limit(REGEX_SIZE)
            .build()
            .map_err(|error| unusable(key, &error))
    }
}

fn unusable(key: &str, error: &regex::Error) -> Value {
    json!({
        "kind": "ConfigError",
        "code": "INVALID_PATTERN",
        "key": key,
        "message": format!("{key}: the expression cannot be used: {error}"),
    })
}

//! A condition of `wait` as the facade hands it over.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use vetty::Wait;
use vetty::regex::bytes::{Regex, RegexBuilder};

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
    Regex {
        source: String,
        flags: String,
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
            Condition::Regex { source, flags } => Wait::regex(compiled(&source, &flags)?),
            Condition::Settled(time) => Wait::idle(Duration::from_secs_f64(time / 1000.0)),
            Condition::Exit => Wait::exit(),
            Condition::Any(all) => Wait::any(waits(all)?),
            Condition::All(all) => Wait::all(waits(all)?),
        })
    }
}

fn waits(all: Vec<Condition>) -> Result<Vec<Wait>, Value> {
    all.into_iter().map(Condition::into_wait).collect()
}

fn compiled(source: &str, flags: &str) -> Result<Regex, Value> {
    let has = |flag| flags.contains(flag);
    RegexBuilder::new(source)
        .case_insensitive(has('i'))
        .multi_line(has('m'))
        .dot_matches_new_line(has('s'))
        // As in JavaScript a carriage return ends a line too, and a terminal's lines end with both.
        .crlf(true)
        .size_limit(REGEX_SIZE)
        .build()
        .map_err(|error| {
            json!({
                "kind": "ConfigError",
                "code": "INVALID_PATTERN",
                "key": "condition.output",
                "message": format!("condition.output: the expression cannot be used: {error}"),
            })
        })
}

//! What is wrong with a configuration, and where.

use serde_path_to_error::Path;
use std::fmt;
use std::path::{Path as FilePath, PathBuf};

use crate::verdict::shown;

/// A configuration that cannot be used. [`key`](ConfigError::key) says where the mistake stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    code: ConfigErrorCode,
    key: String,
    message: String,
    file: Option<Box<FilePath>>,
}

/// The kinds of [`ConfigError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigErrorCode {
    /// An unknown key, a wrong type or a value out of range.
    InvalidConfig,
    /// A pattern that cannot be compiled.
    InvalidPattern,
    /// Of a command that a policy file's tests name, something else becomes.
    PolicyTestFailed,
}

impl ConfigErrorCode {
    /// The stable name: `INVALID_CONFIG`, `INVALID_PATTERN` or `POLICY_TEST_FAILED`.
    pub fn as_str(self) -> &'static str {
        match self {
            ConfigErrorCode::InvalidConfig => "INVALID_CONFIG",
            ConfigErrorCode::InvalidPattern => "INVALID_PATTERN",
            ConfigErrorCode::PolicyTestFailed => "POLICY_TEST_FAILED",
        }
    }
}

impl ConfigError {
    /// A mistake at `key`; `problem` says what was expected and what was got.
    pub fn new(key: impl Into<String>, problem: impl fmt::Display) -> ConfigError {
        ConfigError::with_code(ConfigErrorCode::InvalidConfig, key.into(), problem)
    }

    pub(crate) fn pattern(key: impl Into<String>, problem: impl fmt::Display) -> ConfigError {
        ConfigError::with_code(ConfigErrorCode::InvalidPattern, key.into(), problem)
    }

    pub(crate) fn test_failed(key: impl Into<String>, problem: impl fmt::Display) -> ConfigError {
        ConfigError::with_code(ConfigErrorCode::PolicyTestFailed, key.into(), problem)
    }

    /// The same mistake, which stands in this file. One whose file is known keeps it.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<PathBuf>) -> ConfigError {
        if self.file.is_none() {
            let path: PathBuf = path.into();
            self.message = format!("{}: {}", shown(&path.to_string_lossy()), self.message);
            self.file = Some(path.into());
        }
        self
    }

    /// What a reader says of something at `path` in the section that stands at `section`.
    pub(super) fn read(section: &str, path: &Path, error: impl fmt::Display) -> ConfigError {
        let path = Some(path.to_string()).filter(|path| path != ".");
        let text = error.to_string();
        // A reader's position in its own text says nothing to a caller that has a value.
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        let named = |start| text.strip_prefix(start).and_then(|rest: &str| rest.strip_suffix('`'));
        let (name, problem) = if let Some(name) = named("missing field `") {
            (Some(name), "expected, got none".to_owned())
        } else if let Some(name) = named("duplicate field `") {
            (Some(name), "expected once, got twice".to_owned())
        } else {
            (None, mismatch(text).unwrap_or_else(|| text.to_owned()))
        };
        let section = Some(section).filter(|section| !section.is_empty());
        let key: Vec<&str> = [section, path.as_deref(), name].into_iter().flatten().collect();
        ConfigError::new(key.join("."), problem)
    }

    fn with_code(code: ConfigErrorCode, key: String, problem: impl fmt::Display) -> ConfigError {
        let message =
            if key.is_empty() { problem.to_string() } else { format!("{}: {problem}", shown(&key)) };
        ConfigError { code, key, message, file: None }
    }

    /// The policy file that it stands in, if it was read from one.
    pub fn file(&self) -> Option<&FilePath> {
        self.file.as_deref()
    }

    /// What kind of mistake it is.
    pub fn code(&self) -> ConfigErrorCode {
        self.code
    }

    /// Where it stands, as a path: `commands.allow[2]`. Empty for the whole configuration.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What was expected and what was got, with the file and the key.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

/// Serde says first what it got, and names its own kinds of values.
fn mismatch(text: &str) -> Option<String> {
    let said = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "))?;
    let (got, expected) = said.rsplit_once(", expected ")?;
    let expected = if expected == "a sequence" { "an array" } else { expected };
    let got = match got {
        "sequence" => "an array",
        "map" => "an object",
        _ => match got.split_once(" `") {
            Some((_, number)) => number.trim_end_matches('`'),
            None => got.strip_prefix("string ").unwrap_or(got),
        },
    };
    Some(format!("expected {expected}, got {got}"))
}

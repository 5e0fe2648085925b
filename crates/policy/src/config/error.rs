//! What is wrong with a configuration, and where.

use std::fmt;

/// A configuration that cannot be used. [`key`](ConfigError::key) says where the mistake stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    code: ConfigErrorCode,
    key: String,
    message: String,
}

/// The kinds of [`ConfigError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigErrorCode {
    /// An unknown key, a wrong type or a value out of range.
    InvalidConfig,
    /// A pattern that cannot be compiled.
    InvalidPattern,
}

impl ConfigErrorCode {
    /// The stable name: `INVALID_CONFIG` or `INVALID_PATTERN`.
    pub fn as_str(self) -> &'static str {
        match self {
            ConfigErrorCode::InvalidConfig => "INVALID_CONFIG",
            ConfigErrorCode::InvalidPattern => "INVALID_PATTERN",
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

    fn with_code(code: ConfigErrorCode, key: String, problem: impl fmt::Display) -> ConfigError {
        let message = if key.is_empty() {
            problem.to_string()
        } else {
            format!("{key}: {problem}")
        };
        ConfigError { code, key, message }
    }

    /// What kind of mistake it is.
    pub fn code(&self) -> ConfigErrorCode {
        self.code
    }

    /// Where it stands, as a path: `commands.allow[2]`. Empty for the whole configuration.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What was expected and what was got, with the key.
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

impl<E: fmt::Display> From<serde_path_to_error::Error<E>> for ConfigError {
    fn from(error: serde_path_to_error::Error<E>) -> ConfigError {
        let mut key = error.path().to_string();
        if key == "." {
            key.clear();
        }
        let text = error.inner().to_string();
        // A reader's position in its own text says nothing to a caller that has a value.
        let text = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(text, _)| text);
        if let Some((name, _)) = text
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split_once('`'))
        {
            if key.rsplit('.').next() != Some(name) {
                if !key.is_empty() {
                    key.push('.');
                }
                key.push_str(name);
            }
            return ConfigError::new(key, text.replacen("unknown field", "unknown key", 1));
        }
        let mismatch = text
            .strip_prefix("invalid type: ")
            .or_else(|| text.strip_prefix("invalid value: "));
        match mismatch.and_then(|rest| rest.rsplit_once(", expected ")) {
            Some((got, expected)) => ConfigError::new(key, format_args!("expected {expected}, got {got}")),
            None => ConfigError::new(key, text),
        }
    }
}

//! The section `audit` of a configuration.

use serde::{Deserialize, Serialize};
use vetty_policy::{ConfigError, section};

use super::redact;

/// The shortest value that may be declared: a shorter one would hide half of all text.
const SHORTEST_VALUE: usize = 4;
/// Values, patterns and names, each.
const MOST_DECLARED: usize = 1000;

/// Where events go, and what is hidden in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct AuditConfig {
    /// JSON lines with sequence numbers and a hash chain, appended, mode 0600. `None`: no file.
    pub file: Option<String>,
    /// What becomes of new runs while events cannot be taken as fast as they come.
    pub on_full: OnFull,
    /// What is hidden, beside the known shapes of secrets.
    #[serde(deserialize_with = "section::object")]
    pub redact: RedactConfig,
}

/// What becomes of new runs while events cannot be taken as fast as they come. None is dropped either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum OnFull {
    /// They wait.
    #[default]
    Block,
    /// They are refused: `AUDIT_UNAVAILABLE`.
    Refuse,
}

/// What is hidden in events, beside the known shapes of secrets; and whether it is in output.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct RedactConfig {
    /// Texts, each of 4 characters or more.
    pub values: Vec<String>,
    /// Regular expressions over bytes. What the first group matches is hidden, without one all of it.
    pub patterns: Vec<String>,
    /// Names of variables, `*` for any characters: their values are hidden, of 8 bytes or more.
    pub env: Vec<String>,
    /// Hides the same in the output of commands, captured and streamed. Default `false`.
    pub output: bool,
}

impl std::fmt::Debug for RedactConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedactConfig")
            .field("values", &self.values.len())
            .field("patterns", &self.patterns)
            .field("env", &self.env)
            .field("output", &self.output)
            .finish()
    }
}

impl AuditConfig {
    /// # Errors
    /// A [`ConfigError`] that names the key. It shows no declared value.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let RedactConfig { values, patterns, env, .. } = &self.redact;
        if self.file.as_deref() == Some("") {
            return Err(ConfigError::new("audit.file", "expected a path, got an empty text"));
        }
        for (key, list) in [("values", values), ("patterns", patterns), ("env", env)] {
            if list.len() > MOST_DECLARED {
                let problem = format!("expected at most {MOST_DECLARED} entries, got {}", list.len());
                return Err(ConfigError::new(format!("audit.redact.{key}"), problem));
            }
        }
        for (index, value) in values.iter().enumerate() {
            let length = value.chars().count();
            if length < SHORTEST_VALUE {
                let problem = format!("expected at least {SHORTEST_VALUE} characters, got {length}");
                return Err(ConfigError::new(format!("audit.redact.values[{index}]"), problem));
            }
        }
        for (index, pattern) in patterns.iter().enumerate() {
            redact::check_pattern(pattern)
                .map_err(|problem| ConfigError::new(format!("audit.redact.patterns[{index}]"), problem))?;
        }
        if let Some(index) = env.iter().position(String::is_empty) {
            let key = format!("audit.redact.env[{index}]");
            return Err(ConfigError::new(key, "expected the name of a variable, got an empty text"));
        }
        Ok(())
    }

    /// The section as the policy's hash has it: who knows the hash could try short values.
    pub(crate) fn without_values(&self) -> AuditConfig {
        let mut config = self.clone();
        config.redact.values.clear();
        config
    }
}

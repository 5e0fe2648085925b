//! The whole configuration: the policy's part and what a terminal adds to it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vetty_policy::ConfigError;

/// Everything that a [`Terminal`](crate::Terminal) is made from. [`Config::from_json`] reads it; the keys and their
/// defaults are those of the guide's chapter on the policy.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// What may run.
    pub policy: vetty_policy::Config,
    /// What is kept of output, and for how long.
    pub output: OutputConfig,
    /// Bounds that no call can raise.
    pub limits: Limits,
    /// How much runs at once.
    pub quotas: Quotas,
}

/// What is kept of a child's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct OutputConfig {
    /// Bytes kept of each stream, half head and half tail. Default 1 MiB.
    #[serde(alias = "max_bytes")]
    pub max_bytes: usize,
    /// Bytes held for a reader that has not come yet; then the child waits. Default 256 KiB.
    #[serde(alias = "high_water_mark")]
    pub high_water_mark: usize,
    /// Milliseconds of silence that end the reading after the direct child has ended while a descendant holds the pipe.
    /// Default 100.
    #[serde(alias = "drain_grace")]
    pub drain_grace: u64,
    /// How long and how many finished runs stay listed.
    pub retain: Retain,
}

/// How long finished runs stay listed, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Retain {
    /// Milliseconds. Default 5000.
    pub time: u64,
    /// Runs. Default 1000.
    pub count: usize,
    /// Bytes of captured output, all runs together. Default 64 MiB.
    pub bytes: usize,
}

/// Bounds that no call can raise; 0 is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Limits {
    /// Milliseconds from spawn to exit.
    pub wall: u64,
    /// Milliseconds without output.
    pub idle: u64,
    /// Bytes of output, all streams.
    pub output: u64,
}

/// How much runs at once in one terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Quotas {
    /// Children at once; a further call waits for its turn. Default 256: each child takes up to four descriptors, and
    /// many hosts have 1024.
    pub running: usize,
    /// Calls that may wait; a further one is refused. Default 10000.
    pub queued: usize,
}

impl Default for OutputConfig {
    fn default() -> OutputConfig {
        OutputConfig {
            max_bytes: 1 << 20,
            high_water_mark: 256 << 10,
            drain_grace: 100,
            retain: Retain::default(),
        }
    }
}

impl Default for Retain {
    fn default() -> Retain {
        Retain {
            time: 5000,
            count: 1000,
            bytes: 64 << 20,
        }
    }
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas {
            running: 256,
            queued: 10_000,
        }
    }
}

impl Config {
    /// Reads a configuration in its JSON shape.
    ///
    /// # Errors
    /// [`ConfigError`] names the key that is unknown, has a wrong type, or a value out of range.
    pub fn from_json(mut value: serde_json::Value) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        // The derived readers would take a list for an object and a missing key for its default.
        if let Some(object) = value.as_object_mut() {
            if let Some(output) = object.get("output").and_then(|output| output.get("retain")) {
                expect_object("output.retain", output)?;
            }
            config.output = section(object, "output")?;
            config.limits = section(object, "limits")?;
            config.quotas = section(object, "quotas")?;
            if config.quotas.running == 0 {
                return Err(ConfigError::new("quotas.running", "expected at least 1, got 0"));
            }
        }
        expect_object("", &value)?;
        config.policy = vetty_policy::Config::deserialize(value)?;
        Ok(config)
    }

    /// The JSON shape of `policy`'s configuration in force and of the other sections: every key with its value.
    pub(crate) fn resolved_json(&self, policy: &vetty_policy::Config) -> serde_json::Value {
        let mut value = serde_json::to_value(policy).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            let sections = [
                ("output", serde_json::to_value(&self.output)),
                ("limits", serde_json::to_value(&self.limits)),
                ("quotas", serde_json::to_value(&self.quotas)),
            ];
            for (name, section) in sections {
                object.insert(name.to_owned(), section.unwrap_or_default());
            }
        }
        value
    }
}

fn expect_object(key: &str, value: &serde_json::Value) -> Result<(), ConfigError> {
    match value {
        serde_json::Value::Object(_) => Ok(()),
        other => Err(ConfigError::new(
            key,
            format_args!("expected an object, got {other}"),
        )),
    }
}

fn section<T: serde::de::DeserializeOwned + Default>(
    object: &mut serde_json::Map<String, serde_json::Value>,
    name: &str,
) -> Result<T, ConfigError> {
    let Some(value) = object.remove(name) else {
        return Ok(T::default());
    };
    expect_object(name, &value)?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let key = if path == "." {
            name.to_owned()
        } else {
            format!("{name}.{path}")
        };
        ConfigError::new(key, error.inner())
    })
}

/// `0` is none.
pub(crate) fn bound(milliseconds: u64) -> Option<Duration> {
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

//! The whole configuration: the policy's part and what a terminal adds to it.

mod marker;
mod screen;

use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vetty_policy::{ConfigError, section};
use vetty_process::{Size, SizeError};
use vetty_sandbox::{LimitsConfig as Limits, SandboxConfig};

use crate::Error;
use crate::audit::AuditConfig;

pub use self::screen::{History, Replies};

/// The sections beside the policy's own.
const SECTIONS: [&str; 6] = ["output", "limits", "quotas", "sessions", "sandbox", "audit"];

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
    /// What a program may touch.
    pub sandbox: SandboxConfig,
    /// How much runs at once.
    pub quotas: Quotas,
    /// Programs on pseudo-terminals.
    pub sessions: Sessions,
    /// Where events go, and what is hidden in them.
    pub audit: AuditConfig,
}

/// What is kept of a child's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct OutputConfig {
    /// Bytes kept of each stream, half head and half tail. Default 1 MiB.
    #[serde(deserialize_with = "section::size")]
    pub max_bytes: usize,
    /// What stands for the bytes that were left out, where a face gives output as text (JavaScript); a word `N` in it
    /// becomes their number. `None`, written `false`, is nothing. Default `"\n[... N bytes omitted ...]\n"`.
    #[serde(with = "marker")]
    pub marker: Option<String>,
    /// Bytes held for a reader that has not come yet; then the child waits. Default 256 KiB.
    #[serde(deserialize_with = "section::size")]
    pub high_water_mark: usize,
    /// Milliseconds of silence that end the reading after the direct child has ended while a descendant holds the pipe.
    /// Default 100.
    #[serde(deserialize_with = "section::whole")]
    pub drain_grace: u64,
    /// How long and how many finished runs stay listed.
    #[serde(deserialize_with = "section::object")]
    pub retain: Retain,
}

/// How long finished runs stay listed, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct Retain {
    /// Milliseconds. Default 5000.
    #[serde(deserialize_with = "section::whole")]
    pub time: u64,
    /// Runs. Default 1000.
    #[serde(deserialize_with = "section::size")]
    pub count: usize,
    /// Bytes of captured output, all runs together. Default 64 MiB.
    #[serde(deserialize_with = "section::size")]
    pub bytes: usize,
}

/// How much runs at once in one terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct Quotas {
    /// Children at once; a further call waits for its turn. Default 256: each child takes up to four descriptors, and
    /// many hosts have 1024.
    #[serde(deserialize_with = "section::size")]
    pub running: usize,
    /// Calls that may wait; a further one is refused. Default 10000.
    #[serde(deserialize_with = "section::size")]
    pub queued: usize,
}

/// Programs on pseudo-terminals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct Sessions {
    /// Open at once. Default 64.
    #[serde(deserialize_with = "section::size")]
    pub max: usize,
    /// Milliseconds from open to the end; 0 is none. Default 0.
    #[serde(deserialize_with = "section::whole")]
    pub lifetime: u64,
    /// Milliseconds in which nothing was read from it and nothing typed; 0 is none. Default 0.
    #[serde(deserialize_with = "section::whole")]
    pub idle: u64,
    /// Of a terminal whose call names none. Default 80 columns, 24 rows.
    #[serde(deserialize_with = "section::object")]
    pub size: Cells,
    /// What no terminal exceeds. Default 1000 columns, 1000 rows, which is also the most.
    #[serde(deserialize_with = "section::object")]
    pub max_size: MaxCells,
    /// Milliseconds that a wait lasts at most, unless it says otherwise; 0 is without end. Default 30000.
    #[serde(deserialize_with = "section::whole")]
    pub wait_timeout: u64,
    /// What the screen keeps of lines that have left it.
    #[serde(deserialize_with = "section::object")]
    pub history: History,
    /// Which questions of programs are answered; a call can only switch off.
    #[serde(deserialize_with = "section::object")]
    pub replies: Replies,
    /// Directories, absolute, beneath which the files may be read that pictures name (kitty's file media; Linux). Default
    /// none: output never touches a file.
    pub image_files: Vec<String>,
}

/// Columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "an object")]
pub struct Cells {
    /// Cells in a row, 1 to 1000.
    #[serde(deserialize_with = "section::size")]
    pub cols: usize,
    /// Rows, 1 to 1000.
    #[serde(deserialize_with = "section::size")]
    pub rows: usize,
}

/// The most columns and the most rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "an object")]
pub struct MaxCells {
    /// Cells in a row, 1 to 1000.
    #[serde(deserialize_with = "section::size")]
    pub cols: usize,
    /// Rows, 1 to 1000.
    #[serde(deserialize_with = "section::size")]
    pub rows: usize,
}

fn size_of(cols: usize, rows: usize) -> Result<Size, SizeError> {
    let saturated = |cells: usize| u32::try_from(cells).unwrap_or(u32::MAX);
    Size::new(saturated(cols), saturated(rows))
}

impl MaxCells {
    fn admits(self, cols: usize, rows: usize) -> bool {
        cols <= self.cols && rows <= self.rows
    }

    /// Whether a terminal may be that large.
    ///
    /// # Errors
    /// [`Error::SizeTooLarge`]
    pub(crate) fn check(self, size: Size) -> Result<Size, Error> {
        if self.admits(size.cols().into(), size.rows().into()) {
            Ok(size)
        } else {
            Err(Error::SizeTooLarge { size, most: self })
        }
    }
}

impl std::fmt::Display for MaxCells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} x {}", self.cols, self.rows)
    }
}

impl Sessions {
    pub(crate) fn size(&self) -> Size {
        size_of(self.size.cols, self.size.rows).unwrap_or_default()
    }

    fn check(&self) -> Result<(), ConfigError> {
        let Sessions { size, max_size, image_files, .. } = self;
        if let Some(at) = image_files.iter().position(|directory| !Path::new(directory).is_absolute()) {
            let problem = format!("expected an absolute path, got {:?}", image_files[at]);
            return Err(ConfigError::new(format!("sessions.imageFiles[{at}]"), problem));
        }
        for (key, cols, rows) in
            [("sessions.size", size.cols, size.rows), ("sessions.maxSize", max_size.cols, max_size.rows)]
        {
            size_of(cols, rows).map_err(|error| ConfigError::new(key, error))?;
        }
        if !max_size.admits(size.cols, size.rows) {
            let problem =
                format!("expected at most sessions.maxSize, {max_size}, got {} x {}", size.cols, size.rows);
            return Err(ConfigError::new("sessions.size", problem));
        }
        Ok(())
    }
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions {
            max: 64,
            lifetime: 0,
            idle: 0,
            size: Cells::default(),
            max_size: MaxCells::default(),
            wait_timeout: 30_000,
            history: History::default(),
            replies: Replies::default(),
            image_files: Vec::new(),
        }
    }
}

impl Default for MaxCells {
    fn default() -> MaxCells {
        MaxCells { cols: Size::MOST.into(), rows: Size::MOST.into() }
    }
}

impl Default for Cells {
    fn default() -> Cells {
        Cells { cols: 80, rows: 24 }
    }
}

impl Default for OutputConfig {
    fn default() -> OutputConfig {
        OutputConfig {
            max_bytes: 1 << 20,
            marker: Some("\n[... N bytes omitted ...]\n".to_owned()),
            high_water_mark: 256 << 10,
            drain_grace: 100,
            retain: Retain::default(),
        }
    }
}

impl Default for Retain {
    fn default() -> Retain {
        Retain { time: 5000, count: 1000, bytes: 64 << 20 }
    }
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas { running: 256, queued: 10_000 }
    }
}

impl Config {
    /// Reads a configuration in its JSON shape.
    ///
    /// # Errors
    /// [`ConfigError`] names the key that is unknown, has a wrong type, or a value out of range.
    pub fn from_json(value: Value) -> Result<Config, ConfigError> {
        let mut object: Map<String, Value> = section::read("", value)?;
        let known = [&vetty_policy::Config::KEYS[..], &SECTIONS].concat();
        if let Some(key) = object.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(ConfigError::new(key, section::unknown_key(key, &known)));
        }
        let config = Config {
            output: take(&mut object, "output")?,
            limits: take(&mut object, "limits")?,
            sandbox: take(&mut object, "sandbox")?,
            quotas: take(&mut object, "quotas")?,
            sessions: take(&mut object, "sessions")?,
            audit: take(&mut object, "audit")?,
            policy: vetty_policy::Config::deserialize(Value::Object(object))?,
        };
        if let Err(error) = config.sandbox.validate() {
            return Err(ConfigError::new(format!("sandbox.{}", error.key), error));
        }
        if config.quotas.running == 0 {
            return Err(ConfigError::new("quotas.running", "expected at least 1, got 0"));
        }
        config.sessions.check()?;
        config.audit.check()?;
        Ok(config)
    }

    /// The JSON shape of `policy`'s configuration in force and of the other sections: every key with its value.
    pub(crate) fn resolved_json(&self, policy: &vetty_policy::Config) -> Value {
        let mut value = serde_json::to_value(policy).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            let sections = [
                ("output", serde_json::to_value(&self.output)),
                ("limits", serde_json::to_value(&self.limits)),
                ("sandbox", serde_json::to_value(self.sandbox.resolved())),
                ("quotas", serde_json::to_value(&self.quotas)),
                ("sessions", serde_json::to_value(&self.sessions)),
                ("audit", serde_json::to_value(&self.audit)),
            ];
            for (name, section) in sections {
                object.insert(name.to_owned(), section.unwrap_or_default());
            }
        }
        value
    }
}

/// Reads a section and leaves the others.
fn take<T: DeserializeOwned + Default>(
    object: &mut Map<String, Value>,
    name: &str,
) -> Result<T, ConfigError> {
    object.remove(name).map_or_else(|| Ok(T::default()), |value| section::read(name, value))
}

/// `0` is none.
pub(crate) fn bound(milliseconds: u64) -> Option<Duration> {
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

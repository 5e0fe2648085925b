//! The section `sandbox` of a configuration: its keys, defaults and what may stand there.

mod choices;
pub(crate) mod number;

pub use choices::{Level, Metadata, Network, UnixSockets};

use serde::{Deserialize, Deserializer, Serialize};

use crate::grants::PRESETS;
use crate::hosts::Hosts;
use crate::{Feature, protect};

/// What a program may touch.
///
/// Keys are camelCase in JSON and JavaScript; snake_case is taken too, by whoever reads sections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct SandboxConfig {
    /// What enforces it.
    pub level: Level,
    /// Places that may be read, beside the system's programs and libraries and the workspaces.
    pub read: Vec<String>,
    /// Places that may be read and written, beside the workspaces.
    pub write: Vec<String>,
    /// Places whose files may be executed and read, beside the system's programs and libraries.
    pub execute: Vec<String>,
    /// Read-only inside of writable places; `isolate` alone can. `None`: a list of what runs without being asked, such as
    /// `.git/hooks`, as far as it is there. What is listed must be there.
    pub protect: Option<Vec<String>>,
    /// Grants for a runtime, by the name of a data file.
    pub presets: Vec<String>,
    /// `None`: all of it for `filter`, nothing from `confine` on.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub network: Option<Network>,
    /// `None`: all of them for `filter`, none from `confine` on.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub unix_sockets: Option<UnixSockets>,
    /// Modes, owners, times and extended attributes of files: no rule can hold them to places.
    pub metadata: Metadata,
    /// Features that may be missing. What else is missing refuses the call.
    pub allow_degraded: Vec<Feature>,
}

/// A key that may be absent but not null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A mistake in the section.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct SandboxConfigError {
    /// Where it stands within the section: `network`, `read[1]`.
    pub key: String,
    /// What was expected and what was got.
    pub problem: String,
}

impl SandboxConfigError {
    fn new(key: impl Into<String>, problem: impl Into<String>) -> SandboxConfigError {
        SandboxConfigError { key: key.into(), problem: problem.into() }
    }
}

impl SandboxConfig {
    /// The network in force.
    pub fn network(&self) -> &Network {
        const NONE: &Network = &Network::None;
        self.network.as_ref().unwrap_or(if self.level == Level::Filter { &Network::Open } else { NONE })
    }

    /// The sockets of the file system in force.
    pub fn unix_sockets(&self) -> &UnixSockets {
        const ALL: &UnixSockets = &UnixSockets::All;
        self.unix_sockets.as_ref().unwrap_or(if self.level == Level::Filter {
            ALL
        } else {
            &UnixSockets::None
        })
    }

    /// Every key with the value in force; but for `protect`, whose default asks less than the same places listed.
    pub fn resolved(&self) -> SandboxConfig {
        SandboxConfig {
            network: Some(self.network().clone()),
            unix_sockets: Some(self.unix_sockets().clone()),
            ..self.clone()
        }
    }

    /// Checks what the types do not say.
    ///
    /// # Errors
    /// [`SandboxConfigError`] names the key: a place that cannot be one, an unknown preset, and what the level does not
    /// enforce.
    pub fn validate(&self) -> Result<(), SandboxConfigError> {
        let mut places = self.read.iter().map(|path| ("read", path)).collect::<Vec<_>>();
        places.extend(self.write.iter().map(|path| ("write", path)));
        places.extend(self.execute.iter().map(|path| ("execute", path)));
        if let UnixSockets::At(paths) = self.unix_sockets() {
            places.extend(paths.iter().map(|path| ("unixSockets", path)));
        }
        let mut index = 0;
        let mut before = "";
        for (key, path) in places {
            index = if key == before { index + 1 } else { 0 };
            before = key;
            if let Some(problem) = no_place(path) {
                return Err(SandboxConfigError::new(format!("{key}[{index}]"), problem));
            }
        }
        for (i, path) in self.protect.iter().flatten().enumerate() {
            if let Some(problem) = no_place(path).or_else(|| protect::no_name(path)) {
                return Err(SandboxConfigError::new(format!("protect[{i}]"), problem));
            }
        }
        if let Some(Network::Hosts(hosts)) = &self.network
            && let Err((i, problem)) = Hosts::parse(hosts)
        {
            let problem = format!("{problem}, got {:?}", hosts[i]);
            return Err(SandboxConfigError::new(format!("network.hosts[{i}]"), problem));
        }
        for (i, name) in self.presets.iter().enumerate() {
            if !PRESETS.iter().any(|(known, _)| known == name) {
                let known: Vec<_> = PRESETS.iter().map(|(known, _)| *known).collect();
                let problem = format!("expected one of {}, got {name:?}", known.join(", "));
                return Err(SandboxConfigError::new(format!("presets[{i}]"), problem));
            }
        }
        self.validate_for_level()
    }

    fn validate_for_level(&self) -> Result<(), SandboxConfigError> {
        let unenforced = |key: &str, level: &str, got: &str| {
            let problem = format!(
                "expected nothing that the level {:?} does not enforce, got {got}: it needs sandbox.level {level:?}",
                self.level.as_str()
            );
            Err(SandboxConfigError::new(key, problem))
        };
        if self.level != Level::Isolate {
            if matches!(self.network, Some(Network::Hosts(_))) {
                return unenforced("network", "isolate", "names of hosts");
            }
            if self.protect.as_ref().is_some_and(|places| !places.is_empty()) {
                return unenforced("protect", "isolate", "places");
            }
        }
        if self.level == Level::Filter {
            if self.network().is_restricted() {
                return unenforced("network", "confine", "a restriction");
            }
            if *self.unix_sockets() != UnixSockets::All {
                return unenforced("unixSockets", "confine", "a restriction");
            }
            if self.metadata == Metadata::Deny {
                return unenforced("metadata", "confine", "\"deny\"");
            }
        }
        Ok(())
    }
}

fn no_place(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        Some("expected a place, got an empty text")
    } else if path.contains('\0') {
        Some("expected a place, got a text with a NUL byte")
    } else if path == "~" || path.starts_with("~/") {
        Some("expected a place, got one that starts with ~, which only a shell expands: write it out")
    } else {
        None
    }
}

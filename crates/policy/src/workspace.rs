//! The places that a policy grants: where commands run, and what their arguments may name.

use crate::config::{Access, Config, ConfigError, PathGrant};
use crate::host::{FileIdentity, Host};
use crate::path;
use crate::platform::Platform;

/// The granted places, as a policy holds them.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// Absolute; the first one is the default directory.
    pub(crate) workspaces: Vec<String>,
    /// Further places that arguments may name.
    pub(crate) paths: Vec<PathGrant>,
    /// Absolute places that a child may write, and no argument may name.
    pub(crate) unnamed: Vec<String>,
    /// A workspace is `/`: anywhere.
    pub(crate) anywhere: bool,
    pub(crate) platform: Platform,
}

/// The granted places with their symlinks followed, for one call.
#[derive(Debug)]
pub(crate) struct Granted {
    workspaces: Vec<Place>,
    paths: Vec<Place>,
    unnamed: Vec<Place>,
    anywhere: bool,
}

/// A granted place on a file system.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) path: String,
    /// Whether a child may write there.
    pub(crate) writable: bool,
    /// Asked only where one file may be spelled in several ways.
    identity: Option<FileIdentity>,
}

impl Places {
    /// Makes the configured places absolute, in the configuration too.
    ///
    /// # Errors
    /// The host's directory is needed and is the root, or cannot be told.
    pub(crate) fn new(config: &mut Config, host: &dyn Host) -> Result<Places, ConfigError> {
        let platform = host.platform();
        let current = |key: &str| {
            host.current_directory()
                .map_err(|error| ConfigError::new(key, format_args!("expected an absolute path: {error}")))
        };
        if config.workspaces.is_empty() {
            let directory = current("workspaces")?;
            if path::split_root(platform, &directory).1.is_empty() {
                return Err(ConfigError::new(
                    "workspaces",
                    format_args!(
                        "expected a directory, got none, and this process runs in {directory}: name one"
                    ),
                ));
            }
            config.workspaces.push(directory);
        }
        let absolute = |key: String, place: &mut String| -> Result<(), ConfigError> {
            if place == "/" {
                return Ok(());
            }
            if !path::is_absolute(platform, place) {
                *place = path::join(platform, &current(&key)?, place);
            } else {
                *place = path::join(platform, place, "");
            }
            Ok(())
        };
        for (i, place) in config.workspaces.iter_mut().enumerate() {
            absolute(format!("workspaces[{i}]"), place)?;
        }
        for (i, grant) in config.paths.iter_mut().enumerate() {
            absolute(format!("paths[{i}]"), &mut grant.path)?;
        }
        Ok(Places {
            workspaces: config.workspaces.clone(),
            paths: config.paths.clone(),
            unnamed: Vec::new(),
            anywhere: config.workspaces.iter().any(|place| place == "/"),
            platform,
        })
    }

    /// Follows the symlinks of all places now: a workspace may be made after the policy.
    pub(crate) fn resolve(&self, host: &dyn Host) -> Granted {
        let place = |path: &str, writable: bool| -> Option<Place> {
            let resolved = host.resolve(path).ok()?;
            let identity = if self.platform.ignores_case() { host.file(path).ok() } else { None };
            Some(Place { path: resolved.path, writable, identity: identity.map(|file| file.identity) })
        };
        let grant = |grant: &PathGrant| place(&grant.path, grant.access == Access::Write);
        Granted {
            workspaces: self.workspaces.iter().filter_map(|path| place(path, true)).collect(),
            paths: self.paths.iter().filter_map(grant).collect(),
            unnamed: self.unnamed.iter().filter_map(|path| place(path, true)).collect(),
            anywhere: self.anywhere,
        }
    }

    /// Every place that arguments may name, as the policy writes it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let paths = self.paths.iter().map(|grant| &grant.path);
        self.workspaces.iter().chain(paths).map(String::as_str)
    }

    /// The directory that a call names, absolute and not yet looked up.
    pub(crate) fn directory(&self, cwd: Option<&str>) -> String {
        // "/" as the first workspace is a directory as well.
        let first = self.workspaces.first().map_or("/", String::as_str);
        path::join(self.platform, first, cwd.unwrap_or(""))
    }
}

impl Granted {
    /// Whether commands may run in this resolved path.
    pub(crate) fn hold_directory(&self, host: &dyn Host, path: &str) -> bool {
        self.anywhere || self.workspaces.iter().any(|place| place.holds(host, path))
    }

    /// Whether arguments may name this resolved path.
    pub(crate) fn hold(&self, host: &dyn Host, path: &str) -> bool {
        self.hold_directory(host, path) || self.paths.iter().any(|place| place.holds(host, path))
    }

    /// The places where a child may write.
    pub(crate) fn writable(&self) -> impl Iterator<Item = &Place> {
        self.workspaces.iter().chain(&self.paths).chain(&self.unnamed).filter(|place| place.writable)
    }

    pub(crate) fn is_anywhere(&self) -> bool {
        self.anywhere
    }
}

impl Place {
    pub(crate) fn holds(&self, host: &dyn Host, path: &str) -> bool {
        let platform = host.platform();
        if path::is_within(platform, path, &self.path) {
            return true;
        }
        // Without links, only the directory at the same depth can be this one, in another spelling.
        let Some(identity) = self.identity else {
            return false;
        };
        let depth = |path: &str| path::names(platform, path::split_root(platform, path).1).count();
        let own = depth(&self.path);
        let mut ancestor = path;
        for _ in own..depth(path) {
            ancestor = path::parent(platform, ancestor);
        }
        depth(ancestor) == own && host.file(ancestor).is_ok_and(|file| file.identity == identity)
    }
}

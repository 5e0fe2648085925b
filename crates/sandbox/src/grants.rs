//! Which places a configuration grants, and what may be done there.

use std::path::{Component, Path, PathBuf};

use crate::support::processes;
use crate::{Level, SandboxConfig};

/// Grants for runtimes: data, one a file.
pub(crate) const PRESETS: [(&str, &str); 4] = [
    ("node", include_str!("presets/node.txt")),
    ("python", include_str!("presets/python.txt")),
    ("rust", include_str!("presets/rust.txt")),
    ("go", include_str!("presets/go.txt")),
];

/// What every confined program finds.
const SYSTEM: &str = include_str!("presets/system.txt");

/// What may be done at a place, and below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Right {
    /// Files and directories are read.
    Read,
    /// They are read, and files executed.
    Execute,
    /// They are read, written, made, removed, linked and renamed.
    Write,
    /// A device is read, written and controlled.
    Device,
}

/// A right at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) path: PathBuf,
    pub(crate) right: Right,
    /// The system's are what they are; the owner's may come, go and be replaced.
    pub(crate) is_of_the_system: bool,
}

/// What the configuration does not say: where the host is.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Absolute directories that commands may run in: readable, writable.
    pub workspaces: Vec<PathBuf>,
    /// A directory for temporary files: readable, writable.
    pub temporary: Option<PathBuf>,
    /// The home directory of the host's user, for presets.
    pub home: Option<PathBuf>,
    /// Whether the privilege to make namespaces comes from a user namespace; else the host has it.
    pub user_namespace: bool,
}

/// All grants, the system's first. Relative places are of the first workspace.
pub(crate) fn grants(config: &SandboxConfig, surroundings: &Surroundings) -> Vec<Grant> {
    let mut all = listed(SYSTEM, surroundings.home.as_deref(), true);
    if config.level == Level::Isolate {
        all.push(processes());
    }
    for name in &config.presets {
        if let Some((_, list)) = PRESETS.iter().find(|(known, _)| known == name) {
            all.extend(listed(list, surroundings.home.as_deref(), false));
        }
    }
    let mut own =
        |path: PathBuf, right| all.push(Grant { path: plain(&path), right, is_of_the_system: false });
    for directory in surroundings.workspaces.iter().chain(&surroundings.temporary) {
        own(directory.clone(), Right::Write);
    }
    let base = surroundings.workspaces.first();
    let absolute = |path: &String| base.map_or_else(|| PathBuf::from(path), |base| base.join(path));
    config.read.iter().for_each(|path| own(absolute(path), Right::Read));
    config.write.iter().for_each(|path| own(absolute(path), Right::Write));
    config.execute.iter().for_each(|path| own(absolute(path), Right::Execute));
    all
}

fn listed(list: &str, home: Option<&Path>, is_of_the_system: bool) -> Vec<Grant> {
    let mut grants = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (right, place) = line.split_once(' ').expect("a line of a preset is a right and a place");
        let path = match (place.strip_prefix("~/"), home) {
            (None, _) => PathBuf::from(place),
            (Some(place), Some(home)) if home.is_absolute() => home.join(place),
            (Some(_), _) => continue,
        };
        let right = match right {
            "read" => Right::Read,
            "execute" => Right::Execute,
            _ => Right::Device,
        };
        grants.push(Grant { path, right, is_of_the_system });
    }
    grants
}

/// Without `.` and doubled separators. `..` stays: what it means is the file system's to say.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|component| *component != Component::CurDir).collect()
}

/// The deepest writable place that contains `path` and is not the same: who writes there chooses what the path leads to.
#[allow(dead_code, reason = "a platform may have no rules of places")]
pub(crate) fn writable_above<'a>(grants: &'a [Grant], path: &Path) -> Option<&'a Path> {
    let writable =
        grants.iter().filter(|grant| grant.right == Right::Write).map(|grant| grant.path.as_path());
    writable
        .filter(|place| path.starts_with(place) && path != *place)
        .max_by_key(|place| place.components().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_the_data_is_a_right_and_a_place() {
        for (name, list) in PRESETS.iter().chain(&[("system", SYSTEM)]) {
            for line in list.lines().filter(|line| !line.starts_with('#')) {
                let (right, place) = line.split_once(' ').expect(line);
                assert!(["read", "execute", "device"].contains(&right), "{name}: {line}");
                assert!(place.starts_with('/') || place.starts_with("~/"), "{name}: {line}");
            }
        }
    }

    #[test]
    fn places_are_of_the_first_workspace_and_of_the_home() {
        let config = SandboxConfig {
            read: vec!["./data".into()],
            execute: vec!["/opt/tool".into()],
            presets: vec!["rust".into()],
            ..SandboxConfig::default()
        };
        let surroundings = Surroundings {
            workspaces: vec!["/srv/project".into()],
            temporary: Some("/tmp/t".into()),
            home: Some("/home/me".into()),
            ..Surroundings::default()
        };
        let all = grants(&config, &surroundings);
        let has =
            |path: &str, right| all.iter().any(|grant| grant.path == Path::new(path) && grant.right == right);
        assert!(has("/srv/project", Right::Write) && has("/tmp/t", Right::Write));
        assert!(has("/srv/project/data", Right::Read) && has("/opt/tool", Right::Execute));
        assert!(has("/home/me/.rustup", Right::Execute) && has("/usr", Right::Execute));
        assert!(
            !all.iter().any(|grant| grant.path.starts_with("/etc/passwd") || grant.path == Path::new("/etc"))
        );
    }

    #[test]
    fn a_place_within_a_writable_one_is_known_as_such() {
        let config = SandboxConfig { execute: vec!["bin".into()], ..SandboxConfig::default() };
        let surroundings =
            Surroundings { workspaces: vec!["/srv/project".into()], ..Surroundings::default() };
        let all = grants(&config, &surroundings);
        assert_eq!(writable_above(&all, Path::new("/srv/project/bin")), Some(Path::new("/srv/project")));
        assert_eq!(writable_above(&all, Path::new("/srv/project")), None);
        assert_eq!(writable_above(&all, Path::new("/srv/projects/bin")), None);
    }
}

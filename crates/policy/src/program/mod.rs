//! Which file a program's name means.

use crate::host::{FileInfo, Host};
use crate::path;
use crate::platform::Platform;
use crate::workspace::Granted;

/// Names of programs that are batch files on Windows by design.
const BATCH_SHIMS: &str = include_str!("batch_shims.txt");

/// Words that a shell acts on itself: no file stands behind them.
const BUILTINS: &[&str] = &[
    "cd", "export", "source", ".", "alias", "unset", "set", "exit", "eval", "exec", "ulimit", "umask", "dir",
    "copy", "del", "cls",
];

/// A program that was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The element of the search path and the name, or the typed path made absolute; symlinks kept.
    pub(crate) path: String,
    pub(crate) file: FileInfo,
}

/// Where bare names are looked up.
#[derive(Debug, Clone)]
pub(crate) struct SearchPath {
    elements: Vec<String>,
    platform: Platform,
}

/// Why an element of the search path is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skipped {
    Empty,
    Relative,
    WorldWritable,
    InsideWorkspace,
}

impl SearchPath {
    pub(crate) fn new(elements: &[String], platform: Platform) -> SearchPath {
        SearchPath {
            elements: elements.to_vec(),
            platform,
        }
    }

    /// The file that a bare name means now.
    pub(crate) fn find(&self, host: &dyn Host, granted: &Granted, name: &str) -> Option<Found> {
        if name.is_empty() || name == "." || name == ".." {
            return None;
        }
        for element in &self.elements {
            if !path::is_absolute(self.platform, element) {
                continue;
            }
            // Only an element that has the file is worth a closer look.
            let Some(found) = self.in_directory(host, element, name) else {
                continue;
            };
            if self.skipped(host, granted, element).is_none() {
                return Some(found);
            }
        }
        None
    }

    fn in_directory(&self, host: &dyn Host, element: &str, name: &str) -> Option<Found> {
        let look = |file_name: &str| {
            let path = path::join(self.platform, element, file_name);
            let file = host.file(&path).ok()?;
            file.executable.then_some(Found { path, file })
        };
        if !self.platform.is_windows() {
            return look(name);
        }
        let has_extension = extension(name).is_some_and(|extension| {
            [".com", ".exe", ".bat", ".cmd"]
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        });
        if has_extension {
            return look(name);
        }
        let endings: &[&str] = if is_batch_shim(name) {
            &[".com", ".exe", ".cmd", ".bat"]
        } else {
            &[".com", ".exe"]
        };
        endings.iter().find_map(|ending| look(&format!("{name}{ending}")))
    }

    /// Whether a batch file stands where a bare name would be found, for a hint.
    pub(crate) fn has_batch_file(&self, host: &dyn Host, name: &str) -> bool {
        self.platform.is_windows()
            && self.elements.iter().any(|element| {
                [".bat", ".cmd"].iter().any(|ending| {
                    host.file(&path::join(self.platform, element, &format!("{name}{ending}")))
                        .is_ok()
                })
            })
    }

    /// Why an element is left out, if it is.
    pub(crate) fn skipped(&self, host: &dyn Host, granted: &Granted, element: &str) -> Option<Skipped> {
        if element.is_empty() {
            return Some(Skipped::Empty);
        }
        if !path::is_absolute(self.platform, element) {
            return Some(Skipped::Relative);
        }
        if host.file(element).is_ok_and(|directory| directory.world_writable) {
            return Some(Skipped::WorldWritable);
        }
        // "/" as a workspace does not make the system's directories the child's own.
        let resolved = host.resolve(element).ok()?;
        let root = |place: &str| path::split_root(self.platform, place).1.is_empty();
        let inside = granted
            .workspaces
            .iter()
            .any(|place| !root(&place.path) && place.holds(host, &resolved.path));
        inside.then_some(Skipped::InsideWorkspace)
    }

    /// Whether `directory` is an element that counts.
    pub(crate) fn has(&self, host: &dyn Host, granted: &Granted, directory: &str) -> bool {
        let Ok(resolved) = host.resolve(directory) else {
            return false;
        };
        self.elements.iter().any(|element| {
            path::is_absolute(self.platform, element)
                && host.resolve(element).is_ok_and(|own| own.path == resolved.path)
                && self.skipped(host, granted, element).is_none()
        })
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = (usize, &str)> {
        self.elements.iter().map(String::as_str).enumerate()
    }
}

/// The file that a typed path means, seen from `directory`.
pub(crate) fn at_path(host: &dyn Host, directory: &str, typed: &str) -> Option<Found> {
    let platform = host.platform();
    let path = path::join(platform, directory, typed);
    let look = |path: String| {
        let file = host.file(&path).ok()?;
        file.executable.then_some(Found { path, file })
    };
    if platform.is_windows() && extension(&path).is_none() {
        return [".com", ".exe"]
            .iter()
            .find_map(|ending| look(format!("{path}{ending}")));
    }
    look(path)
}

/// Whether cmd.exe would run the file, and read its arguments anew.
pub(crate) fn is_batch(platform: Platform, program: &str) -> bool {
    let name = program.trim_end_matches(['.', ' ']);
    platform.is_windows()
        && extension(name).is_some_and(|extension| {
            extension.eq_ignore_ascii_case(".bat") || extension.eq_ignore_ascii_case(".cmd")
        })
}

/// Whether cmd.exe would find something to act on in an argument, whatever quotes stand around it.
pub(crate) fn batch_would_act_on(argument: &str) -> bool {
    argument.contains(|c: char| matches!(c, '"' | '%' | '!' | '^' | '&' | '|' | '<' | '>') || c.is_control())
}

fn extension(program: &str) -> Option<&str> {
    let name = path::file_name(Platform::Windows, program);
    name.rfind('.').filter(|at| *at > 0).map(|at| &name[at..])
}

fn is_batch_shim(name: &str) -> bool {
    BATCH_SHIMS.lines().any(|shim| shim.eq_ignore_ascii_case(name))
}

/// Whether a shell acts on this word itself.
pub(crate) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}

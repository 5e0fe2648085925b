//! A machine made up of a few lines, of any platform, for tests and dry runs.

use super::{FileIdentity, FileInfo, FileKind, Host, OpenDirectory, Resolved};
use crate::path;
use crate::platform::Platform;
use std::collections::BTreeMap;
use std::io;

/// A tree of files in memory.
///
/// Names follow the platform: case is ignored on Windows and macOS, trailing dots and spaces on Windows.
///
/// ```
/// use vetty_policy::{FakeHost, Host, Platform};
///
/// let host = FakeHost::new(Platform::Windows, "C:\\ws")
///     .directory("C:\\ws\\sub")
///     .executable("C:\\bin\\git.exe")
///     .symlink("C:\\ws\\junction", "C:\\elsewhere")
///     .search_path(["C:\\bin"]);
/// assert_eq!(host.resolve("c:\\WS\\Junction\\x")?.path, "C:\\elsewhere\\x");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FakeHost {
    platform: Platform,
    current: String,
    search_path: Vec<String>,
    nodes: BTreeMap<String, Node>,
    /// How each key was first spelled.
    spelled: BTreeMap<String, String>,
    next: u128,
    every_program: bool,
}

#[derive(Debug, Clone)]
enum Node {
    Entry(FileInfo),
    Link(String),
}

impl FakeHost {
    /// A machine with nothing but the directory it stands in.
    pub fn new(platform: Platform, current: &str) -> FakeHost {
        let host = FakeHost {
            platform,
            current: current.to_owned(),
            search_path: Vec::new(),
            nodes: BTreeMap::new(),
            spelled: BTreeMap::new(),
            next: 1,
            every_program: false,
        };
        host.directory(current)
    }

    /// Its PATH.
    #[must_use]
    pub fn search_path<I: IntoIterator<Item = S>, S: Into<String>>(mut self, elements: I) -> FakeHost {
        self.search_path = elements.into_iter().map(Into::into).collect();
        self
    }

    /// Finds any name in the first element of its PATH (on Windows with `.exe`).
    #[must_use]
    pub fn with_every_program(mut self) -> FakeHost {
        self.every_program = true;
        self
    }

    /// Adds a directory and those above it.
    #[must_use]
    pub fn directory(mut self, path: &str) -> FakeHost {
        self.parents(path);
        self.add(path, FileKind::Directory, true, false);
        self
    }

    /// Adds a directory that anybody may write.
    #[must_use]
    pub fn writable_directory(mut self, path: &str) -> FakeHost {
        self.parents(path);
        self.add(path, FileKind::Directory, true, true);
        self
    }

    /// Adds a file that cannot be executed.
    #[must_use]
    pub fn file(mut self, path: &str) -> FakeHost {
        self.parents(path);
        self.add(path, FileKind::File, false, false);
        self
    }

    /// Adds a program.
    #[must_use]
    pub fn executable(mut self, path: &str) -> FakeHost {
        self.parents(path);
        self.add(path, FileKind::File, true, false);
        self
    }

    /// Adds a device.
    #[must_use]
    pub fn device(mut self, path: &str) -> FakeHost {
        self.parents(path);
        self.add(path, FileKind::Other, false, false);
        self
    }

    /// Adds a link (a symlink, a junction, an 8.3 name) that leads to `target`.
    #[must_use]
    pub fn symlink(mut self, path: &str, target: &str) -> FakeHost {
        self.parents(path);
        let spelled = path::join(self.platform, &self.current, path);
        self.nodes
            .insert(self.key(&spelled), Node::Link(target.to_owned()));
        self
    }

    /// Adds another name of the file `existing`.
    #[must_use]
    pub fn hard_link(mut self, path: &str, existing: &str) -> FakeHost {
        self.parents(path);
        let existing = self.key(&path::join(self.platform, &self.current, existing));
        if let Some(node) = self.nodes.get(&existing).cloned() {
            let spelled = path::join(self.platform, &self.current, path);
            self.spelled.insert(self.key(&spelled), spelled.clone());
            self.nodes.insert(self.key(&spelled), node);
        }
        self
    }

    fn parents(&mut self, path: &str) {
        let full = path::join(self.platform, &self.current, path);
        let parent = path::parent(self.platform, &full).to_owned();
        if parent.len() < full.len() {
            if !self.nodes.contains_key(&self.key(&parent)) {
                self.parents(&parent);
            }
            self.add(&parent, FileKind::Directory, true, false);
        }
    }

    fn add(&mut self, path: &str, kind: FileKind, executable: bool, world_writable: bool) {
        let full = path::join(self.platform, &self.current, path);
        let key = self.key(&full);
        if kind == FileKind::Directory && !world_writable && self.nodes.contains_key(&key) {
            return;
        }
        let identity = FileIdentity {
            device: 1,
            inode: self.next,
        };
        self.next += 1;
        self.nodes.insert(
            key.clone(),
            Node::Entry(FileInfo {
                identity,
                kind,
                executable,
                world_writable,
            }),
        );
        self.spelled.insert(key, full);
    }

    /// A path as this platform's file systems compare it.
    fn key(&self, path: &str) -> String {
        let (root, rest) = path::split_root(self.platform, path);
        let mut key: String = root.chars().map(|c| self.folded(c)).collect();
        for name in path::names(self.platform, rest) {
            let name = if self.platform.is_windows() {
                name.trim_end_matches(['.', ' '])
            } else {
                name
            };
            let name: String = name.chars().map(|c| self.folded(c)).collect();
            path::push(self.platform, &mut key, &name);
        }
        key
    }

    fn folded(&self, c: char) -> char {
        match c {
            '/' if self.platform.is_windows() => '\\',
            c if self.platform.ignores_case() => path::fold(c),
            c => c,
        }
    }

    fn node(&self, path: &str) -> Option<Node> {
        if let Some(node) = self.nodes.get(&self.key(path)) {
            return Some(node.clone());
        }
        let first = self.search_path.first().filter(|_| self.every_program)?;
        let name = path::file_name(self.platform, path);
        let is_program = !self.platform.is_windows() || self.folded_name(name).ends_with(".exe");
        let is_there = self.key(path::parent(self.platform, path)) == self.key(first);
        (is_there && is_program).then(|| {
            let inode = name.chars().fold(1u128 << 100, |sum, c| {
                sum.wrapping_mul(31).wrapping_add(c as u128)
            });
            let identity = FileIdentity { device: 2, inode };
            Node::Entry(FileInfo {
                identity,
                kind: FileKind::File,
                executable: true,
                world_writable: false,
            })
        })
    }

    fn folded_name(&self, name: &str) -> String {
        name.chars().map(|c| self.folded(c)).collect()
    }

    fn not_found() -> io::Error {
        io::ErrorKind::NotFound.into()
    }
}

impl Host for FakeHost {
    fn platform(&self) -> Platform {
        self.platform
    }

    fn current_directory(&self) -> io::Result<String> {
        Ok(self.current.clone())
    }

    fn search_path(&self) -> Vec<String> {
        self.search_path.clone()
    }

    fn resolve(&self, path: &str) -> io::Result<Resolved> {
        let mut links = 0;
        let (root, rest) = path::split_root(self.platform, path);
        let mut resolved = path::join(self.platform, root, "");
        let list = |rest: &str| -> Vec<String> {
            path::names(self.platform, rest)
                .rev()
                .map(str::to_owned)
                .collect()
        };
        let mut pending = list(rest);
        let mut kind = Some(FileKind::Directory);
        while let Some(name) = pending.pop() {
            if name == ".." {
                resolved.truncate(path::parent(self.platform, &resolved).len());
                kind = Some(FileKind::Directory);
                continue;
            }
            let parent = resolved.clone();
            path::push(self.platform, &mut resolved, &name);
            match self.node(&resolved) {
                None => kind = None,
                Some(Node::Entry(info)) => {
                    if let Some(spelled) = self.spelled.get(&self.key(&resolved)) {
                        resolved = spelled.clone();
                    }
                    kind = Some(info.kind);
                }
                Some(Node::Link(target)) => {
                    links += 1;
                    if links > 40 {
                        return Err(io::Error::other("a loop of links"));
                    }
                    if path::is_absolute(self.platform, &target) {
                        let (root, rest) = path::split_root(self.platform, &target);
                        resolved = path::join(self.platform, root, "");
                        pending.extend(list(rest));
                    } else {
                        resolved = parent;
                        pending.extend(list(&target));
                    }
                    kind = Some(FileKind::Directory);
                }
            }
        }
        Ok(Resolved { path: resolved, kind })
    }

    fn open_directory(&self, path: &str) -> io::Result<OpenDirectory> {
        let info = self.file(path)?;
        if info.kind != FileKind::Directory {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(OpenDirectory {
            handle: None,
            identity: info.identity,
        })
    }

    fn file(&self, path: &str) -> io::Result<FileInfo> {
        let resolved = self.resolve(path)?;
        match self.node(&resolved.path) {
            Some(Node::Entry(info)) => Ok(info),
            _ => Err(FakeHost::not_found()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_follows_the_platform() {
        let mac = FakeHost::new(Platform::MacOs, "/ws").directory("/ws/sub");
        assert_eq!(mac.resolve("/WS/SUB/x").unwrap().path, "/ws/sub/x");
        let linux = FakeHost::new(Platform::Linux, "/ws").directory("/ws/sub");
        assert_eq!(linux.resolve("/ws/SUB").unwrap().kind, None);
    }

    #[test]
    fn links_and_hard_links_lead_to_one_identity() {
        let host = FakeHost::new(Platform::Linux, "/ws")
            .executable("/bin/rm")
            .symlink("/ws/link", "../bin/rm")
            .hard_link("/ws/hard", "/bin/rm")
            .executable("/ws/other");
        let identity = |path| Host::file(&host, path).unwrap().identity;
        assert_eq!(identity("/ws/link"), identity("/bin/rm"));
        assert_eq!(identity("/ws/hard"), identity("/bin/rm"));
        assert_ne!(identity("/ws/other"), identity("/bin/rm"));
        assert_eq!(host.resolve("/ws/hard").unwrap().path, "/ws/hard");
        assert_eq!(host.resolve("/ws/sub/../link").unwrap().path, "/bin/rm");
    }
}

//! The file system that an isolated program sees: the granted places and nothing else, as steps for a child to take.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::fs::{self, FileType};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::PrivateDirectory;
use crate::Unconfinable;
use crate::grants::{Grant, Right, Surroundings};
use crate::isolation::ViewStep;
use crate::protect::Protected;

/// A directory that becomes the root of what a program sees, and the steps that put the granted places there. Dropping it
/// takes the mount points away: no program may see it then.
#[derive(Debug)]
pub(crate) struct View {
    root: CString,
    directory: PathBuf,
    steps: Vec<ViewStep>,
    _made: PrivateDirectory,
}

/// The file system of the kernel's processes: its place is the host's until the namespace's own one covers it.
const PROC: &str = "/proc";
const TEMPORARY: &str = "/tmp";

/// What is put somewhere.
struct Source {
    from: PathBuf,
    right: Right,
    is_directory: bool,
    is_device: bool,
}

impl View {
    /// Plans the view. Protected places are the ones that are there; what is missing and must not be is an error, and so is
    /// a link on the way to one.
    pub(crate) fn plan(
        grants: &[Grant],
        protected: &[Protected],
        surroundings: &Surroundings,
    ) -> Result<View, Unconfinable> {
        let mut sources = BTreeMap::new();
        let mut links = BTreeMap::new();
        if let Some(temporary) = &surroundings.temporary {
            let from = temporary.clone();
            let source = Source { from, right: Right::Write, is_directory: true, is_device: false };
            sources.insert(PathBuf::from(TEMPORARY), source);
        }
        for grant in grants.iter().filter(|grant| Some(&grant.path) != surroundings.temporary.as_ref()) {
            let Ok(real) = grant.path.canonicalize() else { continue };
            let Ok(facts) = real.metadata() else { continue };
            if real == Path::new("/") {
                return Err(Unconfinable::Everything);
            }
            if real != grant.path {
                links.insert(grant.path.clone(), real.clone());
            }
            let known = sources.entry(real.clone()).or_insert_with(|| Source {
                from: real,
                right: grant.right,
                is_directory: facts.is_dir(),
                is_device: facts.file_type().is_char_device(),
            });
            known.right = known.right.max(grant.right);
        }
        let made = PrivateDirectory::anywhere()?;
        let directory = made.path().join("root");
        let mut plan = Plan { root: directory.clone(), ..Plan::default() };
        plan.directory(Path::new("/"))?;
        for (at, source) in &sources {
            plan.bind(at, source, &sources)?;
        }
        for (at, to) in &links {
            plan.link(at, to, &links, &sources)?;
        }
        for (at, to) in [("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")] {
            plan.link(&Path::new("/dev").join(at), Path::new(to), &links, &sources)?;
        }
        for one in protected {
            plan.protect(one)?;
        }
        Ok(View { root: c_string(&directory)?, directory, steps: plan.steps, _made: made })
    }

    pub(crate) fn root(&self) -> &CStr {
        &self.root
    }

    /// Its root, where all that is in view may be read: it is granted.
    pub(crate) fn grant(&self) -> Grant {
        Grant { path: self.directory.clone(), right: Right::Read, is_of_the_system: true }
    }

    pub(crate) fn steps(&self) -> &[ViewStep] {
        &self.steps
    }
}

/// Steps as they come, and what has been made for them.
#[derive(Default)]
struct Plan {
    root: PathBuf,
    steps: Vec<ViewStep>,
    pinned: BTreeMap<PathBuf, bool>,
}

impl Plan {
    /// Puts a place in view, unless it is within one that is there with as much right.
    fn bind(
        &mut self,
        at: &Path,
        source: &Source,
        all: &BTreeMap<PathBuf, Source>,
    ) -> Result<(), Unconfinable> {
        let mut above = at.ancestors().skip(1);
        match above.find_map(|above| all.get(above).map(|source| (above, source))) {
            None => {
                self.directory(at.parent().unwrap_or(at))?;
                if source.is_directory {
                    self.directory(at)?;
                } else {
                    fs::File::create(self.below(at))?;
                }
            }
            // Programs write there: the mount point is made each time, and by who follows no link.
            Some((private, above)) if above.from != private => {
                let mut within = private.to_owned();
                for part in at.strip_prefix(private).unwrap_or(at).components() {
                    let name = c_string(Path::new(part.as_os_str()))?;
                    let is_directory = source.is_directory || within.join(part) != at;
                    self.steps.push(ViewStep::MountPoint {
                        within: below_root(&within)?,
                        name,
                        is_directory,
                    });
                    within.push(part);
                }
            }
            Some((_, above)) => {
                let is_enough = above.right == Right::Write || source.right <= Right::Execute;
                if is_enough && !source.is_device {
                    return Ok(());
                }
            }
        }
        self.steps.push(ViewStep::Bind {
            from: c_string(&source.from)?,
            at: below_root(at)?,
            read_only: source.right <= Right::Execute,
            devices: source.is_device,
        });
        Ok(())
    }

    fn below(&self, at: &Path) -> PathBuf {
        self.root.join(at.strip_prefix("/").unwrap_or(at))
    }

    /// Makes a directory of the root and those above it, open to every user that a program may run as.
    fn directory(&self, at: &Path) -> Result<(), Unconfinable> {
        let mut all: Vec<&Path> = at.ancestors().collect();
        all.reverse();
        for directory in all.into_iter().map(|directory| self.below(directory)) {
            match fs::create_dir(&directory) {
                Ok(()) => fs::set_permissions(&directory, fs::Permissions::from_mode(0o755))?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The name by which a place was granted leads to it, unless it does already.
    fn link(
        &mut self,
        at: &Path,
        to: &Path,
        links: &BTreeMap<PathBuf, PathBuf>,
        sources: &BTreeMap<PathBuf, Source>,
    ) -> Result<(), Unconfinable> {
        let is_led_to = |above: &Path| links.contains_key(above) || sources.contains_key(above);
        if !at.ancestors().skip(1).any(is_led_to) {
            self.directory(at.parent().unwrap_or(at))?;
            std::os::unix::fs::symlink(to, self.below(at))?;
        }
        Ok(())
    }

    /// A place inside of a writable one becomes read-only, and what lies between the two can no longer be moved away.
    fn protect(&mut self, one: &Protected) -> Result<(), Unconfinable> {
        let within = one.within.canonicalize()?;
        let whole = within.join(&one.below);
        let missing = || match one.must_exist {
            true => Err(Unconfinable::Unprotected(whole.clone())),
            false => Ok(()),
        };
        let mut between: Vec<(PathBuf, FileType)> = Vec::new();
        let mut place = within.clone();
        for part in one.below.components() {
            place.push(part);
            match place.symlink_metadata() {
                Ok(facts) if facts.is_symlink() => return Err(Unconfinable::ProtectedLink(place)),
                Ok(facts) => between.push((place.clone(), facts.file_type())),
                Err(error) if is_missing(&error) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let is_whole = place == whole && between.last().is_some_and(|(last, _)| *last == whole);
        match between.last() {
            // A file where a directory is looked for, such as the `.git` of a worktree, leads somewhere: it stays.
            Some((_, kind)) if is_whole || !kind.is_dir() => {}
            _ => return missing(),
        }
        let count = between.len();
        for (index, (place, _)) in between.into_iter().enumerate() {
            let read_only = index + 1 == count;
            if self.pinned.get(&place).is_none_or(|known| !known && read_only) {
                self.steps.push(ViewStep::Pin { at: below_root(&place)?, read_only });
                self.pinned.insert(place, read_only);
            }
        }
        Ok(())
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn c_string(path: &Path) -> Result<CString, Unconfinable> {
    CString::new(path.as_os_str().as_bytes()).map_err(|error| Unconfinable::Io(error.into()))
}

fn below_root(path: &Path) -> Result<CString, Unconfinable> {
    c_string(path.strip_prefix("/").unwrap_or(path))
}

/// Where the namespace's own processes are shown; part of every view.
pub(crate) fn processes() -> Grant {
    Grant { path: PROC.into(), right: Right::Read, is_of_the_system: true }
}

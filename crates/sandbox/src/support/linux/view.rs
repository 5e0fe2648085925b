//! The file system that an isolated program sees: the granted places and nothing else, as steps for a child to take.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::FileType;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::Unconfinable;
use crate::grants::{Grant, Right, Surroundings};
use crate::isolation::ViewStep;
use crate::protect::Protected;

/// The steps to a view.
#[derive(Debug)]
pub(crate) struct View {
    steps: Vec<ViewStep>,
}

/// The file system of the kernel's processes: its place is the host's until the namespace's own one covers it.
const PROC: &str = "/proc";
const TEMPORARY: &str = "/tmp";

/// What is put somewhere.
struct Source {
    from: PathBuf,
    right: Right,
    is_directory: bool,
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
            let source = Source { from: temporary.clone(), right: Right::Write, is_directory: true };
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
            let source = Source { from: real.clone(), right: grant.right, is_directory: facts.is_dir() };
            let known = sources.entry(real).or_insert_with(|| Source { right: Right::Read, ..source });
            known.right = stronger(known.right, grant.right);
        }
        let mut plan = Plan::default();
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
        Ok(View { steps: plan.steps })
    }

    pub(crate) fn steps(&self) -> &[ViewStep] {
        &self.steps
    }
}

fn stronger(one: Right, other: Right) -> Right {
    match (one, other) {
        (Right::Device, _) | (_, Right::Device) => Right::Device,
        (Right::Write, _) | (_, Right::Write) => Right::Write,
        _ => Right::Read,
    }
}

/// Steps as they come, and what they have made.
#[derive(Default)]
struct Plan {
    steps: Vec<ViewStep>,
    made: Vec<PathBuf>,
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
        let above = at.ancestors().skip(1).find_map(|above| all.get(above).map(|source| (above, source)));
        if let Some((place, above)) = above {
            // A place of the host's /tmp does not lie in the private one.
            let is_in_it = above.from == place;
            let is_enough = above.right == Right::Write || source.right == Right::Read;
            if is_in_it && is_enough && source.right != Right::Device {
                return Ok(());
            }
        }
        if above.is_none_or(|(place, above)| above.from != place) {
            self.parents(at)?;
            if source.is_directory {
                self.steps.push(ViewStep::Directory(below_root(at)?));
            } else {
                self.steps.push(ViewStep::File(below_root(at)?));
            }
            self.made.push(at.to_owned());
        }
        self.steps.push(ViewStep::Bind {
            from: c_string(&source.from)?,
            at: below_root(at)?,
            read_only: source.right == Right::Read,
            devices: source.right == Right::Device,
        });
        Ok(())
    }

    /// Makes what lies above a place and is not there.
    fn parents(&mut self, at: &Path) -> Result<(), Unconfinable> {
        let mut above: Vec<&Path> = at.ancestors().skip(1).collect();
        above.pop();
        for directory in above.into_iter().rev() {
            if !self.made.iter().any(|made| made == directory) {
                self.steps.push(ViewStep::Directory(below_root(directory)?));
                self.made.push(directory.to_owned());
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
        if at.ancestors().skip(1).any(|above| is_led_to(above) && above != Path::new(TEMPORARY)) {
            return Ok(());
        }
        self.parents(at)?;
        self.steps.push(ViewStep::Link { to: c_string(to)?, at: below_root(at)? });
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

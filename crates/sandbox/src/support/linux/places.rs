//! The granted places, opened: what a rule is tied to is the directory itself, not its name.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, Stat, fstat, open, openat2, stat};
use rustix::io::Errno;

use super::Ruleset;
use super::ruleset::{Draft, add};
use crate::config::{Network, UnixSockets};
use crate::grants::{Grant, writable_above};
use crate::protect::Protected;
use crate::{Feature, Unconfinable};

/// Which files the owner's places were when the ruleset was made.
#[derive(Debug, Default)]
pub(crate) struct Places {
    seen: Vec<(PathBuf, Option<Identity>)>,
}

type Identity = (u64, u64);

fn identity(stat: &Stat) -> Identity {
    (stat.st_dev, stat.st_ino)
}

impl Places {
    /// Opens all places and makes the ruleset of them.
    pub(crate) fn open(
        grants: &[Grant],
        features: &[Feature],
        network: Option<&Network>,
        unix: Option<&UnixSockets>,
        protected: &[Protected],
    ) -> Result<(Places, Ruleset), Unconfinable> {
        let mut draft = Draft::new(features, network, unix)?;
        let mut seen = Vec::new();
        for grant in grants {
            let opened = open_place(grants, &grant.path)?;
            let mut found = None;
            if let Some(place) = opened {
                let stat = fstat(&place).map_err(io::Error::from)?;
                found = Some(identity(&stat));
                let is_directory = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir();
                add(&mut draft, place, grant.right, is_directory)?;
            }
            if !grant.is_of_the_system {
                seen.push((grant.path.clone(), found));
            }
        }
        if let Some(UnixSockets::At(paths)) = unix {
            for path in paths {
                if let Some(place) = open_place(grants, Path::new(path))? {
                    draft.resolve_sockets(place)?;
                }
            }
        }
        // One that comes to be is protected from the next run on.
        for one in protected {
            let first = one.below.components().next();
            for path in
                first.map(|first| one.within.join(first)).into_iter().chain([one.within.join(&one.below)])
            {
                if !seen.iter().any(|(known, _)| *known == path) {
                    let found = stat(&path).ok().as_ref().map(identity);
                    seen.push((path, found));
                }
            }
        }
        Ok((Places { seen }, draft.finish()?))
    }

    /// Whether each of the owner's places is still the same file, or still missing.
    pub(crate) fn are_the_same(&self) -> bool {
        self.seen.iter().all(|(path, before)| stat(path).ok().as_ref().map(identity) == *before)
    }
}

/// `None` if there is nothing.
fn open_place(grants: &[Grant], path: &Path) -> Result<Option<OwnedFd>, Unconfinable> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let opened = match writable_above(grants, path) {
        None => open(path, flags, Mode::empty()),
        // Whoever writes there may have put a link at its place: what is granted must not lead out.
        Some(above) => {
            let below = path.strip_prefix(above).unwrap_or(path);
            openat2(CWD, above, flags | OFlags::DIRECTORY, Mode::empty(), ResolveFlags::empty()).and_then(
                |above| {
                    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
                    openat2(&above, below, flags, Mode::empty(), resolve)
                },
            )
        }
    };
    match opened {
        Ok(place) => Ok(Some(place)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => Ok(None),
        Err(Errno::XDEV | Errno::LOOP) => Err(Unconfinable::LeadsOut(path.to_owned())),
        Err(error) => Err(Unconfinable::Io(error.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::Right;

    fn grant(path: &Path, right: Right) -> Grant {
        Grant { path: path.to_owned(), right, is_of_the_system: false }
    }

    #[test]
    fn a_link_inside_a_writable_place_is_not_followed_out_of_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let (workspace, secret) = (directory.path().join("workspace"), directory.path().join("secret"));
        std::fs::create_dir(&workspace).expect("made");
        std::fs::create_dir(&secret).expect("made");
        std::fs::create_dir(workspace.join("real")).expect("made");
        std::os::unix::fs::symlink("real", workspace.join("inside")).expect("linked");
        std::os::unix::fs::symlink(&secret, workspace.join("bin")).expect("linked");
        let grants = [grant(&workspace, Right::Write)];
        assert!(open_place(&grants, &workspace.join("real")).expect("opened").is_some());
        assert!(open_place(&grants, &workspace.join("inside")).expect("opened").is_some());
        assert!(open_place(&grants, &workspace.join("missing")).expect("looked for").is_none());
        assert!(matches!(open_place(&grants, &workspace.join("bin")), Err(Unconfinable::LeadsOut(_))));
        assert!(open_place(&[], &workspace.join("bin")).expect("nobody else writes there").is_some());
    }

    #[test]
    fn a_place_that_comes_or_is_replaced_is_noticed() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("late");
        let missing = Places { seen: vec![(path.clone(), None)] };
        assert!(missing.are_the_same());
        std::fs::create_dir(&path).expect("made");
        assert!(!missing.are_the_same());
        let there = Places { seen: vec![(path.clone(), Some(identity(&stat(&path).expect("there"))))] };
        assert!(there.are_the_same());
        std::fs::rename(&path, directory.path().join("other")).expect("moved");
        std::fs::create_dir(&path).expect("made");
        assert!(!there.are_the_same());
    }
}

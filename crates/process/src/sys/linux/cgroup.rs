//! A control group of the second version around one tree: nothing in it escapes its end, not even a daemon.
//!
//! No controller is needed for that, only a place where a group can be made: below the one the host is in.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::fs::{Mode, OFlags, open};

use crate::sys::unix::lift;
use crate::{Signal, orphans};

/// One group, removed when it is dropped.
pub(crate) struct Cgroup {
    path: PathBuf,
    /// Until the child is in it.
    doors: Option<Doors>,
    killed: AtomicBool,
}

/// The ways in.
struct Doors {
    directory: OwnedFd,
    procs: OwnedFd,
}

impl Cgroup {
    /// `None` where the kernel, the mounts or the permissions do not allow one.
    pub(crate) fn create() -> Option<Cgroup> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let parent = own_group()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{PREFIX}{}-{number}", std::process::id()));
        Cgroup::create_at(path)
            .inspect_err(|error| tracing::debug!(%error, "no control group for this child"))
            .ok()
    }

    fn create_at(path: PathBuf) -> io::Result<Cgroup> {
        fs::create_dir(&path)?;
        let opened = || -> io::Result<Doors> {
            if !path.join("cgroup.kill").exists() {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "no cgroup.kill (Linux before 5.14)"));
            }
            let directory = open(&path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
            let procs = open(path.join("cgroup.procs"), OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
            Ok(Doors { directory: lift(directory)?, procs: lift(procs)? })
        };
        match opened() {
            Ok(doors) => Ok(Cgroup { path, doors: Some(doors), killed: AtomicBool::new(false) }),
            Err(error) => {
                remove(&path);
                Err(error)
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn doors(&self) -> &Doors {
        self.doors.as_ref().expect("only one child enters a group, and only once")
    }

    /// For `CLONE_INTO_CGROUP`.
    pub(super) fn directory(&self) -> RawFd {
        self.doors().directory.as_raw_fd()
    }

    /// For a child that moves itself.
    pub(crate) fn procs(&self) -> RawFd {
        self.doors().procs.as_raw_fd()
    }

    /// The child is in it. A group in use holds no descriptor.
    pub(crate) fn entered(self) -> Cgroup {
        // A struct with a drop of its own gives no part away.
        let mut cgroup = self;
        cgroup.doors = None;
        cgroup
    }

    /// SIGKILL to all, at once; any other signal to each. `false` if nobody was there.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        if signal == Signal::KILL {
            let somebody = is_populated(&self.path);
            self.killed.store(true, Ordering::Relaxed);
            return fs::write(self.path.join("cgroup.kill"), "1").is_ok() && somebody;
        }
        // A member that ends between the two lines may leave its number to a stranger of our own user; the kernel has no
        // better call for this, and what must not fail, the SIGKILL, does not go this way.
        self.members().iter().filter(|pid| crate::sys::unix::kill(**pid, signal)).count() > 0
    }

    /// Process numbers of those who are alive, also in groups that members made below this one.
    pub(crate) fn members(&self) -> Vec<i32> {
        let mut members = Vec::new();
        let mut groups = vec![self.path.clone()];
        while let Some(group) = groups.pop() {
            let procs = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
            members.extend(procs.lines().filter_map(|line| line.parse::<i32>().ok()).filter(|pid| *pid > 0));
            groups.extend(groups_below(&group));
        }
        members
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        if remove(&self.path) {
            return;
        }
        let path = std::mem::take(&mut self.path);
        if self.killed.load(Ordering::Relaxed) || !is_populated(&path) {
            // Who was killed is there for a moment yet.
            orphans::adopt(Box::new(move || remove(&path)));
        } else {
            // Who may stay, may stay long: looked at when the next group is made, or by the next host.
            left().push(path);
        }
    }
}

pub(super) const PREFIX: &str = "vetty-";

fn is_populated(group: &Path) -> bool {
    fs::read_to_string(group.join("cgroup.events"))
        .is_ok_and(|events| events.lines().any(|line| line == "populated 1"))
}

fn groups_below(group: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(group).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path())
}

/// Whether the group, with those that members made below it, is gone.
pub(super) fn remove(group: &Path) -> bool {
    let try_now =
        || fs::remove_dir(group).map_or_else(|error| error.kind() == io::ErrorKind::NotFound, |()| true);
    if try_now() {
        return true;
    }
    let mut all_below = true;
    for below in groups_below(group) {
        all_below &= remove(&below);
    }
    all_below && try_now()
}

/// Groups that were dropped while somebody who may stay was in them.
fn left() -> MutexGuard<'static, Vec<PathBuf>> {
    static LEFT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether groups that are made have the controllers that bound a tree. The host is never moved to have it so.
pub(super) fn base_has_controllers() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| own_group().is_some_and(has_controllers))
}

fn has_controllers(group: &Path) -> bool {
    let enabled = fs::read_to_string(group.join("cgroup.subtree_control")).unwrap_or_default();
    ["memory", "pids"].iter().all(|wanted| enabled.split_whitespace().any(|name| name == *wanted))
}

/// Beside the host, where controllers were delegated: no group that has processes can give them to those below it.
fn delegated(own: &Path) -> Option<PathBuf> {
    let above = own.parent()?;
    let writable = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    (has_controllers(above) && writable(above) && writable(&above.join("cgroup.procs")))
        .then(|| above.to_owned())
}

/// Where the host itself is, or beside it, if groups can be made there. Removes what dead hosts left, once.
fn own_group() -> Option<&'static Path> {
    left().retain(|path| !remove(path));
    static OWN: OnceLock<Option<PathBuf>> = OnceLock::new();
    OWN.get_or_init(|| {
        let mount = mount_point(&fs::read_to_string("/proc/self/mountinfo").ok()?)?;
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let own = mount.join(own);
        if own != mount
            && let Some(above) = delegated(&own)
        {
            sweep(&above);
            return Some(above);
        }
        rustix::fs::access(&own, rustix::fs::Access::WRITE_OK).ok()?;
        sweep(&own);
        Some(own)
    })
    .as_deref()
}

/// Of a mountinfo (proc(5)), where the second version's tree is mounted with its root.
fn mount_point(mountinfo: &str) -> Option<PathBuf> {
    mountinfo.lines().find_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let mut fields = mount.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        (kind.starts_with("cgroup2 ") && root == "/" && !point.contains('\\')).then(|| PathBuf::from(point))
    })
}

pub(super) fn sweep(own: &Path) {
    for entry in fs::read_dir(own).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(host) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()) else {
            continue;
        };
        let alive = Path::new("/proc").join(host).exists();
        if !alive && !remove(&entry.path()) {
            tracing::debug!("a dead host's control group is in use");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_beside_the_host_is_used_where_its_controllers_were_delegated() {
        let above = tempfile::tempdir().expect("a directory");
        let own = above.path().join("host");
        fs::create_dir(&own).expect("made");
        fs::write(above.path().join("cgroup.procs"), "").expect("written");
        fs::write(above.path().join("cgroup.subtree_control"), "cpu memory\n").expect("written");
        assert_eq!(delegated(&own), None);
        fs::write(above.path().join("cgroup.subtree_control"), "cpu memory pids\n").expect("written");
        assert_eq!(delegated(&own).as_deref(), Some(above.path()));
    }

    #[test]
    fn the_second_versions_mount_is_found_among_others() {
        let mountinfo = "25 30 0:23 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n\
                         32 25 0:28 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n\
                         31 25 0:27 / /sys/fs/cgroup/unified rw shared:8 - cgroup2 cgroup2 rw\n";
        assert_eq!(mount_point(mountinfo), Some(PathBuf::from("/sys/fs/cgroup/unified")));
        assert_eq!(mount_point("31 25 0:27 /sub /cg rw - cgroup2 cgroup2 rw\n"), None);
    }
}

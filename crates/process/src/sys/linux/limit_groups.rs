//! Control groups that bound a tree: the one that holds it, where its controllers were delegated, else groups of its own in
//! the hierarchies of the first version.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Mode, OFlags, open};

use super::Cgroup;
use super::cgroup::{PREFIX, base_has_controllers, remove, sweep};
use crate::orphans;
use crate::sys::unix::lift;
use crate::tree_limits::{Exceeded, TreeLimits};

/// The groups of one tree. Those that were made for it are removed when they are dropped.
pub(crate) struct LimitGroups {
    groups: Vec<Group>,
    /// Of the second version: the group that holds the tree.
    unified: Option<PathBuf>,
}

/// One of the first version.
struct Group {
    controller: Controller,
    path: PathBuf,
    /// Until the child is in it.
    procs: Option<OwnedFd>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Controller {
    Memory,
    Pids,
}

impl Controller {
    const ALL: [Controller; 2] = [Controller::Memory, Controller::Pids];

    fn name(self) -> &'static str {
        match self {
            Controller::Memory => "memory",
            Controller::Pids => "pids",
        }
    }

    fn limit(self, limits: TreeLimits) -> Option<u64> {
        match self {
            Controller::Memory => limits.memory,
            Controller::Pids => limits.processes,
        }
    }
}

impl LimitGroups {
    /// Whether a tree can be bounded in both ways.
    pub(crate) fn are_available() -> bool {
        base_has_controllers() || Controller::ALL.iter().all(|controller| hierarchy(*controller).is_some())
    }

    /// Whether the group that holds the tree is the one that bounds it.
    pub(crate) fn need_the_trees_group() -> bool {
        base_has_controllers()
    }

    /// `None` where nothing is to be bounded.
    pub(crate) fn create(limits: TreeLimits, holding: Option<&Cgroup>) -> io::Result<Option<LimitGroups>> {
        if limits.is_empty() {
            return Ok(None);
        }
        if let Some(holding) = holding.filter(|_| base_has_controllers()) {
            let path = holding.path().to_owned();
            if let Some(bytes) = limits.memory {
                fs::write(path.join("memory.max"), bytes.to_string())?;
                // Without them a part of the memory would only be elsewhere, and a part of the tree would live on.
                write_if_known(&path.join("memory.swap.max"), "0")?;
                write_if_known(&path.join("memory.oom.group"), "1")?;
            }
            if let Some(count) = limits.processes {
                fs::write(path.join("pids.max"), count.to_string())?;
            }
            return Ok(Some(LimitGroups { groups: Vec::new(), unified: Some(path) }));
        }
        let mut made = LimitGroups { groups: Vec::new(), unified: None };
        for controller in Controller::ALL {
            if let Some(limit) = controller.limit(limits) {
                made.groups.push(Group::create(controller, limit)?);
            }
        }
        Ok(Some(made))
    }

    /// For a child that moves itself.
    pub(crate) fn procs(&self) -> impl Iterator<Item = RawFd> {
        self.groups.iter().filter_map(|group| group.procs.as_ref()).map(AsRawFd::as_raw_fd)
    }

    /// The child is in them. Groups in use hold no descriptor.
    pub(crate) fn entered(mut self) -> LimitGroups {
        for group in &mut self.groups {
            group.procs = None;
        }
        self
    }

    /// What the tree had too much of until now.
    pub(crate) fn exceeded(&self) -> Option<Exceeded> {
        let counted = |path: &Path, file: &str, key: &str| {
            let text = fs::read_to_string(path.join(file)).unwrap_or_default();
            text.lines().any(|line| {
                line.split_once(' ').is_some_and(|(name, count)| name == key && count.trim() != "0")
            })
        };
        let of = |controller| self.groups.iter().find(|group: &&Group| group.controller == controller);
        let unified = self.unified.as_deref();
        if unified.is_some_and(|path| counted(path, "memory.events", "oom_kill"))
            || of(Controller::Memory)
                .is_some_and(|group| counted(&group.path, "memory.oom_control", "oom_kill"))
        {
            return Some(Exceeded::Memory);
        }
        let processes = unified.or(of(Controller::Pids).map(|group| group.path.as_path()));
        processes.filter(|path| counted(path, "pids.events", "max")).map(|_| Exceeded::Processes)
    }
}

impl Group {
    fn create(controller: Controller, limit: u64) -> io::Result<Group> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let base = hierarchy(controller).ok_or_else(|| {
            let problem = format!("no control group bounds {} here", controller.name());
            io::Error::new(io::ErrorKind::Unsupported, problem)
        })?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = base.join(format!("{PREFIX}{}-limit-{number}", std::process::id()));
        fs::create_dir(&path)?;
        let bounded = || -> io::Result<OwnedFd> {
            match controller {
                Controller::Memory => {
                    fs::write(path.join("memory.limit_in_bytes"), limit.to_string())?;
                    write_if_known(&path.join("memory.memsw.limit_in_bytes"), &limit.to_string())?;
                    write_if_known(&path.join("memory.swappiness"), "0")?;
                }
                Controller::Pids => fs::write(path.join("pids.max"), limit.to_string())?,
            }
            lift(open(path.join("cgroup.procs"), OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?)
        };
        match bounded() {
            Ok(procs) => Ok(Group { controller, path, procs: Some(procs) }),
            Err(error) => {
                remove(&path);
                Err(error)
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !remove(&self.path) {
            // Who was killed is there for a moment yet; who may stay keeps the group until the next host sweeps.
            let path = std::mem::take(&mut self.path);
            orphans::adopt(Box::new(move || remove(&path)));
        }
    }
}

fn write_if_known(path: &Path, value: &str) -> io::Result<()> {
    match fs::write(path, value) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Where the host is in a hierarchy of the first version, if groups can be made there.
fn hierarchy(controller: Controller) -> Option<&'static Path> {
    static MEMORY: OnceLock<Option<PathBuf>> = OnceLock::new();
    static PIDS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let place = match controller {
        Controller::Memory => &MEMORY,
        Controller::Pids => &PIDS,
    };
    place
        .get_or_init(|| {
            let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
            let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
            let base = own_place(&mounts, &groups, controller.name())?;
            rustix::fs::access(&base, rustix::fs::Access::WRITE_OK).ok()?;
            sweep(&base);
            Some(base)
        })
        .as_deref()
}

/// Of a mountinfo and a list of groups (proc(5)), the directory of the host's own group.
fn own_place(mounts: &str, groups: &str, controller: &str) -> Option<PathBuf> {
    let lists = |list: &str| list.split(',').any(|name| name == controller);
    let own = groups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        lists(controllers).then_some(path)
    })?;
    mounts.lines().find_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let mut fields = mount.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        let mut kind = kind.split(' ');
        let fits = kind.next() == Some("cgroup") && kind.nth(1).is_some_and(lists) && !point.contains('\\');
        let below = own.strip_prefix(root.trim_end_matches('/'))?;
        fits.then(|| Path::new(point).join(below.trim_start_matches('/')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_group_is_found_below_its_hierarchys_mount() {
        let mounts = "31 25 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
                      32 25 0:28 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n\
                      33 25 0:29 /docker/abc /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";
        let groups = "9:memory:/user/me\n8:pids:/docker/abc\n0::/\n";
        assert_eq!(own_place(mounts, groups, "memory"), Some("/sys/fs/cgroup/memory/user/me".into()));
        assert_eq!(own_place(mounts, groups, "pids"), Some("/sys/fs/cgroup/pids/".into()));
        assert_eq!(own_place(mounts, groups, "cpu"), None);
        assert_eq!(own_place(mounts, "8:pids:/elsewhere\n", "pids"), None);
    }
}

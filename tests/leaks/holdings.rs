//! What the kernel knows of this process, and what no run may change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{WaitId, WaitIdOptions, waitid};

/// How our own threads begin. They are permanent and bounded; on a busy machine one more may be needed at any time.
const OWN: &str = "vetty-";
/// Those that spawn, one that looks after them, and one for orphans.
const MOST_OF_OUR_OWN: usize = 64 + 1 + 1;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    descriptors: BTreeSet<(String, PathBuf)>,
    /// By name, but for our own.
    threads: Vec<String>,
    /// Of all threads.
    masks: BTreeSet<String>,
    /// Of each signal that is not at its default.
    dispositions: BTreeMap<i32, [usize; 4]>,
    dumpable: i32,
    ids: Vec<String>,
    has_children: bool,
}

impl Holdings {
    pub fn now() -> Holdings {
        let mut threads = Vec::new();
        let mut masks = BTreeSet::new();
        // One that ends meanwhile has no status any more.
        for status in
            entries("/proc/self/task").filter_map(|task| fs::read_to_string(task.join("status")).ok())
        {
            threads.push(field(&status, "Name").to_owned());
            masks.insert(field(&status, "SigBlk").to_owned());
        }
        let own = threads.extract_if(.., |name| name.starts_with(OWN)).count();
        assert!(own <= MOST_OF_OUR_OWN, "{own} threads of our own");
        threads.sort();
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let ids = ["Uid", "Gid", "Groups", "CapEff", "NoNewPrivs"];
        Holdings {
            descriptors: descriptors(),
            threads,
            masks,
            dispositions: (1..=64)
                .map(|signal| (signal, disposition(signal)))
                .filter(|(_, action)| *action != [0; 4])
                .collect(),
            dumpable: rustix::process::dumpable_behavior().unwrap() as i32,
            ids: ids.map(|name| field(&status, name).to_owned()).to_vec(),
            has_children: has_children(),
        }
    }

    /// What is held now, if that is more than then or something else. What was closed meanwhile must stay closed.
    pub fn exceeded(&mut self) -> Option<Holdings> {
        let now = Holdings::now();
        let descriptors = std::mem::replace(&mut self.descriptors, now.descriptors.clone());
        if now.descriptors.is_subset(&descriptors) && now == *self {
            return None;
        }
        self.descriptors = descriptors;
        Some(now)
    }
}

fn entries(directory: impl AsRef<Path>) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(directory).unwrap().flatten().map(|entry| entry.path())
}

fn field<'a>(status: &'a str, name: &str) -> &'a str {
    status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap().trim()
}

/// But for the one that lists them.
fn descriptors() -> BTreeSet<(String, PathBuf)> {
    let named = |path: PathBuf| {
        let target = fs::read_link(&path).ok()?;
        Some((path.file_name()?.to_str()?.to_owned(), target))
    };
    entries("/proc/self/fd").filter_map(named).filter(|(_, target)| !target.starts_with("/proc")).collect()
}

/// `struct kernel_sigaction`: handler, flags, restorer, mask.
fn disposition(signal: i32) -> [usize; 4] {
    let mut action = [0usize; 4];
    let nothing = std::ptr::null::<usize>();
    // SAFETY: the kernel writes one struct, which is no larger than the array.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, nothing, action.as_mut_ptr(), 8usize) };
    action
}

/// Dead or alive.
pub fn has_children() -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::All, look), Err(rustix::io::Errno::CHILD))
}

/// Somebody who lives in `directory`: children start there, and so do theirs.
pub fn resident_of(directory: &Path) -> Option<PathBuf> {
    entries("/proc").find(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == directory))
}

/// Bytes of memory in use.
pub fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    field(&status, "VmRSS").strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

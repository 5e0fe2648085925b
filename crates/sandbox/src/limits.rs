//! Bounds that no call can raise, and which of the kernel's means hold them.

use serde::{Deserialize, Serialize};

use crate::config::number::whole;

/// Bounds that no call can raise; 0 is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
#[non_exhaustive]
pub struct LimitsConfig {
    /// Milliseconds from spawn to exit.
    #[serde(deserialize_with = "whole")]
    pub wall: u64,
    /// Milliseconds without output.
    #[serde(deserialize_with = "whole")]
    pub idle: u64,
    /// Bytes of output, all streams.
    #[serde(deserialize_with = "whole")]
    pub output: u64,
    /// Milliseconds of processor time, of each process; the kernel counts whole seconds, rounded up.
    #[serde(deserialize_with = "whole")]
    pub cpu_time: u64,
    /// Bytes of memory: of the whole tree where a control group can be had, else of each process's data.
    #[serde(deserialize_with = "whole")]
    pub memory: u64,
    /// Processes and threads: of the whole tree where a control group can be had, else of the user, who must not be root.
    #[serde(deserialize_with = "whole")]
    pub processes: u64,
    /// Open files of each process, hard and soft.
    #[serde(deserialize_with = "whole")]
    pub open_files: u64,
    /// Bytes of each file that is written.
    #[serde(deserialize_with = "whole")]
    pub file_size: u64,
}

/// What a limit of one process bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Seconds of processor time (`RLIMIT_CPU`).
    CpuTime,
    /// Bytes of data: what it allocates, not what it maps of files (`RLIMIT_DATA`).
    Data,
    /// Processes and threads of the user (`RLIMIT_NPROC`).
    Processes,
    /// Open files (`RLIMIT_NOFILE`).
    OpenFiles,
    /// Bytes of a file (`RLIMIT_FSIZE`).
    FileSize,
}

/// A limit of one process, inherited by those it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceLimit {
    /// Of what.
    pub resource: Resource,
    /// Where a process is told.
    pub soft: u64,
    /// Where it ends, and what it cannot raise.
    pub hard: u64,
}

impl LimitsConfig {
    /// The limits of each process. Memory and processes are among them where no control group holds them for the tree.
    pub fn of_each_process(&self, tree_is_bounded: bool) -> Vec<ResourceLimit> {
        let mut limits = Vec::new();
        let mut push = |resource, soft: u64, hard: u64| {
            if soft > 0 {
                limits.push(ResourceLimit { resource, soft, hard });
            }
        };
        let seconds = self.cpu_time.div_ceil(1000);
        // The signal first, and a second later the end of whoever ignores it.
        push(Resource::CpuTime, seconds, seconds + 1);
        if !tree_is_bounded {
            push(Resource::Data, self.memory, self.memory);
            push(Resource::Processes, self.processes, self.processes);
        }
        push(Resource::OpenFiles, self.open_files, self.open_files);
        push(Resource::FileSize, self.file_size, self.file_size);
        limits
    }

    /// Whether a limit asks for the tree as a whole.
    pub fn bounds_the_tree(&self) -> bool {
        self.memory > 0 || self.processes > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_counted_in_seconds_and_ends_who_ignores_it() {
        let limits = LimitsConfig { cpu_time: 1500, ..LimitsConfig::default() };
        let limit = ResourceLimit { resource: Resource::CpuTime, soft: 2, hard: 3 };
        assert_eq!(limits.of_each_process(true), [limit]);
    }

    #[test]
    fn a_bounded_tree_needs_no_bound_of_memory_for_each() {
        let limits = LimitsConfig { memory: 1 << 20, processes: 5, ..LimitsConfig::default() };
        assert!(limits.bounds_the_tree() && limits.of_each_process(true).is_empty());
        let each: Vec<_> = limits.of_each_process(false).iter().map(|limit| limit.resource).collect();
        assert_eq!(each, [Resource::Data, Resource::Processes]);
        assert!(LimitsConfig::default().of_each_process(false).is_empty());
    }
}

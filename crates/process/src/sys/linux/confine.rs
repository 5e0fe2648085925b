//! The parts of a sandbox as a child applies them to itself, by raw system calls alone.

use std::os::fd::RawFd;

use vetty_sandbox::{Confinement, Instruction};

use super::steps::syscall;
use crate::Phase;

/// One part. Pointers and descriptors are borrowed of a [`Confinement`], which must outlive the birth.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Measure {
    /// All of them, in every set; `no_new_privs` sees to it that none comes back.
    DropCapabilities,
    NoNewPrivileges,
    Landlock(RawFd),
    Filter {
        first: *const Instruction,
        count: u16,
    },
}

impl Measure {
    /// What a failure of it is called.
    pub(crate) fn phase(self) -> Phase {
        match self {
            Measure::DropCapabilities => Phase::Capabilities,
            Measure::NoNewPrivileges => Phase::Sandbox,
            Measure::Landlock(_) => Phase::Landlock,
            Measure::Filter { .. } => Phase::Seccomp,
        }
    }
}

/// All parts of a confinement, in their order: the filter last, because it may refuse what the others need.
pub(crate) fn measures(confinement: &Confinement) -> impl Iterator<Item = Measure> {
    let filter = confinement.filter();
    let first = filter.as_ptr();
    let ruleset = confinement.ruleset().map(|ruleset| Measure::Landlock(ruleset.as_raw()));
    // The kernel takes 4096 instructions; a filter has a few hundred.
    let filter = (!filter.is_empty()).then_some(Measure::Filter { first, count: filter.len() as u16 });
    [Some(Measure::DropCapabilities), Some(Measure::NoNewPrivileges), ruleset, filter].into_iter().flatten()
}

/// Applies one part to the calling process; a negative result is a negated errno.
///
/// # Safety
/// What the measure borrows must be alive. The calling process is confined from then on.
pub(crate) unsafe fn perform(measure: Measure) -> isize {
    // SAFETY: each call passes integers, or pointers to values on this stack or of the confinement that outlive the call.
    unsafe {
        match measure {
            Measure::DropCapabilities => {
                // struct __user_cap_header_struct { version 3, pid 0 }, two empty __user_cap_data_struct.
                let header = [0x2008_0522u32, 0];
                let none = [0u32; 6];
                syscall(libc::SYS_capset, [header.as_ptr() as usize, none.as_ptr() as usize, 0, 0, 0])
            }
            Measure::NoNewPrivileges => {
                syscall(libc::SYS_prctl, [libc::PR_SET_NO_NEW_PRIVS as usize, 1, 0, 0, 0])
            }
            Measure::Landlock(ruleset) => {
                syscall(libc::SYS_landlock_restrict_self, [ruleset as usize, 0, 0, 0, 0])
            }
            Measure::Filter { first, count } => {
                // The two have one layout, which a test holds.
                let program = libc::sock_fprog { len: count, filter: first.cast_mut().cast() };
                let mode = libc::SECCOMP_SET_MODE_FILTER as usize;
                syscall(libc::SYS_seccomp, [mode, 0, &raw const program as usize, 0, 0])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{align_of, offset_of, size_of};

    #[test]
    fn an_instruction_is_laid_out_as_the_kernels() {
        assert_eq!(size_of::<Instruction>(), size_of::<libc::sock_filter>());
        assert_eq!(align_of::<Instruction>(), align_of::<libc::sock_filter>());
        assert_eq!(offset_of!(Instruction, code), offset_of!(libc::sock_filter, code));
        assert_eq!(offset_of!(Instruction, jt), offset_of!(libc::sock_filter, jt));
        assert_eq!(offset_of!(Instruction, jf), offset_of!(libc::sock_filter, jf));
        assert_eq!(offset_of!(Instruction, k), offset_of!(libc::sock_filter, k));
    }
}

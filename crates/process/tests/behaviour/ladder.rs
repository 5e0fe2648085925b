//! Every behaviour again on every rung of the spawn ladder, forced by name or by a filter as containers have them.

use std::os::unix::process::CommandExt;

use vetty_process::{Command, Rung};

use crate::host::{copy_of_this_binary, text_of, warm_up};

/// The rung that must be in force after a spawn, by its name. Set in the copies.
const EXPECTED: &str = "VETTY_TEST_RUNG";

#[test]
fn the_expected_rung_is_in_force() {
    text_of(Command::new("/bin/true"));
    let expected = std::env::var(EXPECTED).unwrap_or_else(|_| "clone3".to_owned());
    assert_eq!(Rung::in_force().as_str(), expected);
}

/// All tests of this binary but those that start copies of it all.
fn every_behaviour(expected: Rung, prepare: impl FnOnce(&mut std::process::Command)) {
    if std::env::var_os(EXPECTED).is_some() {
        return;
    }
    let mut copy = copy_of_this_binary();
    copy.args(["--skip", "ladder::every_"]).env(EXPECTED, expected.as_str()).env_remove("VETTY_SPAWN");
    prepare(&mut copy);
    let output = copy.output().expect("a copy of the test binary starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("ladder::the_expected_rung_is_in_force ... ok"), "{text}");
}

#[test]
fn every_behaviour_on_the_clone_rung() {
    every_behaviour(Rung::Clone, |copy| {
        copy.env("VETTY_SPAWN", "clone");
    });
}

#[test]
fn every_behaviour_on_the_portable_rung() {
    every_behaviour(Rung::Portable, |copy| {
        copy.env("VETTY_SPAWN", "portable");
    });
}

#[test]
fn every_behaviour_where_a_filter_does_not_know_clone3() {
    every_behaviour(Rung::Clone, |copy| under(copy, Filter::new().refuse_clone3(libc::ENOSYS)));
}

#[test]
fn every_behaviour_where_a_filter_refuses_shared_memory_too() {
    let filter = Filter::new().refuse_clone3(libc::ENOSYS).refuse_vfork(libc::EPERM);
    every_behaviour(Rung::Portable, |copy| under(copy, filter));
}

alone! {
    /// glibc itself makes no thread where clone3 says EPERM, so the filter comes when all threads are there.
    fn a_filter_that_forbids_clone3_is_met_by_the_next_rung() {
        if std::env::var(EXPECTED).is_ok_and(|rung| rung != "clone3") {
            return;
        }
        warm_up();
        assert_eq!(Rung::in_force(), Rung::Clone3);
        Filter::new().refuse_clone3(libc::EPERM).install(SECCOMP_FILTER_FLAG_TSYNC).expect("a filter");
        assert_eq!(text_of(Command::new("/bin/echo").arg("by clone")), "by clone\n");
        assert_eq!(Rung::in_force(), Rung::Clone);
        Filter::new().refuse_vfork(libc::EPERM).install(SECCOMP_FILTER_FLAG_TSYNC).expect("a filter");
        assert_eq!(text_of(Command::new("/bin/echo").arg("by fork")), "by fork\n");
        assert_eq!(Rung::in_force(), Rung::Portable);
    }
}

const SECCOMP_FILTER_FLAG_TSYNC: libc::c_ulong = 1;

fn under(copy: &mut std::process::Command, filter: Filter) {
    // SAFETY: one system call on a program that was made before.
    unsafe { copy.pre_exec(move || filter.install(0)) };
}

/// A classic BPF program over the number and the first argument of a system call.
struct Filter(Vec<libc::sock_filter>);

impl Filter {
    fn new() -> Filter {
        Filter(Vec::new())
    }

    fn push(&mut self, code: u32, jt: u8, jf: u8, k: u32) {
        self.0.push(libc::sock_filter { code: code as u16, jt, jf, k });
    }

    fn load(&mut self, offset: u32) {
        self.push(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset);
    }

    fn refuse(&mut self, errno: i32) {
        self.push(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | errno as u32);
    }

    fn refuse_clone3(mut self, errno: i32) -> Filter {
        self.load(0);
        self.push(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, libc::SYS_clone3 as u32);
        self.refuse(errno);
        self
    }

    /// `clone` with both CLONE_VM and CLONE_VFORK.
    fn refuse_vfork(mut self, errno: i32) -> Filter {
        let both = (libc::CLONE_VM | libc::CLONE_VFORK) as u32;
        self.load(0);
        self.push(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 4, libc::SYS_clone as u32);
        // The low half of the first argument, on a little-endian machine.
        self.load(16);
        self.push(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, 0, 0, both);
        self.push(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, both);
        self.refuse(errno);
        self
    }

    fn install(&self, flags: libc::c_ulong) -> std::io::Result<()> {
        let allow = libc::sock_filter {
            code: (libc::BPF_RET | libc::BPF_K) as u16,
            jt: 0,
            jf: 0,
            k: libc::SECCOMP_RET_ALLOW,
        };
        // No allocation: this may run between fork and exec.
        let mut whole = [allow; 16];
        whole[..self.0.len()].copy_from_slice(&self.0);
        let program = libc::sock_fprog { len: self.0.len() as u16 + 1, filter: whole.as_mut_ptr() };
        // SAFETY: the program lives across the call.
        let result = unsafe {
            libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program)
        };
        if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }
}

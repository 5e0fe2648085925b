//! Every test of the binary that this is a module of, again on every rung of the spawn ladder, forced by name or by a
//! filter as containers have them.

pub mod filter;

use std::os::unix::process::CommandExt;

use vetty_process::{Command, Rung};

use filter::Filter;

/// The rung that must be in force after a spawn, by its name. Set in the copies.
const EXPECTED: &str = "VETTY_TEST_RUNG";

#[test]
fn the_expected_rung_is_in_force() {
    let rung = rung_after_a_spawn();
    match std::env::var(EXPECTED) {
        Ok(expected) => assert_eq!(rung.as_str(), expected),
        Err(_) if knows_clone3() => assert_eq!(rung, Rung::Clone3),
        Err(_) => println!("skipped: clone3 is refused here"),
    }
}

fn rung_after_a_spawn() -> Rung {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(Command::new("/bin/true").spawn()).expect("spawns").reap();
    Rung::in_force()
}

fn knows_clone3() -> bool {
    // SAFETY: without arguments it makes nothing.
    let result = unsafe { libc::syscall(libc::SYS_clone3, std::ptr::null::<u8>(), 0) };
    result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL)
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

/// To us alone: glibc itself makes no thread where clone3 says EPERM.
#[test]
fn every_behaviour_where_a_filter_forbids_clone3() {
    every_behaviour(Rung::Clone, |copy| {
        under(copy, Filter::new().refuse_clone3_outside_of_libc(libc::EPERM))
    });
}

#[test]
fn every_behaviour_where_a_filter_refuses_shared_memory_too() {
    let filter = Filter::new().refuse_clone3(libc::ENOSYS).refuse_vfork(libc::EPERM);
    every_behaviour(Rung::Portable, |copy| under(copy, filter));
}

/// All tests of this binary but those that start copies of it all.
fn every_behaviour(expected: Rung, prepare: impl FnOnce(&mut std::process::Command)) {
    if std::env::var_os(EXPECTED).is_some() {
        return;
    }
    // This machine itself may refuse more.
    let expected = expected.max(rung_after_a_spawn());
    let mut copy = copy_of_this_binary();
    copy.args(["--skip", "ladder::every_"]).env(EXPECTED, expected.as_str()).env_remove("VETTY_SPAWN");
    prepare(&mut copy);
    let output = copy.output().expect("a copy of the test binary starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("ladder::the_expected_rung_is_in_force ... ok"), "{text}");
}

fn under(copy: &mut std::process::Command, filter: Filter) {
    // SAFETY: one system call on a program that was made before.
    unsafe { copy.pre_exec(move || filter.install(0)) };
}

/// Started by `fork`, because a rung of the ladder may refuse what the standard library likes better.
pub fn copy_of_this_binary() -> std::process::Command {
    // Who started the tests may ignore it, and the standard library could not wait then.
    // SAFETY: no handler.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    let mut copy = std::process::Command::new(std::env::current_exe().expect("this binary has a path"));
    // SAFETY: it does nothing; its presence makes the standard library fork.
    unsafe { copy.pre_exec(|| Ok(())) };
    copy
}

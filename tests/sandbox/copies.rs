//! All of this binary's tests again: as a user without any privilege, and on the other rungs of the spawn ladder.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::geteuid;

/// Set in a copy, to its directory.
const COPY: &str = "VETTY_TEST_COPY";
const NOBODY: u32 = 65534;

/// The program that tries: where it was built, which nobody else may be able to read, or beside the copy.
pub fn probe() -> PathBuf {
    match std::env::var_os(COPY) {
        Some(directory) => PathBuf::from(directory).join("probe"),
        None => PathBuf::from(env!("CARGO_BIN_EXE_vetty-tests-probe")),
    }
}

/// A copy of this binary that everybody may execute, told to run all tests but these.
pub fn copy_of_all() -> Option<Command> {
    if std::env::var_os(COPY).is_some() {
        return None;
    }
    let directory =
        tempfile::Builder::new().prefix("vetty-copy-").tempdir_in("/tmp").expect("a directory").keep();
    std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o755)).expect("opened");
    let binary = directory.join("sandbox");
    std::fs::copy(probe(), directory.join("probe")).expect("copied");
    std::fs::copy(std::env::current_exe().expect("this binary has a path"), &binary).expect("copied");
    let mut copy = Command::new(&binary);
    copy.env(COPY, directory).current_dir("/tmp");
    Some(copy)
}

pub fn passes(mut copy: Command) {
    let output = copy.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let directory = PathBuf::from(copy.get_program());
    std::fs::remove_dir_all(directory.parent().expect("a directory")).expect("removed");
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(" passed; 0 failed"), "{text}");
}

#[test]
fn every_claim_holds_for_nobody() {
    if !geteuid().is_root() {
        println!("skipped: only root can become nobody");
        return;
    }
    if let Some(mut copy) = copy_of_all() {
        copy.uid(NOBODY).gid(NOBODY).env("HOME", "/nonexistent");
        passes(copy);
    }
}

#[test]
fn every_claim_holds_on_the_clone_rung() {
    if let Some(mut copy) = copy_of_all() {
        copy.env("VETTY_SPAWN", "clone");
        passes(copy);
    }
}

#[test]
fn every_claim_holds_on_the_portable_rung() {
    if let Some(mut copy) = copy_of_all() {
        // It bears nobody's siblings, and says so.
        copy.args(
            ["isolate::", "protect::", "ends::", "egress::", "isolated"]
                .iter()
                .flat_map(|name| ["--skip", name]),
        );
        copy.env("VETTY_SPAWN", "portable").env(crate::fail_closed::NO_NAMESPACES, "1");
        passes(copy);
    }
}

/// One ignored test of this binary, in a process of its own.
pub fn alone(name: &str) {
    let mut copy = Command::new(std::env::current_exe().expect("this binary has a path"));
    let output = copy.args(["--ignored", "--exact", name]).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

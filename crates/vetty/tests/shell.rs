//! The default shell of a session.
#![cfg(target_os = "linux")]

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use vetty::{Command, Exit, Policy, Terminal, Wait};

fn terminal(allow: &[&str]) -> Terminal {
    let policy =
        allow.iter().fold(Policy::builder().workspace("/tmp"), |policy, pattern| policy.allow(*pattern));
    Terminal::new(policy.build().expect("a valid policy"))
}

/// A call of a host whose `$SHELL` is this.
fn shell(terminal: &Terminal, wanted: Option<&str>) -> Command {
    let mut environment = vec![(OsString::from("PATH"), OsString::from("/usr/bin:/bin"))];
    environment.extend(wanted.map(|shell| ("SHELL".into(), shell.into())));
    terminal.shell().parent_env(environment)
}

/// The name of the shell of our own account.
fn shell_of_the_account() -> String {
    let id = std::process::Command::new("id").arg("-u").output().expect("id(1)").stdout;
    let id = String::from_utf8(id).expect("digits");
    let accounts = std::fs::read_to_string("/etc/passwd").expect("it is there");
    let entry = accounts.lines().find(|line| line.split(':').nth(2) == Some(id.trim())).expect("our account");
    let path = entry.rsplit(':').next().expect("a last field");
    Path::new(path).file_name().expect("a name").to_string_lossy().into_owned()
}

#[tokio::test]
async fn it_is_the_one_that_the_environment_names() {
    let terminal = terminal(&["bash", "sh", "dash"]);
    for (path, name) in [("/bin/bash", "bash"), ("/bin/sh", "sh")] {
        let session = shell(&terminal, Some(path)).open().await.expect("it opens");
        session.send("echo I am $0; exit 3\n").await.expect("typed");
        let found = Wait::output(format!("I am {name}\r\n")).within(Duration::from_secs(20));
        session.wait(found).await.expect("it says so");
        assert_eq!(session.exited().await, Exit::Exited(3));
    }
}

#[test]
fn one_that_the_system_does_not_list_is_not_taken() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let evil = directory.path().join("bash");
    std::fs::copy("/bin/bash", &evil).expect("an own directory");
    let account = shell_of_the_account();
    let verdict = shell(&terminal(&[&account]), Some(&evil.to_string_lossy())).check();
    assert!(verdict.allowed, "{}", verdict.message);
    assert_eq!(verdict.argv, [account.as_str()]);
    assert!(!verdict.program.expect("found").starts_with(directory.path().to_str().expect("UTF-8")));
}

#[test]
fn without_a_wish_it_is_the_accounts() {
    let account = shell_of_the_account();
    let verdict = shell(&terminal(&[&account]), None).check();
    assert_eq!((verdict.allowed, verdict.argv), (true, vec![account]));
}

#[test]
fn the_policy_must_name_it() {
    let terminal = terminal(&["git *", "sh -c ls"]);
    let refused = shell(&terminal, Some("/bin/bash")).check();
    assert_eq!((refused.code.as_str(), refused.allowed), ("COMMAND_NOT_ALLOWED", false));
    assert_eq!(refused.message, "Command not allowed: bash");
    assert_eq!(shell(&terminal, Some("/bin/sh")).check().code.as_str(), "COMMAND_NOT_ALLOWED");
}

#[test]
fn a_policy_may_name_it_by_its_path() {
    let verdict = shell(&terminal(&["/bin/bash"]), Some("/bin/bash")).check();
    assert_eq!((verdict.allowed, verdict.argv), (true, vec!["/bin/bash".to_owned()]));
    let denied = Policy::builder().workspace("/tmp").allow("/bin/bash").deny("bash").build().expect("valid");
    let refused = shell(&Terminal::new(denied), Some("/bin/bash")).check();
    assert_eq!(refused.code.as_str(), "COMMAND_DENIED");
}

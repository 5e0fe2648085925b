//! A host that is killed: what the kernel ends with it, and who survives, as the guide says.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::stage::{Stage, becomes, copy_of_this_binary, is_alive, kill_stranger, opened, until};

/// The host: opens the sessions that the test is about, names their processes and waits to be killed.
const HOST: &str = "host_killed::the_host";
/// What its session runs.
const SCRIPT: &str = "VETTY_TEST_SCRIPT";
/// Whether what it starts may be left behind.
const LEAVE: &str = "VETTY_TEST_LEAVE";

#[tokio::test]
#[ignore = "it is the host that the tests beside it kill"]
async fn the_host() {
    let script = std::env::var(SCRIPT).expect("a test beside it starts this one");
    let stage = Stage::new();
    let leave = std::env::var_os(LEAVE).is_some();
    let session = opened(stage.terminal.command(["bash", "-c", &script]).leave(leave)).await;
    until(&session, "ready").await;
    let numbers = crate::stage::residents(&stage.directory());
    let own = std::process::id() as i32;
    let others: Vec<String> = numbers.iter().filter(|pid| **pid != own).map(i32::to_string).collect();
    println!("\nleader {}\nothers {}", session.pid(), others.join(" "));
    std::future::pending::<()>().await;
}

struct Sessions {
    host: std::process::Child,
    /// Where the host makes its own, which it cannot remove.
    directory: tempfile::TempDir,
    leader: i32,
    others: Vec<i32>,
}

/// Starts a host whose session runs `script`, which says ready when all that it starts is there.
fn start(script: &str) -> Sessions {
    start_with(script, |_| {})
}

fn start_with(script: &str, prepare: impl FnOnce(&mut std::process::Command)) -> Sessions {
    let mut host = copy_of_this_binary(HOST);
    prepare(&mut host);
    let directory = tempfile::tempdir().expect("a temporary directory");
    host.arg("--ignored").env(SCRIPT, script).env("TMPDIR", directory.path()).stdout(Stdio::piped());
    let mut host = host.spawn().expect("a copy of the test binary starts");
    let mut lines = BufReader::new(host.stdout.take().expect("piped")).lines();
    let mut numbers = |name: &str| -> Vec<i32> {
        let line = lines.by_ref().map(|line| line.expect("text")).find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("the host names no {name}"));
        line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    };
    let leader = numbers("leader ")[0];
    let others = numbers("others ").into_iter().filter(|pid| *pid != leader).collect();
    Sessions { host, directory, leader, others }
}

impl Sessions {
    fn kill_host(&mut self) {
        self.host.kill().expect("it lives");
        self.host.wait().expect("it is ours");
    }
}

#[tokio::test]
async fn the_program_dies_with_its_host_whatever_it_ignores() {
    let mut sessions = start("trap '' HUP INT TERM QUIT; echo ready; while :; do read -r -t 1 line; done");
    assert!(is_alive(sessions.leader));
    sessions.kill_host();
    becomes("the leader's end", || !is_alive(sessions.leader)).await;
}

#[tokio::test]
async fn the_foreground_of_its_terminal_is_hung_up() {
    let mut sessions = start("sleep 1000 & sleep 1000 & echo ready; wait");
    assert_eq!(sessions.others.len(), 2);
    sessions.kill_host();
    for pid in &sessions.others {
        becomes("a member's end", || !is_alive(*pid)).await;
    }
}

#[tokio::test]
async fn a_group_of_its_own_survives_and_so_does_who_ignores_the_hang_up() {
    // Job control: each job has a group of its own, and none is in the foreground.
    let mut groups = start("set -m; sleep 1000 & echo ready; while :; do read -r -t 1 line; done");
    let mut ignores = start("trap '' HUP; sleep 1000 & echo ready; wait");
    let mut daemon = start("setsid sleep 1000 & sleep 0.2; echo ready; wait");
    for sessions in [&mut groups, &mut ignores, &mut daemon] {
        assert_eq!(sessions.others.len(), 1);
        sessions.kill_host();
        becomes("the leader's end", || !is_alive(sessions.leader)).await;
        let survivor = sessions.others[0];
        assert!(is_alive(survivor));
        kill_stranger(survivor);
    }
}

#[tokio::test]
async fn a_program_that_may_be_left_behind_is_hung_up_and_has_no_terminal_any_more() {
    // What it finds then, in a file of the directory in which the host makes its own.
    let script = "trap 'hung=1' HUP; echo ready; while [ -z \"$hung\" ]; do sleep 0.02; done
        read -r line; echo \"read $?\" >$TMPDIR/found; echo x 2>/dev/null; echo \"write $?\" >>$TMPDIR/found";
    let mut sessions = start_with(&format!("TMPDIR=$(dirname $PWD); {script}"), |host| {
        host.env(LEAVE, "yes");
    });
    sessions.kill_host();
    becomes("the leader's end", || !is_alive(sessions.leader)).await;
    let found = std::fs::read_to_string(sessions.directory.path().join("found")).expect("it went on");
    assert_eq!(found, "read 1\nwrite 1\n");
}

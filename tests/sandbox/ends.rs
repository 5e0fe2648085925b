//! The end of an isolated tree: exact, whatever its members do, and whatever happens to the host.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use vetty::{Exit, Kill, KillScope, Size, Wait};

use crate::copies::alone;
use crate::place::Place;

const MARK: &str = "VETTY_TEST_MARK";

/// What is hard to end: it ignores SIGTERM and SIGHUP, has a session and a parent of its own, or is stopped.
const TREE: &str = "trap '' TERM HUP INT
    setsid sh -c 'sleep 1000 & sleep 1000' &
    (setsid sleep 1000 & )
    sleep 1000 & kill -STOP $!
    setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' &
    echo ready
    while :; do sleep 1; done";

fn isolate(mark: &str) -> Value {
    json!({ "sandbox": { "level": "isolate" }, "env": { "allow": ["PATH"], "set": { MARK: mark } }, "timeout": 0 })
}

fn mark() -> String {
    let mut bytes = [0u8; 8];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").expect("open"), &mut bytes)
        .expect("read");
    format!("{:016x}", u64::from_ne_bytes(bytes))
}

/// The numbers that the host's kernel gives to the living members of the tree with that mark.
fn marked(mark: &str) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").expect("there").flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let has_mark = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|one| one == format!("{MARK}={mark}").as_bytes())
    };
    let is_host = |pid: &i32| *pid == std::process::id() as i32;
    numbers.filter(|pid| !is_host(pid) && has_mark(pid)).collect()
}

async fn becomes(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}: not within a minute");
}

/// How many of our children are PID 1 of a namespace, zombies too.
fn inits() -> usize {
    let own = std::process::id().to_string();
    let entries = std::fs::read_dir("/proc").expect("there").flatten();
    entries
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok())
        .filter(|stat| {
            let after = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            stat.contains("(vetty-init)") && after.split(' ').nth(1) == Some(own.as_str())
        })
        .count()
}

#[tokio::test]
async fn a_kill_reaches_who_forked_twice_who_is_stopped_and_who_ignores_it() {
    let (place, mark) = (Place::new(), mark());
    let terminal = place.terminal(isolate(&mark));
    let handle = terminal.command(["sh", "-c", TREE]).start().await.expect("it starts");
    assert_eq!(handle.kill_scope(), KillScope::PidNamespace);
    becomes("the tree", || marked(&mark).len() >= 7).await;
    assert!(handle.kill(Kill::default()));
    handle.wait().await;
    becomes("everybody's end", || marked(&mark).is_empty()).await;
}

#[tokio::test]
async fn a_signal_reaches_the_whole_tree_and_nobody_else() {
    let (place, mark) = (Place::new(), mark());
    let terminal = place.terminal(isolate(&mark));
    let line = "setsid sh -c 'trap \"echo inner; exit\" USR1; while :; do sleep 0.05; done' &
        trap 'echo outer; wait; exit 5' USR1; echo ready; while :; do sleep 0.05; done";
    let handle = terminal.command(["sh", "-c", line]).start().await.expect("it starts");
    becomes("both", || marked(&mark).len() >= 4).await;
    let text = || String::from_utf8_lossy(&handle.captured().stdout).into_owned();
    becomes("readiness", || text().contains("ready")).await;
    assert!(handle.signal_tree("SIGUSR1".parse().expect("a signal")));
    let output = handle.wait().await;
    let said = output.stdout_text();
    // The sleeps between are not asked.
    assert!(said.contains("inner") && said.contains("outer"), "{said}");
    assert_eq!(output.exit, Exit::Exited(5));
}

#[tokio::test]
async fn who_is_left_behind_is_counted_and_ended() {
    let (place, mark) = (Place::new(), mark());
    let terminal = place.terminal(isolate(&mark));
    let line = "(setsid sh -c 'echo >a; exec sleep 1000' >/dev/null 2>&1 &)
        (setsid sh -c 'sleep 1000 & echo >b; wait' >/dev/null 2>&1 &)
        until [ -e a ] && [ -e b ]; do :; done; echo done";
    let output = terminal.command(["sh", "-c", line]).run().await.expect("it runs");
    assert_eq!((output.code(), output.survivors), (Some(0), 3), "{}", output.stderr_text());
    becomes("their end", || marked(&mark).is_empty()).await;
}

#[tokio::test]
async fn who_may_stay_stays_until_its_own_end() {
    let (place, mark) = (Place::new(), mark());
    let terminal = place.terminal(isolate(&mark));
    let line = "(setsid sh -c 'until [ -e go ]; do sleep 0.05; done' >/dev/null 2>&1 &) ; echo done";
    let output = terminal.command(["sh", "-c", line]).leave(true).run().await.expect("it runs");
    assert!(output.success());
    assert!(!marked(&mark).is_empty());
    std::fs::write(place.workspace().join("go"), "").expect("written");
    becomes("its end", || marked(&mark).is_empty()).await;
}

#[tokio::test]
async fn a_dropped_process_ends_with_all_it_started() {
    let (place, mark) = (Place::new(), mark());
    let terminal = place.terminal(isolate(&mark));
    let process = terminal.command(["sh", "-c", TREE]).spawn().await.expect("it starts");
    becomes("the tree", || marked(&mark).len() >= 7).await;
    drop(process);
    becomes("everybody's end", || marked(&mark).is_empty()).await;
}

/// In a process of its own: others start theirs meanwhile.
#[test]
fn no_pid_1_is_left() {
    alone("ends::pid_1_is_gone");
}

#[tokio::test]
#[ignore = "started by another test, alone"]
async fn pid_1_is_gone() {
    let place = Place::new();
    let terminal = place.terminal(isolate("none"));
    for _ in 0..20 {
        assert!(terminal.execute("true").await.expect("it runs").success());
    }
    becomes("the end of each PID 1", || inits() == 0).await;
}

#[tokio::test]
async fn a_session_has_job_control() {
    let (place, mark) = (Place::new(), mark());
    let terminal = place.terminal(isolate(&mark));
    let size = Size::new(80, 24).expect("a size");
    let session = terminal.command(["bash", "--norc"]).size(size).open().await.expect("it opens");
    let until = async |text: &str, line: &str| {
        session
            .send_until(&format!("{line}\n"), Wait::output(text).within(Duration::from_secs(60)))
            .await
            .expect(line);
    };
    until("tty is a terminal", "test -t 0 && : </dev/tty && echo 'tty is' a terminal").await;
    until("Stopped", "sleep 1000 & kill -STOP $!; sleep 0.1; jobs").await;
    session.send("sleep 1000\n").await.expect("typed");
    becomes("the job in the foreground", || session.foreground().name.as_deref() == Some("sleep")).await;
    session.write([3]).await.expect("typed");
    until("code 130", "echo code $?").await;
    until("job is gone", "kill -KILL %1; wait; echo job is $(echo gone)").await;
    session.send("exit 4\n").await.expect("typed");
    assert_eq!(session.exited().await, Exit::Exited(4));
    becomes("everybody's end", || marked(&mark).is_empty()).await;
}

/// The host that the test beside it kills.
#[tokio::test]
#[ignore = "started by another test, to be killed"]
async fn the_host() {
    let place = Place::new();
    let mark = std::env::var(MARK).expect("set by the test");
    let terminal = place.terminal(isolate(&mark));
    let _one = terminal.command(["sh", "-c", TREE]).start().await.expect("it starts");
    let _other = terminal.command(["sh", "-c", TREE]).spawn().await.expect("it starts");
    becomes("the trees", || marked(&mark).len() >= 14).await;
    println!("\nready");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_host_that_is_killed_leaves_nothing_behind() {
    let mark = mark();
    let mut host = Command::new(std::env::current_exe().expect("this binary has a path"));
    host.args(["--ignored", "--exact", "ends::the_host", "--nocapture"]).env(MARK, &mark);
    let mut host = host.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(host.stdout.take().expect("piped")).lines();
    assert!(lines.any(|line| line.expect("text") == "ready"));
    let number = host.id() as i32;
    let of_the_trees = || marked(&mark).into_iter().filter(|pid| *pid != number).count();
    assert!(of_the_trees() >= 14);
    host.kill().expect("it lives");
    host.wait().expect("it is ours");
    becomes("everybody's end", || of_the_trees() == 0).await;
}

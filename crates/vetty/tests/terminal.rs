//! Many runs at once: the list, the background, quotas, the end of a terminal; and programs whose output streams.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

#[path = "../../process/tests/behaviour/ladder/mod.rs"]
mod ladder;

use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use vetty::{Config, EndReason, Error, Exit, Kill, Signal, Source, Terminal};

fn terminal() -> Terminal {
    with(serde_json::json!({}))
}

fn with(json: serde_json::Value) -> Terminal {
    let mut whole =
        serde_json::json!({ "workspaces": ["/tmp"], "commands": { "allow": [], "strictArgs": false } });
    whole.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
    Terminal::from_config(Config::from_json(whole).unwrap()).unwrap()
}

fn sh(script: &str) -> Vec<String> {
    vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()]
}

fn alive(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(") ").unwrap().1.starts_with(['Z', 'X']))
}

async fn until_gone(pid: i32) {
    while alive(pid) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Waits for a condition; the end of the test is the end of its patience.
#[track_caller]
fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "still not: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test]
async fn a_process_streams_both_outputs() {
    let mut process = terminal().command(sh("echo out; echo err >&2")).spawn().await.unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    while let Some(chunk) = process.next().await {
        let chunk = chunk.unwrap();
        match chunk.source {
            Source::Stdout => out.extend_from_slice(&chunk.data),
            Source::Stderr => err.extend_from_slice(&chunk.data),
        }
    }
    assert_eq!((&out[..], &err[..]), (&b"out\n"[..], &b"err\n"[..]));
    let output = process.wait().await.unwrap();
    assert_eq!((output.exit.clone(), output.stdout_bytes, output.stdout.len()), (Exit::Exited(0), 4, 0));
}

#[tokio::test]
async fn a_stream_loses_no_byte_of_much_output() {
    let mut process = terminal().command(sh("seq 1 2000000")).spawn().await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = process.next().await {
        let chunk = chunk.unwrap().data;
        assert!(!chunk.is_empty() && chunk.len() <= 256 * 1024);
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.lines().zip(1..).all(|(line, number): (&str, u32)| line.parse() == Ok(number)));
    assert_eq!(text.lines().count(), 2_000_000);
}

#[tokio::test]
async fn a_slow_reader_slows_the_program_and_loses_nothing() {
    let mut process = terminal().command(sh("seq 1 200000")).spawn().await.unwrap();
    let mut count = 0;
    while let Some(chunk) = process.next().await {
        count += chunk.unwrap().data.iter().filter(|byte| **byte == b'\n').count();
        tokio::task::yield_now().await;
    }
    assert_eq!(count, 200_000);
}

#[tokio::test]
async fn what_was_written_before_the_first_reader_came_is_there_after_the_exit() {
    let mut process = terminal().command(sh("seq 1 20000")).spawn().await.unwrap();
    let handle = process.handle();
    assert_eq!(handle.wait().await.exit, Exit::Exited(0));
    let mut bytes = 0;
    while let Some(chunk) = process.next().await {
        bytes += chunk.unwrap().data.len();
    }
    assert_eq!(bytes, 108_894);
}

#[tokio::test]
async fn status_and_wait_never_hang_on_a_full_pipe() {
    let process = terminal().command(sh("seq 1 3000000")).spawn().await.unwrap();
    assert_eq!(process.status().await, Exit::Exited(0));
    let output = process.wait().await.unwrap();
    assert_eq!(output.stdout.len(), 1 << 20);
    assert!(output.stdout.ends_with(b"3000000\n"));
}

#[tokio::test]
async fn standard_input_is_written_while_output_is_read() {
    let mut process = terminal().command("cat").stdin_pipe().spawn().await.unwrap();
    let mut stdin = process.stdin.take().unwrap();
    for word in ["one\n", "two\n"] {
        stdin.write_all(word.as_bytes()).await.unwrap();
        assert_eq!(process.next().await.unwrap().unwrap().data, word.as_bytes());
    }
    drop(stdin);
    assert!(process.next().await.is_none());
}

#[tokio::test]
async fn dropping_a_process_kills_its_tree() {
    let mut process = terminal().command(sh("sleep 60 & echo $!; wait")).spawn().await.unwrap();
    let line = process.next().await.unwrap().unwrap().data;
    let (leader, grandchild) = (process.pid(), String::from_utf8_lossy(&line).trim().parse().unwrap());
    drop(process);
    until_gone(leader).await;
    until_gone(grandchild).await;
}

#[tokio::test]
async fn a_killed_process_is_an_output_for_its_holder_and_an_abort_for_a_call() {
    let terminal = terminal();
    let process = terminal.command("sleep 60").spawn().await.unwrap();
    assert!(process.kill(Kill { signal: Some(Signal::INT), grace: None }));
    let output = process.wait().await.unwrap();
    assert_eq!((output.reason, output.signal()), (EndReason::Killed, Some(Signal::INT)));

    let call = tokio::spawn(terminal.command("sleep 61").run());
    let id = loop {
        match terminal.list().into_iter().find(|listed| listed.argv[1] == "61") {
            Some(listed) => break listed.id,
            None => tokio::task::yield_now().await,
        }
    };
    assert!(terminal.kill(&id));
    assert!(matches!(call.await.unwrap(), Err(Error::Aborted { output: Some(_) })));
    assert!(!terminal.kill(&id) && !terminal.kill("term_unknown"));
}

#[tokio::test]
async fn a_kill_gives_descendants_the_same_grace() {
    let script = "sh -c 'trap \"sleep 0.2; echo cleaned; exit\" TERM; echo ready; while :; do sleep 0.01; done' & \
                  trap 'exit 0' TERM; wait";
    let mut process = terminal().command(sh(script)).spawn().await.unwrap();
    assert_eq!(process.next().await.unwrap().unwrap().data, &b"ready\n"[..]);
    let handle = process.handle();
    handle.kill(Kill::default());
    let mut rest = Vec::new();
    while let Some(chunk) = process.next().await {
        rest.extend_from_slice(&chunk.unwrap().data);
    }
    assert!(handle.wait().await.survivors <= 2);
}

#[tokio::test]
async fn a_background_run_is_listed_captured_and_killed() {
    let terminal = terminal();
    let handle = terminal.command(sh("echo here; exec sleep 60")).start().await.unwrap();
    while handle.captured().stdout.is_empty() {
        tokio::task::yield_now().await;
    }
    let listed = terminal.list();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].running && listed[0].background && listed[0].id == handle.id());
    assert_eq!(terminal.handle(handle.id()).unwrap().captured().stdout, &b"here\n"[..]);
    assert!(handle.kill(Kill::default()));
    assert_eq!(handle.wait().await.reason, EndReason::Killed);
    assert!(!terminal.list()[0].running);
    assert_eq!(handle.captured().stdout, &b"here\n"[..]);
}

#[tokio::test]
async fn finished_runs_are_kept_for_a_time_and_no_more_than_a_number() {
    let terminal = with(serde_json::json!({ "output": { "retain": { "time": 50, "count": 2 } } }));
    for _ in 0..4 {
        terminal.execute("true").await.unwrap();
    }
    assert!(terminal.list().len() <= 2);
    while !terminal.list().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_run_that_ended_with_its_runtime_is_forgotten_like_any_other() {
    let terminal = with(serde_json::json!({ "output": { "retain": { "time": 50 } } }));
    runtime().block_on(terminal.command("sleep 60").start()).unwrap();
    assert!(terminal.list().iter().all(|listed| !listed.running));
    until("it is forgotten", || terminal.list().is_empty());
}

#[test]
fn finished_runs_are_forgotten_also_after_the_end_of_the_runtime_that_saw_to_it() {
    let terminal = with(serde_json::json!({ "output": { "retain": { "time": 50 } } }));
    runtime().block_on(terminal.execute("true")).unwrap();
    let runtime = runtime();
    let output = std::sync::Arc::downgrade(&runtime.block_on(terminal.execute("true")).unwrap());
    // Whoever asks the terminal for its list would also be reminded of what is old.
    until("it is forgotten", || {
        runtime.block_on(async { tokio::time::sleep(Duration::from_millis(5)).await });
        output.strong_count() == 0
    });
}

#[tokio::test]
async fn no_more_run_at_once_than_the_quota_and_too_many_are_refused() {
    let terminal = with(serde_json::json!({ "quotas": { "running": 1, "queued": 1 } }));
    let first = terminal.command("sleep 60").start().await.unwrap();
    let mut second = Box::pin(terminal.execute("echo second"));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(second.as_mut().poll(&mut context).is_pending());
    let third = terminal.execute("echo third").await.unwrap_err();
    assert!(matches!(third, Error::Busy { running: 1, queued: 1 }), "{third:?}");
    assert_eq!(third.code(), "BUSY");
    first.kill(Kill::default());
    assert_eq!(second.await.unwrap().stdout_text(), "second\n");
}

#[tokio::test]
async fn a_call_that_was_cancelled_while_it_waited_is_not_started_when_its_turn_comes() {
    let terminal = with(serde_json::json!({ "quotas": { "running": 1 } }));
    for _ in 0..20 {
        let first = terminal.command("sleep 60").start().await.unwrap();
        let token = vetty::CancellationToken::new();
        let second = terminal.command("sleep 60").cancel(token.clone());
        let mut second = Box::pin(second.run());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(second.as_mut().poll(&mut context).is_pending());
        token.cancel();
        first.kill(Kill::default());
        first.wait().await;
        tokio::task::yield_now().await;
        let error = second.await.unwrap_err();
        assert!(matches!(error, Error::Aborted { output: None }), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_once_all_come_back() {
    let terminal = terminal();
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..1000 {
        let terminal = terminal.clone();
        calls.spawn(async move { (number, terminal.execute(format!("echo {number}")).await.unwrap()) });
    }
    while let Some(result) = calls.join_next().await {
        let (number, output) = result.unwrap();
        assert_eq!(output.stdout_text(), format!("{number}\n"));
    }
}

#[tokio::test]
async fn a_closed_terminal_has_ended_all_and_refuses_what_comes() {
    let terminal = terminal();
    let handle = terminal.command("sleep 60").start().await.unwrap();
    let waiting = terminal.clone();
    let call = tokio::spawn(async move { waiting.execute("sleep 62").await });
    while terminal.list().len() < 2 {
        tokio::task::yield_now().await;
    }
    terminal.close().await;
    assert!(!alive(handle.pid()));
    assert!(matches!(call.await.unwrap(), Err(Error::Aborted { .. })));
    assert!(matches!(terminal.execute("true").await, Err(Error::Closed)));
    terminal.close().await;
}

#[tokio::test]
async fn the_drop_of_the_last_terminal_ends_the_background() {
    let terminal = terminal();
    let handle = terminal.command("sleep 60").start().await.unwrap();
    drop(terminal);
    until_gone(handle.pid()).await;
    assert_eq!(handle.wait().await.reason, EndReason::Killed);
}

#[tokio::test]
async fn a_run_that_is_only_listed_holds_no_descriptor() {
    let terminal = with(serde_json::json!({ "output": { "retain": { "time": 600_000, "count": 1000 } } }));
    terminal.execute("true").await.unwrap();
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = descriptors();
    for _ in 0..100 {
        terminal.execute("true").await.unwrap();
    }
    assert_eq!(terminal.list().len(), 101);
    // Other tests of this binary run beside this one and hold a few.
    assert!(descriptors() < before + 80, "{} after {before}", descriptors());
}

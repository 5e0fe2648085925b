//! What many runs leave behind: nothing.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::fs;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use vetty::{Config, Terminal};

fn terminal() -> Terminal {
    let config = serde_json::json!({
        "workspaces": ["/tmp"],
        "commands": { "allow": [], "strictArgs": false },
        "output": { "retain": { "count": 0 } },
    });
    Terminal::from_config(Config::from_json(config).unwrap()).unwrap()
}

/// What the kernel knows of this process.
#[derive(Debug, PartialEq, Eq)]
struct Holdings {
    descriptors: usize,
    threads: usize,
    children: usize,
    /// Blocked, ignored and caught signals.
    signals: Vec<String>,
    dumpable: i32,
}

fn holdings() -> Holdings {
    let count = |directory: &str| fs::read_dir(directory).unwrap().count();
    let status = fs::read_to_string("/proc/thread-self/status").unwrap();
    let signals = status.lines().filter(|line| line.starts_with("Sig") && !line.starts_with("SigQ"));
    Holdings {
        descriptors: count("/proc/self/fd"),
        threads: threads(),
        children: children().len(),
        signals: signals.map(str::to_owned).collect(),
        dumpable: rustix::process::dumpable_behavior().unwrap() as i32,
    }
}

/// Threads but for those that spawn: these are permanent and bounded, and on a busy machine one more may be needed.
fn threads() -> usize {
    let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).unwrap_or_default();
    let names = fs::read_dir("/proc/self/task").unwrap().flatten().map(name);
    let (spawners, others): (Vec<String>, Vec<String>) =
        names.partition(|name| name.starts_with("vetty-spawner"));
    assert!(spawners.len() <= 64, "{} threads spawn", spawners.len());
    others.len()
}

/// Children of any thread of ours, zombies among them.
fn children() -> Vec<i32> {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|line| line.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<i32>>())
        .collect()
}

/// Resident bytes.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn execute(terminal: &Terminal, times: usize) {
    for _ in 0..times / 50 {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let terminal = terminal.clone();
            calls.spawn(async move { terminal.execute("true").await.unwrap() });
        }
        calls.join_all().await;
    }
}

/// Waits until nothing runs and nothing is listed: what was dropped ends on threads of its own.
fn until_idle(terminal: &Terminal) {
    while !children().is_empty() || !terminal.list().is_empty() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// One test, because it looks at the whole process.
#[test]
fn nothing_is_left_of_many_runs_and_of_runs_dropped_anywhere() {
    let runtime = runtime();
    let terminal = terminal();
    runtime.block_on(execute(&terminal, 500));
    drop_one_everywhere(&runtime, &terminal);
    drop_many_at_any_time(&runtime, &terminal);
    let (before, memory) = (holdings(), resident());

    runtime.block_on(execute(&terminal, 10_000));
    until_idle(&terminal);
    assert_eq!(holdings(), before);
    // A leak of a hundred bytes a run would be a megabyte; the allocator's own swings are smaller than this.
    let grown = resident().saturating_sub(memory);
    assert!(grown < 4 << 20, "{grown} bytes more are resident after 10,000 runs");

    drop_one_everywhere(&runtime, &terminal);
    drop_many_at_any_time(&runtime, &terminal);
    assert_eq!(holdings(), before);
}

/// Drops an execute after its first, second, ... poll, until one comes to its end.
fn drop_one_everywhere(runtime: &tokio::runtime::Runtime, terminal: &Terminal) {
    let mut polls = 0;
    loop {
        polls += 1;
        let call = terminal.command(["sh", "-c", "sleep 0.05 & echo x; wait"]).run();
        let done = runtime.block_on(Polls { future: Box::pin(call), left: polls });
        until_idle(terminal);
        if done {
            return;
        }
    }
}

/// Drops executes at times all over the life of one, so that the spawner, the pump and the child are met everywhere.
fn drop_many_at_any_time(runtime: &tokio::runtime::Runtime, terminal: &Terminal) {
    for step in 0..100 {
        let call = terminal.command(["sh", "-c", "echo x; sleep 0.001 & exec sleep 0.002"]).run();
        runtime
            .block_on(async { tokio::time::timeout(Duration::from_micros(100 * step), call).await.is_ok() });
    }
    until_idle(terminal);
}

/// Ready with `true` when the future is, with `false` after so many polls.
struct Polls<F> {
    future: Pin<Box<F>>,
    left: usize,
}

impl<F: Future> Future for Polls<F> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if self.left == 0 {
            return Poll::Ready(false);
        }
        self.left -= 1;
        if self.future.as_mut().poll(cx).is_ready() {
            return Poll::Ready(true);
        }
        if self.left == 0 {
            // Dropped where it stands.
            return Poll::Ready(false);
        }
        Poll::Pending
    }
}

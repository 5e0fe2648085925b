//! Whole calls: vetted, spawned, captured, reaped.

use std::process::Stdio;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use vetty::Terminal;

use crate::measure::{ROUNDS, median, row, runtime, terminal, timed};
use crate::no_op;

/// How many a second, 32 at a time.
pub fn storm() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = no_op::write_to(directory.path()).to_string_lossy().into_owned();
    const TOTAL: usize = 640;
    let runtime = runtime();
    let terminal = terminal();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(timed(|| runtime.block_on(execute_many(&terminal, &path, TOTAL))));
        theirs.push(timed(|| runtime.block_on(tokio_many(&path, TOTAL))));
    }
    let rate = |times: Vec<f64>| TOTAL as f64 / median(times) * 1e6;
    let (ours, theirs) = (rate(ours), rate(theirs));
    row(
        "whole executes a second, 32 in flight, tokio's output()",
        format!("{ours:.0}/s"),
        format!("{theirs:.0}/s"),
        ours / theirs,
    );
}

async fn execute_many(terminal: &Terminal, path: &str, total: usize) {
    let calls = (0..total).map(|_| {
        let (terminal, path) = (terminal.clone(), path.to_owned());
        tokio::spawn(async move { assert!(terminal.execute([path]).await.expect("it runs").success()) })
    });
    futures_util::stream::iter(calls)
        .buffer_unordered(32)
        .for_each(|done| async { done.expect("no panic") })
        .await;
}

async fn tokio_many(path: &str, total: usize) {
    let calls = (0..total).map(|_| {
        let mut command = tokio::process::Command::new(path);
        command.stdin(Stdio::null());
        tokio::spawn(async move { assert!(command.output().await.expect("it runs").status.success()) })
    });
    futures_util::stream::iter(calls)
        .buffer_unordered(32)
        .for_each(|done| async { done.expect("no panic") })
        .await;
}

/// How many ticks of a millisecond a current_thread runtime loses while a hundred executes go on.
pub fn ticker() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = no_op::write_to(directory.path()).to_string_lossy().into_owned();
    let terminal = terminal();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        ours.push(runtime.block_on(lost_ticks(async {
            let calls = (0..100).map(|_| terminal.execute([path.clone()]));
            futures_util::future::join_all(calls).await;
        })));
        theirs.push(runtime.block_on(lost_ticks(async {
            let calls = (0..100).map(|_| {
                let mut command = tokio::process::Command::new(&path);
                command.stdin(Stdio::null());
                async move { command.output().await.expect("it runs") }
            });
            futures_util::future::join_all(calls).await;
        })));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    row(
        "1 ms ticks lost during 100 concurrent executes, current_thread",
        format!("{ours:.0}"),
        format!("{theirs:.0}"),
        ours / theirs.max(1.0),
    );
}

async fn lost_ticks(work: impl Future<Output = ()>) -> f64 {
    let tick = Duration::from_millis(1);
    let mut work = std::pin::pin!(work);
    let mut interval = tokio::time::interval(tick);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let start = Instant::now();
    let mut seen = 0u32;
    loop {
        tokio::select! {
            biased;
            _ = interval.tick() => seen += 1,
            () = &mut work => break,
        }
    }
    (start.elapsed().as_millis() as f64 - f64::from(seen)).max(0.0)
}

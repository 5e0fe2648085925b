//! Spawning alone, without policy and capture: how long the caller is blocked, how many a second.

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::process::Stdio as StdStdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::process::Command as TokioCommand;
use tokio::sync::Semaphore;
use vetty_process::{Command, Stdio};

use crate::measure::{ROUNDS, median, micros, row, runtime, touch};
use crate::no_op;

/// Memory that the parent has touched when it spawns, in MB.
const RESIDENT: [usize; 3] = [20, 500, 2000];
const SPAWNS: usize = 40;

/// How long one spawn takes, and how long it blocks the thread that asks for it.
#[derive(Default)]
struct Times {
    blocked: Vec<f64>,
    whole: Vec<f64>,
}

/// For parents of several sizes: vetty beside tokio, and beside tokio with a user id set, which forks as it does with any
/// `pre_exec` hook.
pub fn blocked() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let program = no_op::write_to(directory.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut memory = Vec::new();
    for megabytes in RESIDENT {
        touch(&mut memory, megabytes << 20);
        let (mut ours, mut plain, mut forking) = (Times::default(), Times::default(), Times::default());
        for _ in 0..SPAWNS {
            runtime.block_on(async {
                ours.measure_vetty(&program).await;
                plain.measure_tokio(&mut TokioCommand::new(&program)).await;
                let own = rustix::process::getuid().as_raw();
                forking.measure_tokio(TokioCommand::new(&program).uid(own)).await;
            });
        }
        let at = format!("parent at {megabytes} MB");
        let [ours_blocked, ours_whole] = [ours.blocked, ours.whole].map(median);
        for (peer, times) in [("tokio", plain), ("tokio that forks", forking)] {
            let [blocked, whole] = [times.blocked, times.whole].map(median);
            let us = |time: f64| format!("{time:.0} us");
            row(
                &format!("caller blocked by a spawn, {at}, {peer}"),
                us(ours_blocked),
                us(blocked),
                ours_blocked / blocked,
            );
            row(
                &format!("from the call to the running child, {at}, {peer}"),
                us(ours_whole),
                us(whole),
                ours_whole / whole,
            );
        }
    }
}

impl Times {
    async fn measure_vetty(&mut self, program: &PathBuf) {
        let start = Instant::now();
        let mut blocked = Duration::ZERO;
        let mut spawn = pin!(Command::new(program).stdout(Stdio::Pipe).stderr(Stdio::Pipe).spawn());
        let child = poll_fn(|cx| {
            let begin = Instant::now();
            let polled = spawn.as_mut().poll(cx);
            blocked += begin.elapsed();
            polled
        });
        let child = child.await.expect("it spawns");
        self.whole.push(micros(start.elapsed()));
        self.blocked.push(micros(blocked));
        child.exited().await;
        child.reap();
    }

    async fn measure_tokio(&mut self, command: &mut TokioCommand) {
        command.stdin(StdStdio::null()).stdout(StdStdio::piped()).stderr(StdStdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().expect("it spawns");
        let time = micros(start.elapsed());
        self.whole.push(time);
        self.blocked.push(time);
        child.wait().await.expect("it ends");
    }
}

/// Children a second, 32 at a time, each with two pipes that are read to their ends.
pub fn storm() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let program = no_op::write_to(directory.path());
    let runtime = runtime();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(runtime.block_on(rate(|| run_vetty(program.clone()))));
        theirs.push(runtime.block_on(rate(|| run_tokio(program.clone()))));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    row("spawns a second, 32 in flight, tokio", format!("{ours:.0}"), format!("{theirs:.0}"), ours / theirs);
}

async fn run_vetty(program: PathBuf) {
    let mut child =
        Command::new(program).stdout(Stdio::Pipe).stderr(Stdio::Pipe).spawn().await.expect("it spawns");
    let (mut stdout, mut stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let (out, err, ()) =
        tokio::join!(stdout.read_to_end(&mut out), stderr.read_to_end(&mut err), child.exited());
    assert_eq!((out.expect("it reads"), err.expect("it reads")), (0, 0));
    assert!(child.reap().success());
}

async fn run_tokio(program: PathBuf) {
    let output = TokioCommand::new(program).stdin(StdStdio::null()).output().await;
    assert!(output.expect("it spawns").status.success());
}

async fn rate<F: Future<Output = ()> + Send + 'static>(one: impl Fn() -> F) -> f64 {
    const TOTAL: usize = 640;
    let start = Instant::now();
    let turns = Arc::new(Semaphore::new(32));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TOTAL {
        let turn = Arc::clone(&turns).acquire_owned().await.expect("open");
        let one = one();
        tasks.spawn(async move {
            one.await;
            drop(turn);
        });
    }
    tasks.join_all().await;
    TOTAL as f64 / start.elapsed().as_secs_f64()
}

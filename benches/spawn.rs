//! Spawning beside tokio's process: how long the caller is blocked, how long until the child runs, how many a second.

use std::process::Stdio as StdStdio;
use std::time::Instant;

use tokio::io::AsyncReadExt;
use vetty_benches::median;
use vetty_process::{Command, Stdio};

async fn ours() {
    let mut child = Command::new(target())
        .stdout(Stdio::Pipe)
        .stderr(Stdio::Pipe)
        .spawn()
        .await
        .expect("spawns");
    let (mut stdout, mut stderr) = (
        child.stdout.take().expect("piped"),
        child.stderr.take().expect("piped"),
    );
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let _ = tokio::join!(
        stdout.read_to_end(&mut a),
        stderr.read_to_end(&mut b),
        child.exited()
    );
    child.reap();
}

async fn theirs() {
    let output = tokio::process::Command::new(target())
        .stdin(StdStdio::null())
        .output()
        .await;
    assert!(output.expect("spawns").status.success());
}

async fn storm<F: Future<Output = ()> + Send + 'static>(
    one: impl Fn() -> F,
    total: usize,
    width: usize,
) -> f64 {
    let start = Instant::now();
    let permits = std::sync::Arc::new(tokio::sync::Semaphore::new(width));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..total {
        let permit = permits.clone().acquire_owned().await.expect("open");
        let work = one();
        tasks.spawn(async move {
            work.await;
            drop(permit);
        });
    }
    tasks.join_all().await;
    total as f64 / start.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() {
    for width in [1, 8, 32] {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..7 {
            a.push(storm(ours, 400, width).await);
            b.push(storm(theirs, 400, width).await);
        }
        let (a, b) = (median(a), median(b));
        println!(
            "{width:>3} in flight: vetty-process {a:.0}/s, tokio {b:.0}/s, ratio {:.2}",
            a / b
        );
    }
}

fn target() -> std::path::PathBuf {
    static TARGET: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();
    TARGET
        .get_or_init(|| vetty_benches::no_op(&std::env::temp_dir()))
        .clone()
}

//! The terminal beside its peers: bulk output, many runs at once, a runtime's responsiveness, the cost of a verdict.

use std::ffi::OsString;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use vetty::policy::{CommandInput, Request};
use vetty::{Config, Policy, Terminal};
use vetty_benches::{median, no_op, timed};

const GIGABYTE: usize = 1_000_000_000;
const BULK: usize = 256 * 1024;
const ROUNDS: usize = 15;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("write-a-gigabyte") {
        return write_a_gigabyte();
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    let no_op = no_op(directory.path());
    let wanted = std::env::args().nth(1);
    let wants = |row: &str| wanted.as_deref().is_none_or(|wanted| wanted == row);
    println!("| what | vetty | peer | ratio |\n| --- | --- | --- | --- |");
    if wants("bulk") {
        bulk();
    }
    if wants("storm") {
        storm(&no_op);
    }
    if wants("ticker") {
        ticker(&no_op);
    }
    if wants("verdicts") {
        verdicts();
    }
}

fn row(what: &str, ours: String, peer: String, ratio: f64) {
    println!("| {what} | {ours} | {peer} | {ratio:.2} |");
}

fn terminal() -> Terminal {
    let config = serde_json::json!({
        "workspaces": ["/"], "commands": { "allow": [], "strictArgs": false }, "timeout": 0,
        "output": { "retain": { "count": 0 } },
    });
    Terminal::from_config(Config::from_json(config).expect("a valid configuration")).expect("a valid policy")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// As many runtimes' writers do: large blocks until a gigabyte is written.
fn write_a_gigabyte() {
    use std::io::Write;
    let block = vec![b'x'; BULK];
    let mut stdout = std::io::stdout().lock();
    let mut left = GIGABYTE;
    while left > 0 {
        let length = left.min(BULK);
        stdout.write_all(&block[..length]).expect("the reader reads all");
        left -= length;
    }
    // Only what is not text is written at once by the standard library; the rest waits for this.
    stdout.flush().expect("the reader reads all");
}

fn writer() -> [String; 2] {
    let own = std::env::current_exe().expect("this program has a path");
    [own.to_string_lossy().into_owned(), "write-a-gigabyte".to_owned()]
}

fn bulk() {
    let runtime = runtime();
    let terminal = terminal();
    let (mut ours, mut tokios, mut blocking) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(
            timed(|| {
                runtime
                    .block_on(runtime.spawn(read_ours(terminal.clone())))
                    .expect("it reads")
            })
            .1,
        );
        tokios.push(timed(|| runtime.block_on(runtime.spawn(read_tokio())).expect("it reads")).1);
        blocking.push(timed(read_blocking).1);
    }
    let rate = |times: Vec<f64>| GIGABYTE as f64 / median(times);
    let (ours, tokio, blocking) = (rate(ours), rate(tokios), rate(blocking));
    let mb = |rate: f64| format!("{rate:.0} MB/s");
    row(
        "1 GB from a bulk writer, tokio with a 1 MiB pipe",
        mb(ours),
        mb(tokio),
        ours / tokio,
    );
    row(
        "1 GB from a bulk writer, a blocking thread with a 1 MiB pipe",
        mb(ours),
        mb(blocking),
        ours / blocking,
    );
}

async fn read_ours(terminal: Terminal) {
    let mut process = terminal.command(writer()).spawn().await.expect("it spawns");
    let mut total = 0;
    while let Some(chunk) = process.next().await {
        total += chunk.expect("it reads").data.len();
    }
    assert_eq!(total, GIGABYTE);
}

fn grow(pipe: &impl std::os::fd::AsFd) {
    rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20).expect("the quota allows a large pipe");
}

async fn read_tokio() {
    let [program, argument] = writer();
    let mut command = tokio::process::Command::new(program);
    let mut child = command
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it spawns");
    let mut stdout = child.stdout.take().expect("it is piped");
    grow(&stdout);
    let mut buffer = vec![0; BULK];
    let mut total = 0;
    loop {
        match stdout.read(&mut buffer).await.expect("it reads") {
            0 => break,
            length => total += length,
        }
    }
    assert_eq!(total, GIGABYTE);
    child.wait().await.expect("it ends");
}

fn read_blocking() {
    let [program, argument] = writer();
    let mut command = std::process::Command::new(program);
    let mut child = command
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it spawns");
    let mut stdout = child.stdout.take().expect("it is piped");
    grow(&stdout);
    let mut buffer = vec![0; BULK];
    let mut total = 0;
    loop {
        match stdout.read(&mut buffer).expect("it reads") {
            0 => break,
            length => total += length,
        }
    }
    assert_eq!(total, GIGABYTE);
    child.wait().expect("it ends");
}

/// Whole calls: vetted, spawned, captured, reaped.
fn storm(no_op: &std::path::Path) {
    const TOTAL: usize = 640;
    let runtime = runtime();
    let terminal = terminal();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let path = no_op.to_string_lossy().into_owned();
    for _ in 0..ROUNDS {
        ours.push(timed(|| runtime.block_on(execute_many(&terminal, &path, TOTAL))).1);
        theirs.push(timed(|| runtime.block_on(tokio_many(&path, TOTAL))).1);
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
fn ticker(no_op: &std::path::Path) {
    let terminal = terminal();
    let path = no_op.to_string_lossy().into_owned();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
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

fn verdicts() {
    let mut builder = Policy::builder().workspace("/tmp");
    for number in 0..25 {
        builder = builder
            .allow(format!("program{number} sub *"))
            .deny(format!("program{number} sub --flag{number} *"));
    }
    let policy = builder.build().expect("a valid policy");
    let judge = |line: &str| {
        let none: &[(OsString, OsString)] = &[];
        let request = Request {
            command: CommandInput::Line(line),
            cwd: None,
            env: none,
            parent_env: none,
        };
        std::hint::black_box(policy.judge(&request)).is_ok()
    };
    let line = "program24 sub one two three four five six seven eight";
    assert!(judge(line));
    let times = (0..50)
        .map(|_| timed(|| (0..2000).for_each(|_| assert!(judge(line)))).1 / 2000.0)
        .collect();
    let each = median(times);
    row(
        "a verdict on ten words against 50 rules, target 3 us",
        format!("{each:.2} us"),
        "3 us".to_owned(),
        each / 3.0,
    );

    let long = format!("program1 sub {}", "x".repeat(4 << 20));
    let times = (0..50).map(|_| timed(|| assert!(!judge(&long))).1).collect();
    let each = median(times);
    row(
        "a 4 MB line refused, target 1 ms",
        format!("{each:.1} us"),
        "1000 us".to_owned(),
        each / 1000.0,
    );
}

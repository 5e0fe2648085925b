//! A gigabyte from a program that writes in large blocks.

use std::io::{Read, Write};
use std::process::Stdio;

use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use vetty::Terminal;

use crate::measure::{ROUNDS, median, row, runtime, terminal, timed};

const GIGABYTE: usize = 1_000_000_000;
const BLOCK: usize = 256 * 1024;
/// The argument that makes this program the writer.
pub const WRITER: &str = "write-a-gigabyte";

/// As many runtimes' writers do: large blocks until a gigabyte is written.
pub fn write_a_gigabyte() {
    let block = vec![b'x'; BLOCK];
    let mut stdout = std::io::stdout().lock();
    let mut left = GIGABYTE;
    while left > 0 {
        let length = left.min(BLOCK);
        stdout.write_all(&block[..length]).expect("the reader reads all");
        left -= length;
    }
    // Only what is not text is written at once by the standard library; the rest waits for this.
    stdout.flush().expect("the reader reads all");
}

fn writer() -> [String; 2] {
    let own = std::env::current_exe().expect("this program has a path");
    [own.to_string_lossy().into_owned(), WRITER.to_owned()]
}

/// The reader is vetty, tokio, a blocking thread; the two others enlarge their pipe, as vetty does by itself.
pub fn bulk() {
    let runtime = runtime();
    let terminal = terminal();
    let (mut ours, mut tokios, mut blocking) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(timed(|| runtime.block_on(runtime.spawn(read_ours(terminal.clone()))).expect("it reads")));
        tokios.push(timed(|| runtime.block_on(runtime.spawn(read_tokio())).expect("it reads")));
        blocking.push(timed(read_blocking));
    }
    let rate = |times: Vec<f64>| GIGABYTE as f64 / median(times);
    let (ours, tokio, blocking) = (rate(ours), rate(tokios), rate(blocking));
    let mb = |rate: f64| format!("{rate:.0} MB/s");
    row("1 GB from a bulk writer, tokio with a 1 MiB pipe", mb(ours), mb(tokio), ours / tokio);
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
    let mut child =
        command.arg(argument).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it spawns");
    let mut stdout = child.stdout.take().expect("it is piped");
    grow(&stdout);
    let mut buffer = vec![0; BLOCK];
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
    let mut child =
        command.arg(argument).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it spawns");
    let mut stdout = child.stdout.take().expect("it is piped");
    grow(&stdout);
    let mut buffer = vec![0; BLOCK];
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

//! Bytes through a pseudo-terminal, both ways.

use std::io::Write;
use std::time::{Duration, Instant};

use futures_util::StreamExt;

use super::peers::{PortablePty, PtyProcess, open, until};
use crate::measure::{cpu, median, micros, row, runtime, status, terminal};

const ECHOES: usize = 2000;
const ROUNDS: usize = 5;
const MEGABYTES: usize = 100;

/// Echoes in raw mode what it reads, once it has said so.
const CAT: [&str; 3] = ["/bin/sh", "-c", "stty raw -echo; echo ready; exec cat"];

/// What was measured of each of the three.
#[derive(Default)]
struct Three {
    times: [Vec<f64>; 3],
    cpu: [f64; 3],
    /// Bytes.
    lost: [usize; 3],
}

impl Three {
    fn rows(self, what: &str, unit: &str, show: impl Fn(f64) -> f64, cpu_unit: &str, times: usize) {
        let [ours, others @ ..] = self.times.map(median).map(show);
        for (peer, theirs) in ["pty-process", "portable-pty"].into_iter().zip(others) {
            row(
                &format!("{what}, {peer}"),
                format!("{ours:.0} {unit}"),
                format!("{theirs:.0} {unit}"),
                ours / theirs,
            );
        }
        let [ours, others @ ..] = self.cpu.map(|seconds| seconds / times as f64 * 1e6);
        for (peer, theirs) in ["pty-process", "portable-pty"].into_iter().zip(others) {
            let us = |time: f64| format!("{time:.0} {cpu_unit}");
            row(&format!("{what}, CPU of the host, {peer}"), us(ours), us(theirs), ours / theirs);
        }
    }
}

/// A byte there and back, 2000 times.
pub fn echo() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let terminal = terminal();
    let mut three = Three::default();
    for _ in 0..ROUNDS {
        runtime.block_on(async {
            let session = open(&terminal, &CAT).await;
            let mut reader = session.reader().expect("nobody else reads");
            until(&mut reader, b"ready").await;
            let before = cpu();
            for _ in 0..ECHOES / ROUNDS {
                let start = Instant::now();
                session.write("x").await.expect("it is taken");
                reader.next().await.expect("it comes back");
                three.times[0].push(micros(start.elapsed()));
            }
            three.cpu[0] += cpu() - before;

            let mut peer = PtyProcess::spawn(&CAT);
            let mut buffer = [0; 65536];
            let mut seen = Vec::new();
            while !seen.ends_with(b"ready\n") {
                let length = peer.read(&mut buffer).await;
                seen.extend_from_slice(&buffer[..length]);
            }
            let before = cpu();
            for _ in 0..ECHOES / ROUNDS {
                let start = Instant::now();
                peer.write(b"x").await;
                assert_eq!(peer.read(&mut buffer).await, 1);
                three.times[1].push(micros(start.elapsed()));
            }
            three.cpu[1] += cpu() - before;
        });
        let mut peer = PortablePty::spawn(&CAT);
        let mut buffer = [0; 65536];
        let mut seen = Vec::new();
        while !seen.ends_with(b"ready\n") {
            let length = peer.read(&mut buffer);
            seen.extend_from_slice(&buffer[..length]);
        }
        let before = cpu();
        for _ in 0..ECHOES / ROUNDS {
            let start = Instant::now();
            peer.writer.write_all(b"x").expect("it is taken");
            assert_eq!(peer.read(&mut buffer), 1);
            three.times[2].push(micros(start.elapsed()));
        }
        three.cpu[2] += cpu() - before;
    }
    three.rows("echo of one byte, p50", "us", |time| time, "us a byte", ECHOES);
}

/// Raw output, read as fast as it comes.
pub fn throughput() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let terminal = terminal();
    let script = format!("stty raw; exec head -c {MEGABYTES}000000 /dev/zero");
    let argv = ["/bin/sh", "-c", &script];
    let total = MEGABYTES * 1_000_000;
    let mut three = Three::default();
    for _ in 0..ROUNDS {
        let (start, before) = (Instant::now(), cpu());
        let read = runtime.block_on(async {
            let session = open(&terminal, &argv).await;
            let mut reader = session.reader().expect("nobody else reads");
            let mut read = 0;
            while let Some(chunk) = reader.next().await {
                read += chunk.len();
            }
            read
        });
        three.lost[0] += total - read;
        three.times[0].push(start.elapsed().as_secs_f64());
        three.cpu[0] += cpu() - before;
        let mut buffer = vec![0; 65536];
        let (start, before) = (Instant::now(), cpu());
        let read = runtime.block_on(async {
            let mut peer = PtyProcess::spawn(&argv);
            let mut read = 0;
            loop {
                match peer.read(&mut buffer).await {
                    0 => break read,
                    length => read += length,
                }
            }
        });
        three.lost[1] += total - read;
        three.times[1].push(start.elapsed().as_secs_f64());
        three.cpu[1] += cpu() - before;
        let (start, before) = (Instant::now(), cpu());
        let mut peer = PortablePty::spawn(&argv);
        let mut read = 0;
        loop {
            match peer.read(&mut buffer) {
                0 => break,
                length => read += length,
            }
        }
        three.lost[2] += total - read;
        three.times[2].push(start.elapsed().as_secs_f64());
        three.cpu[2] += cpu() - before;
    }
    let what = format!("{MEGABYTES} MB through a raw terminal");
    let lost = three.lost;
    three.rows(&what, "MB/s", |seconds| MEGABYTES as f64 / seconds, "us a MB", MEGABYTES * ROUNDS);
    for (peer, theirs) in ["pty-process", "portable-pty"].into_iter().zip(&lost[1..]) {
        println!("| {what}, bytes lost in {ROUNDS} runs, {peer} | {} | {theirs} | - |", lost[0]);
    }
}

/// A reader of 8 MB/s and a program that writes without end: how much the host grows in 4 s, and how much comes through.
pub fn slow_reader() {
    let runtime = runtime();
    let terminal = terminal();
    let mut outcome = Vec::new();
    let measure = |outcome: &mut Vec<(f64, f64)>, read: &mut dyn FnMut() -> usize| {
        let before = status("VmRSS");
        let (start, mut total) = (Instant::now(), 0usize);
        while start.elapsed() < Duration::from_secs(4) {
            total += read();
            let due = Duration::from_secs_f64(total as f64 / 8e6);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
        }
        outcome.push((status("VmRSS") - before, total as f64 / 1e6 / start.elapsed().as_secs_f64()));
    };
    let yes = ["/usr/bin/yes"];
    let session = runtime.block_on(open(&terminal, &yes));
    let mut reader = session.reader().expect("nobody else reads");
    measure(&mut outcome, &mut || runtime.block_on(reader.next()).expect("it writes").len());
    drop(reader);
    drop(session);
    let mut buffer = vec![0; 65536];
    let mut peer = runtime.block_on(async { PtyProcess::spawn(&yes) });
    measure(&mut outcome, &mut || runtime.block_on(peer.read(&mut buffer)));
    drop(peer);
    let mut peer = PortablePty::spawn(&yes);
    measure(&mut outcome, &mut || peer.read(&mut buffer));
    let [ours, others @ ..] = <[(f64, f64); 3]>::try_from(outcome).expect("three");
    for (peer, theirs) in ["pty-process", "portable-pty"].into_iter().zip(others) {
        let text = |(grown, rate): (f64, f64)| format!("{:+.1} MB, {rate:.1} MB/s", grown / 1000.0);
        row(
            &format!("a reader of 8 MB/s against `yes`, 4 s, {peer}"),
            text(ours),
            text(theirs),
            ours.1 / theirs.1,
        );
    }
}

/// A mebibyte to a program that never reads: what of the host is stuck, and what it burns in 2 s.
pub fn never_reads() {
    const SILENT: [&str; 3] = ["/bin/sh", "-c", "stty raw -echo; echo ready; exec sleep 1000"];
    let runtime = runtime();
    let terminal = terminal();
    let data = vec![b'x'; 1 << 20];
    let patience = Duration::from_secs(2);
    let (ours, theirs) = runtime.block_on(async {
        let session = open(&terminal, &SILENT).await;
        let mut reader = session.reader().expect("nobody else reads");
        until(&mut reader, b"ready").await;
        let before = cpu();
        assert!(tokio::time::timeout(patience, session.write(&data)).await.is_err(), "nobody reads");
        let ours = cpu() - before;
        let mut peer = PtyProcess::spawn(&SILENT);
        let mut buffer = [0; 100];
        while !buffer.starts_with(b"ready") {
            peer.read(&mut buffer).await;
        }
        let before = cpu();
        assert!(tokio::time::timeout(patience, peer.write(&data)).await.is_err(), "nobody reads");
        (ours, cpu() - before)
    });
    let mut peer = PortablePty::spawn(&SILENT);
    let mut buffer = [0; 100];
    while !buffer.starts_with(b"ready") {
        peer.read(&mut buffer);
    }
    let before = cpu();
    let mut writer = std::mem::replace(&mut peer.writer, Box::new(std::io::sink()));
    let stuck = std::thread::spawn(move || writer.write_all(&data));
    std::thread::sleep(patience);
    let portable = cpu() - before;
    // Not joined: it stays so when the program has ended, too.
    let is_stuck = !stuck.is_finished();
    drop(peer);
    let text = |cpu: f64, threads: usize| format!("{:.1} ms of CPU, {threads} threads stuck", cpu * 1000.0);
    row(
        "1 MiB to a program that never reads, 2 s, pty-process",
        text(ours, 0),
        text(theirs, 0),
        ours / theirs,
    );
    row(
        "1 MiB to a program that never reads, 2 s, portable-pty",
        text(ours, 0),
        text(portable, usize::from(is_stuck)),
        ours / portable,
    );
}

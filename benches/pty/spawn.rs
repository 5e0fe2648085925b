//! Starting a program on a pseudo-terminal: the call alone, and all of it from open to exit.

use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use vetty_process::{Command, Size};

use super::peers::{PortablePty, PtyProcess, open};
use crate::measure::{median, micros, row, terminal, touch};
use crate::no_op;

/// Memory that the parent has touched when it spawns, in MB.
const RESIDENT: [usize; 2] = [20, 500];
const SPAWNS: usize = 60;
const RUNS: usize = 200;

pub fn calls() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let program = no_op::write_to(directory.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut memory = Vec::new();
    for megabytes in RESIDENT {
        touch(&mut memory, megabytes << 20);
        let (mut blocked, mut whole, mut pty_process, mut portable) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..SPAWNS {
            runtime.block_on(async {
                let (own_blocked, own_whole) = vetty(&program).await;
                blocked.push(own_blocked);
                whole.push(own_whole);
                let argv = [program.to_str().expect("UTF-8")];
                let start = Instant::now();
                let mut peer = PtyProcess::spawn(&argv);
                pty_process.push(micros(start.elapsed()));
                peer.child.wait().await.expect("it ends");
                let start = Instant::now();
                let mut peer = PortablePty::spawn(&argv);
                portable.push(micros(start.elapsed()));
                peer.child.wait().expect("it ends");
            });
        }
        let [blocked, whole] = [blocked, whole].map(median);
        let us = |time: f64| format!("{time:.0} us");
        for (peer, times) in [("pty-process", pty_process), ("portable-pty", portable)] {
            let time = median(times);
            let at = format!("parent at {megabytes} MB, {peer}");
            row(
                &format!("spawn on a pty, from the call to the running child, {at}"),
                us(whole),
                us(time),
                whole / time,
            );
            row(&format!("spawn on a pty, caller blocked, {at}"), us(blocked), us(time), blocked / time);
        }
    }
}

/// How long the caller was blocked, and how long it took.
async fn vetty(program: &Path) -> (f64, f64) {
    let start = Instant::now();
    let mut blocked = Duration::ZERO;
    let mut spawn = pin!(Command::new(program).pty(Size::default()).spawn());
    let child = poll_fn(|cx| {
        let begin = Instant::now();
        let polled = spawn.as_mut().poll(cx);
        blocked += begin.elapsed();
        polled
    });
    let child = child.await.expect("it spawns");
    let whole = micros(start.elapsed());
    child.exited().await;
    child.reap();
    (micros(blocked), whole)
}

/// `/bin/true`, from open to its last byte and its exit.
pub fn runs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let terminal = terminal();
    let (mut ours, mut pty_process, mut portable) = (Vec::new(), Vec::new(), Vec::new());
    let mut buffer = vec![0; 65536];
    for _ in 0..RUNS {
        runtime.block_on(async {
            let start = Instant::now();
            let session = open(&terminal, &["/bin/true"]).await;
            let mut reader = session.reader().expect("nobody else reads");
            while reader.next().await.is_some() {}
            session.exited().await;
            ours.push(micros(start.elapsed()));
            let start = Instant::now();
            let mut peer = PtyProcess::spawn(&["/bin/true"]);
            while peer.read(&mut buffer).await > 0 {}
            peer.child.wait().await.expect("it ends");
            pty_process.push(micros(start.elapsed()));
            let start = Instant::now();
            let mut peer = PortablePty::spawn(&["/bin/true"]);
            while peer.read(&mut buffer) > 0 {}
            peer.child.wait().expect("it ends");
            portable.push(micros(start.elapsed()));
        });
    }
    let ours = median(ours);
    for (peer, times) in [("pty-process", pty_process), ("portable-pty", portable)] {
        let time = median(times);
        row(
            &format!("/bin/true from open to exit, {peer}"),
            format!("{ours:.0} us"),
            format!("{time:.0} us"),
            ours / time,
        );
    }
}

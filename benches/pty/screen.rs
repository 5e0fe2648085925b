//! What a session's screen costs, and what looking at it costs while output streams in: beside the same without one.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use vetty::screen::TextOptions;
use vetty::{Session, Size, Wait};

use super::peers::open;
use crate::measure::{cpu, cpu_timed, median, micros, row, runtime, status, terminal, terminal_with};

const ROUNDS: usize = 5;
const MEGABYTES: usize = 50;
const LOOKS: usize = 2000;
const SESSIONS: usize = 300;

async fn open_with_screen(terminal: &vetty::Terminal, argv: &[&str]) -> Session {
    let size = Size::new(200, 50).expect("a size");
    terminal.command(argv.to_vec()).size(size).open().await.expect("it opens")
}

pub fn screens() {
    throughput();
    looks();
    memory();
}

/// Lines of text, read as fast as they come.
fn throughput() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let terminal = terminal();
    let line = "a line of sixty characters, as a compiler or a test writes it";
    let script = format!("stty raw; yes '{line}' | head -c {MEGABYTES}000000");
    let argv = ["/bin/sh", "-c", &script];
    let (mut rates, mut cpus) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..ROUNDS {
        for (kind, (rates, cpus)) in rates.iter_mut().zip(&mut cpus).enumerate() {
            let (start, before) = (Instant::now(), cpu());
            runtime.block_on(async {
                let session = if kind == 0 {
                    open_with_screen(&terminal, &argv).await
                } else {
                    open(&terminal, &argv).await
                };
                let mut reader = session.reader().expect("nobody else reads");
                while reader.next().await.is_some() {}
            });
            rates.push(MEGABYTES as f64 / start.elapsed().as_secs_f64());
            cpus.push((cpu() - before) * 1e6 / MEGABYTES as f64);
        }
    }
    let [with, without] = rates.map(median);
    let text = |rate: f64| format!("{rate:.0} MB/s");
    row(
        &format!("{MEGABYTES} MB of text with a screen, beside without"),
        text(with),
        text(without),
        with / without,
    );
    let [with, without] = cpus.map(median);
    let text = |time: f64| format!("{time:.0} us a MB");
    row("CPU of the host for that, beside without a screen", text(with), text(without), with / without);
}

/// The screen's text at 200x50, again and again, while a program writes without end.
fn looks() {
    let runtime = runtime();
    let terminal = terminal();
    let line = "x".repeat(180);
    let session = runtime.block_on(open_with_screen(&terminal, &["/usr/bin/yes", &line]));
    runtime.block_on(session.wait(Wait::text("xxx"))).expect("it writes");
    let screen = session.screen().expect("it has one");
    let mut tap = session.tap(1 << 30, false);
    let counted = runtime.spawn(async move {
        let mut total = 0;
        while let Ok(Some(chunk)) = tokio::time::timeout(Duration::from_secs(5), tap.next()).await {
            total += chunk.data.len() + chunk.lag as usize;
        }
        total
    });
    let start = Instant::now();
    let (mut times, mut waits) = (Vec::new(), Vec::new());
    for _ in 0..LOOKS {
        let begun = Instant::now();
        times.push(cpu_timed(|| assert!(screen.text(&TextOptions::default()).len() > 5000)));
        waits.push(micros(begun.elapsed()));
        std::thread::sleep(Duration::from_micros(500));
    }
    let time = start.elapsed().as_secs_f64();
    drop(session);
    let total = runtime.block_on(counted).expect("it counts");
    println!("| output that streams in meanwhile | {:.0} MB/s | - | - |", total as f64 / 1e6 / time);
    println!("| text at 200x50 meanwhile, CPU, p50 | {:.0} us | - | - |", median(times));
    waits.sort_by(f64::total_cmp);
    let at = |part: f64| waits[(waits.len() as f64 * part) as usize];
    println!("| the same, from call to text, p50 and p99 | {:.0} us, {:.0} us | - | - |", at(0.5), at(0.99));
}

/// Resident memory of sessions that do nothing.
fn memory() {
    let runtime = runtime();
    let terminal = terminal_with(serde_json::json!({ "sessions": { "max": 3 * SESSIONS } }));
    let _context = runtime.enter();
    let sleep = ["/bin/sleep", "1000"];
    let of = |is_with: bool| {
        let before = status("VmRSS");
        let sessions: Vec<Session> = (0..SESSIONS)
            .map(|_| {
                let command = terminal.command(sleep).screen(is_with);
                runtime.block_on(command.open()).expect("it opens")
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        let each = (status("VmRSS") - before) / SESSIONS as f64;
        (each, sessions)
    };
    // What is made once for all, and memory that would serve again, are there before the second look.
    let (_, _first) = of(false);
    let (without, _second) = of(false);
    let (with, _third) = of(true);
    let text = |each: f64| format!("{each:.1} kB");
    row(
        &format!("resident memory of an idle session, of {SESSIONS}, with a screen, beside without"),
        text(with),
        text(without),
        with / without,
    );
}

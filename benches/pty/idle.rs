//! What sessions cost that do nothing. Each of the three holds them in a process of its own.

use std::time::Duration;

use crate::measure::{cpu, runtime, status, terminal_with};

use super::peers::{PortablePty, PtyProcess, open};

/// The argument that makes this program the holder; who holds them is the next one.
pub const COUNTED: &str = "hold-idle-sessions";
const SESSIONS: usize = 500;
const QUIET: Duration = Duration::from_secs(10);

pub fn idle() {
    let [ours, pty_process, portable] = ["vetty", "pty-process", "portable-pty"].map(|who| {
        let own = std::env::current_exe().expect("this program has a path");
        let output = std::process::Command::new(own).args([COUNTED, who]).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("numbers");
        let numbers = text.split_whitespace().map(|number| number.parse().expect("a number"));
        numbers.collect::<Vec<f64>>()
    });
    let kinds =
        ["kB resident each", "threads, all together", "descriptors each", "ms of CPU in 10 s, all together"];
    for (index, kind) in kinds.iter().enumerate() {
        for (peer, theirs) in [("pty-process", &pty_process), ("portable-pty", &portable)] {
            let text = |numbers: &[f64]| format!("{:.1}", numbers[index]);
            let ratio = ours[index] / theirs[index];
            println!(
                "| {SESSIONS} idle sessions: {kind}, {peer} | {} | {} | {} |",
                text(&ours),
                text(theirs),
                if ratio.is_finite() { format!("{ratio:.2}") } else { "-".to_owned() }
            );
        }
    }
}

/// Opens them, waits, and prints what they cost.
pub fn hold(who: &str) {
    let runtime = runtime();
    let _context = runtime.enter();
    let sleep = ["/bin/sleep", "1000"];
    let terminal = terminal_with(serde_json::json!({ "sessions": { "max": SESSIONS + 1 } }));
    // What is made once for all exists before the first look.
    drop(runtime.block_on(open(&terminal, &sleep)));
    std::thread::sleep(Duration::from_millis(200));
    let before = Costs::now();
    let (mut ours, mut pty_process, mut threads) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..SESSIONS {
        match who {
            "vetty" => ours.push(runtime.block_on(open(&terminal, &sleep))),
            "pty-process" => pty_process.push(PtyProcess::spawn(&sleep)),
            _ => {
                // Its reader blocks: who is to hear of output has a thread for each.
                let mut peer = PortablePty::spawn(&sleep);
                let mut output = std::mem::replace(&mut peer.reader, Box::new(std::io::empty()));
                threads.push((
                    std::thread::spawn(move || {
                        let mut buffer = [0; 4096];
                        while output.read(&mut buffer).is_ok_and(|length| length > 0) {}
                    }),
                    peer,
                ));
            }
        }
    }
    let readers: Vec<_> = pty_process
        .into_iter()
        .map(|mut peer| {
            runtime.spawn(async move {
                let mut buffer = [0; 4096];
                while peer.read(&mut buffer).await > 0 {}
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    let held = Costs::now();
    let cpu_before = cpu();
    std::thread::sleep(QUIET);
    let cpu = cpu() - cpu_before;
    let each = |now: f64, before: f64| (now - before) / SESSIONS as f64;
    println!(
        "{} {} {} {}",
        each(held.kilobytes, before.kilobytes),
        held.threads - before.threads,
        each(held.descriptors, before.descriptors),
        cpu * 1000.0
    );
    readers.iter().for_each(tokio::task::JoinHandle::abort);
    drop((ours, threads));
}

struct Costs {
    kilobytes: f64,
    threads: f64,
    descriptors: f64,
}

impl Costs {
    fn now() -> Costs {
        let count = std::fs::read_dir("/proc/self/fd").expect("/proc").count();
        Costs { kilobytes: status("VmRSS"), threads: status("Threads"), descriptors: count as f64 }
    }
}

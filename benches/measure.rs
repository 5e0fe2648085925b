//! What the measurements share.

use std::time::{Duration, Instant};

use vetty::{Config, Terminal};

/// How often each side of a comparison is measured.
pub const ROUNDS: usize = 15;

/// The median.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Microseconds.
pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// How long `work` takes, in microseconds.
pub fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    micros(start.elapsed())
}

/// How much time of this thread's CPU `work` takes, in microseconds: what else the machine does counts less.
pub fn cpu_timed(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
    };
    let start = now();
    work();
    micros(now() - start)
}

/// Prints one line of the table.
pub fn row(what: &str, ours: String, peer: String, ratio: f64) {
    println!("| {what} | {ours} | {peer} | {ratio:.2} |");
}

/// A terminal that permits everything and lists nothing that has ended.
pub fn terminal() -> Terminal {
    let config = serde_json::json!({
        "workspaces": ["/"], "commands": { "allow": [], "strictArgs": false }, "timeout": 0,
        "output": { "retain": { "count": 0 } },
    });
    Terminal::from_config(Config::from_json(config).expect("a valid configuration")).expect("a valid policy")
}

/// A runtime as a service on this machine would have it.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

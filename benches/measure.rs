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

/// Grows to so many resident bytes.
pub fn touch(memory: &mut Vec<u8>, bytes: usize) {
    memory.resize(bytes, 0);
    memory.chunks_mut(4096).for_each(|page| page[0] = 1);
}

/// Seconds of CPU that this process has used, its children not counted.
pub fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// A number of this process's `/proc` status: `VmRSS` in kB, `Threads`.
pub fn status(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let field =
        status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).expect("the field");
    field.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

/// A terminal that permits everything and lists nothing that has ended.
pub fn terminal() -> Terminal {
    terminal_with(serde_json::json!({}))
}

/// The same with more sections of the configuration.
pub fn terminal_with(more: serde_json::Value) -> Terminal {
    let mut config = serde_json::json!({
        "workspaces": ["/"], "commands": { "allow": [], "strictArgs": false }, "timeout": 0,
        "output": { "retain": { "count": 0 } },
    });
    config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    Terminal::from_config(Config::from_json(config).expect("a valid configuration")).expect("a valid policy")
}

/// A runtime as a service on this machine would have it.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

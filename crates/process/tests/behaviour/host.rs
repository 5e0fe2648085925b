//! The host process that a test runs in: its runtime, what it holds, and a copy of it for tests that change it whole.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::AsyncReadExt;
use vetty_process::{Command, Exit, Rung, SpawnError, Stdio};

use crate::ladder::copy_of_this_binary;

/// Names the test that a copy of this binary is to run.
const ALONE: &str = "VETTY_TEST_ALONE";

/// A test in a process of its own, so that it may change dispositions, limits, users and descriptors, and count children.
macro_rules! alone {
    ($(#[$meta:meta])* fn $name:ident() $body:block) => {
        #[test]
        $(#[$meta])*
        fn $name() {
            crate::host::alone(concat!(module_path!(), "::", stringify!($name)), || $body);
        }
    };
}

pub fn alone(path: &str, body: impl FnOnce()) {
    let name = path.split_once("::").expect("the crate's name comes first").1;
    if std::env::var(ALONE).as_deref() == Ok(name) {
        return body();
    }
    let mut copy = copy_of_this_binary();
    copy.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(ALONE, name);
    let output = copy.output().expect("a copy of the test binary starts");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{}\n{text}", output.status);
    text.lines().filter(|line| line.starts_with("skipped: ")).for_each(|line| println!("{line}"));
}

/// Says visibly that this machine cannot show a behaviour.
pub fn skipped(why: &str) {
    println!("skipped: {why}");
}

/// Names how long a test may take, in seconds, where a minute is not enough: under an emulator.
const PATIENCE: &str = "VETTY_TEST_PATIENCE";

pub fn run<T>(future: impl Future<Output = T>) -> T {
    let patience = std::env::var(PATIENCE).ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(60);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let future = tokio::time::timeout(Duration::from_secs(patience), future);
        future.await.unwrap_or_else(|_| panic!("nothing here takes {patience} s, see {PATIENCE}"))
    })
}

/// A shell that runs `script`, with what follows as `$1`...
pub fn sh(script: &str) -> Command {
    Command::new("/bin/sh").arg("-c").arg(script).arg("sh").env("PATH", "/usr/bin:/bin")
}

/// What it wrote on stdout, and how it ended.
pub async fn output(command: Command) -> Result<(Vec<u8>, Exit), SpawnError> {
    let mut child = command.stdout(Stdio::Pipe).spawn().await?;
    let mut bytes = Vec::new();
    child.stdout.take().expect("piped").read_to_end(&mut bytes).await.expect("a pipe can be read");
    child.exited().await;
    Ok((bytes, child.reap()))
}

/// The text that a program wrote, which succeeded.
pub fn text_of(command: Command) -> String {
    let (bytes, exit) = run(output(command)).expect("spawns");
    assert_eq!(exit, Exit::Exited(0));
    String::from_utf8(bytes).expect("UTF-8")
}

/// The value of a field of a `/proc/<pid>/status`.
pub fn field<'a>(status: &'a str, name: &str) -> &'a str {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .unwrap_or_else(|| panic!("{name} in {status}"))
        .trim()
}

/// Awaits a condition; the end of the test is the end of its patience.
#[track_caller]
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "still not: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether this process has no child, dead or alive.
pub fn is_childless() -> bool {
    // SAFETY: an all-zero siginfo_t is valid, and waitid writes into it.
    let result = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        libc::waitid(libc::P_ALL, 0, &raw mut info, libc::WEXITED | libc::WNOHANG | libc::WNOWAIT)
    };
    result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ECHILD)
}

pub fn descriptors() -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = std::fs::read_dir("/proc/self/fd")
        .expect("/proc")
        .flatten()
        .map(|entry| (entry.file_name().into_string().expect("a number"), entry.path()))
        .filter_map(|(name, path)| Some((name, std::fs::read_link(path).ok()?)))
        .filter(|(_, target)| !target.starts_with("/proc"))
        .collect();
    found.sort();
    found
}

/// Those that were not there `before`. A runtime that has just ended is remembered by the threads that answered it, for a
/// moment or, where they are kept from running, for longer: what was closed since then is not the question.
pub fn new_descriptors(before: &[(String, PathBuf)]) -> Vec<(String, PathBuf)> {
    let mut new = descriptors();
    new.retain(|descriptor| !before.contains(descriptor));
    new
}

/// The hard one.
pub fn limit(resource: Resource) -> u64 {
    getrlimit(resource).maximum.unwrap_or(u64::MAX)
}

/// Soft and hard. Who has no privilege can only lower the hard one.
pub fn set_limit(resource: Resource, soft: u64, hard: u64) {
    setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) }).expect("it may be lowered");
}

pub fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("/proc").count()
}

/// Whether a process is there and not a zombie.
pub fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Spawns once, so that what is made once for all (threads, the null device, a signal handler) exists.
pub fn warm_up() {
    run(async {
        let children: Vec<_> =
            (0..16).map(|_| tokio::spawn(output(Command::new("/bin/true").stdin(Stdio::Pipe)))).collect();
        for child in children {
            child.await.expect("no panic").expect("spawns");
        }
    });
}

/// Whether the numbers of this rung may be wrong for a moment, see `Rung::Portable`.
pub fn is_portable() -> bool {
    Rung::in_force() == Rung::Portable
}

/// Runs `body` with descriptors 0 to 2 closed, and opens them again to tell how it went.
pub fn without_standard_streams(body: impl FnOnce()) {
    // SAFETY: integers only; nobody else in this process uses them meanwhile (`alone`, one test thread).
    let saved = [0, 1, 2].map(|fd| unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 100) });
    assert!(saved.iter().all(|fd| *fd >= 100));
    for fd in 0..3 {
        // SAFETY: as above.
        assert_eq!(unsafe { libc::close(fd) }, 0);
    }
    let result = catch_unwind(AssertUnwindSafe(body));
    for (fd, saved) in (0..).zip(saved) {
        // SAFETY: as above.
        unsafe { libc::dup2(saved, fd) };
    }
    if let Err(panic) = result {
        let text =
            panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        eprintln!("{}", text.unwrap_or("panicked"));
        resume_unwind(panic);
    }
}

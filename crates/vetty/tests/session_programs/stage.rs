//! What the tests stand on: a directory, a terminal whose policy permits all, programs that must be there.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use vetty::{Command, Config, Error, Exit, LineMode, Session, Size, Terminal, Wait};

/// Names the test that a copy of this binary is to run.
const ALONE: &str = "VETTY_TEST_ALONE";

/// A test in a process of its own, so that it may count what the process holds.
macro_rules! alone {
    (fn $name:ident() $body:block) => {
        #[test]
        fn $name() {
            crate::stage::alone(concat!(module_path!(), "::", stringify!($name)), async || $body);
        }
    };
}

pub fn alone(path: &str, body: impl AsyncFnOnce()) {
    let name = path.split_once("::").expect("the crate's name comes first").1;
    if std::env::var(ALONE).as_deref() == Ok(name) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        return runtime.block_on(body());
    }
    let output = copy_of_this_binary(name).output().expect("a copy of the test binary starts");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{}\n{text}", output.status);
}

/// That runs the test `name` alone.
pub fn copy_of_this_binary(name: &str) -> std::process::Command {
    let mut copy = std::process::Command::new(std::env::current_exe().expect("this binary has a path"));
    copy.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(ALONE, name);
    copy
}

/// A directory of the test's own, which is the programs' home, and the terminal that opens them there.
pub struct Stage {
    pub terminal: Terminal,
    directory: tempfile::TempDir,
}

impl Stage {
    pub fn new() -> Stage {
        Stage::with(serde_json::json!({}))
    }

    /// With more sections of the configuration.
    pub fn with(more: serde_json::Value) -> Stage {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut config = serde_json::json!({
            "workspaces": [directory.path(), "/"],
            "commands": { "allow": [], "strictArgs": false, "maxArgs": 100 },
            "env": { "set": { "HOME": directory.path(), "PS1": "ready> ", "LESSHISTFILE": "-", "HISTFILE": "/dev/null" } },
        });
        config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let config = Config::from_json(config).expect("valid");
        Stage { terminal: Terminal::from_config(config).expect("a valid policy"), directory }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, data: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, data).expect("an own directory");
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub async fn open<const N: usize>(&self, argv: [&str; N]) -> Session {
        opened(self.terminal.command(argv)).await
    }

    pub async fn sh(&self, script: &str) -> Session {
        self.open(["sh", "-c", script]).await
    }
}

/// A program that is not here fails the test: what was not tried must not look like what works.
pub async fn opened(command: Command) -> Session {
    match command.open().await {
        Ok(session) => session,
        Err(error) if error.code() == "PROGRAM_NOT_FOUND" => {
            panic!("this test needs a program that is not installed, see .ci/steps/tools.sh: {error}")
        }
        Err(error) => panic!("it does not open: {error}"),
    }
}

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for text in the output, after what was found before.
#[track_caller]
pub fn until(session: &Session, text: &str) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        match session.wait(Wait::output(text).within(PATIENCE)).await {
            Ok(_) => {}
            Err(error) => {
                let tail = tail(session).await;
                panic!("{caller}: no {text:?}: {error}; the output ends with {tail:?}")
            }
        }
    }
}

/// The end of what is held.
async fn tail(session: &Session) -> String {
    let Ok(mut reader) = session.reader() else { return String::new() };
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = tokio::time::timeout(Duration::from_millis(100), reader.next()).await {
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(4096)..]).into_owned()
}

/// Types text and waits for what it brings about.
#[track_caller]
pub fn ask(session: &Session, text: &str, answer: &str) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let wait = Wait::output(answer).within(PATIENCE);
        if let Err(error) = session.send_until(text, wait).await {
            let tail = tail(session).await;
            panic!("{caller}: {text:?} does not lead to {answer:?}: {error}; the output ends with {tail:?}");
        }
    }
}

/// Everything up to the last byte.
pub async fn rest(session: &Session) -> Vec<u8> {
    let mut reader = session.reader().expect("nobody else reads");
    let mut bytes = Vec::new();
    let all = async {
        while let Some(chunk) = reader.next().await {
            bytes.extend_from_slice(&chunk);
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("it comes to its end");
    bytes
}

pub async fn text(session: &Session) -> String {
    String::from_utf8(rest(session).await).expect("UTF-8")
}

pub async fn end(session: &Session) -> Exit {
    tokio::time::timeout(PATIENCE, session.exited()).await.expect("it ends")
}

/// Awaits a condition that nobody announces.
#[track_caller]
pub fn becomes(what: &str, mut is_true: impl FnMut() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let start = Instant::now();
        while !is_true() {
            assert!(start.elapsed() < PATIENCE, "{caller}: still not: {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

#[track_caller]
pub fn in_foreground(session: &Session, name: &str) -> impl Future<Output = ()> {
    becomes(name, move || session.foreground().name.is_some_and(|leader| leader == name))
}

pub fn mode(session: &Session) -> LineMode {
    session.line_mode().expect("it lives")
}

/// Changes the size of a full-screen program that waits for a key. One that gets the signal just before it begins to wait
/// may see it with the next key alone.
pub async fn resized(session: &Session, cols: u32, rows: u32) {
    session.wait(Wait::idle(Duration::from_millis(200)).within(PATIENCE)).await.expect("it becomes silent");
    session.resize(cells(cols, rows)).await.expect("resized");
}

pub fn cells(cols: u32, rows: u32) -> Size {
    Size::new(cols, rows).expect("a size")
}

/// Whether a process is there and not a zombie.
pub fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Ends a process that is nobody's child here.
pub fn kill_stranger(pid: i32) {
    let killed = std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
    assert!(killed.expect("kill(1)").success());
}

pub fn descriptors() -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = std::fs::read_dir("/proc/self/fd")
        .expect("/proc")
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().into_string().ok()?, std::fs::read_link(entry.path()).ok()?))
        })
        .filter(|(_, target)| !target.starts_with("/proc"))
        .collect();
    found.sort();
    found
}

/// Those who run in `directory`: a program starts there, and so does what it starts.
pub fn residents(directory: &Path) -> Vec<i32> {
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    processes
        .filter(|process| std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == directory))
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .collect()
}

impl Stage {
    pub fn directory(&self) -> PathBuf {
        self.directory.path().canonicalize().expect("it exists")
    }
}

/// A policy's refusal or the kernel's, by its code.
pub async fn code_of(command: Command) -> String {
    let error: Error = command.open().await.expect_err("it does not open");
    error.code()
}

//! A file that takes no more bytes slows what is new, or has it refused; no event is lost once there is room again.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use vetty::{Config, Terminal, verify_audit};

/// The whole process may write files of this size.
fn most(bytes: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is there to be written, then to be read. Nothing but a limit is changed, and a signal ignored.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut limit), 0);
        limit.rlim_cur = bytes.min(limit.rlim_max);
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit), 0);
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

fn terminal(file: &Path, on_full: &str) -> Terminal {
    let config = json!({ "commands": { "allow": ["true"] }, "audit": { "file": file, "onFull": on_full } });
    Terminal::from_config(Config::from_json(config).unwrap()).unwrap()
}

/// A test that needs a process of its own, which runs this same test with the variable set.
fn in_own_process(test: &str, body: impl AsyncFnOnce(&Path)) {
    const NAME: &str = "VETTY_TEST_AUDIT_FILE";
    if let Some(file) = std::env::var_os(NAME) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(body(Path::new(&file)));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit");
    let program = std::env::current_exe().unwrap();
    let output =
        Command::new(program).args(["--exact", test, "--nocapture"]).env(NAME, &file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = verify_audit(&file, None).unwrap();
    assert!(report.is_ok() && report.torn == 0 && report.events > 4, "{report:?}");
}

fn kinds(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let kind = |line: &str| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().unwrap().to_owned();
    text.lines().map(kind).collect()
}

#[test]
fn a_full_disk_makes_what_is_new_wait_until_there_is_room() {
    in_own_process("a_full_disk_makes_what_is_new_wait_until_there_is_room", async |file| {
        let terminal = terminal(file, "block");
        terminal.execute("true").await.unwrap();
        let size = std::fs::metadata(file).unwrap().len();
        // In the middle of the next line.
        most(size + 100);
        let waiting = tokio::spawn({
            let terminal = terminal.clone();
            async move { terminal.execute("true").await }
        });
        while std::fs::metadata(file).unwrap().len() < size + 100 {
            tokio::task::yield_now().await;
        }
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished() && terminal.list().iter().all(|listed| !listed.running));
        most(u64::MAX);
        assert!(waiting.await.unwrap().unwrap().success());
        terminal.close().await;
        assert_eq!(kinds(file), ["config", "verdict", "spawn", "exit", "verdict", "spawn", "exit"]);
    });
}

#[test]
fn a_full_disk_has_what_is_new_refused_until_there_is_room() {
    in_own_process("a_full_disk_has_what_is_new_refused_until_there_is_room", async |file| {
        let terminal = terminal(file, "refuse");
        terminal.execute("true").await.unwrap();
        most(std::fs::metadata(file).unwrap().len());
        for _ in 0..3 {
            let error = terminal.execute("true").await.unwrap_err();
            assert_eq!(error.code(), "AUDIT_UNAVAILABLE");
            assert!(error.verdict().unwrap().hint.as_ref().unwrap().contains("audit.file"));
        }
        most(u64::MAX);
        while terminal.execute("true").await.is_err() {
            tokio::task::yield_now().await;
        }
        terminal.close().await;
        let kinds = kinds(file);
        // The first of the three was taken before the disk was known to be full, and the refusal is told behind it.
        assert_eq!(kinds[..6], ["config", "verdict", "spawn", "exit", "verdict", "verdict"]);
        assert_eq!(kinds[6], "unavailable");
        assert_eq!(kinds[kinds.len() - 3..], ["verdict", "spawn", "exit"]);
    });
}

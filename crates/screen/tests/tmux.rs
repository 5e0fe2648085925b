//! Recorded output of real programs, beside what tmux shows of the same bytes.

mod terminal;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use terminal::{fed, rows};

const COLS: u16 = 80;
const ROWS: u16 = 24;

/// A tmux server of its own, ended with the test.
struct Tmux {
    socket: std::path::PathBuf,
}

impl Tmux {
    fn run(&self, args: &[&str]) -> Option<String> {
        let mut command = Command::new("tmux");
        command
            .args(["-f", "/dev/null", "-S"])
            .arg(&self.socket)
            .args(args)
            .env_remove("TMUX")
            .env("LC_ALL", "C.UTF-8");
        let output = command.stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What tmux shows after a program has written the file. `None` if tmux does not do what it is told.
    fn shown(name: &str, file: &std::path::Path) -> Option<Vec<String>> {
        let tmux = Self { socket: file.with_extension("socket") };
        let show =
            format!("stty raw -echo; cat '{}'; printf '\\033]2;done\\033\\\\'; sleep 60", file.display());
        let (cols, rows) = (COLS.to_string(), ROWS.to_string());
        tmux.run(&["new-session", "-d", "-x", &cols, "-y", &rows, &show])?;
        tmux.run(&["set", "-g", "status", "off"])?;
        tmux.run(&["resize-window", "-x", &cols, "-y", &rows])?;
        let deadline = Instant::now() + Duration::from_secs(20);
        while tmux.run(&["display-message", "-p", "#{pane_title}"])?.trim() != "done" {
            assert!(Instant::now() < deadline, "tmux did not show {name}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let text = tmux.run(&["capture-pane", "-p"])?;
        Some(text.lines().map(str::to_owned).collect())
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

fn check(name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder for the bytes");
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).expect("the folder can be written to");
    let mut theirs = Tmux::shown(name, &file).expect("tmux shows it; `npm test` installs it");
    theirs.resize(usize::from(ROWS), String::new());
    let screen = fed(COLS, ROWS, bytes);
    let ours: Vec<String> =
        rows(&screen).iter().map(|row| row.replace('.', " ").trim_end().to_owned()).collect();
    let theirs: Vec<String> = theirs.iter().map(|row| row.replace('.', " ").trim_end().to_owned()).collect();
    assert_eq!(ours, theirs, "{name}");
}

#[test]
fn vim_looks_the_same() {
    check("vim", include_bytes!("recorded/vim.bin"));
}

#[test]
fn less_looks_the_same() {
    check("less", include_bytes!("recorded/less.bin"));
}

#[test]
fn a_shell_that_edits_over_a_wrap_looks_the_same() {
    check("bash", include_bytes!("recorded/bash.bin"));
}

#[test]
fn a_nested_tmux_looks_the_same() {
    check("nested", include_bytes!("recorded/tmux.bin"));
}

#[test]
fn progress_by_carriage_returns_looks_the_same() {
    let mut bytes = Vec::new();
    for percent in 0..=100 {
        bytes.extend_from_slice(format!("\r[{:<50}] {percent}%\x1b[K", "#".repeat(percent / 2)).as_bytes());
    }
    bytes.extend_from_slice("\r\nnaïve 漢字 done\r\n".as_bytes());
    check("progress", &bytes);
}

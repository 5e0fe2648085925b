//! What isolation costs: `isolate` beside `filter`, in turn, with and without a network of its own, and beside bubblewrap
//! with namespaces of all kinds and the same command.

use serde_json::json;
use tokio::runtime::Runtime;
use vetty::{Config, Terminal};

use std::path::Path;
use std::process::{Command, Stdio};

use crate::measure::{median, row, timed};
use crate::no_op;

const RUNS: usize = 300;

fn terminal(workspace: &Path, sandbox: serde_json::Value) -> Terminal {
    let config = json!({
        "workspaces": [workspace], "commands": { "allow": [] }, "timeout": 0, "output": { "retain": { "count": 0 } },
        "sandbox": sandbox,
    });
    Terminal::from_config(Config::from_json(config).expect("a valid configuration")).expect("a valid policy")
}

/// Whole runs of a program that is linked dynamically and of one that does nothing at all.
pub fn isolate() {
    let workspace = tempfile::tempdir().expect("a temporary directory");
    let no_op = no_op::write_to(workspace.path()).to_str().expect("UTF-8").to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let execute = ["."];
    let filter = terminal(workspace.path(), json!({ "level": "filter", "execute": execute }));
    let isolate = |network| json!({ "level": "isolate", "execute": execute, "network": network });
    let closed = terminal(workspace.path(), isolate("none"));
    let open = terminal(workspace.path(), isolate("open"));
    if let Err(error) = runtime.block_on(closed.execute(["/bin/true"])) {
        println!("| isolate | {error} | | |");
        return;
    }
    for (name, program) in [("/bin/true", "/bin/true"), ("a no-op", &no_op)] {
        let [mut plain, mut isolated, mut with_network, mut wrapped] = [const { Vec::new() }; 4];
        let mut has_bubblewrap = true;
        for _ in 0..RUNS {
            plain.push(run(&runtime, &filter, program));
            isolated.push(run(&runtime, &closed, program));
            with_network.push(run(&runtime, &open, program));
            has_bubblewrap = has_bubblewrap && bubblewrap(workspace.path(), program, &mut wrapped);
        }
        let pairs =
            |with: &[f64]| median(with.iter().zip(&plain).map(|(with, without)| with - without).collect());
        let (added, added_open) = (pairs(&isolated), pairs(&with_network));
        let [plain, isolated, with_network] = [plain, isolated, with_network].map(median);
        let beside = |what: &str, added: f64, with: f64, without: f64| {
            let what = format!("{name}, {what}: {added:+.0} us by pairs");
            row(&what, format!("{with:.0} us"), format!("{without:.0} us"), with / without);
        };
        beside("isolate beside filter", added, isolated, plain);
        beside("isolate with the host's network beside filter", added_open, with_network, plain);
        if has_bubblewrap {
            let wrapped = median(wrapped);
            beside("isolate beside bwrap --unshare-all", isolated - wrapped, isolated, wrapped);
        } else {
            println!("| {name}, bwrap --unshare-all | not installed, or not permitted here | | |");
        }
    }
}

fn run(runtime: &Runtime, terminal: &Terminal, program: &str) -> f64 {
    timed(|| assert!(runtime.block_on(terminal.execute([program])).expect("it runs").success()))
}

/// The peer with a view like ours: the system's directories, the workspace, and nothing else.
fn bubblewrap(workspace: &Path, program: &str, timing: &mut Vec<f64>) -> bool {
    let mut command = Command::new("bwrap");
    command.args(["--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin"]);
    command.args(["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"]);
    command.args(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind"]);
    command.args([workspace, workspace]).args(["--", program]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut ran = false;
    timing.push(timed(|| ran = command.status().is_ok_and(|status| status.success())));
    ran
}

//! What a sandbox costs: `confine` beside `filter`, in turn, and beside bubblewrap on the same command.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use tokio::runtime::Runtime;
use vetty::{Config, Terminal};

use crate::measure::{median, row, timed};
use crate::no_op;

/// Memory that the parent has touched when it spawns, in MB.
const RESIDENT: [usize; 2] = [20, 500];
const RUNS: usize = 400;

fn terminal(level: &str, workspace: &Path) -> Terminal {
    let config = json!({
        "workspaces": [workspace], "commands": { "allow": [] }, "timeout": 0, "output": { "retain": { "count": 0 } },
        "sandbox": { "level": level, "execute": ["."] },
    });
    Terminal::from_config(Config::from_json(config).expect("a valid configuration")).expect("a valid policy")
}

/// A whole run each of a program that is linked dynamically and of one that does nothing at all, at both levels in turn,
/// for parents of two sizes; then bubblewrap's.
pub fn confine() {
    let workspace = tempfile::tempdir().expect("a temporary directory");
    let no_op = no_op::write_to(workspace.path()).to_str().expect("UTF-8").to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (filter, confine) = (terminal("filter", workspace.path()), terminal("confine", workspace.path()));
    let programs = [("/bin/true", "/bin/true"), ("a no-op", &no_op)];
    if let Err(error) = runtime.block_on(confine.execute(["/bin/true"])) {
        println!("| confine | {error} | | |");
        return;
    }
    let mut memory: Vec<u8> = Vec::new();
    for megabytes in RESIDENT {
        memory.resize(megabytes << 20, 0);
        memory.chunks_mut(4096).for_each(|page| page[0] = 1);
        for (name, program) in programs {
            let (mut confined, mut filtered) = (Vec::new(), Vec::new());
            for _ in 0..RUNS {
                filtered.push(run(&runtime, &filter, program));
                confined.push(run(&runtime, &confine, program));
            }
            let added =
                median(confined.iter().zip(&filtered).map(|(with, without)| with - without).collect());
            let (confined, filtered) = (median(confined), median(filtered));
            row(
                &format!("{name}, confine beside filter, parent at {megabytes} MB: {added:+.0} us by pairs"),
                format!("{confined:.0} us"),
                format!("{filtered:.0} us"),
                confined / filtered,
            );
        }
    }
    drop(memory);
    for (name, program) in programs {
        bubblewrap(&runtime, &confine, workspace.path(), name, program);
    }
}

fn run(runtime: &Runtime, terminal: &Terminal, program: &str) -> f64 {
    timed(|| assert!(runtime.block_on(terminal.execute([program])).expect("it runs").success()))
}

/// The peer: a helper that makes namespaces, with the same places in view.
fn bubblewrap(runtime: &Runtime, confine: &Terminal, workspace: &Path, name: &str, program: &str) {
    let wrapped = |timing: &mut Vec<f64>| {
        let mut command = Command::new("bwrap");
        command.args(["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--bind"]);
        command.args([workspace, workspace]).args(["--", program]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut ran = false;
        timing.push(timed(|| ran = command.status().is_ok_and(|status| status.success())));
        ran
    };
    if !wrapped(&mut Vec::new()) {
        println!("| {name}, bwrap --unshare-all | not installed, or not permitted here | | |");
        return;
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS / 4 {
        ours.push(run(runtime, confine, program));
        assert!(wrapped(&mut theirs));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let what = format!("{name}, bwrap --unshare-all");
    row(&what, format!("{ours:.0} us"), format!("{theirs:.0} us"), ours / theirs);
}

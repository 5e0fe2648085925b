//! The host is what it was, however many confined children it has had: they were born with its memory.

use std::net::{TcpListener, TcpStream};

use futures_util::StreamExt;
use serde_json::json;

use crate::place::Place;

/// What a child could have taken from its parent.
#[derive(Debug, PartialEq)]
struct Freedom {
    status: Vec<String>,
    descriptors: usize,
    dumpable: bool,
    limits: String,
}

fn freedom() -> Freedom {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let wanted = ["Cap", "NoNewPrivs", "Seccomp", "SigBlk", "SigIgn", "Uid", "Gid", "Groups"];
    let status = status.lines().filter(|line| wanted.iter().any(|name| line.starts_with(name)));
    Freedom {
        status: status.map(str::to_owned).collect(),
        descriptors: std::fs::read_dir("/proc/self/fd").expect("descriptors").count(),
        dumpable: rustix::process::dumpable_behavior().expect("known")
            == rustix::process::DumpableBehavior::Dumpable,
        limits: std::fs::read_to_string("/proc/self/limits").expect("limits"),
    }
}

/// In a process of its own: other tests open descriptors meanwhile.
#[test]
fn a_thousand_confined_children_change_nothing() {
    let mut copy = std::process::Command::new(std::env::current_exe().expect("this binary has a path"));
    copy.args(["--ignored", "--exact", "host::alone"]);
    let output = copy.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
#[ignore = "started by another test, alone"]
async fn alone() {
    let place = Place::new();
    let terminal = place.terminal(json!({ "output": { "retain": { "count": 0 } } }));
    let run = || async {
        let output = terminal.execute("true").await.expect("it runs");
        assert!(output.success());
    };
    run().await;
    let before = freedom();
    futures_util::stream::iter(0..1000).map(|_| run()).buffer_unordered(16).for_each(|()| async {}).await;
    assert_eq!(freedom(), before);
    std::fs::read("/etc/passwd").expect("the host reads what it may");
    let listener = TcpListener::bind("127.0.0.1:0").expect("it listens");
    TcpStream::connect(listener.local_addr().expect("an address")).expect("it connects");
}

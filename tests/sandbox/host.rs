//! The host is what it was, however many confined children it has had: they were born with its memory.

use std::net::{TcpListener, TcpStream};

use futures_util::StreamExt;
use serde_json::json;

use crate::copies::alone;
use crate::place::Place;

/// What a child could have taken from its parent.
#[derive(Debug, PartialEq)]
struct Freedom {
    status: Vec<String>,
    descriptors: usize,
    dumpable: bool,
    limits: String,
    mounts: String,
    names: String,
}

/// Once nobody is left to be waited for, who holds a descriptor until then.
async fn settled() -> Freedom {
    let own = std::process::id();
    for _ in 0..3000 {
        let children = std::fs::read_dir("/proc/self/task").expect("threads").flatten();
        let lists = children
            .map(|thread| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default());
        if lists.collect::<String>().trim().is_empty() {
            return freedom();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{own} has children for a minute");
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
        mounts: std::fs::read_to_string("/proc/self/mountinfo").expect("mounts"),
        names: std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name"),
    }
}

/// In a process of its own: other tests open descriptors meanwhile.
#[test]
fn a_thousand_confined_children_change_nothing() {
    alone("host::after_a_thousand_confined");
}

#[test]
fn a_hundred_isolated_children_change_nothing() {
    alone("host::after_a_hundred_isolated");
}

#[tokio::test]
#[ignore = "started by another test, alone"]
async fn after_a_thousand_confined() {
    is_what_it_was("confine", 1000).await;
}

#[tokio::test]
#[ignore = "started by another test, alone"]
async fn after_a_hundred_isolated() {
    is_what_it_was("isolate", 100).await;
}

async fn is_what_it_was(level: &str, children: usize) {
    let place = Place::new();
    let retain = json!({ "retain": { "count": 0 } });
    let terminal = place.terminal(json!({ "output": retain, "sandbox": { "level": level } }));
    let run = || async {
        let output = terminal.execute("true").await.expect("it runs");
        assert!(output.success());
    };
    // As many at once as later: threads and what they hold are there.
    futures_util::stream::iter(0..64).map(|_| run()).buffer_unordered(16).for_each(|()| async {}).await;
    let before = settled().await;
    futures_util::stream::iter(0..children).map(|_| run()).buffer_unordered(16).for_each(|()| async {}).await;
    assert_eq!(settled().await, before);
    std::fs::read("/etc/passwd").expect("the host reads what it may");
    let listener = TcpListener::bind("127.0.0.1:0").expect("it listens");
    TcpStream::connect(listener.local_addr().expect("an address")).expect("it connects");
}

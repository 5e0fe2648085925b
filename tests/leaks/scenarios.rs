//! Calls that are dropped at each of their await points.

use std::future::Future;
use std::pin::Pin;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use vetty::{CancellationToken, Command, Terminal, Wait};

type Call = Pin<Box<dyn Future<Output = ()>>>;

pub struct Scenario {
    pub name: &'static str,
    /// Beside what all have.
    pub config: fn() -> Value,
    pub call: fn(Terminal) -> Call,
}

const NOTHING: fn() -> Value = || json!({});

fn sh(terminal: &Terminal, script: &str) -> Command {
    terminal.command(["sh", "-c", script])
}

/// A tree that does not end by itself.
const FOREVER: &str = "sleep 1000 & echo x; echo y >&2; wait";
const SHORT: &str = "sleep 0.01 & echo x; echo y >&2; wait";

pub const ALL: &[Scenario] = &[
    Scenario {
        name: "execute, to its end",
        config: NOTHING,
        call: |terminal| Box::pin(async move { drop(sh(&terminal, SHORT).run().await.unwrap()) }),
    },
    Scenario {
        name: "execute, without end",
        config: NOTHING,
        call: |terminal| Box::pin(async move { drop(sh(&terminal, FOREVER).run().await) }),
    },
    Scenario {
        name: "execute, with input that nobody reads",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move { drop(sh(&terminal, FOREVER).input(vec![0; 1 << 20]).run().await) })
        },
    },
    Scenario {
        name: "execute, with more output than a pipe holds",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move { drop(sh(&terminal, "head -c 2000000 /dev/zero").run().await.unwrap()) })
        },
    },
    Scenario {
        name: "execute, not spawned",
        config: NOTHING,
        call: |terminal| {
            // The policy permits it, and the kernel does not know what it is.
            Box::pin(async move {
                assert_eq!(terminal.execute("./text").await.unwrap_err().code(), "ENOEXEC");
            })
        },
    },
    Scenario {
        name: "execute, until it is cancelled",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let token = CancellationToken::new();
                let call = sh(&terminal, FOREVER).cancel(token.clone()).run();
                let cancel = async {
                    tokio::task::yield_now().await;
                    token.cancel();
                };
                assert_eq!(tokio::join!(call, cancel).0.unwrap_err().code(), "ABORT_ERR");
            })
        },
    },
    Scenario {
        name: "execute, in a queue",
        config: || json!({ "quotas": { "running": 1 } }),
        call: |terminal| {
            Box::pin(async move {
                let calls =
                    (sh(&terminal, SHORT).run(), sh(&terminal, FOREVER).run(), sh(&terminal, SHORT).run());
                drop(tokio::join!(calls.0, calls.1, calls.2));
            })
        },
    },
    Scenario {
        name: "spawn",
        config: NOTHING,
        call: |terminal| Box::pin(async move { drop(sh(&terminal, FOREVER).spawn().await.unwrap()) }),
    },
    Scenario {
        name: "wait",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let process = sh(&terminal, FOREVER).spawn().await.unwrap();
                drop(process.wait().await);
            })
        },
    },
    Scenario {
        name: "status, then wait",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let process = sh(&terminal, SHORT).spawn().await.unwrap();
                process.status().await;
                process.wait().await.unwrap();
            })
        },
    },
    Scenario {
        name: "reading",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let mut process = sh(&terminal, "sleep 1000 & seq 200000; wait").spawn().await.unwrap();
                while process.next().await.is_some() {}
            })
        },
    },
    Scenario {
        name: "reading to the end",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let mut process = sh(&terminal, SHORT).spawn().await.unwrap();
                while process.next().await.is_some() {}
                process.wait().await.unwrap();
            })
        },
    },
    Scenario {
        name: "listening",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let process = sh(&terminal, FOREVER).spawn().await.unwrap();
                process.drain_unread();
                let mut tap = process.handle().tap();
                while tap.next().await.is_some() {}
            })
        },
    },
    Scenario {
        name: "writing to who reads",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let mut process = terminal.command("cat").stdin_pipe().spawn().await.unwrap();
                let mut stdin = process.stdin.take().unwrap();
                let write = async move { stdin.write_all(&vec![b'x'; 1 << 20]).await.unwrap() };
                let read = async { while process.next().await.is_some() {} };
                tokio::join!(write, read);
            })
        },
    },
    Scenario {
        name: "writing to who does not read",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let mut process = sh(&terminal, FOREVER).stdin_pipe().spawn().await.unwrap();
                let mut stdin = process.stdin.take().unwrap();
                stdin.write_all(&vec![b'x'; 1 << 20]).await.unwrap();
            })
        },
    },
    Scenario {
        name: "background",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                // It outlives the drop of its handle, so it must come to its own end.
                let handle = sh(&terminal, SHORT).start().await.unwrap();
                handle.wait().await;
            })
        },
    },
    Scenario {
        name: "the end of all",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let process = sh(&terminal, FOREVER).spawn().await.unwrap();
                terminal.kill_all().await;
                process.wait().await.unwrap();
            })
        },
    },
    Scenario {
        name: "session",
        config: NOTHING,
        call: |terminal| Box::pin(async move { drop(sh(&terminal, FOREVER).open().await.unwrap()) }),
    },
    Scenario {
        name: "session, waiting for what does not come",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let session = sh(&terminal, FOREVER).open().await.unwrap();
                drop(session.wait(Wait::output("never")).await);
            })
        },
    },
    Scenario {
        name: "session, typed into and read to its end",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let session = sh(&terminal, "sleep 1000 & read line; seq 20000").open().await.unwrap();
                session.send("line\n").await.unwrap();
                let mut reader = session.reader().unwrap();
                while reader.next().await.is_some() {}
            })
        },
    },
    Scenario {
        name: "session, closed",
        config: NOTHING,
        call: |terminal| {
            Box::pin(async move {
                let session = sh(&terminal, FOREVER).open().await.unwrap();
                session.close().await;
            })
        },
    },
];

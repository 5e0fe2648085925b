//! What many runs leave behind, and runs that are dropped anywhere: nothing.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

mod holdings;
mod scenarios;

use std::fmt::Debug;
use std::fs;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use vetty::{Config, Terminal};

use holdings::{Holdings, has_children, memory, resident_of};
use scenarios::Scenario;

/// Nobody: whose number every system has.
const OTHER_USER: u32 = 65534;

/// Where all runs live, and where none may be left.
struct Ground {
    workspace: PathBuf,
    _directory: tempfile::TempDir,
}

impl Ground {
    fn new() -> Ground {
        let directory = tempfile::tempdir().unwrap();
        // Another user runs here, too.
        fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let text = directory.path().join("text");
        fs::write(&text, "no program\n").unwrap();
        fs::set_permissions(&text, PermissionsExt::from_mode(0o755)).unwrap();
        Ground { workspace: directory.path().canonicalize().unwrap(), _directory: directory }
    }

    fn terminal(&self, further: &[&Value]) -> Terminal {
        let mut config = json!({
            "workspaces": [self.workspace],
            "commands": { "allow": [], "strictArgs": false },
            "output": { "retain": { "count": 0 } },
        });
        for further in further {
            config.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        }
        Terminal::from_config(Config::from_json(config).unwrap()).unwrap()
    }
}

/// What a call is polled on.
enum Host {
    Kept(Runtime),
    /// Each call has a runtime of its own that ends with it.
    Passing,
}

impl Host {
    fn workers() -> Host {
        Host::Kept(Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
    }

    fn one_thread() -> Host {
        Host::Kept(one_thread())
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        match self {
            Host::Kept(runtime) => runtime.block_on(future),
            Host::Passing => one_thread().block_on(future),
        }
    }

    /// Awaits that there is nothing to see, with patience for a busy machine. What was dropped ends on threads of its
    /// own, and with the help of its runtime.
    #[track_caller]
    fn until_none<T: Debug>(&self, after: &str, mut look: impl FnMut() -> Option<T>) {
        let start = Instant::now();
        while let Some(seen) = look() {
            assert!(start.elapsed() < Duration::from_secs(60), "after {after:?} there is still {seen:#?}");
            self.block_on(async { sleep(Duration::from_millis(1)).await });
        }
    }

    #[track_caller]
    fn until_nothing_is_left(
        &self,
        after: &str,
        ground: &Ground,
        terminal: &Terminal,
        before: &mut Holdings,
    ) {
        self.until_none(after, || terminal.list().pop());
        self.until_none(after, || resident_of(&ground.workspace));
        self.until_none(after, || Some((before.exceeded()?, before.clone())));
    }
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// One test, because it looks at the whole process.
#[test]
fn nothing_is_left_of_many_runs_and_of_runs_dropped_anywhere() {
    let ground = Ground::new();
    let nothing = json!({});
    for host in [Host::workers(), Host::one_thread(), Host::Passing] {
        let mut before = warm_up(&host, &ground);
        for scenario in scenarios::ALL {
            drop_everywhere(&host, &ground, &mut before, scenario, &nothing);
        }
        if can_change_users() {
            let other_user = json!({ "uid": OTHER_USER, "gid": OTHER_USER });
            for scenario in scenarios::ALL {
                drop_everywhere(&host, &ground, &mut before, scenario, &other_user);
            }
        } else {
            println!("skipped: this process may not change users");
        }
        drop_at_any_time(&host, &ground, &mut before);
    }
    execute_many(&Host::workers(), &ground);
}

/// Not every root can: a namespace may know one user only.
fn can_change_users() -> bool {
    let mut other = std::process::Command::new("/bin/true");
    other.uid(OTHER_USER).gid(OTHER_USER).status().is_ok_and(|status| status.success())
}

/// So that what is made once for all exists: threads, and the descriptors of the runtime.
fn warm_up(host: &Host, ground: &Ground) -> Holdings {
    let terminal = ground.terminal(&[]);
    host.block_on(execute(&terminal, 50));
    drop(host.block_on(terminal.command("sleep 1000").spawn()).unwrap());
    host.until_none("the start", || resident_of(&ground.workspace));
    host.until_none("the start", || has_children().then_some("a child"));
    Holdings::now()
}

/// Drops a call after its first, second, ... poll, until one comes to its end or waits for what will not come.
fn drop_everywhere(host: &Host, ground: &Ground, before: &mut Holdings, scenario: &Scenario, user: &Value) {
    for polls in 1.. {
        let terminal = ground.terminal(&[user, &(scenario.config)()]);
        let call = Polls { future: (scenario.call)(terminal.clone()), left: polls };
        let is_over = host.block_on(async { timeout(QUIET, call).await.unwrap_or(true) });
        host.until_nothing_is_left(scenario.name, ground, &terminal, before);
        if is_over {
            return;
        }
    }
}

/// Drops calls at times all over the life of one, so that the spawner, the pump and the child are met everywhere.
fn drop_at_any_time(host: &Host, ground: &Ground, before: &mut Holdings) {
    let terminal = ground.terminal(&[]);
    for step in 0..100 {
        let call = terminal.command(["sh", "-c", "echo x; sleep 0.001 & exec sleep 0.002"]).run();
        host.block_on(async { timeout(Duration::from_micros(100 * step), call).await.is_ok() });
    }
    host.until_nothing_is_left("drops at any time", ground, &terminal, before);
}

/// A call that has not come to its next poll by then waits for what will not come.
const QUIET: Duration = Duration::from_millis(200);

/// Ready with `true` when the future is, with `false` after so many polls.
struct Polls<F> {
    future: F,
    left: usize,
}

impl<F: Future + Unpin> Future for Polls<F> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if Pin::new(&mut self.future).poll(cx).is_ready() {
            return Poll::Ready(true);
        }
        self.left -= 1;
        if self.left == 0 { Poll::Ready(false) } else { Poll::Pending }
    }
}

async fn execute(terminal: &Terminal, times: usize) {
    for _ in 0..times / 50 {
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let terminal = terminal.clone();
            calls.spawn(async move { terminal.execute("true").await.unwrap() });
        }
        calls.join_all().await;
    }
}

fn execute_many(host: &Host, ground: &Ground) {
    let mut before = warm_up(host, ground);
    let terminal = ground.terminal(&[]);
    let growth = |_| {
        let before = memory();
        host.block_on(execute(&terminal, 2000));
        memory().saturating_sub(before)
    };
    // A leak grows each time; what else is in memory has its swings.
    let growths: Vec<usize> = (0..5).map(growth).collect();
    let least = *growths.iter().min().unwrap();
    assert!(least < 2000 * 100, "more is resident after each 2000 runs: {growths:?} bytes");
    host.until_nothing_is_left("10,000 runs", ground, &terminal, &mut before);
}

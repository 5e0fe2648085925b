//! The end of a child and of all that it started.

use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, BufReader};
use vetty_process::{Child, Command, Containment, Exit, KillScope, Signal, Stdio};

use crate::host::{is_alive, run, sh, skipped, until};

/// Starts a script that prints a line of process numbers.
async fn started(script: &str, containment: Containment) -> (Child, Vec<i32>) {
    let mut child = sh(script).stdout(Stdio::Pipe).containment(containment).spawn().await.expect("spawns");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).await.expect("readable");
    let pids: Vec<i32> = line.split_whitespace().map(|pid| pid.parse().expect("a number")).collect();
    assert!(!pids.is_empty() && pids.iter().all(|pid| is_alive(*pid)), "{line:?}");
    (child, pids)
}

fn all_gone(pids: &[i32]) {
    until("all are gone", || !pids.iter().any(|pid| is_alive(*pid)));
}

const GRANDCHILDREN: &str = "sleep 1000 & a=$!; sh -c 'sleep 1000 & echo $1 $!; wait' sh $a & wait";

#[test]
fn a_kill_reaches_grandchildren() {
    run(async {
        let (child, pids) = started(GRANDCHILDREN, Containment::Group).await;
        assert_eq!(child.tree().scope(), KillScope::ProcessGroup);
        assert!(child.tree().kill(Signal::KILL));
        child.exited().await;
        assert_eq!(child.reap().signal(), Some(Signal::KILL));
        all_gone(&pids);
    });
}

#[test]
fn a_signal_reaches_the_child_alone() {
    run(async {
        let script = "trap 'kill $p; exit 9' USR1; sleep 1000 & p=$!; echo $p; wait";
        let (child, pids) = started(script, Containment::Group).await;
        assert!(child.tree().signal(Signal::USR1));
        child.exited().await;
        assert_eq!(child.reap(), Exit::Exited(9));
        all_gone(&pids);
        assert!(!child.tree().signal(Signal::USR1), "it has ended");
    });
}

#[test]
fn a_stopped_child_can_be_killed_and_also_asked_to_end() {
    for signal in [Signal::KILL, Signal::TERM] {
        run(async {
            let (child, pids) = started("echo $$; kill -STOP $$; sleep 1000", Containment::Group).await;
            until("it has stopped", || {
                std::fs::read_to_string(format!("/proc/{}/stat", pids[0]))
                    .is_ok_and(|stat| stat.contains(") T "))
            });
            assert!(child.tree().kill(signal));
            child.exited().await;
            assert_eq!(child.reap().signal(), Some(signal));
        });
    }
}

#[test]
fn finishing_kills_who_was_left_and_counts_them() {
    run(async {
        let (child, pids) = started("sleep 1000 & a=$!; sleep 1000 & echo $a $!", Containment::Group).await;
        child.exited().await;
        assert_eq!(child.finish(false), (Exit::Exited(0), 2));
        all_gone(&pids);
    });
}

#[test]
fn who_was_left_may_stay() {
    run(async {
        let (child, pids) = started("sleep 1000 & echo $!", Containment::Group).await;
        child.exited().await;
        let tree = child.tree().clone();
        assert_eq!(child.finish(true), (Exit::Exited(0), 1));
        assert!(is_alive(pids[0]));
        assert!(tree.kill(Signal::KILL), "the group can still be reached");
        all_gone(&pids);
    });
}

#[test]
fn nobody_left_is_zero() {
    run(async {
        let child = sh("exit 4").spawn().await.expect("spawns");
        child.exited().await;
        assert_eq!(child.finish(false), (Exit::Exited(4), 0));
    });
}

#[test]
fn dropping_a_child_kills_and_reaps_it_and_its_group() {
    run(async {
        let (child, pids) = started(GRANDCHILDREN, Containment::Group).await;
        let leader = child.pid();
        drop(child);
        all_gone(&pids);
        until("it is reaped", || !Path::new(&format!("/proc/{leader}")).exists());
    });
}

#[test]
fn a_tree_whose_child_was_reaped_is_not_signalled_by_number() {
    run(async {
        let child = sh("exit 0").spawn().await.expect("spawns");
        child.exited().await;
        let tree = child.tree().clone();
        assert_eq!(child.finish(false), (Exit::Exited(0), 0));
        assert!(!tree.signal(Signal::KILL));
        assert!(!tree.kill(Signal::KILL));
    });
}

/// The control group that the child is in, from inside.
fn group_of(pid: i32) -> PathBuf {
    let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).expect("/proc");
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/")).expect("a v2 hierarchy").to_owned();
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").expect("/proc");
    let mount = mounts.lines().find(|line| line.contains(" - cgroup2 ")).expect("it is mounted");
    Path::new(mount.split(' ').nth(4).expect("a mount point")).join(own)
}

fn has_cgroups(child: &Child) -> bool {
    let yes = child.tree().scope() == KillScope::Cgroup;
    if !yes {
        skipped("no control group can be made here");
        // The machines that we test on have one; where it is said to be there, it must be used.
        assert_ne!(std::env::var("VETTY_TEST_CGROUP").as_deref(), Ok("1"));
    }
    yes
}

/// A daemon: a session of its own, its parent gone, its number printed by itself.
const DAEMON: &str = "setsid sh -c 'sh -c \"echo \\$\\$; exec sleep 1000\" &' & wait; exec sleep 1000";

#[test]
fn a_control_group_holds_a_daemon_and_is_removed() {
    run(async {
        let (child, pids) = started(DAEMON, Containment::Cgroup).await;
        if !has_cgroups(&child) {
            return;
        }
        let group = group_of(child.pid());
        assert_eq!(group, group_of(pids[0]));
        assert!(group.file_name().is_some_and(|name| name.to_string_lossy().starts_with("vetty-")));
        assert!(child.tree().kill(Signal::KILL));
        child.exited().await;
        assert_eq!(child.finish(false).0.signal(), Some(Signal::KILL));
        all_gone(&pids);
        until("the group is removed", || !group.exists());
    });
}

#[test]
fn a_daemon_that_outlived_its_starter_is_counted_killed_and_its_group_removed() {
    run(async {
        let script = "setsid sh -c 'sh -c \"echo \\$\\$; exec sleep 1000\" &' & wait";
        let (child, pids) = started(script, Containment::Cgroup).await;
        if !has_cgroups(&child) {
            return;
        }
        let group = group_of(pids[0]);
        child.exited().await;
        assert_eq!(child.finish(false), (Exit::Exited(0), 1));
        all_gone(&pids);
        until("the group is removed", || !group.exists());
    });
}

#[test]
fn dropping_a_child_in_a_control_group_ends_its_daemons_too() {
    run(async {
        let (child, pids) = started(DAEMON, Containment::Cgroup).await;
        if !has_cgroups(&child) {
            return;
        }
        let group = group_of(pids[0]);
        drop(child);
        all_gone(&pids);
        until("the group is removed", || !group.exists());
    });
}

#[test]
fn a_child_that_makes_groups_below_its_own_does_not_hide_there() {
    run(async {
        let script = "sleep 1000 & p=$!; mkdir \"$G/sub\" && echo $p > \"$G/sub/cgroup.procs\"; echo $p; exec sleep 1000";
        let probe =
            sh("read x").stdin(Stdio::Pipe).containment(Containment::Cgroup).spawn().await.expect("spawns");
        if !has_cgroups(&probe) {
            return;
        }
        let script = format!(
            "G=$(dirname {})/$(sed -n 's,^0::.*/,,p' /proc/$$/cgroup); {script}",
            group_of(probe.pid()).display()
        );
        let (child, pids) = started(&script, Containment::Cgroup).await;
        let group = group_of(child.pid());
        assert_eq!(group_of(pids[0]), group.join("sub"));
        assert!(child.tree().signal(Signal::KILL), "the child alone");
        child.exited().await;
        assert_eq!(child.finish(false).1, 1);
        all_gone(&pids);
        until("the groups are removed", || !group.exists());
    });
}

#[test]
fn a_group_signal_reaches_everybody_in_a_control_group() {
    run(async {
        let (child, pids) = started(DAEMON, Containment::Cgroup).await;
        if !has_cgroups(&child) {
            return;
        }
        assert!(child.tree().kill(Signal::TERM));
        child.exited().await;
        assert_eq!(child.reap().signal(), Some(Signal::TERM));
        all_gone(&pids);
        assert!(!child.tree().kill(Signal::TERM), "nobody is left");
    });
}

#[test]
fn a_failed_spawn_leaves_no_control_group() {
    run(async {
        let probe =
            sh("read x").stdin(Stdio::Pipe).containment(Containment::Cgroup).spawn().await.expect("spawns");
        if !has_cgroups(&probe) {
            return;
        }
        let parent = group_of(probe.pid()).parent().expect("below another").to_owned();
        drop(probe);
        let ours = format!("vetty-{}-", std::process::id());
        let count = || {
            let entries = std::fs::read_dir(&parent).expect("readable").flatten();
            entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&ours)).count()
        };
        for _ in 0..200 {
            Command::new("/nowhere").containment(Containment::Cgroup).spawn().await.expect_err("absent");
        }
        // Other tests have groups at the same time, but not by the hundred.
        until("no group is left of them", || count() < 50);
    });
}

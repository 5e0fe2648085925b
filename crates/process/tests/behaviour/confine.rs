//! A child that confines itself: what it is held to, and what is said where a part of that is refused.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use vetty_process::{Command, Exit, Phase, Resource, ResourceLimit, Stdio, features};
use vetty_sandbox::{Confinement, Feature, Level, SandboxConfig, Surroundings, kernel_features};

use crate::ladder::copy_of_this_binary;
use crate::ladder::filter::Filter;

/// Rules for a kernel that keeps its promises.
fn confinement(workspace: PathBuf) -> Option<Arc<Confinement>> {
    let mut config = SandboxConfig::default();
    config.level = Level::Confine;
    let surroundings = Surroundings { workspaces: vec![workspace], ..Surroundings::default() };
    Confinement::compile(&config, &surroundings, &kernel_features(), false).ok().map(Arc::new)
}

async fn said(command: Command) -> String {
    let mut child = command.stdout(Stdio::Pipe).stderr(Stdio::Merge).spawn().await.expect("it spawns");
    let mut text = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut text).await.expect("it reads");
    child.exited().await;
    child.reap();
    text
}

#[tokio::test]
async fn a_confined_child_reads_what_is_granted_alone() {
    let place = tempfile::tempdir().expect("a directory");
    std::fs::write(place.path().join("own"), "own\n").expect("written");
    let Some(confinement) = confinement(place.path().to_owned()) else {
        println!("skipped: this kernel cannot confine");
        return;
    };
    let cat = Command::new("/bin/cat").arg(place.path().join("own")).arg("/etc/passwd");
    let text = said(cat.confinement(Some(confinement))).await;
    assert!(
        text.starts_with("own\n") && text.contains("Permission denied") && !text.contains("root:"),
        "{text}"
    );
}

#[tokio::test]
async fn a_confined_child_has_no_capability_and_gains_none() {
    let place = tempfile::tempdir().expect("a directory");
    let mut config = SandboxConfig::default();
    config.level = Level::Confine;
    config.read = vec!["/proc".to_owned()];
    let surroundings = Surroundings { workspaces: vec![place.path().to_owned()], ..Surroundings::default() };
    let Ok(confinement) = Confinement::compile(&config, &surroundings, &kernel_features(), false) else {
        println!("skipped: this kernel cannot confine");
        return;
    };
    let grep = Command::new("/bin/grep").argv([
        "grep",
        "-E",
        "^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|Seccomp):",
        "/proc/self/status",
    ]);
    let text = said(grep.confinement(Some(Arc::new(confinement)))).await;
    let values: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let none = "0000000000000000";
    assert_eq!(values, [none, none, none, none, "1", "2"], "{text}");
}

#[tokio::test]
async fn limits_are_lowered_to_the_hosts_own() {
    let limit = |soft, hard| ResourceLimit { resource: Resource::OpenFiles, soft, hard };
    let shell = || Command::new("/bin/sh").argv(["sh", "-c", "ulimit -Sn; ulimit -Hn"]);
    assert_eq!(said(shell().limits(vec![limit(20, 30)])).await, "20\n30\n");
    let own = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let text = said(shell().limits(vec![limit(20, u64::MAX)])).await;
    assert_eq!(
        text,
        format!("20\n{}\n", if own == u64::MAX { "unlimited".to_owned() } else { own.to_string() })
    );
}

/// The part that a copy of this binary is refused, by the name of its system call.
const REFUSED: &str = "VETTY_TEST_REFUSED_PART";

/// What is claimed and not held is said by the spawn, which leaves nothing behind.
#[tokio::test]
async fn a_part_that_is_refused_is_named() {
    let Ok(refused) = std::env::var(REFUSED) else { return };
    let place = tempfile::tempdir().expect("a directory");
    let marker = place.path().join("marker");
    let confinement = confinement(place.path().to_owned()).expect("it is claimed");
    let touch = Command::new("/bin/touch").arg(&marker).confinement(Some(confinement));
    let error = touch.spawn().await.expect_err("a part is refused");
    assert_eq!((error.phase().syscall(), error.phase().as_str()), (refused.as_str(), "sandbox"));
    assert_eq!(error.errno(), libc::EDOM);
    assert!(error.to_string().ends_with(&format!("(in sandbox by {refused})")), "{error}");
    assert!(!marker.exists());
    let lost = if error.phase() == Phase::Landlock { Feature::LandlockFs } else { Feature::Seccomp };
    assert_eq!(features().contains(&lost), error.phase() == Phase::Capabilities, "{:?}", features());
}

#[test]
fn each_part_is_named_where_it_is_refused() {
    if std::env::var_os(REFUSED).is_some() || !kernel_features().contains(&Feature::LandlockScope) {
        return;
    }
    let parts =
        [("landlock_restrict_self", libc::SYS_landlock_restrict_self), ("seccomp", libc::SYS_seccomp)];
    for (name, number) in parts {
        let mut copy = copy_of_this_binary();
        copy.args(["--exact", "confine::a_part_that_is_refused_is_named"]).env(REFUSED, name);
        let filter = Filter::new().refuse_call(number, libc::EDOM);
        // SAFETY: two system calls on a program that was made before.
        unsafe { copy.pre_exec(move || filter.install(0)) };
        let output = copy.output().expect("a copy of the test binary starts");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[tokio::test]
async fn nobody_of_a_confined_tree_leaves_its_group() {
    let place = tempfile::tempdir().expect("a directory");
    let Some(confinement) = confinement(place.path().to_owned()) else { return };
    let script = ["sh", "-c", "setsid sleep 1000 & wait"];
    let child =
        Command::new("/bin/sh").argv(script).confinement(Some(confinement)).spawn().await.expect("it spawns");
    let group = child.pid();
    let members = || {
        let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
        let stat = processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
        stat.filter(|stat| {
            let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            rest.split(' ').nth(2) == Some(&*group.to_string()) && stat.contains("(sleep)")
        })
        .count()
    };
    while members() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    child.tree().kill(vetty_process::Signal::KILL);
    child.exited().await;
    let (exit, _) = child.finish(false);
    assert!(matches!(exit, Exit::Signaled { .. }));
    while members() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

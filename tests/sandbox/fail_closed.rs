//! A kernel that lacks a part of what is asked: named before anything is started, and never left out.

use std::os::unix::process::CommandExt;
use std::process::Command;

use serde_json::json;
use vetty::policy::Code;
use vetty::{Error, Feature, Level, support};

use crate::copies::{copy_of_all, passes};
use crate::place::Place;

/// Names of what this process was made to lack. Set in a copy.
const LACKING: &str = "VETTY_TEST_LACKING";

const LANDLOCK: [Feature; 4] =
    [Feature::LandlockFs, Feature::LandlockRefer, Feature::LandlockTruncate, Feature::LandlockScope];
const SECCOMP: [Feature; 2] = [Feature::Seccomp, Feature::ProcessGroupLock];

#[tokio::test]
async fn what_is_lacking_is_named_before_the_spawn() {
    let lacking = std::env::var(LACKING).unwrap_or_default();
    let lacking: Vec<Feature> = Feature::ALL
        .iter()
        .copied()
        .filter(|feature| lacking.split(',').any(|name| name == feature.as_str()))
        .collect();
    let support = support();
    let confine =
        support.levels.iter().find(|support| support.level == Level::Confine).expect("it is listed");
    assert_eq!((confine.available, &confine.missing), (lacking.is_empty(), &lacking));
    if lacking.is_empty() {
        return;
    }
    let place = Place::new();
    let terminal = place.terminal(json!({}));
    assert_eq!(terminal.check("touch marker").code, Code::SandboxUnsupported);
    let Err(Error::Refused(denial)) = terminal.execute("touch marker").await else {
        panic!("it runs unconfined")
    };
    assert_eq!(denial.code().as_str(), "SANDBOX_UNSUPPORTED");
    let Err(session) = terminal.command("touch marker").open().await else { panic!("it runs unconfined") };
    assert_eq!(session.code(), "SANDBOX_UNSUPPORTED");
    assert!(!place.workspace().join("marker").exists());
    for feature in &lacking {
        let said = format!("{} {:?}", denial, denial.verdict().hint);
        assert!(said.contains(feature.as_str()), "{said}");
    }
    // Some of them are not all.
    let names: Vec<&str> = lacking.iter().map(|feature| feature.as_str()).collect();
    let all_but_one = place.terminal(json!({ "sandbox": { "allowDegraded": names[1..] } }));
    assert_eq!(all_but_one.check("touch marker").code, Code::SandboxUnsupported);
    // What the owner can do without is done without, and said; the rest holds.
    let degraded = json!({ "sandbox": { "allowDegraded": names } });
    let output = place.run(degraded.clone(), &["touch", "marker"]).await;
    assert!(output.success(), "{}", output.stderr_text());
    assert_eq!(output.enforced.degraded, lacking);
    let answers = place.probe(degraded, &[], &["udp", "read:/etc/passwd", "set-user-id-program:/"]).await;
    let refused = |index: usize| answers[index].1 != "ok";
    assert_eq!(refused(0), !lacking.contains(&Feature::Seccomp));
    assert_eq!(refused(1), !lacking.contains(&Feature::LandlockFs));
}

fn without(calls: &[(libc::c_long, i32)], lacking: &[Feature]) {
    let Some(mut copy) = copy_of_all() else { return };
    let names: Vec<&str> = lacking.iter().map(|feature| feature.as_str()).collect();
    copy.arg("fail_closed::what_is_lacking").env(LACKING, names.join(","));
    refuse(&mut copy, calls);
    passes(copy);
}

#[test]
fn without_landlock_in_the_kernel() {
    without(&[(libc::SYS_landlock_create_ruleset, libc::ENOSYS)], &LANDLOCK);
}

#[test]
fn without_the_last_step_of_landlock() {
    without(&[(libc::SYS_landlock_restrict_self, libc::EPERM)], &LANDLOCK);
}

#[test]
fn without_seccomp() {
    without(&[(libc::SYS_seccomp, libc::EINVAL)], &SECCOMP);
}

#[test]
fn without_either() {
    let both: Vec<Feature> = LANDLOCK.into_iter().chain(SECCOMP).collect();
    let calls = [(libc::SYS_landlock_create_ruleset, libc::ENOSYS), (libc::SYS_seccomp, libc::ENOSYS)];
    without(&calls, &both);
}

const NAMESPACES: [Feature; 4] =
    [Feature::UserNamespace, Feature::MountNamespace, Feature::PidNamespace, Feature::NetworkNamespace];

/// In a copy where the kernel refuses namespaces: the level is refused by name, the others are not.
#[tokio::test]
async fn without_namespaces() {
    if std::env::var_os(NO_NAMESPACES).is_none() {
        return;
    }
    let support = support();
    let of = |level| support.levels.iter().find(|support| support.level == level).expect("it is listed");
    assert!(of(Level::Confine).available && !of(Level::Isolate).available);
    assert_eq!(of(Level::Isolate).missing, NAMESPACES);
    let place = Place::new();
    let terminal = place.terminal(crate::place::level("isolate"));
    let Err(Error::Refused(denial)) = terminal.execute("touch marker").await else { panic!("it runs") };
    assert_eq!(denial.code().as_str(), "SANDBOX_UNSUPPORTED");
    for feature in NAMESPACES {
        assert!(denial.to_string().contains(feature.as_str()), "{denial}");
    }
    assert!(!place.workspace().join("marker").exists());
    assert!(place.run(json!({}), &["touch", "marker"]).await.success());
}

/// Set in a copy that can make none.
pub const NO_NAMESPACES: &str = "VETTY_TEST_NO_NAMESPACES";

/// As a container's filter and AppArmor do.
#[test]
fn a_kernel_that_refuses_namespaces_is_told_by_name() {
    for errno in [libc::EPERM, libc::ENOSPC, libc::ENOSYS] {
        let Some(mut copy) = copy_of_all() else { return };
        copy.args(["--exact", "fail_closed::without_namespaces"]).env(NO_NAMESPACES, "1");
        refuse(&mut copy, &[(libc::SYS_unshare, errno)]);
        passes(copy);
    }
}

/// And one that lets PID 1 not be executed, or its processes not be shown.
#[test]
fn a_step_that_fails_later_is_no_half_isolation() {
    for call in [libc::SYS_mount, libc::SYS_move_mount, libc::SYS_pivot_root, libc::SYS_execveat] {
        let Some(mut copy) = copy_of_all() else { return };
        copy.args(["--exact", "fail_closed::without_namespaces"]).env(NO_NAMESPACES, "1");
        refuse(&mut copy, &[(call, libc::EPERM)]);
        passes(copy);
    }
}

/// A filter as containers have it: these calls give that errno.
fn refuse(copy: &mut Command, calls: &[(libc::c_long, i32)]) {
    let instruction = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut filter = vec![instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0)];
    for (number, errno) in calls {
        filter.push(instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, *number as u32));
        filter.push(instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | *errno as u32));
    }
    filter.push(instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW));
    let install = move || {
        let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
        // SAFETY: integers, and a program that lives across the call.
        let result = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program)
        };
        if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    };
    // SAFETY: two system calls on what was made before.
    unsafe { copy.pre_exec(install) };
}

#[tokio::test]
async fn a_place_that_leads_out_of_the_workspace_is_refused() {
    let place = Place::new();
    std::os::unix::fs::symlink(place.outside(""), place.workspace().join("bin")).expect("linked");
    let terminal = place.terminal(json!({ "sandbox": { "execute": ["bin"] } }));
    let verdict = terminal.check("touch marker");
    assert_eq!(verdict.code, Code::SandboxUnsupported);
    assert!(verdict.message.contains("leads out"), "{}", verdict.message);
}

#[tokio::test]
async fn a_workspace_that_is_made_anew_is_granted_anew() {
    let place = Place::new();
    let terminal = place.terminal(json!({}));
    assert!(terminal.execute("touch before").await.expect("it runs").success());
    std::fs::rename(place.workspace(), place.outside("old")).expect("moved");
    std::fs::create_dir(place.workspace()).expect("made");
    let output = terminal.execute("touch after").await.expect("it runs");
    assert!(output.success(), "{}", output.stderr_text());
    assert!(place.workspace().join("after").exists());
}

#[tokio::test]
async fn a_call_can_be_stricter_and_not_weaker() {
    let place = Place::new();
    let open = json!({ "sandbox": { "network": "open" } });
    let terminal = place.terminal(open);
    let program = place.program();
    let probe = [program.as_str(), "udp", "read:/etc/passwd"];
    let said = |output: std::sync::Arc<vetty::Output>| output.stdout_text().replace('\n', " ");
    let plain = terminal.command(probe).sandbox_level(Level::Filter).run().await.expect("it runs");
    assert_eq!(said(plain), "udp=ok read=EACCES ");
    let without = terminal.command(probe).without_network().run().await.expect("it runs");
    assert_eq!(said(without), "udp=EPERM read=EACCES ");
    let filter = place.terminal(crate::place::level("filter"));
    let raised = filter.command(probe).sandbox_level(Level::Confine).run().await.expect("it runs");
    assert_eq!(said(std::sync::Arc::clone(&raised)), "udp=EPERM read=EACCES ");
    assert_eq!(raised.enforced.level, Level::Confine);
}

/// Else what one command leaves there the next one would run.
#[tokio::test]
async fn a_place_that_programs_write_is_not_searched_for_programs() {
    let place = Place::new();
    let tools = place.program().replace("/probe", "");
    let terminal = |changes| place.terminal(changes);
    assert!(terminal(json!({})).check("probe says").allowed);
    let writable = json!({ "sandbox": { "write": [tools] } });
    assert_eq!(terminal(writable).check("probe says").code, Code::ProgramNotFound);
}

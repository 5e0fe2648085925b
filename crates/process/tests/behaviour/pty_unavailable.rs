//! Systems that have no pseudo-terminal to give, in mount namespaces of their own.

use std::os::unix::process::CommandExt;
use std::path::Path;

use vetty_process::{Child, Command, Phase, Size, SpawnError};

use crate::host::{descriptors, new_descriptors, run, skipped};
use crate::ladder::copy_of_this_binary;

/// Set in the copies, which run where `prepare` has been.
const INSIDE: &str = "VETTY_TEST_MOUNTS";

/// Runs `body` where the mounts are what `prepare`, a shell's script, made of them.
fn with_mounts(name: &str, prepare: &str, body: impl FnOnce()) {
    if std::env::var(INSIDE).as_deref() == Ok(name) {
        return body();
    }
    let own = copy_of_this_binary();
    let script = format!("{prepare} && exec \"$0\" \"$@\"");
    let mut copy = std::process::Command::new("unshare");
    copy.args(["--mount", "--propagation", "private", "sh", "-c", &script]).arg(own.get_program());
    copy.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(INSIDE, name);
    // SAFETY: it does nothing; its presence makes the standard library fork, which no rung's filter refuses.
    unsafe { copy.pre_exec(|| Ok(())) };
    let output = copy.output().expect("unshare(1) is part of every Linux");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() && !text.contains("running 1 test") {
        return skipped(&format!("this process may not change mounts: {text}"));
    }
    assert!(output.status.success() && text.contains("1 passed"), "{}\n{text}", output.status);
}

async fn on_pty() -> Result<Child, SpawnError> {
    Command::new("/bin/sleep").arg("1000").pty(Size::default()).spawn().await
}

fn is_refused(error: &SpawnError, errno: i32, advice: &str) {
    assert_eq!((error.phase(), error.errno(), error.code().as_str()), (Phase::Pty, errno, "PTY_UNAVAILABLE"));
    assert_eq!(error.path(), Some(Path::new("/dev/ptmx")));
    assert!(error.to_string().contains(advice), "{error}");
}

#[test]
fn a_system_whose_terminals_are_all_in_use_says_so_and_is_used_again_when_one_is_free() {
    let name =
        "pty_unavailable::a_system_whose_terminals_are_all_in_use_says_so_and_is_used_again_when_one_is_free";
    let two = "mount -t devpts -o newinstance,ptmxmode=0666,max=2 devpts /dev/pts && mount --bind /dev/pts/ptmx /dev/ptmx";
    with_mounts(name, two, || {
        run(async {
            let first = on_pty().await.expect("the first");
            let _second = on_pty().await.expect("the second");
            let before = descriptors();
            is_refused(&on_pty().await.expect_err("a third"), libc::EAGAIN, "kernel.pty.max");
            assert_eq!(new_descriptors(&before), []);
            drop(first);
            // The number is free when the kernel has closed the last descriptor of it, the dying child's among them.
            while let Err(error) = on_pty().await {
                is_refused(&error, libc::EAGAIN, "kernel.pty.max");
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        });
    });
}

#[test]
fn a_system_without_devpts_says_so() {
    let name = "pty_unavailable::a_system_without_devpts_says_so";
    with_mounts(name, "mount -t tmpfs tmpfs /dev/pts", || {
        is_refused(&run(on_pty()).expect_err("no devpts"), libc::ENODEV, "mount devpts");
    });
}

#[test]
fn a_system_without_ptmx_says_so() {
    let name = "pty_unavailable::a_system_without_ptmx_says_so";
    with_mounts(name, "mount -t tmpfs tmpfs /dev", || {
        is_refused(&run(on_pty()).expect_err("no device"), libc::ENOENT, "mount devpts");
    });
}

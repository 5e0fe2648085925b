//! How a program ended.

use std::time::Duration;

use vetty_process::{Command, Exit, Signal, Stdio};

use crate::host::{is_portable, output, run, sh, until};

fn exit_of(command: Command) -> Exit {
    run(output(command)).expect("spawns").1
}

#[test]
fn an_exit_code_is_reported_as_it_is() {
    for code in [0, 1, 2, 126, 127, 128, 137, 255] {
        assert_eq!(exit_of(sh("exit $1").arg(code.to_string())), Exit::Exited(code));
    }
}

#[test]
fn a_signal_is_never_an_exit_code() {
    for (name, signal) in
        [("KILL", Signal::KILL), ("TERM", Signal::TERM), ("HUP", Signal::HUP), ("PIPE", Signal::PIPE)]
    {
        let expected = Exit::Signaled { signal, core_dumped: false };
        assert_eq!(exit_of(sh("kill -$1 $$; sleep 100").arg(name)), expected);
    }
    assert_eq!(exit_of(sh("kill -KILL $$")).code(), None);
}

#[test]
fn a_signal_that_asks_for_a_core_is_named() {
    // Whether an image is written is the machine's affair; with the limit at 0 none is.
    let exit = exit_of(sh("ulimit -c 0; kill -ABRT $$; sleep 100"));
    assert_eq!(exit, Exit::Signaled { signal: Signal::ABRT, core_dumped: false });
}

#[test]
fn the_status_can_be_looked_at_before_and_after_it_is_taken() {
    run(async {
        let child = sh("exit 7").spawn().await.expect("spawns");
        child.exited().await;
        assert_eq!(child.status(), Exit::Exited(7));
        assert_eq!(child.status(), Exit::Exited(7));
        assert_eq!(child.reap(), Exit::Exited(7));
        assert_eq!(child.reap(), Exit::Exited(7));
        assert_eq!(child.status(), Exit::Exited(7));
        child.exited().await;
    });
}

#[test]
fn many_may_wait_and_waiting_may_be_given_up() {
    run(async {
        let mut child = Command::new("/bin/cat").stdin(Stdio::Pipe).spawn().await.expect("spawns");
        assert!(
            tokio::time::timeout(Duration::from_millis(1), child.exited()).await.is_err(),
            "cat waits for input"
        );
        let stdin = child.stdin.take();
        let end = async {
            tokio::task::yield_now().await;
            drop(stdin);
        };
        tokio::join!(child.exited(), child.exited(), end);
        child.exited().await;
        assert_eq!(child.reap(), Exit::Exited(0));
    });
}

alone! {
    fn a_dead_child_stays_a_zombie_until_it_is_reaped() {
        run(async {
            let child = sh("exit 3").spawn().await.expect("spawns");
            child.exited().await;
            if is_portable() {
                // tokio reaps by itself: what this rung's documentation admits.
                return;
            }
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.pid())).expect("still there");
            assert!(stat.contains(") Z "), "{stat}");
            child.reap();
            assert!(!std::path::Path::new(&format!("/proc/{}", child.pid())).exists());
        });
    }
}

/// On this kernel (6.15 or later) the process descriptor remembers; else the loss is said.
fn is_recovered_or_lost(exit: &Exit) {
    // SAFETY: uname fills a local.
    let release = unsafe {
        let mut name: libc::utsname = std::mem::zeroed();
        libc::uname(&raw mut name);
        std::ffi::CStr::from_ptr(name.release.as_ptr()).to_string_lossy().into_owned()
    };
    let mut numbers =
        release.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match exit {
        Exit::Lost(reason) => assert!(is_portable() || version < (6, 15), "lost on {release}: {reason}"),
        exit => assert_eq!(*exit, Exit::Exited(7)),
    }
}

alone! {
    fn a_host_that_ignores_sigchld_still_hears_how_it_ended() {
        // SAFETY: no handler of ours.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        for _ in 0..20 {
            is_recovered_or_lost(&exit_of(sh("exit 7")));
        }
        run(async {
            let child = sh("exit 7").spawn().await.expect("spawns");
            child.exited().await;
            let (exit, survivors) = child.finish(false);
            is_recovered_or_lost(&exit);
            assert_eq!(survivors, 0);
        });
    }
}

alone! {
    fn a_host_that_reaps_everything_still_hears_how_it_ended() {
        std::thread::spawn(|| {
            loop {
                // SAFETY: the status is not wanted.
                if unsafe { libc::waitpid(-1, std::ptr::null_mut(), 0) } < 0 {
                    std::thread::yield_now();
                }
            }
        });
        for _ in 0..50 {
            let exit = exit_of(sh("exit 7"));
            is_recovered_or_lost(&exit);
        }
        // A failed spawn is told as such though somebody else took the zombie.
        let error = run(async { Command::new("/nowhere").spawn().await.expect_err("absent") });
        assert_eq!(error.code(), "ENOENT");
    }
}

#[test]
fn a_child_of_a_runtime_that_has_ended_does_not_survive_it_unnoticed() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let child =
        runtime.block_on(async { Command::new("/bin/sleep").arg("1000").spawn().await.expect("spawns") });
    let pid = child.pid();
    drop(runtime);
    drop(child);
    until("the child is gone", || !crate::host::is_alive(pid));
}

#[test]
fn a_child_of_one_runtime_can_be_waited_for_in_another() {
    let first = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let child = first.block_on(async { sh("exit 5").spawn().await.expect("spawns") });
    let exit = run(async move {
        child.exited().await;
        child.reap()
    });
    assert_eq!(exit, Exit::Exited(5));
}

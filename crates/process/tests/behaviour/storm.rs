//! Many children: at once, one after the other, and beside busy threads.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vetty_process::{Command, Stdio};

use crate::host::{
    descriptors, is_childless, new_descriptors, output, run, sh, skipped, text_of, threads, until, warm_up,
};

alone! {
    fn a_thousand_at_once_beside_threads_that_allocate_all_the_time() {
        let stop = Arc::new(AtomicBool::new(false));
        let busy: Vec<_> = (0..4)
            .map(|seed| {
                let stop = Arc::clone(&stop);
                std::thread::spawn(move || {
                    let mut map: HashMap<usize, Vec<u8>> = HashMap::new();
                    let mut next = seed;
                    while !stop.load(Ordering::Relaxed) {
                        next = (next * 1_103_515_245 + 12_345) % 100_003;
                        map.insert(next % 512, vec![next as u8; next % 4096]);
                        map.remove(&(next % 307));
                    }
                    map.iter().all(|(_, value)| value.iter().all(|byte| *byte == value[0]))
                })
            })
            .collect();
        run(async {
            let one = |index: usize| async move {
                let (text, exit) = output(Command::new("/bin/echo").arg(index.to_string())).await.expect("spawns");
                assert_eq!((String::from_utf8(text).expect("text"), exit.success()), (format!("{index}\n"), true));
            };
            let tasks: Vec<_> = (0..1000).map(|index| tokio::spawn(one(index))).collect();
            for task in tasks {
                task.await.expect("no panic");
            }
        });
        stop.store(true, Ordering::Relaxed);
        assert!(busy.into_iter().all(|thread| thread.join().expect("no crash")), "nobody wrote into their memory");
        assert!(is_childless());
    }
}

alone! {
    fn two_thousand_spawns_leave_no_descriptor_no_thread_and_no_zombie() {
        warm_up();
        let batch = || run(async {
            for round in 0..50 {
                let tasks: Vec<_> = (0..20)
                    .map(|index| tokio::spawn(async move {
                        let command = Command::new("/bin/true").stdin(Stdio::Pipe).stderr(Stdio::Pipe);
                        match (round + index) % 4 {
                            0 => drop(Command::new("/nowhere").stdout(Stdio::Pipe).spawn().await.expect_err("absent")),
                            1 => drop(command.spawn().await.expect("spawns")),
                            _ => drop(output(command).await.expect("spawns")),
                        }
                    }))
                    .collect();
                for task in tasks {
                    task.await.expect("no panic");
                }
            }
        });
        batch();
        until("all are reaped", is_childless);
        let before = (descriptors(), threads());
        batch();
        until("all are reaped", is_childless);
        until("no descriptor is left", || new_descriptors(&before.0).is_empty());
        // A machine under load may have been given one more against hanging; a leak would be one each time.
        let grows = |before: &mut usize| {
            batch();
            let now = threads();
            std::mem::replace(before, now) < now
        };
        let mut before = before.1;
        assert!((0..5).any(|_| !grows(&mut before)), "{before} threads, and more each time");
    }
}

alone! {
    fn nothing_needs_proc() {
        const INSIDE: &str = "VETTY_TEST_NO_PROC";
        if std::env::var_os(INSIDE).is_some() {
            assert!(!std::path::Path::new("/proc/self").exists());
            assert_eq!(text_of(sh("echo alive")), "alive\n");
            run(async {
                let child = Command::new("/bin/sleep").arg("1000").stdin(Stdio::Pipe).spawn().await.expect("spawns");
                assert!(child.tree().kill(vetty_process::Signal::KILL));
                child.exited().await;
                assert_eq!(child.finish(false).0.signal(), Some(vetty_process::Signal::KILL));
                let child = sh("sleep 1000 &").spawn().await.expect("spawns");
                child.exited().await;
                let (exit, survivors) = child.finish(false);
                assert!(exit.success() && survivors >= 1, "{survivors}");
                Command::new("/nowhere").spawn().await.expect_err("absent");
            });
            return;
        }
        let binary = std::env::current_exe().expect("this binary has a path");
        // There may be one below the other.
        let script = "while umount -l /proc; do :; done; [ -e /proc/self ] && exit 77; exec \"$0\" \"$@\"";
        let mut inside = std::process::Command::new("unshare");
        // SAFETY: it does nothing; its presence makes the standard library fork.
        unsafe { std::os::unix::process::CommandExt::pre_exec(&mut inside, || Ok(())) };
        inside.args(["--mount", "--propagation", "private", "sh", "-c", script]).arg(binary);
        inside.args(["--exact", "storm::nothing_needs_proc", "--nocapture", "--test-threads=1"]).env(INSIDE, "1");
        match inside.output() {
            Ok(output) if output.status.code() == Some(77) => skipped("/proc cannot be unmounted here"),
            Ok(output) if output.status.success() => {}
            Ok(output) if String::from_utf8_lossy(&output.stderr).contains("unshare failed") => {
                skipped("no mount namespace can be made here");
            }
            Ok(output) => panic!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)),
            Err(error) => skipped(&format!("unshare(1): {error}")),
        }
    }
}

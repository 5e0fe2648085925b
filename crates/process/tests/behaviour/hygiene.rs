//! What a child finds around it: session, terminal, limits, descriptors, signals.

use std::fs::File;
use std::os::fd::AsRawFd;

use rustix::process::Resource;
use vetty_process::{Command, Stdio};

use crate::host::{field, limit, run, set_limit, sh, skipped, text_of};

#[test]
fn a_child_leads_its_own_session_and_group_without_a_terminal() {
    let stat = text_of(Command::new("/bin/cat").arg("/proc/self/stat"));
    let (pid, rest) = stat.split_once(" (").expect("pid (name)");
    let fields: Vec<&str> = rest.rsplit_once(") ").expect("a name").1.split(' ').collect();
    let (group, session, terminal) = (fields[2], fields[3], fields[4]);
    assert_eq!((group, session, terminal), (pid, pid, "0"));
}

#[test]
fn there_is_no_controlling_terminal_to_open() {
    assert_eq!(
        text_of(sh("if (: < /dev/tty) 2>/dev/null; then echo terminal; else echo none; fi")),
        "none\n"
    );
}

alone! {
    fn the_soft_limit_of_open_files_is_1024_and_the_hard_one_is_kept() {
        let most = limit(Resource::Nofile).min(4000);
        for (soft, hard) in [(most, most), (most / 2, most), (600, 700)] {
            set_limit(Resource::Nofile, soft, hard);
            let seen = text_of(sh("echo $(ulimit -Sn) $(ulimit -Hn)"));
            assert_eq!(seen, format!("{} {hard}\n", hard.min(1024)), "with the host at {soft}");
        }
    }
}

alone! {
    fn no_core_image_is_written_unless_a_child_raises_the_limit_to_the_kept_hard_one() {
        let core = |script: &str| {
            let limits = text_of(sh(&format!("{script}; cat /proc/self/limits")));
            let line = limits.lines().find(|line| line.starts_with("Max core file size")).expect("the kernel lists it");
            line.split_whitespace().skip(4).take(2).map(str::to_owned).collect::<Vec<_>>()
        };
        if limit(Resource::Core) < 8192 {
            return skipped("this process may write no core image");
        }
        for soft in [4096, 0] {
            set_limit(Resource::Core, soft, 8192);
            assert_eq!(core(":"), ["0", "8192"], "with the host at {soft}");
            assert_eq!(core("ulimit -Sc 8"), ["4096", "8192"]);
        }
    }
}

alone! {
    fn a_child_has_no_descriptor_but_the_three_however_many_the_host_leaks() {
        let leaked: Vec<File> = (0..700)
            .map(|_| {
                let file = File::open("/dev/null").expect("opened");
                // SAFETY: integers only.
                assert_eq!(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFD, 0) }, 0);
                file
            })
            .collect();
        // One far up, above what a loop to the soft limit would reach, if this machine allows it.
        let most = limit(Resource::Nofile).min(4000);
        set_limit(Resource::Nofile, most, most);
        // SAFETY: integers only.
        unsafe { libc::dup2(leaked[0].as_raw_fd(), most as i32 - 1) };
        // The fourth is the directory that ls itself reads.
        assert_eq!(text_of(Command::new("/bin/ls").arg("/proc/self/fd")), "0\n1\n2\n3\n");
        drop(leaked);
    }
}

fn signals_of_a_child() -> [String; 4] {
    let status = text_of(Command::new("/bin/cat").arg("/proc/self/status").stdin(Stdio::Pipe));
    ["SigIgn", "SigCgt", "SigBlk", "ShdPnd"].map(|name| field(&status, name).to_owned())
}

const NONE: &str = "0000000000000000";

#[test]
fn every_signal_is_at_its_default_and_none_is_blocked() {
    assert_eq!(signals_of_a_child(), [NONE; 4]);
}

alone! {
    fn signals_that_the_host_ignores_handles_or_blocks_are_at_their_defaults() {
        extern "C" fn handler(_: libc::c_int) {}
        // SAFETY: the handler does nothing; masks and actions are locals.
        unsafe {
            for ignored in [libc::SIGPIPE, libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP, libc::SIGRTMAX()] {
                libc::signal(ignored, libc::SIG_IGN);
            }
            // One of the two that libc keeps for itself; a host may have inherited it ignored.
            let ignore = [libc::SIG_IGN as u64, 0, 0, 0];
            libc::syscall(libc::SYS_rt_sigaction, 32, ignore.as_ptr(), 0, 8);
            for handled in [libc::SIGUSR1, libc::SIGWINCH, libc::SIGRTMIN()] {
                libc::signal(handled, handler as *const () as usize);
            }
            let mut all = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
        }
        // The spawner threads are made after the mask, and inherit it.
        assert_eq!(signals_of_a_child(), [NONE; 4]);
    }
}

alone! {
    fn a_host_that_ignores_sigchld_has_children_that_do_not() {
        // SAFETY: no handler of ours runs.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        let status = run(async {
            use tokio::io::AsyncReadExt;
            let mut child = Command::new("/bin/cat").arg("/proc/self/status").stdout(Stdio::Pipe).spawn().await.expect("spawns");
            let mut text = String::new();
            child.stdout.take().expect("piped").read_to_string(&mut text).await.expect("readable");
            text
        });
        assert_eq!(field(&status, "SigIgn"), NONE);
    }
}

alone! {
    fn the_host_keeps_its_mask_its_dispositions_and_its_dumpable_flag() {
        // SAFETY: dispositions of this process alone, no handler of ours.
        unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
        crate::host::warm_up();
        let state = || {
            let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
            // SAFETY: integers only.
            let dumpable = unsafe { libc::prctl(libc::PR_GET_DUMPABLE) };
            (["SigBlk", "SigIgn", "SigCgt"].map(|name| field(&status, name).to_owned()), dumpable)
        };
        let mask_of = |task: std::fs::DirEntry| {
            let status = std::fs::read_to_string(task.path().join("status")).ok()?;
            Some((task.file_name(), field(&status, "SigBlk").to_owned()))
        };
        let masks = || -> std::collections::BTreeMap<_, _> {
            std::fs::read_dir("/proc/self/task").expect("/proc").flatten().filter_map(mask_of).collect()
        };
        let before = state();
        // An emulator has a thread of its own, with a mask of its own.
        let masks_before = masks();
        for _ in 0..20 {
            text_of(Command::new("/bin/true"));
            run(async { drop(Command::new("/nowhere").spawn().await) });
        }
        assert_eq!(state(), before);
        for (thread, mask) in masks() {
            assert!(mask == NONE || masks_before.get(&thread) == Some(&mask), "{thread:?} blocks {mask}");
        }
        assert!(masks_before.values().filter(|mask| *mask != NONE).count() <= 1, "{masks_before:?}");
    }
}

alone! {
    fn a_child_that_dies_with_its_host_does_so_though_the_host_had_no_time_to_say_goodbye() {
        use std::io::Read;
        // A host of our own, killed without warning; its child holds the pipe until it is dead.
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        // SAFETY: fork in a process with one test thread; the copy uses the crate as a host and never returns.
        let host = unsafe { libc::fork() };
        if host == 0 {
            run(async {
                let file = File::from(std::os::fd::OwnedFd::from(writer));
                let child = Command::new("/bin/sleep").arg("1000").stdout(Stdio::File(file)).die_with_host(true).spawn().await;
                // SAFETY: integers only.
                unsafe { libc::kill(libc::getpid(), if child.is_ok() { libc::SIGKILL } else { libc::SIGABRT }) };
            });
            std::process::abort();
        }
        drop(writer);
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).expect("readable");
        let mut status = 0;
        // SAFETY: our own child.
        unsafe { libc::waitpid(host, &raw mut status, 0) };
        assert_eq!(status & 0x7f, libc::SIGKILL);
    }
}
